"""Declared metadata: counted in its proper place, and nowhere else; and hostile blocks that must not harm."""

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import provenance
from provenance import limits
from provenance.digital_source_type import origin_of_source_type
from provenance.sources.metadata.aigc import AigcLabel
from provenance.sources.metadata.xmp import read_xmp

from ..patience import PATIENCE
from .memory import PRINT_OWN_PEAK

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def xmp(properties: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def jpeg(*segments: tuple[int, bytes], exif: bytes | None = None) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(out, "JPEG", **({"exif": exif} if exif else {}))
    data = out.getvalue()
    added = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return data[:2] + added + data[2:]


def png(**text: str) -> bytes:
    info = PngInfo()
    for keyword, value in text.items():
        info.add_itxt(keyword.replace("__", ":"), value)
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(out, "PNG", pnginfo=info)
    return out.getvalue()


def jpeg_with(properties: str) -> bytes:
    return jpeg((0xE1, XMP_HEADER + xmp(properties)))


def declared_by(data: bytes) -> tuple[str, str, str | None]:
    report = provenance.verify(data)
    agent = next((item.agent for item in report.evidence if item.origin == report.conclusion.origin), None)
    return report.conclusion.origin, report.conclusion.assurance, agent


# The IPTC vocabulary

VOCABULARY = {
    "digitalCapture": "captured",
    "computationalCapture": "captured",
    "compositeCapture": "captured",
    "negativeFilm": "captured",
    "positiveFilm": "captured",
    "print": "captured",
    "humanEdits": "unknown",
    "minorHumanEdits": "captured",
    "algorithmicallyEnhanced": "unknown",
    "softwareImage": "digital-creation",
    "digitalArt": "digital-creation",
    "digitalCreation": "digital-creation",
    "dataDrivenMedia": "digital-creation",
    "trainedAlgorithmicMedia": "ai-generated",
    "algorithmicMedia": "digital-creation",
    "screenCapture": "unknown",
    "virtualRecording": "digital-creation",
    "composite": "unknown",
    "compositeSynthetic": "ai-edited",
    "compositeWithTrainedAlgorithmicMedia": "ai-edited",
}


@pytest.mark.parametrize(("term", "origin"), VOCABULARY.items())
def test_every_iptc_term_has_its_origin(term: str, origin: str) -> None:
    assert origin_of_source_type(IPTC + term) == origin


@pytest.mark.parametrize(
    "written",
    [
        IPTC + "trainedAlgorithmicMedia/",
        f" {IPTC}trainedAlgorithmicMedia",
        "trainedAlgorithmicMedia",
        "digsrctype:trainedAlgorithmicMedia",
        "https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    ],
)
def test_the_ways_in_which_a_term_is_written(written: str) -> None:
    assert origin_of_source_type(written) == "ai-generated"


def test_a_term_of_no_vocabulary_has_no_origin() -> None:
    assert origin_of_source_type("http://example.com/trainedAlgorithmicMedia") is None


# XMP, EXIF, IPTC, AIGC, credit lines


@pytest.mark.parametrize(
    "properties",
    [
        f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>",
        f'<Iptc4xmpExt:DigitalSourceType xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" r:resource="{IPTC}trainedAlgorithmicMedia"/>',
    ],
)
def test_a_digital_source_type_in_xmp_is_declared(properties: str) -> None:
    assert declared_by(jpeg_with(properties))[:2] == ("ai-generated", "declared")


def test_the_same_in_png_webp_and_avif() -> None:
    packet = xmp(
        f"<Iptc4xmpExt:DigitalSourceType>{IPTC}compositeWithTrainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"
    )
    assert (
        declared_by(png(XML__com_adobe_xmp=packet.decode()).replace(b"XML:com_adobe_xmp", b"XML:com.adobe.xmp"))[0]
        == "ai-edited"
    )
    for kind in ("WEBP", "AVIF", "TIFF"):
        out = io.BytesIO()
        image = Image.new("RGB", (64, 64), "navy")
        if kind == "TIFF":
            image.save(out, kind, tiffinfo={700: packet})
        else:
            image.save(out, kind, xmp=packet)
        assert declared_by(out.getvalue())[:2] == ("ai-edited", "declared"), kind


def test_the_iptc_2025_fields_name_the_system() -> None:
    origin, assurance, agent = declared_by(
        jpeg_with(
            "<Iptc4xmpExt:AISystemUsed>Model X</Iptc4xmpExt:AISystemUsed><Iptc4xmpExt:AIPromptInformation>a lake</Iptc4xmpExt:AIPromptInformation>"
        )
    )
    assert (origin, assurance, agent) == ("ai-edited", "declared", "Model X")


@pytest.mark.parametrize(
    ("credit", "origin"),
    [
        ("Made with Google AI", "ai-generated"),
        ("Edited with Google AI", "ai-edited"),
        ("Not made with Google AI", "unknown"),
    ],
)
def test_a_google_credit_line_counts_only_as_a_whole(credit: str, origin: str) -> None:
    assert declared_by(jpeg_with(f"<photoshop:Credit>{credit}</photoshop:Credit>"))[0] == origin


def test_the_credit_line_in_iptc_datasets() -> None:
    credit = b"Made with Google AI"
    datasets = b"\x1c\x02\x6e" + struct.pack(">H", len(credit)) + credit
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(datasets)) + datasets + b"\0" * (len(datasets) % 2)
    assert declared_by(jpeg((0xED, b"Photoshop 3.0\0" + resource)))[0] == "ai-generated"


@pytest.mark.parametrize(
    ("fields", "agent"),
    [
        ({"Description": "a lake --v 6.1 Job ID: 12345678-1234-1234-1234-123456789abc", "Author": "u"}, "Midjourney"),
        ({"Software": "Adobe Firefly"}, "Adobe Firefly"),
        ({"Software": "DALL·E 3"}, "DALL-E"),
    ],
)
def test_generators_that_name_themselves_in_png_text(fields: dict[str, str], agent: str) -> None:
    assert declared_by(png(**fields)) == ("ai-generated", "declared", agent)


def test_a_photo_of_a_place_called_midjourney_is_not_ai() -> None:
    assert declared_by(jpeg_with("<photoshop:Credit>Midjourney Street Press</photoshop:Credit>"))[0] == "unknown"


LABEL = {"Label": "1", "ContentProducer": "ExampleAI", "ProduceID": "1", "ContentPropagator": "", "PropagateID": ""}


@pytest.mark.parametrize("data", [{"AIGC": LABEL}, LABEL])
def test_the_aigc_label_in_xmp_and_in_png(data: dict) -> None:
    text = json.dumps(data)
    assert declared_by(jpeg_with(f"<TC260:AIGC>{text}</TC260:AIGC>")) == ("ai-generated", "declared", "ExampleAI")
    assert declared_by(png(AIGC=text)) == ("ai-generated", "declared", "ExampleAI")


def test_a_platforms_supposition_declares_no_origin() -> None:
    assert declared_by(png(AIGC=json.dumps(LABEL | {"Label": "3"})))[:2] == ("unknown", "none")


# ISO base media files: boxes made by hand, since no library writes these marks


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind + body


MP4 = box(b"ftyp", b"mp42", bytes(4), b"mp42isom")
AIGC = json.dumps({"AIGC": LABEL}).encode()
PACKET = xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>")
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def keys_and_values() -> bytes:
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), box(b"mdta", b"AIGC"))
    values = box(b"ilst", box(struct.pack(">I", 1), box(b"data", struct.pack(">II", 1, 0), AIGC)))
    return box(b"meta", box(b"hdlr", bytes(24)), keys, values)


