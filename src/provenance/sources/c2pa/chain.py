"""The certificates that a signature carries, to be shown as they are. Who signed is said by `validator` alone."""

from dataclasses import dataclass

from ...formats.jumbf import StoreError
from .cose import parse_signature
from .manifest_store import Manifest
from .time_stamp import certificates_of_token


@dataclass(frozen=True)
class SignatureCertificates:
    """The DER certificates that a manifest's signature carries; empty where they cannot be read."""

    signer: tuple[bytes, ...] = ()  # the signer's own first
    time_stamp: frozenset[bytes] = frozenset()


def certificates_of(manifest: Manifest) -> SignatureCertificates:
    """The certificates of this manifest's signature and of its time stamp, whether they hold or not."""
    try:
        signature = parse_signature(manifest.signature, version=1)
    except StoreError:
        return SignatureCertificates()
    stamped = certificates_of_token(signature.time_stamp[1]) if signature.time_stamp is not None else ()
    return SignatureCertificates(signature.chain, frozenset(stamped))
