"""What all tests share: the real files beside the project, a warm verifier, and a running service."""

import os
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import provenance

from .patience import PATIENCE

_SUMMARY = pytest.StashKey[Counter[str]]()

PROJECT = Path(__file__).parent.parent
SAMPLES = PROJECT / "samples"
# The lists of whoever runs the tests must not change what they find; the tests' own processes inherit this.
os.environ["PROVENANCE_FOLDER"] = tempfile.mkdtemp(prefix="provenance-tests-")
os.environ["PROVENANCE_TRUST"] = str(PROJECT / "no-such-folder")
# Libraries for sums start a thread for each core in every process, and let them spin; here each process has about one core.
os.environ.setdefault("OMP_NUM_THREADS", "1")
FIXTURES = Path(os.environ.get("PROVENANCE_FIXTURES", PROJECT.parent / "shared" / "fixtures"))


# What a test with one of these starts takes longer than the test.
SLOW = {
    "ask",
    "service",
    "small_service",
    "start",
    "start_once",
    "fetching",
    "desk",
    "postgres",
    "s3",
    "backend",
    "browser",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and not SLOW.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.slow)


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
def without_detectors() -> provenance.Verifier:
    """For what is asked of hundreds of files, and not about estimates: these take most of the time."""
    return provenance.Verifier(sources=["c2pa", "metadata"])


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
        assert process.wait(timeout=PATIENCE) == 0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server at a port of four digits, so that its address fits where the file's own stands."""
    for port in range(5001, 9999):
        try:
            server = socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
        with server:
            server.settimeout(0.5)
            yield server
        return


@pytest.fixture
def calling_file(listener: socket.socket, fixtures: Path, tmp_path: Path) -> Path:
    """A PNG whose XMP says that its manifest is at the listener."""
    original = (fixtures / "c2pa-rs/libpng-test_with_url.png").read_bytes()
    port = str(listener.getsockname()[1]).encode()
    changed = original.replace(b"http://localhost:5000/", b"http://localhost:%s/" % port)
    assert changed != original
    path = tmp_path / "calling.png"
    path.write_bytes(changed)
    return path


@pytest.fixture(scope="session")
def summary(request: pytest.FixtureRequest) -> Counter[str]:
    """Figures that are printed when all tests have run."""
    return request.config.stash.setdefault(_SUMMARY, Counter())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash.get(_SUMMARY, None)
    if figures:
        terminalreporter.section("figures")
        for name, count in sorted(figures.items()):
            terminalreporter.write_line(f"{count:6} {name}")
