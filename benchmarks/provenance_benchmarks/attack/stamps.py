"""Time stamp tokens, honest and forged. RFC 3161; C2PA 2.4, section 14.6."""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, cast

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509

from .principals import Credential

Stamp = Callable[[bytes, str], bytes]


def stamp_by(authority: Credential, at: dt.datetime, *, certificates: Sequence[bytes] | None = None) -> Stamp:
    """What this authority answers: a response for `sigTst`, a bare token for `sigTst2`.

    `certificates`: those that the token carries in place of the authority's own.
    """

    def stamp(data: bytes, named: str) -> bytes:
        token = _token(authority, data, at, authority.chain if certificates is None else certificates)
        return response_of(token) if named == "sigTst" else _dumped(token)

    return stamp


def _token(authority: Credential, data: bytes, at: dt.datetime, certificates: Sequence[bytes]) -> Any:
    own = asn1_x509.Certificate.load(authority.chain[0])
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(data).digest(),
            },
            "serial_number": int.from_bytes(hashlib.sha256(data).digest()[:7], "big"),
            "gen_time": at,
            "accuracy": {"seconds": 1},
        }
    )
    signing = [
        {"type": "content_type", "values": ["tst_info"]},
        {"type": "message_digest", "values": [hashlib.sha256(_dumped(info)).digest()]},
        {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(at)})]},
    ]
    attributes = cms.CMSAttributes(signing)
    who = {"issuer": own.issuer, "serial_number": own.serial_number}
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": who}),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": authority.signature(_dumped(attributes)),
    }
    return _signed_data(certificates, {"content_type": "tst_info", "content": info}, [signer])


def hollow_token(certificates: Sequence[bytes]) -> bytes:
    """A token in which nobody signed anything, with these certificates."""
    return _dumped(_signed_data(certificates, {"content_type": "data"}, []))


def _signed_data(certificates: Sequence[bytes], content: Any, signers: list[Any]) -> Any:
    data = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}] if signers else [],
        "encap_content_info": content,
        "certificates": [asn1_x509.Certificate.load(each) for each in certificates],
        "signer_infos": signers,
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})


def response_of(token: Any, failure: bytes | None = None) -> bytes:
    """A response with this token; `failure` stands in its PKIFailureInfo, which holds any bits."""
    dumped = token if isinstance(token, bytes) else _dumped(token)
    status = _tlv(0x02, b"\0") + (b"" if failure is None else _tlv(0x03, b"\0" + failure))
    return _tlv(0x30, _tlv(0x30, status) + dumped)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _dumped(value: Any) -> bytes:
    return cast(bytes, value.dump())
