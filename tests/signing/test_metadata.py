"""The declared origin in an asset's XMP: read back by our own reader and by Pillow, and nothing else is changed."""

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from tests.core.signing import IPTC, Authority, created, manifest

import provenance
from provenance.asset import open_asset
from provenance.sources.containers import read_blocks
from provenance.sources.metadata.aigc import AigcLabel
from provenance.sources.metadata.xmp import read_xmp
from provenance_signing.metadata import Declared, write
from provenance_signing.metadata.packet import merged

AI = Declared(IPTC + "trainedAlgorithmicMedia")
EDITED = Declared(IPTC + "compositeWithTrainedAlgorithmicMedia")
LABEL = AigcLabel.of("1", "示例 <AI> & Co", produce_id='a"b')
FULL = Declared(IPTC + "trainedAlgorithmicMedia", LABEL, "Some Model", "2.1")

PROFILE = b"an ICC profile, as far as a copy is concerned"
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

OLDER = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\r\n'
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'  x:xmptk='Other tool'>\r\n"
    ' <!-- kept --><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\r\n'
    '  <r:Description r:about="" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"\r\n    dc:source="a&#10;b&gt;c"\r\n'
    f"    i:DigitalSourceType='{IPTC}digitalCapture'>\r\n"
    "   <dc:creator><r:Seq><r:li>Ada\t&amp; <![CDATA[Bob]]></r:li></r:Seq></dc:creator>\r\n"
    f"   <i:DigitalSourceType>{IPTC}negativeFilm</i:DigitalSourceType>\r\n"
    "  </r:Description>\r\n"
    '  <r:Description r:about="" xmlns:n="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">\r\n'
    f'   <n:DigitalSourcefileType r:resource="{IPTC}print"/></r:Description>\r\n'
    " </r:RDF></x:xmpmeta>\r\n" + " " * 3000 + "\r\n<?xpacket end='w'?>"
).encode()


def picture(mode: str = "RGB") -> Image.Image:
    return Image.radial_gradient("L").convert(mode).resize((97, 61))


def still(kind: str, xmp: bytes | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0110] = "Model X"
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Title", "a picture")
        if xmp is not None:
            text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = text
    elif xmp is not None:
        options["xmp"] = xmp
    picture("RGBA" if options.pop("alpha", False) else "RGB").save(out, kind, exif=exif, icc_profile=PROFILE, **options)
    return out.getvalue()


def bare(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    picture(mode).save(out, kind, **options)
    return out.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", len(content) + 8, kind) + content


def movie(*before: bytes, after: bytes = b"") -> bytes:
    return box(b"ftyp", b"mp42\0\0\0\0mp42") + b"".join(before) + box(b"moov", box(b"mvhd", bytes(100))) + after


MEDIA = box(b"mdat", b"the picture and the sound" * 9)

STILLS = {
    "image/jpeg": ("JPEG", {"quality": 90}),
    "image/png": ("PNG", {}),
    "image/webp": ("WEBP", {"quality": 80}),
}
ASSETS = {
    "JPEG": ("image/jpeg", bare("JPEG")),
    "JPEG with metadata": ("image/jpeg", still("JPEG")),
    "JPEG with XMP": ("image/jpeg", still("JPEG", OLDER)),
    "PNG": ("image/png", bare("PNG")),
    "PNG with XMP": ("image/png", still("PNG", OLDER, alpha=True)),
    "WebP": ("image/webp", bare("WEBP")),
    "WebP lossless": ("image/webp", bare("WEBP", lossless=True)),
    "WebP with alpha": ("image/webp", bare("WEBP", "RGBA", lossless=True)),
    "WebP with XMP": ("image/webp", still("WEBP", OLDER, alpha=True)),
    "MP4": ("video/mp4", movie(MEDIA)),
    "MP4 with XMP": ("video/mp4", movie(box(b"uuid", XMP_UUID, OLDER), MEDIA)),
}


def written(data: bytes, media_type: str, declared: Declared) -> bytes:
    target = io.BytesIO()
    assert write(io.BytesIO(data), target, media_type, declared)
    return target.getvalue()


def refused(data: bytes, media_type: str, declared: Declared = AI) -> bool:
    target = io.BytesIO()
    return not write(io.BytesIO(data), target, media_type, declared) and not target.getvalue()


def packets(data: bytes) -> list[bytes]:
    with open_asset(data) as asset:
        blocks = read_blocks(asset)
    assert blocks is not None
    return blocks.xmp


def declared_origins(data: bytes) -> list[str]:
    """Of each statement about the origin; what a file says of its time and author is none."""
    found = [each for each in provenance.verify(data).evidence if each.source == "metadata"]
    return [str(each.origin) for each in found if "facts" not in each.details]


@pytest.mark.parametrize(("media_type", "data"), ASSETS.values(), ids=ASSETS)
def test_the_origin_is_declared_once_and_read_back(media_type: str, data: bytes) -> None:
    once = written(data, media_type, AI)
    assert len(packets(once)) == 1
    found, damaged = read_xmp(packets(once))
    assert not damaged
    assert found["Iptc4xmpExt:DigitalSourceType"] == [AI.digital_source_type]
    report = provenance.verify(once)
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "declared")
    assert written(once, media_type, AI) == once

    changed = written(once, media_type, EDITED)
    assert read_xmp(packets(changed))[0]["Iptc4xmpExt:DigitalSourceType"] == [EDITED.digital_source_type]
    assert AI.digital_source_type.encode() + b"<" not in changed
    back = written(changed, media_type, AI)
    assert read_xmp(packets(back)) == read_xmp(packets(once))
    assert back.count(b"Iptc4xmpExt:DigitalSourceType>") == 2


