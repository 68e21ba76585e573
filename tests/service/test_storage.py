"""What the service keeps, on both databases and in both stores of files; and what happens where they are gone."""

import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, select

from provenance_service.access.keys import Keys
from provenance_service.access.quota import Quota
from provenance_service.access.quota_counters import QuotaCounters
from provenance_service.access.scope import Scope
from provenance_service.audit import AuditAction, check_chain, entries, record
from provenance_service.settings import Settings
from provenance_service.storage import Objects, Storage, StorageError
from provenance_service.storage.tables import API_KEY, AUDIT, METADATA, QUOTA


@pytest.fixture
def storage(backend):
    opened = backend.storage()
    yield opened
    opened.close()


def test_the_migrations_make_the_tables_that_the_code_knows(storage):
    storage.database.migrate()  # a second time changes nothing
    with storage.database.begin() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == "0002"


def test_two_that_start_together_make_the_tables_once(backend):
    opened = [backend.storage() for _ in range(4)]
    failures = []

    def open_(each):
        try:
            each.database.migrate()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_, args=(each,)) for each in opened]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    for each in opened:
        each.close()


def test_a_transaction_is_whole_or_nothing(storage):
    row = {"subject": "a", "window": 1, "used": 1}
    with pytest.raises(RuntimeError), storage.database.begin() as connection:
        connection.execute(insert(QUOTA).values(row))
        raise RuntimeError
    with storage.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(QUOTA)).scalar() == 0


def test_what_many_count_at_once_is_counted(storage):
    quotas, quota, taken = QuotaCounters(storage), Quota.parse("100/day"), []

    def take():
        taken.extend(quotas.take("a", quota) == 0 for _ in range(30))

    threads = [threading.Thread(target=take) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(taken), sum(taken)) == (150, 100)


def test_files_come_back_as_they_were_put_and_go(storage, tmp_path):
    objects = storage.objects
    objects.put("a/small", b"content")
    (tmp_path / "large").write_bytes(bytes(9_000_000) + b"end")
    objects.put("a/large", tmp_path / "large")
    objects.put("b/other", b"")
    assert objects.get("a/small") == b"content"
    assert objects.get("b/other") == b""
    assert objects.save("a/large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "large").read_bytes()
    assert sorted(objects.keys("a/")) == ["a/large", "a/small"]
    objects.put("a/small", b"new")
    assert objects.get("a/small") == b"new"
    objects.delete(["a/small", "a/large", "a/missing"])
    assert objects.get("a/small") is None
    assert not objects.save("a/large", tmp_path / "back")
    assert objects.keys("a/") == []


def test_a_key_never_leads_out_of_the_folder(tmp_path):
    objects = Objects(tmp_path / "objects")
    (tmp_path / "secret").write_bytes(b"secret")
    for key in ("../secret", "/../secret", "a/../../secret"):
        try:
            assert objects.get(key) is None
        except (StorageError, ValueError):
            pass


def test_a_database_that_is_not_there_is_said(postgres):
    gone = Storage.of(Settings(database=f"postgresql://provenance@127.0.0.1:{postgres.port}/missing"))
    with pytest.raises(StorageError, match="does not answer"), gone.database.begin():
        pass
    assert not gone.answers()
    assert "secret" not in Storage.of(Settings(database="postgresql://a:secret@127.0.0.1/x")).where


def test_a_store_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with pytest.raises(StorageError, match="the object store does not answer"):
        Objects("s3://nowhere/at-all").put("a", b"")


# ---- the audit log


@pytest.fixture
def written(storage):
    for number in range(5):
        with storage.database.begin() as connection:
            record(
                storage.database, connection, AuditAction.SIGNED, f"key:{number}", subject="urn:c2pa:1", digest="a" * 64
            )
    return storage


def checked(storage, **options):
    with storage.database.read() as connection:
        return check_chain(connection, **options)


def test_a_whole_chain_holds(written):
    found = checked(written)
    assert (found.entries, found.fault) == (5, None)
    assert checked(written, head=found.head).fault is None
    with written.database.read() as connection:
        assert [row.client for row in entries(connection, after=3)] == ["key:3", "key:4"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE audit SET client = 'key:9' WHERE number = 3", "entry 3 was changed"),
        ("UPDATE audit SET at = '2020-01-01' WHERE number = 1", "entry 1 was changed"),
        ("DELETE FROM audit WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM audit WHERE number = 1", "entry 1 is missing"),
        ("UPDATE audit SET hash = 'b' WHERE number = 5", "entry 5 was changed"),
    ],
)
def test_a_changed_or_missing_entry_is_found(written, change, fault):
    with written.database.begin() as connection:
        connection.exec_driver_sql(change)
    assert checked(written).fault == fault


def test_entries_missing_at_the_end_are_found_by_the_head_that_was_noted(written):
    head = checked(written).head
    with written.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE number > 3")
    assert checked(written).fault is None
    assert checked(written, head=head).fault == "entries 4 to 5 are missing at the end"


def test_a_chain_that_was_made_anew_is_found_by_the_head_that_was_noted(written):
    head = checked(written).head
    with written.database.begin() as connection:
        connection.execute(AUDIT.delete())
    for _ in range(7):
        with written.database.begin() as connection:
            record(written.database, connection, AuditAction.SIGNED, "key:0")
    assert checked(written).fault is None
    assert checked(written, head=head).fault == "entry 5 is not the one that was noted"


def test_keys_that_are_made_and_revoked_are_entries_without_the_key(storage):
    keys = Keys(storage)
    key, secret = keys.add("cms", [Scope.SIGN])
    keys.revoke(key.id)
    with storage.database.read() as connection:
        found = [(row.action, row.subject) for row in entries(connection)]
        assert connection.execute(select(API_KEY.c.sha256)).scalar() not in str(found)
    assert found == [("key-made", f"{key.id} cms"), ("key-revoked", key.id)]
    assert secret not in str(found)


def test_entries_of_many_at_once_are_one_chain(storage):
    def write():
        for _ in range(10):
            with storage.database.begin() as connection:
                record(storage.database, connection, AuditAction.SIGNED, "key:1")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (checked(storage).entries, checked(storage).fault) == (40, None)


def test_the_command_finds_what_was_changed_in_the_file(tmp_path):
    from click.testing import CliRunner

    from provenance.cli import main

    storage = Storage.of(Settings(folder=tmp_path))
    for _ in range(3):
        with storage.database.begin() as connection:
            record(storage.database, connection, AuditAction.SIGNED, "key:1", credential="newsroom")
    storage.close()
    where = ["--folder", str(tmp_path)]
    whole = CliRunner().invoke(main, ["audit", "verify", *where])
    assert (whole.exit_code, whole.output.partition(";")[0]) == (0, "3 entries, unbroken")
    shown = CliRunner().invoke(main, ["audit", "show", "--after", "2", *where]).output
    assert "signed  key:1  newsroom" in shown
    with sqlite3.connect(tmp_path / "provenance.db") as database:
        database.execute("DELETE FROM audit WHERE number = 2")
    broken = CliRunner().invoke(main, ["audit", "verify", *where])
    assert broken.exit_code == 1
    assert "entry 2 is missing; the 1 before it hold" in broken.output
