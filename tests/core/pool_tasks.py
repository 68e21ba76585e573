"""Tasks for worker processes of the tests."""

import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from ..patience import PATIENCE


def counter() -> list[int]:
    return []


def count(counted: list[int]) -> tuple[int, int]:
    """Which process this is, and its how manieth task this is."""
    counted.append(1)
    return os.getpid(), len(counted)


def sleep(_: object) -> None:
    time.sleep(2 * PATIENCE)


def end_by_itself(_: object) -> None:
    os._exit(7)


def use_all_memory(_: object) -> None:
    raise MemoryError


def refuse(_: object) -> None:
    raise ValueError("no")


class OddError(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)


def refuse_oddly(_: object) -> None:
    raise OddError("first", "second")


def answer_with_what_cannot_travel(_: object) -> object:
    return threading.Lock()


def write_and_start_a_program(note: Path, _: object) -> None:
    """Makes a temporary file and a folder, and starts a program that does not end."""
    file, path = tempfile.mkstemp()
    os.close(file)
    folder = tempfile.mkdtemp()
    Path(folder, "copy").write_bytes(b"secret")
    program = subprocess.Popen(["sleep", "100000"])
    note.with_suffix(".new").write_text(f"{path} {folder} {program.pid}")
    note.with_suffix(".new").rename(note)
    time.sleep(2 * PATIENCE)
