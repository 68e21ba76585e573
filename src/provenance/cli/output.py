"""What the commands have in common: exit codes, JSON that is safe to print, and files that are whole or not there."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any, Final

import click

EXIT_DONE, EXIT_TAMPERED, EXIT_UNREADABLE = 0, 1, 3  # 2, for wrong usage, is click's

_NOT_PLAIN: Final = re.compile("[^\\n -~]")

# Control and format characters, what is half a character or none, and the separators of lines and paragraphs.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in which letters stand as they are, and control and direction characters are escaped.

    A terminal obeys control characters, and a character such as U+202E turns the text after it around.
    """
    return _NOT_PLAIN.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the target and moves into place. Raises `ClickException` where that cannot be done."""
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise click.ClickException(f"{path}: cannot be written ({error.strerror})") from None


def _escaped(found: re.Match[str]) -> str:
    char = found.group()
    return json.dumps(char)[1:-1] if unicodedata.category(char) in _UNSAFE else char
