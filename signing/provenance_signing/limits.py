"""The limits of signing, each with its reason. Sizes are in bytes, times in seconds."""

from typing import Final

from provenance.limits import KIB, MIB

# RFC 3161 answers carry a chain of certificates: four to seven kilobytes from public authorities.
MAX_TIME_STAMP_ANSWER: Final = 64 * KIB

# A time stamp takes well under a second; whoever waits for a signed picture waits no longer than this.
TIME_STAMP_TIME: Final = 10.0

# A remote key answers in a fraction of a second, in ten where a hardware module is busy.
REMOTE_KEY_TIME: Final = 15.0

# A raw signature: 512 bytes by an RSA key of 4096 bits.
MAX_SIGNATURE: Final = 4 * KIB

# A certificate chain, a private key, a passphrase: a few kilobytes.
MAX_KEY_FILE: Final = 256 * KIB

# A profile or the facts of one asset: lists of actions, a few kilobytes.
MAX_PROFILE: Final = 256 * KIB

# Pictures, parents and prompts that went into one asset: real compositions have tens.
MAX_INGREDIENTS: Final = 100

# Actions in one manifest: an editing session has tens; a verifier reads two hundred.
MAX_ACTIONS: Final = 100

# A text that stands in a manifest: a title, a model's name, a description.
MAX_TEXT: Final = 2 * KIB

# The engine holds text and ZIP-based documents in memory, twice while it signs; so does the reader.
MAX_IN_MEMORY: Final = 64 * MIB

# A thumbnail's longer edge: what verifiers show. C2PA 2.4, section 18.12, names no size.
THUMBNAIL_EDGE: Final = 512

# A picture that is decoded for its thumbnail: 100 megapixels take 300 MB. Larger ones get none.
MAX_THUMBNAIL_SOURCE_PIXELS: Final = 100_000_000

# A picture of which a web version is made: 100 megapixels take 300 MB decoded, and as much again while it is resized.
MAX_RENDERED_PIXELS: Final = 100_000_000

# A response that is held until it is signed: one generated picture or text, uncompressed. Held in memory, twice.
MAX_RESPONSE: Final = 64 * MIB

# From the first byte of a response to its last. A long text takes a model minutes.
RESPONSE_TIME: Final = 300.0

# Pictures of one call of a model: batches have tens. Each is encoded and signed in memory.
MAX_PICTURES: Final = 256

# The pixels of one picture that is encoded: models make four megapixels, enlarged ones sixty.
MAX_ENCODED_PIXELS: Final = 100_000_000

# Pictures, all frames together, that are decoded before and after signing, to be compared: as many as for a thumbnail.
MAX_COMPARED_PIXELS: Final = 100_000_000

# One table of a movie's samples: four bytes each, and a film of three hours has a million.
MAX_SAMPLE_TABLE: Final = 64 * MIB

# How much of a file is read at once to be compared.
COMPARED_AT_ONCE: Final = MIB