@pytest.mark.parametrize(
    "content",
    [
        box(b"moov", box(b"udta", box(b"AIGC", AIGC))),
        box(b"moov", box(b"udta", keys_and_values())),
        box(b"moov", keys_and_values()),
        box(b"uuid", XMP_UUID, PACKET),
        box(b"moov", box(b"uuid", XMP_UUID, PACKET)),
        box(b"moov", box(b"udta", box(b"XMP_", PACKET))),
    ],
    ids=["AIGC box", "AIGC key in user data", "AIGC key", "XMP", "XMP in the movie", "XMP in user data"],
)
def test_marks_in_the_boxes_of_a_video_are_declared(content: bytes) -> None:
    assert declared_by(MP4 + content)[:2] == ("ai-generated", "declared")
    # The same bytes as media data are no declaration.
    assert declared_by(MP4 + box(b"mdat", content))[0] == "unknown"


def test_a_jpeg_xl_box_and_a_heif_item() -> None:
    jpeg_xl = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl ", bytes(4), b"jxl ") + box(b"xml ", PACKET)
    assert declared_by(jpeg_xl)[0] == "ai-generated"
    entry = box(b"infe", b"\x02\0\0\0", struct.pack(">HH", 7, 0), b"mime", b"\0application/rdf+xml\0")
    names = box(b"iinf", bytes(4), struct.pack(">H", 1), entry)
    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(offset: int) -> bytes:
        places = struct.pack(">BBHHHHII", 0x44, 0, 1, 7, 0, 1, offset, len(PACKET))
        return box(b"meta", bytes(4), names, box(b"iloc", bytes(4), places))

    offset = len(head) + len(meta(0)) + 8
    assert declared_by(head + meta(offset) + box(b"mdat", PACKET))[0] == "ai-generated"
    assert declared_by(head + meta(2**31) + box(b"mdat", PACKET))[0] == "unknown"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"AIGC": 1}', '{"Label": "9"}', '{"AIGC": "{"}', "[" * 100_000])
