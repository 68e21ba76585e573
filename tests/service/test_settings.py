"""Settings from a file, the environment and options; and a check that says what would not work, without secrets."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from provenance.cli import main
from provenance.errors import SettingError
from provenance_service.settings import Settings

DEPLOY = Path(__file__).parents[2] / "service" / "deploy"


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "provenance.toml"
    path.write_text('port = 8100\nmax_upload = "64MiB"\ntime_limit = 5\nlog = "json"\n')
    return path


def _check(*arguments, **environment):
    return CliRunner().invoke(main, ["serve", "--check", *arguments], env=environment)


def test_an_option_stands_above_the_environment_and_that_above_the_file(config):
    done = _check("--config", str(config), "--port", "8300", PROVENANCE_PORT="8200", PROVENANCE_TIME_LIMIT="7")
    lines = dict(line.split(maxsplit=1) for line in done.output.splitlines() if line.count(" ") > 1)
    assert done.exit_code == 0, done.output
    assert lines["port"].split() == ["8300", "option"]
    assert lines["time_limit"].split() == ["7.0", "environment"]
    assert lines["max_upload"].split() == ["67108864", str(config)]
    assert lines["metrics"].split() == ["True", "default"]
    assert done.output.endswith("these settings work\n")


def test_the_file_can_be_named_in_the_environment(config):
    assert f"json {'':19} {config}" in _check(PROVENANCE_CONFIG=str(config)).output


def test_paths_in_a_file_begin_at_the_file(config, tmp_path):
    (tmp_path / "c").mkdir()
    config.write_text('credentials = "c"\n')
    assert Settings.load(config=config).credentials == tmp_path / "c"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = [", "cannot be read as settings"),
        ("prot = 8000", "prot: Extra inputs are not permitted"),
        ('port = "many"', "port:"),
        ("time_limit = 0", "time_limit:"),
    ],
)
def test_a_file_with_something_else_is_said(config, text, said):
    config.write_text(text)
    with pytest.raises(SettingError, match=said):
        Settings.load(config=config)


def test_a_file_that_is_not_there_is_said(tmp_path):
    done = _check("--config", str(tmp_path / "missing.toml"))
    assert done.exit_code == 2
    assert "missing.toml: cannot be read as settings" in done.output


def test_what_would_not_work_is_said_and_no_secret(tmp_path):
    runner, credentials, folder = CliRunner(), tmp_path / "credentials", str(tmp_path / "kept")
    assert runner.invoke(main, ["keys", "development", str(credentials / "newsroom")]).exit_code == 0
    alone = _check("--credentials", str(credentials), "--folder", folder)
    assert alone.exit_code == 1
    assert "no client with a key to use them" in alone.output
    made = runner.invoke(
        main,
        [
            "api-key",
            "add",
            "cms",
            "--scope",
            "sign",
            "--credential",
            "newsroom",
            "--credential",
            "other",
            "--folder",
            folder,
        ],
    )
    both = _check("--credentials", str(credentials), "--folder", folder)
    assert both.exit_code == 1
    assert "client cms: its credential other is not there" in both.output
    assert made.output.split()[-1] not in both.output
    assert "PRIVATE" not in both.output
    (credentials / "newsroom" / "chain.pem").write_text("no certificate")
    assert "credential newsroom" in _check("--credentials", str(credentials), "--folder", folder).output


def test_an_expired_certificate_is_said(tmp_path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    CliRunner().invoke(main, ["keys", "development", str(tmp_path / "c" / "old")])
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    expired = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(9)).not_valid_after(now - timedelta(2)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (tmp_path / "c" / "old" / "chain.pem").write_bytes(expired.public_bytes(serialization.Encoding.PEM))
    done = _check("--credentials", str(tmp_path / "c"))
    assert done.exit_code == 1
    assert "a certificate has expired on" in done.output


def test_the_files_for_deployment_name_commands_and_settings_that_there_are():
    unit = (DEPLOY / "provenance.service").read_text()
    commands = [line.partition("bin/provenance ")[2].split() for line in unit.splitlines() if line.startswith("Exec")]
    assert len(commands) == 2
    for command in commands:
        options = [word for word in command if word.startswith("--")]
        shown = CliRunner().invoke(main, [command[0], "--help"]).output
        assert all(option in shown for option in options)
    variables = {f"PROVENANCE_{name.upper()}" for name in Settings.model_fields}
    for name in ("Dockerfile", "compose.yaml"):
        used = {
            word.partition("=")[0].strip(" :") for word in (DEPLOY / name).read_text().split() if "PROVENANCE_" in word
        }
        assert used
        assert used <= variables
    assert "USER 10001" in (DEPLOY / "Dockerfile").read_text()
    assert "read_only: true" in (DEPLOY / "compose.yaml").read_text()


@pytest.mark.parametrize("password", ["secret", "s%40cret", "sec/ret", "s:e:cret"])
def test_the_password_of_a_database_is_not_shown(password, monkeypatch):
    monkeypatch.setenv("PROVENANCE_DATABASE", f"postgresql://user:{password}@127.0.0.1:1/name")
    shown = _check().output
    assert "postgresql://user" in shown
    assert "@127.0.0.1:1/name" in shown
    assert password not in shown
    assert "cret" not in shown.replace("credentials", "")
