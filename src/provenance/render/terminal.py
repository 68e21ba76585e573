"""The terminal report: one headline, the answers about the signed record, the evidence, and the history as a tree."""

from collections import Counter

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ..credentials import History, Step
from ..report import Report
from ..sentences import Message, phrase
from .answers import Tone, answers, conclusion_tone, declared_by, origin_label
from .history import badges, removed_parts, step_title, summary

_COLOURS = {Tone.GOOD: "green", Tone.NEUTRAL: "cyan", Tone.CAUTION: "yellow", Tone.BAD: "red"}
_BADGE_COLOURS = {"intact": "green", "broken": "red", "unsigned": "dim", "update": "cyan"}


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
    if report.evidence:
        console.print(_evidence(report))
    for key, items in (("label.limits", report.conclusion.limits), ("label.remarks", report.remarks)):
        if items:
            console.print(_section(phrase(key, report.language), items, style="dim"))
    console.print()


def _headline(report: Report) -> RenderableType:
    language, colour = report.language, _COLOURS[conclusion_tone(report)]
    facts = Text(style="dim")
    facts.append(origin_label(report))
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
    """The steps as a tree. Those in a row, each the only one before the next, stand at one level."""
    language, history = report.language, report.credentials.history
    siblings = Counter(step.parent for step in history.steps)
    whole = Tree("", hide_root=True)
    trees: dict[int, Tree] = {}
    holders: dict[int, Tree] = {}
    for step in history.steps:
        above = None if step.parent is None else history.steps[step.parent]
        if above is None:
            holder = whole
        elif siblings[above.parent] == siblings[above.id] == 1:
            holder = holders[above.id]
        else:
            holder = trees[above.id]
        holders[step.id], trees[step.id] = holder, holder.add(_step_label(step, history, language))
    return Group(Text(phrase("label.history", language), style="bold"), whole)


def _step_label(step: Step, history: History, language: str) -> Text:
    text = Text(step_title(step, language), style="bold")
    for kind, badge in badges(step, language):
        text.append(f" [{badge}]", style=_BADGE_COLOURS.get(kind, "yellow"))
    if step.relationship:
        text.append(f" {step.relationship}", style="not bold dim")
    lines = [
        " · ".join(summary(step, language)),
        declared_by(step, language),
        *removed_parts(step, history, language),
    ]
    for line in filter(None, lines):
        text.append(f"\n{line}", style="not bold dim")
    return text