@pytest.mark.parametrize(("media_type", "data"), ASSETS.values(), ids=ASSETS)
def test_the_label_of_gb_45438_and_the_ai_system_are_written_on_request(media_type: str, data: bytes) -> None:
    full = written(data, media_type, FULL)
    found, _ = read_xmp(packets(full))
    assert json.loads(found["TC260:AIGC"][0]) == LABEL.fields
    assert found["Iptc4xmpExt:AISystemUsed"] == ["Some Model"]
    assert found["Iptc4xmpExt:AISystemVersionUsed"] == ["2.1"]
    assert declared_origins(full) == ["ai-generated", "ai-edited", "ai-generated"]
    assert written(full, media_type, FULL) == full

    other = written(full, media_type, Declared(AI.digital_source_type, ai_system="Another"))
    found, _ = read_xmp(packets(other))
    assert found["Iptc4xmpExt:AISystemUsed"] == ["Another"]
    assert not found.get("Iptc4xmpExt:AISystemVersionUsed")
    assert json.loads(found["TC260:AIGC"][0]) == LABEL.fields


@pytest.mark.parametrize("media_type", STILLS)
@pytest.mark.parametrize("xmp", [None, OLDER], ids=["no XMP", "XMP"])
def test_the_picture_and_all_other_metadata_stay(media_type: str, xmp: bytes | None) -> None:
    kind, options = STILLS[media_type]
    before = still(kind, xmp, **options)
    after = written(before, media_type, FULL)
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
        assert (new.mode, new.size, new.tobytes()) == (old.mode, old.size, old.tobytes())
        assert new.getexif() == old.getexif()
        assert new.info["icc_profile"] == PROFILE
        assert new.info.get("Title") == old.info.get("Title")
        descriptions = new.getxmp()["xmpmeta"]["RDF"]["Description"]
    mine = descriptions[-1] if isinstance(descriptions, list) else descriptions
    assert mine["DigitalSourceType"] == AI.digital_source_type
    if xmp is not None:
        assert descriptions[0]["creator"]["Seq"]["li"] == "Ada\t& Bob"


def test_the_rest_of_a_packet_stays_byte_for_byte() -> None:
    made = merged(OLDER, AI)
    assert made is not None
    assert len(made) == len(OLDER)
    assert (
        b"<dc:creator><r:Seq><r:li>Ada\t&amp; <![CDATA[Bob]]></r:li></r:Seq></dc:creator>\r\n  </r:Description>" in made
    )
    assert made.startswith(OLDER[: OLDER.index(b"i:Digital")].rstrip() + b">\r\n   <dc:creator>")
    assert made.count(b"Description>") == 4 - 2
    assert made.count(b"DigitalSource") == 2
    assert made.endswith(b"</rdf:Description>\r\n </r:RDF></x:xmpmeta>" + made[made.rindex(b"meta>") + 5 :])


