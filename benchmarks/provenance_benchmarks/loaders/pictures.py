"""Pictures whose label is the name of a folder: what most sets of pictures have in common."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import SuiteError
from .records import PICTURES, files_in, name_in


@dataclass(frozen=True)
class Labelled:
    """A file, its label, and the folders above and below the one that names the label."""

    path: Path
    id: str
    label: str
    above: tuple[str, ...]
    below: tuple[str, ...]


def labelled(folder: Path, labels: Mapping[str, str], suffixes: Iterable[str] = PICTURES) -> Iterator[Labelled]:
    """The files below folders with these names. Raises `SuiteError` for one in none of them, or in two that differ."""
    if folder.is_file():
        raise SuiteError(f"{folder}: a file; give the folder of the set")
    for path in files_in(folder, suffixes):
        name = name_in(path, folder)
        parents = tuple(name.split("/")[:-1])
        places = [number for number, parent in enumerate(parents) if parent.lower() in labels]
        if len({labels[parents[number].lower()] for number in places}) != 1:
            raise SuiteError(f"{path}: not in one folder that says what it is; known are {', '.join(labels)}")
        first = places[0]
        yield Labelled(path, name, labels[parents[first].lower()], parents[:first], parents[first + 1 :])
