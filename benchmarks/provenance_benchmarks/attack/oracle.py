"""What a report may not say, given the truth. Each violation has a class, and a sentence that shows it."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

from rich.console import Console

from provenance.credentials import Step
from provenance.render.html import render_html
from provenance.render.terminal import print_report
from provenance.report import Report
from provenance.sentences import Message

from .case import AI_ORIGINS, Case, Content, Truth
from .principals import ISSUERS
from .strings import MARK

MAX_SECONDS: Final = 10.0
MAX_MEGABYTES: Final = 500.0

_STRONG: Final = frozenset({"trusted", "known"})
_SURE: Final = frozenset({"verified", "attested"})

# A remark of this kind says that something was taken out of the record.
_SAYS_SO: Final = re.compile(r"redact|remov|taken_out|withheld|left_out")

# C0 but for line feed and tab, DEL, C1, and what changes the direction of writing or is not to be seen.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_CLOSING: Final = frozenset("“”„‟")
_TAGS: Final = frozenset({"script", "iframe", "svg", "object", "embed", "form", "base", "link"})


@dataclass(frozen=True)
class Violation:
    """One thing that was said and may not be. `what` is its class; `minor`: counted, and no fault by itself."""

    what: str
    how: str
    minor: bool = False


def judge(case: Case, report: Report) -> list[Violation]:
    """All violations of a report; what was rendered is judged by `judge_renderings`."""
    violations = (*_names(case, report), *_integrity(case, report), *_origin(case, report), *_failures(report))
    return list({violation.what: violation for violation in reversed(violations)}.values())


def _names(case: Case, report: Report) -> Iterator[Violation]:
    """Nobody is named as trusted or known who did not sign."""
    truth, credentials = case.truth, report.credentials
    signer = credentials.signer
    if str(signer.state) in _STRONG and signer.name not in truth.signers:
        yield Violation(f"signer {signer.state}", f"{signer.name!r} did not sign")
    for step in credentials.history.steps:
        if str(step.signer_state) in _STRONG:
            yield from _step(truth, step)
    time = credentials.time
    if str(time.state) == "trusted" and time.authority not in truth.stampers:
        yield Violation("time trusted", f"{time.authority!r} did not stamp this")
    for sentence in _sentences(report):
        signer_name = sentence.values.get("signer")
        if isinstance(signer_name, str) and signer_name not in truth.named:
            yield Violation("sentence names a signer", f"{sentence.key}: {signer_name!r}")
    if str(report.conclusion.assurance) == "verified" and not truth.signers:
        yield Violation("verified", f"nobody trusted signed: {report.conclusion.headline.text}")


def _step(truth: Truth, step: Step) -> Iterator[Violation]:
    """A step is somebody's whose signature holds over it, by their own name."""
    about = f"{step.signer!r}, step {step.id}"
    by = truth.named
    if truth.signed is not None:
        names = frozenset(name for label, name in truth.signed if label == step.manifest)
        # An engine may write a mutated label in its own way; then it is one of all.
        by = names if step.manifest in truth.labels else frozenset(name for _, name in truth.signed)
    if not by & truth.named:
        yield Violation(f"step's signer {step.signer_state}, {step.state} step", f"{about} did not sign")
    elif step.signer in ISSUERS:
        yield Violation("step's signer called by the issuer's name", f"{about}, signed by {sorted(by)}")
    elif step.signer is not None and step.signer not in by:
        yield Violation(f"step's signer {step.signer_state}, {step.state} step", f"{about}, signed by {sorted(by)}")


def _integrity(case: Case, report: Report) -> Iterator[Violation]:
    """Intact is only what is as it was signed."""
    if str(report.credentials.integrity.state) != "intact" or case.truth.content is Content.SAME:
        return
    engines = {engine.engine: str(engine.integrity) for engine in report.credentials.engines}
    if case.truth.content is not Content.CHANGED:
        yield Violation(f"intact, {case.truth.content}", f"{engines}", minor=True)
    else:
        yield Violation("intact though changed", f"{engines}, {report.conclusion.assurance}")


def _origin(case: Case, report: Report) -> Iterator[Violation]:
    """What the record says, or that it does not say it any more."""
    conclusion, origins = report.conclusion, case.truth.origins
    if origins is None or str(conclusion.assurance) not in _SURE or str(conclusion.origin) in origins:
        return
    sentences = (*conclusion.because, *conclusion.limits, *report.remarks, conclusion.headline)
    if str(conclusion.origin) == "unknown" and (
        origins != AI_ORIGINS or any(sentence.key == "c2pa.ingredient_ai" for sentence in sentences)
    ):
        return  # not decided, and not hidden
    if not conclusion.conflicts and not any(_SAYS_SO.search(sentence.key) for sentence in sentences):
        true = " or ".join(sorted(origins))
        yield Violation(
            "another origin, and no word of it", f"{conclusion.origin} {conclusion.assurance}; signed: {true}"
        )


def _failures(report: Report) -> Iterator[Violation]:
    for item in report.evidence:
        if "source-failed" in item.codes:
            yield Violation("a source failed", item.source)


def _sentences(report: Report) -> Iterator[Message]:
    conclusion = report.conclusion
    for sentence in (conclusion.headline, *conclusion.because, *conclusion.conflicts, *report.remarks):
        yield from _with_inner(sentence)
    for item in report.evidence:
        yield from _with_inner(item.explanation)


def _with_inner(sentence: Message) -> Iterator[Message]:
    yield sentence
    for value in sentence.values.values():
        if isinstance(value, Message):
            yield from _with_inner(value)


def judge_renderings(report: Report, printed: str | None) -> list[Violation]:
    """What a page, a terminal and a line of JSON (`printed`, of the command) show of the file's own strings."""
    out = io.StringIO()
    print_report(report, Console(file=out, width=200, force_terminal=False, color_system=None))
    page = render_html(report)
    violations = [*_page(page), *_controls("page", page), *_controls("terminal", out.getvalue())]
    if printed is not None:
        violations.extend(_controls("the command's JSON", printed))
    for sentence in _sentences(report):
        name = sentence.values.get("name")
        if sentence.key == "term.self_named" and isinstance(name, str) and _CLOSING.intersection(name):
            violations.append(Violation("a name closes its quotation marks", sentence.text[:120]))
            break
    return violations


def _controls(where: str, text: str) -> Iterator[Violation]:
    if match := _CONTROLS.search(text):
        around = text[max(0, match.start() - 30) : match.end() + 20]
        yield Violation(f"control character in {where}", ascii(around))


class _Page(HTMLParser):
    """Finds what a string of a file made of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        written = str(attrs)
        names = [tag, *(name for name, _ in attrs)]
        is_foreign = any(MARK in name or name.startswith("on") for name in names)
        if is_foreign or tag in _TAGS or "javascript:" in written.lower():
            self.foreign.append(f"<{tag} {written[:80]}>")


def _page(page: str) -> Iterator[Violation]:
    parser = _Page()
    parser.feed(page)
    for tag in parser.foreign[:1]:
        yield Violation("markup in page", tag)
