"""Signing: credentials, manifests by profile, and signed assets that are read back before they are handed out.

from provenance_signing import Credential, sign

credential = Credential.load("development/credential.toml")
sign("picture.png", "signed.png", credential=credential, profile="ai-generated", model="Example Model")
"""

from pathlib import Path
from typing import Any

from provenance.asset import Input

from .credential import Credential
from .engine import IdentitySigner
from .facts import Facts
from .ingredients import Ingredient, Relationship
from .profile import Profile
from .signer import Signed, Signer
from .time_stamps import IfUnavailable, TimeStamps

__all__ = [
    "Credential",
    "Facts",
    "IdentitySigner",
    "IfUnavailable",
    "Ingredient",
    "Profile",
    "Relationship",
    "Signed",
    "Signer",
    "TimeStamps",
    "sign",
    "sign_bytes",
]


def sign(
    source: Input,
    output: Path | str | None = None,
    *,
    credential: Credential,
    profile: Profile | str | Path,
    **how: Any,
) -> Signed:
    """Signs one asset. The other arguments are those of `Signer` and of `Signer.sign`.

    Raises `SigningError` or `AssetError`; nothing is written then.
    """
    return _signer(credential, profile, how).sign(source, output, **how)


def sign_bytes(
    data: bytes, *, credential: Credential, profile: Profile | str | Path, name: str | None = None, **how: Any
) -> bytes:
    """Signs content in memory, as a queue worker has it, and gives it back. The arguments are those of `sign`."""
    return _signer(credential, profile, how).sign_bytes(data, name=name, **how)


def _signer(credential: Credential, profile: Profile | str | Path, how: dict[str, Any]) -> Signer:
    """Takes what is the signer's out of `how`, and leaves what is the asset's."""
    settings = ("trust", "thumbnail", "declare", "accept_broken_ingredients")
    return Signer(credential, profile=profile, **{name: how.pop(name) for name in settings if name in how})
