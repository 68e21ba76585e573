"""Uploads: the one file of a form, streamed to disk under limits, and removed whatever happens."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory

from anyio import fail_after, to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from .problems import RefusedError
from .settings import FORM_OVERHEAD, MAX_PART_HEADERS, MAX_PARTS, MAX_SILENCE, SLOWEST_UPLOAD

FIELD = "file"


@dataclass(frozen=True)
class Upload:
    """A received file, on disk, under a name of ours."""

    path: Path
    name: str


@asynccontextmanager
async def received_file(request: Request, limit: int) -> AsyncIterator[Upload]:
    """Receives the form's file into a temporary folder that exists as long as this context.

    Raises `RefusedError` as soon as the request cannot become a file of at most `limit` bytes.
    """
    form = _Form(_boundary(request), limit)
    _check_declared_length(request, limit)
    with TemporaryDirectory(prefix="provenance-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb", buffering=0) as target:
            async for chunk in _chunks(request, limit):
                if data := form.feed(chunk):
                    await to_thread.run_sync(target.write, data)
        yield Upload(path, form.file_name())


class _Form:
    """A multipart form, parsed as it arrives; only the file's bytes come out."""

    def __init__(self, boundary: bytes, limit: int) -> None:
        self._limit = limit
        self._name: str | None = None
        self._size = self._parts = self._header_bytes = 0
        self._header = self._value = self._disposition = b""
        self._in_file = self._complete = False
        self._fresh = bytearray()
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

    def feed(self, chunk: bytes) -> bytes:
        """Takes the next bytes of the form; the file's own bytes among them come back."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise RefusedError("malformed") from None
        fresh = bytes(self._fresh)
        self._fresh.clear()
        return fresh

    def file_name(self) -> str:
        """The name that the complete form gives its file. Raises `RefusedError` where there was no file."""
        if not self._complete:
            raise RefusedError("malformed")
        if not self._name:
            raise RefusedError("no-file")
        return self._name

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise RefusedError("malformed")
        self._header_bytes = 0
        self._header = self._value = self._disposition = b""
        self._in_file = False

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
        self._in_file = options.get(b"name") == FIELD.encode() and b"filename" in options
        if self._in_file:
            if self._name is not None:
                raise RefusedError("several-files")
            # A form sent without a choice carries an empty name.
            self._name = PureWindowsPath(options[b"filename"].decode("utf-8", "replace")).name

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._size += end - start
            if self._size > self._limit:
                raise RefusedError("too-large", size=self._limit)
            self._fresh += data[start:end]

    def _on_end(self) -> None:
        self._complete = True


async def _chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    received, started, stream = 0, time.monotonic(), request.stream()
    while True:
        try:
            with fail_after(MAX_SILENCE):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise RefusedError("too-slow") from None
        except ClientDisconnect:
            raise RefusedError("interrupted") from None
        if chunk is None:
            return
        received += len(chunk)
        elapsed = time.monotonic() - started
        if elapsed > MAX_SILENCE and received < elapsed * SLOWEST_UPLOAD:
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
