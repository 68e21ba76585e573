"""docs/settings.md: the settings of the service, and the environment variables of the other commands."""

from typing import Final

import click
from pydantic import ByteSize
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import commands
from provenance.cli import main
from provenance_service.cli.serve import serve
from provenance_service.settings import Settings

# Defaults that depend on the machine.
_ON_THE_MACHINE: Final = {"workers": "the number of CPUs", "folder": "`service` in the user's data folder"}

# What is read from the environment without being an option of a command or a setting of the service.
VARIABLES: Final = {
    "PROVENANCE_BENCH_CACHE": "Folder for the files that `provenance bench fetch` keeps, by their hashes.",
    "PROVENANCE_BENCH_TOKEN": "Bearer token for a detector behind an HTTP endpoint (`provenance bench run`).",
    "PROVENANCE_DETECTORS": "Folder for the detectors that `provenance detectors add` keeps.",
    "PROVENANCE_DETECTOR_THREADS": "Threads for the models of one process; 1 if left out.",
    "PROVENANCE_FIXTURES": "Folder with the public test files, for `make test` and `make bench`.",
    "PROVENANCE_KEY": "Key for the service that `provenance verify --server` asks.",
    "PROVENANCE_TRUST": "Folder for your own trust lists; otherwise `trust` in the user's settings folder.",
}

_BEGINNING: Final = """\
# Settings

This page is written by `make docs-pages`.

## The service

A setting is given as an option of `provenance serve` where it has one, as an environment variable, or in the TOML file
that `--config` (or `PROVENANCE_CONFIG`) names: there `PROVENANCE_MAX_UPLOAD` is `max_upload = "64MiB"`. An option
overrides the environment, and the environment overrides the file. Lists are written with commas, sizes as in `64MiB`.

`provenance serve --check` prints the effective settings and where each one was set, and says what would not work. The
object store takes its account and endpoint from the usual `AWS_` variables.

| environment variable | option | default | meaning |
| --- | --- | --- | --- |
"""

_COMMANDS: Final = """
## The other commands

| environment variable | meaning |
| --- | --- |
"""


def page() -> str:
    """The page, in Markdown."""
    options = {option.name: option for option in serve.params if isinstance(option, click.Option)}
    rows = [_row(name, field, options.get(name)) for name, field in Settings.model_fields.items()]
    variables = VARIABLES | _of_options()
    others = [f"| `{name}` | {variables[name]} |\n" for name in sorted(variables)]
    return "".join([_BEGINNING, *rows, _COMMANDS, *others])


def _row(name: str, field: FieldInfo, option: click.Option | None) -> str:
    if not field.description:
        raise LookupError(f"the setting {name} has no description")
    flag = f"`{option.opts[0]}`" if option else ""
    variable = f"{Settings.model_config['env_prefix']}{name.upper()}"
    return f"| `{variable}` | {flag} | {_default(name, field)} | {field.description} |\n"


def _default(name: str, field: FieldInfo) -> str:
    if name in _ON_THE_MACHINE:
        return _ON_THE_MACHINE[name]
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value == ():
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, ByteSize):
        return f"`{value.human_readable().replace('.0', '')}`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{','.join(map(str, value)) if isinstance(value, tuple) else value}`"


def _of_options() -> dict[str, str]:
    """The variables that options of commands name, with those commands."""
    naming: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for context in commands.walked(main, "provenance"):
        for option in context.command.params:
            if isinstance(option, click.Option) and isinstance(option.envvar, str):
                naming.setdefault(option.envvar, []).append(f"`{context.command_path} {option.opts[0]}`")
                meanings.setdefault(option.envvar, option.help or "")
    return {name: f"{meanings[name]} The same as {', '.join(found)}." for name, found in naming.items()}
