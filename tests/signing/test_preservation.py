"""Signing harms nothing in silence: what cannot take a manifest without harm is refused, and what is signed stays valid."""

import ast
import contextlib
import io
import os
import re
import tomllib
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from PIL import Image, ImageSequence

import provenance
from provenance.asset import OpenAsset
from provenance_signing import Signer
from provenance_signing.amendment import amend
from provenance_signing.binding import check_bound
from provenance_signing.credential import Credential
from provenance_signing.errors import FormatError, IngredientError, OutputError
from provenance_signing.preservation import check_after, check_before

from ..core.signing import plain_picture
from .documents import EPUB, FILES, ODT, WORD, document
from .media import MEDIA, media, second_engine_says

REPORTED = "reported"


@pytest.fixture(scope="session")
def captured(credential: Credential) -> Signer:
    return Signer(credential, profile="captured")


def pages(*colours: str, form: str = "TIFF", **options: object) -> bytes:
    """A file of several pages or frames."""
    first, *others = (Image.new("RGB", (64, 48), colour) for colour in colours)
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=others, **options)
    return out.getvalue()


def frames(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        return [each.convert("RGBA").tobytes() for each in ImageSequence.Iterator(image)]


def stands_beside(signer: Signer, path: Path, trusting: provenance.Verifier) -> None:
    """What is refused with the manifest inside is signed with it beside, and stays byte for byte."""
    before = path.read_bytes()
    signer.sign(path, sidecar=True)
    assert path.read_bytes() == before
    assert trusting.verify(path).credentials.integrity.state == "intact"


# Refused with the reason, and signed beside


REFUSED = {
    "two pages": (lambda _: pages("red", "blue"), "a.tif", "several pages"),
    "five pages": (lambda fixtures: (fixtures / "c2pa-rs" / "MultiPage.tif").read_bytes(), "a.tif", "several pages"),
    "a person's signature": (
        lambda fixtures: (fixtures / "c2pa-rs" / "basic-signed.pdf").read_bytes(),
        "a.pdf",
        "somebody's digital signature",
    ),
    "a password": (lambda fixtures: (fixtures / "c2pa-rs" / "basic-password.pdf").read_bytes(), "a.pdf", "a password"),
    "JSON": (lambda _: b'{"a": 1}\n', "a.json", "no place for a manifest"),
    "CSV": (lambda _: b"a,b\n1,2\n", "a.csv", "no place for a manifest"),
    "TSV": (lambda _: b"a\tb\n", "a.tsv", "no place for a manifest"),
    "signed XML": (
        lambda _: b'<a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></a>',
        "a.xml",
        "an XML signature",
    ),
    "bytes behind a WebP": (lambda _: pages("red", form="WEBP") + b"more", "a.webp", "behind its end"),
    "bytes behind a PDF": (
        lambda fixtures: (fixtures / "c2pa-rs" / "basic.pdf").read_bytes() + b"more",
        "a.pdf",
        "behind its end",
    ),
    "a second part of a large AVI": (
        lambda fixtures: (fixtures / "c2pa-rs" / "test.avi").read_bytes() + b"RIFF\x04\0\0\0AVIX",
        "a.avi",
        "behind its end",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_manifest_inside_would_harm_is_refused_and_signed_beside(
    what: str, captured: Signer, trusting: provenance.Verifier, fixtures: Path, tmp_path: Path
) -> None:
    make, name, why = REFUSED[what]
    path = tmp_path / name
    path.write_bytes(make(fixtures))
    with pytest.raises(FormatError, match=f"{why}.*sidecar"):
        captured.sign(path, tmp_path / f"signed-{name}")
    assert [each.name for each in tmp_path.iterdir()] == [name]
    stands_beside(captured, path, trusting)


def test_the_name_of_a_signature_may_be_written_by_numbers(fixtures: Path) -> None:
    signed = (fixtures / "c2pa-rs" / "basic-signed.pdf").read_bytes()
    for name in (b"/ByteRange", b"/Byte#52ange", b"/#42yteRang#65"):
        with pytest.raises(FormatError, match="somebody's digital signature"):
            check_before(OpenAsset(io.BytesIO(signed.replace(b"/ByteRange", name)), name="a.pdf"))


@pytest.mark.parametrize(
    ("media_type", "signature"),
    [(WORD, "_xmlsignatures/origin.sigs"), (ODT, "META-INF/documentsignatures.xml"), (EPUB, "META-INF/signatures.xml")],
)
def test_a_document_that_somebody_signed_is_not_touched(media_type: str, signature: str, captured: Signer) -> None:
    out = io.BytesIO(document(media_type))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(signature, "<signature/>")
    with pytest.raises(FormatError, match="holds a digital signature"):
        captured.sign_bytes(out.getvalue())


@pytest.mark.parametrize("media_type", MEDIA)
def test_a_manifest_beside_is_about_the_file_as_it_is(
    media_type: str, captured: Signer, trusting: provenance.Verifier, fixtures: Path, tmp_path: Path
) -> None:
    path = tmp_path / MEDIA[media_type]
    path.write_bytes(media(media_type, fixtures))
    stands_beside(captured, path, trusting)
    assert [(each.integrity, each.failures) for each in trusting.verify(path).credentials.engines] == [
        ("intact", ())
    ] * 2
    path.write_bytes(changed(path.read_bytes(), path.stat().st_size - 1))
    assert trusting.verify(path).credentials.integrity.state == "altered"


# Signed, and still valid


TEXTS: dict[str, tuple[str, bytes, Callable[[bytes], object]]] = {
    "XML": ("a.xml", b"<a b='1'>text<c/> \n</a>\n", lambda data: (fromstring(data).attrib, fromstring(data)[0].tail)),
    "XML that says so": ("a.xml", b'<?xml version="1.0"?>\n<a>text</a>\n', lambda data: fromstring(data).text),
    "XML with a byte order mark": ("a.xml", "\ufeff<a>text</a>\n".encode(), lambda data: fromstring(data).text),
    "XHTML": (
        "a.xhtml",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body/></html>',
        lambda data: [each.tag for each in fromstring(data).iter()],
    ),
    "SVG": (
        "a.svg",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">\n <rect width="9" height="9"/></svg>',
        lambda data: fromstring(data).attrib,
    ),
    "YAML": ("a.yaml", b"a: 1\nb: |\n  text\n", yaml.safe_load),
    "TOML": ("a.toml", b"a = 1\n[b]\nc = 2\n", lambda data: tomllib.loads(data.decode())),
    "Python": ("a.py", b'"""What it does."""\nimport os\n', lambda data: ast.dump(ast.parse(data))),
    "a script": ("a.py", b"#!/usr/bin/env python3\nprint(1)", lambda data: ast.dump(ast.parse(data))),
}


@pytest.mark.parametrize("what", TEXTS)
def test_text_that_programs_read_means_the_same_to_them(
    what: str, captured: Signer, development: Callable, trusting: provenance.Verifier
) -> None:
    name, content, read = TEXTS[what]
    signed = captured.sign_bytes(content, name=name)
    assert signed != content
    assert read(signed) == read(content)
    report = trusting.verify(signed, name=name)
    assert report.credentials.integrity.state == "intact"
    assert second_engine_says(signed, report.asset.media_type, development().root) == "Trusted"


MARKDOWN = {
    "a title": "# A\n\ntext\n",
    "an open fence": "text\n\n```\ncode\n",
    "a list": "- one\n- two",
    "windows": "# A\r\n\r\ntext\r\n",
    "an indented start": "    code\n\ntext\n",
    "a link": "[a]: https://example.org\n\n[a]\n",
    "a byte order mark": "\ufefftext\n",
    "a line across the page": "---\n\n# A\n\ntext\n",
    "two lines across the page": "---\n\n# A\n\n---\n",
}


@pytest.mark.parametrize("what", MARKDOWN)
def test_a_reader_of_markdown_sees_what_it_saw(what: str, captured: Signer, development: Callable) -> None:
    content = MARKDOWN[what]
    signed = captured.sign_bytes(content.encode(), name="a.md")
    assert second_engine_says(signed, "text/markdown", development().root) == "Trusted"
    shown = MarkdownIt("commonmark").render(signed.decode().removeprefix("\ufeff"))
    comment, end, rest = shown.partition("-->\n")
    assert end
    assert comment.startswith("<!-- ")
    assert rest == MarkdownIt("commonmark").render(content.removeprefix("\ufeff"))


@pytest.mark.parametrize(("mark", "read"), [("---", yaml.safe_load), ("+++", tomllib.loads)])
def test_metadata_in_front_of_markdown_stays_there(
    mark: str, read: Callable, captured: Signer, development: Callable
) -> None:
    metadata = "title: A\n" if mark == "---" else 'title = "A"\n'
    content = f"{mark}\n{metadata}{mark}\n\n# A\n"
    signed = captured.sign_bytes(content.encode(), name="a.md")
    _, front, rest = re.split(rf"^{re.escape(mark)}\n", signed.decode(), maxsplit=2, flags=re.MULTILINE)
    assert (read(front), rest) == ({"title": "A"}, "\n# A\n")
    assert second_engine_says(signed, "text/markdown", development().root) == "Trusted"


def test_the_encoding_of_a_style_sheet_comes_first(captured: Signer, trusting: provenance.Verifier) -> None:
    signed = captured.sign_bytes(b'@charset "utf-8";\na { color: red }', name="a.css")
    assert signed.startswith(b'@charset "utf-8";\na { color: red }\n/* ')
    assert trusting.verify(signed, name="a.css").credentials.integrity.state == "intact"


def test_a_text_about_manifests_is_not_cut(captured: Signer) -> None:
    for reference in ("ftp://example.org/a.c2pa", "...", ""):
        content = f"# How to\n\n    -----BEGIN C2PA MANIFEST----- {reference} -----END C2PA MANIFEST-----\n"
        with pytest.raises(FormatError, match="has a manifest that"):
            captured.sign_bytes(content.encode(), name="a.md")


def test_a_text_that_was_signed_in_another_way_loses_nothing(
    captured: Signer, credential: Credential, trusting: provenance.Verifier
) -> None:
    """A block in a line of its own gives way to the new one; one that shares its line with content is not cut out."""
    signed = captured.sign_bytes(b"a { color: red }\n", name="a.css")
    again = Signer(credential, profile="published").sign_bytes(signed, name="a.css")
    assert again.endswith(b"*/\na { color: red }\n")
    assert again.count(b"BEGIN C2PA") == 1
    joined = signed.replace(b"*/\na", b"*/ a")
    with pytest.raises((FormatError, OutputError, IngredientError)):
        Signer(credential, profile="published").sign_bytes(joined, name="a.css")


def test_other_boxes_of_a_jpeg_stay(captured: Signer) -> None:
    other = b"jumb" + (25).to_bytes(4, "big") + b"jumd" + bytes(16) + b"\0"
    payload = b"JP\0\x07\0\0\0\1" + (len(other) + 4).to_bytes(4, "big") + other
    segment = b"\xff\xeb" + (2 + len(payload)).to_bytes(2, "big") + payload
    picture = plain_picture("red")
    assert segment in captured.sign_bytes(picture[:2] + segment + picture[2:], name="a.jpg")
    before = OpenAsset(io.BytesIO(picture[:2] + segment + picture[2:]), name="a.jpg")
    with pytest.raises(OutputError, match="signing would harm it"):
        check_after(before, OpenAsset(io.BytesIO(picture), name="a.jpg"))


@pytest.mark.parametrize("url", ["https://example.org/a--b.c2pa", "https://example.org/a?>b", "https://example.org/*/"])
def test_an_address_that_ends_a_comment_is_refused(url: str, captured: Signer, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot stand in a comment"):
        captured.sign(b"<a/>", tmp_path / "a.xml", name="a.xml", remote_url=url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html><!-- <head></head> --><body>a</body></html>",
        "<!DOCTYPE html><html><script>x = '<head></head>'</script><body>a</body></html>",
    ],
)
def test_a_manifest_is_not_put_into_a_comment_or_a_script(page: str, captured: Signer) -> None:
    with pytest.raises(
        (FormatError, OutputError), match="inside a comment or a script|no manifest can be put|could not be read back"
    ):
        captured.sign_bytes(page.encode(), name="a.html")


@pytest.mark.parametrize(
    ("form", "name"), [("GIF", "a.gif"), ("WEBP", "a.webp"), ("PNG", "a.png"), ("AVIF", "a.avif"), ("MPO", "a.jpg")]
)
def test_every_frame_is_the_same(form: str, name: str, captured: Signer) -> None:
    before = pages("red", "green", "blue", form=form)
    after = captured.sign_bytes(before, name=name)
    assert len(frames(before)) == 3
    assert frames(after) == frames(before)


@pytest.mark.parametrize("media_type", [WORD, EPUB, ODT])
def test_all_files_of_a_document_stay_as_they_are(media_type: str, captured: Signer) -> None:
    before = document(media_type)
    after = captured.sign_bytes(before)
    with zipfile.ZipFile(io.BytesIO(before)) as first, zipfile.ZipFile(io.BytesIO(after)) as second:
        assert second.testzip() is None
        assert {name: second.read(name) for name in first.namelist()} == {
            name: first.read(name) for name in first.namelist()
        }
        if media_type == EPUB:
            first_file = min(second.infolist(), key=lambda each: each.header_offset)
            assert (first_file.filename, first_file.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert set(FILES[media_type]) <= set(zipfile.ZipFile(io.BytesIO(after)).namelist())


# What the comparison finds, where an engine would do harm


def changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


HARM: dict[str, tuple[str, bytes, Callable[[bytes], bytes]]] = {
    "a page less": ("a.gif", pages("red", "blue", form="GIF"), lambda _: pages("red", form="GIF")),
    "a page more": (
        "a.tif",
        pages("red"),
        lambda _: pages("red", "blue"),
    ),
    "a header of another size": (
        "a.webp",
        pages("red", "blue", form="WEBP"),
        lambda data: changed(data, data.index(b"VP8X") + 12),
    ),
    "another colour": ("a.webp", pages("red", form="WEBP"), lambda _: pages("blue", form="WEBP")),
    "a JPEG's picture": ("a.jpg", plain_picture("red"), lambda data: changed(data, len(data) - 8)),
    "a JPEG's tables": ("a.jpg", plain_picture("red"), lambda data: changed(data, data.index(b"\xff\xdb") + 20)),
    "a PNG's picture": ("a.png", pages("red", form="PNG"), lambda data: changed(data, data.index(b"IDAT") + 8)),
    "what is behind a PNG": ("a.png", pages("red", form="PNG") + b"more", lambda data: data[:-4]),
    "an AVIF's picture": ("a.avif", pages("red", form="AVIF"), lambda data: changed(data, len(data) - 4)),
    "XML": ("a.xml", b"<a>b</a>", lambda _: b"<!-- -- --><a>b</a>"),
    "XML's text": ("a.xml", b"<a>b</a>", lambda _: b"<a>c</a>"),
    "TOML": ("a.toml", b"a = 1\n", lambda data: data + b"b = 2\n"),
    "Python": ("a.py", b"a = 1\n", lambda data: b"data:\n" + data),
    "a document's file": (
        "a.docx",
        document(WORD),
        lambda _: document(EPUB),
    ),
}


@pytest.mark.parametrize("what", HARM)
def test_harm_is_found(what: str) -> None:
    name, data, harm = HARM[what]
    source, same, harmed = (OpenAsset(io.BytesIO(each), name=name) for each in (data, data, harm(data)))
    harmed.media_type = source.media_type
    check_after(source, same)
    with pytest.raises(OutputError, match="signing would harm it"):
        check_after(source, harmed)


def test_the_pictures_behind_the_first_are_found_by_the_same_index() -> None:
    data = pages("red", "blue", form="MPO")
    second = data.index(b"\xff\xd8\xff", 4)
    moved = data[:second] + b"\0\0\0\0" + data[second:]
    before, after = OpenAsset(io.BytesIO(data), name="a.jpg"), OpenAsset(io.BytesIO(moved), name="a.jpg")
    with pytest.raises(OutputError, match="signing would harm it"):
        check_after(before, after)


def test_the_fields_of_a_tag_and_the_sound_stay(captured: Signer, fixtures: Path) -> None:
    signed = captured.sign_bytes((fixtures / "c2pa-rs" / "sample1.mp3").read_bytes(), name="a.mp3")
    before = OpenAsset(io.BytesIO((fixtures / "c2pa-rs" / "sample1.mp3").read_bytes()), name="a.mp3")
    for harm in (signed.replace(b"TSSE", b"TSSX", 1), changed(signed, len(signed) - 100)):
        with pytest.raises(OutputError, match="signing would harm it"):
            check_after(before, OpenAsset(io.BytesIO(harm), name="a.mp3"))


def test_a_picture_too_large_to_be_compared_is_said(captured: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    from provenance_signing import limits

    monkeypatch.setattr(limits, "MAX_COMPARED_PIXELS", 64 * 48)
    assert "sign.not_compared" in {each.key for each in captured.sign(pages("red", "blue", form="GIF")).remarks}
    assert "sign.not_compared" not in {each.key for each in captured.sign(pages("red", form="GIF")).remarks}


DAMAGED = {
    "a.tif": pages("red"),
    "big.tif": b"II+\0\x08\0\0\0" + b"\xff" * 24,
    "a.jpg": plain_picture("red"),
    "a.png": pages("red", form="PNG"),
    "a.gif": pages("red", "blue", form="GIF"),
    "a.webp": pages("red", "blue", form="WEBP"),
    "a.avif": pages("red", form="AVIF"),
    "a.xml": b"<a b='1'>text<c/></a>",
    "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>',
    "a.html": b"<html><head></head><body>a</body></html>",
    "a.py": b"a = 1\n",
    "a.toml": b"a = 1\n",
    "a.docx": document(WORD),
    "a.mp3": b"ID3\x03\0\0\0\0\0\x20TIT2\0\0\0\x05\0\0\0Text" + b"\xff\xfb\x90\x44" * 20,
    "a.pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damage_is_refused_or_survived_and_never_raises(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DAMAGED)))
    content = bytearray(DAMAGED[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, min(len(content) - 1, 600)))
        content[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, content[at] ^ 1]))
    content = content[: data.draw(st.integers(1, len(content)))]
    for before, after in ((DAMAGED[name], content), (content, DAMAGED[name]), (content, content)):
        source, signed = (OpenAsset(io.BytesIO(bytes(each)), name=name) for each in (before, after))
        source.media_type = signed.media_type = OpenAsset(io.BytesIO(DAMAGED[name]), name=name).media_type
        for check in (
            partial(check_before, source),
            partial(check_bound, source),
            partial(check_after, source, signed),
        ):
            with contextlib.suppress(FormatError, OutputError):
                check()


# A file name that is no Unicode


def test_a_file_whose_name_is_no_unicode_is_signed(
    captured: Signer, credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    path, out = tmp_path / os.fsdecode(b"caf\xe9.png"), tmp_path / os.fsdecode(b"sign\xe9.png")
    path.write_bytes(pages("red", form="PNG"))
    captured.sign(path, out)
    amended = amend(out, credential=credential, permission="allowed").data
    published = Signer(credential, profile="published").sign(out).data
    for data, title in ((out.read_bytes(), "caf?.png"), (amended, "sign?.png"), (published, "sign?.png")):
        assert data is not None
        report = trusting.verify(data)
        assert report.credentials.integrity.state == "intact"
        assert report.credentials.history.steps[0].title == title
