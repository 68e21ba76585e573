"""Zero-shot detection of generated text by how likely a causal language model finds it.

`fast-detect-gpt` (Bao et al., ICLR 2024): the text's log-likelihood against what the model would sample.
`log-rank` (Gehrmann et al., GLTR, 2019; Mitchell et al. 2023): the mean logarithm of each token's rank.
`binoculars` (Hans et al., ICML 2024): perplexity against the cross-perplexity of two models with one vocabulary; the
second is the folder `performer` beside the first, which by default plays both parts.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..card import ModelCard
from ..detector import CardBased, Scores
from ..errors import DetectorError
from .added import libraries

METHODS: Final = ("fast-detect-gpt", "log-rank", "binoculars")

_MAX_TOKENS: Final = 1024


class ZeroShot(CardBased):
    """A score that is larger for text that a model would have written itself. Not calibrated: its threshold is."""

    def __init__(self, card: ModelCard, folder: Path) -> None:
        self.card = card
        self._method = str(card.options.get("method") or METHODS[0])
        if self._method not in METHODS:
            raise DetectorError(f"{self._method}: there is no such method; there are {', '.join(METHODS)}")
        transformers, self._torch = libraries()
        how = {"local_files_only": True, "trust_remote_code": False}
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        load = transformers.AutoModelForCausalLM.from_pretrained
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **how)
        self._model = load(folder, use_safetensors=True, **how).to(self._device).eval()
        performer = folder / "performer"
        self._performer = (
            load(performer, use_safetensors=True, **how).to(self._device).eval() if performer.is_dir() else self._model
        )

    def score(self, batch: Sequence[str]) -> Scores:
        """One value for each text; not a number where it has fewer than two tokens."""
        return np.array([self._score(text) for text in batch], np.float64)

    def _score(self, text: str) -> float:
        torch = self._torch
        longest = min(_MAX_TOKENS, int(getattr(self._model.config, "max_position_embeddings", _MAX_TOKENS)))
        ids = self._tokenizer(text, return_tensors="pt", truncation=True, max_length=longest)["input_ids"]
        ids = ids.to(self._device)
        if ids.shape[1] < 2:
            return float("nan")
        with torch.inference_mode():
            logits = self._model(ids).logits[0, :-1].float()
            other = logits if self._performer is self._model else self._performer(ids).logits[0, :-1].float()
        targets = ids[0, 1:]
        return float({"fast-detect-gpt": _curvature, "log-rank": _log_rank, "binoculars": _binoculars}[self._method](
            torch, logits, other, targets
        ))  # fmt: skip


def _curvature(torch: Any, logits: Any, other: Any, targets: Any) -> Any:  # noqa: ARG001 - one shape for all three
    """Equation 3 of Fast-DetectGPT with one model for scoring and sampling."""
    chances = logits.log_softmax(-1)
    likely = chances.gather(1, targets[:, None])[:, 0]
    mean = (chances.exp() * chances).sum(-1)
    variance = (chances.exp() * chances.square()).sum(-1) - mean.square()
    return (likely.sum() - mean.sum()) / variance.sum().clamp_min(1e-6).sqrt()


def _log_rank(torch: Any, logits: Any, other: Any, targets: Any) -> Any:  # noqa: ARG001
    own = logits.gather(1, targets[:, None])
    return -torch.log((logits > own).sum(-1).float() + 1).mean()


def _binoculars(torch: Any, logits: Any, other: Any, targets: Any) -> Any:
    """Section 3 of Binoculars, with the sign turned: larger means more likely generated."""
    perplexity = torch.nn.functional.cross_entropy(other, targets)
    crossed = -(logits.softmax(-1) * other.log_softmax(-1)).sum(-1).mean()
    return -perplexity / crossed.clamp_min(1e-6)
