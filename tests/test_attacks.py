"""Attacks by name: files and manifests made to crash, to mislead or to exhaust whoever reads them.

Each goes through the command, in a process of its own: a crash of native code would be seen, and memory is measured.
"""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import c2pa_text
import cbor2
import pytest

import provenance
from provenance import limits
from provenance.render.html import render_html

from .core.signing import Authority, created, manifest, picture
from .core.writer import LABEL, MANIFEST, STORE, assertion, box, claim_of, store_of, superbox
from .measured_command import MEMORY_LIMIT_KIB, run

pytestmark = pytest.mark.slow


def store_with(claim: bytes, *assertions: bytes, signature: bytes = b"\xd2\x84\x40\xa0\xf6\x40") -> bytes:
    return store_of(claim, signature, *assertions)


def claim_naming(*labels: str) -> bytes:
    """A claim as it should be, that refers to assertions with these labels, whatever they hold."""
    return claim_of({label: bytes(16) for label in labels})


def nested(levels: int) -> bytes:
    content = b""
    for _ in range(levels):
        content = superbox(MANIFEST, "a", content)
        if len(content) > 4 * limits.MIB:
            break
    return superbox(STORE, "c2pa", content)


ATTACKS: dict[str, Callable[[], bytes]] = {
    "jumbf-empty-store": lambda: superbox(STORE, "c2pa"),
    "jumbf-box-longer-than-the-store": lambda: b"\x7f\xff\xff\xff" + store_with(claim_naming())[4:],
    "jumbf-box-of-size-one-without-a-long-size": lambda: b"\0\0\0\x01" + store_with(claim_naming())[4:],
    "jumbf-long-size-of-nearly-two-to-the-64": lambda: b"\0\0\0\x01jumb" + b"\xff" * 8 + store_with(claim_naming())[8:],
    "jumbf-box-shorter-than-its-header": lambda: b"\0\0\0\x04" + store_with(claim_naming())[4:],
    "jumbf-label-without-an-end": lambda: box(b"jumb", box(b"jumd", b"c2pa" + bytes(12) + b"\x03" + b"c" * 50_000)),
    "jumbf-nested-2000-deep": lambda: nested(2_000),
    "jumbf-two-manifests-of-one-name": lambda: superbox(
        STORE, "c2pa", *[store_with(claim_naming())[38:] for _ in range(2)]
    ),
    "cbor-array-nested-100000-deep": lambda: store_with(b"\x81" * 100_000 + b"\x00"),
    "cbor-map-nested-100000-deep": lambda: store_with(b"\xa1\x00" * 100_000 + b"\x00"),
    "cbor-tags-nested-100000-deep": lambda: store_with(b"\xc1" * 100_000 + b"\x00"),
    "cbor-array-that-claims-two-to-the-63-items": lambda: store_with(b"\x9b\x7f" + b"\xff" * 7),
    "cbor-text-that-claims-an-exabyte": lambda: store_with(b"\x7b\x10" + bytes(7)),
    "cbor-array-without-an-end": lambda: store_with(b"\x9f" * 50_000),
    "cbor-claim-that-is-a-number": lambda: store_with(b"\x00"),
    "cbor-assertion-nested-100000-deep": lambda: store_with(
        claim_naming("c2pa.actions.v2"), assertion("c2pa.actions.v2", b"\x81" * 100_000 + b"\x00")
    ),
    "cose-signature-nested-100000-deep": lambda: store_with(claim_naming(), signature=b"\xd2\x84" + b"\x81" * 100_000),
    "cose-protected-header-nested-100000-deep": lambda: store_with(
        claim_naming(), signature=b"\xd2" + cbor2.dumps([b"\x81" * 100_000, {}, None, bytes(64)])
    ),
    "cose-chain-of-1000-certificates": lambda: store_with(
        claim_naming(),
        signature=b"\xd2" + cbor2.dumps([cbor2.dumps({1: -7, 33: [bytes(700)] * 1_000}), {}, None, bytes(64)]),
    ),
    "claim-with-20000-assertions": lambda: store_with(claim_naming(*[f"a{number}" for number in range(20_000)])),
    "manifest-larger-than-its-file": lambda: store_with(claim_naming(), assertion("big", bytes(8 * limits.MIB))),
    "ingredient-that-is-its-own-parent": lambda: store_with(
        claim_naming("c2pa.ingredient.v3"),
        assertion(
            "c2pa.ingredient.v3",
            cbor2.dumps(
                {
                    "relationship": "parentOf",
                    "activeManifest": {"url": f"self#jumbf=/c2pa/{LABEL}", "hash": bytes(32)},
                }
            ),
        ),
    ),
}


