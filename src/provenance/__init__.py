"""Where does this content come from, and did AI make or change it? One explained answer from all evidence.

    import provenance
    report = provenance.verify("photo.jpg")
    print(report.conclusion.headline.text)

The names are loaded when they are first used, so that importing the package stays light.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asset import Asset
    from .conclusion import Conclusion, Policy, conclude
    from .credentials import Credentials
    from .errors import (
        AssetError,
        MissingExtraError,
        PolicyError,
        ProvenanceError,
        RefusedTypeError,
        SettingError,
        TrustError,
    )
    from .evidence import Assurance, Evidence, Kind, Origin, Status
    from .fetching import Fetcher, FetchError
    from .report import Report, report_schema
    from .sentences import Message
    from .sources import EvidenceSource, Findings
    from .trust import TrustStore
    from .verifier import Verifier, verify

_HOME = {
    "Asset": "asset",
    "AssetError": "errors",
    "Assurance": "evidence",
    "Conclusion": "conclusion",
    "Credentials": "credentials",
    "Evidence": "evidence",
    "EvidenceSource": "sources",
    "FetchError": "fetching",
    "Fetcher": "fetching",
    "Findings": "sources",
    "Kind": "evidence",
    "Message": "sentences",
    "MissingExtraError": "errors",
    "Origin": "evidence",
    "Policy": "conclusion",
    "PolicyError": "errors",
    "ProvenanceError": "errors",
    "RefusedTypeError": "errors",
    "Report": "report",
    "SettingError": "errors",
    "Status": "evidence",
    "TrustError": "errors",
    "TrustStore": "trust",
    "Verifier": "verifier",
    "conclude": "conclusion",
    "report_schema": "report",
    "verify": "verifier",
}

__all__ = [
    "Asset",
    "AssetError",
    "Assurance",
    "Conclusion",
    "Credentials",
    "Evidence",
    "EvidenceSource",
    "FetchError",
    "Fetcher",
    "Findings",
    "Kind",
    "Message",
    "MissingExtraError",
    "Origin",
    "Policy",
    "PolicyError",
    "ProvenanceError",
    "RefusedTypeError",
    "Report",
    "SettingError",
    "Status",
    "TrustError",
    "TrustStore",
    "Verifier",
    "conclude",
    "report_schema",
    "verify",
]


if not TYPE_CHECKING:  # a type checker knows the names by their imports above, and refuses all others

    def __getattr__(name: str) -> object:
        if name in _HOME:
            return getattr(_import_module(f".{_HOME[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
