"""Each forensic detector finds the one edit that it looks for, in files made here, and not in the same files without."""

import io

import numpy as np
import pytest
from PIL import Image

from provenance_detectors import Question, judge_picture, load_detector
from provenance_detectors.forensics.tables import JpegTables
from provenance_detectors.pictures import decode

from .photographs import photograph, saved

FORENSIC = ["copy-move", "double-jpeg", "jpeg-tables", "noise", "colour-pattern", "resampling"]


def statistic(name: str, data: bytes) -> float:
    picture = decode(data)
    return load_detector(name).statistic(picture)


def jpeg(image: Image.Image, quality: int) -> bytes:
    return saved(image, "JPEG", quality=quality)


def pictures() -> list[Image.Image]:
    return [photograph(900, 700, seed=seed) for seed in range(6)]


def separated(name: str, calm: list[bytes], edited: list[bytes]) -> bool:
    return np.median([statistic(name, data) for data in edited]) > max(statistic(name, data) for data in calm)


@pytest.mark.slow
def test_a_copied_part_is_found_and_shown() -> None:
    calm, edited = [], []
    for picture in pictures():
        calm.append(jpeg(picture, 92))
        picture.paste(picture.crop((80, 80, 280, 280)), (560, 400))
        edited.append(jpeg(picture, 92))
    assert separated("copy-move", calm, edited)
    where = load_detector("copy-move").heat_map(decode(edited[0]))
    height, width = where.shape
    assert where[int(height * 180 / 700), int(width * 180 / 900)] == 1
    assert where[int(height * 500 / 700), int(width * 660 / 900)] == 1
    assert where[int(height * 100 / 700), int(width * 800 / 900)] == 0


def test_a_second_compression_is_found() -> None:
    calm = [jpeg(picture, 92) for picture in pictures()]
    edited = [jpeg(Image.open(io.BytesIO(jpeg(picture, 65))), 92) for picture in pictures()]
    assert separated("double-jpeg", calm, edited)


def test_enlarging_is_found() -> None:
    calm = [jpeg(picture, 92) for picture in pictures()]
    edited = [jpeg(picture.resize((1350, 1050), Image.Resampling.BICUBIC), 92) for picture in pictures()]
    assert separated("resampling", calm, edited)


def test_a_noisy_part_is_found_and_shown() -> None:
    calm, edited = [], []
    for picture in pictures():
        calm.append(jpeg(picture, 95))
        pixels = np.asarray(picture, float).copy()
        pixels[:350, :450] += np.random.default_rng(0).normal(0, 20, (350, 450, 1))
        edited.append(jpeg(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), 95))
    assert separated("noise", calm, edited)
    where = load_detector("noise").heat_map(decode(edited[0]))
    rows, columns = where.shape
    assert where[: rows // 2 - 1, : columns // 2 - 1].mean() > 2 * where[rows // 2 + 1 :, columns // 2 + 1 :].mean()


def mosaicked(picture: Image.Image) -> np.ndarray:
    """Green as a sensor with a Bayer pattern measures it, and as the mean of four neighbours between."""
    pixels = np.asarray(picture, np.float32).copy()
    green = pixels[..., 1]
    mean = (np.roll(green, 1, 0) + np.roll(green, -1, 0) + np.roll(green, 1, 1) + np.roll(green, -1, 1)) / 4
    between = np.add.outer(np.arange(green.shape[0]), np.arange(green.shape[1])) % 2 == 1
    pixels[..., 1] = np.where(between, mean, green)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


@pytest.mark.slow
def test_parts_without_the_colour_pattern_are_found_and_a_picture_without_any_is_not_judged() -> None:
    calm, edited = [], []
    for picture in pictures():
        pixels = mosaicked(picture)
        calm.append(saved(Image.fromarray(pixels)))
        pixels[:320, :320] = np.asarray(picture)[:320, :320]
        edited.append(saved(Image.fromarray(pixels)))
    assert separated("colour-pattern", calm, edited)
    assert np.isnan(statistic("colour-pattern", saved(photograph(900, 700).resize((450, 350)))))


@pytest.mark.parametrize(("quality", "words"), [(75, "Pillow"), (92, "browsers"), (83, "quality 83")])
def test_software_is_named_by_its_tables(quality: int, words: str) -> None:
    picture = decode(jpeg(photograph(), quality))
    (said,) = JpegTables().findings(picture)
    assert words in said.text


def test_tables_of_a_maker_s_own_are_not_taken_for_software_s() -> None:
    own = [[min(255, 3 + row + column * 2) for row in range(8) for column in range(8)] for _ in range(2)]
    picture = decode(saved(photograph(), "JPEG", qtables=own))
    assert JpegTables().statistic(picture) == 0 and JpegTables().findings(picture) == ()


@pytest.mark.parametrize("name", FORENSIC)
def test_every_forensic_detector_has_a_card_with_measured_rates_and_speaks_of_editing(name: str) -> None:
    card = load_detector(name).card
    assert card.question is Question.EDITING and not card.default
    assert [point.max_fpr for point in card.operating_points] == [0.005, 0.01, 0.05]
    # The pattern of a sensor is left in few files: twenty were enough for its card, and the interval says so.
    assert card.metrics[0].items >= (20 if name == "colour-pattern" else 100) and card.sources
    answer = judge_picture(load_detector(name), saved(photograph(400, 300), "PNG"))
    assert answer.decision in ("edited", "not-edited", "abstain")


@pytest.mark.slow
@pytest.mark.parametrize("name", FORENSIC)
@pytest.mark.parametrize("size", [(128, 128), (129, 1000), (2600, 2400)])
def test_odd_sizes_are_no_trouble(name: str, size: tuple[int, int]) -> None:
    answer = judge_picture(load_detector(name), saved(photograph(*size), "JPEG"))
    assert answer.decision in ("edited", "not-edited", "abstain")


def test_the_fuzzed_images_do_no_harm(fuzzed: list[bytes]) -> None:
    for name in FORENSIC:
        for data in fuzzed[::7]:
            judge_picture(load_detector(name), data)


def test_only_a_positive_decision_claims_its_trace() -> None:
    detector = load_detector("double-jpeg")
    calm = judge_picture(detector, jpeg(photograph(900, 700), 92), max_fpr=0.05)
    twice = jpeg(Image.open(io.BytesIO(jpeg(photograph(900, 700), 65))), 92)
    edited = judge_picture(detector, twice, max_fpr=0.05)
    assert (calm.decision, calm.reasons) == ("not-edited", ())
    assert (edited.decision, [each.key for each in edited.reasons]) == ("edited", ["forensics.double_jpeg"])
