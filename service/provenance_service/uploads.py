"""Uploads: the files of a form, streamed to disk under limits, and removed whatever happens."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anyio import fail_after, to_thread
from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from .multipart import FIELD, MultipartForm
from .problems import RefusedError
from .settings import FORM_OVERHEAD, MAX_PART_HEADERS, MAX_SILENCE, MAX_UPLOAD_TIME, SLOWEST_UPLOAD
from .temporary_files import temporary_file
from .upload_slots import UploadSlot, request_slot


@dataclass(frozen=True)
class Upload:
    """A received file, on disk, under a name of ours."""

    path: Path
    name: str


@dataclass(frozen=True)
class ReceivedForm:
    """A received form: its files, and its short fields as they came."""

    files: Mapping[str, Upload]
    fields: Mapping[str, bytes]


@asynccontextmanager
async def received_file(request: Request, limit: int) -> AsyncIterator[Upload]:
    """Receives the form's file into a temporary file that exists as long as this context.

    Raises `RefusedError` as soon as the request cannot become a file of at most `limit` bytes.
    """
    async with received_form(request, limit) as form:
        yield form.files[FIELD]


@asynccontextmanager
async def received_form(
    request: Request, limit: int, *, more_files: tuple[str, ...] = (), fields: tuple[str, ...] = ()
) -> AsyncIterator[ReceivedForm]:
    """Receives a form with its file, perhaps `more_files`, and short `fields`; others are read past.

    The files exist as long as this context. Raises `RefusedError` as soon as the request cannot become such a form with
    files of at most `limit` bytes together.
    """
    form = MultipartForm(_boundary(request), limit, (FIELD, *more_files), fields)
    _check_declared_length(request, limit)
    chunks = _chunks(request, limit)
    # A short form is read before anything can fail here: a connection that is closed on unread bytes loses its answer.
    first = await anext(chunks, b"")
    with ExitStack() as files:
        paths = {name: files.enter_context(temporary_file()) for name in (FIELD, *more_files)}
        with ExitStack() as stack:
            targets = {name: stack.enter_context(path.open("wb", buffering=0)) for name, path in paths.items()}
            for name, data in form.feed(first):
                await to_thread.run_sync(targets[name].write, data)
            async for chunk in chunks:
                for name, data in form.feed(chunk):
                    await to_thread.run_sync(targets[name].write, data)
        names = form.file_names()
        yield ReceivedForm({field: Upload(paths[field], name) for field, name in names.items()}, form.values)


async def received_files(request: Request, folder: Path, limit: int, *, at_most: int) -> list[Upload]:
    """Receives a form with many files, together of at most `limit` bytes, into a folder.

    Raises `RefusedError` as soon as the request cannot become such a form.
    """
    form = MultipartForm(_boundary(request), limit, (FIELD,), (), at_most=at_most)
    _check_declared_length(request, limit)
    target = _FileSequence(folder)
    try:
        async for chunk in _chunks(request, limit + at_most * MAX_PART_HEADERS):
            for name, data in form.feed(chunk):
                await to_thread.run_sync(target.write, name, data)
    finally:
        target.close()
    return [Upload(target.path_of(field), name) for field, name in form.file_names().items()]


async def received_to(request: Request, path: Path, limit: int) -> None:
    """Receives a body of at most `limit` bytes into a file. Raises `RefusedError` as soon as it is larger, or stops."""
    _check_declared_length(request, limit)
    received = 0
    with path.open("wb", buffering=0) as target:
        async for chunk in _chunks(request, limit):
            received += len(chunk)
            if received > limit:
                raise RefusedError("too-large", size=limit)
            await to_thread.run_sync(target.write, chunk)


class _FileSequence:
    """Files that are written one after the other, so that only one is open at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._target: BinaryIO | None = None

    def path_of(self, name: str) -> Path:
        path = self._folder / name
        path.touch()  # an empty file has no bytes to write
        return path

    def write(self, name: str, data: bytes) -> None:
        if name != self._name or self._target is None:
            self.close()
            self._name, self._target = name, (self._folder / name).open("wb", buffering=0)
        self._target.write(data)

    def close(self) -> None:
        if self._target is not None:
            self._target.close()


def content_type(request: Request) -> str:
    """The media type that the request names for its body, without parameters."""
    return media_type_of(request.headers.get("content-type", ""))


def media_type_of(header: str) -> str:
    """The media type in a Content-Type header, without parameters."""
    return header.partition(";")[0].strip().lower()


async def received_data(request: Request, limit: int) -> bytes:
    """Receives a body of at most `limit` bytes as it is. Raises `RefusedError` as soon as it is larger, or stops."""
    _check_declared_length(request, limit)
    data = bytearray()
    async for chunk in _chunks(request, limit):
        data += chunk
        if len(data) > limit:
            raise RefusedError("too-large", size=limit)
    return bytes(data)


async def _chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body, piece by piece. Raises `RefusedError` where it is too large, too slow, or broken off."""
    received, started, stream = 0, time.monotonic(), request.stream()
    slot = request_slot.get() or UploadSlot("")
    while (chunk := await _next_chunk(stream, slot)) is not None:
        received += len(chunk)
        slot.received += len(chunk)
        elapsed = time.monotonic() - started
        if elapsed > MAX_UPLOAD_TIME or (elapsed > MAX_SILENCE and received < elapsed * SLOWEST_UPLOAD):
            raise RefusedError("too-slow")
        if received > limit + FORM_OVERHEAD:
            raise RefusedError("too-large", size=limit)
        yield chunk
    slot.is_receiving = False


async def _next_chunk(stream: AsyncIterator[bytes], slot: UploadSlot) -> bytes | None:
    """The next piece; None at the end. Raises `RefusedError` where the slot is given to another meanwhile."""
    slot.is_receiving = True
    if slot.is_lost:
        raise RefusedError("too-slow")
    chunk = None
    try:
        with fail_after(MAX_SILENCE) as slot.waiting:
            chunk = await anext(stream, None)
    except TimeoutError:
        raise RefusedError("too-slow") from None
    except ClientDisconnect:
        raise RefusedError("interrupted") from None
    finally:
        slot.waiting = None
    if slot.is_lost:
        raise RefusedError("too-slow")
    return chunk


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type != b"multipart/form-data":
        raise RefusedError("not-a-form")
    if not options.get(b"boundary"):
        raise RefusedError("malformed")
    return options[b"boundary"]


def _check_declared_length(request: Request, limit: int) -> None:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit + FORM_OVERHEAD:
        raise RefusedError("too-large", size=limit)
