"""Public sets on disk: every loader on a small folder of the published structure, and on folders that are broken."""

import csv
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from provenance.errors import MissingExtraError
from provenance_benchmarks.errors import SuiteError
from provenance_benchmarks.loaders import LOADERS, load_set, records
from provenance_benchmarks.suite import SuiteItem, load_suite

WORDS = "A text of some words, long enough to be taken for one."


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (len(path.name) * 7 % 256, 90, 30)).save(path)
    return path


def table(path: Path, rows: list[dict], encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def objects(path: Path, rows: list[dict]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def items_of(name: str, folder: Path) -> dict[str, SuiteItem]:
    """The items by their ids; every loader gives unique ids, a stable order, and something that can be judged."""
    first, second = load_set(name, folder).items, load_set(name, folder).items
    assert [item.id for item in first] == [item.id for item in second]
    assert first == second
    assert len({item.id for item in first}) == len(first)
    for item in first:
        assert item.label in ("ai", "not-ai")
        assert item.split in ("train", "calibration", "test")
        assert not (item.generator and item.label == "not-ai")
        assert not item.sha256
        assert (item.text or "").strip() if item.modality == "text" else item.path is not None and item.path.is_file()
    return {item.id: item for item in first}


def refused(name: str, folder: Path, *words: str) -> None:
    with pytest.raises(SuiteError) as raised:
        load_set(name, folder)
    assert all(word in str(raised.value) for word in words), str(raised.value)


def raid_row(number: int, model: str = "human", attack: str = "none", domain: str = "news", source: str = "") -> dict:
    return {
        "id": f"id-{number}",
        "adv_source_id": "",
        "source_id": source or f"id-{number}",
        "model": model,
        "decoding": "greedy",
        "repetition_penalty": "no",
        "attack": attack,
        "domain": domain,
        "title": "A title",
        "prompt": "Write, please.",
        "generation": f"{WORDS} {number}",
    }


# What every set has


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_a_card_says_what_a_set_is(name):
    card, _ = LOADERS[name]
    assert card.name == name
    assert card.known_biases
    for words in (card.summary, card.measures, card.how_made, card.licence, *card.known_biases):
        assert words.endswith(".")


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_an_empty_folder_is_an_error(name, tmp_path):
    refused(name, tmp_path)


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_a_folder_of_another_structure_is_an_error(name, tmp_path):
    picture(tmp_path / "holiday" / "beach.png")
    (tmp_path / "notes.csv").write_text("who,when\nme,today\n")
    (tmp_path / "notes.jsonl").write_text('{"who": "me"}\n')
    refused(name, tmp_path)


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_a_folder_that_is_not_there_is_an_error(name, tmp_path):
    refused(name, tmp_path / "nowhere", "no such folder")


def test_a_set_is_a_suite_by_its_loader_and_folder(tmp_path):
    picture(tmp_path / "ai" / "one.png")
    suite = load_suite(f"folder:{tmp_path}")
    assert suite.name == "folder"
    assert [item.id for item in suite.items] == ["ai/one.png"]


def test_a_fifth_is_for_calibration_and_always_the_same():
    drawn = [records.share_for_calibration(f"item {number}") for number in range(5_000)]
    assert 0.18 < Counter(drawn)["calibration"] / len(drawn) < 0.22
    assert drawn[:100] == [records.share_for_calibration(f"item {number}") for number in range(100)]
    assert records.share_for_calibration("item 0") == "test"
    assert records.share_for_calibration("item 13") == "calibration"


# Sets of pictures


def test_genimage(tmp_path):
    for place in ("Midjourney/imagenet_midjourney", "BigGAN"):
        for split in ("train", "val"):
            picture(tmp_path / place / split / "ai" / f"{place[:3]}.png")
            for number in range(20):
                picture(tmp_path / place / split / "nature" / f"ILSVRC2012_val_{number:08}.JPEG")
    picture(tmp_path / "imagenet_ai_0508_adm" / "val" / "ai" / "a.PNG")
    found = items_of("genimage", tmp_path)
    assert len(found) == 85
    assert Counter(item.generator for item in found.values()) == {"": 80, "Midjourney": 2, "BigGAN": 2, "ADM": 1}
    made = found["BigGAN/train/ai/Big.png"]
    assert (made.label, made.split, made.pair) == ("ai", "train", "")
    sides = {(item.pair, item.split) for item in found.values() if item.label == "not-ai" and item.split != "train"}
    assert len(sides) == 20
    assert {split for _, split in sides} == {"test", "calibration"}


def test_genimage_of_one_generator(tmp_path):
    picture(tmp_path / "Wukong" / "val" / "ai" / "a.png")
    for folder in (tmp_path / "Wukong", tmp_path / "Wukong" / "val"):
        assert [item.generator for item in items_of("genimage", folder).values()] == ["Wukong"]


def test_genimage_without_splits_is_an_error(tmp_path):
    refused("genimage", picture(tmp_path / "BigGAN" / "ai" / "a.png").parents[2], "a.png", "train|val")


def test_community_forensics(tmp_path):
    for number in range(3):
        picture(tmp_path / "some-user-model" / "fake" / f"{number}.png")
        picture(tmp_path / "COCO" / "real" / f"{number}.jpg")
    found = items_of("community-forensics", tmp_path)
    assert len(found) == 6
    made, photograph = found["some-user-model/fake/0.png"], found["COCO/real/0.jpg"]
    assert (made.label, made.generator, made.kind) == ("ai", "some-user-model", "")
    assert (photograph.label, photograph.generator, photograph.kind) == ("not-ai", "", "COCO")


def test_chameleon(tmp_path):
    for number in range(30):
        picture(tmp_path / "Chameleon" / "test" / "0_real" / f"{number}.jpg")
        picture(tmp_path / "Chameleon" / "test" / "1_fake" / f"{number}.jpg")
    found = items_of("chameleon", tmp_path)
    assert Counter(item.label for item in found.values()) == {"ai": 30, "not-ai": 30}
    assert found["Chameleon/test/1_fake/3.jpg"].label == "ai"
    assert {item.split for item in found.values()} == {"test", "calibration"}


def test_aigibench(tmp_path):
    picture(tmp_path / "train" / "car" / "1_fake" / "a.png")
    picture(tmp_path / "train" / "sdv1.4" / "0_real" / "a.png")
    picture(tmp_path / "val" / "horse" / "0_real" / "a.png")
    for number in range(20):
        picture(tmp_path / "test" / "FLUX1-dev" / "1_fake" / f"{number}.png")
    found = items_of("aigibench", tmp_path)
    assert len(found) == 23
    assert (found["train/car/1_fake/a.png"].generator, found["train/car/1_fake/a.png"].split) == ("ProGAN", "train")
    assert (found["train/sdv1.4/0_real/a.png"].label, found["train/sdv1.4/0_real/a.png"].generator) == ("not-ai", "")
    assert found["val/horse/0_real/a.png"].split == "calibration"
    assert {item.split for item in found.values() if item.generator == "FLUX1-dev"} == {"test"}


def test_aigibench_without_its_val_files_sets_test_items_aside(tmp_path):
    for number in range(40):
        picture(tmp_path / "test" / "SocialRF" / "1_fake" / f"{number}.png")
    assert {item.split for item in items_of("aigibench", tmp_path).values()} == {"test", "calibration"}


def test_synthbuster_pairs_a_photograph_with_what_was_made_after_it(tmp_path):
    for number in range(30):
        picture(tmp_path / "synthbuster" / "dalle3" / f"r{number:03}.png")
        picture(tmp_path / "synthbuster" / "stable-diffusion-xl" / f"r{number:03}.png")
        picture(tmp_path / "RAISE-1k" / f"r{number:03}.TIF")
    (tmp_path / "synthbuster" / "prompts.csv").write_text("image name (matching Raise-1k),Prompt\nr000,a house\n")
    found = items_of("synthbuster", tmp_path)
    assert Counter(item.generator for item in found.values()) == {"dalle3": 30, "stable-diffusion-xl": 30, "": 30}
    assert found["RAISE-1k/r001.TIF"].label == "not-ai"
    pairs = {(item.pair, item.split) for item in found.values()}
    assert len(pairs) == 30
    assert {split for _, split in pairs} == {"test", "calibration"}


def test_synthbuster_does_not_guess_what_an_unknown_folder_holds(tmp_path):
    picture(tmp_path / "dalle3" / "a.png")
    refused("synthbuster", picture(tmp_path / "my pictures" / "b.png").parents[1], "b.png")


def test_mnw(tmp_path):
    for number in range(3):
        picture(tmp_path / "AI_Images" / "Flux_2_pro" / f"Flux_2_pro_{number}.jpg")
    wild = tmp_path / "AI_media_in_the_wild"
    picture(wild / "Images" / "likely_authentic" / "A0461.jpeg")
    picture(wild / "Images" / "likely_manipulated" / "M046.jpeg")
    picture(wild / "update March 2026" / "images" / "manipulated" / "M118_1.jpg")
    picture(wild / "update March 2026" / "images" / "inconsistent" / "I119_1.jpg")
    (wild / "Images" / "readme.md").write_text("links")
    found = items_of("mnw", tmp_path)
    assert len(found) == 6
    assert found["AI_Images/Flux_2_pro/Flux_2_pro_0.jpg"].generator == "Flux_2_pro"
    real = found["AI_media_in_the_wild/Images/likely_authentic/A0461.jpeg"]
    made = found["AI_media_in_the_wild/Images/likely_manipulated/M046.jpeg"]
    assert (real.label, real.pair, made.label, made.pair) == ("not-ai", "case 046", "ai", "case 046")
    assert real.split == made.split


def test_mnw_with_its_folders_moved(tmp_path):
    picture(tmp_path / "AI_Images" / "flux" / "more" / "a.jpg")
    refused("mnw", tmp_path, "a.jpg", "expected AI_Images/GENERATOR/FILE")
    refused("mnw", tmp_path / "AI_Images", "no folder AI_Images")


def test_mnw_with_an_opinion_that_is_not_known(tmp_path):
    picture(tmp_path / "AI_Images" / "Flux_2_pro" / "a.jpg")
    picture(tmp_path / "AI_media_in_the_wild" / "Images" / "perhaps" / "P001.jpg")
    refused("mnw", tmp_path, "perhaps", "P001.jpg")


@pytest.mark.parametrize("name", ["genimage", "chameleon", "aigibench", "community-forensics", "folder"])
def test_a_picture_without_a_label_is_an_error_and_not_left_out(name, tmp_path):
    for label in ("0_real", "real", "nature"):
        picture(tmp_path / "val" / label / "a.png")
    refused(name, picture(tmp_path / "val" / "unsorted" / "b.png").parents[2])
    refused("folder", tmp_path, "b.png", "says what it is")


def test_a_picture_below_two_labels_is_an_error(tmp_path):
    refused("folder", picture(tmp_path / "ai" / "real" / "a.png").parents[2], "a.png")


def test_a_file_instead_of_a_folder_of_pictures_is_an_error(tmp_path):
    refused("folder", picture(tmp_path / "ai" / "a.png"), "give the folder")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    picture(tmp_path / "set" / "ai" / "a.png")
    elsewhere = picture(tmp_path / "elsewhere" / "secret.png")
    (tmp_path / "set" / "ai" / "b.png").symlink_to(elsewhere)
    refused("folder", tmp_path / "set", "b.png", "link")
    (tmp_path / "set" / "ai" / "b.png").unlink()
    (tmp_path / "set" / "real").symlink_to(tmp_path / "elsewhere")
    refused("folder", tmp_path / "set", "real", "link")


def test_a_link_in_the_folder_gives_no_second_item_and_no_endless_walk(tmp_path):
    picture(tmp_path / "ai" / "a.png")
    (tmp_path / "ai" / "again").symlink_to(tmp_path / "ai")
    (tmp_path / "ai" / "b.png").symlink_to(tmp_path / "ai" / "a.png")
    assert list(items_of("folder", tmp_path)) == ["ai/a.png"]


def test_hidden_files_and_pipes_are_no_items(tmp_path):
    picture(tmp_path / "ai" / "a.png")
    picture(tmp_path / "ai" / "._a.png".replace("._", ".")).rename(tmp_path / "ai" / "._a.png")
    os.mkfifo(tmp_path / "ai" / "pipe.png")
    assert list(items_of("folder", tmp_path)) == ["ai/a.png"]


def test_a_tree_that_is_too_deep_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MAX_DEPTH", 3)
    refused("folder", picture(tmp_path / "ai" / "1" / "2" / "3" / "a.png").parents[4], "folders deep")


def test_a_name_that_is_no_text_is_an_error(tmp_path):
    path = picture(tmp_path / "ai" / "a.png")
    path.rename(path.with_name(os.fsdecode(b"\xff.png")))
    refused("folder", tmp_path, "not UTF-8")


def test_a_folder_that_may_not_be_read_is_an_error(tmp_path, monkeypatch):
    picture(tmp_path / "ai" / "a.png")
    scandir = os.scandir

    def locked(path: Path):
        if path.name == "ai":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(records.os, "scandir", locked)
    refused("folder", tmp_path, "ai: cannot be read (Permission denied)")


# Sets of texts


def test_raid(tmp_path):
    rows = [raid_row(number) for number in range(40)]
    rows += [raid_row(100 + number, "gpt4", "none", "news", f"id-{number}") for number in range(40)]
    rows += [raid_row(200 + number, "gpt4", "homoglyph", "news", f"id-{number}") for number in range(40)]
    rows += [raid_row(300, "mpt", domain="czech"), raid_row(301, "mpt", domain="code")]
    rows += [{**raid_row(302, "mpt"), "generation": " "}]
    table(tmp_path / "train.csv", rows)
    table(tmp_path / "train_none.csv", rows[:80])
    found = items_of("raid", tmp_path)
    assert len(found) == 122
    assert Counter(item.label for item in found.values()) == {"ai": 82, "not-ai": 40}
    assert (found["id-0"].generator, found["id-100"].generator) == ("", "gpt4")
    assert (found["id-100"].kind, found["id-200"].kind) == ("news", "news (homoglyph)")
    assert (found["id-0"].language, found["id-300"].language, found["id-301"].language) == ("en", "cs", "")
    by_source = {(item.pair, item.split) for item in found.values()}
    assert len(by_source) == len({pair for pair, _ in by_source})
    assert {split for _, split in by_source} == {"test", "calibration"}


def test_raid_takes_the_smaller_file_or_one_file(tmp_path):
    table(tmp_path / "extra_none.csv", [raid_row(1)])
    assert list(items_of("raid", tmp_path)) == ["id-1"]
    assert list(items_of("raid", tmp_path / "extra_none.csv")) == ["id-1"]


def test_raids_test_file_has_no_labels(tmp_path):
    table(tmp_path / "test.csv", [{"id": "1", "generation": WORDS}])
    refused("raid", tmp_path, "labels are not published")
    refused("raid", tmp_path / "test.csv", "line 1", "no column", "model")


@pytest.mark.parametrize("column", ["id", "model"])
def test_raid_with_a_row_that_does_not_say_what_it_is(column, tmp_path):
    table(tmp_path / "train.csv", [raid_row(1), {**raid_row(2), column: ""}])
    refused("raid", tmp_path, "train.csv, line 3", "without id or model")


def test_raid_with_two_rows_of_one_id(tmp_path):
    table(tmp_path / "train.csv", [raid_row(1), raid_row(1)])
    refused("raid", tmp_path, "two items", "id-1")


def test_mage(tmp_path):
    human, made = (
        {"text": f"{WORDS} h", "label": 1, "src": "cmv_human"},
        {"text": f"{WORDS} m", "label": 0, "src": "roct_machine_continuation_flan_t5_large"},
    )
    for name in ("train", "valid", "test"):
        # The published files begin with a byte order mark.
        table(tmp_path / f"{name}.csv", [human, made] * 15, encoding="utf-8-sig")
    table(tmp_path / "test_ood_set_gpt.csv", [{"text": WORDS, "label": 0, "src": "cnn_gpt4"}])
    found = items_of("mage", tmp_path)
    assert len(found) == 91
    assert Counter(item.split for item in found.values()) == {"train": 30, "calibration": 30, "test": 31}
    assert (found["test:1"].label, found["test:1"].generator, found["test:1"].kind) == ("not-ai", "", "cmv")
    assert (found["test:2"].label, found["test:2"].generator) == ("ai", "flan_t5_large")
    assert (found["test:2"].kind, found["test_ood_set_gpt:1"].generator) == ("roct", "gpt4")
    (tmp_path / "valid.csv").unlink()
    left = items_of("mage", tmp_path).values()
    assert {item.split for item in left} == {"train", "calibration", "test"}


def test_mage_with_a_label_that_is_not_known(tmp_path):
    table(tmp_path / "test.csv", [{"text": WORDS, "label": "machine", "src": "cmv_human"}])
    refused("mage", tmp_path, "test.csv, line 2", "machine")


def test_m4(tmp_path):
    def lines(model: str) -> list[dict]:
        return [
            {
                "prompt": "Write.",
                "human_text": f"  {WORDS} human {number}",
                "machine_text": f"{WORDS} {model} {number}",
                "model": model,
                "source": "arxiv",
                "source_ID": 704.0007 + number,
            }
            for number in range(30)
        ]

    objects(tmp_path / "data" / "arxiv_chatGPT.jsonl", lines("chatGPT"))
    objects(tmp_path / "data" / "arxiv_cohere.jsonl", lines("cohere"))
    objects(
        tmp_path / "data" / "urdu_chatGPT.jsonl",
        [{"human_text": ["یہ ایک", "متن ہے"], "machine_text": "", "source_ID": None}, {"machine_text": "متن"}],
    )
    found = items_of("m4", tmp_path)
    assert Counter(item.generator for item in found.values()) == {"": 31, "chatgpt": 31, "cohere": 30}
    assert found["data/urdu_chatGPT.jsonl:1:human"].text == "یہ ایک\nمتن ہے"
    assert found["data/urdu_chatGPT.jsonl:1:human"].language == "ur"
    assert found["data/arxiv_cohere.jsonl:1:machine"].kind == "arxiv"
    sides = {(item.pair, item.split) for item in found.values()}
    assert len(sides) == 32
    assert {split for _, split in sides} == {"test", "calibration"}
    human, first, second = (
        found[f"data/arxiv_{name}"]
        for name in ("chatGPT.jsonl:3:human", "chatGPT.jsonl:3:machine", "cohere.jsonl:3:machine")
    )
    assert human.pair == first.pair == second.pair


def test_m4_with_a_file_that_names_no_model(tmp_path):
    objects(tmp_path / "arxiv.jsonl", [{"human_text": WORDS}])
    refused("m4", tmp_path, "arxiv.jsonl", "DOMAIN_MODEL")


def test_hc3_does_not_pair_what_has_no_question(tmp_path):
    objects(tmp_path / "law.jsonl", [{"question": " ", "human_answers": [], "chatgpt_answers": [WORDS]}] * 2)
    assert len({item.pair for item in items_of("hc3", tmp_path).values()}) == 2


def test_hc3_in_two_languages(tmp_path):
    english = [
        {"question": f"Why {number}?", "human_answers": [WORDS, f"{WORDS} b"], "chatgpt_answers": [f"{WORDS} c", ""]}
        for number in range(30)
    ]
    objects(tmp_path / "HC3" / "finance.jsonl", english)
    objects(tmp_path / "HC3" / "all.jsonl", english)
    chinese = {"question": "为什么?", "human_answers": [], "chatgpt_answers": ["因为如此。"], "source": "baike"}
    objects(tmp_path / "HC3-Chinese" / "all.jsonl", [chinese])
    found = items_of("hc3", tmp_path)
    assert Counter(item.label for item in found.values()) == {"ai": 31, "not-ai": 60}
    assert (found["HC3/finance.jsonl:1:human:1"].kind, found["HC3/finance.jsonl:1:human:1"].language) == (
        "finance",
        "en",
    )
    last = found["HC3-Chinese/all.jsonl:1:chatgpt:0"]
    assert (last.generator, last.kind, last.language) == ("chatgpt", "baike", "zh")
    sides = {(item.pair, item.split) for item in found.values()}
    assert len(sides) == 31
    assert {split for _, split in sides} == {"test", "calibration"}


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("hc3", '{"question": "Why?", "human_answers": "one", "chatgpt_answers": []}', "no list human_answers"),
        ("hc3", '{"human_answers": [], "chatgpt_answers": []}', "no question"),
        ("hc3", '{"question": "Why?", "human_answers": [1], "chatgpt_answers": []}', "no text but int"),
        ("hc3", '{"question": "Why?", "human_answers": ["\\ud800"], "chatgpt_answers": []}', "half of a character"),
        ("m4", '{"text": "a"}', "neither human_text nor machine_text"),
        ("m4", '{"human_text": {"a": 1}}', "no text but dict"),
        ("m4", '{"human_text": "broken', "not JSON"),
        ("m4", "[" * 100_000, "not JSON"),
        ("m4", '["a", "b"]', "not a JSON object"),
    ],
)
def test_a_broken_line_of_json_is_named(name, line, words, tmp_path):
    path = tmp_path / "finance_model.jsonl"
    path.write_text(f"\n{line}\n")
    refused(name, tmp_path, "finance_model.jsonl, line 2", words)


