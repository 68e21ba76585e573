"""The lists of the C2PA asset rubric "signals": which actions and digital source types mean what."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("rubric.toml")


@cache
def table() -> dict[str, Any]:
    """All that the rubric lists, as it stands in its file."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def rubric_name() -> str:
    """The name, version and date of the rubric that is followed."""
    return f"{table()['name']} {table()['version']} ({table()['date']})"


@cache
def inception_actions() -> frozenset[str]:
    """The actions by which an asset begins."""
    return frozenset(table()["inception_actions"])


@cache
def non_editorial_actions() -> frozenset[str]:
    """The actions that leave the content as it was."""
    return frozenset(table()["non_editorial_actions"])
