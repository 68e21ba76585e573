"""The credential: a certificate chain, the private key that belongs to it, and who stamps the time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.errors import AssetError
from provenance.files import read_small_file
from provenance.trust.certificates import extended_usages, extension, is_authority, issued
from provenance.trust.profiles import accepted_usages

from . import limits
from .algorithms import MIN_RSA_BITS, Algorithm, PublicKey, algorithms_for
from .errors import CredentialError
from .keys import SigningKey
from .keys.pem import PemKey
from .time_stamps import TimeStamps

_PROOF: Final = b"provenance: does this key belong to this certificate?"


@dataclass(frozen=True, eq=False)
class Credential:
    """Who signs: a chain with the signer's certificate first, its private key, and the time stamping authority.

    Thread-safe where its key is. Keeps the key out of every message, log and report.
    """

    chain: tuple[x509.Certificate, ...]
    key: SigningKey
    algorithm: Algorithm
    time_stamps: TimeStamps | None = None

    @classmethod
    def of(
        cls,
        certificates: bytes,
        key: SigningKey,
        *,
        algorithm: Algorithm | None = None,
        time_stamps: TimeStamps | None = None,
    ) -> Self:
        """A credential from a PEM chain and a key.

        Raises `CredentialError` for a chain out of order, a certificate that may not sign claims (C2PA 2.4, section
        14.5.1), an RSA key under 2048 bits, or a key that does not belong to the certificate. A certificate that is not
        valid today is refused when it is to sign.
        """
        chain = _chain(certificates)
        public = _checked_public_key(chain[0])
        usual = algorithms_for(public)
        if not usual:
            raise CredentialError("the certificate's key is of a kind that C2PA excludes")
        chosen = algorithm or usual[0]
        if not chosen.fits(public):
            raise CredentialError(f"{chosen} does not fit the certificate's key; it signs with {', '.join(usual)}")
        _check_order(chain)
        _check_signer(chain[0])
        credential = cls(chain, key, chosen, time_stamps)
        credential._check_key(public)
        return credential

    @classmethod
    def from_files(
        cls,
        certificates: Path | str,
        key: Path | str,
        *,
        passphrase: str | None = None,
        algorithm: Algorithm | None = None,
        time_stamps: TimeStamps | None = None,
    ) -> Self:
        """A credential from a PEM chain and a PEM key, which may be encrypted. Raises `CredentialError`."""
        pem = PemKey.load(read_key_file(Path(key)), passphrase, name=str(key))
        return cls.of(read_key_file(Path(certificates)), pem, algorithm=algorithm, time_stamps=time_stamps)

    @classmethod
    def load(cls, path: Path | str, *, passphrase: str | None = None) -> Self:
        """A credential as a `credential.toml` describes it (`credential_file.py`). Raises `CredentialError`."""
        from .credential_file import CredentialFile

        file = CredentialFile.load(Path(path))
        return cls.of(
            read_key_file(file.certificates),
            file.signing_key(passphrase),
            algorithm=file.algorithm,
            time_stamps=file.time_stamps,
        )

    @property
    def name(self) -> str:
        """Whom the signer's certificate names: the organisation, else the common name."""
        from provenance.trust.certificates import SignerCertificate

        certificate = SignerCertificate.of(self.chain[0])
        return certificate.organisation or certificate.common_name or "?"

    @property
    def pem(self) -> str:
        """The chain as PEM, as it goes into a signature."""
        return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in self.chain)

    def sign(self, data: bytes) -> bytes:
        """The raw signature over `data`, as COSE has it. Raises `CredentialError`."""
        return self.key.sign(data, self.algorithm)

    def with_time_stamps(self, time_stamps: TimeStamps | None) -> Self:
        """The same credential with another time stamping authority, or none."""
        return replace(self, time_stamps=time_stamps)

    def check_valid(self, at: datetime | None = None) -> None:
        """Raises `CredentialError` where a certificate of the chain is not valid now, or at this time."""
        time = at or datetime.now(UTC)
        for certificate in self.chain:
            since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            if time < since:
                raise CredentialError(
                    f"the certificate of {_subject(certificate)} is not valid before {since:%Y-%m-%d}"
                )
            if time > until:
                raise CredentialError(f"the certificate of {_subject(certificate)} has expired on {until:%Y-%m-%d}")

    def _check_key(self, public: PublicKey) -> None:
        own = self.key.public_key
        if own is None:  # only the device knows it: let it show that it has the other half
            belongs = self.algorithm.is_valid(public, self.sign(_PROOF), _PROOF)
        else:
            belongs = _encoded(own) == _encoded(public)
        if not belongs:
            raise CredentialError("the private key does not belong to the signer's certificate")


