"""What a job is asked to do: addresses, several files, or a ZIP of files."""

import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

from fastapi import Request

from provenance.limits import KIB, MIB

from ..asking import done
from ..problems import RefusedError
from ..service import Service
from ..settings import MAX_ADDRESS
from ..temporary import temporary_folder
from ..uploads import content_type, received_data, received_files, received_to
from ..workers import Tools
from .jobs import Source

# A night's pictures of an agency; a collection of millions belongs to the command line or to several jobs.
MAX_ITEMS: Final = 1000

# Addresses are some hundred bytes, rarely some thousand.
MAX_URLS: Final = 1 * MIB

# Deflate makes at most a thousandth of what it was given; real pictures and videos hardly shrink at all.
MAX_UNPACKED_SHARE: Final = 200

# File names beyond this are cut; what tells the type stays.
MAX_NAME: Final = 200

# Unpacking is mostly writing to the disk.
_UNPACKING_TIME: Final = 120.0

_PIECE: Final = 256 * KIB


@dataclass(frozen=True)
class UnpackTask:
    """A ZIP to unpack into a folder, of at most so many files and bytes."""

    path: Path
    folder: Path
    max_size: int

    def run(self, tools: Tools) -> list[Source] | str:  # noqa: ARG002 - a ZIP needs none of them
        """The files in it; or which problem it has. Folders in it do not matter, and ZIPs in it stay as they are."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                files = [each for each in archive.infolist() if not each.is_dir()]
                if len(files) > MAX_ITEMS:
                    return "too-many-items"
                return self._unpacked(archive, files)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
            return "bad-archive"  # damaged, encrypted, or packed in a way that is not known

    def _unpacked(self, archive: zipfile.ZipFile, files: list[zipfile.ZipInfo]) -> list[Source] | str:
        left = min(self.max_size, self.path.stat().st_size * MAX_UNPACKED_SHARE)
        found = []
        for number, entry in enumerate(files, 1):
            path = self.folder / f"item-{number}"
            with archive.open(entry) as packed, path.open("wb") as target:
                # What the archive says about its sizes is not believed.
                while piece := packed.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        return "too-large"
                    target.write(piece)
            found.append(Source(name_of(entry.filename), path))
        return found


@asynccontextmanager
async def asked(request: Request, service: Service) -> AsyncIterator[list[Source]]:
    """What the request asks to examine; its files exist as long as this context.

    Raises `RefusedError` for a request that is none of the three, is empty, or is more than one job may be.
    """
    media_type = content_type(request)
    with temporary_folder() as folder:
        limit = service.settings.max_job
        if media_type == "application/json":
            found = _addresses(await received_data(request, MAX_URLS), service)
        elif media_type == "application/zip":
            archive = folder / "archive"
            await received_to(request, archive, limit)
            answer = await done(service.workers, UnpackTask(archive, folder, limit), more_time=_UNPACKING_TIME)
            if isinstance(answer, str):
                raise RefusedError(answer, size=limit, count=str(MAX_ITEMS))
            found = answer
        else:
            uploads = await received_files(request, folder, limit, at_most=MAX_ITEMS)
            found = [Source(name_of(upload.name), upload.path) for upload in uploads]
        if not found:
            raise RefusedError("no-file")
        yield found


def name_of(name: str) -> str:
    """A file's name without its folders, cut where no list would show it."""
    path = PureWindowsPath(name.encode("utf-8", "replace").decode())
    return (path.stem[: MAX_NAME - len(path.suffix[:20])] + path.suffix[:20]).replace("\0", "")


def _addresses(body: bytes, service: Service) -> list[Source]:
    if not service.settings.fetch_urls:
        raise RefusedError("fetching-off")
    try:
        urls = json.loads(body)["urls"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise RefusedError("bad-parameter", names="urls") from None
    if not isinstance(urls, list) or not all(isinstance(each, str) and len(each) <= MAX_ADDRESS for each in urls):
        raise RefusedError("bad-parameter", names="urls")
    if len(urls) > MAX_ITEMS:
        raise RefusedError("too-many-items", count=str(MAX_ITEMS))
    # PostgreSQL keeps no NUL, and no text has half of a surrogate pair.
    clean = [url.encode("utf-8", "replace").decode().replace("\0", "") for url in urls]
    return [
        Source(name_of(url.partition("?")[0].rstrip("/").rpartition("/")[2]) or url[:MAX_NAME], url=url)
        for url in clean
    ]
