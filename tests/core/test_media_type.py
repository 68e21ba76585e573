"""Media types from content."""

from pathlib import Path

import pytest

from provenance.media_type import SNIFF_LENGTH, UNKNOWN, media_type_of, media_type_of_name, names_agree

REAL = {
    "CA.jpg": "image/jpeg",
    "libpng-test.png": "image/png",
    "sample1.gif": "image/gif",
    "sample1.webp": "image/webp",
    "sample1.avif": "image/avif",
    "sample1.heic": "image/heic",
    "sample1.jxl": "image/jxl",
    "test.tiff": "image/tiff",
    "sample1.svg": "image/svg+xml",
    "basic.pdf": "application/pdf",
    "video1.mp4": "video/mp4",
    "c.mov": "video/quicktime",
    "sample1.m4a": "audio/mp4",
    "sample1.mp3": "audio/mpeg",
    "sample1.wav": "audio/wav",
    "sample1.flac": "audio/flac",
    "test.avi": "video/avi",
    "Purple Square.psd": "image/vnd.adobe.photoshop",
    "bad_path_archive.zip": "application/zip",
    "manifest.json": "application/json",
    "prompt.txt": "text/plain",
    "ocsp_good.data": UNKNOWN,
}


@pytest.mark.parametrize(("name", "expected"), REAL.items())
def test_a_real_file_is_recognised(name: str, expected: str, fixtures: Path) -> None:
    with (fixtures / "c2pa-rs" / name).open("rb") as stream:
        assert media_type_of(stream.read(SNIFF_LENGTH), name) == expected


def test_every_prefix_of_a_real_head_is_harmless(fixtures: Path) -> None:
    for path in (fixtures / "c2pa-rs").glob("*.*"):
        head = path.read_bytes()[:200]
        for length in range(len(head)):
            assert media_type_of(head[:length])


def test_office_and_open_documents_are_told_apart() -> None:
    entry = b"PK\x03\x04" + bytes(22) + b"\x11\0\0\0" + b"word/document.xml"
    assert media_type_of(entry).endswith("wordprocessingml.document")
    name = b"application/epub+zip"
    epub = b"PK\x03\x04" + bytes(14) + len(name).to_bytes(4, "little") + bytes(4) + b"\x08\0\0\0mimetype" + name
    assert media_type_of(epub) == "application/epub+zip"


def test_two_letters_do_not_make_a_text_a_picture_or_a_sound() -> None:
    assert media_type_of(b"BMW builds cars.\n") == "text/plain"
    assert media_type_of(b"ID3 is a tag.\n") == "text/plain"
    assert media_type_of(b"BM" + (1000).to_bytes(4, "little") + bytes(4) + b"\x36\0\0\0") == "image/bmp"
    assert media_type_of(b"ID3\x04\0\0\0\0\0\0") == "audio/mpeg"


def test_a_name_chooses_between_texts_and_nothing_else() -> None:
    assert media_type_of(b"a,b\n1,2\n", "table.csv") == "text/csv"
    assert media_type_of(b"a,b\n1,2\n", "table.jpg") == "text/plain"
    assert media_type_of(b"\xff\xd8\xff\xe0", "table.csv") == "image/jpeg"
    assert media_type_of(b"a\0b", "table.csv") == UNKNOWN


def test_a_text_may_be_cut_inside_its_last_character() -> None:
    text = ("é" * SNIFF_LENGTH).encode()
    assert media_type_of(b"a" + text[: SNIFF_LENGTH - 1]) == "text/plain"
    assert media_type_of(b"a" + text[:101]) == UNKNOWN


def test_names() -> None:
    assert media_type_of_name("a.JPG") == "image/jpeg"
    assert media_type_of_name("README") is None
    assert names_agree("video/quicktime", "video/mp4")
    assert not names_agree("image/jpeg", "image/png")