# Your own files


def test_folders_with_splits_generators_and_texts(tmp_path):
    picture(tmp_path / "train" / "ai" / "dalle3" / "a.png")
    picture(tmp_path / "val" / "real" / "b.jpg")
    picture(tmp_path / "test" / "flux" / "1_fake" / "c.webp")
    (tmp_path / "test" / "human").mkdir()
    (tmp_path / "test" / "human" / "d.txt").write_text(WORDS)
    (tmp_path / "test" / "human" / "notes.md").write_text("not an item")
    found = items_of("folder", tmp_path)
    assert [(item.id, item.label, item.generator, item.split) for item in found.values()] == [
        ("test/flux/1_fake/c.webp", "ai", "flux", "test"),
        ("test/human/d.txt", "not-ai", "", "test"),
        ("train/ai/dalle3/a.png", "ai", "dalle3", "train"),
        ("val/real/b.jpg", "not-ai", "", "calibration"),
    ]
    assert (found["test/human/d.txt"].modality, found["test/human/d.txt"].text) == ("text", WORDS)


def test_folders_with_a_split_for_calibration_keep_their_test_items(tmp_path):
    picture(tmp_path / "ai" / "validation" / "a.png")
    for number in range(40):
        picture(tmp_path / "ai" / "test" / f"{number}.png")
    assert Counter(item.split for item in items_of("folder", tmp_path).values()) == {"test": 40, "calibration": 1}


