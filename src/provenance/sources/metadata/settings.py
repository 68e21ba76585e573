"""Settings: what a generator made a picture from, recognised by the structure of what it writes.

A text counts by its form, not by its place alone: a list of settings with a number of steps and a seed, or a JSON with
the names that one generator uses. What the settings mean to the generator is not understood here, and need not be.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final

from ... import limits
from ...sentences import clean
from . import comfyui

_MAX_NAMES: Final = 10  # of models, of additions to them, of prompts: a crafted graph names thousands
_MAX_FIELDS: Final = 64  # of a JSON object, or texts of a file: generators write some twenty
_MAX_LIST: Final = 32 * limits.KIB  # of a list of settings, with the prompt before it
_MAX_DIGITS: Final = 20  # of a number of 64 bits


@dataclass(frozen=True)
class GeneratorSettings:
    """The generator, and what it was given as far as it is named.

    `loras`: additions to the model. `seed`: what the noise was drawn from; the same settings with it give the same
    picture again.
    """

    generator: str
    models: tuple[str, ...] = ()
    loras: tuple[str, ...] = ()
    seed: str | None = None
    prompts: tuple[str, ...] = ()


class Texts:
    """The texts of a file by their keywords, in lower case, and those among them that are JSON objects."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {keyword.lower(): text for keyword, text in texts.items() if text}

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._texts

    def get(self, keyword: str) -> str:
        """The text of this keyword; empty where there is none."""
        return self._texts.get(keyword, "")

    def plain(self) -> Iterator[str]:
        """The texts that are not JSON."""
        return (text for text in self._texts.values() if not _looks_like_json(text))

    @cached_property
    def documents(self) -> dict[str, dict[str, Any]]:
        """The JSON objects by their keywords; also those in their values, which some writers wrap in one more."""
        objects: dict[str, dict[str, Any]] = {}
        budget = limits.MAX_SETTINGS
        waiting = [(keyword, text) for keyword, text in self._texts.items() if _looks_like_json(text)]
        for keyword, text in waiting:
            budget -= len(text)
            if budget < 0:
                break
            document = _json_object(text)
            if document is None or keyword in objects:
                continue
            objects[keyword] = document
            for name, value in list(document.items())[:_MAX_FIELDS]:
                if isinstance(value, str) and _looks_like_json(value) and len(waiting) < _MAX_FIELDS:
                    waiting.append((f"{keyword}/{name}".lower(), value))
                elif isinstance(value, dict):
                    objects.setdefault(f"{keyword}/{name}".lower(), value)
        return objects


def settings_in(texts: Mapping[str, str]) -> GeneratorSettings | None:
    """The settings in these texts, by their keywords in the file; None where there are none."""
    read = Texts(texts)
    for form in _FORMS:
        if (settings := form(read)) is not None:
            return settings
    return None


# The forms, those first that others would take for theirs


def _swarm(texts: Texts) -> GeneratorSettings | None:
    for document in texts.documents.values():
        parameters = document.get("sui_image_params")
        if isinstance(parameters, dict):
            return _named("SwarmUI", parameters, model=("model",), lora=("loras",))
    return None


def _invoke(texts: Texts) -> GeneratorSettings | None:
    # Since 3.0, from 2.0 to 2.3, and the command line before it.
    if document := texts.documents.get("invokeai_metadata"):
        return _named("InvokeAI", document, prompt=("positive_prompt",))
    if {"invokeai_graph", "invokeai_workflow"} & texts.documents.keys():
        return GeneratorSettings("InvokeAI")
    document = texts.documents.get("sd-metadata", {})
    if isinstance(image := document.get("image"), dict) or "invoke" in str(document.get("app_id", "")).lower():
        return _named("InvokeAI", {**document, **(image if isinstance(image, dict) else {})}, model=("model_weights",))
    if options := _DREAM.match(texts.get("dream")[:_MAX_LIST]):
        return GeneratorSettings("InvokeAI", seed=options[2], prompts=_names([options[1]]))
    return None


