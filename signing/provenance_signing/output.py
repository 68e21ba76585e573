"""Signed outputs: written whole or not at all, with an error that says why in the user's words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provenance import files
from provenance.files import Draft

from .errors import OutputError

_WHY: Final = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "there is no such folder",
    errno.EFBIG: "the file would be larger than is allowed",
}


@contextmanager
def draft(target: Path, *, like: Path | None = None) -> Iterator[Draft]:
    """A signed file beside `target` that is gone unless it was published; see `provenance.files.draft`.

    Raises `OutputError` for everything that the system has against it.
    """
    if target.is_dir():
        raise OutputError(f"{target}: is a folder")
    try:
        with files.draft(target, like=like) as output:
            yield output
    except OSError as error:
        why = _WHY.get(error.errno or 0, error.strerror or str(error))
        raise OutputError(f"{target}: cannot be written: {why}. Nothing was changed") from None
