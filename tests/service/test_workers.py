"""A file that takes too long, or kills its worker, costs that worker and nothing else."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jsonschema
import pytest

import provenance
from provenance.errors import RefusedTypeError
from provenance_service.settings import WORKER_MEMORY

from ..patience import PATIENCE
from .job_client import finished, post, results
from .raw_requests import is_problem

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds worker processes through /proc")


def was_stopped(answer):
    assert answer.status_code == 200
    report = answer.json()
    jsonschema.validate(report, provenance.report_schema())
    return any("stopped" in each["codes"] for each in report["evidence"])


def test_a_file_that_takes_too_long_gets_a_report_that_says_so(start, picture):
    service = start("--time-limit", "0.000001")
    for _ in range(3):
        answer = service.verify(picture)
        assert was_stopped(answer)
        assert answer.json()["asset"]["name"] == "picture.jpg"
    page = service.verify(picture, headers={"Accept": "text/html"})
    assert '<main class="report" id="report">' in page.text


@needs_proc
def test_a_worker_that_hangs_is_replaced(start, picture):
    service = start("--time-limit", "1.5")
    (hanging,) = service.workers()
    os.kill(hanging, signal.SIGSTOP)
    answer = service.verify(picture)
    assert was_stopped(answer)
    assert "2" in answer.json()["evidence"][0]["explanation"]["text"]
    assert not was_stopped(service.verify(picture))
    assert hanging not in service.workers()


@needs_proc
def test_a_worker_killed_at_work_does_not_disturb_later_files(start, picture):
    service = start("--time-limit", "100")
    with ThreadPoolExecutor() as pool:
        # A file that reaches the service only after the kill gets a new worker: then wait longer.
        for patience in (0.5, 2, 8, 30):
            (worker,) = service.workers()
            os.kill(worker, signal.SIGSTOP)
            answer = pool.submit(service.verify, picture)
            time.sleep(patience)
            os.kill(worker, signal.SIGKILL)
            if was_stopped(answer.result()):
                break
        else:
            pytest.fail("the death of the worker was never noticed")
    assert not was_stopped(service.verify(picture))


@needs_proc
def test_a_worker_killed_between_files_is_replaced_unseen(start, picture):
    service = start()
    (worker,) = service.workers()
    os.kill(worker, signal.SIGKILL)
    while Path(f"/proc/{worker}").exists() and ") Z " not in Path(f"/proc/{worker}/stat").read_text():
        time.sleep(0.01)
    assert not was_stopped(service.verify(picture))


@needs_proc
@pytest.mark.parametrize("address", ["verify", "detect", "heatmap", "matches/byContent"])
def test_a_client_that_goes_away_frees_its_worker(start, picture, address):
    service = start("--time-limit", "3600", PROVENANCE_WORKERS="1")
    (worker,) = service.workers()
    os.kill(worker, signal.SIGSTOP)
    content = picture.read_bytes()
    body = {"content": content} if "/" in address else {"files": {"file": ("a.jpg", content)}}
    # A client that goes before its file has reached the worker frees nothing: then stay longer.
    for patience in (0.5, 2, 8, 30):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{service.url}/v1/{address}", timeout=httpx.Timeout(PATIENCE, read=patience), **body)
        if ends_within(worker, patience):
            break
    else:
        pytest.fail("the worker was never freed")
    assert not was_stopped(service.verify(picture))
    assert "provenance_workers_stopped 0.0" in httpx.get(f"{service.url}/metrics").text


def ends_within(process: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.05)
    return False


@needs_proc
def test_workers_cannot_take_all_memory(service):
    for worker in service.workers():
        limits = Path(f"/proc/{worker}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
        assert line.split()[3] == str(WORKER_MEMORY)


@needs_proc
def test_no_worker_outlives_the_service(start, picture):
    service = start()
    service.verify(picture)
    workers = service.workers()
    assert workers
    assert service.stop() == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_no_more_workers_than_asked_for(start, picture):
    service = start(PROVENANCE_WORKERS="2")
    with ThreadPoolExecutor(8) as pool:
        assert not any(map(was_stopped, pool.map(service.verify, [picture] * 16)))
    if Path("/proc/self/task").is_dir():
        assert 1 <= len(service.workers()) <= 2


def test_a_type_that_is_switched_off_is_refused_before_it_is_parsed(start, picture, tmp_path):
    (tmp_path / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    service = start(PROVENANCE_REFUSED_TYPES="image/svg+xml,video/*")
    assert service.verify(picture).status_code == 200
    # What it is called does not matter.
    refused = service.verify(tmp_path / "drawing.svg", name="photo.jpg", headers={"Accept-Language": "fr"})
    assert is_problem(refused, 415, "refused-type")
    assert "image/svg+xml" in refused.json()["detail"]
    svg = (tmp_path / "drawing.svg").read_bytes()
    for path in ("/v1/detect", "/v1/heatmap"):
        answer = httpx.post(f"{service.url}{path}", files={"file": ("a.svg", svg)}, timeout=PATIENCE)
        assert is_problem(answer, 415, "refused-type")
    both = {"file": ("a.jpg", picture.read_bytes()), "delivered": ("b.svg", svg)}
    assert is_problem(httpx.post(f"{service.url}/v1/compare", files=both, timeout=PATIENCE), 415, "refused-type")
    job = post(service, [("a.svg", svg), ("b.jpg", picture.read_bytes())]).json()["id"]
    assert finished(service, job) | {"failed": 1, "done": 1} == finished(service, job)
    assert "image/svg+xml" in results(service, job)[0]["why"]


def test_a_library_refuses_types_too(picture):
    with pytest.raises(RefusedTypeError, match="image/jpeg"):
        provenance.Verifier(refused_types=["image/*"]).verify(picture)
    assert provenance.Verifier(refused_types=["image/png"]).verify(picture).asset.media_type == "image/jpeg"