def test_a_new_packet_is_wrapped_and_padded_as_its_format_asks() -> None:
    made, read_only = merged(None, AI), merged(None, AI, read_only=True)
    assert made is not None
    assert read_only is not None
    assert made.startswith('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode())
    assert made.endswith(b"\n" + b'<?xpacket end="w"?>')
    assert len(made) - len(read_only) > 2000
    assert read_only.endswith(b'>\n<?xpacket end="r"?>')


@pytest.mark.parametrize(
    "packet",
    [
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        b'\0\0 <RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#" />\0\0',
        OLDER.decode().encode("utf-16"),
        OLDER.replace(b"r:about=''", b"r:about='uuid:1'"),
        OLDER.replace(b'r:about=""', b'r:about="uuid:1&amp;&quot;"', 1),
        OLDER.replace(b"end='w'", b"end='r'"),
        OLDER.replace(b" " * 3000, b""),
    ],
)
def test_packets_of_every_form_are_merged(packet: bytes) -> None:
    made = merged(packet, FULL)
    assert made is not None
    found, damaged = read_xmp([made])
    assert not damaged
    assert found["Iptc4xmpExt:DigitalSourceType"] == [AI.digital_source_type]
    assert merged(made, FULL) == made


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no XML",
        b"<a>",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        OLDER[:700],
        OLDER[:400],
        OLDER.replace(b"<x:xmpmeta", b"<!DOCTYPE a [<!ENTITY b 'c'>]><x:xmpmeta"),
        OLDER.replace(b" " * 3000, b" " * 3_000_000),
        b"\xff\xfea",
        b'<a xmlns="b&#1;c"/>',
    ],
)
def test_a_packet_that_cannot_be_read_is_not_replaced(packet: bytes) -> None:
    assert merged(packet, AI) is None
    if 0 < len(packet) < 65_000:
        assert refused(still("JPEG", packet), "image/jpeg")


def test_a_jpeg_keeps_its_extended_packet_unless_it_contradicts() -> None:
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32
    body = OLDER[OLDER.index(b"<x:") : OLDER.index(b"</x:xmpmeta>") + 12]
    for packet, kept in ((body, False), (body.replace(b"Digital", b"Another"), True)):
        content = head + struct.pack(">II", len(packet), 0) + packet
        segment = b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
        plain = still("JPEG", OLDER)
        place = plain.index(b"\xff\xdb")
        data = plain[:place] + segment + plain[place:]
        if kept:
            assert segment in written(data, "image/jpeg", AI)
        else:
            assert refused(data, "image/jpeg")


def test_a_jpeg_packet_with_no_room_left_is_not_cut() -> None:
    full = OLDER.replace(b" " * 3000, b"")
    full = full.replace(b"Other tool", b"x" * (65_500 - len(full)))
    assert refused(still("JPEG", full), "image/jpeg", FULL)
    assert not refused(still("WEBP", full), "image/webp", FULL)
    tight = OLDER.replace(b"Other tool", b"x" * 62_000).replace(b" " * 3000, b"")
    assert 65_000 < len(packets(written(still("JPEG", tight), "image/jpeg", FULL))[0]) <= 65_502


def test_pictures_behind_the_first_are_still_found() -> None:
    index = b"\xff\xe2" + struct.pack(">H", 6) + b"MPF\0"
    assert not refused(b"\xff\xd8" + index + bare("JPEG")[2:], "image/jpeg")
    plain = still("JPEG", OLDER)
    place = plain.index(b"\xff\xe1", plain.index(b"Exif"))
    assert plain[place + 4 : place + 8] == b"http"
    assert refused(plain[:place] + index + plain[place:], "image/jpeg")


@pytest.mark.parametrize(("media_type", "data"), [ASSETS["JPEG with XMP"], ASSETS["PNG with XMP"]])
def test_what_stands_behind_the_end_stays(media_type: str, data: bytes) -> None:
    assert written(data + b"a motion picture", media_type, AI) == written(data, media_type, AI) + b"a motion picture"


