"""Every byte accounted for: bytes that nobody signed are never called unchanged, in whatever corner they stand."""

import hashlib
import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import c2pa_text
import cbor2
import pytest
from PIL import Image

import provenance
from provenance.asset import OpenAsset, open_asset
from provenance.formats import iso_media
from provenance.formats.iso_media import Box
from provenance.formats.jumbf import StoreError
from provenance.sources.c2pa.embedding import embedding_in
from provenance.sources.c2pa.embedding.archive import LOCAL_HEADER
from provenance.sources.c2pa.embedding.iso_media import C2PA_UUID
from provenance.sources.c2pa.hard_binding import bmff_hash

from .embedding import in_comment, in_html, in_ogg, in_plain_text, sign_embedded
from .signing import Authority, Credential, created, manifest, picture, plain_picture
from .writer import MANIFEST_ENTRY, assertion, box, claim_of, sign_claim, signed_document, store_of

CAPTURE = {"actions": [created("digitalCapture", "Camera")]}
RECORD = manifest(created("digitalCapture", "Camera"))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def signer(authority: Authority) -> Credential:
    return authority.issue("Victim News")


@pytest.fixture(scope="module", params=[True, False], ids=["both engines", "one engine"])
def verifier(request: pytest.FixtureRequest, authority: Authority) -> provenance.Verifier:
    return provenance.Verifier(trust=authority.pem, second_engine=request.param, sources=["c2pa"])


def state(verifier: provenance.Verifier, data: bytes | Path, **more: Any) -> str:
    report = verifier.verify(data, **more)
    if report.credentials.integrity.state != "intact":
        assert report.conclusion.assurance == "none"
    return str(report.credentials.integrity.state)


# JPEG


def app11(part: bytes, sequence: int) -> bytes:
    return b"\xff\xeb" + struct.pack(">H2sHI", len(part) + 10, b"JP", 1, sequence) + part


def segments(store: bytes, *, first: int = 1_000, filler: bytes = b"") -> bytes:
    """The store in two APP11 segments, with foreign bytes between them."""

    return app11(store[:first], 1) + filler + app11(store[:8] + store[first:], 2)


def bound(signer: Credential, asset: bytes, embed: Callable[[bytes], bytes], label: str, binding: Any) -> bytes:
    """The asset with a store whose binding is made anew until its length no longer changes."""
    length = 5_000
    for _ in range(4):
        boxes = {
            "c2pa.actions.v2": assertion("c2pa.actions.v2", cbor2.dumps(CAPTURE)),
            label: assertion(label, cbor2.dumps(binding(length))),
        }
        claim = claim_of(boxes)
        placed = embed(store_of(claim, sign_claim(signer, claim), *boxes.values()))
        length = len(placed)
    return asset[:2] + placed + asset[2:]


