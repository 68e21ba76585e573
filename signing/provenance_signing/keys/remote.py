"""A private key behind a service, which signs what it is sent: the way to a key management system.

POST the bytes to be signed as application/octet-stream, with `Provenance-Algorithm: es256` and, where there is one,
`Authorization: Bearer TOKEN`. The service answers 200 with the raw signature as COSE has it.
"""

from typing import TYPE_CHECKING

from provenance.fetching import FetchError

from .. import limits
from ..algorithms import Algorithm
from ..errors import CredentialError
from ..service_requests import is_this_machine, post, service_url

if TYPE_CHECKING:
    from ..algorithms import PublicKey


class RemoteKey:
    """A private key that a service keeps. Its token is sent to that service only, and never written."""

    def __init__(self, url: str, *, token: str | None = None, time_limit: float = limits.REMOTE_KEY_TIME) -> None:
        """Raises `CredentialError` for an address that is not https, unless it is on this machine."""
        try:
            parts = service_url(url)
        except ValueError as error:
            raise CredentialError(f"{url.rpartition('@')[2]}: {error}") from None
        if parts.scheme != "https" and not is_this_machine(str(parts.hostname)):
            raise CredentialError(f"{url}: a key is asked over https only: the token would be read on the way")
        if token is not None and not (token.isascii() and token.isprintable() and token and " " not in token):
            raise CredentialError(f"{url}: the token for this key is empty, or holds what no HTTP header can")
        self._url, self._token, self._time_limit = url, token, time_limit

    @property
    def public_key(self) -> "PublicKey | None":
        """None: the certificate knows it, and the credential has the service show that it has the other half."""
        return None

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The service's signature over `data` as COSE has it. Raises `CredentialError` where it gives none in time."""
        headers = {"Content-Type": "application/octet-stream", "Provenance-Algorithm": str(algorithm)}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            return post(self._url, data, headers, max_size=limits.MAX_SIGNATURE, seconds=self._time_limit)
        except FetchError as error:
            raise CredentialError(f"{self._url}: no signature from this key. {error}") from None

    def __repr__(self) -> str:
        return f"RemoteKey({self._url!r})"
