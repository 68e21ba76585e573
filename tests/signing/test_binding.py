"""What a hard binding leaves out: media that lie there are not signed, for they could be exchanged unseen."""

import io
from pathlib import Path

import pytest
from PIL import Image

import provenance
from provenance.asset import OpenAsset
from provenance_signing import Credential, Signer
from provenance_signing.errors import FormatError
from provenance_signing.iso_boxes import boxes, media_extents


@pytest.fixture
def captured(credential: Credential) -> Signer:
    return Signer(credential, profile="captured")


def avif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "AVIF")
    return out.getvalue()


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with its top-level boxes of this kind called otherwise."""
    made = bytearray(data)
    for each in boxes(OpenAsset(io.BytesIO(data), name=None)):
        if each.kind == old:
            made[each.start + 4 : each.start + 8] = new
    return bytes(made)


@pytest.mark.parametrize("kind", [b"free", b"skip"])
@pytest.mark.parametrize(
    "name", ["avif", "video1_no_manifest.mp4", "sample1.heic", "sample1.m4a", "c.mov", "fragments"]
)
def test_media_in_a_box_that_is_not_bound_are_refused(
    name: str, kind: bytes, captured: Signer, fixtures: Path, tmp_path: Path
) -> None:
    folder = fixtures / "c2pa-rs"
    data = avif() if name == "avif" else b""
    if name == "fragments":
        data = (folder / "dashinit.mp4").read_bytes() + (folder / "dash1.m4s").read_bytes()
    data = renamed(data or (folder / name).read_bytes(), b"mdat", kind)
    for how in ({}, {"sidecar": True}):
        with pytest.raises(FormatError, match=f"in a “{kind.decode()}” box"):
            captured.sign(data, tmp_path / "out", name=name, **how)
    assert list(tmp_path.iterdir()) == []


def test_the_reported_picture_in_a_free_box_is_not_signed(credential: Credential, fixtures: Path) -> None:
    path = fixtures / "reported" / "avif-picture-in-free-box-as-signed.avif"
    with pytest.raises(FormatError, match="in a “free” box"):
        Signer(credential, profile="published").sign(path)


def test_a_box_that_holds_nothing_is_no_harm(captured: Signer, trusting: provenance.Verifier, fixtures: Path) -> None:
    padding = b"\0\0\0\x10free" + bytes(8)
    for name, data in (("a.avif", avif()), ("a.mp4", (fixtures / "c2pa-rs" / "video1_no_manifest.mp4").read_bytes())):
        signed = captured.sign_bytes(data + padding, name=name)
        assert trusting.verify(signed).credentials.integrity.state == "intact"


@pytest.mark.parametrize("behind", [b"abc", b"\0\0\xff\xffmdat"])
def test_bytes_outside_of_all_boxes_are_refused(behind: bytes, captured: Signer) -> None:
    with pytest.raises(FormatError, match="its boxes do not fill it"):
        captured.sign(avif() + behind, name="a.avif")


def test_samples_that_reach_beyond_their_box_are_found(captured: Signer, fixtures: Path) -> None:
    """The first sample begins in `mdat`, which ends behind its first byte; a `free` box follows."""
    data = bytearray((fixtures / "c2pa-rs" / "video1_no_manifest.mp4").read_bytes())
    media = next(each for each in boxes(OpenAsset(io.BytesIO(bytes(data)), name=None)) if each.kind == b"mdat")
    first = min(each.start for each in media_extents(OpenAsset(io.BytesIO(bytes(data)), name=None)))
    split = first + 1
    rest = media.end - split
    data[media.start : media.start + 4] = (split - media.start).to_bytes(4, "big")
    data[split : split + 8] = rest.to_bytes(4, "big") + b"free"
    with pytest.raises(FormatError, match="in a “free” box"):
        captured.sign(bytes(data), name="a.mp4")


def test_a_second_table_of_places_is_refused(captured: Signer, fixtures: Path) -> None:
    data = (fixtures / "c2pa-rs" / "video1_no_manifest.mp4").read_bytes()
    with pytest.raises(FormatError, match="would not be bound"):
        captured.sign(data.replace(b"stts", b"stco"), name="a.mp4")


def test_nested_boxes_and_tables_without_end_are_survived(fixtures: Path) -> None:
    nested = OpenAsset(io.BytesIO((fixtures / "c2pa-rs" / "nested_moov_1000.mp4").read_bytes()), name="a.mp4")
    assert list(media_extents(nested)) == []
    made = avif()
    at = made.index(b"iloc") + 10
    asset = OpenAsset(io.BytesIO(made[:at] + b"\xff\xff" + made[at + 2 :]), name="a.avif")
    assert len(list(media_extents(asset))) < 10
