"""The files that the growth of cost is measured with, and what keeps that growth down."""

import io
from pathlib import Path

import pytest

import provenance
from provenance import limits
from provenance_benchmarks.signed_files import BenchmarkSigner


class Recording(io.BytesIO):
    """A file that keeps how much was asked of it at once."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.largest = max(self.largest, -1 if size is None else size)
        return super().read(size)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("growth") / "video.mp4"
    BenchmarkSigner().video(3 * limits.MIB, path)
    return path


def test_the_video_is_one_that_both_engines_find_intact(video: Path) -> None:
    report = provenance.verify(video)
    assert report.asset.media_type == "video/mp4"
    assert [engine.integrity for engine in report.credentials.engines] == ["intact", "intact"]


def test_the_engine_reads_a_video_in_pieces_however_large_its_boxes_are(video: Path) -> None:
    file = Recording(video.read_bytes())
    verifier = provenance.Verifier(second_engine=False, sources=["c2pa"])
    assert verifier.verify(file).credentials.integrity.state == "intact"
    assert 0 < file.largest <= limits.MIB  # the SHA-256 of the file is taken by the mebibyte


def test_each_manifest_of_a_chain_is_the_parent_of_the_next() -> None:
    ((one, _), (three, chain)) = BenchmarkSigner().chains(1, 3)
    assert (one, three) == (1, 3)
    history = provenance.verify(chain).credentials.history
    assert (history.state, [step.relationship for step in history.steps]) == ("intact", [None, "parentOf", "parentOf"])