def _fooocus(texts: Texts) -> GeneratorSettings | None:
    for document in texts.documents.values():
        version = str(document.get("version", "")).lower()
        if "base_model" in document and ("fooocus" in version or {"performance", "adm_guidance"} & document.keys()):
            return _named("Fooocus", document, model=("base_model",), lora=("loras",))
        if "Base Model" in document and "fooocus" in str(document.get("Version", "")).lower():
            return _named("Fooocus", document, model=("Base Model",), seed=("Seed",), prompt=("Prompt",))
    return None


def _novelai(texts: Texts) -> GeneratorSettings | None:
    for fields in (texts.documents.get(keyword, {}) for keyword in ("", *texts.documents)):
        source, software = (str(fields.get(name) or texts.get(name.lower())) for name in ("Source", "Software"))
        if not software.startswith("NovelAI") and not source.startswith("NovelAI"):
            continue
        comment = next((each for key, each in texts.documents.items() if key.split("/")[-1] == "comment"), {})
        if not comment and not source:  # the name alone is a declaration of another weight
            continue
        model = _HASH_BEHIND.sub("", source)
        prompt = fields.get("Description") or texts.get("description")
        return GeneratorSettings("NovelAI", _names([model]), (), _number(comment.get("seed")), _names([prompt]))
    for document in texts.documents.values():
        if "uc" in document and ("request_type" in document or "signed_hash" in document):
            return _named("NovelAI", document)
    return None


def _draw_things(texts: Texts) -> GeneratorSettings | None:
    for document in texts.documents.values():
        if {"c", "uc", "sampler", "seed", "steps"} <= document.keys():
            return _named("Draw Things", document, prompt=("c",), lora=("lora",))
    return None


def _easy_diffusion(texts: Texts) -> GeneratorSettings | None:
    names = ("use_stable_diffusion_model", "stable diffusion model")
    fields = {name: texts.get(name) for name in (*names, "seed", "prompt") if name in texts}
    for document in (fields, *texts.documents.values()):
        lowered = {name.lower(): value for name, value in list(document.items())[:_MAX_FIELDS]}
        if any(name in lowered for name in names) and "seed" in lowered:
            return _named("Easy Diffusion", lowered, model=names)
    return None


def _mflux(texts: Texts) -> GeneratorSettings | None:
    for document in texts.documents.values():
        if "mflux_version" in document:
            return _named("mflux", document, model=("model", "base_model"), lora=("lora_paths",))
    return None


def _comfy(texts: Texts) -> GeneratorSettings | None:
    models, loras, prompts, seed, has_graph, on_civitai = [], [], [], None, False, False
    for document in texts.documents.values():
        graph = comfyui.read(document)
        if graph is None:
            continue
        has_graph = True
        on_civitai = on_civitai or "extraMetadata" in document
        models += graph.models
        loras += graph.loras
        prompts += graph.prompts
        seed = seed or _number(graph.seed)
    if not has_graph:
        return None
    return GeneratorSettings(
        "Civitai" if on_civitai else "ComfyUI", _names(models), _names(loras), seed, _names(prompts)
    )


def _listed(texts: Texts) -> GeneratorSettings | None:
    """The list that AUTOMATIC1111 began with: `Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512`."""
    for whole in islice(texts.plain(), _MAX_FIELDS):
        text = whole[-_MAX_LIST:]
        start = _STEPS.search(text)
        if start is None:
            continue
        fields: dict[str, str] = {}
        for name, value in _FIELD.findall(text[start.start() :]):
            fields.setdefault(name.lower(), value.strip(' "'))
        if not fields.get("seed", "0").lstrip("-").isdigit() or len(_TELLING & fields.keys()) < _TELLING_ENOUGH:
            continue
        prompt = text[: start.start()]
        return GeneratorSettings(
            _list_writer(fields),
            _names([fields.get("model") or fields.get("model hash")]),
            _names(_LORA.findall(prompt)),
            fields.get("seed"),
            _names([_NEGATIVE.split(prompt, maxsplit=1)[0]]),
        )
    return None


