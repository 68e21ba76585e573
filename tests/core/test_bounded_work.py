"""Work that grows with the file and no faster: whatever a stranger repeats is read once, counted, or refused."""

import hashlib
import io
import json
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from PIL import Image

from provenance import limits
from provenance.asset import OpenAsset, open_asset
from provenance.credentials import Action, History, HistoryState, SignerState, Step, StepState
from provenance.formats.jumbf import StoreError
from provenance.sources.c2pa import origin
from provenance.sources.c2pa.embedding import Range, embedding_in
from provenance.sources.c2pa.engine import ReadOutcome
from provenance.sources.c2pa.hard_binding.coverage import beyond
from provenance.sources.c2pa.record import Record
from provenance.sources.c2pa.store_values import read_cbor
from provenance.sources.metadata.exif import read_exif
from provenance.sources.metadata.generators import marks_in
from provenance.sources.metadata.settings import settings_in
from provenance.sources.metadata.xmp import read_xmp

from .records import read_record
from .signing import Authority, Credential, created, manifest
from .writer import (
    ASSERTIONS,
    CLAIM,
    LABEL,
    MANIFEST,
    SIGNATURE,
    STORE,
    assertion,
    box,
    claim_of,
    sign_claim,
    signed_document,
    signed_store,
    store_of,
    superbox,
)

CAPTURE = {"actions": [created("digitalCapture", "Camera")]}
ACTIONS = "c2pa.actions.v2"


@pytest.fixture(scope="module")
def signer() -> Credential:
    return Authority().issue("Stranger")


def record(data: bytes, store: bytes | None = None) -> Record:
    return read_record(OpenAsset(io.BytesIO(data), name=None), store)


def cost(work: Callable[[], object]) -> float:
    """The least of three times, of this process alone, in seconds."""
    found = []
    for _ in range(3):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def peak(work: Callable[[], object]) -> int:
    """The most memory that Python's own objects took at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# The history


def test_manifests_that_cite_the_next_one_twice_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each level doubled the work: sixty of them, in 170 kilobytes, never ended."""
    levels = 12
    steps: list[Step] = []

    def step(level: int, parent: int | None) -> Step:
        made = Step(
            id=len(steps),
            parent=parent,
            relationship="componentOf",
            state=StepState.INTACT,
            manifest=str(level),
            signer_state=SignerState.UNTRUSTED,
            actions=(
                Action(
                    action="c2pa.created", digital_source_type=created("trainedAlgorithmicMedia")["digitalSourceType"]
                ),
            )
            if level == levels
            else (),
        )
        steps.append(made)
        return made

    above = step(0, None)
    for level in range(1, levels + 1):
        first = step(level, above.id)
        step(level, above.id)
        above = first
    drawn: list[Step] = []
    own_claim = origin.own_claim

    def counted(each: Step) -> origin.OriginClaim:
        drawn.append(each)
        return own_claim(each)

    monkeypatch.setattr(origin, "own_claim", counted)
    claim = origin.origin_of_history(History(state=HistoryState.INTACT, steps=tuple(steps)))
    assert claim.origin == "ai-edited"
    assert len(drawn) <= 2 * len(steps)


# Movies

FTYP = box(b"ftyp", b"isom\0\0\0\0isom")


def movie(*tracks: list[int], pieces: int = 4) -> bytes:
    """A movie whose tracks name these pieces of a kilobyte, by their numbers in the media data."""

    def track(places: list[int]) -> bytes:
        table = b"".join(
            [
                box(b"stco", struct.pack(f">II{len(places)}I", 0, len(places), *places)),
                box(b"stsz", struct.pack(">III", 0, 1, 1_000 * len(places))),
                box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1_000, 1)),
            ]
        )
        return box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", table))))

    size = len(FTYP) + len(box(b"moov", b"".join(track(each) for each in tracks))) + 8
    placed = [[size + 1_000 * number for number in each] for each in tracks]
    media = b"".join(bytes([65 + number]) * 1_000 for number in range(pieces))
    return FTYP + box(b"moov", b"".join(track(each) for each in placed)) + box(b"mdat", media)


