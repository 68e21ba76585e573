"""A model card as a page of Markdown: for `provenance detectors info`, and for the documentation.

python -m provenance_detectors.card_page docs/detectors   # writes a page for each detector, and plots beside it
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .calibration_plot import calibration_svg
from .card import ModelCard


def card_as_markdown(card: ModelCard, *, plot: str = "") -> str:
    """Everything in a card that a reader should know, the limits before the figures.

    `plot`: the address of the calibration plot, where there is one.
    """
    asks = {"ai": "was this made by AI?", "editing": "was this edited?", "watermark": "does this carry a watermark?"}
    lines = [
        f"# {card.name} {card.version}",
        "",
        card.summary,
        "",
        f"Asks of {card.modality}: {asks[card.question]} Licence: {card.licence}.",
        "",
        "An estimate says something about many files and proves nothing about one.",
        *_list("Never shown", card.never_shown),
        *_list("Worse for", card.worse_for),
        *_list("Known failures", card.known_failures),
        *_abstains(card),
        *_points(card),
        *_calibration(card, plot),
        *_metrics(card),
        *_training(card),
        *_list("Sources", card.sources),
    ]
    return "\n".join(lines) + "\n"


def _list(title: str, items: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {item}" for item in items)] if items else []


def _abstains(card: ModelCard) -> list[str]:
    preparation, reasons = card.preparation, []
    if card.modality == "image":
        reasons.append(f"pictures under {preparation.min_side} pixels on the short side")
    if preparation.min_jpeg_quality:
        reasons.append(f"JPEG under quality {preparation.min_jpeg_quality}")
    if preparation.photographs_only:
        reasons.append("screenshots and flat graphics")
    if card.min_words:
        reasons.append(f"texts under {card.min_words} words")
    if card.languages:
        reasons.append(f"languages other than {', '.join(card.languages)}")
    if len(card.views) > 1:
        reasons.append(f"pictures whose views ({', '.join(card.views)}) do not agree")
    return _list("Abstains from", reasons)


def _points(card: ModelCard) -> list[str]:
    if not card.operating_points:
        return ["", "No threshold was measured: it gives scores, and abstains from a decision."]
    rows = (
        (
            f"{point.max_fpr * 100:g} %",
            f"{point.threshold:.3f}",
            str(point.fpr),
            str(point.tpr),
            _share(point.abstained),
        )
        for point in card.operating_points
    )
    first = card.operating_points[0]
    return [
        "", "## Thresholds", "", f"Chosen on {first.chosen_on}; measured on {first.measured_on}.", "",
        *_table(("false alarms asked for", "log-odds", "false alarms measured", "found", "no decision"), rows),
    ]  # fmt: skip


def _calibration(card: ModelCard, plot: str) -> list[str]:
    calibration = card.calibration
    if calibration is None:
        return []
    error = calibration.expected_error
    lines = [
        "", "## Calibration", "",
        f"Calibrated on {calibration.set}; expected calibration error {error or 'not measured'}.",
    ]  # fmt: skip
    if calibration.bins:
        rows = ((f"{each.predicted:.3f}", f"{each.observed:.3f}", str(each.items)) for each in calibration.bins)
        lines += [
            "", "The test split by the probability that was given, in parts of equal count; both classes count the "
            "same. Where the two columns are equal it is well calibrated.", "",
            *_table(("probability of AI given", "share that was AI", "items"), rows),
        ]  # fmt: skip
    if plot:
        lines += ["", f"![The same as a plot; on the dashed line the two are equal]({plot})"]
    return lines


def _metrics(card: ModelCard) -> list[str]:
    if not card.metrics:
        return []
    rows = (
        (metric.group, metric.name, f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]", str(metric.items))
        for metric in card.metrics
    )
    return ["", "## Figures", "", *_table(("on", "figure", "value [95 % interval]", "items"), rows)]


def _training(card: ModelCard) -> list[str]:
    training = card.training
    if training is None:
        return []
    used = "not measured" if training.energy_kwh is None else f"{training.energy_kwh * 1000:.1f} Wh"
    asked = "not measured" if card.energy_per_1000_kwh is None else f"{card.energy_per_1000_kwh * 1000:.2f} Wh"
    return [
        "", "## Training", "", f"- Data: {training.data}", f"- Splits: {training.splits}",
        f"- Again: `{training.recipe}`", f"- Energy to train: {used} ({training.energy_source})",
        f"- Energy for 1,000 items: {asked}" + (f" ({card.energy_source})" if card.energy_source else ""),
    ]  # fmt: skip


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(header)} |",
        f"| {' | '.join('---' for _ in header)} |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def write_page(card: ModelCard, folder: Path) -> None:
    """The page of a card, and beside it the plot of its calibration."""
    plot = ""
    if card.calibration is not None and card.calibration.bins:
        plot = f"{card.name}-calibration.svg"
        drawn = calibration_svg(card.calibration.bins, f"{card.name} {card.version}, test split")
        (folder / plot).write_text(drawn, "utf-8")
    (folder / f"{card.name}.md").write_text(card_as_markdown(card, plot=plot), "utf-8")


if __name__ == "__main__":
    from .detector import detector_names, load_detector

    for each in detector_names():
        write_page(load_detector(each).card, Path(sys.argv[1]))
