"""Files for measurements, signed with a key made on the spot: chains of manifests, and videos of any size."""

import datetime as dt
import io
import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

_SETTINGS: Final = {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}
_MIB: Final = 1 << 20


class Signer:
    """A certificate on no list, and what it signs."""

    def __init__(self) -> None:
        authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Benchmark authority", authority, "Benchmark authority", authority, is_authority=True)
        own = _certificate("Benchmark", key, "Benchmark authority", authority, is_authority=False)
        pem = serialization.Encoding.PEM
        chain = own.public_bytes(pem) + root.public_bytes(pem)
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self._info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, private, None)

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


def _certificate(name: str, key: Any, issuer: str, issuer_key: Any, *, is_authority: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    names = [
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, each), x509.NameAttribute(NameOID.COMMON_NAME, each)])
        for each in (name, issuer)
    ]
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
