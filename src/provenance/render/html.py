"""The HTML report: one self-contained file, readable on a phone and when printed. No scripts, no external requests."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..credentials import IntegrityState
from ..evidence import Evidence, Kind
from ..report import Report
from ..sentences import say
from .answers import answers, conclusion_tone, declared_by, origin_label, readable_time, signed_by
from .history import badges, is_picture_confirmed, picture_note, relationship, removed_parts, step_title, tree_of

_TEMPLATES: Final = Path(__file__).parent / "templates"

STYLE: Final = (_TEMPLATES / "report.css").read_text("utf-8")

# What a Content-Security-Policy needs to allow the report's one style sheet and nothing else.
STYLE_HASH: Final = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# The three answers, which differ in what they can prove: what was signed, what anyone can write, what is a statistic.
_PARTS: Final = {
    "signature": (Kind.SIGNED_MANIFEST, Kind.REGISTRY_MATCH),
    "declares": (Kind.DECLARED_METADATA,),
    "estimates": (Kind.WATERMARK, Kind.DETECTOR),
}


def render_html(report: Report) -> str:
    """The report as a complete HTML document, in its language. The answer is the element with the id `report`."""
    language, history = report.language, report.credentials.history
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            parts=_parts(report),
            # Without a record there is nothing to ask about it.
            answers=() if report.credentials.integrity.state is IntegrityState.ABSENT else answers(report),
            tone=conclusion_tone(report),
            tree=tree_of(history) if history.steps else None,
            codes=_code_names(report),
            style=Markup(STYLE),  # noqa: S704 - our own file
            t=lambda key, **values: say(key, **values).in_language(language).text,
            readable_time=readable_time,
            origin_label=origin_label,
            step_title=lambda step: step_title(step, language),
            badges=lambda step: badges(step, language),
            relationship=lambda step: relationship(step, language),
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


def _parts(report: Report) -> dict[str, list[Evidence]]:
    return {name: [item for item in report.evidence if item.kind in kinds] for name, kinds in _PARTS.items()}


def _code_names(report: Report) -> list[str]:
    return list(dict.fromkeys(f"{code.code} ({code.kind})" for code in report.credentials.codes))
