"""A real service in a process of its own, and small real files to send to it."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from PIL import Image
from selenium.webdriver import Chrome

from provenance_service.cli.api_key import api_key
from provenance_service.settings import Settings
from provenance_service.storage import Storage

from ..patience import PATIENCE
from . import preloaded
from .browsing import browsing
from .databases import Postgres, running_postgres, running_s3

# A request waits for a busy machine: the five seconds that the library waits by itself are too few for one.
for _part in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _part, PATIENCE)
_MADE_WITH_AI = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>
</rdf:RDF></x:xmpmeta>"""


@dataclass
class Service:
    process: preloaded.Process
    url: str
    temporary: Path

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def verify(self, path: Path, name: str | None = None, **options: Any) -> httpx.Response:
        with path.open("rb") as stream:
            return httpx.post(f"{self.url}/v1/verify", files={"file": (name or path.name, stream)}, **options)

    def workers(self) -> list[int]:
        """The worker processes, found without the service's help."""
        children = {
            int(child)
            for listing in Path(f"/proc/{self.process.pid}/task").glob("*/children")
            for child in listing.read_text().split()
        }
        return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


Start = Callable[..., Service]


def kept(temporary: Path) -> Path:
    """What the service with this temporary folder keeps, unless it is told to keep it elsewhere."""
    return temporary.with_name(f"{temporary.name}-kept")


def new_key(folder: Path | str, name: str, *options: str) -> str:
    """A client's key, made by the real command, in this process, for the service with this folder or this database."""
    where = ["--database" if "://" in str(folder) else "--folder", str(folder)]
    made = CliRunner().invoke(api_key, ["add", name, *options, *where], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    return made.stdout.split()[-1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def started(temporary: Path, *options: str, **environment: str) -> Service:
    own = {"TMPDIR": str(temporary), "PROVENANCE_FOLDER": str(kept(temporary))}
    process = preloaded.start(["serve", "--port", "0", *options], {**os.environ, **own, **environment})
    line = process.stdout.readline()
    assert line.startswith("Serving on http://127.0.0.1:"), line
    return Service(process, line.removeprefix("Serving on ").strip(), temporary)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = started(tmp_path_factory.mktemp("service"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def small_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = started(tmp_path_factory.mktemp("small"), "--max-upload", "100000")
    yield running
    running.stop()


def _starting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    running: list[Service] = []

    def start(*options: str, **environment: str) -> Service:
        running.append(started(tmp_path_factory.mktemp("service"), *options, **environment))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    yield from _starting(tmp_path_factory)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    with running_s3() as environment:
        yield environment


@dataclass(frozen=True)
class Backend:
    """Where a service keeps what it keeps."""

    folder: Path
    database: str | None
    objects: str | None
    environment: dict[str, str]

    def settings(self) -> dict[str, str]:
        """As environment variables."""
        named = {"FOLDER": str(self.folder), "DATABASE": self.database, "OBJECTS": self.objects}
        return {f"PROVENANCE_{name}": value for name, value in named.items() if value} | self.environment

    def new_key(self, name: str, *options: str) -> str:
        return new_key(self.database or self.folder, name, *options)

    def storage(self) -> Storage:
        return Storage.of(Settings(folder=self.folder, database=self.database, objects=self.objects))


BACKENDS = ["folder", "servers"]


def _backend(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Backend:
    if request.param == "folder":
        return Backend(folder / "kept", None, None, {})
    postgres, s3 = request.getfixturevalue("postgres"), request.getfixturevalue("s3")
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    return Backend(folder / "kept", postgres.new_database(), f"s3://tests/{folder.name}", s3)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Both ways: a folder alone; PostgreSQL and an object store."""
    return _backend(request, tmp_path, monkeypatch)


@pytest.fixture(scope="module", params=BACKENDS)
def shared_backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """The same, for all tests of a module."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield _backend(request, tmp_path_factory.mktemp("shared"), monkeypatch)


@pytest.fixture(scope="module")
def start_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts services that all tests of a module ask."""
    yield from _starting(tmp_path_factory)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "picture.jpg"
    Image.linear_gradient("L").convert("RGB").resize((320, 200)).save(path)
    return path


@pytest.fixture(scope="session")
def ai_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "made-with-ai.jpg"
    Image.radial_gradient("L").convert("RGB").resize((320, 200)).save(path, xmp=_MADE_WITH_AI)
    return path


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    with browsing(tmp_path / "profile") as driver:
        yield driver
