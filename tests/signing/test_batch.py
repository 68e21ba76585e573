"""Folders: everything is signed, what cannot be is reported, and what was interrupted is taken up again."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import provenance
from provenance_signing import batch
from provenance_signing.batch import RECORD, BatchRow, BatchSettings, BatchStatus, files_below, sign_folder
from provenance_signing.errors import CredentialError, OutputError, ProfileError

from ..core.signing import picture, plain_picture
from ..patience import PATIENCE, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for number, colour in enumerate(("red", "green", "blue")):
        (folder / f"{number}.jpg").write_bytes(plain_picture(colour))
    (folder / "sub/text.txt").write_text("Bonjour\n")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "unknown.bin").write_bytes(bytes(range(8)) * 4)
    (folder / "link.jpg").symlink_to(folder / "0.jpg")
    (folder / ".hidden.jpg").write_bytes(picture())
    return folder


@pytest.fixture
def settings(development) -> BatchSettings:
    return BatchSettings(development().credential, "ai-generated", facts={"model": "Example Model"})


def statuses(rows: list[BatchRow]) -> dict[str, str]:
    return {row.source: str(row.status) for row in rows}


def test_one_bad_file_is_reported_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, settings: BatchSettings, authority_root: bytes
) -> None:
    out = tmp_path / "out"
    rows = list(sign_folder(folder, out, settings, jobs=2))
    assert statuses(rows) == {
        "0.jpg": "signed",
        "1.jpg": "signed",
        "2.jpg": "signed",
        "sub/text.txt": "signed",
        "broken.jpg": "failed",
        "unknown.bin": "failed",
    }
    failed = {row.source: row.error for row in rows if row.status is BatchStatus.FAILED}
    assert "cannot be parsed" in failed["broken.jpg"]
    assert "no type that can be signed" in failed["unknown.bin"]
    verifier = provenance.Verifier(trust=authority_root)
    for row in rows:
        if row.status is BatchStatus.SIGNED:
            report = verifier.verify(out / row.output)
            assert report.credentials.signer.state == "trusted"
            assert report.credentials.history.steps[0].manifest == row.manifest
            assert report.asset.sha256 == row.output_sha256
    with (out / RECORD).open(newline="") as record:
        written = {line["source"]: line["status"] for line in csv.DictReader(record)}
    assert written == statuses(rows)


def test_what_was_signed_is_skipped_until_it_changes(folder: Path, tmp_path: Path, settings: BatchSettings) -> None:
    out = tmp_path / "out"
    list(sign_folder(folder, out, settings))
    (folder / "1.jpg").write_bytes(plain_picture("yellow"))  # a new source
    (out / "2.jpg").unlink()  # an output that is gone
    (folder / "new.jpg").write_bytes(picture())
    again = statuses(list(sign_folder(folder, out, settings)))
    assert again == {
        "0.jpg": "skipped",
        "1.jpg": "signed",
        "2.jpg": "signed",
        "new.jpg": "signed",
        "sub/text.txt": "skipped",
        "broken.jpg": "failed",
        "unknown.bin": "failed",
    }


def test_another_profile_signs_anew(folder: Path, tmp_path: Path, settings: BatchSettings) -> None:
    out = tmp_path / "out"
    list(sign_folder(folder, out, settings))
    captured = BatchSettings(settings.credential, "captured")
    assert statuses(list(sign_folder(folder, out, captured)))["0.jpg"] == "signed"


def test_a_record_that_a_kill_cut_off_is_taken_up(folder: Path, tmp_path: Path, settings: BatchSettings) -> None:
    out = tmp_path / "out"
    list(sign_folder(folder, out, settings))
    record = out / RECORD
    whole = record.read_bytes()
    record.write_bytes(whole[: len(whole) - 40])
    rows = statuses(list(sign_folder(folder, out, settings)))
    assert "skipped" in rows.values()
    assert set(rows.values()) <= {"skipped", "signed", "failed"}


def test_an_output_inside_the_folder_is_not_signed_again(folder: Path, settings: BatchSettings) -> None:
    out = folder / "signed"
    list(sign_folder(folder, out, settings))
    assert all(out not in path.parents for path in files_below(folder, out))


def test_what_can_sign_nothing_at_all_is_said_before_the_first_file(
    folder: Path, tmp_path: Path, settings: BatchSettings
) -> None:
    out = tmp_path / "out"
    with pytest.raises(ProfileError):
        list(sign_folder(folder, out, BatchSettings(settings.credential, "no-such-profile")))
    with pytest.raises(CredentialError):
        list(sign_folder(folder, out, BatchSettings(tmp_path / "none.toml", "captured")))
    out.write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        list(sign_folder(folder, out, settings))


KILLER = """
import os, signal
from pathlib import Path
from provenance_signing import batch
_sign_one = batch._sign_one
def deadly(path, relative, out, signing):
    if path.name == "1.jpg":
        os.kill(os.getpid(), signal.SIGKILL)  # as a crash in the engine, or the system when memory runs out
    return _sign_one(path, relative, out, signing)