def test_what_is_no_aigc_label(text: str) -> None:
    assert AigcLabel.read(text) is None


def test_a_camera_is_a_hint_and_no_declaration() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R5"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    report = provenance.verify(jpeg(exif=exif.tobytes()))
    assert (report.conclusion.origin, report.conclusion.assurance) == ("unknown", "none")
    assert report.conclusion.headline.key == "headline.unknown.camera"
    assert any(item.agent == "Canon EOS R5" for item in report.evidence)


def test_a_user_comment_in_utf_16_is_read_in_both_orders() -> None:
    text = "a lake\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: some-model"
    for encoding in ("utf-16-be", "utf-16-le"):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(encoding)
        assert declared_by(jpeg(exif=exif.tobytes()))[2] == "AUTOMATIC1111 (some-model)"


def test_contradicting_declarations_are_listed() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R5"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    packet = XMP_HEADER + xmp(
        f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"
    )
    report = provenance.verify(jpeg((0xE1, packet), exif=exif.tobytes()))
    assert report.conclusion.origin == "ai-generated"
    assert [message.key for message in report.conclusion.conflicts] == ["metadata.camera"]


# Marks in the wrong place

PROMPT = b'tEXtprompt\0{"1": {"class_type": "KSampler", "inputs": {}}}'


@pytest.mark.parametrize(
    "mark",
    [
        PROMPT,
        b"Steps: 20, Sampler: Euler a",
        b"trainedAlgorithmicMedia",
        xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"),
    ],
)
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_bytes_after_the_end_are_suspicious_and_declare_nothing(kind: str, mark: bytes) -> None:
    webp = io.BytesIO()
    Image.new("RGB", (64, 64)).save(webp, "WEBP")
    image = {"jpeg": jpeg(), "png": png(), "webp": webp.getvalue()}[kind]
    report = provenance.verify(image + mark)
    assert (report.conclusion.origin, report.conclusion.assurance) == ("unknown", "none")
    assert "remark.trailing" in {remark.key for remark in report.remarks}
    assert "metadata.suspicious_trailing" in {message.key for message in report.conclusion.conflicts}


def test_a_png_chunk_in_a_jpeg_comment_is_suspicious_and_declares_nothing() -> None:
    report = provenance.verify(jpeg((0xFE, PROMPT)))
    assert (report.conclusion.origin, report.conclusion.assurance) == ("unknown", "none")
    assert "metadata.suspicious_comment" in {message.key for message in report.conclusion.conflicts}


def test_harmless_trailing_bytes_are_a_remark_and_no_conflict() -> None:
    report = provenance.verify(jpeg() + bytes(64))
    assert "remark.trailing" in {remark.key for remark in report.remarks}
    assert report.conclusion.conflicts == ()


def test_a_description_of_an_ingredient_inside_xmp_is_not_the_assets_own() -> None:
    nested = (
        '<Iptc4xmpExt:ArtworkOrObject><Iptc4xmpExt:Inner xmlns:q="http://www.w3.org/1999/02/22-rdf-syntax-ns#" q:parseType="Resource">'
        f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"
        "</Iptc4xmpExt:Inner></Iptc4xmpExt:ArtworkOrObject>"
    )
    assert declared_by(jpeg_with(nested))[0] == "unknown"


# Hidden in pixels


