"""Declared metadata in sound, video, GIF and SVG: counted in its proper place there, and nowhere else."""

import io
import json
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

import provenance
from provenance import limits
from provenance.asset import OpenAsset
from provenance.sources.containers import Blocks, read_blocks

from .test_bounded_work import cost
from .test_generators import LABEL, LIST, PROMPT
from .test_metadata import IPTC, MP4, box, declared_by, xmp

PACKET = xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>")


def blocks_of(data: bytes) -> Blocks:
    blocks = read_blocks(OpenAsset(io.BytesIO(data), name=None))
    assert blocks is not None
    return blocks


# One small file of each kind, with one text in it


def id3(version: int, *frames: tuple[bytes, bytes]) -> bytes:
    def syncsafe(size: int) -> bytes:
        return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))

    body = b"".join(
        name + (syncsafe(len(data)) if version == 4 else struct.pack(">I", len(data))) + b"\0\0" + data
        for name, data in frames
    )
    return b"ID3" + bytes([version, 0, 0]) + syncsafe(len(body)) + body


def mp3(name: str, text: str) -> bytes:
    return id3(4, (b"TXXX", b"\3" + f"{name}\0{text}".encode())) + b"\xff\xfb\x90\0" + bytes(64)


def mp3_wide(name: str, text: str) -> bytes:
    wide = b"\1" + name.encode("utf-16") + b"\0\0" + text.encode("utf-16")
    return id3(3, (b"TXXX", wide)) + b"\xff\xfb\x90\0" + bytes(64)


def mp3_comment(_: str, text: str) -> bytes:
    return id3(3, (b"COMM", b"\0eng\0" + text.encode("latin-1"))) + bytes(64)


def vorbis_comments(name: str, text: str) -> bytes:
    comment = f"{name}={text}".encode()
    return struct.pack("<I", 4) + b"Lavf" + struct.pack("<II", 1, len(comment)) + comment


def flac(name: str, text: str) -> bytes:
    comments = vorbis_comments(name, text)
    return b"fLaC" + b"\0\0\0\x22" + bytes(34) + b"\x84" + len(comments).to_bytes(3, "big") + comments


def flac_behind_a_tag(name: str, text: str) -> bytes:
    return id3(4, (b"TIT2", b"\3title")) + flac(name, text)


def ogg_page(packets: bytes, laces: bytes, number: int) -> bytes:
    return b"OggS\0\0" + bytes(8) + b"\1\0\0\0" + struct.pack("<II", number, 0) + bytes([len(laces)]) + laces + packets


def ogg(start: bytes) -> Callable[[str, str], bytes]:
    def file(name: str, text: str) -> bytes:
        packet = start + vorbis_comments(name, text)
        laces = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
        return ogg_page(b"\1vorbis", b"\7", 0) + ogg_page(packet, laces, 1) + ogg_page(b"x", b"\1", 2)

    return file


