"""Uploads: the files of a form, streamed to disk under limits, and removed whatever happens."""

import math
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import BinaryIO, Final

from anyio import CancelScope, fail_after, to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from .problems import RefusedError
from .settings import (
    CONTESTED_AFTER,
    CONTESTED_UPLOAD,
    FORM_OVERHEAD,
    MAX_FIELD,
    MAX_PART_HEADERS,
    MAX_PARTS,
    MAX_SILENCE,
    MAX_UPLOAD_TIME,
    SLOWEST_UPLOAD,
)
from .temporary import temporary_file

FIELD = "file"


class _Place:
    """One that is taken: by whom, and how the upload goes on."""

    def __init__(self, client: str) -> None:
        self.client, self.started, self.received = client, time.monotonic(), 0
        self.comes = False  # more of the upload is to come
        self.waits: CancelScope | None = None  # while that is waited for
        self.is_lost = False

    @property
    def rate(self) -> float:
        """In bytes a second. What is there as a whole, or has only begun, counts as fast."""
        elapsed = time.monotonic() - self.started
        return self.received / elapsed if self.comes and elapsed > CONTESTED_AFTER else math.inf


_taken: Final[ContextVar[_Place | None]] = ContextVar("taken", default=None)
"""The place of the request at hand."""


class Places:
    """How many uploads there may be at the same time: each may fill the disk with as much as the limit allows.

    One client has at most as many as it leaves to all others, so that nobody is locked out by one. Where there is none
    for the next upload, a slow one gives its own away.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._places: set[_Place] = set()

    @property
    def taken(self) -> int:
        """How many there are now."""
        return len(self._places)

    @property
    def left(self) -> int:
        """How many more there could be."""
        return self._count - self.taken

    @contextmanager
    def one(self, client: str) -> Iterator[None]:
        """A place for one upload of this client. Raises `RefusedError` where all are taken, or its share is."""
        own = [each for each in self._places if each.client == client]
        if len(own) >= self.left:
            self._free(own or self._places)
        place = _Place(client)
        self._places.add(place)
        token = _taken.set(place)
        try:
            yield
        finally:
            _taken.reset(token)
            self._places.discard(place)

    def _free(self, among: Collection[_Place]) -> None:
        slowest = min(among, key=lambda each: each.rate)
        if slowest.rate >= CONTESTED_UPLOAD:
            raise RefusedError("busy")
        slowest.is_lost = True
        if slowest.waits is not None:
            slowest.waits.cancel()
        self._places.discard(slowest)


@dataclass(frozen=True)
class Upload:
    """A received file, on disk, under a name of ours."""

    path: Path
    name: str


@dataclass(frozen=True)
class Form:
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
) -> AsyncIterator[Form]:
    """Receives a form with its file, perhaps `more_files`, and short `fields`; others are read past.

    The files exist as long as this context. Raises `RefusedError` as soon as the request cannot become such a form with
    files of at most `limit` bytes together.
    """
    form = _Form(_boundary(request), limit, (FIELD, *more_files), fields)
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
        yield Form({field: Upload(paths[field], name) for field, name in names.items()}, form.values)


async def received_files(request: Request, folder: Path, limit: int, *, at_most: int) -> list[Upload]:
    """Receives a form with many files, together of at most `limit` bytes, into a folder.

    Raises `RefusedError` as soon as the request cannot become such a form.
    """
    form = _Form(_boundary(request), limit, (FIELD,), (), at_most=at_most)
    _check_declared_length(request, limit)
    target = _OneAfterTheOther(folder)
    try:
        async for chunk in _chunks(request, limit + at_most * MAX_PART_HEADERS):
            for name, data in form.feed(chunk):
                await to_thread.run_sync(target.write, name, data)
    finally:
        target.close()
    named = form.file_names().items()
    return [Upload(target.path_of(field), name) for field, name in named]


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


class _OneAfterTheOther:
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


class _Form:
    """A multipart form, parsed as it arrives; only the files' bytes come out."""

    def __init__(
        self, boundary: bytes, limit: int, files: tuple[str, ...], fields: tuple[str, ...], *, at_most: int = 1
    ) -> None:
        self._limit, self._files, self._fields = limit, files, fields
        self._at_most = at_most  # files in one field; where there may be several, each is called FIELD-NUMBER
        self._names: dict[str, str] = {}
        self.values: dict[str, bytes] = {}
        self._size = self._parts = self._header_bytes = 0
        self._header = self._value = self._disposition = b""
        self._file = self._field = ""  # what the present part is, if we take it
        self._complete = False
        self._fresh: list[tuple[str, bytes]] = []
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise RefusedError("malformed") from None

    def feed(self, chunk: bytes) -> list[tuple[str, bytes]]:
        """Takes the next bytes of the form; those of its files among them come back, each with its field."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise RefusedError("malformed") from None
        fresh, self._fresh = self._fresh, []
        return fresh

    def file_names(self) -> dict[str, str]:
        """The names that the complete form gives its files. Raises `RefusedError` where there was no file."""
        if not self._complete:
            raise RefusedError("malformed")
        if not any(name for field, name in self._names.items() if field.startswith(FIELD)):
            raise RefusedError("no-file")
        return {field: name for field, name in self._names.items() if name}

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS + self._at_most - 1:
            raise RefusedError("malformed")
        self._header_bytes = 0
        self._header = self._value = self._disposition = b""
        self._file = self._field = ""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += data[start:end]

    def _count_header(self, length: int) -> None:
        self._header_bytes += length
        if self._header_bytes > MAX_PART_HEADERS:
            raise RefusedError("malformed")

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name in self._files and b"filename" in options:
            if self._at_most > 1:
                name = f"{name}-{self._parts}"
            elif name in self._names:
                raise RefusedError("several-files")
            self._file = name
            # A form sent without a choice carries an empty name.
            self._names[name] = PureWindowsPath(options[b"filename"].decode("utf-8", "replace")).name
        elif name in self._fields:
            self._field = name
            self.values[name] = b""

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file:
            self._size += end - start
            if self._size > self._limit:
                raise RefusedError("too-large", size=self._limit)
            self._fresh.append((self._file, data[start:end]))
        elif self._field:
            self.values[self._field] += data[start:end]
            if len(self.values[self._field]) > MAX_FIELD:
                raise RefusedError("bad-parameter", names=self._field)

    def _on_end(self) -> None:
        self._complete = True


async def _chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    received, started, stream, place = 0, time.monotonic(), request.stream(), _taken.get()
    while True:
        chunk = None
        if place is not None:
            place.comes = True
            if place.is_lost:
                raise RefusedError("too-slow")
        try:
            with fail_after(MAX_SILENCE) as waits:
                if place is not None:
                    place.waits = waits
                chunk = await anext(stream, None)
        except TimeoutError:
            raise RefusedError("too-slow") from None
        except ClientDisconnect:
            raise RefusedError("interrupted") from None
        finally:
            if place is not None:
                place.waits = None
        if place is not None and place.is_lost:
            raise RefusedError("too-slow")
        if chunk is None:
            if place is not None:
                place.comes = False
            return
        received += len(chunk)
        if place is not None:
            place.received += len(chunk)
        elapsed = time.monotonic() - started
        if elapsed > MAX_UPLOAD_TIME or (elapsed > MAX_SILENCE and received < elapsed * SLOWEST_UPLOAD):
            raise RefusedError("too-slow")
        if received > limit + FORM_OVERHEAD:
            raise RefusedError("too-large", size=limit)
        yield chunk


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
