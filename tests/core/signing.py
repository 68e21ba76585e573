"""Certificates and signed files for tests, made with the samples' own script, so that there is one way to make them."""

import importlib.util
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from PIL import Image

_SCRIPT = Path(__file__).parent.parent.parent / "samples" / "make.py"
_SPEC = importlib.util.spec_from_file_location("make_samples", _SCRIPT)
assert _SPEC is not None
assert _SPEC.loader is not None
make: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(make)

PEM = serialization.Encoding.PEM
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class Authority:
    """A root that issues certificates for tests."""

    def __init__(self, name: str = "Test authority") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = make.name(name)
        self.certificate = (
            make.builder(self.name, self.name, self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(make.usage(authority=True), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def issue(
        self,
        organisation: str,
        *,
        authority: bool = False,
        purpose: Any = ExtendedKeyUsageOID.EMAIL_PROTECTION,
        **validity: Any,
    ) -> "Credential":
        key = ec.generate_private_key(ec.SECP256R1())
        builder = make.builder(make.name(organisation), self.name, key)
        if validity:
            builder = (
                x509.CertificateBuilder()
                .subject_name(make.name(organisation))
                .issuer_name(self.name)
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(validity["since"])
                .not_valid_after(validity["until"])
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            )
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(make.usage(authority=authority), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return Credential(certificate, key, [self.certificate])


class Credential:
    """A certificate with its key and the authorities above it."""

    def __init__(self, certificate: x509.Certificate, key: Any, above: list[x509.Certificate]) -> None:
        self.certificate, self.key, self.above = certificate, key, above

    @property
    def chain(self) -> list[x509.Certificate]:
        return [self.certificate, *self.above]

    def signer(self) -> c2pa.Signer:
        chain = b"".join(each.public_bytes(PEM) for each in self.chain)
        key = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return c2pa.Signer.from_info(c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, None))

    def sign(self, asset: bytes, manifest: dict[str, Any], **more: Any) -> bytes:
        """A signed JPEG; the other arguments are those of `sign_as`."""
        return self.sign_as("image/jpeg", asset, manifest, **more)[0]

    def sign_apart(self, asset: bytes, manifest: dict[str, Any], url: str | None = None) -> tuple[bytes, bytes]:
        """A JPEG with its manifest store apart from it."""
        return self.sign_as("image/jpeg", asset, manifest, embedded=False, remote_url=url)

    def sign_as(
        self,
        media_type: str,
        asset: bytes,
        manifest: dict[str, Any],
        *,
        ingredients: Sequence[tuple[dict[str, Any], bytes]] = (),
        resources: Mapping[str, bytes] | None = None,
        update: bool = False,
        embedded: bool = True,
        remote_url: str | None = None,
    ) -> tuple[bytes, bytes]:
        """The signed asset, which names the URL of its manifest where there is one, and its manifest store.

        `resources` are what the manifest and its ingredients name, such as thumbnails. `update` makes an update
        manifest, whose one ingredient is the asset itself.
        """
        out = io.BytesIO()
        settings = c2pa.Context.from_dict(
            {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}
        )
        with self.signer() as signer, c2pa.Builder(json.dumps(manifest), context=settings) as builder:
            for facts, data in ingredients:
                builder.add_ingredient(json.dumps(facts), "image/jpeg", io.BytesIO(data))
            for identifier, data in (resources or {}).items():
                builder.add_resource(identifier, io.BytesIO(data))
            if update:
                builder.set_intent(c2pa.C2paBuilderIntent.UPDATE)
            if not embedded:
                builder.set_no_embed()
            if remote_url is not None:
                builder.set_remote_url(remote_url)
            store: bytes = builder.sign(signer, media_type, io.BytesIO(asset), out)
        return out.getvalue(), store


def manifest(*actions: dict[str, Any], own: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "claim_generator_info": [{"name": "tests", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "created": own, "data": {"actions": list(actions)}}],
        **more,
    }


def created(term: str, agent: str = "Some Tool") -> dict[str, Any]:
    return {"action": "c2pa.created", "digitalSourceType": IPTC + term, "softwareAgent": {"name": agent}}


def opened(title: str) -> dict[str, Any]:
    """The action that opens the ingredient with this title, which `parent` describes."""
    return {"action": "c2pa.opened", "parameters": {"ingredientIds": [title]}}


def parent(title: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "relationship": "parentOf", "label": title, **more}


def thumbnail(identifier: str) -> dict[str, Any]:
    return {"thumbnail": {"format": "image/jpeg", "identifier": identifier}}


def plain_picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def picture() -> bytes:
    jpeg: bytes = make.as_jpeg(make.picture())
    return jpeg
