"""DetectZoo's detectors, run by the interpreter of the environment that DetectZoo is installed in.

Nothing of it is imported here: this file is also the program that the other interpreter runs, and needs nothing but
DetectZoo there. It downloads weights on its own where a detector needs them. What a detector takes beside its name
stands after a question mark: `detectzoo:log_rank?model_name=gpt2-medium`.
"""

import json
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from . import Contender

_USAGE: Final = 2


def detectzoo(
    name: str, *, python: str | None = None, modality: str = "image", device: str = "cpu", **limits: Any
) -> "Contender":
    """A detector of DetectZoo as a contender. Raises `ContenderError` where its interpreter is not there."""
    from ..errors import ContenderError
    from .command import Command

    interpreter = python or shutil.which("python3")
    if interpreter is None or shutil.which(interpreter) is None:
        raise ContenderError("detectzoo: name the interpreter of its environment with --python")
    plain, _, more = name.partition("?")
    settings = json.dumps({**dict(parse_qsl(more)), "device": device})
    command = shlex.join([interpreter, str(Path(__file__)), plain, settings])
    contender = Command(command, modality=modality, **limits)
    contender.name = f"detectzoo-{plain}"
    return contender


def main(arguments: list[str]) -> int:
    """Reads paths, prints a line of JSON for each: its score, larger for AI."""
    if sys.path and sys.path[0] == str(Path(__file__).parent):
        sys.path.pop(0)  # the other interpreter shall not find modules of this package under their bare names
    if len(arguments) != 2:
        sys.stderr.write("usage: detectzoo_predictions.py NAME SETTINGS < list of paths\n")
        return _USAGE
    from detectzoo import load_detector

    detector = load_detector(arguments[0], **json.loads(arguments[1]))
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        prediction = detector.predict(path.read_text("utf-8") if path.suffix == ".txt" else str(path))
        print(json.dumps(_record(path, prediction)), flush=True)
    return 0


def _record(path: Path, prediction: Any) -> Mapping[str, Any]:
    decision = {"ai": "ai", "human": "not-ai", "real": "not-ai"}.get(prediction.label, "")
    return {"path": str(path), "score": float(prediction.score), "decision": decision}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