def read_key_file(path: Path) -> bytes:
    """A small file of keys or certificates. Raises `CredentialError`."""
    try:
        return read_small_file(path, limits.MAX_KEY_FILE)
    except AssetError as error:
        raise CredentialError(str(error)) from None


def _chain(pem: bytes) -> tuple[x509.Certificate, ...]:
    try:
        chain = tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise CredentialError("the certificates are not readable PEM") from None
    # C2PA 2.4, section 14.6: the trust anchor stays out; who verifies must have it from elsewhere.
    return chain[:-1] if len(chain) > 1 and chain[-1].subject == chain[-1].issuer else chain


def _checked_public_key(certificate: x509.Certificate) -> PublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CredentialError("the certificate's key cannot be read") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        raise CredentialError(f"the RSA key has {key.key_size} bits; C2PA asks for {MIN_RSA_BITS} at least")
    return key  # type: ignore[return-value]  # other kinds are refused by `of`


def _check_order(chain: Sequence[x509.Certificate]) -> None:
    for below, above in pairwise(chain):
        if not issued(above, below):
            right = _in_order(chain)
            problem = (
                "are out of order: put the signer's first, then each one's issuer" if right else "do not form a chain"
            )
            raise CredentialError(
                f"the certificates {problem}; {_subject(above)} did not issue that of {_subject(below)}"
            )
        if not is_authority(above):
            raise CredentialError(f"{_subject(above)} issued that of {_subject(below)}, but is no authority")


def _in_order(chain: Sequence[x509.Certificate]) -> bool:
    """Whether the same certificates form a chain in some other order."""
    by_subject = {certificate.subject.public_bytes(): certificate for certificate in chain}
    issuers = {certificate.issuer.public_bytes() for certificate in chain if certificate.issuer != certificate.subject}
    ends = [certificate for certificate in chain if certificate.subject.public_bytes() not in issuers]
    if len(ends) != 1:
        return False
    met, current = 1, ends[0]
    while (above := by_subject.get(current.issuer.public_bytes())) and above is not current and met <= len(chain):
        if not issued(above, current):
            return False
        met, current = met + 1, above
    return met == len(chain)


def _check_signer(certificate: x509.Certificate) -> None:
    """What every verifier refuses. `keys check` tells the finer points."""
    if is_authority(certificate):
        raise CredentialError(f"the first certificate, of {_subject(certificate)}, is an authority's, not a signer's")
    if certificate.subject == certificate.issuer:
        raise CredentialError(f"the certificate of {_subject(certificate)} is signed by itself; verifiers refuse that")
    if accepted_usages().isdisjoint(extended_usages(certificate)):
        raise CredentialError(
            f"the certificate of {_subject(certificate)} is not made for signing claims: it lacks the "
            "extended key usage c2pa-kp-claimSigning, or another that C2PA accepts"
        )
    usage = extension(certificate, x509.KeyUsage)
    if usage is None or not usage.digital_signature:
        raise CredentialError(f"the certificate of {_subject(certificate)} lacks the key usage digitalSignature")


def _subject(certificate: x509.Certificate) -> str:
    return f"“{certificate.subject.rfc4514_string()[:200]}”"


def _encoded(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
