"""What goes wrong around the service: the database away, the disk full, the same request twice, the end in the middle."""

import os
import signal
import socket
import sqlite3
import threading

import httpx
import pytest

from provenance_service.access.keys import Keys
from provenance_service.access.scope import Scope
from provenance_service.settings import Settings
from provenance_service.storage import Storage
from provenance_signing.keys.development import create

from ..patience import PATIENCE, eventually
from .conftest import bearer, kept, new_key, started
from .databases import running_postgres
from .job_client import finished, post
from .press import sign
from .raw_requests import is_problem


def test_a_service_starts_without_its_database_and_finds_it_later(tmp_path, start, picture):
    with running_postgres() as cluster:
        url = cluster.new_database()
        cluster.stop()
        service = start("--database", url)
        # What needs no database is answered; what needs one says so, and when to come again.
        assert service.verify(picture).status_code == 200
        assert httpx.get(f"{service.url}/readyz", timeout=PATIENCE).json() == {"status": "ok", "storage": "unavailable"}
        refused = service.verify(picture, params={"keep": "1"})
        assert is_problem(refused, 503, "storage-unavailable")
        assert refused.headers["retry-after"] == "10"
        assert is_problem(service.verify(picture, headers=bearer("prv_any")), 503, "storage-unavailable")
        cluster.start()
        eventually(lambda: service.verify(picture, params={"keep": "1"}).status_code == 200)

        # And in the middle: jobs wait for it and go on.
        job = post(service, [("a.jpg", picture.read_bytes())] * 20).json()["id"]
        cluster.stop()
        assert service.verify(picture).status_code == 200
        assert is_problem(httpx.get(f"{service.url}/v1/jobs/{job}", timeout=PATIENCE), 503, "storage-unavailable")
        cluster.start()
        eventually(lambda: httpx.get(f"{service.url}/v1/jobs/{job}", timeout=PATIENCE).status_code == 200)
        assert finished(service, job)["done"] == 20
        assert service.stop() == 0


def test_a_full_disk_is_said_and_nothing_is_half_kept(start, picture, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=1536k tmpfs {small}") != 0:
        pytest.skip("only root can mount a small disk")
    try:
        service = start("--folder", str(small))
        assert service.verify(picture, params={"keep": "1"}).status_code == 200
        filler = small / "filler"
        with pytest.raises(OSError), filler.open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(4096))
        assert is_problem(service.verify(picture, params={"keep": "1"}), 503, "storage-unavailable")
        assert is_problem(post(service, [("a.bin", bytes(100_000))]), 503, "storage-unavailable")
        assert service.verify(picture).status_code == 200
        filler.unlink()
        answer = service.verify(picture, params={"keep": "1"})
        assert answer.status_code == 200
        assert httpx.get(service.url + answer.headers["provenance-report"]).status_code == 200
        with sqlite3.connect(small / "provenance.db") as database:
            assert database.execute("SELECT count(*) FROM job").fetchone() == (0,)
            assert database.execute("SELECT count(*) FROM report").fetchone() == (2,)
        service.stop()
    finally:
        os.system(f"umount -l {small}")


@pytest.fixture
def press(backend, start, tmp_path):
    create(tmp_path / "credentials" / "newsroom", organisation="Example newsroom")
    service = start("--credentials", str(tmp_path / "credentials"), **backend.settings())
    return service, bearer(backend.new_key("cms", "--scope", "sign"))


def test_what_is_signed_twice_with_one_key_is_signed_once(press, picture, backend):
    from provenance_service.audit import AuditAction, entries

    service, key = press
    content = picture.read_bytes()
    once = service, key | {"Idempotency-Key": "order-1"}
    first, second = sign(once, content), sign(once, content)
    assert first.status_code == 200
    assert first.content == second.content
    for name in ("provenance-manifest", "provenance-remarks", "ai-disclosure", "content-type"):
        assert first.headers[name] == second.headers[name]
    assert is_problem(sign(once, content, {"profile": "ai-generated", "model": "Other"}), 422, "key-reused")
    assert sign(press, content).content != first.content
    refused = service, key | {"Idempotency-Key": "order-2"}
    assert is_problem(sign(refused, content, {"profile": "missing"}), 422, "not-signed")
    with backend.storage().database.read() as connection:
        assert [row.action for row in entries(connection)].count(AuditAction.SIGNED) == 2


def test_two_at_once_with_one_key_are_one(press, picture, backend):
    from provenance_service.audit import AuditAction, entries

    service, key = press
    answers = []

    def ask():
        answers.append(sign((service, key | {"Idempotency-Key": "order-1"}), picture.read_bytes()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {each.status_code for each in answers} <= {200, 409}
    assert len({each.content for each in answers if each.status_code == 200}) == 1
    with backend.storage().database.read() as connection:
        assert [row.action for row in entries(connection)].count(AuditAction.SIGNED) == 1


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_kill(tmp_path, picture):
    (tmp_path / "temporary").mkdir()
    folder = kept(tmp_path / "temporary")
    service = started(tmp_path / "temporary")
    links, stop = [], threading.Event()

    def keep():
        while not stop.is_set():
            try:
                links.append(service.verify(picture, params={"keep": "1"}).headers["provenance-report"])
            except httpx.HTTPError:
                return

    threads = [threading.Thread(target=keep) for _ in range(3)]
    for each in threads:
        each.start()
    eventually(lambda: len(links) > 30)
    os.kill(service.process.pid, signal.SIGKILL)
    stop.set()
    for each in threads:
        each.join()
    key = new_key(folder, "cms", "--scope", "verify")
    again = started(tmp_path / "temporary")
    try:
        assert {httpx.get(again.url + link).status_code for link in links} == {200}
    finally:
        again.stop()
    storage = Storage.of(Settings(folder=folder))
    assert Keys(storage).find(key).scopes == (Scope.VERIFY,)


def test_a_request_in_progress_is_answered_before_the_end(start, picture):
    service = start()
    (worker,) = service.workers()
    os.kill(worker, signal.SIGSTOP)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(service.verify(picture)))
    asking.start()
    eventually(lambda: picture.stat().st_size in [path.stat().st_size for path in service.temporary.iterdir()])
    service.process.send_signal(signal.SIGTERM)
    eventually(lambda: takes_no_more(service))
    os.kill(worker, signal.SIGCONT)
    asking.join()
    assert answers[0].status_code == 200
    assert service.process.wait(PATIENCE) == 0


def takes_no_more(service):
    try:
        socket.create_connection(service.address).close()
    except ConnectionRefusedError:
        return True
    return False