def test_a_png_packet_that_is_compressed_or_behind_the_image_gets_its_place() -> None:
    packed = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(OLDER)
    chunk = struct.pack(">I", len(packed)) + b"iTXt" + packed + struct.pack(">I", zlib.crc32(b"iTXt" + packed))
    plain = bare("PNG")
    end = plain.index(b"IEND") - 4
    made = written(plain[:end] + chunk + plain[end:], "image/png", AI)
    assert chunk not in made
    assert made.index(b"XML:com.adobe.xmp") < made.index(b"IDAT")
    assert b"CDATA[Bob]" in made
    assert refused(plain[:end] + 2 * chunk + plain[end:], "image/png")
    bomb = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(50_000_000))
    chunk = struct.pack(">I", len(bomb)) + b"iTXt" + bomb + struct.pack(">I", zlib.crc32(b"iTXt" + bomb))
    assert refused(plain[:end] + chunk + plain[end:], "image/png")


def test_the_label_is_a_text_of_a_png_too() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("AIGC", '{"Label": "3", "ContentProducer": "Somebody else"}')
    twice = written(written(bare("PNG", pnginfo=text), "image/png", FULL), "image/png", FULL)
    with Image.open(io.BytesIO(twice)) as image:
        assert json.loads(image.info["AIGC"]) == LABEL.fields
    assert twice.count(b"AIGC\0") == 1


def test_a_simple_webp_becomes_an_extended_one() -> None:
    for mode, lossless in (("RGB", False), ("RGB", True), ("RGBA", True)):
        plain = bare("WEBP", mode, lossless=lossless)
        made = written(plain, "image/webp", AI)
        start = plain.index(b"VP8 " if b"VP8 " in plain[:16] else b"VP8L") if b"VP8X" not in plain[:16] else 0
        assert made[12:16] == b"VP8X"
        assert made[20] & 4
        assert int.from_bytes(made[4:8], "little") + 8 == len(made)
        assert len(made) % 2 == 0
        assert plain[start or 30 :] in made
        with Image.open(io.BytesIO(plain)) as old, Image.open(io.BytesIO(made)) as new:
            assert (new.mode, new.tobytes()) == (old.mode, old.tobytes())
            assert AI.digital_source_type.encode() in new.info["xmp"]


def test_nothing_moves_in_a_movie() -> None:
    plain = movie(MEDIA)
    assert written(plain, "video/mp4", AI).startswith(plain)
    small = movie(box(b"uuid", XMP_UUID, OLDER.replace(b" " * 3000, b"")), MEDIA)
    made = written(small, "video/mp4", FULL)
    assert made.index(MEDIA) == small.index(MEDIA)
    assert made.count(XMP_UUID) == 1
    assert made.rindex(XMP_UUID) > made.index(MEDIA)
    last = movie(MEDIA, after=box(b"uuid", XMP_UUID, OLDER.replace(b" " * 3000, b"")))
    made = written(last, "video/mp4", FULL)
    assert made.startswith(movie(MEDIA))
    assert b"free" not in made


@pytest.mark.parametrize(
    "data",
    [
        movie(MEDIA, after=struct.pack(">I4s", 0, b"mdat") + b"to the end"),
        movie(MEDIA, after=box(b"moof")),
        movie(MEDIA, after=box(b"sidx", bytes(24))),
        movie(MEDIA, after=2 * box(b"uuid", XMP_UUID, OLDER)),
        movie(MEDIA, after=b"1234567"),
        movie(MEDIA, after=box(b"uuid", XMP_UUID, bytes(3_000_000))),
        movie(MEDIA)[:-1],
        movie(MEDIA).replace(b"moov", b"free"),
        box(b"ftyp", b"mp42\0\0\0\0mp42") + box(b"moov", box(b"mvex")),
        box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"udta", box(b"XMP_", OLDER))) + MEDIA,
    ],
)
def test_a_movie_that_could_be_harmed_or_contradicted_is_left_alone(data: bytes) -> None:
    assert refused(data, "video/mp4")


def test_a_movie_with_another_label_is_left_alone() -> None:
    data = box(b"ftyp", b"mp42\0\0\0\0mp42") + box(b"moov", box(b"udta", box(b"AIGC", b'{"Label": "2"}'))) + MEDIA
    assert refused(data, "video/mp4", FULL)
    assert not refused(data, "video/mp4", AI)


def boxes(data: bytes) -> list[tuple[int, bytes]]:
    """Where each box at the top level begins, and what it is: chunk offsets hold where both stay."""
    found, offset = [], 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 4], "big")
        size = int.from_bytes(data[offset + 8 : offset + 16], "big") if size == 1 else size
        found.append((offset, data[offset : offset + size]))
        offset += size
    return found


