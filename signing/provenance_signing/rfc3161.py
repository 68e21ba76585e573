"""Time stamp queries and answers, as they are in DER. RFC 3161; what is signed is that of RFC 5652 (CMS)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.sources.c2pa.der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    UTC_TIME,
    Value,
    context,
    encoded,
    integer,
    object_identifier,
    value_of,
)
from provenance.sources.c2pa.time_stamp import (
    CONTENT_TYPE,
    HASHES,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_CERTIFICATE_V2,
    TST_INFO,
    fields_of,
    info_in,
    signed_data_of,
)

_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
_ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
_SHA256: Final = encoded(SEQUENCE, object_identifier(next(oid for oid, name in HASHES.items() if name == "sha256")))

_GRANTED: Final = 0
_REJECTION: Final = 2
_STATES: Final = (
    "granted",
    "granted with mods",
    "rejection",
    "waiting",
    "revocation warning",
    "revocation notification",
)

# Why a query gets no time stamp: the bits of PKIFailureInfo. Section 2.4.2.
FAILURES: Final = {
    "bad_alg": 0,
    "bad_request": 2,
    "bad_data_format": 5,
    "time_not_available": 14,
    "unaccepted_policy": 15,
    "unaccepted_extensions": 16,
    "add_info_not_available": 17,
    "system_failure": 25,
}


@dataclass(frozen=True)
class Query:
    """What an authority is asked. Section 2.4.1."""

    version: int
    imprint: Value
    algorithm: str  # of the hash, as an object identifier in dots
    digest: bytes
    policy: str | None
    nonce: int | None
    certificates: bool
    extensions: bool

    @classmethod
    def of(cls, query: bytes) -> "Query":
        """The query, taken apart. Raises `ValueError`, `IndexError`."""
        version, imprint, *optional = value_of(query).expect(SEQUENCE).inside(INTEGER, SEQUENCE)
        algorithm, digest = imprint.inside(SEQUENCE, OCTET_STRING)
        order = (OBJECT_IDENTIFIER, INTEGER, BOOLEAN, context(0))
        places = [order.index(field.tag) for field in optional]  # in this order, each once at most
        if places != sorted(set(places)):
            raise ValueError("not a query")
        by_tag = {field.tag: field for field in optional}
        return cls(
            version=version.number,
            imprint=imprint,
            algorithm=algorithm.inside(OBJECT_IDENTIFIER)[0].identifier,
            digest=digest.content,
            policy=by_tag[OBJECT_IDENTIFIER].identifier if OBJECT_IDENTIFIER in by_tag else None,
            nonce=by_tag[INTEGER].number if INTEGER in by_tag else None,
            certificates=BOOLEAN in by_tag and any(by_tag[BOOLEAN].content),
            extensions=context(0) in by_tag,
        )


def query_for(data: bytes, nonce: int) -> bytes:
    """A query for a time stamp over the SHA-256 of these bytes, with the authority's certificates."""
    imprint = encoded(SEQUENCE, _SHA256, encoded(OCTET_STRING, hashlib.sha256(data).digest()))
    return encoded(SEQUENCE, integer(1), imprint, integer(nonce), encoded(BOOLEAN, b"\xff"))


def problem(query: bytes, answer: bytes) -> str | None:
    """What keeps an answer from being a time stamp for this query, in a sentence.

    The signature is left to those who verify: who is trusted to stamp time is for them to say.
    """
    try:
        status, *token = value_of(answer).expect(SEQUENCE).inside(SEQUENCE)
        state, *reasons = status.inside(INTEGER)
        if state.number not in range(len(_STATES)):
            raise ValueError("no such state")
        if state.number not in (0, 1):
            return f"The authority refused it ({_reason(reasons) or _STATES[state.number]})."
        if len(token) != 1:
            raise ValueError("no token")
        fields = fields_of(info_in(signed_data_of(token[0].whole)))
        stamped, asked = fields[2].inside(SEQUENCE, OCTET_STRING), Query.of(query)
        algorithm = stamped[0].inside(OBJECT_IDENTIFIER)[0].identifier
        nonce = next((field.number for field in fields[5:] if field.tag == INTEGER), None)
    except (ValueError, IndexError):
        return "The answer cannot be read as a time stamp."
    same = (algorithm, stamped[1].content, nonce) == (asked.algorithm, asked.digest, asked.nonce)
    return None if same else "The answer is to another query."


