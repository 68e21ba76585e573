"""A request for a time stamp, written by hand. RFC 3161, section 2.4.1."""

import hashlib
import secrets

from provenance.sources.c2pa.der import BOOLEAN, OCTET_STRING, SEQUENCE, encoded, integer, object_identifier

MESSAGE = b"what is stamped"
SHA1, SHA256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"


def query(digest=None, *, oid=SHA256, version=1, policy=None, nonce=0, certificates=True, extensions=b"") -> bytes:
    """A query as its parts are given; with a nonce of its own where `nonce` is 0."""
    digest = hashlib.sha256(MESSAGE).digest() if digest is None else digest
    algorithm = encoded(SEQUENCE, object_identifier(oid), encoded(0x05))  # with NULL, as many clients write it
    return encoded(
        SEQUENCE,
        integer(version),
        encoded(SEQUENCE, algorithm, encoded(OCTET_STRING, digest)),
        b"" if policy is None else object_identifier(policy),
        b"" if nonce is None else integer(nonce or secrets.randbits(63)),
        encoded(BOOLEAN, b"\xff") if certificates else b"",
        extensions,
    )
