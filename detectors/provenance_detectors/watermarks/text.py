"""SynthID Text and the green lists of Kirchenbauer et al., found with the key of whoever generated the text.

SynthID Text: Dathathri et al., "Scalable watermarking for identifying large language model outputs", Nature 634 (2024);
the mean of the g-values of a text without watermark is 1/2, so that its deviation is a standard score. Green lists:
Kirchenbauer et al., "A watermark for large language models", ICML 2023, equation 3.

A key and a tokenizer are needed: the watermark is in tokens. Nobody can look for a watermark whose key is secret.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ..card import Interval, ModelCard, OperatingPoint, Question
from ..detector import CardBased, Scores
from ..hub.added import libraries

# One text in ten thousand without the watermark scores above this (a normal distribution's tail).
DEFAULT_Z: Final = 3.719


class _TextWatermark(CardBased):
    """What both families share: tokens in, a standard score out."""

    def __init__(self, name: str, tokenizer: Any, summary: str, min_words: int) -> None:
        self._tokenizer = tokenizer
        self.card = _card(name, summary, min_words)

    def score(self, batch: Sequence[str]) -> Scores:
        """Standard scores of shape (n,): about 0 without the watermark; not a number for too few tokens."""
        return np.array([self.standard_score(self._tokens(text)) for text in batch], np.float64)

    def standard_score(self, tokens: Sequence[int]) -> float:
        """By how many standard deviations these tokens are marked."""
        raise NotImplementedError

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


class SynthIDText(_TextWatermark):
    """SynthID Text with the keys, and the length of the window, that the generator was configured with."""

    def __init__(
        self,
        tokenizer: Any,
        keys: Sequence[int],
        *,
        ngram_len: int = 5,
        name: str = "synthid-text",
        min_words: int = 50,
    ) -> None:
        transformers, self._torch = libraries()
        super().__init__(name, tokenizer, "SynthID Text, with the keys of one generator.", min_words)
        self._ngram_len, self._depth = ngram_len, len(keys)
        self._processor = transformers.SynthIDTextWatermarkLogitsProcessor(
            ngram_len=ngram_len, keys=list(keys), sampling_table_size=2**16, sampling_table_seed=0,
            context_history_size=1024, device="cpu",
        )  # fmt: skip

    def standard_score(self, tokens: Sequence[int]) -> float:
        """Deviation of the mean g-value over all layers; a context that was seen before counts once."""
        if len(tokens) < self._ngram_len + 1:
            return float("nan")
        ids = self._torch.tensor([list(tokens)])
        values = self._processor.compute_g_values(ids)[0].numpy().astype(np.float64)
        fresh = self._processor.compute_context_repetition_mask(ids)[0].numpy().astype(bool)
        counted = values[fresh]
        if counted.size == 0:
            return float("nan")
        return float((counted.mean() - 0.5) / (0.5 / np.sqrt(counted.size)))


class GreenLists(_TextWatermark):
    """The family of Kirchenbauer et al., as transformers configures it (`WatermarkingConfig`)."""

    def __init__(
        self,
        tokenizer: Any,
        model_config: Any,
        settings: Mapping[str, Any],
        *,
        name: str = "green-lists",
        min_words: int = 50,
    ) -> None:
        transformers, self._torch = libraries()
        super().__init__(name, tokenizer, "Green lists, with the key of one generator.", min_words)
        self._detector = transformers.WatermarkDetector(
            model_config=model_config, device="cpu", watermarking_config=transformers.WatermarkingConfig(**settings),
            ignore_repeated_ngrams=True,
        )  # fmt: skip
        self._window = int(settings.get("context_width", 1))

    def standard_score(self, tokens: Sequence[int]) -> float:
        """The z-score of the share of tokens on the green list."""
        if len(tokens) < self._window + 2:
            return float("nan")
        found = self._detector(self._torch.tensor([list(tokens)]), return_dict=True, z_threshold=DEFAULT_Z)
        return float(np.asarray(found.z_score)[0])


def _card(name: str, summary: str, min_words: int) -> ModelCard:
    tail = Interval(value=0.0001, low=0.0, high=0.001)
    unknown = Interval(value=0.0, low=0.0, high=1.0)
    point = OperatingPoint(
        max_fpr=0.0001, threshold=DEFAULT_Z, chosen_on="the normal distribution's tail",
        measured_on="not measured for this key", fpr=tail, tpr=unknown,
    )  # fmt: skip
    return ModelCard(
        name=name, version="1", question=Question.WATERMARK, modality="text", summary=summary, licence="Apache-2.0",
        min_words=min_words, operating_points=(point,),
        never_shown=("text that was translated or rewritten since",),
    )  # fmt: skip
