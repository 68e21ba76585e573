"""Genuine files get the state that their publishers state: the table of docs/genuine-files.md, as far as they are here."""

from pathlib import Path

import pytest

import provenance

# Beside the fixtures; the last folder may hold more of them, as PROVENANCE_FIXTURES/genuine says.
EXPECTED = {
    "openai-signed/vinyl-output.png": ("intact", "known", "ai-generated"),
    "genuine-signed/dalle3-*.png": ("intact", "known", "ai-generated"),
    "genuine-signed/gptimage1-*.png": ("intact", "known", "ai-generated"),
    "genuine-signed/gptimage2-*.png": ("intact", "trusted", "ai-generated"),
    "public-testfiles/image/jpeg/truepic-*.jpg": ("partial", "known", "unknown"),
    "public-testfiles/image/jpeg/nikon-*.jpeg": ("intact", "untrusted", "unknown"),
    "public-testfiles/image/jpeg/adobe-20220124-C*.jpg": ("intact", "untrusted", "unknown"),
    "public-testfiles/pdf/adobe-20240110-single_manifest_store.pdf": ("intact", "known", "ai-edited"),
    "reported/jpeg-addresses-without-slash.jpg": ("intact", "untrusted", "ai-generated"),
    "reported/jpeg-app11-numbered-from-0.jpg": ("intact", "untrusted", "ai-generated"),
    "reported/jpeg-signed-ai-without-source-type.jpg": ("intact", "untrusted", "ai-generated"),
    "reported/mp3-manifest-under-older-type.mp3": ("intact", "untrusted", "ai-generated"),
    "reported/jxl-bare-codestream.jxl": ("absent", "none", "unknown"),
    "reported/text-utf16.txt": ("absent", "none", "unknown"),
    "reported/text-latin1.txt": ("absent", "none", "unknown"),
    "reported/tiff-second-directory-without-size.tif": ("absent", "none", "unknown"),
    "reported/avif-without-image-item.avif": ("absent", "none", "unknown"),
}


@pytest.mark.parametrize("pattern", EXPECTED)
def test_a_genuine_file_gets_the_answer_that_its_publisher_gives(
    pattern: str, verifier: provenance.Verifier, fixtures: Path
) -> None:
    found = sorted(fixtures.glob(pattern))
    if not found:
        pytest.skip(f"no {pattern} beside the fixtures")
    for path in found:
        report = verifier.verify(path)
        state, signer, origin = EXPECTED[pattern]
        assert (report.credentials.integrity.state, report.credentials.signer.state) == (state, signer), path
        assert report.conclusion.origin == origin, path
        assert state in ("intact", "absent") or report.conclusion.state == state


def test_one_changed_pixel_of_a_photograph_that_is_partly_signed_gets_another_answer(
    verifier: provenance.Verifier, fixtures: Path
) -> None:
    path = fixtures / "public-testfiles/image/jpeg/truepic-20230212-landscape.jpg"
    if not path.is_file():
        pytest.skip("needs Truepic's public photograph")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    assert verifier.verify(path).credentials.integrity.state == "partial"
    assert verifier.verify(bytes(data)).credentials.integrity.state == "altered"


@pytest.mark.parametrize("data", [b"\xff\xfeh\0i\0\n\0", "caf\xe9 ferm\xe9 aujourd'hui\n".encode("latin-1")])
def test_text_in_another_encoding_is_text(data: bytes) -> None:
    report = provenance.verify(data, sources=["c2pa"])
    assert (report.asset.media_type, report.credentials.integrity.state) == ("text/plain", "absent")


def test_a_movie_from_before_types_were_named_is_a_movie(fixtures: Path) -> None:
    data = (fixtures / "c2pa-rs/c.mov").read_bytes()
    size = int.from_bytes(data[:4], "big")
    assert data[4:8] == b"ftyp"
    report = provenance.verify(data[size:], sources=["c2pa"])
    assert report.asset.media_type == "video/quicktime"
    assert report.credentials.integrity.state == "absent"


def test_an_empty_file_and_a_program_are_called_so() -> None:
    assert provenance.verify(b"").conclusion.state == "empty"
    assert provenance.verify(b"\x7fELF" + bytes(60)).conclusion.state == "program"