def without_places(signer: Credential, data: bytes) -> bytes:
    """A store whose binding leaves out where the pieces lie, as older writers do."""
    excluded = {"xpath": "/moov/trak/mdia/minf/stbl/stco", "subset": [{"offset": 16, "length": 0}]}
    hashed, at = b"", len(FTYP)
    while at < len(data):
        end = at + int.from_bytes(data[at : at + 4], "big")
        part = data[at:end]
        while (table := part.find(b"stco")) != -1:
            entries = 4 * int.from_bytes(part[table + 8 : table + 12], "big")
            part = part[:table] + b"STCO" + part[table + 4 : table + 12] + part[table + 12 + entries :]
        hashed += at.to_bytes(8, "big") + part.replace(b"STCO", b"stco")
        at = end
    return bmff_store(signer, hashed, [{"xpath": "/ftyp"}, excluded])


def bmff_store(signer: Credential, hashed: bytes, exclusions: list[dict[str, Any]]) -> bytes:
    binding = {"exclusions": exclusions, "alg": "sha256", "hash": hashlib.sha256(hashed).digest()}
    return signed_store(signer, {ACTIONS: CAPTURE, "c2pa.hash.bmff.v3": binding})


def test_places_of_one_track_are_implied_by_what_is_covered(signer: Credential) -> None:
    store = without_places(signer, movie([0, 1, 2, 3]))
    assert record(movie([0, 1, 2, 3]), store).integrity == "intact"
    assert record(movie([1, 0, 2, 3]), store).integrity == "partial"


@pytest.mark.parametrize("tracks", [([1, 3], [0, 2]), ([1, 2], [0, 3])], ids=["exchanged", "mixed"])
def test_pieces_of_two_tracks_that_are_exchanged_are_not_signed(
    signer: Credential, tracks: tuple[list[int], list[int]]
) -> None:
    """Two languages of one film: what the one says was put into the other, and no covered byte changed."""
    store = without_places(signer, movie([0, 2], [1, 3]))
    assert record(movie([0, 2], [1, 3]), store).integrity == "partial"
    assert record(movie(*tracks), store).integrity == "partial"


def test_tracks_that_each_name_a_million_samples_cost_no_more_than_others(signer: Credential) -> None:
    def naming(samples: int) -> bytes:
        table = b"".join(
            [
                box(b"stco", struct.pack(">III", 0, 1, 0)),
                box(b"stsz", struct.pack(">III", 0, 1, samples)),
                box(b"stsc", struct.pack(">IIIII", 0, 1, 1, samples, 1)),
            ]
        )
        track = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", table))))
        return FTYP + box(b"moov", track * 60) + box(b"mdat", b"x")

    few, many = naming(1), naming(1_000_000)
    stores = [without_places(signer, many), signed_store(signer, {ACTIONS: CAPTURE})]

    def read(data: bytes) -> list[Record]:
        return [record(data, store) for store in stores]

    assert cost(lambda: read(many)) < 5 * cost(lambda: read(few))


def test_a_fragmented_video_of_thirty_thousand_boxes_is_checked(signer: Credential) -> None:
    """An honest long stream was called altered."""
    data = FTYP + b"".join(box(b"moof", bytes(8)) + box(b"mdat", bytes(8)) for _ in range(15_000))
    hashed = b"".join(at.to_bytes(8, "big") + data[at : at + 16] for at in range(len(FTYP), len(data), 16))
    store = bmff_store(signer, hashed, [{"xpath": "/ftyp"}])
    assert record(data, store).integrity == "intact"
    assert record(data[:-1] + b"x", store).integrity == "altered"


def test_a_video_of_more_boxes_than_are_looked_at_is_not_called_altered(signer: Credential) -> None:
    data = FTYP + box(b"mdat", b"") * (limits.MAX_BOXES + 1)
    found = record(data, bmff_store(signer, b"", [{"xpath": "/ftyp"}]))
    assert found.is_left_to_engines
    assert found.integrity == "partial"  # nothing is known of what is left out


def test_exclusions_times_boxes_are_refused_before_they_are_multiplied(signer: Credential) -> None:
    """A thousand exclusions of eight thousand empty boxes, 80 kilobytes: 28 seconds and 1.6 gigabytes."""
    data = FTYP + box(b"free", b"") * 4_000
    store = bmff_store(signer, b"", [{"xpath": "/free"}] * 300)
    assert record(data, store).outcome is ReadOutcome.UNREADABLE
    assert peak(lambda: record(data, store)) < 20 * limits.MIB


