"""`credential.toml`: where the chain and the key of a credential are. It names secrets' places, and holds none.

certificates = "chain.pem"            # paths are relative to this file
algorithm = "es256"                   # where the key knows several

[key]                                 # in a file
file = "key.pem"
passphrase_file = "passphrase"        # or passphrase_env = "NAME"; else it is asked for

[key]                                 # in a hardware module
pkcs11 = "/usr/lib/softhsm/libsofthsm2.so"
token = "newsroom"
label = "claims"
pin_env = "TOKEN_PIN"                 # or pin_file

[key]                                 # behind a service
url = "https://keys.example.org/v1/credentials/newsroom/signature"
token_env = "KEY_TOKEN"               # or token_file

[time_stamps]
url = "https://tsa.example.org"
if_unavailable = "fail"               # or "sign-without"
"""

import os
import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from provenance.validation_errors import problems_of

from .algorithms import Algorithm
from .credential import read_key_file
from .errors import CredentialError
from .keys import SigningKey
from .time_stamps import TimeStamps


class KeyPlace(BaseModel):
    """Where a private key is: exactly one of `file`, `pkcs11` and `url`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    passphrase_file: Path | None = None
    passphrase_env: str | None = None

    pkcs11: Path | None = None
    token: str | None = None
    label: str | None = None
    pin_file: Path | None = None
    pin_env: str | None = None

    url: str | None = None
    token_file: Path | None = None
    token_env: str | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if sum(place is not None for place in (self.file, self.pkcs11, self.url)) != 1:
            raise ValueError("names exactly one of file, pkcs11 and url")
        if self.pkcs11 is not None and (self.token is None or self.label is None):
            raise ValueError("a key in a PKCS #11 module needs token and label")
        return self


class CredentialFile(BaseModel):
    """A `credential.toml`, its paths made absolute."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificates: Path
    algorithm: Algorithm | None = None
    key: KeyPlace
    time_stamps: TimeStamps | None = None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the file. Raises `CredentialError`."""
        try:
            data = tomllib.loads(read_key_file(path).decode())
            credential_file = cls.model_validate(data)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CredentialError(f"{path}: is not TOML ({error})") from None
        except ValidationError as error:
            raise CredentialError(f"{path}: {problems_of(error)}") from None
        folder = path.parent
        places = {name: folder / value for name, value in credential_file.key if isinstance(value, Path)}
        key = credential_file.key.model_copy(update=places)
        return credential_file.model_copy(update={"certificates": folder / credential_file.certificates, "key": key})

    @property
    def needs_passphrase(self) -> bool:
        """Whether the key is in an encrypted file, and no place of its passphrase is named: a person may be asked."""
        key = self.key
        if key.file is None or key.passphrase_file or key.passphrase_env:
            return False
        return b"ENCRYPTED" in read_key_file(key.file)

    def signing_key(self, passphrase: str | None = None) -> SigningKey:
        """The key, opened. Raises `CredentialError`."""
        key = self.key
        if key.file is not None:
            from .keys.pem import PemKey

            secret = passphrase or read_secret(key.passphrase_file, key.passphrase_env)
            return PemKey.load(read_key_file(key.file), secret, name=str(key.file))
        if key.pkcs11 is not None:
            from .keys.pkcs11 import Pkcs11Key

            pin = passphrase or read_secret(key.pin_file, key.pin_env)
            return Pkcs11Key(key.pkcs11, token=str(key.token), label=str(key.label), pin=pin)
        from .keys.remote import RemoteKey

        return RemoteKey(str(key.url), token=read_secret(key.token_file, key.token_env))


def read_secret(file: Path | None, variable: str | None) -> str | None:
    """A passphrase, PIN or token from where it is kept; the end of its line does not belong to it.

    None where no place is named. Raises `CredentialError` where there is nothing in it: an empty passphrase encrypts
    nothing.
    """
    if file is None and variable is None:
        return None
    if file is not None:
        place, secret = str(file), read_key_file(file).decode("utf-8", "replace").rstrip("\r\n")
    else:
        place, secret = f"the environment variable {variable}", os.environ.get(str(variable), "")
    if not secret:
        raise CredentialError(f"{place} is empty, or not set")
    return secret
