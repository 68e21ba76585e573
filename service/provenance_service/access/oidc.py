"""Tokens of an OpenID Connect issuer, such as the company's own sign-in, in place of keys."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from joserfc.jwt import JWTClaimsRegistry

from provenance.errors import SettingError
from provenance.limits import MIB

from ..problems import RefusedError
from .scope import Scope

# Issuers publish their next key hours before they use it.
KEYS_ARE_FRESH: Final = 600.0

# While the issuer cannot be asked, tokens are still checked by the keys that it gave this long ago.
KEYS_ARE_KEPT: Final = 2 * KEYS_ARE_FRESH

# A token with a made-up key id must not make the service ask its issuer each time.
ASK_AGAIN_AFTER: Final = 30.0

# Two small JSON documents, from one server that the operator chose: for both together, and for each.
ISSUER_TIME_LIMIT: Final = 5.0
MAX_ISSUER_DOCUMENT: Final = 1 * MIB

# An issuer that gave no answer is not asked again before this: each try holds a thread for `ISSUER_TIME_LIMIT`.
SILENT_FOR: Final = 10.0

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
        self._fetching = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = self._asked_at = -KEYS_ARE_KEPT
        self._silent_until = 0.0

    def holder(self, token: str) -> tuple[str, tuple[Scope, ...]]:
        """The holder of the token, and the scopes in its `scope` or `scp` claim.

        Raises `RefusedError` for a token that does not hold, or where the issuer's keys cannot be had.
        """
        claims = self._claims(token)
        claim = claims.get("scope", claims.get("scp", ""))
        words = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
        return f"{claims['iss']} {claims['sub']}", tuple(scope for scope in Scope if scope in words)

    def _claims(self, token: str) -> Mapping[str, Any]:
        rules = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._url},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        keys = self._keys_for(_key_id(token))
        try:
            decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            rules.validate(decoded.claims)
        except (JoseError, ValueError):
            raise RefusedError("no-key") from None
        return decoded.claims

    def _keys_for(self, key_id: str | None) -> KeySet:
        """The issuer's keys; fetched again where they are old, or this one is missing.

        One request waits for the issuer. All others are answered at once, by the keys at hand.
        """
        keys, now = self._keys, time.monotonic()
        if keys is not None and now - self._fetched_at <= KEYS_ARE_FRESH:
            is_known = key_id is None or any(key.kid == key_id for key in keys.keys)
            if is_known or now - self._asked_at <= ASK_AGAIN_AFTER:
                return keys
        if now >= self._silent_until and self._fetching.acquire(blocking=False):
            try:
                self._asked_at = now
                self._keys = keys = self._fetched()
                self._fetched_at = time.monotonic()
            except httpx.TransportError:
                self._silent_until = time.monotonic() + SILENT_FOR
            except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError):
                pass  # it answers, and with nothing that can be used
            finally:
                self._fetching.release()
        if keys is None or time.monotonic() - self._fetched_at > KEYS_ARE_KEPT:
            raise RefusedError("issuer-unavailable")
        return keys

    def _fetched(self) -> KeySet:
        end = time.monotonic() + ISSUER_TIME_LIMIT
        with httpx.Client(timeout=ISSUER_TIME_LIMIT, follow_redirects=False) as client:
            configuration = _document(client, f"{self._url}/.well-known/openid-configuration", end)
            if configuration["issuer"].rstrip("/") != self._url:
                raise ValueError("these are the keys of another issuer")
            return KeySet.import_key_set(_document(client, configuration["jwks_uri"], end))


def _document(client: httpx.Client, url: str, end: float) -> Any:
    """JSON from the issuer, complete by this time. Raises `httpx.HTTPError`, and `ValueError` for anything else."""
    content = bytearray()
    with client.stream("GET", url) as answer:
        answer.raise_for_status()
        for piece in answer.iter_bytes():
            content += piece
            if time.monotonic() > end:
                raise httpx.ReadTimeout("the issuer is too slow")
            if len(content) > MAX_ISSUER_DOCUMENT:
                raise ValueError("the issuer sends too much")
    return json.loads(content)


def _key_id(token: str) -> str | None:
    """The key that the token says it was signed with. Raises `RefusedError` for what can be no good token at all."""
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise RefusedError("no-key") from None
    key_id = header.get("kid")
    if header.get("alg") not in _ALGORITHMS or not isinstance(key_id, str | None):
        raise RefusedError("no-key")
    return key_id
