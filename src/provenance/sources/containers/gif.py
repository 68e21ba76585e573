"""GIF: comments, and XMP as an application extension. GIF89a, sections 24 and 26; XMP part 3, section 1.1.2."""

from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.gif import EXTENSION, TooManyBlocksError, joined
from ...formats.gif import blocks as gif_blocks
from .blocks import Blocks

_COMMENT: Final = b"\x21\xfe"
_XMP: Final = b"\x21\xff\x0bXMP DataXMP"
_TRAILER: Final = 258  # bytes that lead a reader of sub-blocks from anywhere in the packet to its end


def read_gif(asset: OpenAsset) -> Blocks:
    """The blocks up to the trailer."""
    blocks = Blocks(text_of="tag")
    try:
        for block in gif_blocks(asset):
            head = asset.read_at(block.start, len(_XMP)) if block.kind == EXTENSION else b""
            size = block.end - block.start
            if head.startswith(_COMMENT) and blocks.has_room_for(size, limits.MAX_TEXT_CHUNK):
                blocks.add_tag("comment", joined(asset.read_at(block.data, block.end - block.data)))
            elif head == _XMP and blocks.has_room_for(size, limits.MAX_XMP_SIZE):
                start = block.start + len(_XMP)
                blocks.xmp.append(asset.read_at(start, max(0, block.end - start - _TRAILER)))
    except TooManyBlocksError:
        blocks.truncated = True
    return blocks
