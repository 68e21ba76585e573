"""Matroska and WebM: texts in `Tags`, and the programs that wrote the file in `Info`. RFC 9559, 5.1.2 and 5.1.8."""

from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.iso_media import Budget
from ...formats.matroska import INFO, SEEK_HEAD, SEGMENT, TAGS, Element, elements
from .blocks import Blocks

_TAG, _SIMPLE, _NAME, _STRING, _TARGETS, _TRACK = 0x7373, 0x67C8, 0x45A3, 0x4487, 0x63C0, 0x63C5
_SEEK, _SEEK_KIND, _SEEK_PLACE = 0x4DBB, 0x53AB, 0x53AC
_INFO_TEXTS: Final = {0x4D80: "muxer", 0x5741: "encoder", 0x7BA9: "title"}


def read_matroska(asset: OpenAsset) -> Blocks:
    """The blocks of the first segment. Tags behind the media are found by the index at the start."""
    blocks = Blocks(text_of="tag")
    budget = Budget()
    segment = next((inside for inside in elements(asset, 0, asset.size, budget) if inside.kind == SEGMENT), None)
    if segment is None:
        blocks.truncated = True
        return blocks
    read: set[int] = set()
    for element in elements(asset, segment.content, segment.end, budget):
        _element(blocks, asset, element, read, budget)
        if element.kind == SEEK_HEAD:
            for place in _indexed(asset, element, budget):
                for named in elements(asset, segment.content + place, segment.end, Budget(1)):
                    _element(blocks, asset, named, read, budget)
    blocks.truncated = blocks.truncated or budget.spent
    return blocks


def _element(blocks: Blocks, asset: OpenAsset, element: Element, read: set[int], budget: Budget) -> None:
    if element.content in read or element.kind not in (TAGS, INFO):
        return
    read.add(element.content)
    for inner in elements(asset, element.content, element.end, budget):
        if element.kind == INFO and inner.kind in _INFO_TEXTS:
            blocks.add_tag(_INFO_TEXTS[inner.kind], _content(blocks, asset, inner))
        elif element.kind == TAGS and inner.kind == _TAG:
            _tag(blocks, asset, inner, budget)


def _tag(blocks: Blocks, asset: OpenAsset, tag: Element, budget: Budget) -> None:
    """The texts of the whole; those of a track, such as the name of its encoder, say nothing of the content."""
    simple = []
    for part in elements(asset, tag.content, tag.end, budget):
        if part.kind == _TARGETS:
            if any(inside.kind == _TRACK for inside in elements(asset, part.content, part.end, budget)):
                return
        elif part.kind == _SIMPLE:
            simple.append({inside.kind: inside for inside in elements(asset, part.content, part.end, budget)})
    for parts in simple:
        if _NAME in parts and _STRING in parts:
            name = _content(blocks, asset, parts[_NAME]).decode("utf-8", "replace")
            blocks.add_tag(name, _content(blocks, asset, parts[_STRING]))


def _indexed(asset: OpenAsset, index: Element, budget: Budget) -> list[int]:
    """Where the index says that tags and information stand."""
    places = []
    for seek in elements(asset, index.content, index.end, budget):
        parts = {
            inside.kind: asset.read_at(inside.content, min(inside.end - inside.content, 8))
            for inside in elements(asset, seek.content, seek.end, budget)
        }
        if int.from_bytes(parts.get(_SEEK_KIND, b""), "big") in (TAGS, INFO) and seek.kind == _SEEK:
            places.append(int.from_bytes(parts.get(_SEEK_PLACE, b""), "big"))
    return places[: limits.MAX_TEXT_CHUNKS]


def _content(blocks: Blocks, asset: OpenAsset, element: Element) -> bytes:
    size = element.end - element.content
    return asset.read_at(element.content, size) if blocks.has_room_for(size, limits.MAX_TEXT_CHUNK) else b""
