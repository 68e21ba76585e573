"""A small suite of texts and pictures that the tests make themselves, and contenders that behave badly."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from provenance_benchmarks.suite import Suite, SuiteCard, SuiteItem, write_manifest

CARD = """
name = "{name}"
summary = "Made by a test."
modalities = ["{modality}"]
tasks = {tasks}
measures = "Nothing."
how_made = "By a test."
licence = "Apache-2.0"
matched = {matched}
edits = {edits}
side = 96
resamples = 50
"""


@pytest.fixture
def text_suite(tmp_path: Path) -> Suite:
    """Sixty texts: those of AI hold the word `delve`, and half of the letters of a text say how often."""
    folder = tmp_path / "texts"
    (folder / "files").mkdir(parents=True)
    (folder / "card.toml").write_text(
        CARD.format(
            name="tiny-texts", modality="text", tasks='["detection", "calibration"]', matched="false", edits="[]"
        )
    )
    items = []
    for number in range(60):
        made = number % 2 == 0
        text = f"Number {number}. " + ("We delve into it. " * (1 + number % 5) if made else "We look at it. " * 3)
        items.append(_written(folder, f"{number:03d}.txt", text.strip().encode(), made, number, "text"))
    write_manifest(folder / "manifest.csv", items)
    return Suite.load(folder)


@pytest.fixture
def picture_suite(tmp_path: Path) -> Suite:
    """Sixty-four pictures: smooth ones by AI, and noise; every third is a WebP."""
    folder = tmp_path / "pictures"
    (folder / "files").mkdir(parents=True)
    (folder / "card.toml").write_text(
        CARD.format(
            name="tiny-pictures", modality="image", matched="true", edits='["jpeg-50", "half-size"]',
            tasks='["detection", "robustness", "stability", "unseen"]',
        )
    )  # fmt: skip
    draws = np.random.default_rng(7)
    items = []
    for number in range(64):
        made = number % 2 == 0
        spread = 3 if made else 40
        pixels = (np.linspace(60, 180, 120)[:, None, None] + draws.normal(0, spread, (120, 140, 3))).clip(0, 255)
        path = tmp_path / "picture"
        Image.fromarray(pixels.astype(np.uint8)).save(path, "WEBP" if number % 3 == 0 else "PNG")
        items.append(_written(folder, f"{number:03d}.img", path.read_bytes(), made, number, "image"))
    write_manifest(folder / "manifest.csv", items)
    return Suite.load(folder)


def _written(folder: Path, name: str, content: bytes, made: bool, number: int, modality: str) -> SuiteItem:
    (folder / "files" / name).write_bytes(content)
    split = ("test", "test", "calibration", "train")[number // 2 % 4]
    return SuiteItem(
        id=name, label="ai" if made else "not-ai", modality=modality, split=split, bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(), generator=f"generator-{number // 8 % 2}" if made else "",
        pair=str(number), licence="Apache-2.0", url=f"http://127.0.0.1/owner/name/{name}", fold=number % 3,
    )  # fmt: skip


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """A contender `cmd:...` from the body of a function `score(text)`; each call is written into `calls.txt`."""

    def make(body: str) -> str:
        path = tmp_path / f"contender{hashlib.sha256(body.encode()).hexdigest()[:8]}.py"
        path.write_text(
            "import sys, os, time, math\n"
            f"calls = open({str(tmp_path / 'calls.txt')!r}, 'a')\n"
            "def score(text):\n    " + body.replace("\n", "\n    ") + "\n"
            "for line in sys.stdin:\n"
            "    path = line.rstrip('\\n')\n"
            "    text = open(path, 'rb').read().decode('latin-1')\n"
            "    calls.write(path.rpartition('/')[2] + '\\n'); calls.flush()\n"
            "    value = score(text)\n"
            "    if value is not None:\n"
            "        print(f'{path}\\t{value}', flush=True)\n"
        )
        return f"cmd:{sys.executable} {path}"

    return make


def card(**changes: object) -> SuiteCard:
    """The card of a suite that a test makes in memory."""
    known = {
        "name": "made", "summary": "s", "modalities": ("text",), "tasks": ("detection",), "measures": "m",
        "how_made": "h", "licence": "l", "matched": False, "resamples": 50,
    }  # fmt: skip
    return SuiteCard.model_validate({**known, **changes})
