"""The texts of the text detector: JSON lines with the fields that `data/texts.csv` describes, found by their hashes."""

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provenance.files import sha256_of

# Collections with human and AI texts on the same topics, and what a text of any other counts beside theirs. Found by
# leaving domains of the first out: more of the others makes unseen domains of these worse.
CORE: Final = ("l2r-en", "iu-en-fr-de-es")
OTHERS: Final = 0.03

# Texts of AI that were edited, and texts by people that AI edited: by their source and what the files say was done.
# They train nothing.
EDITED: Final[dict[tuple[str, str], str]] = {
    ("outfox", "dipper-paraphrased"): "paraphrased AI text: OUTFOX, DIPPER",
    ("detectrl", "paraphrase-dipper"): "paraphrased AI text: DetectRL, DIPPER",
    ("detectrl", "paraphrase-back-translation"): "paraphrased AI text: DetectRL, back-translation",
    ("detectrl", "paraphrase-polish"): "polished AI text: DetectRL",
    ("outfox", "outfox-attack-prompt"): "AI text that was told to evade: OUTFOX",
    ("raidar", "rewritten-from-human"): "human text rewritten by AI: RAIDAR",
    ("hppt", "polished"): "human text polished by AI: HPPT",
    ("liang-detector-bias", "polished"): "human text polished by AI: Liang et al., TOEFL essays",
    ("liang-detector-bias", "simplified"): "human text simplified by AI: Liang et al., Hewlett essays",
    ("hc3plus-si", "ai-rewritten"): "summaries, translations, paraphrases by AI: HC3 Plus",
}

MANIFEST: Final = Path(__file__).parent / "data" / "texts.csv"


@dataclass(frozen=True)
class Item:
    """One text. `group` holds what must not lie on two sides of a split: one topic, one prompt, or one text."""

    text: str
    ai: bool
    language: str
    domain: str
    generator: str
    source: str
    group: str
    use: str
    edited: str = ""

    @property
    def split(self) -> str:
        """`train`, `calibration` or `test`, from the group's hash."""
        share = int(hashlib.sha256(f"provenance texts-v1 {self.group}".encode()).hexdigest()[:8], 16) / 2**32
        return "test" if share < 0.2 else "calibration" if share < 0.35 else "train"


def load(folders: list[Path]) -> list[Item]:
    """All texts of the manifest whose files are in these folders. Texts that occur twice are taken once."""
    found = {path.name: path for folder in folders for path in folder.glob("*.jsonl")}
    items, seen = [], set()
    with MANIFEST.open(newline="") as file:
        for row in csv.DictReader(file):
            path = found.get(row["file"])
            if path is None:
                print(f"missing: {row['file']}")
                continue
            if sha256_of(path) != row["sha256"]:
                raise SystemExit(f"{path}: is not the file that the manifest names")
            for line in path.read_text("utf-8").rstrip("\n").split("\n"):
                item = _item(json.loads(line), row)
                digest = hashlib.sha256(item.text.encode()).digest()
                if digest not in seen:
                    seen.add(digest)
                    items.append(item)
    return items


def weights(items: list[Item]) -> list[float]:
    """Both classes count the same; a text of the two curated collections counts more than one of the others."""
    raw = [1.0 if item.source in CORE else OTHERS for item in items]
    totals = {
        value: sum(weight for weight, item in zip(raw, items, strict=True) if item.ai is value)
        for value in (True, False)
    }
    return [weight / totals[item.ai] * len(items) / 2 for weight, item in zip(raw, items, strict=True)]


def _item(record: dict[str, str], row: dict[str, str]) -> Item:
    # One source writes the model's name and more after a colon.
    generator = record.get("generator", "").partition(":")[0]
    # An edited text lies on the side of the text that it was made from.
    source = row["file"].removesuffix(".jsonl").removesuffix("-edited")
    group = f"{source}/{record.get('pair') or record['id']}"
    return Item(
        record["text"].strip(), record["label"] == "ai", record["language"], record["domain"], generator, source, group,
        row["use"], record.get("edited", ""),
    )  # fmt: skip
