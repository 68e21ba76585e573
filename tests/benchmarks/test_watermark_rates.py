"""The rates of the watermark detectors, by a writer that has hardly learnt to write."""

import json
from pathlib import Path

import pytest
import torch

from provenance_benchmarks.watermark_rates import KINDS, LENGTHS, WatermarkRates, measured, page_of, people_of

pytestmark = pytest.mark.slow

SENTENCES = ["The ferry was late again.", "Nobody on the pier minded.", "A dog slept on the warm boards until noon."]


@pytest.fixture(scope="module")
def rates() -> WatermarkRates:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return measured([" ".join(SENTENCES) * times for times in (1, 3, 9, 27)], texts=2, steps=1)
    finally:
        torch.set_num_threads(before)


def test_marked_texts_are_found_and_unmarked_ones_are_not(rates: WatermarkRates) -> None:
    for (_, what, length), (called, count) in rates.called.items():
        if not what.startswith("marked"):
            assert called == 0
        elif length == max(LENGTHS):
            assert called == count == 2


def test_a_text_counts_only_at_the_lengths_that_it_has(rates: WatermarkRates) -> None:
    counts = [rates.called[KINDS[0].name, "texts by people", length][1] for length in LENGTHS]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1]


def test_the_page_has_a_row_for_each_length(rates: WatermarkRates) -> None:
    page = page_of(rates, 4, 1.0)
    assert all(page.count(f"\n| {length} | ") == len(KINDS) for length in LENGTHS)
    assert "bits a token" in page


def test_texts_by_people_come_evenly_from_all_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        records = [{"text": f"{name}{number}", "label": "human"} for number in range(10)] + [
            {"text": "x", "label": "ai"}
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    found = people_of([tmp_path], 4)
    assert [text[0] for text in found] == ["a", "a", "b", "b"]
    assert len(people_of([tmp_path], 100)) == 20
