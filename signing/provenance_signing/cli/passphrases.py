"""Passphrases: from a file, from the environment, or typed unseen; never an argument, which other processes see."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..credential import read_key_file
from ..credential_file import read_secret


def passphrase_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--passphrase-file` and `--passphrase-env`."""
    for option in (
        click.option("--passphrase-env", metavar="NAME", help="The environment variable that holds the passphrase."),
        click.option(
            "--passphrase-file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="The file whose line is the key's passphrase.",
        ),
    ):
        command = option(command)
    return command


encrypt_option = click.option("--encrypt", is_flag=True, help="Encrypt the new key; without the options above, asks.")


def passphrase_for_new_key(file: Path | None, variable: str | None, *, encrypt: bool) -> str | None:
    """The passphrase with which a new key is to be encrypted, typed twice; None for none. Raises `CredentialError`."""
    if (passphrase := read_secret(file, variable)) is not None or not encrypt:
        return passphrase
    return _typed("Passphrase for the new key", twice=True)


def passphrase_for_key(key: Path, file: Path | None, variable: str | None) -> str | None:
    """The passphrase of a key in a file; None where it needs none. Raises `CredentialError`."""
    if b"ENCRYPTED" not in read_key_file(key):
        return None
    return read_secret(file, variable) or _typed(f"Passphrase for {key}", twice=False)


def _typed(question: str, *, twice: bool) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(
            "nobody can be asked for the passphrase here: give --passphrase-file or --passphrase-env"
        )
    return str(click.prompt(question, hide_input=True, confirmation_prompt=twice, err=True))
