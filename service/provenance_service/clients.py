"""Clients: who may do what is not for everybody, by a key of their own. Only the keys' SHA-256 is kept.

[[client]]
name = "cms"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
scopes = ["sign"]                 # sign assets; "signature" also signs raw data, as a key behind a service does
credentials = ["newsroom"]        # all, where this is left out
"""

import hashlib
import hmac
import json
import secrets
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provenance.asset import read_small_file
from provenance.errors import AssetError, SettingError

from .problems import RefusedError
from .settings import MAX_KEYS_FILE

_BEARER: Final = "bearer "


class Scope(StrEnum):
    """What a key allows."""

    SIGN = "sign"
    SIGNATURE = "signature"


class Client(BaseModel):
    """One client, by the hash of its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...]
    credentials: tuple[str, ...] | None = None

    def may(self, scope: Scope, credential: str) -> bool:
        """Whether it may do this with this credential."""
        return scope in self.scopes and (self.credentials is None or credential in self.credentials)


class Clients(BaseModel):
    """All clients that the operator knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: tuple[Client, ...] = ()

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Reads the file of keys; no file knows nobody. Raises `SettingError`."""
        if path is None:
            return cls()
        try:
            return cls.model_validate(tomllib.loads(read_small_file(path, MAX_KEYS_FILE).decode()))
        except (AssetError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingError(f"{path}: cannot be read as the keys of clients ({error})") from None
        except ValidationError as error:
            places = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
            raise SettingError(f"{path}: is no list of clients: {places}") from None

    def check(self, authorization: str, scope: Scope, credential: str) -> None:
        """Raises `RefusedError` unless the Authorization header holds a key that allows this with the credential."""
        if not self._known(authorization).may(scope, credential):
            raise RefusedError("not-allowed", scope=scope)

    def check_any(self, authorization: str, scope: Scope) -> None:
        """Raises `RefusedError` unless the key allows this with some credential: asked before a file is received."""
        if scope not in self._known(authorization).scopes:
            raise RefusedError("not-allowed", scope=scope)

    def _known(self, authorization: str) -> Client:
        if not authorization.lower().startswith(_BEARER):
            raise RefusedError("no-key")
        given = hashed(authorization[len(_BEARER) :].strip())
        # All are compared, each in the same time, so that nothing can be learnt of them from how long it takes.
        matches = [each for each in self.client if hmac.compare_digest(each.sha256, given)]
        if not matches:
            raise RefusedError("no-key")
        return matches[0]


def new_key() -> str:
    """A key that nobody guesses."""
    return f"prv_{secrets.token_urlsafe(32)}"


def hashed(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def entry_of(name: str, key: str, scopes: Sequence[str], credentials: Sequence[str]) -> str:
    """A client's entry in the file of keys."""
    fields = {"name": name, "sha256": hashed(key), "scopes": scopes, "credentials": credentials}
    # Printable text and lists of it are written in TOML as they are in JSON.
    lines = [f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in fields.items() if value]
    return "\n".join(["[[client]]", *lines, ""])
