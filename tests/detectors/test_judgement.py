"""Around every detector: views that must agree, thresholds by false positive rate, and abstaining with a reason."""

import time
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from provenance_detectors import CardBased, Decision, ModelCard, judge_picture, judge_text
from provenance_detectors.card import Preparation
from provenance_detectors.judgement import decided
from provenance_detectors.scope import is_graphic
from provenance_detectors.text.reading import read_text

from .cards import TEXT, card, point, words
from .photographs import photograph, saved


class Brightness(CardBased):
    """A detector of one line: how bright the left half is. It tells a picture from its mirror image."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card

    def score(self, batch: Sequence[object]) -> np.ndarray:
        return np.array([float(each.pixels[:, :160].mean()) / 32 - 4 for each in batch])


def halves(left: int, right: int) -> bytes:
    pixels = np.asarray(photograph(800, 600), np.int16) // 8
    pixels[:, :400] += left
    pixels[:, 400:] += right
    return saved(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))


def test_views_that_agree_give_a_decision_and_a_calibrated_probability() -> None:
    answer = judge_picture(Brightness(card()), halves(230, 230))
    assert answer.decision is Decision.AI
    assert [each.view for each in answer.views] == ["as-is", "mirror", "scale-0.5"]
    assert answer.log_odds == answer.views[0].log_odds
    assert answer.probability == pytest.approx(1 / (1 + np.exp(-(2 * answer.log_odds + 0.5))))
    assert answer.rates is not None and answer.rates.max_fpr == 0.005
    assert judge_picture(Brightness(card()), halves(10, 10)).decision is Decision.NO_INDICATION


def test_views_on_both_sides_of_the_threshold_make_it_abstain_and_say_so() -> None:
    answer = judge_picture(Brightness(card()), halves(230, 10))
    assert answer.decision is Decision.ABSTAIN
    assert answer.reasons[0].key == "detector.abstain.views"
    assert answer.reasons[0].values == {"above": 2, "views": 3}


@pytest.mark.parametrize(
    ("max_fpr", "decision"),
    [(0.005, "no-indication"), (0.01, "no-indication"), (0.05, "ai"), (0.5, "ai"), (0.001, "abstain")],
)
def test_the_threshold_is_the_one_that_keeps_to_the_rate_asked_for(max_fpr: float, decision: str) -> None:
    answer = decided(card(), ("as-is",), np.array([2.0]), max_fpr=max_fpr)
    assert answer.decision == decision


@pytest.mark.parametrize("scores", [[np.nan], [np.inf], [1.0, 2.0], [[1.0]]])
def test_a_detector_that_returns_no_proper_score_is_no_decision(scores: list[float]) -> None:
    answer = decided(card(), ("as-is",), np.array(scores))
    assert answer.decision is Decision.ABSTAIN and answer.reasons[0].key == "detector.refused.no_score"
    assert answer.log_odds is None and answer.probability is None


def test_a_detector_without_measured_thresholds_abstains() -> None:
    answer = decided(card(operating_points=()), ("as-is",), np.array([9.0]))
    assert answer.decision is Decision.ABSTAIN and answer.reasons[0].key == "detector.abstain.no_threshold"
    assert answer.log_odds == 9.0


def test_operating_points_out_of_order_are_no_card() -> None:
    with pytest.raises(ValueError, match="strictest first"):
        card(operating_points=(point(0.05, 1.0), point(0.005, 3.0)))


@pytest.mark.parametrize(
    ("image", "how", "key"),
    [
        (photograph(255, 400), {}, "detector.abstain.small"),
        (photograph(4000, 400), {}, "detector.abstain.aspect"),
        (photograph(640, 480), {"format_": "JPEG", "quality": 8}, "detector.abstain.compressed"),
        (Image.new("RGB", (640, 480), "white"), {}, "detector.abstain.no_photograph"),
    ],
)
def test_what_the_model_was_not_made_for_is_not_judged(image: Image.Image, how: dict[str, object], key: str) -> None:
    strict = Preparation(short_side=384, crop=320, jpeg_quality=88, min_jpeg_quality=30, photographs_only=True)
    answer = judge_picture(Brightness(card(preparation=strict)), saved(image, **how))
    assert answer.decision is Decision.ABSTAIN and answer.reasons[0].key == key
    # A picture of a kind that was not measured keeps its score, for those who compare; one that is too small has none.
    assert (answer.log_odds is None) == (key in ("detector.abstain.small", "detector.abstain.aspect"))


def test_a_screenshot_is_a_graphic_and_a_photograph_is_none() -> None:
    page = Image.new("RGB", (1080, 1920), "white")
    for line in range(40):
        page.paste((20, 20, 20), (60, 60 + line * 45, 60 + 700, 78 + line * 45))
    assert is_graphic(np.asarray(page))
    assert not is_graphic(np.asarray(photograph()))


class Length(CardBased):
    """A detector of one line, of texts."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card

    def score(self, batch: Sequence[str]) -> np.ndarray:
        return np.array([len(text) / 100 for text in batch])


