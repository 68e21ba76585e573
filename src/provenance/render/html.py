"""The HTML report: one self-contained file, readable on a phone and when printed. No scripts, no external requests."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..credentials import Step
from ..report import Report
from ..sentences import say
from .answers import answers, conclusion_tone, declared_by, signed_by
from .graph import graph_of
from .history import badges, is_picture_confirmed, picture_note, removed_parts, step_title

_TEMPLATES: Final = Path(__file__).parent / "templates"

STYLE: Final = (_TEMPLATES / "report.css").read_text("utf-8")

# What a Content-Security-Policy needs to allow the report's one style sheet and nothing else.
STYLE_HASH: Final = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def render_html(report: Report) -> str:
    """The report as a complete HTML document, in its language. The answer stands in `<main id="report">`."""
    language, history = report.language, report.credentials.history
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            answers=answers(report),
            tone=conclusion_tone(report),
            children=_children(report),
            # Of a single step there is nothing to draw.
            graph=graph_of(history, language) if len(history.steps) > 1 else None,
            codes=_code_names(report),
            style=Markup(STYLE),  # noqa: S704 - our own file
            t=lambda key, **values: say(key, **values).in_language(language).text,
            step_title=lambda step: step_title(step, language),
            badges=lambda step: badges(step, language),
            signed_by=lambda step: signed_by(step, language),
            removed_parts=lambda step: removed_parts(step, history, language),
            is_picture_confirmed=is_picture_confirmed,
            picture_note=lambda step: picture_note(step, language),
            declared_by=lambda step: declared_by(step, language),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _children(report: Report) -> dict[int | None, list[Step]]:
    children: dict[int | None, list[Step]] = {}
    for step in report.credentials.history.steps:
        children.setdefault(step.parent, []).append(step)
    return children


def _code_names(report: Report) -> list[str]:
    return list(dict.fromkeys(f"{code.code} ({code.kind})" for code in report.credentials.codes))
