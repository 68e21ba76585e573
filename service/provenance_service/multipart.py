"""A multipart form, parsed as it arrives, under limits."""

from pathlib import PureWindowsPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from .problems import RefusedError
from .settings import MAX_FIELD, MAX_PART_HEADERS, MAX_PARTS

FIELD = "file"
"""The field of a form that holds the file."""


class MultipartForm:
    """A form of which only the files' bytes come out. Every method raises `RefusedError` for a form that is none.

    `limit`: for all files together, in bytes. `files` and `fields`: the names that are taken; others are read past.
    `at_most`: files in one field; where there may be several, each is called FIELD-NUMBER.
    """

    def __init__(
        self, boundary: bytes, limit: int, files: tuple[str, ...], fields: tuple[str, ...], *, at_most: int = 1
    ) -> None:
        self._limit, self._files, self._fields = limit, files, fields
        self._at_most = at_most
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
