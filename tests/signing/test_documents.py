"""ZIP-based documents bound as the standard says: read by the second engine, and nothing in them is changed."""

import hashlib
import io
import json
import struct
import zipfile
from dataclasses import replace

import c2pa
import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance
from provenance.formats.jumbf import read_boxes
from provenance.sources.c2pa import second_engine
from provenance.sources.c2pa.manifest_store import parse_store
from provenance_signing.algorithms import Algorithm
from provenance_signing.carriers.archive import Archive
from provenance_signing.carriers.cose import sign1
from provenance_signing.carriers.documents import MANIFEST, collection_hash, embed, sign_document
from provenance_signing.carriers.rebinding import rebind
from provenance_signing.credential import Credential
from provenance_signing.engine import IdentitySigner, Order, sign_embeddable
from provenance_signing.errors import FormatError, OutputError, TimeStampError
from provenance_signing.keys.development import create_tsa
from provenance_signing.keys.development_tsa import DevelopmentTsa
from provenance_signing.time_stamps import IfUnavailable, TimeStamps

from ..core.signing import created, manifest
from .documents import EPUB, FILES, ODT, WORD, ZIP, archive, document

ORDER = Order(manifest(created("trainedAlgorithmicMedia"), title="A letter"))


def signed(content: bytes, credential: Credential, media_type: str = ZIP, order: Order = ORDER) -> bytes:
    return sign_document(content, media_type, order, credential)[0]


def verdict(content: bytes) -> str | None:
    reading = second_engine.read(content, ZIP)
    return reading.verdict and reading.verdict.lower()


def packed(content: bytes) -> dict[str, bytes]:
    """Each file but the manifest, as it stands in the archive."""
    return {each.name: content[each.start : each.end] for each in Archive.of(content).entries if each.name != MANIFEST}


def store_in(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return opened.read(MANIFEST)


def by_the_first_engine(credential: Credential) -> set[str]:
    """What c2pa-rs says of a signature that is made here; under the data hash's name, since it reads no array."""
    binding = {"alg": "sha256", "hash": hashlib.sha256(b"").digest(), "exclusions": [], "name": "x", "pad": b""}
    made = sign_embeddable(ORDER, credential.with_time_stamps(None), {**binding, "hash": bytes(32)})
    store = rebind(made.store, "c2pa.hash.data", binding, lambda claim: sign1(claim, credential))
    read = json.loads(c2pa.Reader("application/c2pa", io.BytesIO(store)).json())
    return {each["code"] for kind in read["validation_results"]["activeManifest"].values() for each in kind}


@pytest.fixture(scope="module")
def letter(credential) -> bytes:
    return signed(document(WORD), credential, WORD)


@pytest.mark.parametrize("media_type", FILES)
def test_a_signed_document_is_intact_and_its_files_stay_as_they_are(media_type, credential, authority_root):
    original = document(media_type)
    made = signed(original, credential, media_type)
    report = provenance.Verifier(trust=authority_root).verify(made)
    assert report.asset.media_type == media_type
    assert [(each.engine, str(each.integrity)) for each in report.credentials.engines] == [("encypher", "intact")]
    assert report.credentials.signer.name == "Example newsroom"
    assert report.conclusion.origin == "ai-generated"

    assert packed(made) == packed(original)
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [*FILES[media_type], MANIFEST]
        kept = opened.infolist()[-1]
    assert (kept.compress_type, kept.flag_bits) == (zipfile.ZIP_STORED, 0)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_every_algorithm_signs_documents(algorithm, development):
    credential = Credential.load(development(algorithm).credential)
    made = signed(document(ODT), credential, ODT)
    assert verdict(made) == "valid"
    validated = by_the_first_engine(credential)
    assert "claimSignature.validated" in validated
    assert "claimSignature.mismatch" not in validated


def test_one_changed_byte_is_found_wherever_it_is(letter):
    archive = Archive.of(letter)
    ours = next(each for each in archive.entries if each.name == MANIFEST)
    directory = len(letter) - len(b"".join(each.header for each in archive.entries)) - 22
    places = [each.start + 12 for each in archive.entries if each is not ours]  # the time in a file's own header
    places += [each.end - 1 for each in archive.entries if each is not ours]
    places += [ours.start + 2000, ours.end - 40, directory + 12, len(letter) - 22 + 12]
    for place in places:
        changed = letter[:place] + bytes([letter[place] ^ 1]) + letter[place + 1 :]
        assert verdict(changed) != "valid", place


def test_a_file_that_is_added_or_taken_away_is_found(letter):
    added = io.BytesIO(letter)
    with zipfile.ZipFile(added, "a") as opened:
        opened.writestr("word/more.xml", "<more/>")
    assert verdict(added.getvalue()) != "valid"
    without = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(letter)) as opened, zipfile.ZipFile(without, "w") as copy:
        for each in opened.infolist():
            if each.filename != "_rels/.rels":
                copy.writestr(each, opened.read(each))
    assert verdict(without.getvalue()) != "valid"


