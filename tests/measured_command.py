"""The command in a process whose memory is measured."""

import subprocess
import sys

from .patience import PATIENCE

# The whole process: Python, the engine, and a file that may be a gigabyte.
MEMORY_LIMIT_KIB = 500 * 1024


_MEASURE = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "provenance.cli", *sys.argv[1:]])
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def run(*arguments: str) -> tuple[int, str, str, int]:
    """Exit code, output, errors and peak memory in KiB of the command."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    errors, _, peak = done.stderr.rpartition("peak ")
    assert "Traceback" not in errors, errors
    return done.returncode, done.stdout, errors, int(peak)
