"""Every format of `docs/formats.md`, read from a signed example by the engines that it names."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import c2pa_text
import pytest

import provenance
from provenance.sources.c2pa.formats import Format, formats

from .assets import BY_HAND, UNSIGNED
from .embedding import sign_embedded
from .signing import Authority, created, manifest, picture
from .writer import signed_document

AI = manifest(created("trainedAlgorithmicMedia"))
URL = "https://example.com/record.c2pa"


def is_document(each: Format) -> bool:
    return each.media_type.startswith(("application/vnd.", "application/epub", "application/zip"))


SIGNED_AS = {"application/zip": "application/x-zip"}

READ = [each for each in formats() if each.engines]


def document(media_type: str) -> bytes:
    """A ZIP-based document, stored without compression: c2pa-rs signs no other."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        if "openxml" in media_type:
            archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{media_type}.main+xml"/></Types>')
        elif media_type != "application/zip":
            archive.writestr("mimetype", media_type)
        archive.writestr("content.xml", "<a/>")
    return out.getvalue()


def unsigned(media_type: str, fixtures: Path) -> tuple[str, bytes]:
    if media_type == "image/jpeg":
        return "a.jpg", picture()
    if media_type in UNSIGNED:
        path = fixtures / "c2pa-rs" / UNSIGNED[media_type]
        return path.name, path.read_bytes()
    if media_type == "image/heif":
        data = (fixtures / "c2pa-rs/sample1.heic").read_bytes()
        return "a.heif", data[:8] + b"mif1" + data[12:16] + data[16:].replace(b"heic", b"mif1", 2)
    return "a", document(media_type)


def signed(each: Format, authority: Authority, fixtures: Path) -> tuple[str, bytes]:
    credential = authority.issue("News Desk")
    if each.media_type in BY_HAND:
        name, content, embed = BY_HAND[each.media_type]
        return name, sign_embedded(credential, content, AI, embed)
    name, content = unsigned(each.media_type, fixtures)
    return name, credential.sign_as(SIGNED_AS.get(each.media_type, each.media_type), content, AI)[0]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def trusting(authority: Authority) -> provenance.Verifier:
    return provenance.Verifier(trust=authority.pem)


@pytest.mark.parametrize("each", READ, ids=lambda each: each.media_type)
def test_a_manifest_inside_is_read_by_the_engines_named(
    each: Format, authority: Authority, trusting: provenance.Verifier, fixtures: Path
) -> None:
    name, data = signed(each, authority, fixtures)
    report = trusting.verify(data, name=name)
    assert report.asset.media_type == each.media_type
    assert report.credentials.signer.state == "trusted"
    readings = {reading.engine: str(reading.integrity) for reading in report.credentials.engines}
    assert readings["encypher"] == ("broken" if is_document(each) else "intact")
    # What only the second opens, the first checks without the asset: that is no second opinion.
    assert readings.get("c2pa-rs") == ("intact" if "c2pa-rs" in each.engines else None)
    if is_document(each):
        assert report.credentials.integrity.state == "disputed"
        assert "assertion.collectionHash.malformed" in report.conclusion.conflicts[0].text
    else:
        assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")


