"""Manifest stores written by hand, byte by byte: for what no library signs, and for what no library would.

JUMBF: ISO 19566-5. Claim: C2PA 2.4, section 10. Signature: RFC 9052, section 4.4.
"""

import hashlib
import io
import struct
import zipfile
from typing import Any
from urllib.parse import quote

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from .signing import Credential

LABEL = "urn:c2pa:11111111-2222-4333-8444-555555555555"
STORE, MANIFEST, ASSERTIONS, CLAIM, SIGNATURE, CBOR = "c2pa", "c2ma", "c2as", "c2cl", "c2cs", "cbor"
MANIFEST_ENTRY = "META-INF/content_credential.c2pa"


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def superbox(kind: str, label: str, *children: bytes) -> bytes:
    described = kind.encode() + bytes.fromhex("00110010800000aa00389b71") + b"\x03" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", described) + b"".join(children))


def assertion(label: str, content: bytes) -> bytes:
    return superbox(CBOR, label, box(b"cbor", content))


def store_of(claim: bytes, signature: bytes, *assertions: bytes) -> bytes:
    """A store of one manifest with this claim and signature, as CBOR, and these assertion boxes."""
    return superbox(
        STORE,
        "c2pa",
        superbox(
            MANIFEST,
            LABEL,
            superbox(ASSERTIONS, "c2pa.assertions", *assertions),
            superbox(CLAIM, "c2pa.claim.v2", box(b"cbor", claim)),
            superbox(SIGNATURE, "c2pa.signature", box(b"cbor", signature)),
        ),
    )


def claim_of(assertions: dict[str, bytes]) -> bytes:
    """A claim that refers to these assertion boxes, by label; their hash leaves out the superbox's header."""
    return cbor2.dumps(
        {
            "instanceID": "xmp:iid:1",
            "signature": f"self#jumbf=/c2pa/{LABEL}/c2pa.signature",
            "claim_generator_info": {"name": "writer"},
            "created_assertions": [
                {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": hashlib.sha256(content[8:]).digest()}
                for label, content in assertions.items()
            ],
            "alg": "sha256",
        }
    )


def sign_claim(credential: Credential, claim: bytes, header: dict[Any, Any] | None = None) -> bytes:
    """A COSE_Sign1 by ES256 over a detached claim, with this protected header if one is given."""
    chain = [each.public_bytes(Encoding.DER) for each in credential.chain]
    protected = cbor2.dumps(header or {1: -7, 33: chain})
    signed = cbor2.dumps(["Signature1", protected, b"", claim])
    r, s = decode_dss_signature(credential.key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, None, r.to_bytes(32, "big") + s.to_bytes(32, "big")]))


def signed_store(credential: Credential, assertions: dict[str, Any]) -> bytes:
    """A signed store with these assertions, by label, as plain data."""
    boxes = {label: assertion(label, cbor2.dumps(data)) for label, data in assertions.items()}
    claim = claim_of(boxes)
    return store_of(claim, sign_claim(credential, claim), *boxes.values())


def signed_document(credential: Credential, entries: dict[str, bytes], actions: dict[str, Any]) -> bytes:
    """A ZIP-based document bound as C2PA 2.4, sections 18.8 and A.6, has it: an array of hashes, and the directory's."""
    store = b"\0" * len(signed_store(credential, _zip_assertions(_zipped(entries, b""), actions)))
    document = _zipped(entries, store)
    store = signed_store(credential, _zip_assertions(document, actions))
    return _zipped(entries, store)


def _zipped(entries: dict[str, bytes], store: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, kind)
        archive.writestr(zipfile.ZipInfo(MANIFEST_ENTRY), store, zipfile.ZIP_STORED)
    return out.getvalue()


def _zip_assertions(document: bytes, actions: dict[str, Any]) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        entries, directory = archive.infolist(), archive.start_dir
    uris = []
    for entry in entries:
        if entry.filename != MANIFEST_ENTRY:
            end = entry.header_offset + 30 + len(entry.filename.encode()) + entry.compress_size
            digest = hashlib.sha256(document[entry.header_offset : end]).digest()
            uris.append({"uri": quote(entry.filename), "hash": digest})
    # Of the directory only the checksum of the manifest itself is left out: it is not known before.
    manifest = document.rindex(MANIFEST_ENTRY.encode()) - 46
    covered = document[directory : manifest + 16] + document[manifest + 20 :]
    binding = {"uris": uris, "alg": "sha256", "zip_central_directory_hash": hashlib.sha256(covered).digest()}
    return {"c2pa.actions.v2": actions, "c2pa.hash.collection.data": binding}
