"""Backup and restore as service/deploy/BACKUP.md describes them, for both databases, while the service is at work."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pytest

from provenance_service.audit import check_chain
from provenance_signing.keys.development import create

from .conftest import Backend, bearer
from .job_client import finished, post, results
from .press import saved, sign


@pytest.fixture
def photo(samples):
    from PIL import Image

    with Image.open(samples / "signed-ai.jpg") as image:
        return saved(image.convert("RGB").resize((640, 480)))


def copied(backend: Backend, to: Path, request: pytest.FixtureRequest) -> Backend:
    if backend.database is None:
        restored = to / "restored"
        restored.mkdir()
        for name in ("provenance.db", "queue.db"):
            with sqlite3.connect(backend.folder / name) as source, sqlite3.connect(restored / name) as target:
                source.backup(target)
        shutil.copytree(backend.folder / "objects", restored / "objects")
        return Backend(restored, None, None, {})
    database = request.getfixturevalue("postgres").new_database()
    dump = to / "provenance.dump"
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", backend.database], check=True)
    subprocess.run([programs / "pg_restore", "--no-owner", f"--dbname={database}", dump], check=True)
    restored = Backend(to / "restored", database, f"{backend.objects}-restored", backend.environment)
    old, new = backend.storage().objects, restored.storage().objects
    for key in old.keys(""):
        new.put(key, old.get(key))
    return restored


def test_what_was_copied_while_it_was_used_is_all_there(backend, start, tmp_path, photo, request):
    create(tmp_path / "credentials" / "newsroom", organisation="Example newsroom")
    credentials = ("--credentials", str(tmp_path / "credentials"))
    service = start(*credentials, **backend.settings())
    key = bearer(backend.new_key("cms", "--scope", "sign"))
    label = sign((service, key), photo).headers["provenance-manifest"]
    link = service.verify(tmp_path / "credentials" / "newsroom" / "chain.pem", params={"keep": "1"}).headers[
        "provenance-report"
    ]
    job = post(service, [(f"{n}.jpg", photo) for n in range(30)]).json()["id"]

    restored = copied(backend, tmp_path, request)
    os.kill(service.process.pid, 9)
    service.process.wait()
    again = start(*credentials, **restored.settings())
    assert httpx.get(again.url + link).status_code == 200
    assert label.encode() in httpx.get(f"{again.url}/v1/manifests/{label}").content
    assert sign((again, key), photo).status_code == 200
    assert finished(again, job)["done"] == 30
    assert len(results(again, job)) == 30
    with restored.storage().database.read() as connection:
        found = check_chain(connection)
    assert found.fault is None
    assert found.entries >= 5


def test_the_files_for_deployment_name_settings_and_addresses_that_there_are(monkeypatch):
    import re

    import yaml

    from provenance_service.settings import Settings

    folder = Path(__file__).parents[2] / "service" / "deploy"
    text = "".join(path.read_text() for path in folder.iterdir())
    named = set(re.findall(r"PROVENANCE_([A-Z_]+)", text)) - {"CONFIG"}
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    assert set(re.findall(r"path: (/\w+)", text)) == {"/healthz", "/readyz"}
    for path in folder.glob("*.yaml"):
        assert all(yaml.safe_load_all(path.read_text()))
    (config, *_) = yaml.safe_load_all((folder / "kubernetes.yaml").read_text())
    for name, value in config["data"].items():
        monkeypatch.setenv(name, value)
    assert Settings.load().workers == 2
