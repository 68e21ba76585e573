"""What the networks see in each picture of the manifest, for training and comparison.

    python detectors/training/picture_features.py FOLDER --out features.npz

FOLDER is what `picture_data.py` wrote. The networks are the shipped ones, cut before their head.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from image_data import PREPARATION
from picture_data import MANIFEST
from provenance_detectors.image import MODELS
from provenance_detectors.pictures import Picture, decode
from provenance_detectors.scope import flat_share, reasons_not_to_score
from provenance_detectors.views import AS_IS, views_of

PACKAGE: Final = Path(__file__).parents[1] / "provenance_detectors" / "image"

# Each picture is shown as it is and changed in one of these ways, by its hash: more ways at the cost of one.
CHANGES: Final = ("jpeg-70", "scale-0.8", "webp-75", "jpeg-50", "scale-0.6", "mirror")


def without_head(path: Path) -> onnx.ModelProto:
    """A shipped network that ends in its features."""
    model = onnx.load(path)
    kept = [node for node in model.graph.node if not node.output[0].startswith(("head.", "log_odds"))]
    weights = [each for each in model.graph.initializer if not each.name.startswith("head.")]
    for field, values in ((model.graph.node, kept), (model.graph.initializer, weights)):
        del field[:]
        field.extend(values)
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, None))
    return model


@cache
def _session(name: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(without_head(PACKAGE / name).SerializeToString(), options)


def seen(picture: Picture, sha256: str) -> NDArray[np.float32]:
    """The features of a picture as it is and changed, of shape (2, m)."""
    change = CHANGES[int(sha256[:4], 16) % len(CHANGES)]
    views = np.stack(list(views_of(picture.pixels, (AS_IS, change), PREPARATION)))
    return np.concatenate([_session(name).run(None, {"pixels": views})[0] for name in MODELS], axis=1)


def described(folder: Path, sha256: str) -> dict[str, Any] | None:
    """All that is used of one picture; none where the detector would not score it."""
    picture = decode((folder / sha256).read_bytes())
    if not isinstance(picture, Picture) or reasons_not_to_score(picture, PREPARATION):
        return None
    return {
        "sha256": sha256, "features": seen(picture, sha256), "flat": flat_share(picture.pixels),
        "quality": picture.jpeg_quality or 100,
    }  # fmt: skip


def in_turn(rows: list[dict[str, str]], most: int) -> list[str]:
    """The hashes of the pictures, one of each source in turn, up to so many of each."""
    sources = defaultdict(list)
    for row in rows:
        sources[row["source"]].append(row["sha256"])
    return [names[place] for place in range(most) for names in sources.values() if place < len(names)]


def _all(folder: Path, names: list[str]) -> Iterator[dict[str, Any]]:
    with ProcessPoolExecutor() as pool:
        for count, found in enumerate(pool.map(partial(described, folder), names, chunksize=8), 1):
            if count % 100 == 0:
                print(f"{count} of {len(names)}", file=sys.stderr, flush=True)
            if found is not None:
                yield found


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--most", default=300, show_default=True, help="Pictures of one source.")
def main(folder: Path, out: Path, most: int) -> None:
    """Describe the pictures of the manifest that lie in FOLDER."""
    with MANIFEST.open(newline="") as file:
        # The final sources are judged by the finished detector, and train nothing.
        rows = [row for row in csv.DictReader(file) if row["split"] != "final" and (folder / row["sha256"]).is_file()]
    found = list(_all(folder, in_turn(rows, most)))
    np.savez(out, **{key: np.stack([each[key] for each in found]) for key in found[0]})
    print(f"{len(found)} of {len(rows)} pictures described", file=sys.stderr)


if __name__ == "__main__":
    main()
