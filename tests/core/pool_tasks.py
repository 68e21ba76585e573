"""Tasks for worker processes of the tests."""

import os
import subprocess
import sys
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
    """Writes a temporary file, and starts a program that does so too and does not end."""
    file, kept = tempfile.mkstemp()
    os.close(file)
    code = "import os, tempfile, time; print(os.getpid(), tempfile.mkstemp()[1], flush=True); time.sleep(1e6)"
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    note.with_suffix(".new").write_text(f"{kept} {program.stdout.readline()}")
    note.with_suffix(".new").rename(note)
    time.sleep(2 * PATIENCE)
