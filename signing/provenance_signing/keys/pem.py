"""Private keys in PEM files, encrypted with a passphrase or not. RFC 7468; RFC 5958."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ..algorithms import Algorithm, PrivateKey, PublicKey, algorithms_for
from ..errors import CredentialError

_KINDS: Final = "elliptic curve keys on P-256, P-384 or P-521, RSA and Ed25519"

# What OpenSSL encrypts and decrypts with.
_MAX_PASSPHRASE: Final = 1023


class PemKey:
    """A private key that was read from PEM into this process's memory."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    @classmethod
    def load(cls, pem: bytes, passphrase: str | None = None, *, name: str = "the private key") -> "PemKey":
        """Reads a key. Raises `CredentialError`: wrong or no passphrase, no private key, a kind that C2PA excludes."""
        return cls(load_private(pem, passphrase, name=name))

    @property
    def public_key(self) -> PublicKey:
        """Its public half."""
        return self._key.public_key()

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The signature over `data` as COSE has it."""
        return algorithm.sign(self._key, data)

    def __repr__(self) -> str:
        return "PemKey(...)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a private key is not copied to other processes; load it there")


def load_private(pem: bytes, passphrase: str | None, *, name: str) -> PrivateKey:
    """The private key in a PEM text; `name` stands in errors. Raises `CredentialError` as `PemKey.load` does."""
    try:
        key = load_pem_private_key(pem, _encoded(passphrase) if passphrase else None)
    except TypeError:
        if passphrase is None:
            raise CredentialError(f"{name}: is encrypted; give its passphrase") from None
        return load_private(pem, None, name=name)  # a passphrase for a key that needs none does no harm
    except UnsupportedAlgorithm:
        raise CredentialError(f"{name}: is of a kind that cannot be used; C2PA allows {_KINDS}") from None
    except ValueError:
        why = "the passphrase is wrong, or this is no private key" if passphrase else "this is no private key in PEM"
        raise CredentialError(f"{name}: {why}") from None
    if not algorithms_for(key):
        raise CredentialError(f"{name}: is of a kind that C2PA excludes; it allows {_KINDS}")
    return key  # type: ignore[return-value]  # algorithms_for knows only these kinds


def private_pem(key: PrivateKey, passphrase: str | None) -> bytes:
    """The key as PKCS #8, encrypted where there is a passphrase. Raises `CredentialError` for one that is too long."""
    if not passphrase:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = _encoded(passphrase)
    if len(secret) > _MAX_PASSPHRASE:
        raise CredentialError(f"the passphrase is longer than {_MAX_PASSPHRASE} bytes")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(secret))


def write_new(path: Path, content: bytes, *, private: bool) -> None:
    """Writes a file that is not there yet; a private one only its owner may read, from its first byte on.

    Raises `CredentialError`, and then leaves no half of it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    except FileExistsError:
        raise CredentialError(f"{path}: is there already, and is not overwritten") from None
    except OSError as error:
        raise CredentialError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise CredentialError(f"{path}: cannot be written ({error.strerror})") from None


def write_all(contents: Mapping[Path, bytes], *, private: Path | None) -> None:
    """Writes these new files, or none of them. Raises `CredentialError`."""
    written: list[Path] = []
    try:
        for path, content in contents.items():
            write_new(path, content, private=path == private)
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _encoded(passphrase: str) -> bytes:
    """Its bytes, also those that an environment held and that are no UTF-8."""
    return passphrase.encode("utf-8", "surrogateescape")
