"""The ruler of the picture detectors: what trains shares nothing with what is measured, and the worst source decides."""

import csv
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from picture_data import HELD_OUT, MANIFEST, SOURCES, Repository, Seen, chosen, fingerprint, held_out, refuse_held_out
from picture_ruler import DRAWN, Pictures, by_source, out_of_fold, rounds, summary, threshold


def pictures(rows: list[tuple[bool, str, str, str, bool]]) -> Pictures:
    """Pictures of (ai, source, family, kind, final); the owner is the source up to its slash."""
    ai, source, family, kind, final = (np.array(column) for column in zip(*rows, strict=True))
    group = np.array([name.split("/")[0] for name in source])
    return Pictures(ai, source, group, family, kind, final)


@pytest.fixture
def many() -> Pictures:
    rows = [(True, f"a{n}/made", f"family{n % 6}", "portrait", n == 11) for n in range(12) for _ in range(20)]
    rows += [(False, f"r{n}/taken", "", "painting" if n == 3 else "photograph", n == 9) for n in range(10)
             for _ in range(20)]  # fmt: skip
    rows += [(False, "a1/taken", "", "photograph", False)] * 20
    return pictures(rows)


def test_nothing_trains_that_shares_owner_or_family_with_what_is_measured(many: Pictures) -> None:
    measured = np.zeros((3, len(many.ai)), int)
    for repeat, train, test in rounds(many):
        assert not set(many.group[train]) & set(many.group[test])
        assert not set(many.family[train & many.ai]) & set(many.family[test & many.ai])
        assert not (train & many.final).any() and not (test & many.final).any()
        assert many.ai[train].any() and not many.ai[train].all()
        measured[repeat] += test
    assert (measured[:, ~many.final] == 1).all()


def test_the_folds_differ_between_repeats_and_come_out_again(many: Pictures) -> None:
    first, second = ([tuple(test) for _, _, test in rounds(many)] for _ in range(2))
    assert first == second
    assert set(first[:5]) != set(first[5:10])


def test_the_final_sources_are_never_scored_in_the_folds(many: Pictures) -> None:
    scores = out_of_fold(many, lambda train, test: np.full(test.sum(), float(train.sum())))
    assert np.isnan(scores[:, many.final]).all() and np.isfinite(scores[:, ~many.final]).all()


def test_the_threshold_is_that_of_the_worst_source_and_of_the_highest_drawing(many: Pictures) -> None:
    scores, real = np.zeros(len(many.ai)), ~many.ai & ~many.final
    scores[np.flatnonzero(many.source == "r2/taken")[0]] = 5.0  # one of twenty: more than one in two hundred
    assert threshold(scores, many, real) > 5.0
    drawn = np.flatnonzero(many.source == "r3/taken")
    assert many.kind[drawn[0]] in DRAWN
    scores[drawn[0]] = 9.0
    assert threshold(scores, many, real) > 9.0
    assert threshold(scores, many, real, 0.1) < 5.0
    for rate in (0.005, 0.05, 0.3):
        at = threshold(scores, many, real, rate)
        for name in set(many.source[real]):
            assert (scores[many.source == name] >= at).mean() <= rate


def test_the_figures_are_by_source_and_name_the_worst(many: Pictures) -> None:
    scores = np.where(many.ai, 2.0, 0.0)
    scores[many.source == "a5/made"] = -1.0
    figures = by_source(scores, many, ~many.final, 1.0)
    made = [each for each in figures if each.ai]
    found = summary(made, lambda each: each.auc, np.argmin)
    assert (found.worst, found.worst_source) == (0.0, "a5/made")
    assert found.mean == pytest.approx(10 / 11) and found.low < found.mean < found.high and found.quartile == 1.0
    assert {each.called for each in figures if not each.ai} == {0.0}


def test_a_held_out_repository_is_refused_however_it_is_written() -> None:
    name = HELD_OUT.read_text().splitlines()[3]
    assert name.lower() in held_out()
    with pytest.raises(SystemExit, match="held out"):
        refuse_held_out([{"repository": name.upper()}])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_manifest_names_every_picture_once_and_no_held_out_one() -> None:
    found = rows(MANIFEST)
    assert len({row["sha256"] for row in found}) == len(found) > 3000
    assert not {row["repository"].lower() for row in found} & held_out()
    assert {row["repository"] for row in found} <= {row["repository"] for row in rows(SOURCES)}
    assert all(row["source"] and len(row["commit"]) == 40 and row["path"] and row["licence"] for row in found)
    final = {label: {row["source"] for row in found if row["split"] == "final" and row["label"] == label}
             for label in ("ai", "real")}  # fmt: skip
    assert len(final["ai"]) >= 12 and len(final["real"]) >= 10
    owners = {split: {row["group"] for row in found if row["split"] == split} for split in ("final", "selection")}
    assert not owners["final"] & owners["selection"]


def test_the_recipe_takes_each_picture_once_and_says_where_it_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mirror" / "somebody+photos"
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (2, 9, 12, 3)).astype(np.uint8)
    for name, pixels in (("a", noise[0]), ("b", noise[1])):
        Image.fromarray(pixels).resize((640, 480)).save(folder / f"{name}.png")
    Image.open(folder / "a.png").resize((500, 375)).save(folder / "copy-of-a.jpg")
    Image.fromarray(noise[0]).resize((200, 150)).save(folder / "small.png")
    (folder / "LICENSE").write_text("MIT License\n\nPermission is hereby granted, free of charge")
    run = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "pictures"]):
        subprocess.run([*run, *command], check=True)
    table = tmp_path / "sources.csv"
    table.write_text(
        "repository,label,generator,family,kind,split,include,exclude,note\nsomebody/photos,real,,,photograph,final,,,\n"
    )
    monkeypatch.setattr("picture_data.SOURCES", table)
    (tmp_path / "out").mkdir()
    found = list(chosen(tmp_path / "mirror", tmp_path / "out"))
    assert len(found) == 2 and sum(row["path"] == "b.png" for row in found) == 1
    assert {row["licence"] for row in found} == {"MIT"} and {row["split"] for row in found} == {"final"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {row["sha256"] for row in found}
    assert found[0]["commit"] == Repository(tmp_path / "mirror", "somebody/photos").commit
    assert fingerprint(b"no picture") is None and Seen().is_new(1)