def turned() -> bytes:
    """A segment that turns the picture for every viewer, and puts another author under it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 3, "Somebody Else"
    data = exif.tobytes()
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


@pytest.mark.parametrize("before", [b"", b"\xff\x00"], ids=["a segment", "FF 00 and a segment"])
def test_foreign_segments_between_those_of_the_record_are_not_signed(
    verifier: provenance.Verifier, signer: Credential, before: bytes
) -> None:
    asset = picture()

    def binding(length: int) -> dict[str, Any]:
        exclusions = [{"start": 2, "length": length}]
        return {"alg": "sha256", "pad": b"", "hash": hashlib.sha256(asset).digest(), "exclusions": exclusions}

    honest = bound(signer, asset, segments, "c2pa.hash.data", binding)
    assert state(verifier, honest) == "intact"
    forged = bound(signer, asset, lambda store: segments(store, filler=before + turned()), "c2pa.hash.data", binding)
    assert state(verifier, forged) != "intact"


def test_a_record_numbered_from_zero_is_read(verifier: provenance.Verifier, signer: Credential) -> None:
    asset = picture()

    def binding(length: int) -> dict[str, Any]:
        exclusions = [{"start": 2, "length": length}]
        return {"alg": "sha256", "pad": b"", "hash": hashlib.sha256(asset).digest(), "exclusions": exclusions}

    data = bound(signer, asset, lambda store: app11(store, 0), "c2pa.hash.data", binding)
    assert state(verifier, data) == "intact"


def parts_of_jpeg(data: bytes) -> list[tuple[str, bytes]]:
    names = {0xE0: "APP0", 0xDB: "DQT", 0xC4: "DHT", 0xC0: "SOF0"}
    found, place = [("SOI", data[:2])], 2
    while data[place + 1] != 0xDA:
        size = struct.unpack(">H", data[place + 2 : place + 4])[0] + 2
        found.append((names[data[place + 1]], data[place : place + size]))
        place += size
    end = data.rindex(b"\xff\xd9")
    return [*found, ("SOS", data[place:end]), ("EOI", data[end:])]


def test_what_follows_the_last_part_of_a_box_hash_is_not_signed(
    verifier: provenance.Verifier, signer: Credential
) -> None:
    asset = picture()

    def binding(_length: int) -> dict[str, Any]:
        boxes = [
            {"names": [name], "alg": "sha256", "hash": hashlib.sha256(part).digest(), "pad": b""}
            for name, part in parts_of_jpeg(asset)
        ]
        boxes.insert(1, {"names": ["C2PA"], "alg": "sha256", "hash": b"\0", "pad": b""})
        return {"boxes": boxes}

    signed = bound(signer, asset, segments, "c2pa.hash.boxes", binding)
    assert state(verifier, signed) == "intact"
    assert state(verifier, signed + b"PK\x03\x04" + bytes(1_000)) != "intact"
    assert state(verifier, signed[:-2] + b"\xff\xff\xff" + signed[-2:]) != "intact"


# ISO media


def avif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "AVIF")
    return out.getvalue()


def boxes(data: bytes) -> list[tuple[bytes, int, int]]:
    found, place = [], 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        found.append((data[place + 4 : place + 8], place, place + size))
        place += size
    return found


EXCLUSIONS: dict[str, dict[str, Any]] = {
    "by its path": {"xpath": "/mdat"},
    "by a number": {"xpath": "/mdat[1]"},
    "by a condition that always holds": {"xpath": "/mdat", "data": [{"offset": 4, "value": b"mdat"}]},
    "all but its head": {"xpath": "/mdat", "subset": [{"offset": 8, "length": 0}]},
}


@pytest.mark.parametrize("how", EXCLUSIONS)
def test_a_binding_that_leaves_out_the_media_data_is_never_intact(
    verifier: provenance.Verifier, signer: Credential, how: str
) -> None:
    """However the signer's exclusion words it, the picture can be exchanged by anybody."""
    asset = avif()
    hashed = b""
    for kind, start, end in boxes(asset):
        if kind != b"ftyp" and (kind != b"mdat" or how == "all but its head"):
            hashed += start.to_bytes(8, "big") + asset[start : end if kind != b"mdat" else start + 8]
    binding = {
        "exclusions": [{"xpath": "/ftyp"}, EXCLUSIONS[how]],
        "alg": "sha256",
        "hash": hashlib.sha256(hashed).digest(),
    }
    parts = {
        "c2pa.actions.v2": assertion("c2pa.actions.v2", cbor2.dumps(CAPTURE)),
        "c2pa.hash.bmff.v3": assertion("c2pa.hash.bmff.v3", cbor2.dumps(binding)),
    }
    claim = claim_of(parts)
    store = store_of(claim, sign_claim(signer, claim), *parts.values())
    other = asset[:-20] + bytes(byte ^ 0x55 for byte in asset[-20:])
    for data in (asset, other):
        assert state(verifier, data, manifest=store) in ("partial", "disputed")


@pytest.mark.parametrize("kind", [b"free", b"skip", b"ftyp"])
def test_a_box_that_is_put_behind_is_not_signed(verifier: provenance.Verifier, signer: Credential, kind: bytes) -> None:
    """The standard leaves such boxes out of the hash; as soon as they hold anything, they are not called unchanged."""
    signed, _ = signer.sign_as("image/avif", avif(), RECORD)
    assert state(verifier, signed) == "intact"
    behind = struct.pack(">I4s", 8 + 16, kind) + b"avif\0\0\0\0hidden!!"
    assert state(verifier, signed + behind) != "intact"


