"""The history as a picture: this file at the top left, below each step what it was made from, one layer for each depth.

Parents stand above their first ingredient, so that this file is in view wherever the picture is cut by a small screen.
"""

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from ..credentials import History, Step
from .history import badges, is_picture_confirmed, picture_note, step_title, summary

# All in CSS pixels.
_CARD: Final = 176
_PADDING: Final = 12
_PICTURE_HEIGHT: Final = 104
_BETWEEN: Final = 16
_BETWEEN_LAYERS: Final = 52
_LINE: Final = 17
_BADGE_LINE: Final = 23

_TEXT_SIZE: Final = 12.5
_BADGE_SIZE: Final = 10.5
_BOLD: Final = 1.12  # times as wide as the same text in regular type

_MAX_LINES: Final = 3


@dataclass(frozen=True)
class Badge:
    """A short word on a step, in its place."""

    text: str
    kind: str
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Line:
    """One line of text on a step."""

    text: str
    kind: str
    y: int


@dataclass(frozen=True)
class Node:
    """One step on the picture; the places of what is on it are relative to its own."""

    step: Step
    x: int
    y: int
    height: int
    lines: tuple[Line, ...]
    badges: tuple[Badge, ...]
    in_words: str
    confirmed: bool

    @property
    def middle(self) -> int:
        return self.x + _CARD // 2


@dataclass(frozen=True)
class Edge:
    """From an ingredient up to the step that it went into."""

    start: tuple[int, int]
    bend: int
    end: tuple[int, int]
    relationship: str


@dataclass(frozen=True)
class Graph:
    """The whole picture."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    card: int = _CARD
    padding: int = _PADDING
    picture: tuple[int, int] = (_CARD - 2 * _PADDING, _PICTURE_HEIGHT)


def graph_of(history: History, language: str) -> Graph:
    """The places of all steps, and what stands on each, in this language."""
    columns, depths = _places(history)
    cards = {step.id: _card(step, language) for step in history.steps}
    tallest: dict[int, int] = defaultdict(int)
    for step in history.steps:
        tallest[depths[step.id]] = max(tallest[depths[step.id]], cards[step.id].height)
    tops = [1]
    for depth in range(len(tallest)):
        tops.append(tops[-1] + tallest[depth] + _BETWEEN_LAYERS)
    nodes = tuple(
        _at(cards[step.id], 1 + columns[step.id] * (_CARD + _BETWEEN), tops[depths[step.id]]) for step in history.steps
    )
    return Graph(
        width=max(node.x for node in nodes) + _CARD + 1,
        height=max(node.y + node.height for node in nodes) + 1,
        nodes=nodes,
        edges=tuple(_edge(node, nodes[node.step.parent]) for node in nodes if node.step.parent is not None),
    )


def _places(history: History) -> tuple[dict[int, int], dict[int, int]]:
    """The column and the depth of each step. No two share a place, and no two edges cross."""
    children: dict[int | None, list[Step]] = defaultdict(list)
    for step in history.steps:
        children[step.parent].append(step)
    columns: dict[int, int] = {}
    depths: dict[int, int] = {}
    free: dict[int, int] = defaultdict(int)

    def place(step: Step, depth: int, at_least: int) -> int:
        column = max(at_least, free[depth])
        for number, child in enumerate(children[step.id]):
            placed = place(child, depth + 1, column)
            column = placed if number == 0 else column
        columns[step.id], depths[step.id] = column, depth
        free[depth] = column + 1
        return column

    place(history.steps[0], 0, 0)
    return columns, depths


def _card(step: Step, language: str) -> Node:
    top = _PADDING + (_PICTURE_HEIGHT + _PADDING // 2 if step.thumbnail else 0)
    lines = []
    texts = [("title", step_title(step, language)), ("note", picture_note(step, language))]
    texts += [("soft", text) for text in summary(step, language)]
    for kind, text in texts:
        for line in _wrapped(text or "", bold=kind == "title"):
            top += _LINE
            lines.append(Line(line, kind, top - 4))
    placed, height = _placed_badges(badges(step, language), top + 5)
    in_words = " · ".join(
        text for _, text in (*texts, *((kind, text) for kind, text in badges(step, language))) if text
    )
    return Node(step, 0, 0, height + _PADDING, tuple(lines), placed, in_words, is_picture_confirmed(step))


def _placed_badges(found: list[tuple[str, str]], top: int) -> tuple[tuple[Badge, ...], int]:
    """The badges in rows, and where the last row ends."""
    placed: list[Badge] = []
    x = _PADDING
    for kind, text in found:
        shown = next(_wrapped(text, size=_BADGE_SIZE, padding=_PADDING, lines=1))
        width = round(sum(map(_ems, shown)) * _BADGE_SIZE) + _PADDING
        if placed and x + width > _CARD - _PADDING:
            x, top = _PADDING, top + _BADGE_LINE
        placed.append(Badge(shown, kind, x, top, width))
        x += width + 4
    return tuple(placed), top + _BADGE_LINE - 4


def _at(node: Node, x: int, y: int) -> Node:
    return Node(node.step, x, y, node.height, node.lines, node.badges, node.in_words, node.confirmed)


def _edge(child: Node, parent: Node) -> Edge:
    return Edge(
        start=(child.middle, child.y),
        bend=child.y - _BETWEEN_LAYERS // 2 - 8,
        end=(parent.middle, parent.y + parent.height),
        relationship=child.step.relationship or "",
    )


def _wrapped(
    text: str, *, size: float = _TEXT_SIZE, bold: bool = False, padding: int = 0, lines: int = _MAX_LINES
) -> Iterator[str]:
    """The text in lines that fit on a card, broken between words where that can be; what is too much is cut."""
    room = _CARD - 2 * _PADDING - padding
    rest = text.strip()
    for number in range(lines):
        fits = bisect_right(list(accumulate(_ems(char) * size * (_BOLD if bold else 1) for char in rest)), room)
        if fits == len(rest):
            break
        if number == lines - 1:
            yield rest[: max(fits - 1, 0)].rstrip() + "…"
            return
        gap = max(rest.rfind(" ", 0, fits + 1), *(rest.rfind(char, 0, fits) + 1 for char in "-_/"))
        end = gap if gap > fits // 2 else fits
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()
    if rest:
        yield rest


def _ems(char: str) -> float:
    """About how wide a character is drawn; without the font nobody can know, so rather too wide."""
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in "iljtf.,:;'|! ":
        return 0.36
    return 0.95 if char in "mwMW" else 0.72 if char.isupper() else 0.63
