"""What documents name is there: files, anchors, tests, commands with their options, and targets of make."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

import commands
from pages import ROOT
from provenance.cli import main

DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(path for name in
        ("docs", "service", "detectors", "signing", "benchmarks", "samples", "src") for path in (ROOT / name).rglob("*.md")))
)  # fmt: skip
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def id_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    """The anchors of the headings, as the site and code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=id_of)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    text = re.sub(r"`[^`]*`", "", FENCE.sub("", document.read_text("utf-8")))
    for address in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", address):
            continue
        name, _, anchor = address.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), address
        assert not anchor or anchor in anchors(target), address


@pytest.mark.parametrize("document", DOCUMENTS, ids=id_of)
def test_tests_that_are_named_exist(document: Path) -> None:
    tests, files = in_tests()
    for name in re.findall(r"`(?:[./\w]*/)?(test_\w+)(\.py)?`", document.read_text("utf-8")):
        assert f"{name[0]}.py" in files if name[1] else name[0] in tests, name


@cache
def in_tests() -> tuple[set[str], set[str]]:
    """The names of all tests, and those of their files."""
    paths = list((ROOT / "tests").rglob("*.py"))
    found = {name for path in paths for name in re.findall(r"def (test_\w+)\(", path.read_text("utf-8"))}
    return found, {path.name for path in paths}


@cache
def known() -> dict[str, set[str]]:
    """Every command by its path, with its options."""
    return {
        context.command_path: {"--help", "-h"} | {
            option for each in context.command.params if isinstance(each, click.Option) for option in
            (*each.opts, *each.secondary_opts)
        }
        for context in commands.walked(main, "provenance")
    }  # fmt: skip


def used(text: str) -> Iterator[str]:
    """Each use of the command in code: in a block, indented, or between backticks in a sentence."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in re.findall(r"^(?:\s{4})?(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?(provenance [a-z].*)$", joined, re.MULTILINE):
        yield line.partition(" #")[0].partition(" | ")[0].partition(" > ")[0]
    yield from re.findall(r"`(provenance [a-z][^`]*)`", text)


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if path.name != "cli.md"], ids=id_of)
def test_commands_that_are_shown_exist_with_their_options(document: Path) -> None:
    paths = known()
    for line in used(document.read_text("utf-8")):
        words = shlex.split(line.replace("...", ""))
        command = "provenance"
        for word in words[1:]:
            if f"{command} {word}" not in paths:
                break
            command = f"{command} {word}"
        assert command != "provenance", line
        options = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert options <= paths[command] | {"--"}, line


@pytest.mark.parametrize("document", DOCUMENTS, ids=id_of)
def test_targets_of_make_that_are_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= targets


def test_the_guide_to_benchmarks_names_every_suite_and_reader() -> None:
    from provenance_benchmarks.loaders import LOADERS

    guide = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    suites = {path.parent.name for path in (ROOT / "benchmarks" / "suites").glob("*/card.toml")}
    assert set(re.findall(r"^\| `([a-z]+-v\d)` \|", guide, re.MULTILINE)) == suites
    assert {name for name in LOADERS if f"`{name}:" in guide or f" {name}:" in guide} == set(LOADERS)
