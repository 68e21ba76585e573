"""The pictures of the leaderboard, as SVG that stands in the page."""

import io
from collections.abc import Callable, Sequence
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from ..result import Result

# Colours that people with any colour vision tell apart (Okabe and Ito 2008), and dashes for print.
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_DASHES: Final = ("-", "--", "-.", ":")

# The same picture has the same bytes in each run.
_SETTINGS: Final[Any] = {"svg.hashsalt": "provenance", "font.size": 10, "svg.fonttype": "path"}


def roc_plot(results: Sequence[Result]) -> str:
    """The ROC curves of results on one suite, or nothing."""
    return _drawn(results, _roc, "Real items called AI", "AI items found")


def reliability_plot(results: Sequence[Result]) -> str:
    """Observed over predicted shares of AI, or nothing."""
    return _drawn(results, _reliability, "Predicted probability of AI", "Observed share of AI")


def risk_plot(results: Sequence[Result]) -> str:
    """The error over the share that is decided, the most certain first, or nothing."""
    return _drawn(results, _risk, "Share of items decided", "Error among them")


def robustness_plot(results: Sequence[Result]) -> str:
    """The AUC after each edit, or nothing."""
    return _drawn(results, _robustness, "", "AUC", wide=True)


def _roc(axes: Axes, result: Result, style: dict[str, Any]) -> bool:
    curve = result.curves.get("detection", {}).get("roc")
    if curve:
        axes.plot(curve["fpr"], curve["tpr"], **style)
    return bool(curve)


def _reliability(axes: Axes, result: Result, style: dict[str, Any]) -> bool:
    curve = result.curves.get("calibration", {}).get("reliability")
    if curve:
        axes.plot([0, 1], [0, 1], color="#999", linewidth=0.8)
        axes.plot(curve["predicted"], curve["observed"], marker="o", **style)
    return bool(curve)


def _risk(axes: Axes, result: Result, style: dict[str, Any]) -> bool:
    curve = result.curves.get("calibration", {}).get("risk")
    if curve:
        axes.plot(curve["coverage"], curve["risk"], **style)
    return bool(curve)


def _robustness(axes: Axes, result: Result, style: dict[str, Any]) -> bool:
    figures = {
        figure.group.removeprefix("edit: "): figure
        for figure in result.figures
        if figure.task == "robustness" and figure.metric == "AUC"
    }
    if figures:
        values = list(figures.values())
        errors = [[f.value - f.low for f in values], [f.high - f.value for f in values]]
        axes.errorbar(list(figures), [f.value for f in values], yerr=errors, marker="o", capsize=3, **style)
        axes.tick_params(axis="x", rotation=40)
    return bool(figures)


def _drawn(
    results: Sequence[Result],
    draw: Callable[[Axes, Result, dict[str, Any]], bool],
    across: str,
    up: str,
    *,
    wide: bool = False,
) -> str:
    with mpl.rc_context(_SETTINGS):
        figure, axes = plt.subplots(figsize=(7.5, 4) if wide else (5, 4), layout="constrained")
        try:
            drawn = [draw(axes, result, _style(number, result.contender.name)) for number, result in enumerate(results)]
            if not any(drawn):
                return ""
            axes.set_xlabel(across)
            axes.set_ylabel(up)
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(frameon=False, fontsize=9)
            buffer = io.StringIO()
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        finally:
            plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _style(number: int, name: str) -> dict[str, Any]:
    return {
        "color": _COLOURS[number % len(_COLOURS)],
        "linestyle": _DASHES[number // len(_COLOURS) % len(_DASHES)],
        "linewidth": 1.6,
        "label": name,
    }
