"""Names: a public class name means one thing, and a local name says what it holds."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "signing", "service", "benchmarks")

# Names that would stand for anything.
VAGUE = re.compile(r"\bfor each in\b|\bfound(: [^=\n]+)? = ")


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def public_classes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_a_public_class_name_means_one_thing() -> None:
    places = defaultdict(list)
    for path in sources():
        for name in public_classes(path):
            places[name].append(str(path.relative_to(ROOT)))
    assert places["Verifier"]  # the folders are there
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_local_name_stands_for_anything(folder: str) -> None:
    vague = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if VAGUE.search(line)
    ]
    assert vague == []
