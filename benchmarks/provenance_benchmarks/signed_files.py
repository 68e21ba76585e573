"""Files for measurements, signed with a key made on the spot: chains of manifests, and videos of any size."""

import io
import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import c2pa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from provenance_signing.keys.authority import CLAIM_SIGNING, Authority

_SETTINGS: Final = {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}
_MIB: Final = 1 << 20


class BenchmarkSigner:
    """A certificate on no list, and what it signs."""

    def __init__(self) -> None:
        root = Authority.root("Benchmark")
        authority, key = root.below(CLAIM_SIGNING), ec.generate_private_key(ec.SECP256R1())
        chain = (authority.issue(key.public_key(), CLAIM_SIGNING, days=30), authority.certificate)
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        certificates = b"".join(certificate.public_bytes(pem) for certificate in chain)
        self._info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, certificates, private, None)

    def chains(self, *lengths: int) -> Iterator[tuple[int, bytes]]:
        """A JPEG at each of these lengths of one chain, in which each manifest is the parent of the next."""
        picture = io.BytesIO()
        Image.effect_noise((640, 480), 64).convert("RGB").save(picture, "JPEG", quality=85)
        signed = b""
        for number in range(1, max(lengths) + 1):
            out = io.BytesIO()
            with self._builder(first=number == 1) as builder, c2pa.Signer.from_info(self._info) as signer:
                if signed:
                    facts = {"title": "parent.jpg", "relationship": "parentOf", "label": "parent"}
                    builder.add_ingredient(json.dumps(facts), "image/jpeg", io.BytesIO(signed))
                builder.sign(signer, "image/jpeg", picture, out)
            signed = out.getvalue()
            if number in lengths:
                yield number, signed

    def video(self, size: int, target: Path) -> None:
        """A signed MP4 with about this many bytes of media data."""
        unsigned = target.with_suffix(".unsigned")
        _write_video(size, unsigned)
        try:
            with (
                self._builder(first=True) as builder,
                c2pa.Signer.from_info(self._info) as signer,
                unsigned.open("rb") as source,
                target.open("w+b") as out,
            ):
                builder.sign(signer, "video/mp4", source, out)
        finally:
            unsigned.unlink()

    def _builder(self, *, first: bool) -> Any:
        action: dict[str, Any] = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
        if first:
            term = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
            action = {"action": "c2pa.created", "digitalSourceType": term}
        definition = {
            "claim_generator_info": [{"name": "provenance-benchmarks", "version": "1"}],
            "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [action]}}],
        }
        return c2pa.Builder(json.dumps(definition), context=c2pa.Context.from_dict(_SETTINGS))


def _write_video(size: int, target: Path) -> None:
    """The smallest MP4 that the engine accepts, with media data that no disk can compress away."""
    header = struct.pack(">IIIIIIHH", 0, 0, 0, 1000, 0, 0x10000, 0x100, 0) + bytes(8)
    header += struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000) + bytes(24) + struct.pack(">I", 1)
    block = os.urandom(_MIB)
    with target.open("wb") as out:
        out.write(_box(b"ftyp", b"isom" + bytes(4) + b"isommp42") + _box(b"moov", _box(b"mvhd", header)))
        out.write(struct.pack(">I", 8 + size) + b"mdat")
        for start in range(0, size, _MIB):
            out.write(block[: size - start])


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content
