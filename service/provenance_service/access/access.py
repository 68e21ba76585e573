"""Who asks, and whether they may: by a key, by a token of the configured issuer, or as anybody."""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from fastapi import Request

from ..problems import RefusedError
from ..settings import Settings
from ..storage import Storage
from .keys import PREFIX, Keys
from .oidc import Issuer
from .quota import Quota
from .quota_counters import QuotaCounters
from .scope import Scope

_BEARER: Final = "bearer "


@dataclass(frozen=True)
class Caller:
    """Who asks. `subject` names it in counters and in the audit log."""

    subject: str
    scopes: tuple[Scope, ...]
    credentials: tuple[str, ...] | None = None
    quota: Quota | None = None
    is_anonymous: bool = False

    def check(self, scope: Scope, credential: str | None = None) -> None:
        """Raises `RefusedError` unless this is allowed, with this credential where one is named."""
        is_barred = credential is not None and self.credentials is not None and credential not in self.credentials
        if scope not in self.scopes or is_barred:
            raise RefusedError("no-key") if self.is_anonymous else RefusedError("not-allowed", scope=scope)


class Access:
    """Identifies callers, and counts what they ask against their quotas."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        self.keys, self._quotas, self._settings = Keys(storage), QuotaCounters(storage), settings
        self._issuer = Issuer(settings.oidc_issuer, settings.oidc_audience) if settings.oidc_issuer else None

    async def admit(self, request: Request, scope: Scope, *, credential: str | None = None, files: int = 1) -> Caller:
        """The caller, if it may do this, with its files counted. `files`: how many there are.

        Raises `RefusedError` for somebody who may not, or whose quota is used up, and `StorageError`.
        """
        caller = await self.identify(request)
        caller.check(scope, credential)
        await self.count(caller, files)
        return caller

    async def identify(self, request: Request) -> Caller:
        """Who asks. Raises `RefusedError` for a key that is not known or no longer good, and `StorageError`."""
        authorization = request.headers.get("authorization", "")
        if not authorization:
            return self._anonymous_caller(request)
        if not authorization.lower().startswith(_BEARER):
            raise RefusedError("no-key")
        secret = authorization[len(_BEARER) :].strip()
        if self._issuer is not None and not secret.startswith(PREFIX):
            name, scopes = await to_thread.run_sync(self._issuer.holder, secret)
            return Caller(_subject("token", name), self._with_anonymous(scopes), quota=self._settings.quota)
        key = await to_thread.run_sync(self.keys.find, secret)
        if key is None:
            raise RefusedError("no-key")
        if key.state != "good":
            raise RefusedError(f"key-{key.state}")
        quota = Quota.parse(key.quota) if key.quota else self._settings.quota
        return Caller(f"key:{key.id}", self._with_anonymous(key.scopes), key.credentials, quota)

    async def count(self, caller: Caller, files: int = 1) -> None:
        """Counts files for a caller. Raises `RefusedError` where its quota is used up, and `StorageError`."""
        if caller.quota is None:
            return
        wait = await to_thread.run_sync(self._quotas.take, caller.subject, caller.quota, files)
        if wait:
            raise RefusedError("quota", retry_after=math.ceil(wait), quota=str(caller.quota))

    async def count_registration(self, caller: Caller) -> None:
        """Counts one try to register something. Raises as `count`."""
        quota = self._settings.registrations
        wait = await to_thread.run_sync(self._quotas.take, f"{caller.subject}:registry", quota)
        if wait:
            raise RefusedError("quota", retry_after=math.ceil(wait), quota=str(quota))

    def delete_expired(self) -> None:
        """Deletes the counters of periods that are over. Raises `StorageError`."""
        self._quotas.delete_expired()

    def _with_anonymous(self, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
        """A key also allows everything that needs none."""
        return (*scopes, *self._settings.anonymous)

    def _anonymous_caller(self, request: Request) -> Caller:
        host = request.client.host if request.client else ""
        return Caller(
            _subject("address", _network(host)),
            self._settings.anonymous,
            quota=self._settings.anonymous_quota,
            is_anonymous=True,
        )


def _network(host: str) -> str:
    """The address, or the network of 64 bits of which one household or firm has all addresses (RFC 6177)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _subject(kind: str, name: str) -> str:
    """A name for counters that does not disclose the caller to a reader of the table."""
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
