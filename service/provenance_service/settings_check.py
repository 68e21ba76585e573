"""`provenance serve --check`: the effective settings with where each comes from, and whether the service could work."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from provenance.errors import ProvenanceError

from .access.scope import Scope
from .settings import Settings, settings_by_origin


@dataclass(frozen=True)
class EffectiveSetting:
    """One setting as it holds, and where it was set."""

    name: str
    value: str
    origin: str


def effective_settings(
    settings: Settings, options: Mapping[str, Any], config: Path | None
) -> Iterator[EffectiveSetting]:
    """All settings, without their secrets; keys and passphrases are in files that are named here."""
    origins = settings_by_origin(config, options)
    for name in Settings.model_fields:
        origin = next((origin for origin, values in origins.items() if name in values), "default")
        yield EffectiveSetting(name, _readable(getattr(settings, name)), origin)


def _readable(value: object) -> str:
    if isinstance(value, SecretStr):
        return re.sub(r"(://[^:@/]*:).*@", r"\1***@", value.get_secret_value())
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return "" if value is None else str(value)


def settings_problems(settings: Settings) -> Iterator[str]:
    """What would keep the service from doing what it is configured for, each in a sentence."""
    from provenance import Verifier

    try:
        Verifier(**settings.trust_arguments())
    except ProvenanceError as error:
        yield str(error)
    for folder in (settings.credentials, settings.profiles):
        if folder is not None and not folder.is_dir():
            yield f"{folder}: there is no such folder"
    yield from _key_problems(settings)


def _key_problems(settings: Settings) -> Iterator[str]:
    """Problems of the storage, and of the credentials together with the keys of clients that may use them."""
    from provenance_signing.credential_file import CredentialFile

    from .access.keys import Keys
    from .credential_files import credential_files
    from .storage import Storage

    try:
        storage = Storage.of(settings)
        storage.objects.check()
        keys = [key for key in Keys(storage).all() if key.state == "good"]
    except ProvenanceError as error:
        yield str(error)
        keys = None

    files = credential_files(settings)
    if settings.credentials is not None and not files:
        yield f"{settings.credentials}: holds no NAME.toml and no NAME/credential.toml"
    for name, path in files.items():
        try:
            _check_certificates(CredentialFile.load(path).certificates)
        except ProvenanceError as error:
            yield f"credential {name}: {error}"
    if keys is None:
        return
    if files and not any({Scope.SIGN, Scope.SIGNATURE} & set(key.scopes) for key in keys):
        yield "there are credentials, and no client with a key to use them: provenance api-key add"
    for key in keys:
        for missing in sorted(set(key.credentials or ()) - files.keys()):
            yield f"client {key.name}: its credential {missing} is not there"


def _check_certificates(path: Path) -> None:
    """Raises `CredentialError` for certificates that cannot be read or have expired. The key is not used."""
    from datetime import UTC, datetime

    from cryptography import x509

    from provenance_signing.credential import read_key_file
    from provenance_signing.errors import CredentialError

    try:
        chain = x509.load_pem_x509_certificates(read_key_file(path))
    except ValueError:
        raise CredentialError(f"{path}: holds no certificates") from None
    until = min(certificate.not_valid_after_utc for certificate in chain)
    if until < datetime.now(UTC):
        raise CredentialError(f"{path}: a certificate has expired on {until:%Y-%m-%d}")
