"""Where private keys are: in a file, in a hardware module, or behind a service. All sign in one way.

A key gives signatures and its public half, and nothing else: key material never leaves the object, and appears in no
error, log or report.
"""

from typing import Protocol, runtime_checkable

from ..algorithms import Algorithm, PublicKey


@runtime_checkable
class SigningKey(Protocol):
    """A private key, wherever it is. A key management service joins by one class of this shape.

    Used by several threads at once; a key that cannot be locks for itself.
    """

    @property
    def public_key(self) -> PublicKey | None:
        """Its public half, or None where only the certificate knows it."""
        ...

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The signature over `data` as COSE has it: ECDSA as r and s side by side (RFC 9053, section 2.1).

        Raises `CredentialError` where the key cannot be reached or refuses.
        """
        ...
