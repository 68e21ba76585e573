"""Builds the wheel and the source distribution, installs each into an empty environment, and uses it outside the checkout.

Dependencies are those of the environment that this runs in, seen by the new one; with `--full` they are installed anew,
as a user gets them, which takes minutes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provenance.distribution import NAME, VERSION

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "signed-ai.jpg"
EXTRAS = "client,detectors,service,signing"
PACKAGES = ("provenance", "provenance_detectors", "provenance_signing", "provenance_service", "provenance_benchmarks")

# Where each package is, whether it says that it is typed, and what the distribution is called.
_ABOUT = """
import importlib, importlib.metadata, json, pathlib, sys
homes = [pathlib.Path(importlib.import_module(name).__file__).parent for name in sys.argv[2:]]
typed = [(home / "py.typed").is_file() for home in homes]
print(json.dumps([list(map(str, homes)), typed, importlib.metadata.version(sys.argv[1])]))
"""

_ASK = """
import sys
from provenance.client import Client
with Client(sys.argv[1]) as client:
    print(client.verify(sys.argv[2]).credentials.integrity.state.value)
"""


class Environment:
    """A new environment without anything in it, and an empty folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.work = folder / "environment", folder / "work"
        venv.create(self.folder, with_pip=False)
        self.work.mkdir()
        self.bin = self.folder / ("Scripts" if os.name == "nt" else "bin")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PROVENANCE_"))}
        self._environment = kept | {
            "PROVENANCE_FOLDER": str(folder / "folder"),
            "PATH": f"{self.bin}{os.pathsep}{os.defpath}",
        }

    def install(self, archive: Path, *, full: bool) -> None:
        """Installs the distribution; with its dependencies, or beside those of the environment that this runs in."""
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", str(self.folder)]
        if full:
            constraints = str(ROOT / "constraints.txt")
            _run([*pip, "install", "--constraint", constraints, f"{NAME}[{EXTRAS}] @ {archive.as_uri()}"])
            return
        self._see_dependencies()
        _run([*pip, "install", "--no-deps", "--no-build-isolation", str(archive)])

    def _see_dependencies(self) -> None:
        """All that is installed beside this project, and nothing of the project itself, whose entry points would count."""
        seen = self.folder / "dependencies"
        seen.mkdir()
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            own = path.name.lower().lstrip("_").startswith(("provenance", "editable"))
            if not own and path.suffix != ".pth":
                (seen / path.name).symlink_to(path)
        (home,) = self.folder.glob("lib/python*/site-packages")
        (home / "dependencies.pth").write_text(f"{seen}\n")

    def run(self, *command: object, accepted: Sequence[int] = (0,)) -> str:
        """What a command of the new environment prints. Ends the script where it fails."""
        words = [str(self.bin / str(command[0])), *map(str, command[1:])]
        return _run(words, cwd=self.work, environment=self._environment, accepted=accepted)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of a service of the new environment."""
        words = [str(self.bin / "provenance"), "serve", "--port", "0", "--folder", str(self.work / "kept")]
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, cwd=self.work, env=self._environment
        ) as process:
            try:
                yield str(process.stdout and process.stdout.readline()).removeprefix("Serving on ").strip()
            finally:
                process.terminate()


def main() -> None:
    """Says what was tried, and ends with an error where something does not work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="install the dependencies anew")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "dist"
        isolation = [] if full else ["--no-isolation"]
        _run([sys.executable, "-m", "build", *isolation, "--outdir", str(built), str(ROOT)])
        for archive in sorted(built.iterdir()):
            place = Path(folder) / archive.suffix.lstrip(".")
            environment = Environment(place)
            environment.install(archive, full=full)
            _use(environment)
            shutil.rmtree(place)
            print(f"{archive.name}: installed, verifies, signs, serves and estimates")


def _use(new: Environment) -> None:
    homes, typed, version = json.loads(new.run("python", "-c", _ABOUT, NAME, *PACKAGES))
    _check(all(Path(home).is_relative_to(new.folder) for home in homes), f"imported from elsewhere: {homes}")
    _check(all(typed), "a package does not say that it is typed")
    _check(version == VERSION, f"the distribution is of version {version}")
    _check(new.run("provenance", "--version").strip() == f"provenance, version {VERSION}", "provenance --version")
    _check(_integrity(new, SAMPLE) == "intact", "provenance verify")

    new.run("provenance", "keys", "development", "dev")
    new.run(
        *("provenance", "sign", SAMPLE.with_name("nothing-known.jpg"), "--out", "signed.jpg", "--model", "Example"),
        *("--profile", "ai-generated", "--credential", "dev/credential.toml"),
    )
    _check(_integrity(new, "signed.jpg", "--trust-anchors", "dev/root.pem") == "intact", "provenance sign")

    with new.serving() as address:
        _check(new.run("python", "-c", _ASK, address, SAMPLE).strip() == "intact", "provenance serve")

    answer = json.loads(new.run("provenance", "detectors", "run", "--detector", "image", "--json", SAMPLE))
    _check(answer["detector"] == "image", "provenance detectors run")


def _integrity(new: Environment, path: object, *options: object) -> Any:
    return json.loads(new.run("provenance", "verify", "--json", *options, path))["credentials"]["integrity"]["state"]


def _check(good: bool, what: str) -> None:
    if not good:
        sys.exit(f"not as it should be: {what}")


def _run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    accepted: Sequence[int] = (0,),
) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    if done.returncode not in accepted:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
