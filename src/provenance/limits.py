"""Every limit against hostile input, in one place, each with its reason.

Sizes are in bytes, times in seconds. A limit that is reached is said in the report; it is never an exception.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# A binary stream that cannot seek is copied to disk first; past this an endless stream would fill the disk.
MAX_STREAM_SIZE: Final = 4 * GIB

# A file up to this size is held in memory while it is examined: it is hashed twice and read by two engines.
MAX_HELD_ASSET: Final = 8 * MIB

# A larger file is described and hashed, but not parsed: the engine would hash it again, seconds for each gigabyte.
MAX_PARSED_SIZE: Final = 16 * GIB

# Reads that the C2PA engine may make of one file: a crafted container of a hundred million empty chunks would keep it
# busy for minutes. Real files need a few hundred, and one for each block that is hashed.
MAX_ENGINE_READS: Final = 50_000
ENGINE_BYTES_PER_READ: Final = 16 * KIB

# The engine asks for a box of a video at once, however large, and gets it in pieces that stay in the processor's cache:
# less memory, and a fifth less time.
ENGINE_PIECE: Final = 256 * KIB

# The engine holds some types in memory, JPEG twice over. The largest real ones are far below this.
MAX_WHOLE_IN_MEMORY: Final = 160 * MIB

# The second engine takes an asset only as bytes in memory; larger ones are checked by the first engine alone.
MAX_SECOND_ENGINE: Final = 64 * MIB

# Manifests in one HTML page: more than one is refused, and the engine takes time by the square of their number.
MAX_MANIFESTS_IN_HTML: Final = 256

# Media segments checked in one call: each is opened, and read by both engines. Two hours of video are some 3,600.
MAX_STREAM_SEGMENTS: Final = 4_096

# Segments of a JPEG that the engine may hold: each costs it a hundred bytes, and an empty one takes four in the file.
MAX_JPEG_SEGMENTS: Final = 100_000

# Real XMP packets are a few kilobytes, with embedded thumbnails a few hundred; a parsed one takes fifty times its size.
MAX_XMP_SIZE: Final = 2 * MIB

# All metadata blocks of one file together: a crafted index can name the same block thousands of times.
MAX_METADATA_TOTAL: Final = 16 * MIB

# EXIF in a JPEG segment is at most 64 KiB; in PNG and WebP it may be larger, with a thumbnail.
MAX_EXIF_SIZE: Final = 4 * MIB

# ComfyUI workflows reach several megabytes; compressed text could inflate a thousandfold.
MAX_TEXT_CHUNK: Final = 8 * MIB
MAX_TEXT_TOTAL: Final = 16 * MIB
MAX_TEXT_CHUNKS: Final = 256

# Settings of a generator that are read as JSON, which takes twenty times its size: the largest graphs are half of this.
MAX_SETTINGS: Final = 8 * MIB

# A real file has tens of segments, a fragmented video thousands; a crafted one has millions of empty ones.
MAX_SEGMENTS: Final = 20_000

# The outermost boxes of an ISO media file, which a hard binding covers one by one: a video of two hours in pieces of a
# tenth of a second has 150,000. A crafted file of the same size has millions, each of eight bytes.
MAX_BOXES: Final = 200_000

# Boxes that the exclusions of a binding lead to, with all that is compared in each: real ones lead to some dozens, or
# to one or two in each piece of a long video.
MAX_BOXES_COMPARED: Final = 500_000

# Headers of empty boxes inside a box of empty room: editors leave one or two behind.
MAX_EMPTY_BOXES: Final = 64

# Sub-blocks of a GIF: 255 bytes each in real files, with some short ones at the ends of pictures.
MAX_GIF_BLOCKS: Final = 100_000
GIF_BYTES_PER_BLOCK: Final = 32

# Items of a HEIF `meta` box: a tiled panorama has some hundreds.
MAX_BOX_ITEMS: Final = 4_096

# What is kept of data after the end of an image, to tell what it pretends to be.
TRAILING_SAMPLE: Final = 64 * KIB

# Images are decoded only to read a hidden text from their pixels. 4096 by 4096, about the largest size that generators
# make, is 64 MiB as RGBA.
MAX_DECODED_PIXELS: Final = 4096 * 4096

# Settings of a generator, hidden in pixels one bit each.
MAX_HIDDEN_TEXT: Final = 1 * MIB

# A manifest store larger than this carries more thumbnails than a person would look at.
MAX_MANIFEST_STORE: Final = 64 * MIB

# A TIFF of many pages has a directory for each; a directory has some tens of entries.
MAX_TIFF_DIRECTORIES: Final = 4_096
MAX_TIFF_ENTRIES: Final = 4_096

# Tables of a font: thirty, with colour and variations fifty.
MAX_FONT_TABLES: Final = 256

# What is read at once of a ZIP archive to find its directory: a document of 100,000 parts has one of ten megabytes.
MAX_ZIP_DIRECTORY: Final = 32 * MIB

# Assertions of all manifests of one store: real ones have some dozens, a film project hundreds. The engine takes time
# by the square of their number, five seconds for this one.
MAX_ASSERTIONS: Final = 3_000

# Values in the CBOR and JSON of one store: real ones have some thousands, and the hashes of a document of 100,000 files
# half a million. Each takes a hundred bytes of memory here and as many in an engine, and may take one in the file.
MAX_STORE_VALUES: Final = 600_000

# Codes of what does not hold, said where a manifest is cited for the first time; after it each is said once.
MAX_CODES_OF_MANIFEST: Final = 200

# Samples and chunks that a movie's tables name: an hour of sound has 170,000.
MAX_MEDIA_PIECES: Final = 1_000_000

# Ranges or parts that one hard binding names: a document of many files has one for each.
MAX_EXCLUSIONS: Final = 100_000

# Boxes that stand beside each other in a manifest store.
MAX_STORE_BOXES: Final = 2 * MAX_ASSERTIONS

# The steps of a history that a report shows; the tree of a crafted file could branch without end.
MAX_HISTORY_STEPS: Final = 200
MAX_HISTORY_DEPTH: Final = 64
MAX_ACTIONS: Final = 200

# Assertions that one manifest removes from others: real ones remove one or two.
MAX_REDACTIONS: Final = 200

# Thumbnails of the history, for the drawn report: each is decoded, and takes some 20 KiB of the page. Real ones are at
# most 1024 pixels wide; a crafted one that is huge costs a tenth of a second.
MAX_THUMBNAILS: Final = 64
MAX_THUMBNAIL_SIZE: Final = 4 * MIB
MAX_THUMBNAIL_PIXELS: Final = 2048 * 2048
THUMBNAIL_EDGE: Final = 320

# Thumbnails taken out as files are as large as they were, within the limit of pixels.
EXTRACTED_THUMBNAIL_EDGE: Final = 2048

# Identity assertions of a manifest: one for each person or organisation that took part.
MAX_IDENTITIES: Final = 16

# Accounts that one identity service verified, or assertions that one identity signs: a handful in real files.
MAX_IDENTITY_PARTS: Final = 32

# The signature of an identity, with its certificates or its verified accounts: a few kilobytes, up to 20 with padding.
MAX_IDENTITY_SIZE: Final = 256 * KIB

# A value from a file that enters a sentence: longer ones are cut, so that a file cannot flood the answer.
MAX_VALUE_LENGTH: Final = 300

# A certificate chain has three or four members.
MAX_CHAIN_LENGTH: Final = 10

# A certificate takes one or two kilobytes; chains are kept in a cache, which strangers must not be able to fill.
MAX_CHAIN_SIZE: Final = 64 * KIB

# The user's own trust anchors: the official list is under 100 KiB.
MAX_ANCHORS_SIZE: Final = 8 * MIB

# Fetching, in all: a person waits for it, and a server that drips a byte a second would never end.
FETCH_TIME: Final = 60.0

# A server that does not take a connection within this time will not; its next address may.
CONNECT_TIME: Final = 5.0
MAX_ADDRESSES: Final = 8

# Browsers follow twenty; a manifest or a picture is one or two away. Each one costs a connection.
MAX_REDIRECTS: Final = 5

# Longer ones are refused by many servers; signed links of clouds take up to two kilobytes.
MAX_URL_LENGTH: Final = 4 * KIB

# Real headers are one or two kilobytes, with long policies up to ten.
MAX_RESPONSE_HEADERS: Final = 32 * KIB

# A body in chunks costs a few bytes more for each: twice the size lets honest servers through, and no endless ones.
MAX_FRAMING: Final = 2

# An asset given as a URL is held in memory, and so is a part of it by the engine.
MAX_FETCHED_ASSET: Final = MAX_WHOLE_IN_MEMORY

# A certificate names one OCSP responder, sometimes two; each takes a look-up of its name.
MAX_RESPONDERS: Final = 4
