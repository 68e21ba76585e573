"""The command, as a person runs it."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import click
import pytest
from PIL import Image, PngImagePlugin

from provenance.cli import main
from provenance.cli.exit_codes import EXIT_CLOSED_PIPE, EXIT_INTERRUPTED, EXIT_UNWRITABLE

from ..patience import PATIENCE
from .command import run
from .signing import Authority, created, manifest


@pytest.mark.parametrize(
    ("name", "code"),
    [("signed-ai.jpg", 0), ("altered-after-signing.jpg", 1), ("declared-ai.png", 0), ("nothing-known.jpg", 0)],
)
def test_the_exit_code_says_whether_a_file_was_altered(name: str, code: int, samples: Path) -> None:
    assert run("verify", samples / name).returncode == code


def test_json_is_one_report_a_line(samples: Path) -> None:
    done = run("verify", "--json", samples / "signed-ai.jpg", samples / "declared-ai.png")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report["asset"]["name"] for report in reports] == ["signed-ai.jpg", "declared-ai.png"]


def test_a_folder_is_walked_and_altered_wins_over_unreadable(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.jpg").write_bytes((samples / "altered-after-signing.jpg").read_bytes())
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "link.jpg").symlink_to(tmp_path / "inner" / "a.jpg")
    os.mkfifo(tmp_path / "pipe")
    done = run("verify", "--json", tmp_path)
    assert len(done.stdout.splitlines()) == 2
    assert done.returncode == 1


def test_one_bad_path_does_not_stop_the_others(samples: Path, tmp_path: Path) -> None:
    done = run("verify", "--json", tmp_path / "gone.jpg", samples / "signed-ai.jpg")
    assert len(done.stdout.splitlines()) == 1
    assert done.returncode == 3


def test_html_is_written_whole(samples: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    done = run("verify", "--html", target, "--lang", "fr", samples / "signed-ai.jpg")
    assert done.returncode == 0
    assert '<html lang="fr">' in target.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_that_cannot_be_written_is_a_clear_error(samples: Path, tmp_path: Path) -> None:
    done = run("verify", "--html", tmp_path / "no" / "such" / "folder.html", samples / "signed-ai.jpg")
    assert done.returncode == EXIT_UNWRITABLE
    assert "cannot be written" in done.stderr


def test_what_ends_the_command_is_no_answer_about_a_file(samples: Path) -> None:
    command = [sys.executable, "-m", "provenance.cli", "verify", *map(str, [samples / "signed-ai.jpg"] * 200)]
    for options in ([], ["--json"]):
        closed = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert closed.stdout is not None
        closed.stdout.readline()
        closed.stdout.close()
        assert closed.wait(PATIENCE) == EXIT_CLOSED_PIPE
    interrupted = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert interrupted.stdout is not None
    interrupted.stdout.readline()
    interrupted.send_signal(signal.SIGINT)
    interrupted.communicate(timeout=PATIENCE)
    assert interrupted.returncode == EXIT_INTERRUPTED


def test_files_of_one_name_are_told_apart_in_a_folder(samples: Path, tmp_path: Path) -> None:
    for folder, sample in (("monday", "signed-ai.jpg"), ("tuesday", "declared-ai.png")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "IMG_0001.jpg").write_bytes((samples / sample).read_bytes())
    lines = run("verify", "--json", tmp_path).stdout.splitlines()
    assert [json.loads(line)["asset"]["name"] for line in lines] == ["monday/IMG_0001.jpg", "tuesday/IMG_0001.jpg"]
    assert "tuesday/IMG_0001.jpg" in run("verify", tmp_path).stdout


def test_crjson_is_passed_through(samples: Path) -> None:
    done = run("verify", "--crjson", samples / "signed-ai.jpg")
    assert json.loads(done.stdout)["@context"]["@vocab"] == "https://c2pa.org/crjson"
    without = run("verify", "--crjson", samples / "nothing-known.jpg")
    assert (without.returncode, without.stdout) == (3, "")


def test_the_trust_profile_is_a_choice(samples: Path) -> None:
    done = run("verify", "--json", "--ocsp", "--trust-profile", "c2pa", samples / "signed-ai.jpg")
    lists = [each["name"] for each in json.loads(done.stdout)["versions"]["trust_lists"]]
    assert lists == ["C2PA Trust List", "C2PA TSA Trust List"]
    wrong = run("verify", "--trust-profile", "everyone", samples / "signed-ai.jpg")
    assert (wrong.returncode, "c2pa+known" in wrong.stderr) == (2, True)


def test_own_anchors_and_time(samples: Path) -> None:
    def signer(*options: object) -> dict:
        done = run(
            "verify", "--json", "--trust-anchors", samples / "sample-root.pem", *options, samples / "signed-ai.jpg"
        )
        answer: dict = json.loads(done.stdout)["credentials"]["signer"]
        return answer

    assert signer()["state"] == "trusted"
    late = signer("--at", "2090-01-01")
    assert (late["state"], late["expired"]) == ("known", True)


@pytest.mark.slow
def test_an_external_manifest_is_given_or_found(fixtures: Path, tmp_path: Path) -> None:
    source = fixtures / "c2pa-rs"
    given = run("verify", "--json", "--manifest", source / "cloud_manifest.c2pa", source / "cloud.jpg")
    assert json.loads(given.stdout)["credentials"]["integrity"] == {
        "own": "intact",
        "state": "intact",
        "manifest": "external",
        "remote_url": None,
    }
    (tmp_path / "cloud.jpg").write_bytes((source / "cloud.jpg").read_bytes())
    (tmp_path / "cloud.c2pa").write_bytes((source / "cloud_manifest.c2pa").read_bytes())
    found = run("verify", "--json", tmp_path)
    reports = [json.loads(line) for line in found.stdout.splitlines()]
    assert [report["credentials"]["integrity"]["manifest"] for report in reports] == ["external"]
    assert run("verify", "--manifest", tmp_path / "gone.c2pa", tmp_path / "cloud.jpg").returncode == 2


def test_a_single_source_can_be_asked(samples: Path) -> None:
    report = json.loads(run("verify", "--json", "--source", "metadata", samples / "signed-ai.jpg").stdout)
    assert report["conclusion"]["assurance"] == "none"
    assert report["versions"]["engines"] == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify"], "Missing argument"),
        (["verify", "--lang", "de", "x"], "de"),
        (["verify", "--source", "nothing", "x"], "no source called nothing"),
        (["verify", "--trust-anchors", "gone.pem", "x"], "cannot be read"),
        (["verify", "--at", "yesterday", "x"], "no time"),
        (["verify", "--json", "--html", "x.html", "x"], "exclude each other"),
        (["verify", "--html", "x.html", "x", "y"], "one file"),
        (["verify", "--policy", "gone.toml", "x"], "not a policy"),
        (["verify", "--crjson", "--manifest", __file__, "x"], "cannot be given one"),
        (["nothing"], "No such command"),
    ],
)
def test_wrong_usage_is_explained_and_ends_with_2(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["verify"], ["manifest"], ["trust"], ["trust", "show"], ["serve"]])
def test_help_has_examples(arguments: list[str]) -> None:
    done = run(*arguments, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert "provenance" in done.stdout


def test_the_list_of_commands_says_what_each_is_for_and_loads_none_of_them() -> None:
    asked = (
        "import sys, provenance.cli as cli; cli.main(['--help'], standalone_mode=False); print(*sorted(sys.modules))"
    )
    listed, modules = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.rsplit("\n", 2)[:2]
    for name in ("verify", "manifest", "schema", "trust", "sign", "serve", "bench", "detectors", "audit"):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert f"{name} " in listed
        assert command.get_short_help_str(40).removesuffix("...") in " ".join(listed.split())
    assert {"pydantic", "c2pa", "cryptography", "rich", "provenance_signing"}.isdisjoint(modules.split())


def test_a_command_whose_part_is_not_installed_says_so_and_takes_nobodys_place(tmp_path: Path) -> None:
    installed = tmp_path / "other_toolkit-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: other-toolkit\nVersion: 1\nRequires-Dist: no-such-package; extra == 'more'\n"
    )
    (installed / "entry_points.txt").write_text(
        "[provenance.commands]\nmore = provenance_more.cli:more\nverify = provenance_more.cli:verify\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}

    def run_there(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "provenance.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert "more       (not installed: more)" in run_there("--help").stdout
    done = run_there("more", "--anything")
    assert done.returncode == 1
    assert "[more]" in done.stderr
    assert "photo.jpg" in run_there("verify", "--help").stdout


def test_trust_show_tells_what_is_loaded_and_how_old_it_is(samples: Path) -> None:
    text = run("trust", "show", "--trust-anchors", samples / "sample-root.pem").stdout
    for words in (
        "C2PA Trust List",
        "C2PA TSA Trust List",
        "Known signers",
        "2026-08-05",
        "days ago",
        "sample authority",
    ):
        assert words in text
    lists = json.loads(run("trust", "show", "--json").stdout)
    assert [each["anchors"] for each in lists] == [30, 22, 4, 20]


def test_the_schema_is_printed() -> None:
    from provenance import report_schema

    assert json.loads(run("schema").stdout) == report_schema()


@pytest.mark.parametrize("options", [[], ["--crjson"]])
def test_a_file_name_cannot_steer_the_terminal(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\u202eb.jpg").write_bytes(b"x")
    done = run("verify", *options, tmp_path / "a\x1b[31m\u202eb.jpg", tmp_path / "gone\x1b[31m.jpg")
    assert "\x1b" not in done.stderr + done.stdout
    assert "\u202e" not in done.stderr + done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["verify"],
        ["verify", "--json"],
        ["verify", "--crjson"],
        ["manifest"],
        ["manifest", "--detailed"],
        ["manifest", "--crjson"],
        ["compare", "--json"],
        ["compare"],
    ],
)
def test_what_a_manifest_says_cannot_steer_the_terminal(command: list[str], tmp_path: Path) -> None:
    evil = "x\u009b2J\u009b31mOWNED\u202etxt\u2066\x7f"
    info = PngImagePlugin.PngInfo()
    info.add_itxt(
        "XML:com.adobe.xmp",
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="{evil}"/></rdf:RDF></x:xmpmeta>',
    )
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG", pnginfo=info)
    declared = manifest(created("digitalCapture", evil), title=evil)
    declared["assertions"].append({"label": "org.example.evil", "data": {evil: evil}})
    declared["assertions"][0]["data"]["actions"].append({"action": f"org.example.{evil}"})
    (tmp_path / "a.png").write_bytes(Authority().issue(evil).sign_as("image/png", picture.getvalue(), declared)[0])
    done = run(*command, tmp_path / "a.png", *([tmp_path / "a.png"] if command[0] == "compare" else []))
    for char in "\u009b\u202e\u2066\x7f\x1b":
        assert char not in done.stdout + done.stderr
    if command != ["verify"] and command[0] != "compare":
        assert json.loads(done.stdout)
        # What the engine says is passed on whole; a report holds cleaned values alone.
        assert ("\\u009b" in done.stdout) == (command[0] == "manifest" or "--crjson" in command)


def test_paths_with_spaces_and_other_scripts(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "写真 и фото é.jpg"
    path.write_bytes((samples / "signed-ai.jpg").read_bytes())
    done = run("verify", "--lang", "ja", path)
    assert done.returncode == 0
    assert "写真 и фото é.jpg" in done.stdout


@pytest.mark.slow
def test_identities_are_believed_by_anchors_and_documents_of_their_own(tmp_path: Path) -> None:
    vectors = Path(__file__).parent / "data" / "cawg.tar.xz"
    with tarfile.open(vectors) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "cawg"

    def state(name: str, *options: object) -> str:
        (path,) = folder.rglob(name)
        (identity,) = json.loads(run("verify", "--json", *options, path).stdout)["credentials"]["identities"]
        return str(identity["state"])

    anchors = folder / "generated/identity-1.2/trust/cawg-allowed.pem"
    assert state("x509-es256-png.png") == "untrusted"
    assert state("x509-es256-png.png", "--identity-anchors", anchors) == "trusted"
    document = folder / "did/connected-identities.identity.adobe.com.json"
    assert state("C_with_CAWG_data.jpg") == "unchecked"
    assert state("C_with_CAWG_data.jpg", "--did-document", document) == "trusted"
    wrong = run("verify", "--did-document", anchors, anchors)
    assert (wrong.returncode, "DID document" in wrong.stderr) == (2, True)