def test_a_box_for_hashes_of_parts_is_the_records_own_only_where_it_has_such_hashes(
    verifier: provenance.Verifier, signer: Credential
) -> None:
    """Megabytes in a box that calls itself the record's, which its binding never speaks of."""
    signed, _ = signer.sign_as("image/avif", avif(), RECORD)
    content = (
        C2PA_UUID
        + bytes(4)
        + b"merkle\0"
        + cbor2.dumps({"uniqueId": 1, "localId": 1, "location": 0, "hashes": [bytes(9000)]})
    )
    assert state(verifier, signed + struct.pack(">I4s", 8 + len(content), b"uuid") + content) == "partial"


def test_a_picture_in_a_box_that_is_left_out_is_not_signed(verifier: provenance.Verifier, fixtures: Path) -> None:
    reported = fixtures / "reported"
    if not reported.is_dir():
        pytest.skip("needs the reported files beside the fixtures")
    for name in ("as-signed", "swapped-after"):
        assert state(verifier, reported / f"avif-picture-in-free-box-{name}.avif") == "partial"


def test_places_of_pictures_and_sound_that_a_binding_leaves_out_are_checked_by_what_it_covers(
    verifier: provenance.Verifier, fixtures: Path
) -> None:
    """An older binding leaves out where the pieces of the sound and the pictures lie; their lengths leave no choice."""
    path = fixtures / "c2pa-rs/video1.mp4"
    data = bytearray(path.read_bytes())
    assert state(verifier, path) == "intact"
    movie = next(start for kind, start, _ in boxes(bytes(data)) if kind == b"moov")
    table = data.index(b"stco", movie) + 12
    data[table + 3] ^= 4
    assert state(verifier, bytes(data)) != "intact"


# Text and documents

TEXTS = {
    "note.txt": ("The mayor said that the budget is balanced.\n", in_plain_text),
    "page.html": ("<!DOCTYPE html><html><head></head><body>balanced</body></html>\n", in_html),
    "style.css": ("p { color: red }\n", in_comment("/*", "*/")),
    "code.py": ("print('balanced')\n", in_comment("#")),
}


@pytest.mark.parametrize("name", TEXTS)
def test_words_in_the_place_of_the_record_are_not_signed(
    verifier: provenance.Verifier, signer: Credential, name: str, tmp_path: Path
) -> None:
    """The record is taken out and put beside; other words stand where it stood, in the range that the hash leaves out."""
    text, embed = TEXTS[name]
    signed = sign_embedded(signer, text.encode(), RECORD, embed)
    (tmp_path / name).write_bytes(signed)
    assert state(verifier, tmp_path / name) == "intact"
    with open_asset(tmp_path / name) as asset:
        embedding = embedding_in(asset)
    assert embedding is not None
    (place,) = embedding.ranges
    lie = b"\nMAYOR ARRESTED\n".ljust(place.end - place.start)
    (tmp_path / name).write_bytes(signed[: place.start] + lie + signed[place.end :])
    (tmp_path / name).with_suffix(".c2pa").write_bytes(embedding.store)
    report = verifier.verify(tmp_path / name)
    # One engine does not ask what stands in the place that it leaves out.
    assert report.credentials.integrity.own == "altered"
    assert report.conclusion.state in ("mismatched", "disputed")


def test_words_beside_a_shrunken_record_are_not_signed(verifier: provenance.Verifier, signer: Credential) -> None:
    """The record is written shorter, and the room inside the excluded range is filled with words."""
    text = "The mayor said that the budget is balanced.\n"
    signed = sign_embedded(signer, text.encode(), RECORD, in_plain_text)
    store, _ = c2pa_text.extract_manifest(signed.decode())
    assert store is not None
    start = len(text.encode())
    wrapper = c2pa_text.encode_wrapper(store).encode()
    lie = b"\nMAYOR ARRESTED\n".ljust(len(signed) - start - len(wrapper))
    for room in (lie + wrapper, wrapper + lie):
        assert state(verifier, signed[:start] + room, name="note.txt") != "intact"


def test_bytes_around_the_files_of_a_document_are_not_signed(verifier: provenance.Verifier, signer: Credential) -> None:
    entries = {"mimetype": b"application/epub+zip", "a.xhtml": b"<html>Lyon</html>"}
    signed = signed_document(signer, entries, CAPTURE)
    assert verifier.verify(signed).credentials.integrity.own == "intact"
    content = signed.index(b"a.xhtml") + len("a.xhtml") + 4
    flipped = signed[:content] + bytes([signed[content] ^ 1]) + signed[content + 1 :]
    for other in (b"MZ" + signed, signed + b"behind", flipped):
        assert verifier.verify(other).credentials.integrity.own != "intact"