def test_a_text_gets_an_answer_with_its_language_and_length() -> None:
    answer = judge_text(Length(words()), TEXT)
    assert answer.decision is Decision.AI
    assert answer.details == {"language": "en", "words": 152}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Hello", "detector.abstain.short_text"),
        ("", "detector.abstain.short_text"),
        ("港は静かだった。雨の前に二隻の船が入ってきて、岸壁では誰も話さなかった。" * 20, "detector.abstain.language"),
        ("Der Hafen war an diesem Morgen still, und niemand sprach auf dem Kai. " * 10, "detector.abstain.language"),
        (TEXT.replace(". ", ".\n") + "Le port était calme ce matin-là, et personne ne parlait sur le quai, pas même les enfants.\n" * 20, "detector.abstain.mixed"),
        ("0x1f = 12; { a[3] += 0x77; } // 99 == 12 $ @ # " * 40, "detector.abstain.no_prose"),
        ("abc \x01\x02\x03 def " * 50, "detector.refused.controls"),
    ],
)  # fmt: skip
def test_texts_that_are_not_judged_get_the_reason(text: str, key: str) -> None:
    strict = words() if key != "detector.abstain.no_prose" else words().model_copy(update={"languages": ()})
    answer = judge_text(Length(strict), text)
    assert answer.decision is Decision.ABSTAIN and [reason.key for reason in answer.reasons] == [key]


def test_ten_megabytes_of_text_are_judged_by_their_beginning() -> None:
    assert judge_text(Length(words()), (TEXT * 14_000)[: 10 * 2**20].encode()).log_odds == 2000.0
    refused = judge_text(Length(words()), b"a" * (17 * 2**20))
    assert refused.reasons[0].key == "detector.refused.file_size"


def test_bytes_that_are_no_text_are_refused() -> None:
    assert judge_text(Length(words()), b"\x00\xff\xfe\x80binary" * 100).decision is Decision.ABSTAIN


def test_the_markup_of_a_page_is_not_its_text() -> None:
    page = f"<html><head><script>{'var x = 1;' * 500}</script></head><body><p>{TEXT}</p></body></html>"
    answer = judge_text(Length(words()), page.encode(), media_type="text/html")
    assert answer.log_odds == pytest.approx(len(TEXT.strip()) / 100, abs=0.05)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one<p>two<br/>three", "\none\ntwo\nthree"),
        ("a<!-- <p>hidden -->b<!-->c-->d", "abc-->d"),
        ("a<script>if (a<b) '</p>'</script>b<STYLE>p>q{}</sTyle >c", "abc"),
        ("a<svg><text>no</text></svg>b<svg/>c<template>no</template>d", "abcd"),
        ('a<a title="x > y" b=\'"\'>b</a>c<p class=it\'s>d', "abc\nd"),
        ("1 < 2 &amp; 3 &lt;p&gt; &#x41;&#66;", "1 < 2 & 3 <p> AB"),
        ("a<![CDATA[no]]>b<![x no>c<?no?>d<!no>e</ no>f", "abcdef"),
        ("a<![x no", "a"), ("a<p title=\"no", "a"), ("a<script>no", "a"), ("a<!-- no", "a"), ("a<", "a<"), ("", ""),
    ],
)  # fmt: skip
def test_the_text_of_a_page_is_what_a_reader_sees(page: str, text: str) -> None:
    assert read_text(page, "text/html") == read_text(text, "text/plain")


PAGES = (
    "<", "<a ", "<!--", "<script", "<script>", "&", "&#", "&amp", "</", "<![", "<![x", "<![CDATA[", "<?", "<a x='", "<title>",
    "<p>", "<svg>", "<a x=", '<a b="', "<a =", "<script></", "</script", "]]>", "-->",
)  # fmt: skip


def seconds(piece: str, length: int) -> float:
    page, took = "<!DOCTYPE html><html>" + piece * (length // len(piece)), []
    for _ in range(3):
        started = time.perf_counter()
        read_text(page, "text/html")
        took.append(time.perf_counter() - started)
    return min(took)


@pytest.mark.slow
@pytest.mark.parametrize("piece", PAGES)
def test_a_page_of_nothing_but_beginnings_is_read_in_a_time_that_grows_with_its_length(piece: str) -> None:
    # Sixteen times as long: some two hundred times as slow where each beginning is read to the end of the page.
    assert seconds(piece, 800_000) < 60 * seconds(piece, 50_000) + 0.5


def test_a_megabyte_of_angle_brackets_costs_what_a_megabyte_of_words_does() -> None:
    assert seconds("<", 1_000_000) < 8 * seconds("a ", 1_000_000)
