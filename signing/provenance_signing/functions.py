"""One asset at a time, where making a `Signer` first would be ceremony."""

from pathlib import Path
from typing import Unpack

from provenance.asset import Input
from provenance.trust import TrustStore

from .credential import Credential
from .profile import Profile
from .signer import SignArguments, Signed, Signer, data_of


class ShortcutArguments(SignArguments, total=False):
    """The arguments of `Signer` and of `Signer.sign` together."""

    trust: TrustStore | None
    thumbnail: bool
    declare: bool
    accept_broken_ingredients: bool


def sign(
    source: Input,
    output: Path | str | None = None,
    *,
    credential: Credential,
    profile: Profile | str | Path,
    trust: TrustStore | None = None,
    thumbnail: bool = True,
    declare: bool = True,
    accept_broken_ingredients: bool = False,
    **arguments: Unpack[SignArguments],
) -> Signed:
    """Signs one asset. The other arguments are those of `Signer` and of `Signer.sign`.

    Raises `SigningError` or `AssetError`; nothing is written then.
    """
    signer = Signer(
        credential,
        profile=profile,
        trust=trust,
        thumbnail=thumbnail,
        declare=declare,
        accept_broken_ingredients=accept_broken_ingredients,
    )
    return signer.sign(source, output, **arguments)


def sign_bytes(
    data: bytes, *, credential: Credential, profile: Profile | str | Path, **arguments: Unpack[ShortcutArguments]
) -> bytes:
    """Signs content in memory, as a queue worker has it, and gives it back. The arguments are those of `sign`."""
    return data_of(sign(data, credential=credential, profile=profile, **arguments))
