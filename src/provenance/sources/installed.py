"""The sources that are installed: the toolkit's own, and those of other packages."""

import logging
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from ..asset import OpenAsset
from ..errors import MissingExtraError, SettingError
from .examination import failed, is_own
from .source import Context, EvidenceSource, Findings, is_estimating

GROUP: Final = "provenance.sources"

_log: Final = logging.getLogger("provenance")


def load_sources(names: Iterable[str] | None = None) -> list[EvidenceSource]:
    """The sources of these names, or all that are installed.

    A name may carry settings for its source after a colon: `detectors:double-jpeg,copy-move`. Without names, a source
    whose optional part is not installed is left out; the report then says that nobody looked in that way. One of
    another package that cannot be made is a finding in every report.

    Raises `SettingError` for a name that is not there, and `MissingExtraError` for one that is not installed.
    """
    # Another package's source cannot take the place of one of the toolkit's: of two of a name our own is the last.
    entries = sorted(entry_points(group=GROUP), key=lambda entry: is_own(entry.module))
    available = {entry.name: entry for entry in entries}
    chosen = list(available) if names is None else list(names)
    missing = [name for name in chosen if name.partition(":")[0] not in available]
    if missing:
        raise SettingError(f"no source called {', '.join(missing)}; there are: {', '.join(sorted(available))}")
    # C2PA first, estimates last: the report reads in the order of what can prove most.
    chosen.sort(key=lambda name: (name != "c2pa", name))
    made = [_made(available[name.partition(":")[0]], name, asked_for=names is not None) for name in chosen]
    return sorted((source for source in made if source is not None), key=is_estimating)


def _made(entry: EntryPoint, name: str, *, asked_for: bool) -> EvidenceSource | None:
    """The source of an entry point, with the settings that stand behind its name; None for a part not installed."""
    settings = name.partition(":")[2]
    try:
        make: Callable[..., EvidenceSource] = entry.load()
        return make(settings) if settings else make()
    except Exception as error:
        absent = isinstance(error, ModuleNotFoundError | MissingExtraError)
        if asked_for and absent:
            raise MissingExtraError(f"the source {entry.name}", entry.name) from None
        if asked_for or (is_own(entry.module) and not absent):
            raise
        return None if is_own(entry.module) else UnusableSource(entry.name, error)


class UnusableSource:
    """Stands for a source of another package that cannot be made: nobody looks in its way, and each report says so."""

    def __init__(self, name: str, error: Exception) -> None:
        self.name = name
        self.engines: dict[str, str] = {}
        _log.error("the source %s cannot be made (%s)", name, type(error).__name__)

    def examine(self, _asset: OpenAsset, _context: Context, /) -> Findings:
        """That the source failed."""
        return failed(self.name)
