"""Signing with the engine itself, for tests of what stands below the signer: keys, credentials and time stamps."""

import io
import json

import c2pa

from provenance_signing.credential import Credential

from ..core.signing import created, manifest, plain_picture


def signed_jpeg(credential: Credential, *, tsa_url: str | None = None) -> bytes:
    """A JPEG signed with this credential, with a time stamp where there is an authority."""
    algorithm = c2pa.C2paSigningAlg[credential.algorithm.name]
    settings = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    out = io.BytesIO()
    with (
        c2pa.Signer.from_callback(credential.sign, algorithm, credential.pem, tsa_url) as signer,
        c2pa.Builder(json.dumps(manifest(created("digitalCapture"))), context=settings) as builder,
    ):
        builder.sign(signer, "image/jpeg", io.BytesIO(plain_picture("red")), out)
    return out.getvalue()
