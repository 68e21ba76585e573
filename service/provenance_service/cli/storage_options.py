"""Which storage a command works on: that of the service with the same settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from provenance.errors import MissingExtraError

from ..settings import Settings


def storage_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --config, --folder and --database to a command."""
    options = (
        click.option(
            "--config", type=click.Path(path_type=Path), envvar="PROVENANCE_CONFIG", metavar="TOML",
            help="The service's settings in a file.",
        ),
        click.option("--folder", type=click.Path(path_type=Path), metavar="FOLDER", help="What the service keeps."),
        click.option("--database", metavar="URL", help="The service's database, where it is not in the folder."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def open_storage(config: Path | None, folder: Path | None, database: str | None) -> Any:
    """The storage. Raises `SettingError`, and `MissingExtraError` where the service is not installed."""
    try:
        from ..storage import Storage
    except ModuleNotFoundError:
        raise MissingExtraError("The service", "service") from None
    options = {name: value for name, value in (("folder", folder), ("database", database)) if value is not None}
    return Storage.of(Settings.load(config=config, options=options))