@pytest.mark.parametrize("place", [6, 8, 14, 18, 22], ids=["flags", "method", "checksum", "compressed", "size"])
def test_what_stands_before_the_record_of_a_document_is_what_its_directory_says(
    verifier: provenance.Verifier, signer: Credential, place: int
) -> None:
    entries = {"mimetype": b"application/epub+zip", "a.xhtml": b"<html>Lyon</html>"}
    document = bytearray(signed_document(signer, entries, CAPTURE))
    document[document.index(MANIFEST_ENTRY.encode()) - LOCAL_HEADER + place] ^= 1
    assert state(verifier, bytes(document)) == "unreadable"


@pytest.mark.parametrize("named", ["alg", "none"])
def test_a_hash_whose_algorithm_nobody_names_is_not_taken_for_one_of_ours(
    verifier: provenance.Verifier, signer: Credential, named: str
) -> None:
    text = b"Lyon is wet."
    binding = {"exclusions": [], "hash": hashlib.sha256(text).digest(), "pad": b""}
    parts = {"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": binding}
    boxes = {label: assertion(label, cbor2.dumps(data)) for label, data in parts.items()}
    claim = cbor2.loads(claim_of(boxes))
    claim[named] = claim.pop("alg")
    store = store_of(cbor2.dumps(claim), sign_claim(signer, cbor2.dumps(claim)), *boxes.values())
    own = verifier.verify(text, manifest=store).credentials.integrity.own
    assert own == ("intact" if named == "alg" else "broken")


# What takes the record's name and is not the record


def test_two_records_in_one_file_are_read_in_neither_way(verifier: provenance.Verifier, signer: Credential) -> None:
    one, other = (signer.sign(plain_picture(colour), RECORD) for colour in ("red", "blue"))
    start = other.index(b"\xff\xeb")
    run = other[start : start + 2 + int.from_bytes(other[start + 2 : start + 4], "big")]
    for number in (b"\0\1", b"\0\2"):
        second = run[:6] + number + run[8:]
        report = verifier.verify(one[:2] + second + one[2:])
        assert report.conclusion.assurance == "none"
        assert report.credentials.integrity.state != "intact"


# What a player follows, or looks for


def fragmented(entry: int | None, behind: bytes = b"") -> tuple[bytes, list[Box]]:
    """An index with this place of a fragment, and the boxes of the file: the one fragment begins at 0."""
    places = struct.pack(">IIBBB", 0, entry, 1, 1, 1) if entry is not None else b""
    tfra = box(b"tfra", struct.pack(">IIII", 0, 1, 0, 1 if places else 0) + places + behind)
    mfra = box(b"mfra", tfra + box(b"mfro", struct.pack(">II", 0, 8 + len(tfra) + 16)))
    data = box(b"moof", b"") + mfra
    with open_asset(data) as asset:
        return data, list(iso_media.boxes(asset, 0, len(data), iso_media.Budget()))


@pytest.mark.parametrize(
    ("entry", "behind", "is_index"), [(0, b"", True), (8, b"", False), (99, b"", False), (0, b"another film", False)]
)
def test_an_index_leads_to_the_fragments_of_the_file_and_holds_nothing_else(
    entry: int, behind: bytes, is_index: bool
) -> None:
    data, top = fragmented(entry, behind)
    with open_asset(data) as asset:
        found = list(bmff_hash._plain(asset, top))
    assert bool(found) is is_index


@pytest.mark.parametrize("place", [4, 18, 22, 40], ids=["version", "sequence", "checksum", "content"])
def test_a_page_of_sound_that_players_pass_over_hides_others(signer: Credential, place: int) -> None:
    sound = sign_embedded(signer, b"\x7fFLAC" + bytes(400), RECORD, in_ogg)
    assert embedding_in(OpenAsset(io.BytesIO(sound), name="a.ogg")) is not None
    page = sound.rindex(b"OggS")
    changed = bytearray(sound)
    changed[page + place] ^= 1
    with pytest.raises(StoreError):
        embedding_in(OpenAsset(io.BytesIO(bytes(changed)), name="a.ogg"))