"""


def test_a_file_that_takes_its_process_down_is_reported_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, settings: BatchSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "killer.py").write_text(KILLER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import killer  # the processes of the pool import it too

    monkeypatch.setattr("provenance_signing.batch._sign_one", killer.deadly)
    rows = list(sign_folder(folder, tmp_path / "out", settings, jobs=2))
    assert statuses(rows) == {
        "0.jpg": "signed",
        "1.jpg": "failed",
        "2.jpg": "signed",
        "sub/text.txt": "signed",
        "broken.jpg": "failed",
        "unknown.bin": "failed",
    }
    assert next(row.error for row in rows if row.source == "1.jpg") == "the file stopped the process"


# The command


def run(*arguments: object, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "provenance.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **more)


def test_the_command_signs_a_folder_and_says_what_it_did(folder: Path, tmp_path: Path, development) -> None:
    how = ("--credential", development().credential, "--profile", "ai-generated", "--model", "M")
    done = run("sign", folder, "--out", tmp_path / "out", *how)
    assert done.returncode == 1
    assert "4 signed, 0 skipped, 2 failed" in done.stdout
    assert "broken.jpg: not signed: the asset cannot be parsed" in done.stderr
    again = run("sign", folder, "--out", tmp_path / "out", *how, "--json")
    assert {json.loads(line)["status"] for line in again.stdout.splitlines()} == {"skipped", "failed"}


def test_a_command_that_is_killed_is_taken_up_where_it_was(tmp_path: Path, development, authority_root: bytes) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(120):
        (folder / f"{number:03}.jpg").write_bytes(picture())
    how = ["--credential", development().credential, "--profile", "ai-generated", "--model", "M", "--jobs", "1"]
    command = [sys.executable, "-m", "provenance.cli", "sign", folder, "--out", out, *how]
    with subprocess.Popen(list(map(str, command)), start_new_session=True) as process:
        eventually(lambda: len(list(out.glob("*.jpg"))) >= 20)
        os.killpg(process.pid, signal.SIGKILL)
    signed = len(list(out.glob("*.jpg")))
    assert 20 <= signed < 120
    done = run("sign", folder, "--out", out, *how)
    assert done.returncode == 0
    skipped = int(done.stdout.split(" skipped")[0].rpartition(" ")[2])
    assert signed - 3 <= skipped <= signed
    verifier = provenance.Verifier(trust=authority_root, sources=["c2pa"], second_engine=False)
    states = {verifier.verify(path).credentials.signer.state for path in out.glob("*.jpg")}
    assert states == {"trusted"}
    assert len(list(out.iterdir())) == 121


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("in/0.jpg",), "say where the signed asset goes"),
        (("in",), "a folder is signed into another one"),
        (("in", "--out", "out", "--title", "A"), "--title belongs to one file"),
        (("in/0.jpg", "--out", "o.jpg", "--model-version", "2"), "belong to --model"),
        (("in/none.jpg", "--out", "o.jpg", "--model", "M"), "no such file"),
        (("in/0.jpg", "--out", "o.jpg", "--facts", "in/0.jpg"), "is not JSON"),
    ],
)
def test_wrong_usage_is_said(arguments: tuple[str, ...], why: str, folder: Path, development) -> None:
    how = ("--credential", development().credential, "--profile", "ai-generated")
    done = run("sign", *arguments, *how, cwd=folder.parent)
    assert done.returncode in (1, 2)
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_a_source_that_is_named_as_the_record_does_not_take_its_place(
    folder: Path, tmp_path: Path, settings: BatchSettings
) -> None:
    (folder / RECORD).write_text("a,b\n")
    (row,) = sign_folder(folder, tmp_path / "out", settings, paths=[folder / RECORD])
    assert row.status is BatchStatus.FAILED
    with (tmp_path / "out" / RECORD).open(newline="") as record:
        assert [line["source"] for line in csv.DictReader(record)] == [RECORD]


def test_a_name_that_is_no_unicode_does_not_end_the_folder(
    folder: Path, tmp_path: Path, settings: BatchSettings
) -> None:
    odd = folder / os.fsdecode(b"odd\xff.jpg")
    odd.write_bytes(plain_picture("red"))
    paths, out = [odd, folder / "0.jpg"], tmp_path / "out"
    assert statuses(list(sign_folder(folder, out, settings, paths=paths))) == {odd.name: "signed", "0.jpg": "signed"}
    again = statuses(list(sign_folder(folder, out, settings, paths=paths)))
    assert again["0.jpg"] == "skipped"


@pytest.mark.parametrize("cut", ["cut.jpg,sig", 'cut.jpg,failed,p,,,,,,"a, b'])
def test_what_a_kill_cut_off_swallows_no_later_line(
    cut: str, folder: Path, tmp_path: Path, settings: BatchSettings
) -> None:
    out, paths = tmp_path / "out", [folder / "0.jpg"]
    list(sign_folder(folder, out, settings, paths=[]))
    with (out / RECORD).open("a", newline="") as record:
        record.write(cut)
    assert statuses(list(sign_folder(folder, out, settings, paths=paths))) == {"0.jpg": "signed"}
    assert statuses(list(sign_folder(folder, out, settings, paths=paths))) == {"0.jpg": "skipped"}


def test_an_error_of_any_kind_does_not_end_the_folder(
    folder: Path, tmp_path: Path, settings: BatchSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a codec gave up")

    signing = batch._Signing(settings)
    monkeypatch.setattr(signing.signer, "sign", fails)
    row = batch._sign_one(folder / "0.jpg", Path("0.jpg"), tmp_path / "out", signing)
    assert (row.status, row.error) == ("failed", "RuntimeError: a codec gave up")
