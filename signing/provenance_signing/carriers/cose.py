"""The signature of a claim: COSE_Sign1 over a detached payload. C2PA 2.4, section 13.2; RFC 9052, section 4.4."""

import secrets
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ..credential import Credential
from ..errors import TimeStampError
from ..rfc3161 import query_for, token_in
from ..time_stamps import TimeStamps

_SIGN1: Final = 18  # the tag. RFC 9052, section 2
_ALGORITHM, _CHAIN = 1, 33  # RFC 9052, section 3.1; RFC 9360, section 2
_ED25519_SIGNATURE: Final = 64

# What is kept free for a time stamp, which comes last, when nothing may change its size any more: with the
# authority's chain it is four to seven kilobytes. The rest is padding (C2PA 2.4, section 13.2.1).
_STAMP_ROOM: Final = 16 * 1024


def sign1_size(credential: Credential) -> int:
    """How long a signature by this credential is, with its certificates, and with its time stamp if it gets one."""
    return len(_encoded(credential, bytes(_signature_length(credential)), {})) + (
        _STAMP_ROOM if credential.time_stamps else 0
    )


def sign1(claim: bytes, credential: Credential) -> bytes:
    """The claim's signature, of the size that `sign1_size` says. Raises `CredentialError` and `TimeStampError`."""
    signature = credential.sign(_signed_structure("Signature1", credential, claim))
    if credential.time_stamps is None:
        return _encoded(credential, signature, {})
    # The signature itself is what is stamped, as a CBOR byte string. Section 10.3.2.5.
    countersigned = _signed_structure("CounterSignature", credential, cbor2.dumps(signature))
    stamped = {"sigTst2": {"tstTokens": [{"val": _time_stamp(credential.time_stamps, countersigned)}]}}
    return _encoded(credential, signature, _padded(stamped, _STAMP_ROOM))


def _encoded(credential: Credential, signature: bytes, unprotected: dict[str, Any]) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(_SIGN1, [_protected(credential), unprotected, None, signature]))


def _signed_structure(context: str, credential: Credential, payload: bytes) -> bytes:
    return cbor2.dumps([context, _protected(credential), b"", payload])


def _protected(credential: Credential) -> bytes:
    chain = [certificate.public_bytes(Encoding.DER) for certificate in credential.chain]
    # RFC 9360, section 2: a single certificate stands by itself.
    return cbor2.dumps({_ALGORITHM: credential.algorithm.cose, _CHAIN: chain if len(chain) > 1 else chain[0]})


def _signature_length(credential: Credential) -> int:
    key = credential.chain[0].public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return 2 * ((key.curve.key_size + 7) // 8)
    if isinstance(key, rsa.RSAPublicKey):
        return (key.key_size + 7) // 8
    return _ED25519_SIGNATURE


def _padded(header: dict[str, Any], room: int) -> dict[str, Any]:
    """The header with padding, so that it takes this much more than an empty one."""
    missing = room + 1 - len(cbor2.dumps({**header, "pad": bytes(256)})) + 256  # from 256 bytes on, lengths take three
    if missing < 256:
        raise TimeStampError("the time stamp is larger than those of any authority known; it was not kept")
    return {**header, "pad": bytes(missing)}


def _time_stamp(authority: TimeStamps, data: bytes) -> bytes:
    """The authority's token over these bytes. RFC 3161, section 2.4."""
    return token_in(authority.ask(query_for(data, nonce=secrets.randbits(63))))
