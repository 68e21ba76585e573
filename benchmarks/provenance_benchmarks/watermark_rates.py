"""How many marked texts the watermark detectors find, by length, and how many unmarked ones they call marked.

    make bench-watermarks FILES="FOLDER ..."

FOLDERs hold JSON lines with the fields `text` and `label` (`human` or `ai`). A tokenizer and a tiny causal model are
made from the texts by people on the spot. The model writes with each watermark and without; what it wrote is scored as
text, so that other cuts between tokens count too. Texts by people, and those that the model wrote without a watermark,
are each scored with a key of their own: no figure hangs on the luck of one key.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from rich.progress import track
from tokenizers import ByteLevelBPETokenizer, Tokenizer

from provenance_detectors.hub.added import libraries
from provenance_detectors.watermarks.text import DEFAULT_Z, GreenLists, SynthIDText

from .measurement import machine

transformers, torch = libraries()

LENGTHS: Final = (25, 50, 100, 200, 400)

# The lower the temperature, the less choice is left for a watermark to hide in.
TEMPERATURES: Final = (0.5, 0.25)

# As in the papers: depth and window of SynthID Text; share and bias of the green lists.
_LAYERS, _NGRAM = 20, 5
_GREEN: Final = {"greenlist_ratio": 0.25, "bias": 2.0, "context_width": 1}

_VOCABULARY: Final = 1024
_WINDOW, _BATCH, _STEPS = 128, 16, 150

Detector = SynthIDText | GreenLists


@dataclass(frozen=True)
class Writer:
    """A tiny causal model and its tokenizer."""

    model: Any
    tokenizer: Any

    @classmethod
    def made_from(cls, texts: Sequence[str], *, steps: int = _STEPS, seed: int = 1) -> "Writer":
        """A writer that has seen these texts for as long as a benchmark can wait."""
        pairs = ByteLevelBPETokenizer()
        pairs.train_from_iterator(texts, vocab_size=_VOCABULARY, special_tokens=["<end>"], show_progress=False)
        tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_str(pairs.to_str()), pad_token="<end>", eos_token="<end>", unk_token="<end>"
        )
        torch.manual_seed(seed)
        config = transformers.GPT2Config(
            vocab_size=len(tokenizer), n_layer=2, n_head=4, n_embd=128, n_positions=max(LENGTHS) + 1, eos_token_id=0,
            bos_token_id=0, pad_token_id=0,
        )  # fmt: skip
        model: Any = transformers.GPT2LMHeadModel(config)
        tokens = torch.tensor([token for text in texts for token in (*tokenizer(text)["input_ids"], 0)])
        optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in track(range(steps), "a model"):
            starts = torch.randint(0, len(tokens) - _WINDOW, (_BATCH,)).tolist()
            batch = torch.stack([tokens[start : start + _WINDOW] for start in starts])
            optimiser.zero_grad()
            model(input_ids=batch, labels=batch).loss.backward()
            optimiser.step()
        return cls(model.eval(), tokenizer)

    def tokens(self, count: int, *, temperature: float, config: object = None, seed: int = 7) -> Any:
        """Tokens of shape (count, longest length), drawn from the whole vocabulary."""
        torch.manual_seed(seed)
        first = torch.randint(1, self.model.config.vocab_size, (count, 1))
        options = {} if config is None else {"watermarking_config": config}
        longest = max(LENGTHS)
        with torch.inference_mode():
            written = self.model.generate(
                first, attention_mask=torch.ones_like(first), do_sample=True, top_k=0, temperature=temperature,
                max_new_tokens=longest, min_new_tokens=longest, **options,
            )  # fmt: skip
        return written[:, 1:]

    def entropy(self, tokens: Any, temperature: float) -> float:
        """How much choice there was, in bits a token."""
        with torch.inference_mode():
            chances = torch.log_softmax(self.model(tokens).logits / temperature, dim=-1)
        return float(-(chances.exp() * chances).sum(dim=-1).mean() / np.log(2))

    def beginnings(self, tokens: Sequence[Sequence[int]], length: int) -> list[str]:
        """The first tokens of each that is long enough, as text."""
        return [
            str(self.tokenizer.decode(text_tokens[:length])) for text_tokens in tokens if len(text_tokens) >= length
        ]


@dataclass(frozen=True)
class WatermarkKind:
    """A watermark: how a model is told to write it, and what finds it, with the key of a number."""

    name: str
    settings: Callable[[int], object]
    detector: Callable[[Writer, int], Detector]


def _keys(number: int) -> list[int]:
    return [int(key) for key in np.random.default_rng(number).integers(1, 2**16, _LAYERS)]


def _green(number: int) -> dict[str, Any]:
    return {**_GREEN, "hashing_key": 15485863 + number}


KINDS: Final = (
    WatermarkKind(
        "SynthID Text",
        lambda key: transformers.SynthIDTextWatermarkingConfig(keys=_keys(key), ngram_len=_NGRAM),
        lambda writer, key: SynthIDText(writer.tokenizer, _keys(key), ngram_len=_NGRAM),
    ),
    WatermarkKind(
        "green lists",
        lambda key: transformers.WatermarkingConfig(**_green(key)),
        lambda writer, key: GreenLists(writer.tokenizer, writer.model.config, _green(key)),
    ),
)


@dataclass
class WatermarkRates:
    """How many texts were called marked, of how many, by what they are and by length."""

    called: dict[tuple[str, str, int], tuple[int, int]] = field(default_factory=dict)
    entropies: dict[float, float] = field(default_factory=dict)

    def add(self, kind: str, source: str, length: int, scores: Sequence[float]) -> None:
        """The scores of some texts; not a number is not called marked."""
        self.called[kind, source, length] = (sum(score > DEFAULT_Z for score in scores), len(scores))


def measured(people: Sequence[str], *, texts: int, steps: int = _STEPS) -> WatermarkRates:
    """The rates of both detectors; `texts` of each kind are written at each temperature."""
    writer, rates = Writer.made_from(people, steps=steps), WatermarkRates()
    by_people = [writer.tokenizer(text)["input_ids"] for text in people]
    unmarked = []
    for temperature in TEMPERATURES:
        plain = writer.tokens(texts, temperature=temperature)
        rates.entropies[temperature] = writer.entropy(plain, temperature)
        unmarked += plain.tolist()
    for kind in KINDS:
        finder = kind.detector(writer, 0)
        for temperature in track(TEMPERATURES, kind.name):
            marked = writer.tokens(texts, temperature=temperature, config=kind.settings(0)).tolist()
            for length in LENGTHS:
                scores = finder.score(writer.beginnings(marked, length))
                rates.add(kind.name, _marked(temperature), length, list(scores))
        for source, tokens in ((_UNMARKED, unmarked), (_PEOPLE, by_people)):
            scored: dict[int, list[float]] = {length: [] for length in LENGTHS}
            for number, text_tokens in enumerate(track(tokens, f"{kind.name}, {source}"), 1):
                numbered_detector = kind.detector(writer, number)
                for length in LENGTHS:
                    scored[length] += list(numbered_detector.score(writer.beginnings([text_tokens], length)))
            for length, length_scores in scored.items():
                rates.add(kind.name, source, length, length_scores)
    return rates


_UNMARKED: Final = "the model's texts without it"
_PEOPLE: Final = "texts by people"


def _marked(temperature: float) -> str:
    return f"marked, temperature {temperature:g}"


def people_of(folders: Sequence[Path], most: int) -> list[str]:
    """Texts by people in the JSON lines of these folders, evenly from all of them."""
    records = [
        json.loads(line)
        for folder in folders
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").rstrip("\n").split("\n")
    ]
    texts = [str(record["text"]) for record in records if record["label"] == "human"]
    return [texts[at] for at in np.linspace(0, len(texts) - 1, min(most, len(texts))).astype(int)]


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--texts", default=100, show_default=True, help="Texts of each kind, at each temperature.")
@click.option("--most", default=1000, show_default=True, help="Texts by people.")
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def main(folders: tuple[Path, ...], texts: int, most: int, write: Path | None) -> None:
    """Measure both watermark detectors."""
    torch.set_num_threads(1)  # a model this small loses more by waiting for threads than they give
    started = time.perf_counter()
    people = people_of(folders, most)
    rates = measured(people, texts=texts)
    page = page_of(rates, len(people), time.perf_counter() - started)
    print(page)
    if write is not None:
        (write / f"watermark-rates-{datetime.now(UTC):%Y-%m-%d}.md").write_text(page, "utf-8")


def page_of(rates: WatermarkRates, people: int, seconds: float) -> str:
    """The rates as a page of Markdown."""
    choice = " and ".join(
        f"{bits:.1f} bits a token at temperature {temperature:g}" for temperature, bits in rates.entropies.items()
    )
    columns = [*(_marked(temperature) for temperature in TEMPERATURES), _UNMARKED, _PEOPLE]
    lines = [
        "# Text watermarks: found and falsely found, by length", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, {seconds:.0f} s.", "",
        '`make bench-watermarks FILES="FOLDER ..."`', "",
        f"Called marked, of how many: a standard score above {DEFAULT_Z}, which one unmarked text in ten thousand "
        "should reach. The texts are the first tokens of longer ones, scored as text. Each unmarked text is scored "
        "with a key of its own.", "",
        f"The writer is a model of {_VOCABULARY} tokens, made from {people} texts by people in {_STEPS} steps. Its "
        f"choice was {choice}. The less choice, the weaker the mark: a model that is surer of its next word than this "
        "one needs longer texts for the same rate.", "",
        f"SynthID Text: {_LAYERS} keys, windows of {_NGRAM}. Green lists: a quarter of the tokens, bias "
        f"{_GREEN['bias']:g}, windows of 1.", "",
    ]  # fmt: skip
    for kind in KINDS:
        lines += [
            f"## {kind.name}", "", f"| tokens | {' | '.join(columns)} |",
            f"| ---: | {' | '.join('---:' for _ in columns)} |",
        ]  # fmt: skip
        for length in LENGTHS:
            cells = ["{} of {}".format(*rates.called[kind.name, column, length]) for column in columns]
            lines.append(f"| {length} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
