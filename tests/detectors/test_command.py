"""The command `provenance detectors`, as a user calls it."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from provenance.cli import main

from .cards import TEXT
from .photographs import photograph, saved


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(photograph(800, 600), "JPEG", quality=92))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["detectors", *map(str, arguments)])


def test_the_list_says_what_each_detector_asks() -> None:
    cards = {card["name"]: card for card in json.loads(run("list", "--json").stdout)}
    assert {"image", "text", "copy-move", "double-jpeg", "jpeg-tables"} <= set(cards)
    assert [name for name, card in cards.items() if card["default"]] == ["image", "text"]
    assert cards["copy-move"]["question"] == "editing"
    assert "copy-move" in run("list").output


def test_the_card_of_the_image_detector_tells_its_limits_before_its_figures() -> None:
    page = run("info", "image").output
    for heading in (
        "## Never shown", "## Worse for", "## Thresholds", "## Calibration", "## Figures", "## Training", "Energy to train"
    ):  # fmt: skip
        assert heading in page
    assert page.index("## Never shown") < page.index("## Figures")
    unknown = run("info", "nobody")
    assert unknown.exit_code == 1 and "there are: " in unknown.output


def test_a_picture_gets_an_answer_with_its_measured_rates(picture: Path) -> None:
    answer = json.loads(run("run", "--json", picture).stdout)
    assert answer["file"] == str(picture) and answer["detector"] == "image"
    assert answer["decision"] in ("ai", "no-indication", "abstain")
    assert answer["rates"]["fpr"]["value"] <= 0.02 and answer["views"][0]["view"] == "as-is"
    for language, words in (("en", "proves nothing"), ("fr", "ne prouve rien"), ("ja", "何も証明しません")):
        said = run("run", "--lang", language, picture).output
        assert words in said or answer["decision"] == "abstain"


def test_a_stricter_rate_takes_a_stricter_threshold(picture: Path) -> None:
    thresholds = [json.loads(run("run", "--json", "--max-fpr", rate, picture).stdout)["rates"]["threshold"]
                  for rate in (0.005, 0.05)]  # fmt: skip
    assert thresholds == sorted(thresholds, reverse=True) and len(set(thresholds)) > 1


def test_a_picture_without_an_indication_of_ai_is_drawn_without_colour(samples: Path, tmp_path: Path) -> None:
    done = run("run", "--heat-map", tmp_path / "map.png", samples / "nothing-known.jpg")
    assert "gives no indication of AI" in done.output
    with Image.open(tmp_path / "map.png") as drawn:
        red, green, blue = drawn.convert("RGB").split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()


@pytest.mark.parametrize("detector", ["image", "copy-move", "noise"])
def test_a_heat_map_is_a_picture_of_the_picture(picture: Path, tmp_path: Path, detector: str) -> None:
    target = tmp_path / "map.png"
    assert run("run", "--detector", detector, "--heat-map", target, picture).exit_code == 0
    with Image.open(io.BytesIO(target.read_bytes())) as drawn:
        assert drawn.size == (800, 600) and drawn.format == "PNG"


def test_a_detector_that_knows_only_whether_draws_nothing(picture: Path, tmp_path: Path) -> None:
    done = run("run", "--detector", "double-jpeg", "--heat-map", tmp_path / "map.png", picture)
    assert done.exit_code == 3 and not (tmp_path / "map.png").exists()


def test_a_text_gets_an_answer_and_a_share_for_each_sentence(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    answer = json.loads(run("run", "--json", path).stdout)
    assert answer["detector"] == "text" and answer["details"]["language"] == "en"
    assert run("run", "--sentences", path).output.count("The harbour was quiet") == 8


def test_a_folder_is_walked_and_what_nobody_looks_at_is_said(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(range(256)))
    said = run("run", tmp_path).output
    assert "no detector looks at this kind of file" in said and "photo.jpg" in said


def test_a_missing_file_is_said_and_the_rest_goes_on(picture: Path) -> None:
    done = run("run", picture.with_name("gone.jpg"), picture)
    assert done.exit_code == 3 and "there is no such file" in done.output and "photo.jpg" in done.output


def test_an_unknown_detector_and_two_files_for_one_map_are_refused(picture: Path) -> None:
    assert "there are:" in run("run", "--detector", "nobody", picture).output
    assert run("run", "--heat-map", "m.png", picture, picture).exit_code == 2