def test_bytes_compared_in_each_box_are_counted(signer: Credential) -> None:
    data = FTYP + box(b"free", b"") * 1_000
    compared = [{"offset": 4, "value": b"free"}] * 1_000
    store = bmff_store(signer, b"", [{"xpath": "/free", "data": compared}])
    assert record(data, store).outcome is ReadOutcome.UNREADABLE


def test_what_is_left_out_is_found_in_one_pass() -> None:
    def ranges(count: int) -> tuple[list[Range], list[Range]]:
        return [Range(10 * n, 10 * n + 5) for n in range(count)], [Range(10 * n + 2, 10 * n + 7) for n in range(count)]

    few, many = ranges(1_000), ranges(2_000)
    assert beyond(*few)[:2] == (Range(0, 2), Range(10, 12))
    assert cost(lambda: beyond(*many)) < 3 * cost(lambda: beyond(*few))


def test_headers_of_empty_boxes_without_end_are_something(signer: Credential) -> None:
    """Each made the whole rest of its box be read again."""
    data = FTYP + box(b"free", box(b"free", b"") * 10_000)
    assert record(data, bmff_store(signer, b"", [{"xpath": "/ftyp"}, {"xpath": "/free"}])).integrity == "partial"


# The store


def png(store: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    chunk = struct.pack(">I", len(store)) + b"caBX" + store + struct.pack(">I", zlib.crc32(b"caBX" + store))
    return out.getvalue()[:33] + chunk + out.getvalue()[33:]


def many_values(count: int) -> bytes:
    return b"\xa1\x61a\x9a" + struct.pack(">I", count) + b"\xa0" * count


def values_in_assertion(signer: Credential, count: int) -> bytes:
    parts = {ACTIONS: assertion(ACTIONS, many_values(count))}
    claim = claim_of(parts)
    return store_of(claim, sign_claim(signer, claim), *parts.values())


def values_in_json(signer: Credential, count: int) -> bytes:
    content = b"[" + b"{}," * (count - 1) + b"{}]"
    label = "stds.schema-org.CreativeWork"
    parts = {label: superbox("json", label, box(b"json", content))}
    claim = claim_of(parts)
    return store_of(claim, sign_claim(signer, claim), *parts.values())


def values_in_claim(signer: Credential, count: int) -> bytes:
    claim = many_values(count)
    return store_of(claim, sign_claim(signer, claim))


def values_in_header(signer: Credential, count: int) -> bytes:
    claim = claim_of({})
    return store_of(claim, cbor2.dumps(cbor2.CBORTag(18, [many_values(count), {}, None, bytes(64)])))


def missing_references(signer: Credential, count: int) -> bytes:
    named = [{"url": f"self#jumbf=c2pa.assertions/{number}"} for number in range(count // 8)]
    claim = cbor2.dumps({**cbor2.loads(claim_of({})), "created_assertions": named})
    return store_of(claim, sign_claim(signer, claim))


@pytest.mark.slow
@pytest.mark.parametrize(
    "store", [values_in_assertion, values_in_json, values_in_claim, values_in_header, missing_references]
)
def test_values_are_counted_before_they_are_built(
    signer: Credential, store: Callable[[Credential, int], bytes]
) -> None:
    """Ten megabytes of empty maps took 1.7 gigabytes."""
    data = png(store(signer, 1_000_000))
    assert record(data).outcome is ReadOutcome.UNREADABLE
    assert peak(lambda: record(data)) < 60 * limits.MIB


def part(signer: Credential, label: str, assertions: dict[str, Any], missing: int = 0) -> bytes:
    """A manifest with these assertions, whose claim also names some that are not there."""
    boxes = {each: assertion(each, cbor2.dumps(data)) for each, data in assertions.items()}
    gathered = [{"url": f"self#jumbf=c2pa.assertions/{number}"} for number in range(missing)]
    claim = cbor2.loads(claim_of(boxes)) | {"gathered_assertions": gathered}
    claim["signature"] = f"self#jumbf=/c2pa/{label}/c2pa.signature"
    data = cbor2.dumps(claim)
    return superbox(
        MANIFEST,
        label,
        superbox(ASSERTIONS, "c2pa.assertions", *boxes.values()),
        superbox(CLAIM, "c2pa.claim.v2", box(b"cbor", data)),
        superbox(SIGNATURE, "c2pa.signature", box(b"cbor", sign_claim(signer, data))),
    )


def test_what_fails_of_an_ingredient_is_not_said_again_in_full_by_each_citation(signer: Credential) -> None:
    """A thousand missing assertions, cited six hundred times: 25 seconds, 1.1 gigabytes."""
    missing, citations = 1_000, 200
    other = LABEL.replace("1", "2")
    inner = part(signer, other, {ACTIONS: CAPTURE}, missing)
    reference = {"url": f"self#jumbf=/c2pa/{other}", "hash": hashlib.sha256(inner[8:]).digest()}
    cited = {"relationship": "componentOf", "activeManifest": reference}
    ingredients = {f"c2pa.ingredient.v3__{number}": cited for number in range(citations)}
    outer = part(signer, LABEL, {ACTIONS: CAPTURE, **ingredients})
    validation = record(png(superbox(STORE, "c2pa", inner, outer))).validation
    assert validation is not None
    failed = [each for each in validation.codes if each.code == "assertion.missing"]
    assert len({each.ingredient for each in failed}) == citations  # every citation of it is a broken step
    assert len(failed) <= citations + limits.MAX_CODES_OF_MANIFEST


# Documents


@pytest.mark.slow
def test_a_document_of_many_files_costs_by_their_number(signer: Credential) -> None:
    def document(count: int) -> bytes:
        return signed_document(signer, {f"{number}.xml": b"" for number in range(count)}, CAPTURE)

    few, many = document(6_000), document(12_000)
    assert record(many).integrity == "intact"
    assert cost(lambda: record(many)) < 3 * cost(lambda: record(few))


def test_files_of_a_document_that_share_their_bytes_are_refused(signer: Credential) -> None:
    """Two hundred entries that name the same eight megabytes were hashed two hundred times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a"), b"content")
        for number in range(3):
            again = zipfile.ZipInfo(f"b{number}")
            again.header_offset = 0
            again.CRC, again.file_size, again.compress_size = zlib.crc32(b"content"), 7, 7
            archive.filelist.append(again)
    data = out.getvalue()
    directory = data.index(b"PK\x01\x02")
    file = hashlib.sha256(data[:directory]).digest()
    binding = {
        "uris": [{"uri": name, "hash": file} for name in ("a", "b0", "b1", "b2")],
        "alg": "sha256",
        "zip_central_directory_hash": hashlib.sha256(data[directory:]).digest(),
    }
    store = signed_store(signer, {ACTIONS: CAPTURE, "c2pa.hash.collection.data": binding})
    assert record(data, store).integrity == "altered"


# Pictures


@pytest.mark.parametrize("before", [b"\x2c" + bytes(9) + b"\2", b"\x21\xff\x0bC2PA_GIF\1\0\0", b"\x21\xfe"])
def test_sub_blocks_of_one_byte_are_followed_only_so_far(before: bytes) -> None:
    data = b"GIF89a\1\0\1\0\0\0\0" + before + b"\1a" * 1_000_000 + b"\0;"
    assert record(data).outcome is ReadOutcome.UNREADABLE


def test_an_update_of_a_tiff_of_many_pages_is_unchanged(fixtures: Path, signer: Credential) -> None:
    """Both of its places grew, and the honest file was called altered."""
    original = (fixtures / "c2pa-rs/MultiPage.tif").read_bytes()
    signed, _ = signer.sign_as("image/tiff", original, manifest(created("digitalCapture")))
    edited = manifest({"action": "c2pa.edited.metadata"})
    updated, _ = signer.sign_as("image/tiff", signed, edited, update=True)
    assert record(signed).integrity == "intact"
    assert record(updated).integrity == "intact"


# Values that a reader would make something costly of


@pytest.mark.parametrize("tag", [2, 3, 25, 28, 29, 256])
def test_long_numbers_and_values_that_refer_to_each_other_are_in_no_record(tag: int) -> None:
    with pytest.raises(StoreError):
        read_cbor(cbor2.dumps([cbor2.CBORTag(tag, b"\xff" * 40 if tag in (2, 3) else [0])]))


@pytest.mark.parametrize(
    ("tag", "value"),
    [(4, [-(10**6), 1]), (5, [10**6, 1]), (30, [1, 3]), (35, "(a*)*b"), (37, bytes(16)), (258, [1, 1])],
)
def test_what_a_tag_could_be_made_into_stays_what_is_written(tag: int, value: object) -> None:
    """An expression of 38 KB took 20 seconds to make, a fraction of 0.8 MB 110."""
    assert read_cbor(cbor2.dumps(cbor2.CBORTag(tag, value))) == value


def test_a_store_that_a_thousand_entries_name_is_read_no_thousand_times(tmp_path: Path) -> None:
    store = superbox(STORE, "c2pa", box(b"free", bytes(500_000)))
    tags = b"".join(struct.pack("<HHII", 0xCD41, 7, len(store), 8) for _ in range(1_000))
    tiff = tmp_path / "many.tif"
    tiff.write_bytes(
        struct.pack("<2sHI", b"II", 42, 8 + len(store)) + store + struct.pack("<H", 1_000) + tags + bytes(4)
    )
    with open_asset(tiff) as asset, pytest.raises(StoreError):
        tracemalloc.start()
        try:
            embedding_in(asset)
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peak < 20 * len(store)


# Declared metadata


def many_nodes(count: int) -> dict[str, str]:
    return {"prompt": "{" + ",".join(f'"{n}":{{"class_type":"KSampler","inputs":{{}}}}' for n in range(count)) + "}"}


def many_settings(count: int) -> dict[str, str]:
    return {"parameters": "Steps: 20, " + "Seed: 1, Size: 1x1, " * count + "x"}


def many_lists(count: int) -> dict[str, str]:
    return {str(number): "steps: 1 " * 500 for number in range(count)}


def many_quotes(count: int) -> dict[str, str]:
    return {"Dream": '" ' * count + "-s 5 " * 20}


def nested_objects(count: int) -> dict[str, str]:
    return {"comment": '{"a":' * 900 + "1" + "}" * 900, "workflow": '{"nodes":[' + '{"type":[]},' * count + "{}]}"}


def texts_in_texts(count: int) -> dict[str, str]:
    inner = "{" + ",".join(f'"{n}":1' for n in range(count)) + "}"
    for _ in range(8):
        inner = json.dumps({"a": inner})
    return {"comment": inner}


@pytest.mark.parametrize("texts", [many_nodes, many_settings, many_lists, many_quotes, nested_objects, texts_in_texts])
def test_settings_cost_by_their_length(texts: Callable[[int], dict[str, str]]) -> None:
    few, many = texts(5_000), texts(20_000)
    assert cost(lambda: settings_in(many)) < 12 * cost(lambda: settings_in(few)) + 0.01


@pytest.mark.parametrize("field", ["exif:Software", "exif:ImageDescription", "png:Author", "photoshop:Credit"])
@pytest.mark.parametrize("text", ["flux dev ", "gemini pro ", "signature: aaaa", "job id: 01234567-", " ", "a"])
def test_marks_are_looked_for_in_the_beginning_of_a_field(field: str, text: str) -> None:
    few, many = text * 10_000, text * 400_000
    assert cost(lambda: marks_in({field: many})) < 12 * cost(lambda: marks_in({field: few})) + 0.01


def test_values_of_a_property_are_kept_up_to_a_number() -> None:
    def packet(count: int) -> bytes:
        name = "<i:DigitalSourceType>{}</i:DigitalSourceType>"
        rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        begin = f'<r:RDF xmlns:r="{rdf}"><r:Description xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        return (begin + "".join(name.format(n) for n in range(count)) + "</r:Description></r:RDF>").encode()

    few, many = packet(4_000), packet(16_000)
    assert cost(lambda: read_xmp([many])) < 12 * cost(lambda: read_xmp([few]))


def test_tags_that_share_their_bytes_are_read_once() -> None:
    size = 2 * limits.MIB
    tags = (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x8298)
    entries = b"".join(struct.pack("<HHII", tag, 2, size, 4_000) for tag in tags * 40)
    data = b"II*\0" + struct.pack("<IH", 8, 6 * 40) + entries
    data = data.ljust(4_000, b"\0") + b"a" * size
    assert peak(lambda: read_exif(data)) < 12 * size
