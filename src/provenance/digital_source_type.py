"""The digital source types of IPTC and C2PA, and the origin that each stands for."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from .evidence import Origin

_FILE: Final = Path(__file__).with_name("digital_source_types.toml")

AI_ORIGINS: Final = frozenset({Origin.AI_GENERATED, Origin.AI_EDITED})


def origin_of_source_type(value: str) -> Origin | None:
    """The origin for a digital source type, or None where it is not in the vocabulary.

    Accepts what is found in the wild: the full URI with http or https, a trailing slash or blanks, and the IPTC
    short form `digsrctype:term`.
    """
    term = value.strip().rstrip("/").removeprefix("digsrctype:")
    return _vocabulary().get(term.replace("https://", "http://", 1)) or _vocabulary().get(_short_prefix() + term)


@cache
def _tables() -> dict[str, dict[str, str]]:
    return {name: table for name, table in tomllib.loads(_FILE.read_text("utf-8")).items() if isinstance(table, dict)}


@cache
def _vocabulary() -> dict[str, Origin]:
    return {
        table["prefix"] + term: Origin(origin)
        for table in _tables().values()
        for term, origin in table.items()
        if term != "prefix"
    }


def _short_prefix() -> str:
    return _tables()["iptc"]["prefix"]
