"""What the tests of detectors share."""

import os
from pathlib import Path

import pytest

FIXTURES = Path(os.environ.get("PROVENANCE_FIXTURES", Path(__file__).parents[3] / "shared" / "fixtures"))


@pytest.fixture(scope="session")
def fuzzed() -> list[bytes]:
    """Images that a fuzzer damaged."""
    folder = FIXTURES / "fuzzed-images"
    if not folder.is_dir():
        pytest.skip("the fuzzed images of drewnoakes/metadata-extractor-images are not here: set PROVENANCE_FIXTURES")
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="session")
def signed_ai() -> bytes:
    """A picture whose signed record says that AI made it."""
    return (SAMPLES / "signed-ai.jpg").read_bytes()


@pytest.fixture(scope="session")
def altered() -> bytes:
    """A picture that was changed after it was signed."""
    return (SAMPLES / "altered-after-signing.jpg").read_bytes()


@pytest.fixture(scope="session")
def sample_root() -> bytes:
    """The authority of the samples."""
    return (SAMPLES / "sample-root.pem").read_bytes()
