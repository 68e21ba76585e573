"""The command, as a person runs it."""

import os
import subprocess
import sys
from pathlib import Path

from ..patience import PATIENCE


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "provenance.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=cwd,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done
