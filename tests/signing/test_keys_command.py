"""`provenance keys`, as the real command in a process of its own."""

import contextlib
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509

from provenance_signing.credential import Credential
from provenance_signing.keys.certificate_profile import check
from provenance_signing.time_stamps import TimeStamps

from ..patience import PATIENCE
from .certificates import chain, official, signer
from .time_stamp_query import query

pytestmark = pytest.mark.slow

COMMAND = (sys.executable, "-m", "provenance.cli", "keys")
NAMES = ("--organisation", "Example press", "--common-name", "Example camera", "--country", "FR")
SECRET = "open sesame"


def keys(*arguments: str | Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "200", **environment},
        check=False,
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert SECRET not in done.stdout + done.stderr
    return done


def typing(*arguments: str | Path, lines: list[str]) -> tuple[int, str]:
    """Runs the command at a terminal, at which somebody types these lines; what it shows."""
    ours, its = pty.openpty()
    shown, left = b"", list(lines)
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, start_new_session=True) as process:
        os.close(its)
        with os.fdopen(ours, "r+b", buffering=0) as terminal, contextlib.suppress(OSError):  # it ends with the process
            while part := terminal.read(1024):
                shown += part
                if left and shown.endswith(b": "):
                    time.sleep(0.1)  # the question is shown before the echo is off
                    terminal.write(left.pop(0).encode() + b"\n")
    return process.returncode, shown.decode()


@pytest.mark.parametrize("command", [(), ("development",), ("request",), ("check",), ("tsa",)])
def test_help_has_examples_and_exit_codes(command):
    said = keys(*command, "--help").stdout
    assert "Examples:" in said
    assert "Exit codes:" in said


def test_keys_are_listed_among_the_commands():
    done = subprocess.run([*COMMAND[:-1], "--help"], capture_output=True, text=True, check=True)
    assert "\n  keys " in done.stdout


def test_development_makes_a_credential_that_signs(tmp_path):
    said = keys("development", tmp_path / "new", "--organisation", "Example press", "--algorithm", "es384").stdout
    assert str(tmp_path / "new" / "credential.toml") in said
    credential = Credential.load(tmp_path / "new" / "credential.toml")
    assert (credential.name, credential.algorithm) == ("Example press", "es384")
    assert credential.sign(b"a claim")


def test_development_overwrites_nothing(tmp_path):
    keys("development", tmp_path)
    before = (tmp_path / "key.pem").read_bytes()
    assert "is there already" in keys("development", tmp_path, code=2).stderr
    assert (tmp_path / "key.pem").read_bytes() == before