def with_hidden_text(
    text: str, size: tuple[int, int] = (200, 150), *, compressed: bool = False, rgb: bool = False
) -> bytes:
    import gzip

    data = gzip.compress(text.encode()) if compressed else text.encode()
    name = f"stealth_{'rgb' if rgb else 'png'}{'comp' if compressed else 'info'}".encode()
    bits = "".join(f"{byte:08b}" for byte in name + struct.pack(">I", len(data) * 8) + data)
    image = Image.effect_noise(size, 60).convert("RGBA" if not rgb else "RGB")
    pixels = image.load()
    assert pixels is not None
    each = 3 if rgb else 1
    for index in range(0, len(bits), each):
        x, y = divmod(index // each, size[1])
        values = list(pixels[x, y])
        for channel, bit in enumerate(bits[index : index + each]):
            place = channel if rgb else 3
            values[place] = values[place] & ~1 | int(bit)
        pixels[x, y] = tuple(values)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


HIDDEN = "a lake\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: hidden-model"


@pytest.mark.parametrize("size", [(200, 150), (150, 60)])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("rgb", [False, True])
def test_parameters_hidden_in_pixels_are_found(size: tuple[int, int], compressed: bool, rgb: bool) -> None:
    data = with_hidden_text(HIDDEN, size, compressed=compressed, rgb=rgb)
    assert declared_by(data) == ("ai-generated", "declared", "AUTOMATIC1111 (hidden-model)")


def test_noise_in_the_pixels_hides_nothing() -> None:
    out = io.BytesIO()
    Image.effect_noise((200, 150), 90).convert("RGBA").save(out, "PNG")
    assert declared_by(out.getvalue())[0] == "unknown"


# Hostile blocks


def test_a_label_with_fields_named_like_anything_is_read() -> None:
    names = ("agent", "origin", "explanation", "details", "self", "source")
    assert declared_by(png(AIGC=json.dumps(LABEL | dict.fromkeys(names, "x"))))[:2] == ("ai-generated", "declared")


def peak_memory(data: bytes, tmp_path: Path) -> int:
    """KiB that a fresh process takes to verify this file."""
    path = tmp_path / "bomb.bin"
    path.write_bytes(data)
    script = f"import sys, provenance; provenance.verify(sys.argv[1])\n{PRINT_OWN_PEAK}"
    command = [sys.executable, "-c", script, str(path)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout)


def many_items_at_one_place() -> bytes:
    count, size = 1400, 2 * limits.MIB
    entries = [
        box(b"infe", b"\x02\0\0\0", struct.pack(">HH", n, 0), b"mime", b"\0application/rdf+xml\0") for n in range(count)
    ]
    names = box(b"iinf", bytes(4), struct.pack(">H", count), *entries)
    places = b"".join(struct.pack(">HHHII", n, 0, 1, 100_000, size) for n in range(count))
    locations = box(b"iloc", bytes(4), struct.pack(">BBH", 0x44, 0, count), places)
    return (
        box(b"ftyp", b"heic", bytes(4), b"mif1heic") + box(b"meta", bytes(4), names, locations) + bytes(size + 200_000)
    )


def many_tags_at_one_place() -> bytes:
    count, size = 500, 2 * limits.MIB
    entries = struct.pack("<HHII", 700, 1, size, 100_000) * count
    return b"II*\0" + struct.pack("<IH", 8, count) + entries + bytes(size + 200_000)


def hidden_length_of_millions() -> bytes:
    image = Image.new("RGBA", (8000, 4000))
    bits = "".join(f"{byte:08b}" for byte in b"stealth_pnginfo" + struct.pack(">I", 30_000_000))
    for y, bit in enumerate(bits):
        image.putpixel((0, y), (0, 0, 0, 254 + int(bit)))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def jpeg_of_empty_segments() -> bytes:
    return b"\xff\xd8" + b"\xff\xfe\0\2" * 10_000_000 + b"\xff\xd9"


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb", [many_items_at_one_place, many_tags_at_one_place, hidden_length_of_millions, jpeg_of_empty_segments]
)
def test_a_small_file_cannot_take_much_memory(bomb, tmp_path: Path) -> None:
    assert peak_memory(bomb(), tmp_path) < 500 * 1024


def test_a_deeply_nested_xmp_packet_ends() -> None:
    depth = 30_000
    inner = '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>' * depth
    close = "</dc:creator></rdf:Description>" * depth
    packet = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{inner}x{close}</rdf:RDF>'.encode()
    found, damaged = read_xmp([packet])
    assert damaged or found == {"dc:creator": []}


@pytest.mark.parametrize(
    "properties",
    [
        '<xmpMM:Ingredients xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"><rdf:Bag><rdf:li><rdf:Description>'
        f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"
        "</rdf:Description></rdf:li></rdf:Bag></xmpMM:Ingredients>",
        '</rdf:Description><rdf:Description rdf:about="uuid:a"/><rdf:Description rdf:about="uuid:b">'
        f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>",
    ],
    ids=["an ingredient", "another resource"],
)
def test_what_xmp_says_of_something_else_is_not_the_assets_own(properties: str) -> None:
    namespace = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    packet = xmp(properties.replace('rdf:about="uuid:b"', f'rdf:about="uuid:b" {namespace}'))
    assert declared_by(jpeg((0xE1, XMP_HEADER + packet)))[0] == "unknown"


