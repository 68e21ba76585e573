"""The calibration of a detector as a small plot in SVG: what it said against what was so."""

from collections.abc import Sequence
from html import escape
from typing import Final

from .card import CalibrationBin

# Pixels: the square of the plot, and the space around it for the labels.
_SIDE: Final = 320
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 40, 24, 56

_INK, _PALE, _LINE = "#333333", "#d0d0d0", "#1f6f8b"


def calibration_svg(bins: Sequence[CalibrationBin], title: str) -> str:
    """The bins as points on a line, over the diagonal on which a well calibrated detector lies."""
    width, height = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BOTTOM
    points = [(_x(each.predicted), _y(each.observed)) for each in bins]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        # A ground of its own: pages in dark mode would hide the ink.
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT + _SIDE / 2:g}" y="24" text-anchor="middle" font-size="14" fill="{_INK}">'
        f"{escape(title)}</text>",
        *(line for step in range(6) for line in _gridlines(step / 5)),
        f'<line x1="{_x(0):.1f}" y1="{_y(0):.1f}" x2="{_x(1):.1f}" y2="{_y(1):.1f}" stroke="{_INK}" '
        'stroke-dasharray="5 4"/>',
        f'<polyline points="{path}" fill="none" stroke="{_LINE}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_LINE}"/>' for x, y in points),
        f'<text x="{_LEFT + _SIDE / 2:g}" y="{height - 14}" text-anchor="middle" fill="{_INK}">'
        "probability of AI that it gave</text>",
        f'<text transform="translate(18 {_TOP + _SIDE / 2:g}) rotate(-90)" text-anchor="middle" fill="{_INK}">'
        "share that was AI</text>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _gridlines(value: float) -> list[str]:
    x, y = _x(value), _y(value)
    return [
        f'<path d="M{_x(0):.1f} {y:.1f}H{_x(1):.1f}M{x:.1f} {_y(0):.1f}V{_y(1):.1f}" stroke="{_PALE}" fill="none"/>',
        f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{value:.1f}</text>',
        f'<text x="{x:.1f}" y="{_TOP + _SIDE + 18}" text-anchor="middle" fill="{_INK}">{value:.1f}</text>',
    ]


def _x(value: float) -> float:
    return _LEFT + value * _SIDE


def _y(value: float) -> float:
    return _TOP + (1 - value) * _SIDE
