"""Video by frames and sound by classifiers, with real files made here by ffmpeg."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from provenance.asset import open_asset
from provenance_detectors import Answer, CardBased, ModelCard
from provenance_detectors.answers import answers_about

from .cards import card, words

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


class Redness(CardBased):
    """More red than blue."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card

    def score(self, batch: Sequence[object]) -> np.ndarray:
        return np.array([(each.pixels[..., 0].mean() - each.pixels[..., 2].mean()) / 8 for each in batch])


class Loudness(CardBased):
    def __init__(self, card: ModelCard) -> None:
        self.card, self.heard = card, 0

    def score(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        self.heard = len(batch[0])
        return np.array([float(np.abs(each).mean()) * 20 - 1 for each in batch])


def video(path: Path, *parts: tuple[str, int]) -> Path:
    """Noise over plain colours, some seconds each."""
    inputs, graph = [], ""
    for number, (colour, seconds) in enumerate(parts):
        inputs += ["-f", "lavfi", "-i", f"color={colour}:size=400x360:rate=8:duration={seconds}"]
        graph += f"[{number}]noise=alls=30:allf=t[n{number}];"
    graph += "".join(f"[n{number}]" for number in range(len(parts))) + f"concat=n={len(parts)}[out]"
    run = [
        "ffmpeg",
        "-v",
        "error",
        *inputs,
        "-filter_complex",
        graph,
        "-map",
        "[out]",
        "-pix_fmt",
        "yuv420p",
        str(path),
    ]
    subprocess.run(run, check=True)
    return path


def asked(path: Path, detector: CardBased) -> Answer:
    with open_asset(path) as asset:
        (answer,) = answers_about(asset, [detector])
    return answer


def test_a_video_is_judged_by_frames_from_all_of_it_and_the_deciding_ones_are_named(tmp_path: Path) -> None:
    answer = asked(video(tmp_path / "v.mp4", ("red", 4)), Redness(card()))
    assert answer.decision == "ai"
    assert answer.details["frames"] >= 14 and len(answer.details["deciding_frames"]) == answer.details["frames"]
    assert answer.views[0].view == "frame-1" and answer.probability is None


def test_a_video_of_two_halves_gets_no_decision(tmp_path: Path) -> None:
    answer = asked(video(tmp_path / "v.mp4", ("red", 2), ("blue", 2)), Redness(card()))
    assert answer.decision == "abstain" and answer.reasons[0].key == "detector.abstain.frames"


def test_a_damaged_video_is_an_abstention(tmp_path: Path) -> None:
    path = video(tmp_path / "v.mp4", ("red", 1))
    path.write_bytes(path.read_bytes()[:600])
    assert asked(path, Redness(card())).reasons[0].key == "detector.refused.unreadable"


def test_sound_reaches_the_classifier_at_its_rate_and_only_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=40:sample_rate=44100", "-filter:a", "volume=8"]
    subprocess.run(["ffmpeg", "-v", "error", *tone, str(path)], check=True)
    detector = Loudness(words().model_copy(update={"modality": "audio"}))
    answer = asked(path, detector)
    assert answer.decision == "ai" and detector.heard == 30 * 16_000
    path.write_bytes(path.read_bytes()[:200])
    assert asked(path, detector).decision == "abstain"
