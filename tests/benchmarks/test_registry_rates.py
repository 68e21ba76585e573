"""The rates of the registry on a few real pictures: copies come back, a picture under two names is no false match."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from provenance_benchmarks.registry_rates import (
    FURTHER,
    GOALS,
    RegistryRates,
    SourcePicture,
    measured,
    pictures_in,
)
from provenance_benchmarks.registry_rates_page import interval, page_of, upper_bound

pytestmark = pytest.mark.slow

FILES = Path(__file__).parents[2] / "benchmarks" / "suites" / "smoke-v1" / "files"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources of four pictures; the second also has one of the first, saved anew, and a plain one."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, path in enumerate(sorted(FILES.glob("picture-*.jpg"))[:8]):
        place = folder / ("one" if number < 4 else "other")
        place.mkdir(exist_ok=True)
        shutil.copy(path, place)
    Image.open(next((folder / "one").iterdir())).save(folder / "other" / "again.png")
    Image.new("RGB", (300, 300), "grey").save(folder / "other" / "plain.png")
    return folder


@pytest.fixture(scope="module")
def rates(folder: Path) -> RegistryRates:
    return measured([folder], copies=10, workers=1, registered=500)


def test_each_content_is_one_picture_of_one_source(folder: Path) -> None:
    pictures = pictures_in([folder])
    assert len(pictures) == 10
    assert {each.source for each in pictures} == {"one", "other"}
    assert [each.sha256 for each in pictures] == sorted(each.sha256 for each in pictures)


def test_the_halves_depend_on_the_hash_alone() -> None:
    assert SourcePicture(Path("a"), "0" * 64, "one").is_for_calibration
    assert not SourcePicture(Path("a"), "1" * 64, "one").is_for_calibration


def test_copies_are_led_back_and_each_edit_is_counted(rates: RegistryRates) -> None:
    assert set(GOALS) | set(FURTHER) <= rates.distances.keys()
    for name in GOALS:
        assert len(rates.distances[name]) == 9
        assert all(right and distance <= 32 for _, distance, right in rates.distances[name])


def test_a_picture_under_two_names_is_found_and_is_no_false_match(rates: RegistryRates) -> None:
    assert {(what, group) for what, _, group, _, _ in rates.matches} == {("picture", "the same picture")}
    assert len(rates.matches) == 2
    assert rates.asked["picture"] == 9


def test_a_plain_picture_is_counted_as_refused(rates: RegistryRates) -> None:
    assert rates.refused == {"registry.flat": 1}


def test_the_page_says_what_was_asked_and_what_was_reached(rates: RegistryRates) -> None:
    page = page_of(rates, 1.0)
    assert page.count("(goal 99 %: reached)") == len(GOALS)
    assert "9 pictures as they are" in page
    assert "1 registry.flat" in page


def test_the_bounds_are_those_of_clopper_and_pearson() -> None:
    assert upper_bound(0, 10_000) * 10_000 == pytest.approx(2.995, abs=0.001)
    assert upper_bound(1, 100) == pytest.approx(0.0466, abs=0.0001)
    assert upper_bound(3, 3) == 1.0
    assert interval(9, 10) == pytest.approx((0.5550, 0.9975), abs=0.0001)