def test_folders_without_splits_get_a_share_for_calibration(tmp_path):
    for number in range(40):
        picture(tmp_path / ("ai" if number % 2 else "real") / f"{number}.png")
    assert {item.split for item in items_of("folder", tmp_path).values()} == {"test", "calibration"}


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"\xff\xfe\x00", "not UTF-8"), (b"x" * 2_000, "more than")]
)
def test_a_text_file_that_cannot_be_judged_is_named(content, words, tmp_path, monkeypatch):
    monkeypatch.setattr("provenance_benchmarks.loaders.folders.MAX_TEXT", 1_000)
    (tmp_path / "ai").mkdir()
    (tmp_path / "ai" / "a.txt").write_bytes(content)
    refused("folder", tmp_path, "a.txt", words)


def test_a_list_of_pictures_and_texts(tmp_path):
    picture(tmp_path / "pictures" / "a.png")
    nothing = dict.fromkeys(("path", "text", "generator", "language", "kind", "pair", "split", "licence"), "")
    rows = [
        {**nothing, "label": "AI", "path": "pictures/a.png", "generator": "flux", "split": "val", "licence": "CC0"},
        {**nothing, "label": "human", "text": WORDS, "language": "de", "kind": "letter", "pair": "p"},
        {**nothing, "label": "generated", "text": f"{WORDS} 2", "pair": "p"},
    ]
    table(tmp_path / "list.csv", rows)
    one, two, three = items_of("csv", tmp_path).values()
    assert (one.id, one.label, one.generator, one.split, one.licence) == (
        "pictures/a.png",
        "ai",
        "flux",
        "calibration",
        "CC0",
    )
    assert (two.id, two.label, two.modality, two.language, two.kind) == ("list:2", "not-ai", "text", "de", "letter")
    assert (two.pair, two.split) == (three.pair, three.split)
    assert list(items_of("csv", tmp_path / "list.csv")) == ["pictures/a.png", "list:2", "list:3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text\nabc\n", "line 1: no column label"),
        ("label,text\n1,abc\n", "line 2: label '1'"),
        ("label,text\n,abc\n", "line 2: label ''"),
        ("label,text\nai,\n", "line 2: neither a path nor a text"),
        ("label,text\nai,  \n", "line 2: neither a path nor a text"),
        ("label,text,path\nai,abc,a.png\n", "line 2: both a path and a text"),
        ("label,text,split\nai,abc,tset\n", "line 2: split 'tset'"),
        ('label,text\nai,"two\nlines"\nai,abc,more\n', "line 4: 3 columns instead of 2"),
        ("label,text\nai\n", "line 2: 1 columns instead of 2"),
        ("label,text,text\nai,a,b\n", "line 1: two columns with one name"),
        ('label,text\nai,"never closed\n', "line 2: "),
        ("label,text\nai,caf\udce9\n", "line 2: not UTF-8"),
        ("", "an empty file"),
        ("label,path\nai,../a.png\n", "line 2: '../a.png' does not lie in"),
        ("label,path\nai,/etc/a.png\n", "line 2: '/etc/a.png' does not lie in"),
        ("label,path\nai,out.png\n", "line 2: 'out.png' does not lie in"),
        ("label,path\nai,missing.png\n", "line 2: 'missing.png' is no picture"),
        ("label,path\nai,list.csv\n", "line 2: 'list.csv' is no picture"),
        ("label,path\nai,a\0.png\n", "line 2: 'a\\x00.png' does not lie in"),
        (f"label,path\nai,{'a' * 3_000}.png\n", "line 2: "),
        ("label,text,id\nai,a,same\nai,b,same\n", "two items with the id 'same'"),
    ],
)
def test_a_broken_list_is_named_with_its_line(content, words, tmp_path):
    picture(tmp_path / "a.png")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "out.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "set" / "list.csv").write_bytes(content.encode(errors="surrogateescape"))
    refused("csv", tmp_path / "set" / "list.csv", words)


