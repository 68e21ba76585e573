"""A picture that looks like a photograph to a detector."""

import io

import numpy as np
from PIL import Image


def photograph(width: int = 640, height: int = 480, seed: int = 0) -> Image.Image:
    """Something with edges, gradients and noise at every scale; not flat, so that it is judged."""
    draws = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3))
    for cells in (3, 9, 40, 160):
        coarse = draws.normal(0, 60 / cells**0.3, (cells, cells, 3))
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel].astype(np.float32)).resize(
                (width, height), Image.Resampling.BICUBIC
            )
            pixels[..., channel] += np.asarray(layer)
    pixels += draws.normal(0, 4, pixels.shape)
    return Image.fromarray(np.clip(pixels + 128, 0, 255).astype(np.uint8))


def saved(image: Image.Image, format_: str = "PNG", **how: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **how)
    return buffer.getvalue()
