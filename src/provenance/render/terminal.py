"""The terminal report: one headline, the answers about the signed record, the evidence, and the history as a tree."""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ..credentials import Step, StepState
from ..report import Report
from ..sentences import Message, phrase
from .answers import Tone, answers, conclusion_tone, declared_by, signed_by

_COLOURS = {Tone.GOOD: "green", Tone.NEUTRAL: "cyan", Tone.CAUTION: "yellow", Tone.BAD: "red"}
_STEP_COLOURS = {StepState.INTACT: "green", StepState.BROKEN: "red", StepState.UNSIGNED: "dim"}


def print_report(report: Report, console: Console) -> None:
    """Prints the report, in its language."""
    console.print(_headline(report))
    for key, items in (
        ("label.conflicts", report.conclusion.conflicts),
        ("label.because", report.conclusion.because),
        ("label.advice", report.conclusion.advice),
    ):
        if items:
            console.print(_section(phrase(key, report.language), items))
    console.print(_answers(report))
    if report.credentials.history.steps:
        console.print(_history(report))
    console.print(_evidence(report))
    for key, items in (("label.limits", report.conclusion.limits), ("label.remarks", report.remarks)):
        if items:
            console.print(_section(phrase(key, report.language), items, style="dim"))
    console.print()


def _headline(report: Report) -> RenderableType:
    language, colour = report.language, _COLOURS[conclusion_tone(report)]
    facts = Text(style="dim")
    facts.append(phrase(f"origin.{report.conclusion.origin}", language))
    facts.append(" · ")
    facts.append(phrase(f"assurance.{report.conclusion.assurance}", language))
    if report.judged_at is not None:
        facts.append(f" · {phrase('label.judged_at', language)}: {report.judged_at}")
    return Panel(
        Group(Text(report.conclusion.headline.text, style="bold"), facts),
        title=Text(report.asset.name or report.asset.sha256[:16]),
        title_align="left",
        border_style=colour,
    )


def _section(title: str, items: tuple[Message, ...], style: str = "") -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for item in items:
        grid.add_row("•", Text(item.text, style=style))
    return Group(Text(title, style="bold"), grid)


def _answers(report: Report) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for answer in answers(report):
        grid.add_row(Text(answer.question.text), Text(answer.sentence.text, style=_COLOURS[answer.tone]))
    return Group(Text(phrase("label.credentials", report.language), style="bold"), grid)


def _evidence(report: Report) -> RenderableType:
    language = report.language
    table = Table(title=phrase("label.evidence", language), title_justify="left", title_style="bold", expand=False)
    for key in ("label.source", "label.finding", "label.assurance"):
        table.add_column(phrase(key, language))
    for item in report.evidence:
        table.add_row(
            phrase(f"kind.{item.kind}", language),
            Text(item.explanation.text),
            phrase(f"assurance.{item.assurance}", language),
        )
    return table


def _history(report: Report) -> RenderableType:
    language = report.language
    trees: dict[int, Tree] = {}
    for step in report.credentials.history.steps:
        label = _step_label(step, language)
        trees[step.id] = Tree(label) if step.parent is None else trees[step.parent].add(label)
    return Group(Text(phrase("label.history", language), style="bold"), trees[0])


def _step_label(step: Step, language: str) -> Text:
    title = (
        phrase("label.this_file", language) if step.parent is None else step.title or phrase("term.untitled", language)
    )
    text = Text(title, style="bold")
    text.append(f" [{phrase(f'label.step_{step.state}', language)}]", style=_STEP_COLOURS[step.state])
    details = [
        step.claim_generator,
        signed_by(step, language),
        ", ".join(action.action.removeprefix("c2pa.") for action in step.actions[:6]),
    ]
    shown = " · ".join(detail for detail in details if detail)
    for line in (shown, declared_by(step, language)):
        if line:
            text.append(f"\n{line}", style="not bold dim")
    return text
