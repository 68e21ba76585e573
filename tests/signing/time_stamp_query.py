"""A request for a time stamp, written by hand."""

import hashlib
import secrets

from asn1crypto.tsp import TimeStampReq

MESSAGE = b"what is stamped"


def query(**changes) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(MESSAGE).digest()}
    asked = {"version": "v1", "message_imprint": imprint, "nonce": secrets.randbits(63), "cert_req": True}
    return TimeStampReq({**asked, **changes}).dump()