def test_a_document_that_is_signed_again_holds_one_manifest(letter, credential):
    again = signed(letter, credential, WORD)
    assert verdict(again) == "valid"
    assert again.count(MANIFEST.encode()) == 2  # in the file's own header, and in the directory
    assert packed(again) == packed(letter)


def test_a_manifest_between_other_files_gives_way(credential):
    files = {"a.txt": "a", MANIFEST: "an older one" * 100, "b.txt": "b"}
    made = signed(archive(files), credential)
    assert verdict(made) == "valid"
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert {name: opened.read(name) for name in ("a.txt", "b.txt")} == {"a.txt": b"a", "b.txt": b"b"}
        assert opened.namelist() == ["a.txt", "b.txt", MANIFEST]


@pytest.mark.parametrize("streamed", [True, False])
def test_data_descriptors_and_a_comment_stay(streamed, credential):
    made = signed(archive(FILES[EPUB], streamed=streamed, comment=b"printed in Lyon"), credential, EPUB)
    assert verdict(made) == "valid"
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        assert opened.comment == b"printed in Lyon"


def test_a_name_in_utf_8_that_does_not_say_so_is_signed(credential):
    data = archive({"Ete.txt": "x", "b.txt": "y"}).replace(b"Ete", "Été"[:2].encode())
    assert verdict(signed(data, credential)) == "valid"


