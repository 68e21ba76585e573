"""Suites as data: what ships holds together, and what is broken is said. Files come from mirrors and addresses."""

import csv
import functools
import hashlib
import http.server
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provenance_benchmarks.bias import Bias
from provenance_benchmarks.edits import EDITS
from provenance_benchmarks.errors import RunError, SuiteError
from provenance_benchmarks.store import ChangedError, Store
from provenance_benchmarks.suite import Suite, SuiteItem, load_suite, shipped, write_manifest
from provenance_benchmarks.tasks import all_tasks

from .conftest import card

TRAINING = Path(__file__).parents[2] / "detectors" / "training" / "data" / "images.csv"


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_suite_holds_together(name: str) -> None:
    suite = load_suite(name)
    assert set(suite.card.tasks) <= all_tasks().keys()
    assert set(suite.card.edits) <= EDITS.keys()
    assert all(len(item.sha256) == 64 and item.licence for item in suite.items)
    assert len({item.sha256 for item in suite.items}) == len(suite.items) or name in ("manifests-v1", "smoke-v1")
    addressed = [item for item in suite.items if item.modality != "manifest" or name != "smoke-v1"]
    assert all(item.url.startswith("https://") for item in addressed)
    # A commit, not a branch, so that the file stays what it is.
    assert all(any(len(part) == 40 for part in item.url.split("/")) for item in addressed)
    assert all(item.expected for item in suite.of("manifest"))


def test_every_expected_answer_of_a_public_file_says_who_says_so() -> None:
    items = load_suite("manifests-v1").items
    assert all(item.truth for item in items)
    # Where the publisher and the standard differ, nobody is right or wrong about "unchanged?".
    open_ones = {item.id for item in items if "integrity" not in dict(item.expected)}
    assert open_ones == {
        "c2pa-rs/legacy.mp4",
        "c2pa-rs/update_manifest.jpg",
        "public-testfiles/image/jpeg/truepic-20230212-landscape.jpg",
    }


def test_a_signer_of_our_own_list_earns_us_no_right_answer() -> None:
    assert {dict(item.expected)["signer"] for item in load_suite("manifests-v1").items} == {"none", "untrusted"}


@pytest.mark.parametrize("name", [name for name in shipped() if name != "manifests-v1"])
def test_pairs_lie_on_one_side_of_a_split(name: str) -> None:
    sides: dict[str, set[str]] = {}
    for item in load_suite(name).items:
        if item.pair:
            sides.setdefault(item.pair, set()).add(item.split)
    assert sides
    assert not [pair for pair, splits in sides.items() if len(splits) > 1]


def test_the_splits_are_those_that_the_bundled_image_detector_was_trained_by() -> None:
    with TRAINING.open(newline="") as file:
        trained = {row["sha256"]: row["split"] for row in csv.DictReader(file)}
    suite = load_suite("images-v1")
    assert all(trained[item.sha256] == item.split for item in suite.items)
    assert Counter(item.split for item in suite.items)["test"] > 600
    edits = load_suite("edits-v1")
    by_hash = {item.sha256: item.split for item in suite.items}
    assert all(by_hash[item.sha256] == item.split != "train" for item in edits.items)


def test_the_suite_in_the_repository_is_whole_and_small() -> None:
    suite, store = load_suite("smoke-v1"), Store()
    assert store.missing(suite, suite.items) == []
    files = list((suite.folder / "files").iterdir())
    assert {path.name for path in files} == {item.id for item in suite.items}
    assert sum(path.stat().st_size for path in files) < 2_000_000
    for item in suite.items:
        assert hashlib.sha256(store.read(suite, item)).hexdigest() == item.sha256
    assert not any("ImageNet" in item.licence for item in suite.items)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_suite_was_checked_for_biases_as_it_is(name: str) -> None:
    suite = load_suite(name)
    found = Bias.model_validate_json((suite.folder / "bias.json").read_bytes())
    assert found.sha256 == suite.digest
    assert found.passed
    assert found.unreadable == 0


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    items = [
        SuiteItem(
            "a", "ai", "text", "0" * 64, 12, generator="g, h", language="fr", kind="k", pair="p", split="train", fold=2
        ),
        SuiteItem("b", "", "text", "1" * 64, truth="both", expected=(("integrity", "intact"),)),
    ]
    (tmp_path / "card.toml").write_text(_card_text())
    write_manifest(tmp_path / "manifest.csv", items)
    suite = Suite.load(tmp_path)
    assert suite.items == tuple(items)
    assert suite.digest != replace(suite, items=(replace(items[0], label="not-ai"), items[1])).digest
    assert suite.digest == replace(suite, items=(replace(items[0], kind="other"), items[1])).digest


