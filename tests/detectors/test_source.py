"""Detectors in the report: estimates at most, asked last, and never evidence for another question."""

from collections.abc import Sequence

import numpy as np
import pytest

import provenance
from provenance import Verifier
from provenance.evidence import Assurance, Kind, Origin
from provenance_detectors import CardBased, DetectorSource, ModelCard, Question

from .cards import TEXT, card, words
from .photographs import photograph, saved


class Constant(CardBased):
    """A detector that always says the same."""

    def __init__(self, log_odds: float, card: ModelCard) -> None:
        self.card, self._log_odds, self.asked = card, log_odds, 0

    def score(self, batch: Sequence[object]) -> np.ndarray:
        self.asked += 1
        return np.full(len(batch), self._log_odds)


def report_on(data: bytes, detector: CardBased) -> provenance.Report:
    return Verifier(sources=["c2pa", "metadata", DetectorSource([detector])]).verify(data)


def test_an_estimate_of_ai_is_estimated_and_says_that_it_is_an_estimate() -> None:
    report = report_on(saved(photograph()), Constant(9.0, card()))
    assert (report.conclusion.origin, report.conclusion.assurance) == (Origin.AI_GENERATED, Assurance.ESTIMATED)
    assert report.conclusion.headline.key == "headline.ai_generated.estimated"
    (said,) = [item for item in report.evidence if item.kind is Kind.DETECTOR]
    assert "statistical estimate" in said.explanation.text and "proves nothing" in said.explanation.text
    assert said.details["rates"]["max_fpr"] == 0.005
    assert report.versions.detectors == {"brightness": "1"}
    for language in ("fr", "ja"):
        assert report.in_language(language).evidence[-1].explanation.text != said.explanation.text


@pytest.mark.parametrize(("log_odds", "decision"), [(-9.0, "no-indication"), (float("nan"), "abstain")])
def test_no_sign_of_ai_and_no_decision_change_nothing(log_odds: float, decision: str) -> None:
    report = report_on(saved(photograph()), Constant(log_odds, card()))
    assert (report.conclusion.origin, report.conclusion.assurance) == (Origin.UNKNOWN, Assurance.NONE)
    assert report.conclusion.headline.key == "headline.unknown.none"
    assert report.evidence[-1].codes == (f"brightness:{decision}",)


def test_a_trace_of_editing_says_nothing_about_ai() -> None:
    report = report_on(saved(photograph()), Constant(9.0, card(question=Question.EDITING)))
    assert report.conclusion.origin is Origin.UNKNOWN
    assert report.evidence[-1].codes == ("brightness:edited",)
    assert report.evidence[-1].assurance is Assurance.NONE


def test_a_signed_record_is_not_put_beside_an_estimate(signed_ai: bytes, sample_root: bytes) -> None:
    detector = Constant(-9.0, card())
    report = Verifier(trust=sample_root, sources=["c2pa", "metadata", DetectorSource([detector])]).verify(signed_ai)
    assert detector.asked == 0
    assert report.conclusion.assurance is Assurance.VERIFIED
    assert "limit.estimate_not_needed" in [limit.key for limit in report.conclusion.limits]
    assert "limit.no_detector" not in [limit.key for limit in report.conclusion.limits]


def test_an_altered_file_is_altered_whatever_a_detector_says(altered: bytes, sample_root: bytes) -> None:
    report = Verifier(trust=sample_root, sources=["c2pa", DetectorSource([Constant(9.0, card())])]).verify(altered)
    assert report.conclusion.headline.key == "headline.altered"


def test_texts_are_asked_about_and_their_invisible_characters_named() -> None:
    report = report_on((TEXT + "\u200b\u200bp\u0430per").encode(), Constant(9.0, words()))
    assert report.conclusion.origin is Origin.AI_GENERATED
    assert {"marks.zero-width", "marks.lookalike"} <= {remark.key for remark in report.remarks}


def test_a_picture_that_cannot_be_decoded_is_a_limit() -> None:
    report = report_on(saved(photograph(), "JPEG")[:3000], Constant(9.0, card()))
    assert not [item for item in report.evidence if item.kind is Kind.DETECTOR]
    assert "detector.refused.unreadable" in [limit.key for limit in report.conclusion.limits]


def test_the_bundled_detectors_are_asked_by_default() -> None:
    report = provenance.verify(saved(photograph(700, 500, seed=3)))
    (said,) = [item for item in report.evidence if item.kind is Kind.DETECTOR]
    assert said.details["detector"] == "image"
    assert set(report.versions.detectors) == {"image", "text"}


def test_other_detectors_are_asked_by_name_in_a_source_s_settings() -> None:
    report = Verifier(sources=["c2pa", "detectors:double-jpeg,copy-move"]).verify(saved(photograph(), "JPEG"))
    assert {item.details["detector"] for item in report.evidence if item.kind is Kind.DETECTOR} == {
        "double-jpeg", "copy-move",
    }  # fmt: skip


def test_a_source_that_is_not_there_is_refused_with_its_name() -> None:
    with pytest.raises(provenance.SettingError, match="detektors"):
        Verifier(sources=["detektors:image"])


def test_without_the_optional_part_nobody_estimates_and_asking_for_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provenance_detectors.source.find_spec", lambda _: None)
    assert [source.name for source in Verifier().sources] == ["c2pa", "metadata"]
    report = Verifier().verify(saved(photograph()))
    assert "limit.no_detector" in [limit.key for limit in report.conclusion.limits]
    with pytest.raises(provenance.MissingExtraError, match=r"\[detectors\]"):
        Verifier(sources=["detectors"])


def test_the_same_file_gives_the_same_evidence() -> None:
    data = saved(photograph())
    assert provenance.verify(data).evidence == provenance.verify(data).evidence