def test_an_encrypted_file_is_signed_as_it_is(credential):
    data = bytearray(archive({"a.txt": "secret", "b.txt": "open"}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    assert verdict(signed(bytes(data), credential)) == "valid"


def with_end(data: bytes, at: int, value: int, size: int = 2) -> bytes:
    place = data.rindex(b"PK\5\6") + at
    return data[:place] + value.to_bytes(size, "little") + data[place + size :]


def with_header(data: bytes, at: int, value: bytes) -> bytes:
    place = data.index(b"PK\1\2") + at
    return data[:place] + value + data[place + len(value) :]


def twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made, pytest.warns(UserWarning):
        made.writestr("a.txt", "1")
        made.writestr("a.txt", "2")
    return out.getvalue()


PLAIN = archive({"a.txt": "Lyon", "b.txt": "Rhône"})
STREAMED = archive({"a.txt": "Lyon"}, streamed=True)
REFUSED = {
    "nothing": b"",
    "no archive": b"PK\3\4 and so on" * 10,
    "cut": PLAIN[:-3],
    "something before": b"#!/bin/sh\n" + PLAIN,
    "something behind": PLAIN + b"behind",
    "no files": archive({}),
    "only folders": archive({"a/": ""}),
    "only a manifest": archive({MANIFEST: "x"}),
    "ZIP64 by the number of files": with_end(with_end(PLAIN, 8, 0xFFFF), 10, 0xFFFF),
    "ZIP64 by the directory": with_end(PLAIN, 16, 0xFFFFFFFF, 4),
    "ZIP64 by a size": with_header(PLAIN, 20, b"\xff" * 4),
    "in parts": with_end(PLAIN, 4, 1),
    "a part elsewhere": with_header(PLAIN, 34, b"\1\0"),
    "a hidden directory": with_header(PLAIN, 9, b"\x20"),
    "too many files": with_end(with_end(PLAIN, 8, 3), 10, 3),
    "too few files": with_end(with_end(PLAIN, 8, 1), 10, 1),
    "two names for one file": with_header(PLAIN, 46, b"c"),
    "two files of one name": twice(),
    "one file in another": with_header(PLAIN, 42, struct.pack("<I", PLAIN.index(b"PK\3\4", 4))),
    "a file that is longer": with_header(PLAIN, 20, struct.pack("<I", 90)),
    "a file that is shorter": with_header(PLAIN, 20, struct.pack("<I", 3)),
    "a descriptor for another content": STREAMED.replace(b"PK\7\x08", b"PK\7\x08\0", 1)[:-1],
    "a name outside": archive({"../a.txt": "x"}),
    "a name from the root": archive({"/a.txt": "x"}),
    "a name of Windows": archive({"a": "x"}).replace(b"a", b"\\"),
    "a name that is not UTF-8": archive({"Ete.txt": "x"}).replace(b"Ete", b"\x90t\x82"),
    "a folder with content": archive({"a.txt": "x", "folder/": "hidden here"}),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_bound_as_a_whole_is_refused_before_a_key_is_used(data, credential):
    class Untouched:
        public_key = None

        def sign(self, *_):
            raise AssertionError("a key was used")

    with pytest.raises(FormatError):
        signed(data, replace(credential, key=Untouched()))


def test_an_update_and_an_identity_are_refused(credential):
    with pytest.raises(FormatError, match="update"):
        signed(PLAIN, credential, order=replace(ORDER, update=True))
    with pytest.raises(FormatError, match="identity"):
        signed(PLAIN, credential, order=replace(ORDER, identity=IdentitySigner(credential)))


def test_a_document_gets_its_time_stamp(credential, tmp_path):
    tsa = create_tsa(tmp_path / "tsa")
    with DevelopmentTsa(tsa.folder) as running:
        stamping = credential.with_time_stamps(TimeStamps(url=running.url))
        made = signed(document(EPUB), stamping, EPUB)
        codes = by_the_first_engine(stamping)
    assert verdict(made) == "valid"
    assert {"timeStamp.validated", "claimSignature.validated"} <= codes
    stamped = {each.code for each in second_engine.read(made, EPUB).codes if each.code.startswith("timeStamp")}
    assert stamped == {"timeStamp.untrusted"}  # it was given no authorities


def test_what_happens_without_a_time_stamp_is_as_the_settings_say(credential, listener):
    port = listener.getsockname()[1]
    listener.close()
    stamps = TimeStamps(url=f"http://127.0.0.1:{port}/")
    with pytest.raises(TimeStampError):
        signed(PLAIN, credential.with_time_stamps(stamps))
    without = stamps.model_copy(update={"if_unavailable": IfUnavailable.SIGN_WITHOUT})
    made, result = sign_document(PLAIN, ZIP, ORDER, credential.with_time_stamps(without))
    assert verdict(made) == "valid"
    assert [each.key for each in result.remarks] == ["sign.no_time_stamp"]
    assert result.store == store_in(made)


def test_all_other_boxes_stay_byte_for_byte(credential):
    order = replace(
        ORDER,
        definition={
            **ORDER.definition,
            "assertions": [
                *ORDER.definition["assertions"],
                {"label": "org.example.note", "data": {"a": 1.5, "b": [None, "ü"]}},
            ],
        },
    )
    old = sign_embeddable(order, credential, {"alg": "sha256", "hash": bytes(32), "exclusions": [], "name": "x"}).store
    new = rebind(old, "c2pa.hash.collection.data", {"alg": "sha256"}, lambda claim: cbor2.dumps(claim))

    before, after = (parse_store(store).active for store in (old, new))
    (before_parts, after_parts) = ([child.label for child in each.box.superboxes] for each in (before, after))
    assert before_parts == after_parts
    (first, *_), (second, *_) = (list(read_boxes(each.box.content)) for each in (before, after))
    assert first == second  # the description
    kept = [
        [each.box.content for label, each in store.assertions.items() if "hash" not in label]
        for store in (before, after)
    ]
    assert kept[0] == kept[1]
    assert len(kept[0]) > 1
    claims = [each.claim for each in (before, after)]
    changed = [each for each in claims[0]["created_assertions"] if each not in claims[1]["created_assertions"]]
    assert [each["url"].rsplit("/")[-1] for each in changed] == ["c2pa.hash.data"]
    assert {**claims[0], "created_assertions": 0} == {**claims[1], "created_assertions": 0}
    assert after.signature == cbor2.dumps(after.claim_bytes)


@pytest.mark.parametrize("store", [b"", b"\0" * 8, b"\0\0\0\x08jumb", b"\0\0\0\x10jumb\0\0\0\x08jumd" * 2])
def test_a_store_that_is_none_is_an_error(store):
    with pytest.raises(OutputError):
        rebind(store, "a", {}, lambda _: b"")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_document_is_refused_or_bound_as_a_whole(data):
    damaged = bytearray(data.draw(st.sampled_from([PLAIN, STREAMED, archive(FILES[EPUB], comment=b"abc")])))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = embed(bytes(damaged), bytes(100))
        bound = collection_hash(made)
    except FormatError:
        return
    assert len(bound["uris"]) == len([name for name in packed(made) if not name.endswith("/")])
    assert sum(len(each) for each in packed(made).values()) + 100 + 30 + len(MANIFEST) == len(made) - len(
        b"".join(each.header for each in Archive.of(made).entries)
    ) - 22 - len(Archive.of(made).comment)
