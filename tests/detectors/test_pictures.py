"""Pictures of every kind come out upright, in RGB and in one shape, or with the reason why they cannot be judged."""

import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from provenance.cli import main
from provenance.sentences import Message
from provenance_detectors import judge_picture, load_detector
from provenance_detectors.card import Preparation
from provenance_detectors.pictures import Picture, decode, quality_of
from provenance_detectors.views import views_of

from ..sweeps import tries
from .conftest import FIXTURES
from .photographs import photograph, saved

EXIF_ORIENTATION = 0x0112

# What undoes each orientation, so that a picture stored so is seen upright (EXIF 3.0, table 6).
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_give_the_same_pixels_and_the_same_answer(orientation: int) -> None:
    upright = photograph()
    stored = upright if STORED[orientation] is None else upright.transpose(STORED[orientation])
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    turned = decode(saved(stored, exif=exif))
    plain = decode(saved(upright))
    assert isinstance(turned, Picture) and isinstance(plain, Picture)
    assert (turned.width, turned.height) == (640, 480)
    assert np.array_equal(turned.pixels, plain.pixels)
    detector = load_detector("image")
    assert judge_picture(detector, turned).log_odds == judge_picture(detector, plain).log_odds


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1", "I;16", "I", "F", "YCbCr", "HSV", "LAB"])
def test_every_mode_is_brought_to_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(photograph().convert("L"), np.uint16) * 257)
    else:
        image = photograph().convert("RGB" if mode in ("I", "F", "LAB") else mode)
        image = image.convert("L").convert(mode) if mode in ("I", "F") else image
    format_ = {"CMYK": "TIFF", "F": "TIFF", "YCbCr": "TIFF", "HSV": "PNG", "LAB": "PNG", "I": "TIFF"}.get(mode, "PNG")
    data = saved(image.convert("RGB") if mode in ("HSV", "LAB") else image, format_)
    picture = decode(data)
    assert isinstance(picture, Picture), picture
    assert picture.pixels.shape == (480, 640, 3) and picture.pixels.dtype == np.uint8
    assert picture.pixels.std() > 10


def test_sixteen_bits_look_like_eight() -> None:
    grey = np.asarray(photograph().convert("L"))
    deep = decode(saved(Image.fromarray(grey.astype(np.uint16) * 257)))
    assert isinstance(deep, Picture)
    assert np.abs(deep.pixels[..., 0].astype(int) - grey).max() <= 1


def test_what_is_transparent_is_seen_on_white() -> None:
    image = photograph().convert("RGBA")
    image.putalpha(0)
    picture = decode(saved(image))
    assert isinstance(picture, Picture) and picture.pixels.min() == 255


def test_of_an_animation_the_first_frame_is_taken_and_the_others_are_counted() -> None:
    frames = [photograph(seed=seed) for seed in range(3)]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    picture = decode(data)
    assert isinstance(picture, Picture) and picture.frames == 3
    assert np.array_equal(picture.pixels, np.asarray(frames[0]))


@pytest.mark.slow
def test_a_jpeg_of_30000_by_30000_pixels_is_decoded_reduced() -> None:
    data = saved(Image.new("RGB", (30_000, 30_000), "orange"), "JPEG", quality=30)
    picture = decode(data)
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (30_000, 30_000)
    assert picture.scale == pytest.approx(1 / 4) or picture.scale == pytest.approx(1 / 8)


