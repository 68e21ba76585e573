"""The command: its settings, its one line, its clean end."""

import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from provenance.errors import SettingError
from provenance_service.cli.serve import _listen, serve
from provenance_service.settings import Settings

from ..patience import PATIENCE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_and_stops_cleanly(stop, tmp_path):
    command = [sys.executable, "-m", "provenance.cli", "serve", "--port", "0", "--folder", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = process.stdout.readline().removeprefix("Serving on ").strip()
    assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
    process.send_signal(stop)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert rest == ""
    assert process.returncode == 0


def test_its_help_names_every_option_with_examples():
    result = CliRunner().invoke(serve, ["--help"])
    assert result.exit_code == 0
    for text in (
        "--host",
        "--port",
        "--trust-anchors",
        "--max-upload",
        "--time-limit",
        "--remote-manifests",
        "--credentials",
        "--profiles",
        "--folder",
        "--database",
        "--quota",
        "Examples:",
        "256MiB",
    ):
        assert text in result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--max-upload", "huge"], "max_upload"),
        (["--time-limit", "0"], "time_limit"),
        (["--time-limit", "nan"], "time_limit"),
        (["--port", "70000"], "port"),
        (["--trust-anchors", "/nowhere.pem"], "/nowhere.pem"),
        (["--credentials", "/nowhere"], "/nowhere: there is no such folder"),
        (["--profiles", "/nowhere"], "/nowhere: there is no such folder"),
        (["--folder", "/proc/nowhere"], "/proc/nowhere: cannot be made"),
        (["--database", "no database"], "database: this is no URL of a database"),
        (["--database", "mysql://localhost/x"], "database: "),
        (["--objects", "ftp://localhost/x"], "objects: ftp://localhost/x is not served"),
        (["--quota", "many"], "write a quota as in 600/hour"),
        (["--anonymous", "everything"], "anonymous"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_one_line(options, said):
    result = CliRunner().invoke(serve, options)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_port_in_use_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-m", "provenance.cli", "serve", "--port", port],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert result.returncode == 1
    assert f"port {port}" in result.stderr
    assert "Traceback" not in result.stderr


def test_settings_come_from_the_environment_under_those_given(monkeypatch):
    for name, value in (("PORT", "9000"), ("MAX_UPLOAD", "1GiB"), ("HOST", "")):
        monkeypatch.setenv(f"PROVENANCE_{name}", value)
    monkeypatch.setenv("TIME_LIMIT", "1")
    settings = Settings.load(options={"port": 0})
    assert (settings.port, settings.max_upload, settings.host) == (0, 2**30, "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WORKERS", "none", "workers: Input should be a valid integer"),
        ("QUOTA", "many", "quota: write a quota as in 600/hour"),
        ("ANONYMOUS", '["verify"]', "anonymous.0: Input should be"),  # lists have commas, here as in options
    ],
)
def test_a_bad_setting_in_the_environment_is_named_in_one_line(monkeypatch, name, value, said):
    monkeypatch.setenv(f"PROVENANCE_{name}", value)
    with pytest.raises(SettingError, match=re.escape(said)) as raised:
        Settings.load()
    assert "\n" not in str(raised.value)


def test_settings_that_are_made_in_code_are_those_of_the_code(monkeypatch):
    monkeypatch.setenv("PROVENANCE_PORT", "9000")
    assert Settings().port == 8000


def test_an_answer_waits_for_no_acknowledgement():
    with _listen(Settings(port=0)) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
