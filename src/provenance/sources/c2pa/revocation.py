"""Whether the signer's certificate was revoked: what the engine found, and whom it may ask online. RFC 6960.

C2PA 2.4, section 15.8: an answer may be carried with the signature (stapled), by a `c2pa.certificate-status` assertion
of a later manifest, or be asked for online.
"""

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from ... import limits
from ...credentials import Code, Revocation, RevocationSource, RevocationState
from ...fetching.addresses import is_public
from ...trust import TrustStore, identify
from ...trust.certificates import responders

_STATES: Final = {
    "signingCredential.ocsp.revoked": RevocationState.REVOKED,
    "signingCredential.revoked": RevocationState.REVOKED,
    "signingCredential.ocsp.notRevoked": RevocationState.NOT_REVOKED,
    "signingCredential.ocsp.unknown": RevocationState.UNKNOWN,
    "signingCredential.ocsp.inaccessible": RevocationState.UNKNOWN,
}
_HTTP_PORT: Final = 80


def revocation_of(codes: tuple[Code, ...], *, stapled: bool, online: bool) -> Revocation:
    """What is known of the signer's certificate. The engine uses one source: stapled, else online, else assertion."""
    names = {code.code for code in codes if code.ingredient is None}
    state = next((state for code, state in _STATES.items() if code in names), None)
    if stapled:  # one that the engine passed over in silence it could not verify
        return Revocation(state=state or RevocationState.UNKNOWN, source=RevocationSource.STAPLED)
    if online:
        return Revocation(state=state or RevocationState.UNKNOWN, source=RevocationSource.ONLINE)
    if state is None:
        return Revocation()
    return Revocation(state=state, source=RevocationSource.ASSERTION)


def may_be_asked(chain: tuple[bytes, ...], trust: TrustStore) -> tuple[str, ...]:
    """The hosts of the responders that the signer's certificate names, as far as it is safe to ask them.

    Only where an authority vouches for the chain, for anyone can write any address into a certificate; and only hosts
    all of whose addresses are public. The engine resolves the name once more, so that this authority's own name
    servers could still lead it to another address.
    """
    from cryptography import x509

    identity = identify(trust, chain)
    if identity is None or identity.vouched is None:
        return ()
    urls = responders(x509.load_der_x509_certificate(chain[0]))[: limits.MAX_RESPONDERS]
    return tuple(dict.fromkeys(host for url in urls if (host := _public_host(url))))


def _public_host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        entries = socket.getaddrinfo(parts.hostname, parts.port or _HTTP_PORT, type=socket.SOCK_STREAM)
        public = all(is_public(ipaddress.ip_address(address[0])) for *_, address in entries)
    except (OSError, ValueError):
        return None
    return parts.netloc.rpartition("@")[2] if entries and public else None
