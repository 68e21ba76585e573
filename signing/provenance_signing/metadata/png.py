"""PNG: the packet as an international text behind the header. W3C PNG, third edition, 11.3; XMP part 3, 1.1.5."""

import zlib
from typing import Final

from provenance import limits
from provenance.asset import OpenAsset
from provenance.formats.png import END, SIGNATURE, TEXT, XMP_KEYWORD, PngChunk, chunks, made

from .declarations import Declared
from .packet import merged
from .splices import Plan, Splice

_XMP: Final = XMP_KEYWORD + b"\0"
_LABEL: Final = b"AIGC\0"


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet, and the AIGC label as a text of its own, get into a PNG; None where it is damaged."""
    present = _chunks(asset)
    header = next((chunk for chunk in present if chunk.kind == b"IHDR"), None)
    packets = [chunk for chunk in present if chunk.kind == b"iTXt" and _keyword(asset, chunk) == _XMP]
    labels = [chunk for chunk in present if _keyword(asset, chunk) == _LABEL] if declared.aigc else []
    if header is None or len(packets) > 1:
        return None
    replaced = None
    if packets:
        replaced = _international_text(asset, packets[0])
        if replaced is None:
            return None
    # The checksum forbids a change in place: XMP part 3 asks for a packet that says so.
    packet = merged(replaced, declared, read_only=True)
    if packet is None:
        return None
    new = made(b"iTXt", _XMP + bytes(4) + packet)
    if declared.aigc:
        new += made(b"tEXt", _LABEL + declared.aigc.text(only_ascii=True).encode())
    removed = (Splice(chunk.start, chunk.end) for chunk in packets + labels)
    return Plan(packet, replaced, (Splice(header.end, header.end, new), *removed))


def _chunks(asset: OpenAsset) -> list[PngChunk]:
    """The chunks up to the end chunk; none where the file breaks off before it."""
    present = list(chunks(asset)) if asset.read_at(0, len(SIGNATURE)) == SIGNATURE else []
    return present if present and present[-1].kind == END and present[-1].end <= asset.size else []


def _keyword(asset: OpenAsset, chunk: PngChunk) -> bytes:
    """The keyword of a text, with its zero byte."""
    head = asset.read_at(chunk.content, min(chunk.length, len(_XMP))) if chunk.kind in TEXT else b""
    return head[: head.find(b"\0") + 1]


def _international_text(asset: OpenAsset, chunk: PngChunk) -> bytes | None:
    """The text of an `iTXt` chunk, unpacked; None where it is damaged or too large."""
    if chunk.length > limits.MAX_TEXT_CHUNK:
        return None
    data = asset.read_at(chunk.content, chunk.length)
    compressed, rest = data[len(_XMP) : len(_XMP) + 1] == b"\1", data[len(_XMP) + 2 :]
    _, _, rest = rest.partition(b"\0")  # language
    _, _, text = rest.partition(b"\0")  # translated keyword
    if not compressed:
        return text
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(text, limits.MAX_XMP_SIZE)
    except zlib.error:
        return None
    return text if inflate.eof else None
