"""The command: its settings, its one line, its clean end."""

import signal
import socket
import subprocess
import sys
import tomllib

import httpx
import pytest
from click.testing import CliRunner

from provenance.errors import SettingError
from provenance_service.clients import Clients, Scope
from provenance_service.command import api_key, serve
from provenance_service.problems import RefusedError
from provenance_service.settings import Settings


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_and_stops_cleanly(start, stop):
    service = start()
    assert httpx.get(f"{service.url}/healthz").json() == {"status": "ok"}
    service.process.send_signal(stop)
    rest, _ = service.process.communicate(timeout=60)
    assert rest == ""
    assert service.process.returncode == 0


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
        "--keys",
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
        (["--keys", "/nowhere.toml"], "/nowhere.toml: there is no such file"),
        (["--keys", "/"], "/: cannot be read as the keys of clients"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_one_line(options, said):
    result = CliRunner().invoke(serve, options)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


HASH = "0" * 64


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no TOML", "cannot be read as the keys of clients"),
        (b"\xff", "cannot be read as the keys of clients"),
        (b"a" * 2**21, "cannot be read as the keys of clients"),
        (b'key = "secret"\n', "is no list of clients: key"),
        (b'[[client]]\nname = "cms"\nsha256 = "secret"\nscopes = ["sign"]\n', "client.0.sha256"),
        (f'[[client]]\nname = "cms"\nsha256 = "{HASH}"\nscopes = ["verify"]\n'.encode(), "client.0.scopes.0"),
        (f'[[client]]\nname = "cms"\nsha256 = "{HASH}"\n'.encode(), "client.0.scopes"),
        (f'[[client]]\nname = "a"\nsha256 = "{HASH}"\nscopes = []\nkey = "secret"\n'.encode(), "client.0.key"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used_is_said_in_one_line_without_its_content(tmp_path, content, said):
    file = tmp_path / "keys.toml"
    file.write_bytes(content)
    result = CliRunner().invoke(serve, ["--keys", str(file)])
    assert result.exit_code == 2
    assert str(file) in result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert "secret" not in result.output


def test_a_port_in_use_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-m", "provenance.cli", "serve", "--port", port],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert result.returncode == 1
    assert f"port {port}" in result.stderr
    assert "Traceback" not in result.stderr


def test_settings_come_from_the_environment_under_those_given():
    environment = {"PROVENANCE_PORT": "9000", "PROVENANCE_MAX_UPLOAD": "1GiB", "PROVENANCE_HOST": "", "PORT": "1"}
    settings = Settings.gathered(environment=environment, port=0)
    assert (settings.port, settings.max_upload, settings.host) == (0, 2**30, "127.0.0.1")


def test_a_bad_setting_in_the_environment_is_named():
    with pytest.raises(SettingError, match="workers"):
        Settings.gathered(environment={"PROVENANCE_WORKERS": "none"})


def allowed(file, key, scope, credential):
    try:
        Clients.load(file).check(f"Bearer {key}", scope, credential)
    except RefusedError as refusal:
        return refusal.problem
    return "allowed"


def test_a_new_key_is_shown_once_and_only_its_hash_is_kept(tmp_path):
    file = tmp_path / "keys.toml"
    shown = {}
    for name, *options in (("cms", "--scope", "sign"), ("vault", "--scope", "signature", "--credential", "newsroom")):
        result = CliRunner().invoke(api_key, [name, *options, "--file", str(file)])
        assert result.exit_code == 0
        assert result.output.startswith(f"The key of {name}, shown this once: prv_")
        shown[name] = result.output.split()[-1]
        assert shown[name] not in file.read_text()
    assert shown["cms"] != shown["vault"]
    assert min(map(len, shown.values())) > 40

    assert allowed(file, shown["cms"], Scope.SIGN, "anything") == "allowed"
    assert allowed(file, shown["cms"], Scope.SIGNATURE, "anything") == "not-allowed"
    assert allowed(file, shown["vault"], Scope.SIGNATURE, "newsroom") == "allowed"
    assert allowed(file, shown["vault"], Scope.SIGNATURE, "archive") == "not-allowed"
    assert allowed(file, shown["vault"], Scope.SIGN, "newsroom") == "not-allowed"
    assert allowed(file, "prv_another", Scope.SIGN, "newsroom") == "no-key"


def test_without_a_file_the_entry_goes_to_the_output_and_the_key_beside_it(tmp_path):
    result = CliRunner().invoke(api_key, ["cms", "--scope", "sign"])
    assert "prv_" not in result.stdout
    assert "shown this once: prv_" in result.stderr
    (tmp_path / "keys.toml").write_text(result.stdout)
    assert allowed(tmp_path / "keys.toml", result.stderr.split()[-1], Scope.SIGN, "any") == "allowed"


@pytest.mark.parametrize("name", ["Rédaction", "編集部", "😀", 'a "b" \\c', "a = 1"])
def test_a_client_is_called_as_its_operator_likes(tmp_path, name):
    file = tmp_path / "keys.toml"
    result = CliRunner().invoke(api_key, [name, "--scope", "sign", "--credential", name, "--file", str(file)])
    assert result.exit_code == 0
    (entry,) = tomllib.loads(file.read_text("utf-8"))["client"]
    assert (entry["name"], entry["credentials"]) == (name, [name])


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["cms"], 2),
        (["cms", "--scope", "everything"], 2),
        (["--scope", "sign"], 2),
        (["", "--scope", "sign"], 2),
        (["a\nb", "--scope", "sign"], 2),
        (["a\x7f", "--scope", "sign"], 2),
        (["\udcff", "--scope", "sign"], 2),
        (["cms", "--scope", "sign", "--credential", "a\nb"], 2),
        (["cms", "--scope", "sign", "--file", "/nowhere/keys.toml"], 1),
        (["cms", "--scope", "sign", "--file", "/"], 1),
    ],
)
def test_a_key_that_cannot_be_made_is_said_and_none_is_shown(options, status):
    result = CliRunner().invoke(api_key, options)
    assert result.exit_code == status
    assert "Error: " in result.output
    assert "prv_" not in result.output


def test_the_help_of_keys_says_what_each_scope_means():
    result = CliRunner().invoke(api_key, ["--help"])
    for text in ("--scope", "--credential", "--file", "POST /v1/sign", "can sign any claim", "Examples:"):
        assert text in result.output
