"""What the commands have in common: JSON that is safe to print, whole files, and a bar for long work."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .. import files
from .exit_codes import EXIT_UNWRITABLE

_NOT_PLAIN: Final = re.compile("[^\\n -~]")

# Control and format characters, what is half a character or none, and the separators of lines and paragraphs.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in which letters stand as they are, and control and direction characters are escaped.

    A terminal obeys control characters, and a character such as U+202E turns the text after it around.
    """
    return _NOT_PLAIN.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent))


class UnwritableError(click.ClickException):
    """An output cannot be written: not what was found in a file, and not a wrong use of the command."""

    exit_code = EXIT_UNWRITABLE


class Terminal(Console):
    """Where people read; a reader that closes the pipe ends the command, as with any other program."""

    def on_broken_pipe(self) -> None:
        """Raises `BrokenPipeError`, which the command turns into its exit code."""
        raise BrokenPipeError


def write_output(path: Path, content: bytes) -> None:
    """Writes beside the target and moves into place. Raises `UnwritableError` where that cannot be done."""
    try:
        files.write_whole(path, content)
    except OSError as error:
        raise UnwritableError(f"{path}: cannot be written ({error.strerror})") from None


def progress_bar(console: Console, count: int, what: str) -> Progress:
    """A bar for long work, on a terminal only, and never in the way of what is printed."""
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=count < 2 or not console.is_terminal,
    )


def _escaped(found: re.Match[str]) -> str:
    char = found.group()
    return json.dumps(char)[1:-1] if unicodedata.category(char) in _UNSAFE else char