def test_a_list_with_a_path_from_the_root_of_the_disk_is_an_error(tmp_path):
    path = picture(tmp_path / "a.png")
    table(tmp_path / "list.csv", [{"label": "ai", "path": path}])
    refused("csv", tmp_path, "line 2", "does not lie in")


def test_a_field_longer_than_the_limit_of_python_is_read_and_an_endless_one_is_not(tmp_path, monkeypatch):
    table(tmp_path / "list.csv", [{"label": "ai", "text": "word " * 100_000}])
    assert len(items_of("csv", tmp_path)) == 1
    monkeypatch.setattr(records, "MAX_FIELD", 1_000)
    refused("csv", tmp_path, "line 2", "field limit")


def test_a_line_without_end_is_not_held_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MAX_LINE", 1_000)
    (tmp_path / "a_b.jsonl").write_text('{"human_text": "' + "a" * 2_000)
    refused("m4", tmp_path, "line 1", "longer than")


def test_a_text_without_end_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MAX_TEXT", 100)
    table(tmp_path / "list.csv", [{"label": "ai", "text": "word " * 100}])
    refused("csv", tmp_path, "line 2", "a text of more than")


def test_a_set_that_does_not_fit_in_memory_is_an_error(tmp_path, monkeypatch):
    table(tmp_path / "list.csv", [{"label": "ai", "text": f"{WORDS} {number}"} for number in range(3)])
    monkeypatch.setattr("provenance_benchmarks.loaders.MAX_TEXTS", 2 * len(WORDS))
    refused("csv", tmp_path, "more than fits in memory")
    monkeypatch.undo()
    monkeypatch.setattr("provenance_benchmarks.loaders.MAX_ITEMS", 2)
    refused("csv", tmp_path, "more than fits in memory")