def test_a_png_of_30000_by_30000_pixels_is_refused_before_it_is_decoded() -> None:
    header = saved(Image.new("1", (8, 8)))
    size = (30_000).to_bytes(4, "big")
    import zlib

    chunk = b"IHDR" + size + size + header[24:29]
    data = header[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[33:]
    refused = decode(data)
    assert isinstance(refused, Message) and refused.key == "detector.refused.pixels"


@pytest.mark.parametrize("cut", [0, 1, 20, 200, 5000])
def test_a_truncated_picture_is_an_answer_and_no_exception(cut: int) -> None:
    data = saved(photograph(), "JPEG")[:cut]
    refused = decode(data)
    assert isinstance(refused, Message) and refused.key == "detector.refused.unreadable"


def test_one_pixel_is_refused_with_its_size() -> None:
    refused = decode(saved(Image.new("RGB", (1, 1))))
    assert isinstance(refused, Message) and refused.key == "detector.refused.small"


def test_the_fuzzed_images_do_no_harm(fuzzed: list[bytes]) -> None:
    detector = load_detector("image")
    answers = [judge_picture(detector, data) for data in fuzzed]
    assert len(answers) > 100
    assert all(answer.decision in ("ai", "no-indication", "abstain") for answer in answers)


@pytest.mark.parametrize("quality", [10, 30, 50, 75, 90, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_table(quality: int) -> None:
    picture = decode(saved(photograph(), "JPEG", quality=quality))
    assert isinstance(picture, Picture)
    assert picture.jpeg_quality == pytest.approx(quality, abs=1)
    assert quality_of([1] * 64) >= 98


@pytest.mark.slow
def test_every_format_and_size_is_brought_to_one_shape() -> None:
    preparation = Preparation(short_side=384, crop=320, jpeg_quality=88)
    for size in ((1024, 1024), (4000, 3000), (320, 900), (350, 350), (300, 280)):
        (view,) = views_of(np.asarray(photograph(*size)), ["as-is"], preparation)
        assert view.shape == (320, 320, 3)


def test_the_format_of_a_file_leaves_no_trace_in_what_the_detector_sees() -> None:
    preparation = Preparation(short_side=384, crop=320, jpeg_quality=88)
    image = photograph(1024, 1024)
    seen = []
    for data in (saved(image), saved(image, "WEBP", lossless=True), saved(image, "TIFF")):
        picture = decode(data)
        assert isinstance(picture, Picture)
        seen.append(next(views_of(picture.pixels, ["as-is"], preparation)))
    assert np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2])


@tries(2, 1000)
def test_whatever_a_decoder_raises_the_picture_cannot_be_decoded(tries: int, tmp_path: Path) -> None:
    """Detectors are asked about all that cannot be decoded, and about so many of the others."""
    reported = sorted((FIXTURES / "reported").glob("*"))
    if not reported:
        pytest.skip("the reported pictures are not here: set PROVENANCE_FIXTURES")
    decoded = {path: decode(path.read_bytes()) for path in reported}
    assert all(isinstance(found, Message | Picture) for found in decoded.values())
    refused = [path for path, found in decoded.items() if isinstance(found, Message)]
    assert refused
    for path in [*refused, *sorted(decoded.keys() - set(refused))][: len(refused) + tries]:
        result = CliRunner().invoke(main, ["detectors", "run", str(path), "--heat-map", str(tmp_path / "map.png")])
        assert not isinstance(result.exception, Exception), (path.name, result.exception)
        assert "Traceback" not in result.output, path.name


@pytest.mark.parametrize("error", [RuntimeError, TypeError, KeyError, AttributeError, AssertionError, RecursionError])
def test_no_kind_of_error_of_a_decoder_goes_through(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Image.Image, *_: object) -> None:
        raise error("from the decoder")

    monkeypatch.setattr(PngImageFile, "load", fail)
    found = decode(saved(photograph(64, 64)))
    assert isinstance(found, Message)
    assert found.key == "detector.refused.unreadable"


@pytest.mark.parametrize(
    "inside", [b"\xff" * 300_000, b"\xff\xe0\0\2" + bytes(300_000), b"\xff\xf0" * 150_000], ids=["fill", "junk", "bare"]
)
def test_fill_bytes_without_end_in_a_jpeg_are_not_read_one_by_one(inside: bytes) -> None:
    out = io.BytesIO()
    photograph().save(out, "JPEG")
    assert isinstance(decode(out.getvalue()), Picture)
    found = decode(out.getvalue()[:2] + inside + out.getvalue()[2:])
    assert isinstance(found, Message)
    assert found.key == "detector.refused.unreadable"


def test_sub_blocks_of_one_byte_in_a_gif_are_not_read_one_by_one() -> None:
    out = io.BytesIO()
    photograph().quantize().save(out, "GIF")
    data = out.getvalue()
    assert isinstance(decode(data), Picture)
    found = decode(data[:-1] + b"\x21\xfe" + b"\1a" * 1_000_000 + b"\0" + data[-1:])
    assert isinstance(found, Message)
