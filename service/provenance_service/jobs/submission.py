"""The submission of a job: addresses, several files, or a ZIP of files."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Request

from provenance.limits import MIB

from ..problems import RefusedError
from ..service import Service
from ..settings import MAX_ADDRESS
from ..tasks.unpack import UnpackTask
from ..temporary_files import temporary_folder
from ..uploads import content_type, received_data, received_files, received_to
from .job_input import MAX_ITEMS, MAX_NAME, JobInput, shortened_name

# Addresses are some hundred bytes, rarely some thousand.
MAX_URLS: Final = 1 * MIB

# Unpacking is mostly writing to the disk.
_UNPACKING_TIME: Final = 120.0


@asynccontextmanager
async def job_inputs(request: Request, service: Service) -> AsyncIterator[list[JobInput]]:
    """What the request asks to examine; its files exist as long as this context.

    Raises `RefusedError` for a request that is none of the three, is empty, or is more than one job may be.
    """
    media_type = content_type(request)
    with temporary_folder() as folder:
        limit = service.settings.max_job
        if media_type == "application/json":
            inputs = _addresses(await received_data(request, MAX_URLS), service)
        elif media_type == "application/zip":
            archive = folder / "archive"
            await received_to(request, archive, limit)
            answer = await service.workers.answer(UnpackTask(archive, folder, limit), more_time=_UNPACKING_TIME)
            if isinstance(answer, str):
                raise RefusedError(answer, size=limit, count=str(MAX_ITEMS))
            inputs = answer
        else:
            uploads = await received_files(request, folder, limit, at_most=MAX_ITEMS)
            inputs = [JobInput(shortened_name(upload.name), upload.path) for upload in uploads]
        if not inputs:
            raise RefusedError("no-file")
        yield inputs


def _addresses(body: bytes, service: Service) -> list[JobInput]:
    if not service.settings.fetch_urls:
        raise RefusedError("fetching-off")
    try:
        urls = json.loads(body)["urls"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise RefusedError("bad-parameter", names="urls") from None
    if not isinstance(urls, list) or not all(isinstance(url, str) and len(url) <= MAX_ADDRESS for url in urls):
        raise RefusedError("bad-parameter", names="urls")
    if len(urls) > MAX_ITEMS:
        raise RefusedError("too-many-items", count=str(MAX_ITEMS))
    # PostgreSQL keeps no NUL, and no text has half of a surrogate pair.
    clean = [url.encode("utf-8", "replace").decode().replace("\0", "") for url in urls]
    return [
        JobInput(shortened_name(url.partition("?")[0].rstrip("/").rpartition("/")[2]) or url[:MAX_NAME], url=url)
        for url in clean
    ]