# Data sets of Hugging Face


def arrow_table(rows: list[dict], names: list[str] | None = None):
    arrow = pytest.importorskip("pyarrow")
    made = arrow.Table.from_pylist(rows)
    noted = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}} if names else {}
    return made.replace_schema_metadata({"huggingface": json.dumps(noted)})


def save_arrow(path: Path, rows: list[dict], names: list[str] | None = None) -> Path:
    """As `save_to_disk` writes it."""
    arrow = pytest.importorskip("pyarrow")
    path.parent.mkdir(parents=True, exist_ok=True)
    made = arrow_table(rows, names)
    with arrow.OSFile(str(path), "wb") as file, arrow.ipc.new_stream(file, made.schema) as writer:
        writer.write_table(made)
    (path.parent / "state.json").write_text(json.dumps({"_data_files": [{"filename": path.name}]}))
    return path


def save_parquet(path: Path, rows: list[dict], names: list[str] | None = None) -> Path:
    parquet = pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow_table(rows, names), path)
    return path


def test_a_data_set_saved_to_disk(tmp_path):
    rows = [{"text": f"{WORDS} {number}", "label": number % 2, "pair": f"p{number // 2}"} for number in range(6)]
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "validation", "test"]}')
    for split in ("train", "validation", "test"):
        save_arrow(tmp_path / split / "data-00000-of-00001.arrow", rows, ["human", "ai"])
    save_arrow(tmp_path / "test" / "cache-0123.arrow", rows)
    found = items_of("datasets", tmp_path)
    assert Counter(item.split for item in found.values()) == {"train": 6, "calibration": 6, "test": 6}
    item = found["test/data-00000-of-00001.arrow:2"]
    assert (item.label, item.pair, item.text) == ("ai", "p0", f"{WORDS} 1")


