"""A real PostgreSQL of the tests' own, and a server that speaks S3."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from ..patience import PATIENCE

# Below the ports that the system gives to connections and to servers without a port of their own (32768 to 60999): one of
# these stays free between the moment when it is chosen and a start, and while a database is stopped on purpose.
PORTS = range(15_000, 32_000)


def free_port() -> int:
    while True:
        port = random.SystemRandom().choice(PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Postgres:
    """A cluster in a folder, on a port of its own. It refuses to run as root, and then runs as `postgres`."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder, self._log = free_port(), folder, folder / "log"
        self._programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        folder.chmod(0o777)
        for parent in folder.parents:  # so that another user gets there
            with contextlib.suppress(OSError):
                parent.chmod(parent.stat().st_mode | 0o011)
        self._run("initdb", "-D", str(folder / "data"), "-U", "provenance", "--auth=trust", "-E", "UTF8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        who = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*who, str(self._programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder)

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        try:
            self._run(
                "pg_ctl", "-D", str(self._folder / "data"), "-o", options, "-w", "-t", str(int(PATIENCE)),
                "-l", str(self._log), "start",
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            error.add_note(self._log.read_text())
            raise

    def stop(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):  # it was stopped before
            self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", "immediate", "stop")

    def new_database(self) -> str:
        name = f"test_{uuid4().hex[:12]}"
        try:
            with psycopg.connect(
                host="127.0.0.1", port=self.port, user="provenance", dbname="postgres", autocommit=True
            ) as server:
                server.execute(f"CREATE DATABASE {name}")
        except psycopg.OperationalError as error:
            error.add_note(self._log.read_text())
            raise
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://provenance@127.0.0.1:{self.port}/{name}"


def postgres_there() -> bool:
    there = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return there and (os.geteuid() != 0 or shutil.which("runuser") is not None)


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A cluster in a folder of its own: pytest closes its folder to other users whenever it is started once more."""
    if not postgres_there():
        pytest.skip("there is no PostgreSQL; on Debian: apt install postgresql")
    with tempfile.TemporaryDirectory(prefix="provenance-postgres-") as folder:
        cluster = Postgres(Path(folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@contextlib.contextmanager
def running_s3() -> Iterator[dict[str, str]]:
    """The environment in which `s3://tests` is a bucket of a server of the tests' own."""
    from boto3 import client
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    address = f"http://{server._ip_address}:{server._port}"
    environment = {
        "AWS_ENDPOINT": address, "AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true",
    }  # fmt: skip
    try:
        keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests", "region_name": "us-east-1"}
        client("s3", endpoint_url=address, **keys).create_bucket(Bucket="tests")
        yield environment
    finally:
        server.stop()
