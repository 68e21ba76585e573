"""Generators: the parameters that image generators write into their files, and the marks that others leave.

sd-parsers reads AUTOMATIC1111, ComfyUI, Fooocus, InvokeAI and NovelAI. The text that some of them hide in the lowest
bits of the pixels is found by `stealth`.
"""

import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ...evidence import Origin
from ...sentences import clean

_MARKERS: Final = Path(__file__).with_name("markers.toml")

# The PNG keywords, and the EXIF field, where the generators that sd-parsers knows keep their parameters.
_PARAMETER_KEYWORDS: Final = frozenset(
    {
        "parameters",
        "prompt",
        "workflow",
        "fooocus_scheme",
        "Comment",
        "sd-metadata",
        "invokeai_metadata",
        "invokeai_workflow",
        "Dream",
        "generation_data",
    }
)


@dataclass(frozen=True)
class GeneratorMark:
    """A generator that names itself in a file."""

    agent: str
    origin: Origin
    where: str
    models: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


def parameters_in(text: Mapping[str, str], user_comment: str | None) -> GeneratorMark | None:
    """The generator whose parameters stand in PNG text or in the EXIF user comment, if any."""
    if user_comment:
        text = {**text, "parameters": text.get("parameters", user_comment)}
    if _PARAMETER_KEYWORDS.isdisjoint(text):
        return None
    info = _parse(text)
    if info is None:
        return None
    models = tuple(sorted({clean(model.name) for model in info.models if model.name}))
    prompts = [clean(prompt.value) for prompt in info.prompts if prompt.value]
    return GeneratorMark(
        agent=str(info.generator.value),
        origin=Origin.AI_GENERATED,
        where="generator parameters",
        models=models,
        details={"models": list(models), "prompts": prompts[:10]},
    )


def marks_in(fields: Mapping[str, str]) -> list[GeneratorMark]:
    """The generators that credit, author or software fields name."""
    evidence = []
    for marker in _markers():
        for name in marker.fields:
            value = fields.get(name)
            if value and marker.pattern.search(value):
                evidence.append(GeneratorMark(marker.agent, marker.origin, name, details={name: clean(value)}))
                break
    return evidence


@dataclass(frozen=True)
class _Marker:
    fields: tuple[str, ...]
    pattern: re.Pattern[str]
    agent: str
    origin: Origin


@cache
def _markers() -> tuple[_Marker, ...]:
    table = tomllib.loads(_MARKERS.read_text("utf-8"))
    return tuple(
        _Marker(tuple(marker["fields"]), re.compile(marker["pattern"], re.I), marker["agent"], Origin(marker["origin"]))
        for marker in table["marker"]
    )


def _parse(text: Mapping[str, str]) -> Any:
    """sd-parsers on the text that was found, without another look at the file.

    It takes an image; an empty one with the text as its metadata keeps the file's other places out of it.
    """
    from PIL import Image
    from sd_parsers import ParserManager
    from sd_parsers.data import Generators

    image = Image.new("L", (1, 1))
    image.format = "PNG"
    image.info.update(text)
    image.text = dict(text)  # type: ignore[attr-defined]
    logging.getLogger("sd_parsers").setLevel(logging.CRITICAL)  # a text that is no parameters is no news
    try:
        info = ParserManager().parse(image)
    except Exception:  # a parser of free text, on text from a stranger
        return None
    return info if info is not None and info.generator is not Generators.UNKNOWN else None