def riff(kind: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        for name, data in ((b"fmt ", bytes(16)), *chunks)
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + kind + body


def information(kind: bytes) -> Callable[[str, str], bytes]:
    def file(name: str, text: str) -> bytes:
        data, keyword = text.encode() + b"\0", {"comment": b"ICMT"}.get(name, name.encode())
        entry = keyword + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        return riff(kind, (b"LIST", b"INFO" + entry))

    return file


def wav_with_a_tag(name: str, text: str) -> bytes:
    return riff(b"WAVE", (b"id3 ", id3(4, (b"TXXX", b"\3" + f"{name}\0{text}".encode()))))


def element(kind: int, *content: bytes) -> bytes:
    body = b"".join(content)
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + b"\x01" + len(body).to_bytes(7, "big") + body


def tags(name: str, text: str, *targets: bytes) -> bytes:
    simple = element(0x67C8, element(0x45A3, name.encode()), element(0x4487, text.encode()))
    return element(0x1254C367, element(0x7373, element(0x63C0, *targets), simple))


EBML = element(0x1A45DFA3, element(0x4282, b"matroska"))
CLUSTER = element(0x1F43B675, bytes(64))


def matroska(name: str, text: str) -> bytes:
    return EBML + element(0x18538067, tags(name, text), CLUSTER)


def matroska_with_tags_at_the_end(name: str, text: str) -> bytes:
    """Of unknown size, as a recording that was streamed: the index at the start leads to them."""
    live = b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + bytes(64)

    def index(place: int) -> bytes:
        seek = element(0x53AB, (0x1254C367).to_bytes(4, "big")), element(0x53AC, place.to_bytes(8, "big"))
        return element(0x114D9B74, element(0x4DBB, *seek))

    return EBML + element(0x18538067, index(len(index(0)) + len(live)), live, tags(name, text))


def mp4_atom(name: str, text: str) -> bytes:
    kind = {"comment": b"\xa9cmt"}.get(name, b"\xa9cmt")
    items = box(b"ilst", box(kind, box(b"data", struct.pack(">II", 1, 0), text.encode())))
    return MP4 + box(b"moov", box(b"udta", box(b"meta", bytes(4), box(b"hdlr", bytes(24)), items)))


def mp4_named_atom(name: str, text: str) -> bytes:
    parts = box(b"mean", bytes(4), b"com.example"), box(b"name", bytes(4), name.encode())
    items = box(b"ilst", box(b"----", *parts, box(b"data", struct.pack(">II", 1, 0), text.encode())))
    return MP4 + box(b"moov", box(b"udta", box(b"meta", bytes(4), box(b"hdlr", bytes(24)), items)))


def mp4_items_before_keys(name: str, text: str) -> bytes:
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), box(b"mdta", name.encode()))
    items = box(b"ilst", box(struct.pack(">I", 1), box(b"data", struct.pack(">II", 1, 0), text.encode())))
    return MP4 + box(b"moov", box(b"meta", box(b"hdlr", bytes(24)), items, keys), box(b"free", b"behind"))


def quicktime(_: str, text: str) -> bytes:
    data = text.encode()
    return MP4 + box(b"moov", box(b"udta", box(b"\xa9cmt", struct.pack(">HH", len(data) & 0xFFFF, 0), data)))


