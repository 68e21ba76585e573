"""Format matching and edits: nothing of the file is left, and the same picture gives the same bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from provenance_benchmarks.bias import checked
from provenance_benchmarks.edits import EDITS, edited
from provenance_benchmarks.errors import SuiteError
from provenance_benchmarks.matching import CHARACTERS, UnmatchableError, as_png, matched_picture, matched_text
from provenance_benchmarks.store import Store
from provenance_benchmarks.suite import Suite, SuiteItem, load_suite

from .conftest import card

pytestmark = pytest.mark.slow


def _picture(width: int, height: int, format_: str, seed: int = 0, **how: object) -> bytes:
    small = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(buffer, format_, **how)
    return buffer.getvalue()


def test_files_of_any_format_and_size_come_out_alike() -> None:
    files = [
        _picture(1024, 1024, "PNG"),
        _picture(500, 375, "JPEG", 1, quality=60),
        _picture(400, 700, "WEBP", 2, quality=80),
        _picture(640, 480, "GIF", 3),
    ]
    matched = [matched_picture(data, 128) for data in files]
    assert {(image.size, image.mode) for image in matched} == {((128, 128), "RGB")}
    sizes = {len(as_png(image)) for image in matched}
    assert len(sizes) == 1
    assert as_png(matched_picture(files[0], 128)) == as_png(matched[0])
    with pytest.raises(UnmatchableError, match="not readable as a picture"):
        matched_picture(files[0][:100], 128)


def test_texts_come_out_alike() -> None:
    long = "“Well”,  she said —\n\n it’s… " + "one more word " * 80
    found = matched_text(long)
    assert found.startswith('"Well", she said - it\'s... one more word')
    assert CHARACTERS - 20 < len(found) <= CHARACTERS
    assert not found.endswith(" ")
    with pytest.raises(UnmatchableError, match="9 characters, fewer than the 700"):
        matched_text("too short")
    assert len(matched_text("字" * 900)) == CHARACTERS


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_gives_a_picture_and_the_same_bytes_again(name: str) -> None:
    image = Image.open(io.BytesIO(_picture(256, 256, "PNG")))
    data = edited(name, image)
    assert data == edited(name, image.copy())
    found = Image.open(io.BytesIO(data)).convert("RGB")
    assert min(found.size) >= 120
    same = found.size == image.size and np.array_equal(np.asarray(found), np.asarray(image))
    assert not same


def test_an_edit_that_there_is_not_is_said() -> None:
    with pytest.raises(SuiteError, match="no edit called nothing; there are: jpeg-90"):
        edited("nothing", Image.new("RGB", (64, 64)))


def _suite(tmp_path_factory: pytest.TempPathFactory, *, matched: bool, copy: bool = False) -> tuple[Suite, Store]:
    """Pictures of both classes drawn alike: AI as large PNG, real as small JPEG."""
    folder = tmp_path_factory.mktemp("biased")
    items = []
    for number in range(60):
        made = number % 2 == 0
        seed = 1 if copy and number in (0, 3) else number + 10
        data = _picture(300, 280, "PNG", seed) if made else _picture(200, 180, "JPEG", seed, quality=75)
        path = folder / f"{number}.img"
        path.write_bytes(data)
        split = "test" if number % 3 == 0 and number else "train"
        items.append(SuiteItem(str(number), "ai" if made else "not-ai", split=split, pair=str(number), path=path))
    return Suite(card(modalities=("image",), matched=matched, side=96), tuple(items)), Store(folder)


def test_what_the_file_gives_away_is_found_and_gone_after_matching(tmp_path_factory: pytest.TempPathFactory) -> None:
    suite, store = _suite(tmp_path_factory, matched=True)
    found = checked(suite, store)
    assert found.auc_before_matching > 0.95
    assert found.auc_after_matching == 0.5
    assert found.passed
    unmatched = checked(*_suite(tmp_path_factory, matched=False))
    assert unmatched.auc_after_matching > 0.95
    assert not unmatched.passed
    assert "NOT passed" in unmatched.lines()


def test_a_copy_across_splits_is_found_in_another_format_and_size(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = checked(*_suite(tmp_path_factory, matched=True, copy=True))
    assert found.near_duplicates == (("0", "3"),)
    assert not found.passed


def test_a_text_that_is_nearly_the_same_in_another_split_is_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    draws = np.random.default_rng(0)
    words = ["".join(draws.choice(list("abcdefghijklmnopqrstuvwxyz"), 7)) for _ in range(3000)]
    items = []
    for number in range(40):
        text = " ".join(draws.choice(words, 100))
        items.append(
            SuiteItem(str(number), ("ai", "not-ai")[number % 2], "text", pair=str(number), split="train", text=text)
        )
    copy = items[4].text.replace(items[4].text.split()[30], "changed", 1)
    items.append(SuiteItem("copy", "ai", "text", pair="copy", split="test", text=copy))
    suite = Suite(card(matched=True), tuple(items))
    found = checked(suite, Store(tmp_path_factory.mktemp("store")))
    assert found.near_duplicates == (("4", "copy"),)


def test_the_suite_in_the_repository_has_no_duplicates() -> None:
    assert checked(load_suite("smoke-v1"), Store()).near_duplicates == ()
