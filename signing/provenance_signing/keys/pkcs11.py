"""Private keys in hardware modules and their like, by PKCS #11 (OASIS, version 3.1)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from provenance.errors import MissingExtraError

from ..algorithms import Algorithm
from ..errors import CredentialError

if TYPE_CHECKING:
    from ..algorithms import PublicKey

# python-pkcs11 (0.10) starts modules in the way that is for one thread only: no two calls at a time in this process.
_ONE_AT_A_TIME: Final = threading.Lock()

# PKCS #11 logs in a whole process, once a token: all keys of a token share one session. By module, token and PIN.
_SESSIONS: Final[dict[tuple[str, str, str | None], Any]] = {}


class Pkcs11Key:
    """A private key in a token. Its PIN is kept in memory, for a session that has to be opened again."""

    def __init__(self, module: Path, *, token: str, label: str, pin: str | None) -> None:
        """Raises `CredentialError`: no such module, token or key, or a wrong PIN."""
        self._place = (str(module), token, pin)
        self._label = label
        with _ONE_AT_A_TIME, self._errors():
            self._key: Any = self._find()
            self._public_key = self._find_public()

    @property
    def public_key(self) -> "PublicKey | None":
        """Its public half, where the token has it under the same label."""
        return self._public_key

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The token's signature over `data` as COSE has it. Raises `CredentialError`."""
        import pkcs11

        with _ONE_AT_A_TIME, self._errors():
            try:
                return _sign(self._key, data, algorithm)
            except pkcs11.PKCS11Error:  # the device ended the session, or was away: once more, in a new one
                if (session := _SESSIONS.get(self._place)) is self._key.session:
                    _SESSIONS.pop(self._place)
                    _close(session)
                self._key = self._find()
                return _sign(self._key, data, algorithm)

    def __repr__(self) -> str:
        module, token, _ = self._place
        return f"Pkcs11Key({module!r}, token={token!r}, label={self._label!r})"

    def _find(self) -> Any:
        from pkcs11 import ObjectClass

        keys = self._objects(ObjectClass.PRIVATE_KEY)
        if len(keys) != 1:
            how_many = "several private keys" if keys else "no private key"
            hint = "; it may show it with its PIN only" if not keys and self._place[2] is None else ""
            raise CredentialError(f"the token {self._place[1]} has {how_many} labelled {self._label}{hint}")
        return keys[0]

    def _find_public(self) -> "PublicKey | None":
        from pkcs11 import ObjectClass

        keys = self._objects(ObjectClass.PUBLIC_KEY)
        return _public_key(keys[0]) if len(keys) == 1 else None

    def _objects(self, kind: Any) -> list[Any]:
        """All of this kind: a search that is left before its end keeps the session from doing anything else."""
        from pkcs11 import Attribute

        return list(self._session().get_objects({Attribute.CLASS: kind, Attribute.LABEL: self._label}))

    def _session(self) -> Any:
        import pkcs11

        module, token, pin = self._place
        if self._place not in _SESSIONS:
            _SESSIONS[self._place] = pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin)
        return _SESSIONS[self._place]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What goes wrong in the module, as it is for people. None of it holds the PIN."""
        try:
            import pkcs11
        except ModuleNotFoundError:
            raise MissingExtraError("Keys in PKCS #11 modules", "pkcs11") from None
        module, token, _ = self._place
        try:
            yield
        except pkcs11.NoSuchToken:
            raise CredentialError(f"{module}: has no token called {token}") from None
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
            raise CredentialError(f"the PIN of the token {token} is wrong; several wrong ones lock it") from None
        except pkcs11.PinLocked:
            raise CredentialError(f"the PIN of the token {token} is locked; its administrator can unlock it") from None
        except pkcs11.UserAlreadyLoggedIn:
            raise CredentialError(f"the token {token} is in use here with another PIN") from None
        except pkcs11.PKCS11Error as error:
            why = str(error) or type(error).__name__
            raise CredentialError(f"the PKCS #11 module {module} failed: {why}") from None


def _sign(key: Any, data: bytes, algorithm: Algorithm) -> bytes:
    from pkcs11 import MGF, Mechanism

    if algorithm is Algorithm.ED25519:
        return bytes(key.sign(data, mechanism=Mechanism.EDDSA))
    name = f"SHA{algorithm[-3:]}"
    if algorithm.startswith("ps"):
        parameters = (Mechanism[name], MGF[name], algorithm.hash.digest_size)
        return bytes(key.sign(data, mechanism=Mechanism[f"{name}_RSA_PKCS_PSS"], mechanism_param=parameters))
    digest = hashes.Hash(algorithm.hash)
    digest.update(data)
    return bytes(key.sign(digest.finalize(), mechanism=Mechanism.ECDSA))


def _public_key(key: Any) -> "PublicKey | None":
    """A token's public key; None for one of another kind, or one that it does not show whole."""
    from pkcs11 import Attribute, KeyType, PKCS11Error
    from pkcs11.util.ec import encode_ec_public_key

    try:
        if key.key_type == KeyType.RSA:
            exponent, modulus = (
                int.from_bytes(key[attribute]) for attribute in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS)
            )
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        if key.key_type == KeyType.EC_EDWARDS:  # the point as it is, or in DER after two more bytes: modules differ
            return ed25519.Ed25519PublicKey.from_public_bytes(key[Attribute.EC_POINT][-32:])
        public_key = load_der_public_key(encode_ec_public_key(key))
    except (PKCS11Error, ValueError, KeyError):
        return None
    return public_key if isinstance(public_key, ec.EllipticCurvePublicKey) else None


def _close(session: Any) -> None:
    from pkcs11 import PKCS11Error

    try:
        session.close()
    except PKCS11Error:  # it is closed, which is what was to be reached
        pass
