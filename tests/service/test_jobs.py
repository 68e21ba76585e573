"""Jobs: many files at once, through restarts, and what strangers send in their place."""

import io
import json
import os
import signal
import sqlite3
import time
import zipfile

import httpx
import pytest

from provenance import Report
from provenance_service.access.access import Caller
from provenance_service.jobs.job_input import MAX_ITEMS, JobInput, shortened_name
from provenance_service.jobs.jobs import ItemState, Jobs

from ..patience import PATIENCE, eventually
from .conftest import bearer, kept, started
from .job_client import finished, post, results
from .raw_requests import is_problem


def zipped(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def files(picture, ai_picture):
    return [("one.jpg", picture.read_bytes()), ("two.jpg", ai_picture.read_bytes()), ("three.txt", b"no mark here")]


def test_a_job_of_several_files_is_done_and_each_has_its_report(backend, start, files):
    service = start(**backend.settings())
    answer = post(service, files, headers={"Accept-Language": "fr"})
    assert answer.status_code == 202
    job = answer.json()["id"]
    assert answer.json()["items"] == 3
    assert finished(service, job) | {"made_at": 0, "expires_at": 0} == {
        "id": job, "state": "done", "items": 3, "waiting": 0, "done": 3, "failed": 0, "cancelled": 0,
        "made_at": 0, "expires_at": 0,
    }  # fmt: skip
    found = results(service, job)
    assert [(each["number"], each["name"], each["state"]) for each in found] == [
        (1, "one.jpg", "done"), (2, "two.jpg", "done"), (3, "three.txt", "done"),
    ]  # fmt: skip
    report = Report.model_validate(
        httpx.get(service.url + found[1]["report"], headers={"Accept-Language": "fr"}).json()
    )
    assert (report.asset.name, report.conclusion.origin, report.language) == ("two.jpg", "ai-generated", "fr")
    page = httpx.get(service.url + found[1]["report"], headers={"Accept": "text/html", "Accept-Language": "ja"})
    assert '<html lang="ja">' in page.text
    # The files themselves are gone.
    assert backend.storage().objects.keys("jobs/") == []


def test_a_job_that_is_resumed_hands_out_the_same_items_again(backend, picture):
    """The queue counts what a workflow did before: without the finished items it would leave out as many others."""
    jobs = Jobs(backend.storage(), 1)
    job = jobs.add([JobInput(f"{number}.jpg", picture) for number in (1, 2, 3)], "en", Caller("key:1", ()))
    assert jobs.numbers(job) == [1, 2, 3]
    assert jobs.finish(job, 1, ItemState.DONE)
    assert jobs.numbers(job) == [1, 2, 3]
    assert jobs.pending(job, 1) is None


def test_a_zip_is_examined_file_by_file(start, files):
    service = start()
    content = zipped([(f"folder/../{name}", content) for name, content in files] + [("empty/", b"")])
    answer = httpx.post(
        f"{service.url}/v1/jobs", content=content, headers={"Content-Type": "application/zip"}, timeout=PATIENCE
    )
    assert answer.status_code == 202, answer.text
    finished(service, answer.json()["id"])
    assert [each["name"] for each in results(service, answer.json()["id"])] == ["one.jpg", "two.jpg", "three.txt"]


def test_progress_is_told_as_it_happens(start, files):
    service = start()
    job = post(service, files * 3).json()["id"]
    told = []
    with httpx.stream("GET", f"{service.url}/v1/jobs/{job}/events", timeout=PATIENCE) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
    done = [each["done"] for each in told]
    assert done == sorted(done)
    assert told[-1]["state"] == "done"
    assert told[-1]["done"] == 9


def test_a_cancelled_job_stops_and_keeps_what_is_done(start, files):
    service = start(PROVENANCE_WORKERS="1")
    job = post(service, files * 40).json()["id"]
    eventually(lambda: httpx.get(f"{service.url}/v1/jobs/{job}").json()["done"] >= 2)
    cancelled = httpx.delete(f"{service.url}/v1/jobs/{job}").json()
    assert cancelled["state"] == "cancelled"
    assert cancelled["waiting"] == 0
    assert cancelled["cancelled"] > 60
    time.sleep(1)
    after = httpx.get(f"{service.url}/v1/jobs/{job}").json()
    assert after == cancelled | {"done": after["done"]}
    states = {each["state"]: each["report"] for each in results(service, job)}
    assert states["cancelled"] is None
    assert httpx.get(service.url + states["done"]).status_code == 200
    assert not list((kept(service.temporary) / "objects" / "jobs" / job).glob("*"))


@pytest.mark.slow
def test_a_killed_service_ends_its_jobs_after_the_restart_each_item_once(backend, tmp_path, files):
    (tmp_path / "temporary").mkdir()
    first = started(tmp_path / "temporary", **backend.settings())
    job = post(first, files * 5).json()["id"]
    eventually(lambda: httpx.get(f"{first.url}/v1/jobs/{job}").json()["done"] >= 3)
    workers = first.workers()
    os.kill(first.process.pid, signal.SIGKILL)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    first.process.wait()
    again = started(tmp_path / "temporary", **backend.settings())
    try:
        assert finished(again, job)["done"] == 15
        assert [each["number"] for each in results(again, job)] == list(range(1, 16))
    finally:
        again.stop()


def test_a_stopped_service_drains_and_the_next_one_goes_on(start, tmp_path, files):
    first = start("--folder", str(tmp_path), PROVENANCE_WORKERS="1")
    job = post(first, files * 5).json()["id"]
    eventually(lambda: httpx.get(f"{first.url}/v1/jobs/{job}").json()["done"] >= 1)
    assert first.stop() == 0
    again = start("--folder", str(tmp_path))
    assert finished(again, job)["done"] == 15


def test_two_instances_share_the_work_and_each_item_is_done_once(backend, start, files):
    if backend.database is None:
        pytest.skip("one folder is for one instance")
    one, two = start(**backend.settings()), start(**backend.settings())
    job = post(one, files * 10).json()["id"]
    assert finished(two, job)["done"] == 30
    assert len({each["number"] for each in results(two, job)}) == 30


def test_a_file_that_hangs_its_worker_does_not_hold_up_the_job(start, files, fixtures):
    service = start(PROVENANCE_TIME_LIMIT="4", PROVENANCE_WORKERS="1")
    (worker,) = service.workers()
    job = post(service, files).json()["id"]
    os.kill(worker, signal.SIGSTOP)
    assert finished(service, job)["done"] == 3
    codes = [httpx.get(service.url + each["report"]).json()["evidence"][0]["codes"] for each in results(service, job)]
    assert ["stopped"] in codes
    assert ["absent"] in codes


def test_the_same_job_sent_twice_is_done_once(start, files):
    service = start()
    key = {"Idempotency-Key": "7f1c"}
    first, second = post(service, files, headers=key), post(service, files, headers=key)
    assert first.json()["id"] == second.json()["id"]
    assert is_problem(post(service, files[:2], headers=key), 422, "key-reused")
    assert post(service, files).json()["id"] != first.json()["id"]
    assert is_problem(post(service, files, headers={"Idempotency-Key": "k" * 201}), 422, "bad-parameter")


def test_a_job_counts_each_of_its_files(start, files):
    service = start("--anonymous-quota", "5/hour")
    assert post(service, files).status_code == 202
    refused = post(service, files)
    assert is_problem(refused, 429, "quota")
    assert post(service, files[:2]).status_code == 202


def test_a_job_with_a_key_is_for_that_key_alone(start, files, backend):
    service = start(**backend.settings())
    mine, other = (bearer(backend.new_key(name, "--scope", "verify")) for name in ("mine", "other"))
    job = post(service, files[:1], headers=mine).json()["id"]
    assert finished(service, job, headers=mine)["done"] == 1
    for headers in (other, {}):
        for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/events"), ("DELETE", "")):
            answer = httpx.request(method, f"{service.url}/v1/jobs/{job}{path}", headers=headers)
            assert is_problem(answer, 404, "not-found")


# ---- what strangers send


def as_zip(service, content):
    return httpx.post(
        f"{service.url}/v1/jobs", content=content, headers={"Content-Type": "application/zip"}, timeout=PATIENCE
    )


def test_a_bomb_is_refused_before_it_fills_the_disk(start):
    service = start("--max-upload", "1MiB", PROVENANCE_MAX_JOB="20MiB")
    bomb = zipped([("zeros", bytes(200 * 2**20))], compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 300_000
    assert is_problem(as_zip(service, bomb), 413, "too-large")
    # One whose entries together are the bomb, and one that lies about its sizes.
    many = zipped([(f"{n}", bytes(2**20)) for n in range(60)], compression=zipfile.ZIP_DEFLATED)
    assert is_problem(as_zip(service, many), 413, "too-large")
    lying = bomb.replace((200 * 2**20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert as_zip(service, lying).status_code in (413, 422)
    assert list(service.temporary.iterdir()) == []
    assert not list((kept(service.temporary) / "objects").glob("jobs/*/*"))


@pytest.mark.parametrize(
    ("content", "status", "problem"),
    [
        (b"", 422, "bad-archive"),
        (b"no archive", 422, "bad-archive"),
        (zipped([]), 422, "no-file"),
        (zipped([("a.jpg", b"x" * 1000)])[:-30], 422, "bad-archive"),
        (zipped([(str(n), b"") for n in range(MAX_ITEMS + 1)]), 422, "too-many-items"),
    ],
    ids=["empty", "no zip", "nothing in it", "cut", "too many"],
)
def test_an_archive_that_is_none_is_refused(service, content, status, problem):
    assert is_problem(as_zip(service, content), status, problem)


def test_an_encrypted_archive_is_refused(service):
    content = bytearray(zipped([("a.txt", b"secret")]))
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + at] |= 1
    assert is_problem(as_zip(service, bytes(content)), 422, "bad-archive")


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "C:\\Windows\\a.jpg", "a\0b.jpg", "", "." * 300, "é" * 300 + ".jpg", "\ud800.jpg", ".."],
)
def test_a_name_leads_nowhere(name):
    found = shortened_name(name)
    assert "/" not in found
    assert "\\" not in found
    assert "\0" not in found
    assert len(found) <= 200
    found.encode()


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"urls": 1}', '{"urls": [1]}', '{"urls": "https://a"}', "[" * 10**6, '{"urls": ["' + "a" * 9000 + '"]}']
)  # fmt: skip
def test_addresses_that_are_none_are_refused(start_once, body):
    answer = httpx.post(f"{start_once.url}/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert is_problem(answer, 422, "bad-parameter")


@pytest.fixture(scope="module")
def start_once(tmp_path_factory):
    running = started(tmp_path_factory.mktemp("fetching"), "--fetch-urls")
    yield running
    running.stop()


def test_no_address_is_an_empty_job(start_once):
    assert is_problem(httpx.post(f"{start_once.url}/v1/jobs", json={"urls": []}), 422, "no-file")


def test_addresses_of_this_network_are_not_fetched_and_say_why(start_once):
    urls = ["https://127.0.0.1/a.jpg", "http://example.com/b.jpg", "https://[::1]/c.jpg", "file:///etc/passwd", "a\0b"]
    job = httpx.post(f"{start_once.url}/v1/jobs", json={"urls": urls}).json()["id"]
    assert finished(start_once, job)["failed"] == 5
    found = results(start_once, job)
    assert [each["state"] for each in found] == ["failed"] * 5
    assert all(each["why"] and each["report"] is None for each in found)


def test_addresses_are_refused_where_nothing_is_fetched(service):
    assert is_problem(
        httpx.post(f"{service.url}/v1/jobs", json={"urls": ["https://example.com/a"]}), 403, "fetching-off"
    )


def test_too_many_addresses_or_files_are_refused(start_once):
    urls = ["https://127.0.0.1/"] * (MAX_ITEMS + 1)
    assert is_problem(httpx.post(f"{start_once.url}/v1/jobs", json={"urls": urls}), 422, "too-many-items")
    files = [(f"{n}.txt", b"") for n in range(MAX_ITEMS + 10)]
    assert is_problem(post(start_once, files), 400, "malformed")


@pytest.mark.parametrize("path", ["", "/results", "/events"])
@pytest.mark.parametrize(("job", "status"), [("missing", 404), ("a%00b", 422), ("%C3%A9" * 200, 422)])
def test_a_job_that_there_is_not_is_not_found(service, job, status, path):
    assert httpx.get(f"{service.url}/v1/jobs/{job}{path}").status_code == status


def test_a_job_that_is_over_leaves_nothing_behind(start, tmp_path, files):
    service = start("--folder", str(tmp_path), PROVENANCE_KEEP_DAYS="0.0001")
    job = post(service, files).json()["id"]
    eventually(lambda: httpx.get(f"{service.url}/v1/jobs/{job}").status_code == 404)
    service.stop()
    start("--folder", str(tmp_path))

    def nothing_is_left():
        with sqlite3.connect(tmp_path / "provenance.db") as rows, sqlite3.connect(tmp_path / "queue.db") as queue:
            left = [
                rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("job", "job_item", "report")
            ]
            left += queue.execute("SELECT count(*) FROM workflow_status").fetchone()
        return not any(left)

    eventually(nothing_is_left)
    assert not [path for path in (tmp_path / "objects").rglob("*") if job in path.name and path.is_file()]
