"""A package of somebody else, installed beside the toolkit: the example of docs/extending.md, and hostile ones."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from provenance_signing.keys.development import create

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "newsroom_archive"
SAMPLES = Path(__file__).parents[2] / "samples"

BREAKING = {
    "raises": "raise RuntimeError('no')",
    "ends": "raise ConnectionError('the archive is down')",
    "overclaims": "return Findings(evidence=[archived.model_copy(update={'assurance': Assurance.VERIFIED})])",
    "signs": "return Findings(evidence=[archived.model_copy(update={'kind': Kind.SIGNED_MANIFEST})])",
    "borrows": "return Findings(evidence=[archived.model_copy(update={'source': 'c2pa'})])",
    "unsayable": "return Findings(evidence=[archived.model_copy(update={'details': {'it': object()}})])",
    "nothing": "return None",
    "wordless": "return Findings(remarks=[say('nobody.knows')])",
}
SOURCE = """
from provenance.extend import Assurance, Evidence, Findings, Kind, Message, say

archived = Evidence(
    source="{name}", kind=Kind.DECLARED_METADATA, assurance=Assurance.DECLARED,
    explanation=Message(key="{name}.said", text="In words \\x1b[31mof its own"),
)


class Source:
    name = "{name}"
    engines = {{}}

    def examine(self, asset, context):
        {body}
"""


def run(site: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command, with what is installed in `site` beside the toolkit."""
    paths = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", "provenance.cli", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, **variables},
        capture_output=True,
        text=True,
    )


def report_of(site: Path, *arguments: str | Path, **variables: str) -> dict[str, object]:
    """The report of a verification as JSON."""
    done = run(site, "verify", "--json", *arguments, **variables)
    assert done.stdout, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as a user installs it, built by its own `pyproject.toml`."""
    folder = tmp_path_factory.mktemp("extension")
    package, site = folder / "package", folder / "site"
    shutil.copytree(EXAMPLE, package)
    locale = package / "newsroom_archive" / "locale"
    babel = [sys.executable, "-m", "babel.messages.frontend", "-q", "compile", "-D", "newsroom-archive", "-d", locale]
    subprocess.run(babel, check=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", site]
    subprocess.run([*pip, package], check=True)
    return site


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive that knows one picture."""
    path = tmp_path / "archive.csv"
    digest = sha256((SAMPLES / "nothing-known.jpg").read_bytes()).hexdigest()
    path.write_text(f"sha256,date,author\n{digest},2024-05-01,A. Reporter\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "sentence", "headline"),
    [
        ("en", "This exact file is in the archive since 2024-05-01, from A. Reporter.", "The file is in our archive."),
        ("fr", "Ce fichier même est dans les archives depuis le 2024-05-01", "Le fichier est dans nos archives."),
        ("ja", "このファイルそのものが 2024-05-01 からアーカイブにあります。", "このファイルはアーカイブにあります。"),
    ],
)
def test_its_source_its_sentences_and_its_policy_are_in_the_report(
    site: Path, archive: Path, language: str, sentence: str, headline: str
) -> None:
    policy = EXAMPLE / "newsroom_archive" / "policy.toml"
    report = report_of(
        site, "--lang", language, "--policy", policy, SAMPLES / "nothing-known.jpg", NEWSROOM_ARCHIVE=str(archive)
    )
    said = [item["explanation"]["text"] for item in report["evidence"] if item["source"] == "newsroom-archive"]
    assert said == [said[0]]
    assert said[0].startswith(sentence)
    assert report["conclusion"]["headline"]["text"].startswith(headline)
    assert report["conclusion"]["state"] == "declared"


def test_its_detector_is_asked_and_named_with_its_version(site: Path, archive: Path) -> None:
    report = report_of(site, SAMPLES / "nothing-known.jpg", NEWSROOM_ARCHIVE=str(archive))
    assert report["versions"]["detectors"]["newsroom-flatness"] == "1.0"
    answers = [item for item in report["evidence"] if item["codes"] == ["newsroom-flatness:abstain"]]
    assert len(answers) == 1


def test_a_format_that_it_adds_is_signed_and_verified(site: Path, archive: Path, tmp_path: Path) -> None:
    made = create(tmp_path / "credential", organisation="Example newsroom")
    source, signed = tmp_path / "paper.tex", tmp_path / "signed.tex"
    source.write_text("\\documentclass{article}\n", "utf-8")
    known = {"NEWSROOM_ARCHIVE": str(archive)}
    done = run(
        site, "sign", source, "-o", signed, "--credential", made.credential,
        "--profile", "ai-generated", "--model", "M", **known,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert signed.read_text("utf-8").startswith("% -----BEGIN C2PA MANIFEST-----")
    report = report_of(site, signed, **known)
    assert report["asset"]["media_type"] == "application/x-latex"
    assert report["credentials"]["integrity"]["state"] == "intact"
    signed.write_text(signed.read_text("utf-8") + "One more line.\n", "utf-8")
    assert report_of(site, signed, **known)["credentials"]["integrity"]["state"] == "altered"


def test_a_source_that_cannot_be_made_is_said_and_ends_nothing(site: Path, tmp_path: Path) -> None:
    report = report_of(site, SAMPLES / "signed-ai.jpg", NEWSROOM_ARCHIVE=str(tmp_path / "none.csv"))
    assert report["credentials"]["integrity"]["state"] == "intact"
    assert [item["codes"] for item in report["evidence"] if item["source"] == "newsroom-archive"] == [["source-failed"]]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources that break their promise, one that has words of its own, and one that takes another's name."""
    site = tmp_path_factory.mktemp("hostile")
    for name, body in {**BREAKING, "own-words": "return Findings(evidence=[archived], remarks=[])"}.items():
        (site / f"{module(name)}.py").write_text(SOURCE.format(name=name, body=body), "utf-8")
    points = {name: f"{module(name)}:Source" for name in (*BREAKING, "own-words")}
    entries(site, {"provenance.sources": {**points, "metadata": "source_raises:Source", "absent": "not_there:Source"}})
    return site


def module(name: str) -> str:
    return f"source_{name.replace('-', '_')}"


def entries(site: Path, groups: Mapping[str, Mapping[str, str]]) -> None:
    """What an installer writes down of a package."""
    about = site / "hostile-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n", "utf-8")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        for group, points in groups.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(lines), "utf-8")


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_a_source_that_breaks_its_promise_costs_its_own_findings_and_nothing_else(hostile: Path, language: str) -> None:
    report = report_of(hostile, "--lang", language, SAMPLES / "declared-ai.png")
    assert report["conclusion"]["origin"] == "ai-generated"  # by our own reader of metadata
    codes = {item["source"]: item["codes"] for item in report["evidence"]}
    assert {name for name, found in codes.items() if found == ["source-failed"]} == {*BREAKING, "absent"}
    words = next(item["explanation"]["text"] for item in report["evidence"] if item["source"] == "own-words")
    assert words == "In words [31mof its own"
