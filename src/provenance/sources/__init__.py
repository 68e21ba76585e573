"""Sources of evidence. Each looks at an asset in one way and says what it found; none of them decides.

A third party adds one by the entry point group `provenance.sources`, the same way as the toolkit's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from ..asset import OpenAsset
from ..credentials import Credentials
from ..errors import MissingExtraError, SettingError
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


def load_sources(names: Iterable[str] | None = None) -> list[EvidenceSource]:
    """The sources of these names, or all that are installed.

    A name may carry settings for its source after a colon: `detectors:double-jpeg,copy-move`. Without names, a source
    whose optional part is not installed is left out; the report then says that nobody looked in that way.

    Raises `SettingError` for a name that is not there, and `MissingExtraError` for one that is not installed.
    """
    available = {entry.name: entry for entry in entry_points(group="provenance.sources")}
    chosen = list(available) if names is None else list(names)
    missing = [name for name in chosen if name.partition(":")[0] not in available]
    if missing:
        raise SettingError(f"no source called {', '.join(missing)}; there are: {', '.join(sorted(available))}")
    # C2PA first, estimates last: the report reads in the order of what can prove most.
    sources = []
    for name in sorted(chosen, key=lambda name: (name != "c2pa", name)):
        kind, _, settings = name.partition(":")
        try:
            make = available[kind].load()
            sources.append(make(settings) if settings else make())
        except (ModuleNotFoundError, MissingExtraError):
            if names is not None:
                raise MissingExtraError(f"the source {kind}", kind) from None
    return sorted(sources, key=is_estimating)


def is_estimating(source: EvidenceSource) -> bool:
    """Whether a source only estimates, so that it is asked last, and only where nothing stronger answers."""
    return bool(getattr(source, "estimates", False))
