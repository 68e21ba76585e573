"""Credentials and time stamping authorities for development: a chain by C2PA's certificate profile, in one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ..algorithms import Algorithm, PrivateKey, new_key
from ..errors import CredentialError
from .authority import CLAIM_SIGNING, TIME_STAMPING, Authority
from .pem import private_pem, write_all

# The longest life of a signer's certificate in C2PA Certificate Policy 0.2, at assurance level 1.
MAX_DAYS: Final = 366


@dataclass(frozen=True)
class DevelopmentFiles:
    """Where the files of a development credential are."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root's certificate, which verifiers are given."""
        return self.folder / "root.pem"

    @property
    def chain(self) -> Path:
        """The signer's certificate and that of the authority that issued it; the root is not in it."""
        return self.folder / "chain.pem"

    @property
    def key(self) -> Path:
        """The signer's private key."""
        return self.folder / "key.pem"

    @property
    def credential(self) -> Path:
        """The `credential.toml` that names the chain and the key."""
        return self.folder / "credential.toml"


def create(
    folder: Path,
    *,
    organisation: str = "Example organisation",
    algorithm: Algorithm = Algorithm.ES256,
    days: int = 90,
    passphrase: str | None = None,
) -> DevelopmentFiles:
    """Makes a root, an issuing authority and a signer's certificate, and writes them with the signer's key.

    Raises `CredentialError` where one of the files is there already. Where something fails, no file is left.
    """
    if not 1 <= days <= MAX_DAYS:
        raise CredentialError(f"{days} days: a development certificate lasts between 1 and {MAX_DAYS} days")
    files = DevelopmentFiles(folder)
    contents = _chain(files, organisation, CLAIM_SIGNING, new_key(algorithm), days, passphrase)
    contents[files.credential] = _credential_toml(algorithm, encrypted=bool(passphrase))
    _write(files, contents)
    return files


def create_tsa(folder: Path, *, organisation: str = "Example organisation") -> DevelopmentFiles:
    """The same for a time stamping authority, without a `credential.toml`. Raises `CredentialError`."""
    files = DevelopmentFiles(folder)
    _write(files, _chain(files, organisation, TIME_STAMPING, new_key(Algorithm.ES256), MAX_DAYS, None))
    return files


def _chain(
    files: DevelopmentFiles,
    organisation: str,
    usages: tuple[x509.ObjectIdentifier, ...],
    key: PrivateKey,
    days: int,
    passphrase: str | None,
) -> dict[Path, bytes]:
    root = Authority.root(organisation)
    issuing = root.below(usages)
    leaf = issuing.issue(key.public_key(), usages, days=days)
    return {
        files.key: private_pem(key, passphrase),
        files.chain: _pem(leaf) + _pem(issuing.certificate),
        files.root: _pem(root.certificate),
    }


def _write(files: DevelopmentFiles, contents: Mapping[Path, bytes]) -> None:
    made_folder = not files.folder.exists()
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CredentialError(f"{files.folder}: cannot be written ({error.strerror})") from None
    try:
        write_all(contents, private=files.key)
    except BaseException:
        if made_folder:
            files.folder.rmdir()
        raise


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _credential_toml(algorithm: Algorithm, *, encrypted: bool) -> bytes:
    place = "  # encrypted: its passphrase is asked for, or add passphrase_file or passphrase_env" if encrypted else ""
    return (
        "# A credential for development only. Verifiers that are given root.pem trust it; nobody else does.\n"
        'certificates = "chain.pem"\n'
        f'algorithm = "{algorithm}"\n\n'
        "[key]\n"
        f'file = "key.pem"{place}\n'
    ).encode()