def page_with(store: bytes) -> bytes:
    return c2pa_text.embed_html_inline("<!DOCTYPE html><html><head></head><body>a</body></html>", store).html.encode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_manifest_made_to_harm_gets_an_answer(attack: str, tmp_path: Path) -> None:
    """Given beside a picture, where both engines read it, and inside a page, where the second finds it."""
    store = ATTACKS[attack]()
    photo, page = tmp_path / "photo.jpg", tmp_path / "page.html"
    photo.write_bytes(picture())
    (tmp_path / "photo.c2pa").write_bytes(store)
    page.write_bytes(page_with(store))
    code, output, errors, peak = run("verify", "--json", str(photo), str(page))
    reports = [json.loads(line) for line in output.splitlines()]
    assert len(reports) == 2, errors
    assert code in (1, 3)
    for report in reports:
        assert report["conclusion"]["assurance"] == "none"
        assert report["credentials"]["integrity"]["state"] in ("broken", "altered", "unreadable")
    assert peak < MEMORY_LIMIT_KIB


FILES: dict[str, Callable[[Path], bytes]] = {
    "boxes-nested-1000-deep.mp4": lambda fixtures: (fixtures / "c2pa-rs/nested_moov_1000.mp4").read_bytes(),
    "chunks-nested-1000-deep.wav": lambda fixtures: (fixtures / "c2pa-rs/riff_bomb_1000.wav").read_bytes(),
    "path-traversal.zip": lambda fixtures: (fixtures / "c2pa-rs/bad_path_archive.zip").read_bytes(),
    "zip-bomb.docx": lambda _: zipped({"word/document.xml": bytes(200 * limits.MIB)}),
    "zip-bomb-as-manifest.docx": lambda _: zipped({"META-INF/content_credential.c2pa": bytes(200 * limits.MIB)}),
    "path-traversal.docx": lambda _: zipped({"../../../../tmp/provenance-was-here": b"x", "/etc/x": b"x"}),
    "many-entries.zip": lambda _: zipped({f"{number}.txt": b"" for number in range(60_000)}),
    "entity-bomb.svg": lambda _: ENTITY_BOMB % (b"svg", b"svg"),
    "entity-bomb.xml": lambda _: ENTITY_BOMB % (b"a", b"a"),
    "external-entity.svg": lambda _: (
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>&a;</metadata></svg>'
    ),
    "elements-nested-100000-deep.svg": lambda _: b"<svg>" + b"<g>" * 100_000,
    "manifest-without-an-end.svg": lambda _: (
        b'<svg xmlns:c2pa="http://c2pa.org/manifest"><metadata><c2pa:manifest>' + b"A" * (8 * limits.MIB)
    ),
    "delimiters-100000-times.py": lambda _: b"# -----BEGIN C2PA MANIFEST-----\n" * 100_000,
    "wrapper-that-claims-too-much.txt": lambda _: c2pa_text.encode_wrapper(b"x" * 100)[:60].encode() * 2_000,
    "script-tags-100000-times.html": lambda _: (
        b"<!DOCTYPE html><html><head>" + b'<script type="application/c2pa">' * 100_000
    ),
    "font-table-beyond-its-file.ttf": lambda _: (
        struct.pack(">4sHHHH4sIII", b"\0\1\0\0", 1, 16, 0, 0, b"C2PA", 0, 2**31, 2**31) + bytes(64)
    ),
    "fill-bytes-before-the-record.jpg": lambda _: filled(b"\xff"),
    "no-markers-before-the-record.jpg": lambda _: filled(b"\xff\x00"),
    "markers-of-nothing-before-the-record.jpg": lambda _: filled(b"\xff\x01"),
    "starts-before-the-record.jpg": lambda _: filled(b"\xff\xd8"),
    "manifest-of-9000-assertions.jpg": lambda _: with_many_assertions(9_000),
    "page-of-empty-segments.ogg": lambda _: (b"OggS" + bytes(22) + b"\xff" + bytes(255)) * 10_000,
}


