"""Generators: the settings that image generators write into their files, and the marks that others leave.

What some hide in the lowest bits of the pixels is found by `stealth`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ... import limits
from ...evidence import Origin
from ...sentences import clean
from .settings import GeneratorSettings, settings_in

_MARKERS: Final = Path(__file__).with_name("markers.toml")
_LONGEST_NAME: Final = 8 * limits.KIB  # of a field in which a mark is looked for: some are captions


@dataclass(frozen=True)
class GeneratorMark:
    """A generator that names itself in a file."""

    agent: str
    origin: Origin
    where: str
    models: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


def parameters_in(texts: Mapping[str, str]) -> GeneratorMark | None:
    """The generator whose settings stand in these texts, by their keywords, if any."""
    settings = settings_in(texts)
    if settings is None:
        return None
    return GeneratorMark(
        agent=settings.generator,
        origin=Origin.AI_GENERATED,
        where="generator parameters",
        models=settings.models,
        details=_details(settings),
    )


def _details(settings: GeneratorSettings) -> dict[str, Any]:
    named = {"models": list(settings.models), "loras": list(settings.loras), "prompts": list(settings.prompts)}
    details: dict[str, Any] = {name: values for name, values in named.items() if values}
    return details | ({"seed": settings.seed} if settings.seed else {})


def marks_in(fields: Mapping[str, str]) -> list[GeneratorMark]:
    """The generators that credit, author or software fields name, each once."""
    marks: dict[str, GeneratorMark] = {}
    for marker in _markers():
        if marker.agent in marks or not all(
            pattern.search(fields.get(name, "")[:_LONGEST_NAME]) for name, pattern in marker.also
        ):
            continue
        for name in marker.fields:
            value = fields.get(name, "")[:_LONGEST_NAME]
            if value and marker.pattern.search(value):
                marks[marker.agent] = GeneratorMark(marker.agent, marker.origin, name, details={name: clean(value)})
                break
    return list(marks.values())


@dataclass(frozen=True)
class _Marker:
    fields: tuple[str, ...]
    pattern: re.Pattern[str]
    also: tuple[tuple[str, re.Pattern[str]], ...]
    agent: str
    origin: Origin


@cache
def _markers() -> tuple[_Marker, ...]:
    table = tomllib.loads(_MARKERS.read_text("utf-8"))
    places = table["places"]
    return tuple(
        _Marker(
            tuple(field for place in marker["in"] for field in places.get(place, [place])),
            re.compile(marker["pattern"], re.I),
            tuple((name, re.compile(pattern, re.I)) for name, pattern in marker.get("with", {}).items()),
            marker["agent"],
            Origin(marker["origin"]),
        )
        for marker in table["marker"]
    )
