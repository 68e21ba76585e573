"""Log lines without content of uploads, which no upload can forge.

The message of an exception can hold a file's name or a piece of its content, with line breaks and the characters that a
terminal obeys. So a line has no control characters, and of an exception its type and its place in the code alone.
"""

import logging
import traceback
import unicodedata
from types import TracebackType


class SafeFormatter(logging.Formatter):
    """Writes a record on one line, and below it where an exception came from."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s: %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it the places of an exception."""
        line = on_one_line(self._style.format(_with_message(record)))
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line}\n{places_of(error)}"


def _with_message(record: logging.LogRecord) -> logging.LogRecord:
    record.message = record.getMessage()
    return record


def on_one_line(text: str) -> str:
    """The text with its control and format characters written out, as in `\\x1b`."""
    return "".join(
        char if char == " " or unicodedata.category(char)[0] not in "CZ" else char.encode("unicode_escape").decode()
        for char in text
    )


def places_of(error: BaseException) -> str:
    """The types of an exception and of those that caused it, each with the lines of code that it came through."""
    lines = list[str]()
    for _ in range(_MAX_CAUSES):
        where = getattr(error, "places", None) or _places(error.__traceback__)
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}\n{where}".rstrip())
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None:
            break
        error = cause
    return "\ncaused by ".join(lines)


# Each was raised while the one before was handled: real chains have two or three.
_MAX_CAUSES = 10


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)


def log_safely() -> None:
    """Has everything of this process that logs write such lines, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
