"""Manifest stores and signatures that no honest signer makes."""

import hashlib
from typing import Any

import cbor2

import provenance

from .signing import Authority
from .writer import ASSERTIONS, CLAIM, LABEL, MANIFEST, SIGNATURE, assertion, box, superbox


def data_hash(asset: bytes, **more: Any) -> dict[str, Any]:
    return {"alg": "sha256", "name": "all", "pad": b"", "hash": hashlib.sha256(asset).digest()} | more


def boxes_of(assertions: dict[str, Any]) -> dict[str, bytes]:
    return {label: assertion(label, cbor2.dumps(data)) for label, data in assertions.items()}


def claim_for(boxes: dict[str, bytes], label: str = LABEL, **more: Any) -> bytes:
    references = [
        {"url": f"self#jumbf=c2pa.assertions/{each}", "hash": hashlib.sha256(content[8:]).digest()}
        for each, content in boxes.items()
    ]
    own = {
        "instanceID": "xmp:iid:1",
        "signature": f"self#jumbf=/c2pa/{label}/c2pa.signature",
        "claim_generator_info": {"name": "writer"},
        "created_assertions": references,
        "alg": "sha256",
    }
    return cbor2.dumps(own | more)


def signature_box(signature: bytes, kind: str = SIGNATURE) -> bytes:
    return superbox(kind, "c2pa.signature", box(b"cbor", signature))


def manifest_box(
    boxes: dict[str, bytes], claim: bytes, *signatures: bytes, label: str = LABEL, kind: str = MANIFEST
) -> bytes:
    return superbox(
        kind,
        label,
        superbox(ASSERTIONS, "c2pa.assertions", *boxes.values()),
        superbox(CLAIM, "c2pa.claim.v2", box(b"cbor", claim)),
        *signatures,
    )


def judged(authority: Authority, asset: bytes, store: bytes, *, second_engine: bool = True) -> provenance.Report:
    return provenance.Verifier(trust=authority.pem, second_engine=second_engine).verify(asset, manifest=store)
