"""A model card as a page of Markdown: for `provenance detectors info`, and for the documentation.

python -m provenance_detectors.card_page docs/detectors   # writes a page for each detector
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .card import ModelCard


def card_as_markdown(card: ModelCard) -> str:
    """Everything in a card that a reader should know, the limits before the figures."""
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


def _metrics(card: ModelCard) -> list[str]:
    lines = []
    if card.calibration is not None:
        error = card.calibration.expected_error
        lines += ["", f"Calibrated on {card.calibration.set}; expected calibration error {error or 'not measured'}."]
    if card.metrics:
        rows = (
            (metric.group, metric.name, f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]", str(metric.items))
            for metric in card.metrics
        )
        lines += ["", "## Figures", "", *_table(("on", "figure", "value [95 % interval]", "items"), rows)]
    return lines


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


if __name__ == "__main__":
    from .detector import detector_names, load_detector

    for each in detector_names():
        page = card_as_markdown(load_detector(each).card)
        (Path(sys.argv[1]) / f"{each}.md").write_text(page, "utf-8")
