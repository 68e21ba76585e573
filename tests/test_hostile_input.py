"""Hostile and odd input at the command: a report or a clear error for each, no traceback, and limited memory."""

import json
import os
import threading
from pathlib import Path

import pytest

from .measured_command import MEMORY_LIMIT_KIB, run

pytestmark = pytest.mark.slow


def test_every_fuzzed_image_gets_a_report(fixtures: Path) -> None:
    folder = fixtures / "fuzzed-images"
    code, output, _, peak = run("verify", "--json", str(folder))
    reports = [json.loads(line) for line in output.splitlines()]
    assert len(reports) == len(list(folder.iterdir()))
    assert code in (0, 3)
    assert {report["conclusion"]["assurance"] for report in reports} <= {"none", "declared"}
    assert peak < MEMORY_LIMIT_KIB


def test_an_empty_file_gets_a_report(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    code, output, _, _ = run("verify", "--json", str(tmp_path / "empty.jpg"))
    assert code == 3
    assert json.loads(output)["conclusion"]["headline"]["key"] == "headline.empty"


def test_a_gigabyte_of_zeros_gets_a_report_in_limited_memory(tmp_path: Path) -> None:
    zeros = tmp_path / "zeros.jpg"
    with zeros.open("wb") as stream:
        stream.truncate(1024**3)
    code, output, _, peak = run("verify", "--json", str(zeros))
    report = json.loads(output)
    assert code == 0
    assert report["asset"]["size"] == 1024**3
    assert report["conclusion"]["origin"] == "unknown"
    assert peak < MEMORY_LIMIT_KIB


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\xffWEBP", b"\0\0\0\x18ftypmp42"]
)
def test_a_gigabyte_of_zeros_behind_a_real_header_gets_a_report_in_limited_memory(head: bytes, tmp_path: Path) -> None:
    zeros = tmp_path / "zeros.bin"
    with zeros.open("wb") as stream:
        stream.write(head)
        stream.truncate(1024**3)
    code, output, _, peak = run("verify", "--json", str(zeros))
    assert code in (0, 3)
    assert json.loads(output)["conclusion"]["assurance"] == "none"
    assert peak < MEMORY_LIMIT_KIB


def test_an_empty_folder_is_done_without_a_word(tmp_path: Path) -> None:
    code, output, errors, _ = run("verify", "--json", str(tmp_path))
    assert (code, output) == (0, "")
    assert "no file" in errors


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    code, _, errors, _ = run("verify", str(tmp_path / "gone.jpg"))
    assert code == 3
    assert "there is no such file" in errors.replace("\n", " ")


def test_a_pipe_is_a_clear_error_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    code, _, errors, _ = run("verify", str(tmp_path / "pipe.jpg"))
    assert code == 3
    assert "a pipe or device" in errors.replace("\n", " ")


def test_a_file_without_permission_is_a_clear_error(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"x")
    secret.chmod(0)
    code, _, errors, _ = run("verify", str(secret))
    assert code == 3
    assert "no permission" in errors.replace("\n", " ")


def test_a_file_that_is_removed_or_cut_while_it_is_read_gets_an_answer(tmp_path: Path, fixtures: Path) -> None:
    import provenance

    original = (fixtures / "public-testfiles/image/jpeg/truepic-20230212-landscape.jpg").read_bytes()
    verifier = provenance.Verifier()
    moving = tmp_path / "moving.jpg"
    stop = threading.Event()

    def disturb() -> None:
        while not stop.is_set():
            moving.write_bytes(original)
            os.truncate(moving, len(original) // 2)
            stop.wait(0.001)
            moving.unlink()
            stop.wait(0.001)

    thread = threading.Thread(target=disturb)
    thread.start()
    answers: list[str] = []
    try:
        for _ in range(200):
            try:
                answers.append(verifier.verify(moving).credentials.integrity.state)
            except provenance.AssetError as error:
                answers.append(str(error))
    finally:
        stop.set()
        thread.join()
    assert len(answers) == 200
    assert "intact" not in answers
    assert any(answer in ("altered", "broken", "disputed", "unreadable", "absent") for answer in answers)
