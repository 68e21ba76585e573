"""The credentials that the service signs with: files in the operator's folder."""

import re
from pathlib import Path
from typing import Final

from provenance_signing.credential_file import CredentialFile
from provenance_signing.errors import CredentialError
from provenance_signing.limits import REMOTE_KEY_TIME

from .settings import Settings

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def credential_files(settings: Settings) -> dict[str, Path]:
    """The configured credentials by their names: NAME.toml, or NAME/credential.toml."""
    folder = settings.credentials
    if folder is None or not folder.is_dir():
        return {}
    paths = {path.stem: path for path in folder.glob("*.toml")}
    paths |= {path.parent.name: path for path in folder.glob("*/credential.toml")}
    return {name: path for name, path in sorted(paths.items()) if _NAME.fullmatch(name)}


def waiting_time(path: Path) -> float:
    """How many seconds signing with this credential may wait for others: a key behind a service, the authority."""
    try:
        credential = CredentialFile.load(path)
    except CredentialError:
        return 0.0  # signing with it says so
    # A key behind a service is asked twice at first: it shows that it belongs to the certificate, then it signs.
    for_key = 2 * REMOTE_KEY_TIME if credential.key.url is not None else 0.0
    return for_key + (credential.time_stamps.time_limit if credential.time_stamps is not None else 0.0)