def _list_writer(fields: Mapping[str, str]) -> str:
    """Which of the programs wrote the list: they take over its form, and each adds something."""
    version, app = fields.get("version", "").lower(), fields.get("app", "").lower()
    for beginning, writer in _WRITERS:
        if app.startswith(beginning) or version.startswith(beginning):
            return writer
    if _FORGE.match(version):
        return "Forge"
    if "civitai resources" in fields or "civitai metadata" in fields:
        return "Civitai"
    if "guidance scale" in fields and "strength" in fields:
        return "Draw Things"
    if "parser" in fields or "backend" in fields:
        return "SD.Next"
    return "AUTOMATIC1111"


_FORMS: Final[tuple[Callable[[Texts], GeneratorSettings | None], ...]] = (
    *(_swarm, _invoke, _fooocus, _novelai, _draw_things, _mflux, _comfy, _easy_diffusion, _listed),
)

_WRITERS: Final = (
    ("sd.next", "SD.Next"),
    ("neo", "Forge Neo"),
    ("classic", "Forge Classic"),
    ("comfyui", "ComfyUI"),
    ("fooocus", "Fooocus"),
    ("stable-diffusion.cpp", "stable-diffusion.cpp"),
)
_FORGE: Final = re.compile(r"f\d")  # f2.0.1v1.10.1

_STEPS: Final = re.compile(r"\bsteps: *\d", re.I)
_FIELD: Final = re.compile(
    r"\b(steps|sampler|schedule type|cfg scale|distilled cfg scale|guidance scale|guidance|seed|size|model hash|"
    r"(?<!vae )model|version|app|parser|backend|strength|civitai resources|civitai metadata): *([^,\n]*)",
    re.I,
)
_TELLING: Final = frozenset({"sampler", "cfg scale", "guidance scale", "seed", "size", "model", "model hash"})
_TELLING_ENOUGH: Final = 3
_NEGATIVE: Final = re.compile(r"negative prompt:", re.I)
_LORA: Final = re.compile(r"<lora:([^:<>\n]{1,200})[:>]")
_DREAM: Final = re.compile(r'"(.*)" (?=.{0,400}-s ?\d)(?:.{0,400}?)-S ?(\d+)', re.S)
_HASH_BEHIND: Final = re.compile(r"\s+[0-9A-F]{6,}$")


# Values of a JSON, which may be of any type

_NAMES: Final = ("model_name", "name", "file", "model", "prompt")


def _named(
    generator: str,
    document: Mapping[str, Any],
    *,
    model: tuple[str, ...] = ("model",),
    lora: tuple[str, ...] = ("loras",),
    seed: tuple[str, ...] = ("seed",),
    prompt: tuple[str, ...] = ("prompt",),
) -> GeneratorSettings:
    """Settings from a JSON object, by the names that a generator gives them."""

    def values(names: tuple[str, ...]) -> list[Any]:
        return [document[name] for name in names if name in document]

    return GeneratorSettings(
        generator,
        _names(values(model)),
        _names(values(lora)),
        next((number for value in values(seed) if (number := _number(value))), None),
        _names(values(prompt)),
    )


def _names(values: list[Any]) -> tuple[str, ...]:
    """The names in values that are texts, lists of them, or objects with a name; each once."""
    names: dict[str, None] = {}
    waiting = list(values[:_MAX_FIELDS])
    while waiting and len(names) < _MAX_NAMES:
        value = waiting.pop(0)
        if isinstance(value, str) and (text := clean(value.strip())):
            names.setdefault(text)
        elif isinstance(value, list):
            waiting[:0] = value[: max(0, _MAX_FIELDS - len(waiting))]
        elif isinstance(value, dict):
            inner = next(
                (value[name] for name in ("model_name", "name", "file", "model", "prompt") if name in value), ""
            )
            waiting.insert(0, inner)
    return tuple(names)


def _number(value: Any) -> str | None:
    text = str(value).strip() if isinstance(value, int | str) else ""
    return text if text.lstrip("-").isdigit() and len(text) <= _MAX_DIGITS else None


def _looks_like_json(text: str) -> bool:
    return text[:64].lstrip().startswith("{")


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text.strip("\0 \t\r\n"))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