def filled(pattern: bytes) -> bytes:
    """57 MiB of what a reader may keep piece by piece, in front of a JPEG's record."""
    signed = Authority().issue("News Desk").sign(picture(), manifest(created("digitalCapture")))
    return signed[:2] + pattern * (57 * limits.MIB // len(pattern)) + signed[2:]


def with_many_assertions(count: int) -> bytes:
    """A small record of so many assertions that an engine takes time by the square of their number."""
    boxes = {label: assertion(label, b"\xa0") for label in (f"org.example.a{number}" for number in range(count))}
    store = store_of(claim_of(boxes), b"\xd2\x84\x40\xa0\xf6\x40", *boxes.values())
    parts = [store[:8] + store[at : at + 60_000] for at in range(8, len(store), 60_000)]
    run_of = [
        b"\xff\xeb" + struct.pack(">H2sHI", len(part) + 10, b"JP", 1, number) + part
        for number, part in enumerate(parts, 1)
    ]
    return picture()[:2] + b"".join(run_of) + picture()[2:]


ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE %b [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><%b>&m;</a>"
)


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", '<Override ContentType="application/vnd.ms-word.document.main+xml"/>')
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("attack", FILES)
def test_a_file_made_to_harm_gets_an_answer(attack: str, tmp_path: Path, fixtures: Path) -> None:
    path = tmp_path / attack
    path.write_bytes(FILES[attack](fixtures))
    code, output, errors, peak = run("verify", "--json", str(path))
    assert code in (0, 1, 3), errors
    assert json.loads(output)["conclusion"]["assurance"] == "none"
    assert peak < MEMORY_LIMIT_KIB
    assert not Path("/tmp/provenance-was-here").exists()


def test_an_ingredient_two_thousand_times_over_is_cut_and_said(tmp_path: Path) -> None:
    authority = Authority()
    ingredients = [({"title": f"{number}.jpg", "relationship": "componentOf"}, b"x") for number in range(2_000)]
    signed = authority.issue("News Desk").sign(picture(), manifest(created("digitalCapture")), ingredients=ingredients)
    path = tmp_path / "many.jpg"
    path.write_bytes(signed)
    code, output, _, peak = run("verify", "--json", str(path))
    report = json.loads(output)
    assert code == 0
    assert report["credentials"]["integrity"]["state"] == "intact"
    assert len(report["credentials"]["history"]["steps"]) == limits.MAX_HISTORY_STEPS
    assert report["credentials"]["history"]["truncated"]
    assert report["conclusion"]["origin"] == "unknown"  # what was cut off could say anything
    assert peak < MEMORY_LIMIT_KIB


@pytest.mark.parametrize("year", [1, 1969, 2026, 9999])
def test_absurd_dates_get_an_answer(year: int) -> None:
    """A certificate that is valid for eight thousand years, judged in the year one and in the year 9999."""
    authority = Authority()
    validity = {"since": datetime(1970, 1, 1, tzinfo=UTC), "until": datetime(9999, 6, 30, tzinfo=UTC)}
    signed = authority.issue("News Desk", **validity).sign(picture(), manifest(created("digitalCapture")))
    report = provenance.Verifier(trust=authority.pem, at=datetime(year, 12, 31, tzinfo=UTC)).verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.not_yet_valid == (year < 1970)
    assert report.credentials.signer.expired == (year != 2026)
    assert report.conclusion.assurance == ("verified" if year == 2026 else "attested")


def test_a_certificate_named_with_control_characters_breaks_neither_terminal_nor_page(tmp_path: Path) -> None:
    name = "News\x1b[2J\x1b]0;owned\x07\r\nDesk\u202egpj\u2066<script>alert(1)</script>"
    signed = Authority().issue(name).sign(picture(), manifest(created("digitalCapture"), title=name))
    path = tmp_path / "named.jpg"
    path.write_bytes(signed)
    _, output, _, _ = run("verify", str(path))
    assert "gpj" in output
    page = render_html(provenance.verify(path))
    for text in (output, page):
        assert not any(char in text for char in "\x1b\x07\u202e\u2066")
    assert "<script>" not in page