def _reason(reasons: Sequence[Value]) -> str:
    bits = next((reason.content[1:] for reason in reasons if reason.tag == BIT_STRING), b"")
    given = (name for name, bit in FAILURES.items() if bit < 8 * len(bits) and bits[bit // 8] & 0x80 >> bit % 8)
    return ", ".join(sorted(given)).replace("_", " ")


def token_in(answer: bytes) -> bytes:
    """The token of an answer that was granted."""
    return value_of(answer).inside(SEQUENCE, SEQUENCE)[1].whole


def granted(token: bytes) -> bytes:
    """The answer with a time stamp."""
    return encoded(SEQUENCE, encoded(SEQUENCE, integer(_GRANTED)), token)


def rejected(reason: str) -> bytes:
    """The answer without one, for one of `FAILURES`."""
    bit = FAILURES[reason]
    bits = bytes([7 - bit % 8]) + bytes(bit // 8) + bytes([0x80 >> bit % 8])
    return encoded(SEQUENCE, encoded(SEQUENCE, integer(_REJECTION), encoded(BIT_STRING, bits)))


def info_of(imprint: bytes, at: datetime, *, policy: str, number: int, nonce: int | None = None) -> bytes:
    """What is stamped, and when: to the second, with an accuracy of one. Section 2.4.2."""
    return encoded(
        SEQUENCE,
        integer(1),
        object_identifier(policy),
        imprint,
        integer(number),
        encoded(GENERALIZED_TIME, f"{at:%Y%m%d%H%M%SZ}".encode()),
        encoded(SEQUENCE, integer(1)),
        b"" if nonce is None else integer(nonce),
    )


def signed(
    info: bytes, at: datetime, signer: x509.Certificate, sign: Callable[[bytes], bytes], *, names_signer: bool = True
) -> bytes:
    """Who signed it, and the signature: ECDSA with SHA-256, which `sign` gives in DER. RFC 5652, section 5.3.

    `names_signer`: by the hash of the certificate too, as RFC 5816 has it.
    """
    attributes = [
        _attribute(CONTENT_TYPE, object_identifier(TST_INFO)),
        _attribute(MESSAGE_DIGEST, encoded(OCTET_STRING, hashlib.sha256(info).digest())),
        _attribute(_SIGNING_TIME, encoded(UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode())),
    ]
    if names_signer:
        own = encoded(OCTET_STRING, hashlib.sha256(signer.public_bytes(Encoding.DER)).digest())
        attributes.append(
            _attribute(SIGNING_CERTIFICATE_V2, encoded(SEQUENCE, encoded(SEQUENCE, encoded(SEQUENCE, own))))
        )
    ordered = sorted(attributes)  # X.690, section 11.6
    return encoded(
        SEQUENCE,
        integer(1),
        encoded(SEQUENCE, signer.issuer.public_bytes(), integer(signer.serial_number)),
        _SHA256,
        encoded(context(0), *ordered),
        encoded(SEQUENCE, object_identifier(_ECDSA_SHA256)),
        encoded(OCTET_STRING, sign(encoded(SET, *ordered))),
    )


def token_of(content: bytes, certificates: Sequence[bytes], signers: Sequence[bytes]) -> bytes:
    """A token: CMS signed data with this content, and these certificates where there are any. RFC 5652, section 5.1."""
    data = encoded(
        SEQUENCE,
        integer(3),
        encoded(SET, *[_SHA256 for _ in signers]),
        content,
        encoded(context(0), *certificates) if certificates else b"",
        encoded(SET, *signers),
    )
    return encoded(SEQUENCE, object_identifier(SIGNED_DATA), encoded(context(0), data))


def content_of(info: bytes) -> bytes:
    """What is stamped, as the content of a token."""
    return encoded(SEQUENCE, object_identifier(TST_INFO), encoded(context(0), encoded(OCTET_STRING, info)))


def _attribute(kind: str, value: bytes) -> bytes:
    return encoded(SEQUENCE, object_identifier(kind), encoded(SET, value))