def test_the_passphrase_is_taken_from_a_file_or_the_environment(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    keys("development", tmp_path / "one", "--passphrase-file", tmp_path / "secret")
    keys("development", tmp_path / "two", "--passphrase-env", "SECRET", SECRET=SECRET)
    for folder in ("one", "two"):
        assert b"ENCRYPTED" in (tmp_path / folder / "key.pem").read_bytes()
        assert Credential.load(tmp_path / folder / "credential.toml", passphrase=SECRET)


@pytest.mark.parametrize("option", ["file", "env"])
def test_an_empty_passphrase_is_an_error_and_no_key_without_one(tmp_path, option):
    (tmp_path / "empty").write_text("\n")
    place = {"file": ("--passphrase-file", tmp_path / "empty"), "env": ("--passphrase-env", "NO_SUCH_VARIABLE")}[option]
    assert "is empty" in keys("development", tmp_path / "new", "--encrypt", *place, code=2).stderr
    assert not (tmp_path / "new").exists()


def test_where_nobody_can_be_asked_for_a_passphrase_the_error_says_what_to_give(tmp_path):
    said = keys("development", tmp_path / "new", "--encrypt", code=2).stderr
    assert "--passphrase-file or --passphrase-env" in said
    assert not (tmp_path / "new").exists()


def test_a_passphrase_is_typed_twice_and_is_not_shown(tmp_path):
    code, shown = typing("development", tmp_path / "new", "--encrypt", lines=[SECRET, SECRET])
    assert code == 0, shown
    assert SECRET not in shown
    assert Credential.load(tmp_path / "new" / "credential.toml", passphrase=SECRET)


def test_a_request_is_written_with_a_new_key_that_is_for_its_owner_only(tmp_path):
    csr, key = tmp_path / "camera.csr", tmp_path / "key.pem"
    keys("request", csr, "--new-key", key, *NAMES, "--passphrase-env", "SECRET", SECRET=SECRET)
    found = x509.load_pem_x509_csr(csr.read_bytes())
    assert found.is_signature_valid
    assert b"ENCRYPTED" in key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_request_is_made_for_a_key_that_is_there(tmp_path, development):
    csr = tmp_path / "camera.csr"
    keys("request", csr, "--key", development().key, *NAMES)
    leaf = x509.load_pem_x509_certificates(development().chain.read_bytes())[0]
    assert x509.load_pem_x509_csr(csr.read_bytes()).public_key() == leaf.public_key()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give either --key"),
        (("--key", "key.pem", "--new-key", "key.pem"), "give either --key"),
        (("--new-key", "new.pem", "--product", "42"), "named by a UUID"),
        (("--new-key", "taken"), "is there already"),
        (("--key", "taken"), "this is no private key"),
        (("--key", "missing"), "missing"),
    ],
)
def test_a_request_that_cannot_be_made_writes_nothing(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("something of the user's")
    assert said in keys("request", "camera.csr", *NAMES, *options, code=2).stderr
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
    assert Path("taken").read_text() == "something of the user's"


def test_where_the_request_cannot_be_written_the_new_key_is_taken_away_again(tmp_path):
    keys("request", tmp_path / "no such folder" / "camera.csr", "--new-key", tmp_path / "key.pem", *NAMES, code=2)
    assert list(tmp_path.iterdir()) == []


def test_check_says_what_is_there_and_what_is_lacking(development):
    said = keys("check", development().chain, "--key", development().key).stdout
    assert "signer: CN=Example newsroom (development)" in said
    assert "The private key belongs to it." in said
    assert "for verifiers: nothing is lacking" in said
    assert "lacks" in said


def test_check_ends_with_1_where_verifiers_lack_something(tmp_path):
    leaf, issuing, first, _ = official()
    (tmp_path / "chain.pem").write_bytes(chain(leaf, first, issuing))
    said = keys("check", tmp_path / "chain.pem", code=1).stdout
    assert "for verifiers: 3 lacking" in said
    assert "for the official profile: " in said


def test_check_gives_json_with_the_sources(tmp_path):
    issued = official(signer(2))
    (tmp_path / "chain.pem").write_bytes(chain(*issued))
    found = json.loads(keys("check", "--json", tmp_path / "chain.pem").stdout)
    assert set(found["sources"]) == {"verifiers", "official-profile"}
    assert found["findings"] == [each.as_data() for each in check(chain(*issued))]


def test_check_asks_for_another_assurance_level(tmp_path):
    (tmp_path / "chain.pem").write_bytes(chain(*official()))
    said = keys("check", tmp_path / "chain.pem", "--assurance-level", "2").stdout
    assert "for the official profile: 1 lacking" in said


def test_check_takes_no_control_characters_from_a_certificate_to_the_terminal(tmp_path):
    from .certificates import name

    leaf = signer().but(subject=name("red \x1b[31m and turned \u202e round"))
    (tmp_path / "chain.pem").write_bytes(chain(*official(leaf)))
    for options in ((), ("--json",)):
        said = keys("check", tmp_path / "chain.pem", *options).stdout
        assert "\x1b" not in said
        assert "\u202e" not in said


@pytest.mark.parametrize("content", [None, b"", b"text"])
def test_check_of_what_is_no_chain_is_wrong_usage(tmp_path, content):
    if content is not None:
        (tmp_path / "chain.pem").write_bytes(content)
    assert "chain.pem" in keys("check", tmp_path / "chain.pem", code=2).stderr


def test_check_of_an_encrypted_key_asks_for_its_passphrase(tmp_path):
    keys("development", tmp_path, "--passphrase-env", "SECRET", SECRET=SECRET)
    chain_and_key = (tmp_path / "chain.pem", "--key", tmp_path / "key.pem")
    assert "nobody can be asked" in keys("check", *chain_and_key, code=2).stderr
    assert "passphrase is wrong" in keys("check", *chain_and_key, "--passphrase-env", "OTHER", code=2, OTHER="x").stderr
    keys("check", *chain_and_key, "--passphrase-env", "SECRET", SECRET=SECRET)
    code, shown = typing("check", *chain_and_key, lines=[SECRET])
    assert code == 0, shown
    assert SECRET not in shown


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_time_stamping_authority_runs_until_stopped_and_keeps_its_certificates(tmp_path, stop):
    roots = set()
    for _ in range(2):
        command = [*COMMAND, "tsa", str(tmp_path / "clock")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Stamping time at http://127.0.0.1:"), line
            assert TimeStamps(url=line.split()[3]).ask(query())
            process.send_signal(stop)
            assert process.wait(timeout=PATIENCE) == 0
        roots.add((tmp_path / "clock" / "root.pem").read_bytes())
    assert len(roots) == 1


def test_a_folder_with_something_else_is_no_clock(development):
    assert "is not of a time stamping authority" in keys("tsa", development().folder, code=2).stderr
