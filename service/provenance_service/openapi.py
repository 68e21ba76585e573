"""What the OpenAPI document says about the files that are sent, with an example that is a real report."""

import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from fastapi.security import HTTPBearer
from PIL import Image

from provenance import Report, Verifier

from .multipart import FIELD
from .problems import MEDIA_TYPE, STATUS, Problem, named_for_parameters, problem

_MADE_WITH_AI: Final = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>
</rdf:RDF></x:xmpmeta>"""

# Says that a key is needed; whether the key is good is decided by `Access`, in the client's language.
KEY: Final = HTTPBearer(
    scheme_name="key", description="A key that the operator made with `provenance api-key`.", auto_error=False
)

URL_CONTENT: Final[dict[str, Any]] = {
    "application/json": {
        "schema": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "format": "uri"}}},
        "example": {"url": "https://example.com/photo.jpg"},
    }
}

_ANY: Final = "application/octet-stream"


def _file(description: str, media_type: str = _ANY) -> dict[str, Any]:
    """A field of a form that holds a file."""
    return {"type": "string", "contentMediaType": media_type, "description": description}


def _form(
    fields: Mapping[str, Any], *, required: Sequence[str] = (FIELD,), instead: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A body that is a form with these fields; `instead`: what may be sent in place of it, by media type."""
    schema = {"type": "object", "required": list(required), "properties": dict(fields)}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}, **(instead or {})}}


REQUEST_BODY: Final = _form({FIELD: _file("One file.")})

JOB_BODY: Final = _form(
    {
        FIELD: {
            "type": "array",
            "items": {"type": "string", "contentMediaType": _ANY},
            "description": "The files, each in a part of its own.",
        }
    },
    instead={
        "application/zip": {"schema": {"type": "string", "format": "binary"}},
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["urls"],
                "properties": {"urls": {"type": "array", "items": {"type": "string", "format": "uri"}}},
            },
            "example": {"urls": ["https://example.com/photo.jpg", "https://example.com/film.mp4"]},
        },
    },
)

SIGNED_HEADERS: Final[dict[str, Any]] = {
    "AI-Disclosure": {
        "description": "Where AI took part: how, and with which model (draft-abaris-aicdh).",
        "schema": {"type": "string"},
        "example": 'mode=ai-originated, model="Example Model"',
    },
    "Link": {
        "description": "Where the manifest is registered, with the relation c2pa-manifest.",
        "schema": {"type": "string"},
    },
    "Provenance-Manifest": {"description": "The manifest's label.", "schema": {"type": "string"}},
    "Provenance-Remarks": {
        "description": "What whoever signs should know, as keys of sentences, with commas between them.",
        "schema": {"type": "string"},
    },
}

SIGN_BODY: Final = _form(
    {
        FIELD: _file("The file to sign."),
        "parent": _file("What it was made from, where the profile asks for it."),
        "facts": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "The profile, the credential where there are several, and the facts.",
            "example": '{"profile": "ai-generated", "model": "Example Model"}',
        },
    },
    required=(FIELD, "facts"),
)


# What stands in the examples of refusals.
_VALUES: Final = {
    "size": "256 MB",
    "scope": "sign",
    "name": "newsroom",
    "why": "this key signs with es256",
    "quota": "600/hour",
    "names": "lang",
}

# The refusals of everything that needs a scope, of uploads, and of tasks in workers.
GUARDED: Final = ("no-key", "not-allowed", "quota", "storage-unavailable", "issuer-unavailable")
UPLOADED: Final = (
    "malformed",
    "interrupted",
    "too-slow",
    "too-large",
    "not-a-form",
    "no-file",
    "several-files",
    "busy",
)
WORKED_ON: Final = ("busy", "stopped")


# The second file of a comparison.
DELIVERED: Final = "delivered"

COMPARE_BODY: Final = _form(
    {FIELD: _file("The file as it was published."), DELIVERED: _file("The file as it was delivered.")},
    required=(FIELD, DELIVERED),
)

REGISTER_BODY: Final = _form(
    {FIELD: _file("The signed file."), "manifest": _file("Its manifest store.", "application/c2pa")},
    required=(FIELD, "manifest"),
)

# Both as they were answered once, shortened to one answer and one mark.
DETECTED: Final[dict[str, Any]] = {
    "name": "picture.jpg",
    "answers": [
        {
            "detector": "image",
            "version": "1.0",
            "question": "ai",
            "decision": "abstain",
            "sentence": "The detector image gives no estimate: the picture is too small (200 pixels; at least 256).",
            "reasons": [{"key": "detector.refused.small", "values": {"side": 200, "least": 256}}],
        }
    ],
}
COMPARED: Final[dict[str, Any]] = {
    "marks": [
        {
            "name": "manifest",
            "fate": "lost",
            "explanation": {"key": "compare.manifest_lost", "text": "The signed record was lost."},
        }
    ],
    "all_kept": False,
}


def answered_with(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """An answer in JSON that looks like this."""
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {200: {"description": "The answer.", "content": content}}


def reported() -> dict[int | str, dict[str, Any]]:
    """An answer that is a report."""
    report = {
        "model": Report,
        "description": "The report: JSON, or a page for people where Accept prefers text/html.",
        "content": {
            "application/json": {},
            "text/html": {"schema": {"type": "string"}},
        },
    }
    return {200: report}


def refusals(*names: str) -> dict[int | str, dict[str, Any]]:
    """What these problems look like, by their status."""
    by_status: dict[int | str, list[Problem]] = {}
    for name in dict.fromkeys(names):
        by_status.setdefault(STATUS[name], []).append(problem(name, "en", **_VALUES))
    return {status: _refusal(problems) for status, problems in by_status.items()}


def describe_lazily(app: FastAPI) -> None:
    """Has the document made at its first request, with this service's answers, and a report as an example."""
    make_document = app.openapi

    @cache
    def described() -> dict[str, Any]:
        document = make_document()
        _describe_parameters(document)
        _show_report(document)
        return document

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI has it be extended


def _show_report(document: dict[str, Any]) -> None:
    example = example_report().model_dump(mode="json")
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            if answer.get("schema") == {"$ref": "#/components/schemas/Report"}:
                answer["example"] = example


def _describe_parameters(document: dict[str, Any]) -> None:
    """Says how a wrong parameter is answered here, wherever FastAPI says how it would answer itself."""
    for path, operations in document["paths"].items():
        name = named_for_parameters(path)
        ours = {str(status): answer for status, answer in refusals(name).items()}
        for operation in operations.values():
            answers = operation["responses"]
            if "HTTPValidationError" in str(answers.get("422")):
                del answers["422"]
                operation["responses"] = ours | answers
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)


@cache
def example_report() -> Report:
    """A report on a small picture that says about itself that AI made it."""
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(picture, "JPEG", xmp=_MADE_WITH_AI)
    return Verifier().verify(picture.getvalue(), name="picture.jpg")


def _refusal(problems: list[Problem]) -> dict[str, Any]:
    content = {"schema": Problem.model_json_schema(), "example": problems[0].model_dump(exclude_none=True)}
    return {"description": "; ".join(problem.title for problem in problems), "content": {MEDIA_TYPE: content}}
