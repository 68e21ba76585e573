"""One thing that a job is to examine."""

from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

# A night's pictures of an agency; a collection of millions belongs to the command line or to several jobs.
MAX_ITEMS: Final = 1000

# File names beyond this are cut; what tells the type stays.
MAX_NAME: Final = 200


@dataclass(frozen=True)
class JobInput:
    """What to examine: a file that was received, or an address."""

    name: str
    path: Path | None = None
    url: str | None = None


def shortened_name(name: str) -> str:
    """A file's name without its folders, cut where no list would show it."""
    path = PureWindowsPath(name.encode("utf-8", "replace").decode())
    return (path.stem[: MAX_NAME - len(path.suffix[:20])] + path.suffix[:20]).replace("\0", "")