@pytest.mark.parametrize("name", ["video1.mp4", "sample1.m4a", "c.mov", "legacy.mp4"])
def test_the_chunks_of_real_movies_stay_where_they_are(name: str, fixtures: Path) -> None:
    data = (fixtures / "c2pa-rs" / name).read_bytes()
    with open_asset(data) as asset:
        media_type = asset.media_type
    made = written(data, media_type, AI)
    kept = [each for each in boxes(data) if XMP_UUID not in each[1][:40]]
    assert [each for each in boxes(made) if XMP_UUID not in each[1][:40]] == kept
    assert {b"moov", b"mdat"} <= {each[1][4:8] for each in kept}
    assert declared_origins(made)[0] == "ai-generated"
    assert written(made, media_type, AI) == made


@pytest.mark.parametrize(
    "name", ["IMG_0003.jpg", "earth_apollo17.jpg", "libpng-test.png", "sample1.webp", "test_xmp.webp", "P1000827.jpg"]
)
def test_real_pictures_stay_as_they_are(name: str, fixtures: Path) -> None:
    data = (fixtures / "c2pa-rs" / name).read_bytes()
    with open_asset(data) as asset:
        media_type = asset.media_type
    made = written(data, media_type, AI)
    assert written(made, media_type, AI) == made
    with Image.open(io.BytesIO(data)) as old, Image.open(io.BytesIO(made)) as new:
        assert new.tobytes() == old.tobytes()
        assert new.getexif() == old.getexif()
        assert new.info.get("icc_profile") == old.info.get("icc_profile")


@pytest.mark.parametrize("name", ["JPEG with XMP", "PNG", "WebP lossless"])
def test_a_signed_asset_says_the_same_in_both_places(name: str) -> None:
    media_type, data = ASSETS[name]
    signed, _ = (
        Authority()
        .issue("News Desk")
        .sign_as(media_type, written(data, media_type, AI), manifest(created("trainedAlgorithmicMedia")))
    )
    report = provenance.verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert {str(each.origin) for each in report.evidence if "facts" not in each.details} == {"ai-generated"}


def test_a_signed_movie_says_the_same_in_both_places(fixtures: Path) -> None:
    data = written((fixtures / "c2pa-rs/video1_no_manifest.mp4").read_bytes(), "video/mp4", AI)
    signed, _ = Authority().issue("News Desk").sign_as("video/mp4", data, manifest(created("trainedAlgorithmicMedia")))
    report = provenance.verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert {str(each.origin) for each in report.evidence if "facts" not in each.details} == {"ai-generated"}


@pytest.mark.parametrize("media_type", ["image/gif", "image/svg+xml", "image/tiff", "image/heic", "image/avif", "x"])
def test_other_types_are_not_written(media_type: str) -> None:
    assert refused(bare("GIF"), media_type)


def test_a_file_that_is_not_what_it_is_called_is_not_written() -> None:
    for media_type in ("image/jpeg", "image/png", "image/webp", "video/mp4"):
        for data in (b"", b"RIFF", bare("GIF"), b"\xff\xd8", b"\x89PNG\r\n\x1a\n"):
            assert refused(data, media_type)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damage_is_refused_or_survived_and_never_raises(data: st.DataObject) -> None:
    media_type, content = data.draw(st.sampled_from(list(ASSETS.values())))
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, min(len(damaged), 6000) - 1))
        damaged[place] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, ord("<"), ord('"'), damaged[place] ^ 1]))
    cut = data.draw(st.one_of(st.just(len(damaged)), st.integers(0, len(damaged))))
    target = io.BytesIO()
    if write(io.BytesIO(bytes(damaged[:cut])), target, media_type, FULL):
        with open_asset(target.getvalue()) as asset:
            found, _ = read_xmp(read_blocks(asset).xmp)
        assert found["Iptc4xmpExt:DigitalSourceType"] == [AI.digital_source_type]
    else:
        assert not target.getvalue()


@settings(max_examples=200, deadline=None)
@given(system=st.text(max_size=40), producer=st.text(max_size=40), packet=st.sampled_from([None, OLDER]))
def test_any_text_may_be_declared(system: str, producer: str, packet: bytes | None) -> None:
    declared = Declared(AI.digital_source_type, AigcLabel.of("2", producer), system)
    made = merged(packet, declared)
    assert made is not None
    assert merged(made, declared) == made
