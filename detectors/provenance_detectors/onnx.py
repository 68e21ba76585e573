"""Models in ONNX on the CPU, or on CUDA where that runtime is installed. The number of threads is set once."""

import os
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .card import ModelCard
from .errors import WeightsError
from .files import check_files

# One for each process: services run several processes, and small models gain little from more threads.
THREADS_VARIABLE: Final = "PROVENANCE_DETECTOR_THREADS"


@cache
def threads() -> int:
    """The number of threads that models use in this process, from `PROVENANCE_DETECTOR_THREADS`; 1 if left out."""
    value = os.environ.get(THREADS_VARIABLE, "")
    return min(int(value), os.cpu_count() or 1) if value.isdecimal() and int(value) > 0 else 1


@cache
def session(path: Path) -> Any:
    """The model in this file, ready to run; loaded once in each process."""
    onnxruntime = _runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    available = onnxruntime.get_available_providers()
    providers = [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in available]
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # the runtime's errors have no common class
        raise WeightsError(f"{path}: the model cannot be loaded ({error})") from None


def _runtime() -> Any:
    """ONNX Runtime, kept from sending usage data to its maker, which it does unless told before it starts."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for a program that loaded it before
    return onnxruntime


def run_model(folder: Path, card: ModelCard, file: str, **inputs: NDArray[Any]) -> NDArray[np.float64]:
    """The first output of a model that belongs to a card. Raises `WeightsError` where its file is not the card's."""
    check_files(folder, card)
    output = session(folder / file).run(None, inputs)[0]
    return np.asarray(output, np.float64)