@pytest.mark.parametrize("each", [each for each in READ if is_document(each)], ids=lambda each: each.media_type)
def test_a_document_bound_as_the_standard_says_is_read_by_one_engine(
    each: Format, authority: Authority, trusting: provenance.Verifier
) -> None:
    head = {"mimetype": each.media_type.encode()}
    if "openxml" in each.media_type:
        head = {"[Content_Types].xml": b'<Override ContentType="%b.main+xml"/>' % each.media_type.encode()}
    entries = head if each.media_type != "application/zip" else {}
    actions = {"actions": [created("trainedAlgorithmicMedia")]}
    data = signed_document(authority.issue("News Desk"), entries | {"content.xml": b"<a>Lyon</a>" * 50}, actions)
    report = trusting.verify(data)
    assert report.asset.media_type == each.media_type
    assert [(each.engine, str(each.integrity)) for each in report.credentials.engines] == [("encypher", "intact")]
    assert report.credentials.signer.name == "News Desk"
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")
    assert "limit.one_engine" in {limit.key for limit in report.conclusion.limits}

    place = data.index(b"content.xml") + 20
    changed = trusting.verify(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    assert changed.credentials.integrity.state == "altered"
    assert changed.conclusion.assurance == "none"


@pytest.mark.parametrize("each", [each for each in READ if "c2pa-rs" in each.engines], ids=lambda each: each.media_type)
def test_a_manifest_beside_is_read(
    each: Format, authority: Authority, trusting: provenance.Verifier, fixtures: Path, tmp_path: Path
) -> None:
    name, content = unsigned(each.media_type, fixtures)
    asset, store = authority.issue("News Desk").sign_as(
        SIGNED_AS.get(each.media_type, each.media_type), content, AI, embedded=False
    )
    path = tmp_path / name
    path.write_bytes(asset)
    path.with_suffix(".c2pa").write_bytes(store)
    report = trusting.verify(path)
    assert report.credentials.integrity.manifest == "external"
    assert report.credentials.integrity.state == ("disputed" if is_document(each) else "intact")


@pytest.mark.parametrize("media_type", ["image/jpeg", *UNSIGNED])
def test_a_manifest_elsewhere_is_named_and_not_fetched(media_type: str, authority: Authority, fixtures: Path) -> None:
    name, content = unsigned(media_type, fixtures)
    asset, _ = authority.issue("News Desk").sign_as(media_type, content, AI, embedded=False, remote_url=URL)
    integrity = provenance.Verifier().verify(asset, name=name).credentials.integrity
    assert (integrity.state, integrity.remote_url) == ("remote", URL)


def test_a_text_names_a_manifest_elsewhere() -> None:
    html = c2pa_text.embed_html_reference("<!DOCTYPE html><html><head></head><body>a</body></html>", URL)
    block = c2pa_text.embed_structured("a = 1\n", URL, "#").text
    for text, name in ((html, "a.html"), (block, "a.py")):
        integrity = provenance.Verifier().verify(text.encode(), name=name).credentials.integrity
        assert (integrity.state, integrity.remote_url) == ("remote", URL)


def test_what_no_engine_reads_is_not_said_to_have_nothing() -> None:
    unread = {each.media_type for each in formats() if not each.engines}
    assert unread == {"image/bmp", "image/vnd.adobe.photoshop", "video/x-matroska"}
    report = provenance.verify(b"\x1aE\xdf\xa3" + bytes(100))
    assert report.credentials.integrity.state == "unreadable"
    assert report.evidence[0].explanation.key == "c2pa.unsupported"


def test_every_public_example_is_there(fixtures: Path) -> None:
    examples = {each.example for each in formats() if each.example}
    assert examples <= {path.name for path in fixtures.rglob("*")}


def test_the_documented_table_is_the_code_s() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "provenance.sources.c2pa.formats"], capture_output=True, text=True, check=True
    )
    documented = Path(__file__).parent.parent.parent / "docs" / "formats.md"
    assert documented.read_text("utf-8") == done.stdout, "run `make formats`"


def test_a_stream_is_checked_with_its_segments(fixtures: Path) -> None:
    first, segment = fixtures / "c2pa-rs/dashinit.mp4", fixtures / "c2pa-rs/dash1.m4s"
    verifier = provenance.Verifier(second_engine=False)
    report = verifier.verify(first, segments=[segment])
    assert report.credentials.integrity.state == "intact"
    assert report.asset.segments == (verifier.verify(segment).asset.sha256,)
    assert "remark.segments" in {remark.key for remark in report.remarks}
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    changed = verifier.verify(first, segments=[segment, bytes(data)])
    assert changed.credentials.integrity.state == "altered"


def test_the_first_part_of_a_stream_or_a_segment_alone_is_not_called_altered(
    verifier: provenance.Verifier, fixtures: Path
) -> None:
    for name in ("dashinit.mp4", "dash1.m4s"):
        report = verifier.verify(fixtures / "c2pa-rs" / name)
        assert report.credentials.integrity.state == "unreadable"
        assert report.evidence[0].explanation.key == "c2pa.fragment"


def test_a_manifest_without_its_asset_is_not_called_altered(verifier: provenance.Verifier, fixtures: Path) -> None:
    report = verifier.verify(fixtures / "c2pa-rs/cloud_manifest.c2pa")
    assert report.credentials.integrity.state == "unreadable"
    assert report.evidence[0].explanation.key == "c2pa.without_asset"
