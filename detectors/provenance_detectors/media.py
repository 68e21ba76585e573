"""Video by sampled frames through an image detector, and recordings through an audio classifier."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.asset import OpenAsset
from provenance.sentences import say

from . import limits
from .answer import Answer, Decision, ViewScore
from .card import DEFAULT_MAX_FPR
from .detector import Detector
from .errors import DetectorError
from .judgement import abstention, decided, judge_picture
from .pictures import Picture, decode

# ffmpeg decodes what strangers send: it gets a time limit, no network, and one thread.
_DECODE_TIME: Final = 60

# Share of judged frames that must agree before a video is called anything.
_AGREEMENT: Final = 0.75

_RATE: Final = 16_000
_MAX_AUDIO_SECONDS: Final = 30


def judge_video(detector: Detector, asset: OpenAsset, *, max_fpr: float = DEFAULT_MAX_FPR) -> Answer:
    """What an image detector says of frames taken evenly from a video; the frames that decided are named.

    Raises `DetectorError` where ffmpeg is not installed.
    """
    started = time.perf_counter()
    frames = _frames(asset)
    if not frames:
        return abstention(detector.card, (say("detector.refused.unreadable"),), started)
    answers = [judge_picture(detector, frame, max_fpr=max_fpr) for frame in frames]
    judged = [answer for answer in answers if answer.decision is not Decision.ABSTAIN]
    decisions = [answer.decision for answer in judged]
    common = max(set(decisions), key=decisions.count) if decisions else Decision.ABSTAIN
    agreeing = decisions.count(common)
    if not judged or agreeing < _AGREEMENT * len(frames):
        reason = say("detector.abstain.frames", judged=len(judged), frames=len(frames))
        return abstention(detector.card, (reason,), started)
    deciding = [at for at, answer in enumerate(answers) if answer.decision is common]
    scores = tuple(ViewScore(view=f"frame-{at + 1}", log_odds=answers[at].log_odds or 0.0) for at in deciding)
    first = answers[deciding[0]]
    return first.model_copy(
        update={
            "log_odds": float(np.mean([each.log_odds for each in scores])),
            "probability": None,  # calibrated for single pictures
            "calibration_set": None,
            "views": scores,
            "seconds": time.perf_counter() - started,
            "details": {"frames": len(frames), "deciding_frames": [at + 1 for at in deciding]},
        }
    )


def judge_recording(detector: Detector, asset: OpenAsset, *, max_fpr: float = DEFAULT_MAX_FPR) -> Answer:
    """What an audio classifier says of the beginning of a recording. Raises `DetectorError` without ffmpeg."""
    started = time.perf_counter()
    rate = int(getattr(detector, "sampling_rate", _RATE))
    samples = _samples(asset, rate)
    if samples.size < rate:
        return abstention(detector.card, (say("detector.refused.unreadable"),), started)
    return decided(detector.card, ("as-is",), detector.score([samples]), max_fpr=max_fpr, started=started)


def _frames(asset: OpenAsset) -> list[Picture]:
    """Up to `MAX_FRAMES` frames, evenly over the length."""
    with tempfile.TemporaryDirectory() as folder:
        source = _saved(asset, Path(folder))
        length = _length(source)
        rate = limits.MAX_FRAMES / length if length > 0 else 1.0
        scale = "scale='min(1024,iw)':-2"
        _ffmpeg("-i", str(source), "-vf", f"fps={rate:.6f},{scale}", "-frames:v", str(limits.MAX_FRAMES),
                str(Path(folder) / "%03d.png"))  # fmt: skip
        decoded = [decode(path.read_bytes()) for path in sorted(Path(folder).glob("*.png"))]
        return [Picture(each.pixels, each.width, each.height, "video") for each in decoded if isinstance(each, Picture)]


def _samples(asset: OpenAsset, rate: int) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory() as folder:
        source = _saved(asset, Path(folder))
        out = Path(folder) / "samples.raw"
        _ffmpeg("-i", str(source), "-t", str(_MAX_AUDIO_SECONDS), "-ac", "1", "-ar", str(rate), "-f", "f32le", str(out))
        return np.fromfile(out, "<f4") if out.exists() else np.zeros(0, np.float32)


def _length(source: Path) -> float:
    command = [_program("ffprobe"), "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(source)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DECODE_TIME, check=False)
        return float(done.stdout.strip())
    except (ValueError, subprocess.TimeoutExpired):
        return 0.0


def _ffmpeg(*arguments: str) -> None:
    try:
        subprocess.run(
            [_program("ffmpeg"), "-nostdin", "-v", "error", "-threads", "1", "-protocol_whitelist", "file", *arguments],
            capture_output=True, timeout=_DECODE_TIME, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise DetectorError(f"{name} is needed to read video and sound; it comes with ffmpeg")
    return found


def _saved(asset: OpenAsset, folder: Path) -> Path:
    target = folder / "source"
    asset.stream.seek(0)
    with target.open("wb") as file:
        shutil.copyfileobj(asset.stream, file)
    return target