def test_parquet_files_without_a_split_for_calibration(tmp_path):
    rows = [
        {"text": f"{WORDS} {number}", "label": "fake", "pair": number // 2, "generator": "m"} for number in range(60)
    ]
    save_parquet(tmp_path / "data" / "test-00000-of-00001.parquet", rows)
    save_parquet(tmp_path / "default" / "train" / "0000.parquet", rows[:2])
    found = items_of("datasets", tmp_path)
    assert Counter(item.generator for item in found.values()) == {"m": 62}
    assert [item.split for item in found.values()].count("train") == 2
    sides = {(item.pair, item.split) for item in found.values() if item.split != "train"}
    assert len(sides) == 30
    assert {split for _, split in sides} == {"test", "calibration"}


def test_parquet_files_that_name_pictures(tmp_path):
    picture(tmp_path / "pictures" / "a.png")
    save_parquet(tmp_path / "all.parquet", [{"path": "pictures/a.png", "label": "real"}])
    assert items_of("datasets", tmp_path)["pictures/a.png"].path == (tmp_path / "pictures" / "a.png").resolve()
    save_parquet(tmp_path / "all.parquet", [{"path": "../a.png", "label": "real"}])
    refused("datasets", tmp_path, "all.parquet, row 1", "does not lie in")


@pytest.mark.parametrize(
    ("row", "names", "words"),
    [
        ({"image": {"bytes": b"x", "path": "a"}, "label": "ai"}, None, "pictures inside of a table"),
        ({"text": WORDS}, None, "needs the columns label"),
        ({"text": WORDS, "label": 1}, None, "row 1: label '1'"),
        ({"text": WORDS, "label": -1}, ["human", "ai"], "row 1: label -1"),
        ({"text": WORDS, "label": 1}, ["cat", "dog"], "row 1: label 'dog'"),
        ({"text": [WORDS], "label": "ai"}, None, "row 1: text is neither a word nor a number"),
        ({"text": None, "label": "ai"}, None, "row 1: neither a path nor a text"),
        ({"text": WORDS, "label": None}, None, "row 1: no label"),
    ],
)
def test_a_data_set_of_another_form_is_an_error(row, names, words, tmp_path):
    save_parquet(tmp_path / "test.parquet", [row], names)
    refused("datasets", tmp_path, "test.parquet", words)
    (tmp_path / "test.parquet").unlink()
    save_arrow(tmp_path / "test" / "data-0.arrow", [row], names)
    refused("datasets", tmp_path, "data-0.arrow", words)


def test_a_damaged_table_is_an_error(tmp_path):
    rows = [{"text": f"{WORDS} {number}", "label": "ai"} for number in range(50)]
    for path in (save_parquet(tmp_path / "p" / "a.parquet", rows), save_arrow(tmp_path / "a" / "data-0.arrow", rows)):
        whole = path.read_bytes()
        for content in (b"", b"nothing", whole[: len(whole) // 2]):
            path.write_bytes(content)
            with pytest.raises(SuiteError) as raised:
                load_set("datasets", path.parent)
            assert str(path.parent) in str(raised.value)


def test_a_table_with_a_text_that_is_no_text_is_an_error(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    bad = arrow.StringArray.from_buffers(1, arrow.py_buffer(b"\0\0\0\0\2\0\0\0"), arrow.py_buffer(b"\xff\xfe"))
    made = arrow.table({"text": bad, "label": ["ai"]})
    with arrow.OSFile(str(tmp_path / "data-0.arrow"), "wb") as file, arrow.ipc.new_stream(file, made.schema) as writer:
        writer.write_table(made)
    refused("datasets", tmp_path, "data-0.arrow, row 1", "UTF8")


def test_a_table_with_two_columns_of_one_name_is_an_error(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    made = arrow.Table.from_arrays(
        [arrow.array(["ai"]), arrow.array([WORDS]), arrow.array([WORDS])], ["label", "text", "text"]
    )
    parquet.write_table(made, tmp_path / "a.parquet")
    refused("datasets", tmp_path, "a.parquet", "two columns")


def test_a_data_set_of_which_only_some_rows_count_is_an_error(tmp_path):
    path = save_arrow(tmp_path / "data-0.arrow", [{"text": WORDS, "label": "ai"}])
    (path.parent / "state.json").write_text('{"_indices_data_files": [{"filename": "indices.arrow"}]}')
    refused("datasets", tmp_path, "only part of the table counts")
    (path.parent / "state.json").write_text("{")
    refused("datasets", tmp_path, "state.json", "not JSON")


def test_what_to_install_is_said_where_pyarrow_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"\[bench\]"):
        load_set("datasets", tmp_path)
