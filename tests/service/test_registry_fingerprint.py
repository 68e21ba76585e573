"""Fingerprints of real pictures: what a copy still shares with its original, and what gets none."""

import base64
import io
import pickle
from pathlib import Path

import iscc_lib
import numpy as np
import pytest
from PIL import Image

from provenance.sentences import Message
from provenance_benchmarks.edits import EDITS
from provenance_service.registry.fingerprint import (
    BITS,
    CROPS,
    MAX_BINDING,
    Fingerprint,
    View,
    of_binding,
    to_ask,
    to_register,
)
from provenance_service.registry.index import THRESHOLD

SMALL_SUITE = Path(__file__).parents[2] / "benchmarks" / "suites" / "smoke-v1" / "files"
PICTURES = sorted(SMALL_SUITE.glob("picture-*.jpg"))[:8]


def fingerprint(picture: Path | bytes, *, registering: bool = False) -> Fingerprint:
    found = to_register(picture) if registering else to_ask(picture)
    assert isinstance(found, Fingerprint)
    return found


def file_of(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def distance(one: View, other: View) -> int:
    return (int.from_bytes(one.code) ^ int.from_bytes(other.code)).bit_count()


def nearest(registered: Fingerprint, asked: Fingerprint) -> tuple[int, str, str]:
    return min((distance(one, other), one.name, other.name) for one in registered.views for other in asked.views)


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    with Image.open(PICTURES[0]) as image:
        return image.convert("RGB")


@pytest.mark.parametrize("edit", [name for name in EDITS if name != "screenshot"])
def test_an_edited_copy_is_still_near_one_view_of_its_original(edit: str) -> None:
    for path in PICTURES:
        with Image.open(path) as image:
            copy = EDITS[edit](image.convert("RGB"))
        assert nearest(fingerprint(path, registering=True), fingerprint(copy))[0] <= THRESHOLD


def test_pictures_of_different_things_are_far_apart_in_all_views() -> None:
    registered = [fingerprint(path, registering=True) for path in PICTURES]
    for at, path in enumerate(PICTURES):
        for other in registered[:at] + registered[at + 1 :]:
            assert nearest(other, fingerprint(path))[0] > THRESHOLD + 16


def test_a_mirrored_copy_is_found_by_the_mirrored_view(photograph: Image.Image) -> None:
    mirrored = file_of(photograph.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    bits, registered, asked = nearest(fingerprint(PICTURES[0], registering=True), fingerprint(mirrored))
    assert (registered, asked) == ("mirrored", "whole")
    assert bits < 8


@pytest.mark.parametrize("name", CROPS)
def test_a_cropped_copy_is_found_by_the_view_of_that_crop(name: str, photograph: Image.Image) -> None:
    left, top, right, bottom = CROPS[name]
    width, height = photograph.size
    box = (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
    bits, registered, _ = nearest(
        fingerprint(PICTURES[0], registering=True), fingerprint(file_of(photograph.crop(box)))
    )
    assert bits < THRESHOLD
    assert registered == name


@pytest.mark.parametrize("colour", ["black", "white", "teal"])
def test_bars_above_and_below_are_no_part_of_the_picture(colour: str, photograph: Image.Image) -> None:
    framed = Image.new("RGB", (photograph.width, photograph.height + 120), colour)
    framed.paste(photograph, (0, 60))
    asked = fingerprint(file_of(framed))
    assert "without-bars" in [view.name for view in asked.views]
    assert nearest(fingerprint(PICTURES[0], registering=True), asked)[0] < 16


def test_the_code_of_the_whole_is_the_standards_image_code(photograph: Image.Image) -> None:
    pixels = photograph.convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    found = fingerprint(PICTURES[0])
    assert found.iscc == iscc_lib.gen_image_code_v0(pixels.tobytes(), BITS)["iscc"]
    assert all(len(view.code) * 8 == BITS for view in found.views)
    bordered = Image.new("RGB", (photograph.width + 80, photograph.height + 40), "navy")
    bordered.paste(photograph, (30, 10))
    assert fingerprint(file_of(bordered)).iscc == found.iscc  # the standard trims a border of one colour


def test_the_library_makes_the_codes_of_the_standards_own_examples() -> None:
    assert iscc_lib.conformance_selftest()


def test_a_picture_that_its_file_calls_turned_is_seen_upright(photograph: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = file_of(photograph.transpose(Image.Transpose.ROTATE_90), exif=exif)
    assert fingerprint(lying) == fingerprint(file_of(photograph))


def test_what_is_transparent_is_seen_on_white(photograph: Image.Image) -> None:
    layer = photograph.convert("RGBA")
    layer.putalpha(Image.linear_gradient("L").resize(layer.size))
    white = Image.new("RGBA", layer.size, "white")
    white.alpha_composite(layer)
    assert nearest(fingerprint(file_of(white.convert("RGB"))), fingerprint(file_of(layer)))[0] <= 2


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (400, 300), "grey"),
        Image.linear_gradient("L").resize((400, 300)),
        Image.radial_gradient("L").resize((400, 300)),
        Image.fromarray(np.random.default_rng(1).normal(120, 3, (300, 400)).astype(np.uint8)),
    ],
    ids=["one colour", "an even shading", "a round shading", "noise on one colour"],
)
def test_a_plain_picture_gets_no_fingerprint_and_the_reason_is_said(image: Image.Image) -> None:
    for find in (to_register, to_ask):
        for data in (file_of(image), file_of(image.convert("RGB"), "JPEG", quality=60)):
            reason = find(data)
            assert isinstance(reason, Message)
            assert reason.key == "registry.flat"


def test_a_crop_to_a_plain_part_is_no_view(photograph: Image.Image) -> None:
    canvas = Image.new("RGB", (1000, 1000), "white")
    canvas.paste(photograph.resize((950, 95)), (25, 0))  # all there is lies in what a crop at the top cuts away
    names = {view.name for view in fingerprint(file_of(canvas), registering=True).views}
    assert "whole" in names
    assert "cut-top-10" not in names


@pytest.mark.parametrize(
    "data",
    [b"", b"only words", PICTURES[0].read_bytes()[:300], b"\x89PNG\r\n\x1a\n" + bytes(100), b"GIF89a" + b"\xff" * 60],
    ids=["nothing", "text", "a picture that breaks off", "a damaged PNG", "a damaged GIF"],
)
def test_what_is_no_picture_gets_no_fingerprint(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    for given in (path, data):
        for find in (to_register, to_ask):
            assert isinstance(find(given), Message)


def test_a_file_that_is_not_there_gets_no_fingerprint(tmp_path: Path) -> None:
    assert isinstance(to_ask(tmp_path / "none.jpg"), Message)
    assert isinstance(to_ask(tmp_path), Message)


def test_a_picture_that_would_fill_the_memory_is_not_decoded() -> None:
    bomb = file_of(Image.new("1", (40_000, 40_000)))
    assert len(bomb) < 1_000_000
    reason = to_register(bomb)
    assert isinstance(reason, Message)
    assert reason.key == "detector.refused.pixels"


def test_a_fingerprint_comes_back_whole_from_a_worker_process() -> None:
    found = fingerprint(PICTURES[0], registering=True)
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(AttributeError):
        found.iscc = "ISCC:other"  # type: ignore[misc]


def test_the_value_of_a_soft_binding_leads_to_the_same_code() -> None:
    found = fingerprint(PICTURES[0])
    assert len(found.binding) == 2 + BITS // 8
    for value in (
        found.iscc,
        base64.b64encode(found.binding).decode(),
        base64.urlsafe_b64encode(found.binding).decode(),
    ):
        bound = of_binding(value)
        assert bound is not None
        assert (bound.iscc, bound.binding) == (found.iscc, found.binding)
        assert distance(bound.views[0], found.views[0]) <= 4


def test_the_image_code_is_found_among_the_units_of_a_binding() -> None:
    found = fingerprint(PICTURES[0])
    text = iscc_lib.gen_text_code_v0("some words that go with the picture", BITS)["iscc"].removeprefix("ISCC:")
    units = base64.b32decode(text + "=" * (-len(text) % 8)) + found.binding
    bound = of_binding(base64.b64encode(units).decode())
    assert bound is not None
    assert bound.iscc == found.iscc


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ISCC:",
        "ISCC:AAAA",
        "not*base64",
        base64.b64encode(b"\xff" * 34).decode(),
        iscc_lib.gen_image_code_v0(bytes(range(256)) * 4, 64)["iscc"],
        iscc_lib.gen_text_code_v0("words", BITS)["iscc"],
        "A" * (MAX_BINDING + 1),
    ],
    ids=["nothing", "no code", "cut off", "no base64", "no header", "64 bits", "of a text", "too long"],
)
def test_a_binding_without_an_image_code_of_full_length_leads_nowhere(value: str) -> None:
    assert of_binding(value) is None
