"""Signed results: a signature beside the result, with the project's own credentials, and whose it is."""

import json
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.errors import AssetError
from provenance.files import read_small_file, write_whole
from provenance.trust.certificates import issued
from provenance_signing import Credential
from provenance_signing.algorithms import Algorithm

from .errors import ResultError
from .result import MAX_RESULT, RESULT, Result

SIGNATURE: Final = "result.sig.json"

# A chain of certificates and a signature.
MAX_SIGNATURE: Final = 256 * 1024
_FORMAT: Final = "provenance-benchmark-signature-1"


def sign_result(folder: Path, credential_file: Path) -> str:
    """Signs the result in a folder, and says with whose certificate. Raises `ResultError`, `CredentialError`."""
    Result.load(folder)
    credential = Credential.load(credential_file)
    content = read_small_file(folder / RESULT, MAX_RESULT)
    record = {
        "format": _FORMAT, "algorithm": str(credential.algorithm), "certificates": credential.pem,
        "signature": credential.sign(content).hex(),
    }  # fmt: skip
    path = folder / SIGNATURE
    write_whole(path, (json.dumps(record, indent=1) + "\n").encode())
    return credential.name


def signed_by(folder: Path, anchors: Path | None = None) -> str:
    """Whose signature a result carries, in a sentence.

    Raises `ResultError` where it carries none or was changed, and, with `anchors`, where the signer's chain leads to
    none of them. The scores are covered: the result names their SHA-256.
    """
    record = _record(folder)
    content = read_small_file(folder / RESULT, MAX_RESULT)
    try:
        chain = x509.load_pem_x509_certificates(record["certificates"].encode())
        signature = bytes.fromhex(record["signature"])
        algorithm, key = Algorithm(record["algorithm"]), chain[0].public_key()
        if not algorithm.fits(key) or not algorithm.is_valid(key, signature, content):  # type: ignore[arg-type]
            raise ResultError(f"{folder}: was changed after it was signed")
    except (KeyError, ValueError, AttributeError) as error:
        raise ResultError(f"{folder / SIGNATURE}: is not a signature ({error})") from None
    name = chain[0].subject.rfc4514_string()
    if anchors is None:
        return f"signed by {name}: the signature holds; whose it is was not checked (--signer FILE)"
    trusted = x509.load_pem_x509_certificates(read_small_file(anchors, MAX_SIGNATURE))
    if not _leads_to(chain, trusted):
        raise ResultError(f"{folder}: signed by {name}, which leads to no certificate in {anchors}")
    return f"signed by {name}, as {anchors.name} says"


def _record(folder: Path) -> dict[str, Any]:
    path = folder / SIGNATURE
    try:
        record = json.loads(read_small_file(path, MAX_SIGNATURE))
    except (AssetError, ValueError) as error:
        raise ResultError(f"{path}: there is no signature ({error})") from None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise ResultError(f"{path}: is not a signature of a result")
    return record


def _leads_to(chain: list[x509.Certificate], trusted: list[x509.Certificate]) -> bool:
    ders = {certificate.public_bytes(Encoding.DER) for certificate in trusted}
    for at, certificate in enumerate(chain):
        if certificate.public_bytes(Encoding.DER) in ders:
            return True
        if any(issued(anchor, certificate) for anchor in trusted):
            return True
        if at + 1 < len(chain) and not issued(chain[at + 1], certificate):
            return False
    return False