def gif_with(extension: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue()[:-1] + extension + b";"


def gif(_: str, text: str) -> bytes:
    data = text.encode()
    pieces = [data[at : at + 255] for at in range(0, len(data), 255)]
    return gif_with(b"\x21\xfe" + b"".join(bytes([len(each)]) + each for each in pieces) + b"\0")


WRITERS: list[Callable[[str, str], bytes]] = [
    mp3,
    mp3_wide,
    mp3_comment,
    flac,
    flac_behind_a_tag,
    ogg(b"\3vorbis"),
    ogg(b"OpusTags"),
    information(b"WAVE"),
    information(b"AVI "),
    wav_with_a_tag,
    matroska,
    matroska_with_tags_at_the_end,
    mp4_atom,
    mp4_named_atom,
    mp4_items_before_keys,
    quicktime,
    gif,
]


@pytest.mark.parametrize("write", WRITERS)
def test_a_label_and_a_graph_are_found_in_the_texts_of_each_format(write: Callable[[str, str], bytes]) -> None:
    assert declared_by(write("AIGC", json.dumps({"AIGC": LABEL}))) == (
        "ai-generated",
        "declared",
        "Doubao (ByteDance) (001191110102MACQD9K64010000)",
    )
    wrapped = json.dumps({"prompt": json.dumps(PROMPT)})
    assert declared_by(write("comment", wrapped))[2] == "ComfyUI (some.safetensors)"
    assert declared_by(write("comment", LIST))[2] == "AUTOMATIC1111 (some)"
    assert declared_by(write("comment", "a lake, not by Midjourney"))[0] == "unknown"


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_that_breaks_off_anywhere_is_read_up_to_there(write: Callable[[str, str], bytes]) -> None:
    data = write("AIGC", json.dumps({"AIGC": LABEL}))
    for length in range(0, len(data), 5):
        provenance.verify(data[:length])


def svg(metadata: bytes, root: bytes = b"") -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"' + root + b' width="9" height="9">' + metadata + b"<rect/></svg>"


RDF = PACKET[PACKET.index(b"<rdf:RDF") : PACKET.index(b"</x:xmpmeta")]
BARE = RDF.replace(b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"', b"")


@pytest.mark.parametrize(
    "data",
    [
        svg(b"<metadata>" + PACKET + b"</metadata>"),
        svg(b"<metadata id='m'>" + RDF + b"</metadata>"),
        svg(b"<metadata>" + BARE + b"</metadata>", b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'),
        gif_with(b"\x21\xff\x0bXMP DataXMP" + PACKET + b"\1" + bytes(range(255, -1, -1)) + b"\0"),
        id3(4, (b"PRIV", b"XMP\0" + PACKET)),
        riff(b"WAVE", (b"_PMX", PACKET)),
    ],
    ids=["SVG", "SVG, RDF alone", "SVG, names of the root", "GIF", "MP3", "WAV"],
)
def test_xmp_in_its_place(data: bytes) -> None:
    assert declared_by(data)[:2] == ("ai-generated", "declared")


@pytest.mark.parametrize(
    "data",
    [
        svg(b"<!--<metadata>" + PACKET.replace(b"--", b"") + b"</metadata>-->"),
        svg(b"<desc>" + PACKET + b"</desc>"),
        svg(b"<metadata><![CDATA[" + PACKET + b"]]></metadata>").replace(b"<rdf:RDF", b"<rdf:RD"),
        riff(b"WAVE", (b"data", PACKET + json.dumps(LABEL).encode())),
        EBML + element(0x18538067, element(0x1F43B675, tags("AIGC", json.dumps(LABEL)))),
        EBML + element(0x18538067, tags("AIGC", json.dumps(LABEL), element(0x63C5, b"\1"))),
        flac("comment", "x") + json.dumps(LABEL).encode() + PACKET,
    ],
    ids=["SVG, a comment", "SVG, a caption", "SVG, text", "WAV, the sound", "Matroska, the media", "a track", "FLAC"],
)
def test_the_same_elsewhere_declares_nothing(data: bytes) -> None:
    assert declared_by(data)[0] == "unknown"


def test_a_song_of_a_generator_says_so_in_its_comment() -> None:
    comment = "made with suno; created=2025-10-08T16:20:02.314Z; id=116d34f4-b3d5-48b8-9334-011b1dd1df00"
    assert declared_by(mp3_comment("", comment))[2] == "Suno"
    assert declared_by(mp3_comment("", "Music made with Suno, says the description"))[0] == "unknown"


def test_broadcast_sound_and_the_names_of_programs() -> None:
    data = riff(b"WAVE", (b"bext", b"a lake".ljust(256, b"\0") + b"Anna".ljust(64, b"\0") + b"2026-01-02" + bytes(300)))
    assert blocks_of(data).text == {"description": "a lake", "artist": "Anna", "date": "2026-01-02"}
    assert blocks_of(flac("ENCODER", "Lavc")).text == {"muxer": "Lavf", "encoder": "Lavc"}


# PDF


def pdf(*objects: bytes, info: bytes = b"", more: bytes = b"") -> bytes:
    """The catalogue is object 1, the information 2; further ones follow."""
    all_objects = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 3))
    catalogue = b"1 0 obj\n<</Type/Catalog/Metadata 3 0 R>>\nendobj\n"
    information = b"2 0 obj\n<<" + info + b">>\nendobj\n"
    return (
        b"%PDF-1.7\n"
        + catalogue
        + information
        + all_objects
        + b"trailer\n<</Root 1 0 R/Info 2 0 R"
        + more
        + b">>\n%%EOF"
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<" + entries + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def packed(*objects: tuple[int, bytes]) -> bytes:
    heads = b" ".join(b"%d %d" % (number, sum(len(each[1]) for each in objects[:at])) for at, (number, _) in enumerate(objects)) + b" "  # fmt: skip
    data = zlib.compress(heads + b"".join(each[1] for each in objects))
    return stream(data, b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(heads)))


@pytest.mark.parametrize(
    "data",
    [
        pdf(stream(PACKET, b"/Type/Metadata/Subtype/XML")),
        pdf(stream(zlib.compress(PACKET), b"/Type/Metadata/Filter/FlateDecode")),
        pdf(stream(zlib.compress(PACKET), b"/Filter [ /FlateDecode ]")),
        pdf(stream(b""), info=b"/AIGC(" + json.dumps(LABEL).encode() + b")"),
        pdf(stream(b""), info=b"/AIGC<" + json.dumps(LABEL).encode("utf-16").hex().encode() + b">"),
        pdf(stream(b""), info=rb"/Creator(Chat\107P\124)"),
        pdf(stream(PACKET), packed((1, b"<</Metadata 3 0 R>>"))).replace(b"1 0 obj", b"x x obj"),
    ],
    ids=["XMP", "packed", "in a list", "label", "wide label", "name", "object stream"],
)
def test_what_a_document_declares_of_itself(data: bytes) -> None:
    assert declared_by(data)[:2] == ("ai-generated", "declared")


@pytest.mark.parametrize(
    "data",
    [
        pdf(stream(b""), stream(PACKET, b"/Type/Metadata")),
        pdf(stream(PACKET)) + b"\n3 0 obj\n" + stream(b"<a/>") + b"\nendobj",
        pdf(stream(b""), info=b"/AIGC(" + json.dumps(LABEL).encode() + b")", more=b"/Encrypt 9 0 R"),
        pdf(stream(b""), info=b"/Subject(ChatGPT)/Title(Made with Midjourney)"),
        pdf(stream(PACKET)).replace(b"/Metadata 3 0 R", b"/Metadata 3 0 3 R"),
    ],
    ids=["of a picture in it", "an older version", "encrypted", "a subject", "no reference"],
)
def test_what_is_not_about_the_document(data: bytes) -> None:
    assert declared_by(data)[0] == "unknown"


def test_the_texts_of_a_document() -> None:
    data = pdf(stream(b""), info=rb"/Author(Anna \(A.\) (B))/CreationDate(D:20260102030405+02'00')/Title<FEFF6E56>")
    assert blocks_of(data).text == {"author": "Anna (A.) (B)", "creationdate": "20260102T030405+0200", "title": "湖"}


def test_a_document_that_breaks_off_anywhere_is_read_up_to_there() -> None:
    data = pdf(stream(zlib.compress(PACKET), b"/Filter/FlateDecode"), packed((9, b"<<>>")), info=b"/AIGC({)")
    for length in range(0, len(data), 3):
        blocks_of(b"%PDF-1.7" + data[8:length])


# Work that a stranger could multiply


def many_tags_in_a_wav(count: int) -> bytes:
    frames = id3(4, *[(b"TXXX", b"\3a\0b")] * 200)
    endless = frames[:6] + b"\x7f\x7f\x7f\x7f" + frames[10:]
    return riff(b"WAVE", *[(b"id3 ", endless)] * count)


def many_metadata_in_an_svg(count: int) -> bytes:
    return svg(b"<metadata>" * count + b"</metadata>")


def many_pages(count: int) -> bytes:
    return ogg_page(b"\1vorbis", b"\7", 0) * count


def many_elements(count: int) -> bytes:
    return EBML + element(0x18538067, tags("a", "b") * count)


def many_object_streams(count: int) -> bytes:
    return pdf(stream(b""), *[packed((9, b"<<>>"))] * count).replace(b"1 0 obj", b"x x obj")


def many_openings_of_streams(count: int) -> bytes:
    return pdf(stream(b""), b"/Type/ObjStm/First 1 stream\n" * count).replace(b"1 0 obj", b"x x obj")


def many_heads_of_objects(count: int) -> bytes:
    return pdf(stream(b""), b"91 0 obj " * count)


def many_brackets(count: int) -> bytes:
    return pdf(stream(b""), info=b"/AIGC" + b"(" * count)


@pytest.mark.parametrize(
    "repeated",
    [
        many_tags_in_a_wav,
        many_metadata_in_an_svg,
        many_pages,
        many_elements,
        many_object_streams,
        many_openings_of_streams,
        many_heads_of_objects,
        many_brackets,
    ],
)
def test_what_is_repeated_costs_by_its_number(repeated: Callable[[int], bytes]) -> None:
    few, many = repeated(1_000), repeated(4_000)
    assert cost(lambda: blocks_of(many)) < 12 * cost(lambda: blocks_of(few))


def test_texts_end_at_a_limit() -> None:
    count = 100_000
    comments = (
        struct.pack("<I", 0)
        + struct.pack("<I", count)
        + b"".join(struct.pack("<I", 8) + f"{number:06}=b".encode() for number in range(count))
    )
    data = b"fLaC" + b"\x84" + len(comments).to_bytes(3, "big") + comments
    assert len(blocks_of(data).text) <= limits.MAX_TEXT_CHUNKS
