"""What all tests share: the real files beside the project, a warm verifier, and a running service."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import provenance

PROJECT = Path(__file__).parent.parent
SAMPLES = PROJECT / "samples"
# The lists of whoever runs the tests must not change what they find; the tests' own processes inherit this.
os.environ["PROVENANCE_TRUST"] = str(PROJECT / "no-such-folder")
FIXTURES = Path(os.environ.get("PROVENANCE_FIXTURES", PROJECT.parent / "shared" / "fixtures"))


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def fixtures() -> Path:
    if not FIXTURES.is_dir():
        pytest.skip(f"the public test files are not at {FIXTURES}; set PROVENANCE_FIXTURES")
    return FIXTURES


@pytest.fixture(scope="session")
def verifier() -> provenance.Verifier:
    return provenance.Verifier()


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The address of a real service, started by the real command."""
    command = [sys.executable, "-m", "provenance.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Serving on http://127.0.0.1:"), line
        yield line.removeprefix("Serving on ").strip()
        process.terminate()
        assert process.wait(timeout=30) == 0