def test_two_packets_that_disagree_are_both_said() -> None:
    packets = [
        (0xE1, XMP_HEADER + xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}{term}</Iptc4xmpExt:DigitalSourceType>"))
        for term in ("digitalCapture", "trainedAlgorithmicMedia")
    ]
    report = provenance.verify(jpeg(*packets))
    assert report.conclusion.origin == "ai-generated"
    assert len(report.conclusion.conflicts) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xmp_in_each_encoding(encoding: str) -> None:
    text = xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}digitalCreation</Iptc4xmpExt:DigitalSourceType>").decode("utf-8")
    document = text[text.index("<x:xmpmeta") : text.index("<?xpacket end")]
    assert read_xmp([document.encode(encoding)])[0] == {"Iptc4xmpExt:DigitalSourceType": [IPTC + "digitalCreation"]}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks: bytes) -> bytes:
    data = png()
    end_of_header = 8 + 25
    return data[:end_of_header] + b"".join(chunks) + data[end_of_header:]


def test_a_text_chunk_that_inflates_without_end_is_cut() -> None:
    from provenance.asset import OpenAsset
    from provenance.sources.containers import read_blocks

    bomb = zlib.compress(bytes(200 * limits.MIB), 9)
    blocks = read_blocks(OpenAsset(io.BytesIO(png_with(chunk(b"zTXt", b"parameters\0\0" + bomb))), name=None))
    assert blocks is not None
    assert len(blocks.text["parameters"]) == limits.MAX_TEXT_CHUNK


@pytest.mark.parametrize(
    "packet",
    [
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'cccccccccc'>]><a>&b;</a>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        b"<a><b></a>",
        b"<?xml version='1.0' encoding='no-such-encoding'?><a/>",
        b"<a" + b">" + b"<b>" * 20_000,
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_a_hostile_xmp_packet_is_a_remark(packet: bytes) -> None:
    assert read_xmp([packet]) == ({}, True)
    report = provenance.verify(jpeg((0xE1, XMP_HEADER + packet[:60_000])))
    assert "remark.xmp_damaged" in {remark.key for remark in report.remarks}


@pytest.mark.parametrize("kind", [b"iTXt", b"tEXt", b"zTXt", b"eXIf"])
@pytest.mark.parametrize(
    "body", [b"", b"\0", b"parameters", b"parameters\0", b"parameters\0\1\0", b"\xff" * 40, b"MM\0*\0\0\0\x08\xff\xff"]
)
def test_a_malformed_png_chunk_does_no_harm(kind: bytes, body: bytes) -> None:
    assert provenance.verify(png_with(chunk(kind, body))).conclusion.assurance == "none"


def test_many_empty_chunks_end_at_a_limit() -> None:
    report = provenance.verify(png_with(chunk(b"abCd", b"") * (limits.MAX_SEGMENTS + 10)))
    assert "remark.truncated" in {remark.key for remark in report.remarks}


@pytest.mark.parametrize(
    "segment",
    [
        (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\xff"),
        (0xE1, b"http://ns.adobe.com/xmp/extension/\0short"),
        (0xE2, b"MPF\0"),
    ],
)
def test_a_malformed_jpeg_segment_does_no_harm(segment: tuple[int, bytes]) -> None:
    assert provenance.verify(jpeg(segment)).conclusion.assurance == "none"


def test_every_cut_of_an_iso_media_file_is_harmless(fixtures: Path) -> None:
    for name in ("sample1.heic", "sample1.avif", "video1_no_manifest.mp4"):
        data = (fixtures / "c2pa-rs" / name).read_bytes()
        for length in (*range(0, 600, 7), len(data) // 2):
            assert provenance.verify(data[:length]).conclusion.assurance == "none"


def test_values_from_a_file_cannot_steer_the_terminal() -> None:
    report = provenance.verify(png(Software="Adobe Firefly \x1b[2J\u202egnp.exe" + "x" * 5000))
    text = report.model_dump_json()
    assert "\\u001b" not in text
    assert "\u202e" not in text
    assert (
        max(len(value) for item in report.evidence for value in item.details.values() if isinstance(value, str))
        <= limits.MAX_VALUE_LENGTH
    )
