"""Tokens of an OpenID Connect issuer, such as the company's own sign-in, in place of keys."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from provenance.errors import SettingError

from ..problems import RefusedError
from .scope import Scope

# Issuers publish their next key hours before they use it.
KEYS_ARE_FRESH: Final = 600.0

# A token with a made-up key id must not make the service ask its issuer each time.
ASK_AGAIN_AFTER: Final = 30.0

# Two small JSON documents, from one server that the operator chose.
ISSUER_TIME_LIMIT: Final = 5.0

# Clocks of two servers differ by seconds.
LEEWAY: Final = 30

# Signatures alone: a token "signed" with a public key as a shared secret, or with nothing, is refused (RFC 8725).
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class Issuer:
    """Whose tokens are believed, and for whom they must be.

    Raises `SettingError` for an address that is not https, or http on this machine.
    """

    def __init__(self, url: str, audience: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
            raise SettingError(f"oidc_issuer: {url} is no https address")
        self._url, self._audience = url.rstrip("/"), audience
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._asked_at = -KEYS_ARE_FRESH

    def holder(self, token: str) -> tuple[str, tuple[Scope, ...]]:
        """Whose token this is, and the scopes among those that its `scope` or `scp` claim names.

        Raises `RefusedError` for a token that does not hold, or where the issuer's keys cannot be had.
        """
        claims = self._claims(token)
        named = claims.get("scope", claims.get("scp", ""))
        words = named.split() if isinstance(named, str) else named if isinstance(named, list) else []
        return f"{claims['iss']} {claims['sub']}", tuple(each for each in Scope if each in words)

    def _claims(self, token: str) -> Mapping[str, Any]:
        rules = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._url},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        for keys in (self._known(KEYS_ARE_FRESH), None):
            try:
                found = jwt.decode(token, keys or self._known(ASK_AGAIN_AFTER), algorithms=_ALGORITHMS)
                break
            except (JoseError, ValueError):  # perhaps of a key that is newer than those that are known
                if keys is None:
                    raise RefusedError("no-key") from None
        try:
            rules.validate(found.claims)
        except JoseError:
            raise RefusedError("no-key") from None
        return found.claims

    def _known(self, max_age: float) -> KeySet:
        """The issuer's keys, asked for again where they are older than this."""
        with self._lock:
            if self._keys is None or time.monotonic() - self._asked_at > max_age:
                self._asked_at = time.monotonic()
                self._keys = self._fetched()
            return self._keys

    def _fetched(self) -> KeySet:
        try:
            with httpx.Client(timeout=ISSUER_TIME_LIMIT, follow_redirects=False) as client:
                about = client.get(f"{self._url}/.well-known/openid-configuration").raise_for_status().json()
                if about["issuer"].rstrip("/") != self._url:
                    raise RefusedError("issuer-unavailable")
                return KeySet.import_key_set(client.get(about["jwks_uri"]).raise_for_status().json())
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError):
            self._keys = None
            raise RefusedError("issuer-unavailable") from None
