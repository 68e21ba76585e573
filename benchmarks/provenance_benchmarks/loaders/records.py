"""What the loaders share: files of a folder in a stable order, lines and rows with limits, splits."""

import csv
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from provenance.limits import MIB

from ..errors import SuiteError
from ..suite import Split

# Real sets nest five folders; a crafted tree of thousands would end in a stack overflow.
MAX_DEPTH: Final = 32

# The longest text of a published set is below a megabyte. A file without line ends would otherwise be read whole.
MAX_LINE: Final = 32 * MIB

# Python's own limit is 128 KiB, less than a book summary. Beyond this a quote is missing and swallows the file.
MAX_FIELD: Final = 16 * MIB

# One text: what no detector reads to its end.
MAX_TEXT: Final = 16 * MIB

# Items without a published split: enough to choose a threshold, and most are left to test on.
CALIBRATION_SHARE: Final = 0.2

PICTURES: Final = frozenset({".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

SPLITS: Final[dict[str, Split]] = {
    "calibration": "calibration",
    "dev": "calibration",
    "test": "test",
    "train": "train",
    "val": "calibration",
    "valid": "calibration",
    "validation": "calibration",
}


def files_in(folder: Path, suffixes: Iterable[str], *, deep: bool = True) -> Iterator[Path]:
    """The files with these endings in a folder and, if `deep`, below it, sorted; of a file, that file.

    Hidden files are left out. Links are not followed; one that leads out of the folder is an error, because what it
    leads to would be missing without a word. Raises `SuiteError`.
    """
    if folder.is_file():
        yield folder
    else:
        yield from _below(folder, frozenset(suffixes), folder, MAX_DEPTH if deep else None)


def _below(folder: Path, suffixes: frozenset[str], root: Path, depth: int | None) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise SuiteError(f"{folder}: cannot be read ({error.strerror})") from None
    for entry in entries:
        path = folder / entry.name
        fits = path.suffix.lower() in suffixes
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            if (fits or (depth is not None and entry.is_dir())) and not inside(path, root):
                raise SuiteError(f"{path}: a link that leads out of {root}; put the files themselves there")
        elif entry.is_dir():
            if depth == 0:
                raise SuiteError(f"{path}: more than {MAX_DEPTH} folders deep")
            if depth is not None:
                yield from _below(path, suffixes, root, depth - 1)
        elif fits and entry.is_file():
            yield path


def inside(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder once all links are followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def name_in(path: Path, folder: Path) -> str:
    """The path below the folder, as the id of an item. Raises `SuiteError` for a name that is no text."""
    name = path.relative_to(folder).as_posix() if path != folder else path.name
    try:
        name.encode()
    except UnicodeEncodeError:
        raise SuiteError(f"{name!r}: the name of this file is not UTF-8") from None
    return name


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file, each with its number. Raises `SuiteError`."""
    if not path.is_file():
        raise SuiteError(f"{path}: there is no such file")
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise SuiteError(f"{path}, line {number}: longer than {MAX_LINE // MIB} MiB")
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise SuiteError(f"{path}, line {number}: not UTF-8") from None
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read ({error.strerror})") from None


def rows_of(path: Path, needed: Iterable[str]) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The rows of a CSV file: where each is, for messages, its number, and its columns by name. Raises `SuiteError`."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader((line for _, line in lines_of(path)), strict=True)
    header: list[str] = []
    number = 0
    while True:
        where = f"{path}, line {reader.line_num + 1}"
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise SuiteError(f"{where}: {error}") from None
        if not row:
            continue
        if not header:
            header = row
            missing = sorted(set(needed) - set(header))
            if missing or len(set(header)) < len(header):
                wrong = f"no column {', '.join(missing)}" if missing else "two columns with one name"
                raise SuiteError(f"{where}: {wrong}; there are {', '.join(header)[:200]}")
            continue
        if len(row) != len(header):
            raise SuiteError(f"{where}: {len(row)} columns instead of {len(header)}")
        number += 1
        yield where, number, dict(zip(header, row, strict=True))
    if not header:
        raise SuiteError(f"{path}: an empty file")


def objects_of(path: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The objects of a file with one JSON object a line, each with where it is and its line. Raises `SuiteError`."""
    for number, line in lines_of(path):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SuiteError(f"{where}: not JSON ({str(error)[:100]})") from None
        if not isinstance(record, dict):
            raise SuiteError(f"{where}: not a JSON object")
        yield where, number, record


def checked_text(value: object, where: str) -> str:
    """A text that can be judged. Raises `SuiteError` for anything else: no text, an empty or an endless one."""
    if not isinstance(value, str):
        raise SuiteError(f"{where}: no text but {type(value).__name__}")
    if not value.strip():
        raise SuiteError(f"{where}: an empty text")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise SuiteError(f"{where}: a text with half of a character") from None
    if size > MAX_TEXT:
        raise SuiteError(f"{where}: a text of more than {MAX_TEXT // MIB} MiB")
    return value


def share_for_calibration(key: str) -> Split:
    """`calibration` for a fifth of all keys, `test` for the others: by their hash, so the same in every run."""
    drawn = int.from_bytes(hashlib.sha256(key.encode(errors="surrogatepass")).digest()[:8], "big")
    return "calibration" if drawn < CALIBRATION_SHARE * 2**64 else "test"


def split_of(name: str, key: str, *, has_calibration: bool) -> Split:
    """The split of a published one's name.

    Where the set has no items to choose a threshold on, a share of its test items is set aside for that.
    """
    split = SPLITS.get(name.lower(), "test")
    return share_for_calibration(key) if split == "test" and not has_calibration else split


def short_hash(text: str) -> str:
    """A short name for a long text, to pair items by it."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
