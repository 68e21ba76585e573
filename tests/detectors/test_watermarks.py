"""Text watermarks: found with the right key in enough words, and not in texts without them."""

import numpy as np
import pytest
import torch
from transformers import SynthIDTextWatermarkingConfig, WatermarkingConfig

from provenance_detectors import judge_text
from provenance_detectors.watermarks.text import DEFAULT_Z, GreenLists, SynthIDText

from . import tiny_models

pytestmark = pytest.mark.slow

KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29, 590, 639, 13, 715, 468, 990, 966, 226, 324, 585]
GREEN = {"greenlist_ratio": 0.25, "bias": 4.0, "hashing_key": 15485863, "context_width": 1}


def generated(config: object, count: int, words: int) -> list[str]:
    model, tokenizer = tiny_models.writer(), tiny_models.tokenizer()
    torch.manual_seed(7)
    asked = tokenizer(["word1"] * count, return_tensors="pt")
    how = {} if config is None else {"watermarking_config": config}
    output = model.generate(**asked, do_sample=True, top_k=0, max_new_tokens=words, min_new_tokens=words, **how)
    return tokenizer.batch_decode(output[:, 1:], skip_special_tokens=True)


def synthid(keys: list[int] = KEYS) -> SynthIDText:
    return SynthIDText(tiny_models.tokenizer(), keys)


def green_lists(key: int = GREEN["hashing_key"]) -> GreenLists:
    model = tiny_models.writer()
    return GreenLists(tiny_models.tokenizer(), model.config, {**GREEN, "hashing_key": key})


def test_synthid_is_found_with_its_keys_and_the_more_words_the_surer() -> None:
    config = SynthIDTextWatermarkingConfig(keys=KEYS, ngram_len=5)
    marked = generated(config, 12, 300)
    means = []
    for words in (40, 100, 300):
        scores = synthid().score([" ".join(text.split()[:words]) for text in marked])
        means.append(scores.mean())
    assert means == sorted(means)
    assert (synthid().score(marked) > DEFAULT_Z).mean() >= 0.9
    assert np.abs(synthid([key + 1 for key in KEYS]).score(marked)).max() < DEFAULT_Z


def test_green_lists_are_found_with_their_key() -> None:
    marked = generated(WatermarkingConfig(**GREEN), 12, 200)
    assert (green_lists().score(marked) > DEFAULT_Z).all()
    assert (green_lists(key=99).score(marked) < DEFAULT_Z).all()


@pytest.mark.parametrize("make", [synthid, green_lists])
def test_texts_without_the_watermark_are_not_called_marked(make: object) -> None:
    detector = make()
    scores = detector.score([tiny_models.random_words(300, seed) for seed in range(200)])
    assert (scores > DEFAULT_Z).sum() == 0
    assert abs(scores.mean()) < 0.5


def test_the_answer_says_marked_or_not_and_abstains_from_a_few_words() -> None:
    (marked,) = generated(SynthIDTextWatermarkingConfig(keys=KEYS, ngram_len=5), 1, 400)
    assert judge_text(synthid(), marked).decision == "marked"
    assert judge_text(synthid(), tiny_models.random_words(400, 1)).decision == "not-marked"
    assert judge_text(synthid(), "word1 word2 word3").decision == "abstain"
    assert np.isnan(synthid().score(["word1 word2"])[0])
