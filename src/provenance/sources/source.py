"""What a source of evidence is: it looks at an asset in one way and says what it found; it does not decide."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from ..asset import OpenAsset
from ..credentials import Credentials
from ..evidence import Evidence
from ..fetching import Fetcher
from ..sentences import Message
from ..trust import TrustStore


@dataclass(frozen=True)
class ManifestLink:
    """Where an external manifest is on the network, and what may fetch it."""

    url: str
    fetcher: Fetcher


@dataclass(frozen=True)
class Context:
    """What every source may use while it examines an asset."""

    trust: TrustStore
    at: datetime | None = None  # judge certificates as of this time; None: now
    thumbnails: bool = False
    manifest: bytes | None = None  # an external manifest that the caller gives
    segments: tuple[OpenAsset, ...] = ()  # the media segments of a stream, of which the asset is the first part
    second_engine: bool = True  # have C2PA manifests checked by a second, independent engine too
    remote: Fetcher | None = None  # fetches the manifest that an asset names; None: it is named and not fetched
    link: ManifestLink | None = None  # the manifest that the asset's server names, asked for with the asset
    online_revocation: bool = False  # the caller allows to ask responders whether a certificate was revoked


@dataclass
class Findings:
    """What a source found in one asset."""

    evidence: list[Evidence] = field(default_factory=list)
    remarks: list[Message] = field(default_factory=list)
    limits: list[Message] = field(default_factory=list)  # what was not looked at, and why
    credentials: Credentials | None = None


@runtime_checkable
class EvidenceSource(Protocol):
    """One way to look at an asset. `examine` never raises for bad input: an unreadable part is a finding too."""

    name: str
    engines: dict[str, str]  # the engines that it runs, with their versions

    def examine(self, asset: OpenAsset, context: Context) -> Findings:
        """Looks at the asset. Safe to call from several threads, each with an asset of its own."""
        ...


def is_estimating(source: EvidenceSource) -> bool:
    """Whether a source only estimates, so that it is asked last, and only where nothing stronger answers."""
    return bool(getattr(source, "estimates", False))
