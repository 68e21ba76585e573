"""The limits of detection, each with its reason. Sizes are in bytes, times in seconds."""

from typing import Final

from provenance.limits import KIB, MIB

# Held in memory to be decoded; the largest real photographs are far below this.
MAX_PICTURE_FILE: Final = 160 * MIB

# A decoded picture takes up to ten bytes a pixel on the way to RGB. A JPEG above this is decoded at a half, quarter or
# eighth of its size, so that even 30,000 by 30,000 pixels come out below it; other formats are refused.
MAX_DECODED_PIXELS: Final = 30_000_000

# Segments of a JPEG before its picture, with fill bytes: real files have tens, and each costs the decoder a kilobyte.
MAX_JPEG_SEGMENTS: Final = 10_000

# Pieces in which a decoder reads a picture. The smallest in real files are the sub-blocks of a GIF: two reads for 256
# bytes, twice over.
MAX_READS: Final = 100_000
BYTES_PER_READ: Final = 32

# Below this nothing is left that a detector could go by; what a card asks for is more.
MIN_PICTURE_SIDE: Final = 16

# A page of ten to one is no photograph, and the middle of it says little.
MAX_ASPECT: Final = 8.0

# Text beyond this is not read: a novel is one megabyte, and a detector needs some pages of it.
MAX_TEXT_FILE: Final = 16 * MIB
MAX_TEXT_CHARACTERS: Final = 200_000

# A page is up to ten times its text; markup beyond this is not read.
MAX_PAGE_CHARACTERS: Final = 10 * MAX_TEXT_CHARACTERS

# Sentences that are scored one by one for highlighting.
MAX_SENTENCES: Final = 200

# Places of invisible or confusable characters that are listed; the rest is counted.
MAX_MARKS_LISTED: Final = 100

# Pictures in one call of a model: each takes some ten megabytes of intermediate results.
MAX_BATCH: Final = 8

# A card is some kilobytes.
MAX_CARD: Final = 256 * KIB

# Small classifiers have a hundred megabytes; causal language models for zero-shot methods several thousand.
MAX_WEIGHTS_FILE: Final = 20_000 * MIB

# Frames of a video that are decoded and judged.
MAX_FRAMES: Final = 16
