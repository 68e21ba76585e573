"""Opening what somebody hands over: paths, bytes, streams, and things that are no files."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import provenance
from provenance import limits
from provenance.asset import open_asset

from .memory import PRINT_OWN_PEAK

CONTENT = b"\x89PNG\r\n\x1a\n" + bytes(300_000)


class OneWay(io.RawIOBase):
    """A stream that cannot seek, such as a socket."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._inner.readinto(buffer)


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "bytearray", "memoryview", "file", "bytesio", "one-way"])
def test_every_kind_of_input_gives_the_same_asset(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(CONTENT)
    with path.open("rb") as stream:
        source = {
            "path": path,
            "text": str(path),
            "bytes": CONTENT,
            "bytearray": bytearray(CONTENT),
            "memoryview": memoryview(CONTENT),
            "file": stream,
            "bytesio": io.BytesIO(CONTENT),
            "one-way": OneWay(CONTENT),
        }[kind]
        asset = provenance.verify(source).asset
    assert asset.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (asset.size, asset.media_type) == (len(CONTENT), "image/png")
    assert asset.name == ("picture.png" if kind in ("path", "text", "file") else None)


def test_the_callers_stream_stays_open() -> None:
    stream = io.BytesIO(CONTENT)
    provenance.verify(stream)
    assert not stream.closed


def test_an_endless_stream_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(OneWay):
        def readinto(self, buffer) -> int:
            return len(buffer)

    monkeypatch.setattr(limits, "MAX_STREAM_SIZE", 10 * limits.MIB)
    with pytest.raises(provenance.AssetError, match="larger than"):
        provenance.verify(Endless(b""))


def test_a_text_stream_or_a_number_is_misuse() -> None:
    with pytest.raises(TypeError, match="path, bytes or a binary file"):
        provenance.verify(42)  # type: ignore[arg-type]


def test_what_is_no_file_is_a_clear_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path, "a folder"),
        (tmp_path / "pipe", "a pipe or device"),
        (Path("/dev/zero"), "a pipe or device"),
        (tmp_path / "gone", "no such file"),
        (tmp_path / ("x" * 300), "cannot be opened"),
        ("nul\0byte", "cannot be opened"),
    ):
        with pytest.raises(provenance.AssetError, match=words):
            provenance.verify(path)


def test_a_name_that_misleads_is_a_remark_and_the_content_decides(samples: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "photo.jpg"
    disguised.write_bytes((samples / "declared-ai.png").read_bytes())
    report = provenance.verify(disguised)
    assert report.asset.media_type == "image/png"
    assert "remark.name_misleads" in {remark.key for remark in report.remarks}
    assert report.conclusion.origin == "ai-generated"


def test_a_signed_png_called_jpg_is_verified_as_png(fixtures: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "photo.jpg"
    disguised.write_bytes((fixtures / "openai-signed/vinyl-output.png").read_bytes())
    report = provenance.verify(disguised)
    assert report.credentials.integrity.state == "intact"
    assert "remark.name_misleads" in {remark.key for remark in report.remarks}


def test_a_large_file_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as stream:
        stream.truncate(600 * limits.MIB)
    script = (
        "import sys; from provenance.asset import open_asset\n"
        "with open_asset(sys.argv[1]) as asset: asset.sha256()\n" + PRINT_OWN_PEAK
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200 * 1024


def test_the_name_from_a_stream_is_only_its_last_part(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(CONTENT)
    with (tmp_path / "a.png").open("rb") as stream, open_asset(stream) as asset:
        assert asset.name == "a.png"


@pytest.mark.parametrize("held", [True, False])
def test_behind_the_end_of_any_file_there_is_nothing(tmp_path: Path, held: bool) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"content")
    with open_asset(path if held else path.open("rb")) as asset:
        assert asset.read_at(1 << 64, 4) == asset.view_at(1 << 64, 4) == b""
        assert asset.read_at(6, 1 << 40) == b"t"