def _card_text() -> str:
    known = card().model_dump(mode="json")
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in known.items())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("card.toml", "name = ["),
        ("card.toml", 'name = "x"'),
        ("manifest.csv", ""),
        ("manifest.csv", "id,label\na,ai\na,ai\n"),
        ("manifest.csv", "id,label\na,perhaps\n"),
        ("manifest.csv", "id,label,split\na,ai,exam\n"),
        ("manifest.csv", "id,label,bytes\na,ai,many\n"),
        ("manifest.csv", "id,label,truth\na,ai,ourselves\n"),
    ],
)
def test_a_broken_suite_is_said(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(_card_text())
    (tmp_path / "manifest.csv").write_text("id,label\na,ai\n")
    assert Suite.load(tmp_path).items
    (tmp_path / name).write_text(text)
    with pytest.raises(SuiteError, match=str(tmp_path)):
        Suite.load(tmp_path)


def test_a_suite_that_is_not_there_is_said() -> None:
    with pytest.raises(SuiteError, match=r"no suite called none; shipped: copies-v1.*smoke-v1"):
        load_suite("none")


def _emptied(suite: Suite, folder: Path) -> tuple[Suite, Path]:
    """The suite without its files, which lie in a mirror under other names."""
    mirror = folder / "mirror" / "deep"
    mirror.mkdir(parents=True)
    for number, item in enumerate(suite.items):
        (suite.folder / "files" / item.id).rename(mirror / f"{number}.bin")
    return suite, folder / "mirror"


def test_files_are_found_in_a_mirror_by_their_hashes(picture_suite: Suite, tmp_path: Path) -> None:
    suite, mirror = _emptied(picture_suite, tmp_path)
    (mirror / "deep" / "0.bin").write_bytes((mirror / "deep" / "0.bin").read_bytes()[:-1] + b"?")
    store = Store(tmp_path / "store")
    assert len(store.missing(suite, suite.items)) == len(suite.items)
    found = store.fetch_from_mirror(suite, mirror)
    assert (found.here, found.missing) == (len(suite.items) - 1, (("000.img", "in no file of the mirror"),))
    # Another process finds them too, and a picture that was changed since is not taken for the one that was asked for.
    again = Store(tmp_path / "store")
    assert again.read(suite, suite.items[1]) == (mirror / "deep" / "1.bin").read_bytes()
    (mirror / "deep" / "1.bin").write_bytes(b"changed")
    with pytest.raises(ChangedError, match="not the file that the manifest names"):
        again.read(suite, suite.items[1])


def test_texts_are_taken_out_of_files_of_lines_and_lists(text_suite: Suite, tmp_path: Path) -> None:
    texts = [(text_suite.folder / "files" / item.id).read_text() for item in text_suite.items]
    shutil.rmtree(text_suite.folder / "files")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    lines = [json.dumps({"id": str(at), "text": f"  {text}\n"}) for at, text in enumerate(texts[:30])]
    (mirror / "some.jsonl").write_text("\n".join(lines))
    (mirror / "others.json").write_text(json.dumps(texts[30:]))
    store = Store(tmp_path / "store")
    found = store.fetch_from_mirror(text_suite, mirror)
    assert (found.here, found.missing) == (60, ())
    assert store.read(text_suite, text_suite.items[3]).decode() == texts[3]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """A web server with a folder, and what it was asked for."""
    folder, asked = tmp_path / "served", list[str]()
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            asked.append(self.path)

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", folder, asked
    running.shutdown()
    running.server_close()


def test_files_are_downloaded_checked_and_not_downloaded_twice(
    picture_suite: Suite, server: tuple[str, Path, list[str]], tmp_path: Path
) -> None:
    address, folder, asked = server
    for item in picture_suite.items[:4]:
        shutil.move(picture_suite.folder / "files" / item.id, folder / item.id)
    (folder / "001.img").write_bytes(b"something else")
    (folder / "002.img").unlink()
    items = tuple(replace(item, url=f"{address}/{item.id}") for item in picture_suite.items)
    suite, store = replace(picture_suite, items=items), Store(tmp_path / "store")
    found = store.fetch_from_sources(suite)
    assert found.here == len(items) - 2
    reasons = dict(found.missing)
    assert "hash" in reasons["001.img"]
    assert "404" in reasons["002.img"]
    assert store.read(suite, items[0]) == (folder / "000.img").read_bytes()
    asked.clear()
    store.fetch_from_sources(suite)
    assert set(asked) == {"/001.img", "/002.img"}


def test_texts_are_downloaded_in_the_files_that_hold_them(server: tuple[str, Path, list[str]], tmp_path: Path) -> None:
    address, folder, _ = server
    (folder / "human.json").write_text(json.dumps(["One text.", "Another text."]))
    (folder / "page.json").write_text("<html>")
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in ("One text.", "Another text.", "Third")]
    urls = [f"{address}/human.json", f"{address}/human.json", f"{address}/page.json"]
    items = tuple(
        SuiteItem(str(at), "ai", "text", digest, url=url)
        for at, (digest, url) in enumerate(zip(digests, urls, strict=True))
    )
    store, suite = Store(tmp_path / "store"), Suite(card(), items)
    found = store.fetch_from_sources(suite)
    assert (found.here, [name for name, _ in found.missing]) == (2, ["2"])
    assert "holds no texts" in found.missing[0][1]
    assert store.read(suite, items[1]) == b"Another text."


def test_a_store_that_cannot_be_written_is_said(picture_suite: Suite, tmp_path: Path) -> None:
    suite, mirror = _emptied(picture_suite, tmp_path)
    (tmp_path / "store").write_text("a file where the folder should be")
    with pytest.raises(RunError, match="cannot be written"):
        Store(tmp_path / "store").fetch_from_mirror(suite, mirror)
    with pytest.raises(SuiteError, match="there is no such folder"):
        Store(tmp_path / "other").fetch_from_mirror(suite, tmp_path / "nowhere")
