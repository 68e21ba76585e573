"""The files of a model: those that its card names, with their hashes."""

from functools import cache
from pathlib import Path

from provenance import files

from .card import ModelCard
from .errors import WeightsError


def check_files(folder: Path, card: ModelCard) -> None:
    """Raises `WeightsError` where a file of the model is missing or is not the one that the card names.

    Each file is hashed once in a process.
    """
    for name, expected in card.files.items():
        if _sha256_once(folder / name) != expected:
            raise WeightsError(f"{folder / name}: this is not the file that the card of {card.name} names")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises `WeightsError` where it cannot be read."""
    try:
        return files.sha256_of(path)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from None


@cache
def _sha256_once(path: Path) -> str:
    return sha256_of(path)
