"""The documentation of signing runs as it is written: its commands, its Python and the examples beside it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import provenance
from provenance_signing import Profile
from provenance_signing.profile import Parent, shipped_profiles

from ..patience import PATIENCE

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parent.parent.parent / "docs"
GUIDE = (DOCS / "signing.md").read_text("utf-8")

TRUSTED = "Example organisation, a trusted signer, says so, and the file is unchanged since."


def run(*command: str, folder: Path) -> str:
    """What a command prints. It finds the toolkit as the guide says, and no setting of whoever runs the tests."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": path, "HF_HUB_OFFLINE": "1", "PROVENANCE_TRUST": str(folder / "trust"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the guide's commands were run, all of them and in order."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "said").write_text(run("bash", "-e", "-c", "\n".join(blocks("sh")), folder=folder))
    return folder


def test_the_first_steps_are_four_commands_and_end_in_a_trusted_answer(tmp_path: Path) -> None:
    (first, *_) = blocks("sh")
    assert len(first.splitlines()) == 4
    assert TRUSTED in " ".join(run("bash", "-e", "-c", first, folder=tmp_path).replace("│", "").split())


def test_all_commands_of_the_guide_run_and_what_they_make_is_intact(folder: Path) -> None:
    verifier = provenance.Verifier(trust=folder / "dev" / "root.pem")
    for name in ("signed.png", "signed.md", "signed-pictures/picture.png", "web.webp", "amended.png"):
        credentials = verifier.verify(folder / name).credentials
        assert (name, credentials.integrity.state, credentials.signer.state) == (name, "intact", "trusted")


def test_the_python_of_the_guide_runs(folder: Path) -> None:
    (code,) = blocks("python")
    run(sys.executable, "-c", code, folder=folder)
    report = provenance.Verifier(trust=folder / "dev" / "root.pem").verify(folder / "signed-too.png")
    assert report.conclusion.origin == "ai-generated"


def test_the_profile_of_the_guide_is_one(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    (tmp_path / "own.toml").write_text(text)
    assert Profile.load(tmp_path / "own.toml").requires == ("title",)


def row(name: str) -> str:
    """A profile as the guide's table has it."""
    profile = Profile.load(name)
    first = "c2pa.created" if profile.parent is Parent.NONE else "c2pa.opened"
    actions = ", ".join(each.removeprefix("c2pa.") for each in (first, *profile.actions))
    source_type = (profile.digital_source_type or "-").rpartition("/")[2]
    cells = (f"`{name}`", profile.description, profile.parent, actions, source_type, ", ".join(profile.requires) or "-")
    return f"| {' | '.join(cells)} |"


def test_the_table_of_profiles_is_that_of_the_profiles() -> None:
    table = [line for line in GUIDE.splitlines() if re.match(r"\| `[a-z-]+` \|", line)]
    assert table == [row(name) for name in shipped_profiles()]


def test_the_guide_s_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", GUIDE):
        assert (DOCS / target).exists(), target


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("asgi_app", ["/images/boat", "urn:c2pa:", f"Made with AI. {TRUSTED}", "/answers/boats"]),
        ("image_pipeline", ["image-2.png", f"Made with AI. {TRUSTED}", "edited.png", "step: parentOf, intact"]),
        ("text_generation", [f"Made with AI. {TRUSTED}", "recorded: c2pa.watermarked.unbound"]),
        ("queue_worker", [f"Made with AI. {TRUSTED}", "cannot be parsed", "needs the fact “model”", "answer.md"]),
    ],
)
def test_an_example_runs_and_says_what_a_reader_would_be_told(example: str, said: list[str], tmp_path: Path) -> None:
    path = DOCS / "examples" / f"{example}.py"
    assert len(path.read_text().splitlines()) < 60
    printed = run(sys.executable, str(path), folder=tmp_path)
    for each in said:
        assert each in printed
    assert list(tmp_path.iterdir()) == []


def test_every_example_is_run() -> None:
    assert {path.stem for path in (DOCS / "examples").glob("*.py")} == {
        "asgi_app", "cms_webhook", "image_pipeline", "queue_worker", "text_generation",
    }  # fmt: skip
