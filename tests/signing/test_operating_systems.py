"""What only some operating systems have is asked for in one place, and verifying and signing work without it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from provenance import operating_system

_ROOT = Path(__file__).parents[2]
_PACKAGES = (
    "src/provenance",
    "signing/provenance_signing",
    "detectors/provenance_detectors",
    "service/provenance_service",
    "benchmarks/provenance_benchmarks",
)
_NOT_EVERYWHERE = {"fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "winreg"}

_WITHOUT = """
import os, sys
for name in {hidden!r}:
    sys.modules[name] = None
for name in ("fchmod", "setpgid", "getpgid", "killpg", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
    if hasattr(os, name):
        delattr(os, name)
import provenance
from provenance_signing import Credential, sign
credential, source, output = sys.argv[1:]
sign(source, output, credential=Credential.load(credential), profile="published")
sign(source, output, credential=Credential.load(credential), profile="published")
print(provenance.verify(output).credentials.integrity.state.value)
"""


@pytest.mark.parametrize("hidden", [["fcntl", "resource"], ["fcntl", "resource", "signal", "grp", "pwd", "termios"]])
def test_importing_verifying_and_signing_need_nothing_of_one_operating_system(hidden, development, samples, tmp_path):
    output = tmp_path / "signed.jpg"
    command = [sys.executable, "-c", _WITHOUT.format(hidden=hidden)]
    arguments = [development().folder / "credential.toml", samples / "signed-ai.jpg", output]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.stdout == "intact\n", done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["signed.jpg"]


@pytest.mark.parametrize("folder", _PACKAGES)
def test_one_module_alone_asks_which_operating_system_there_is(folder):
    found = {
        path.name
        for path in (_ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
        if name in _NOT_EVERYWHERE
    }
    assert found <= {"operating_system.py"}


def test_a_file_that_another_process_has_locked_is_not_locked_again(tmp_path):
    path = tmp_path / "file"
    with path.open("w") as mine, path.open("w") as other:
        assert operating_system.lock(mine)
        assert not operating_system.lock(other)
        mine.close()
        assert operating_system.lock(other)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [str(node.module)] if isinstance(node, ast.ImportFrom) else []
