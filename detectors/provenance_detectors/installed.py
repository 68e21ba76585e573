"""The detectors that packages bring, by their names, without loading any of them."""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

from provenance.sources import is_own

GROUP: Final = "provenance.detectors"


def entry_points_by_name() -> dict[str, EntryPoint]:
    """All of them; another package's detector cannot take the place of one of the toolkit's."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda entry: is_own(entry.module))}


def names_of_others() -> list[str]:
    """Those of other packages."""
    return sorted(name for name, entry in entry_points_by_name().items() if not is_own(entry.module))
