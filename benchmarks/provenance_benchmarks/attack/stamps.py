"""Time stamp tokens, honest and forged. RFC 3161; C2PA 2.4, section 14.6."""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence

from provenance.sources.c2pa.der import BIT_STRING, SEQUENCE, encoded, integer, object_identifier
from provenance_signing.rfc3161 import Query, content_of, info_of, query_for, signed, token_of

from .principals import Principal

Stamp = Callable[[bytes, str], bytes]

_DATA = "1.2.840.113549.1.7.1"


def stamp_by(authority: Principal, at: dt.datetime, *, certificates: Sequence[bytes] | None = None) -> Stamp:
    """What this authority answers: a response for `sigTst`, a bare token for `sigTst2`.

    `certificates`: those that the token carries in place of the authority's own.
    """

    def stamp(data: bytes, named: str) -> bytes:
        number = int.from_bytes(hashlib.sha256(data).digest()[:7])
        info = info_of(Query.of(query_for(data, nonce=0)).imprint.whole, at, policy="1.2.3.4", number=number)
        signer = signed(info, at, authority.certificate, authority.signature, names_signer=False)
        token = token_of(content_of(info), authority.chain if certificates is None else certificates, [signer])
        return response_of(token) if named == "sigTst" else token

    return stamp


def hollow_token(certificates: Sequence[bytes]) -> bytes:
    """A token in which nobody signed anything, with these certificates."""
    return token_of(encoded(SEQUENCE, object_identifier(_DATA)), certificates, [])


def response_of(token: bytes, failure: bytes | None = None) -> bytes:
    """A response with this token; `failure` stands in its PKIFailureInfo, which holds any bits."""
    more = b"" if failure is None else encoded(BIT_STRING, b"\0", failure)
    return encoded(SEQUENCE, encoded(SEQUENCE, integer(0), more), token)
