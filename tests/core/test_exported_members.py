"""What the packages export: complete, sorted, documented, and typed without holes."""

import ast
import pickle
import types
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import provenance
import provenance_detectors
import provenance_signing

# Packages that gather what their modules define, and public modules that define it themselves.
GATHERING = (
    "provenance",
    "provenance.trust",
    "provenance_detectors",
    "provenance_signing",
    "provenance_signing.pipeline",
)
DEFINING = ("provenance.client", "provenance.errors", "provenance.fetching", "provenance_signing.derivation")
PACKAGES = ("provenance", "provenance_benchmarks", "provenance_detectors", "provenance_service", "provenance_signing")


@pytest.mark.parametrize("name", [*GATHERING, *DEFINING])
def test_all_is_sorted_complete_and_documented(name):
    module = import_module(name)
    exported = list(module.__all__)
    assert exported == sorted(exported, key=lambda member: (not member.isupper(), member))  # as ruff sorts
    assert all(getattr(module, member).__doc__ for member in exported)
    # Loaded by now: those that a package loads when they are used are there too.
    members = {
        member: str(getattr(value, "__module__", ""))
        for member, value in vars(module).items()
        if not member.startswith("_") and not isinstance(value, types.ModuleType)
    }
    if name in GATHERING:
        assert {member for member, home in members.items() if home.startswith(name.partition("_")[0])} <= set(exported)
    else:
        assert {member for member, home in members.items() if home == name} <= set(exported)


@pytest.mark.parametrize("package", [provenance, provenance_detectors])
def test_what_is_loaded_when_it_is_used_is_what_is_exported(package):
    assert list(package._HOME) == package.__all__


@pytest.mark.parametrize("package", [provenance, provenance_detectors, provenance_signing])
def test_an_error_is_named_as_it_is_imported(package):
    errors = [getattr(package, name) for name in package.__all__ if name.endswith("Error") and name != "FetchError"]
    assert {each.__module__ for each in errors} == {package.__name__}


def test_an_error_travels_between_processes():
    for error in (provenance.RefusedTypeError("image/gif"), provenance_signing.SigningError("why")):
        assert type(pickle.loads(pickle.dumps(error))) is type(error)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_marked_as_typed(name):
    assert Path(str(import_module(name).__file__)).with_name("py.typed").is_file()


@pytest.mark.parametrize("name", [*GATHERING, *DEFINING])
def test_any_stands_in_a_public_signature_with_its_reason_alone(name):
    module = import_module(name)
    homes = {str(getattr(getattr(module, member), "__module__", name)) for member in module.__all__} | {name}
    for home in homes - {"typing"}:
        if not home.startswith("provenance"):
            continue
        path = Path(str(import_module(home).__file__))
        lines = path.read_text().splitlines()
        for first, last in _spans_of_any(ast.parse(path.read_text()), set(module.__all__)):
            assert any("# Any:" in line for line in lines[max(first - 2, 0) : last]), f"{path.name}:{first}"


def _spans_of_any(tree: ast.Module, exported: set[str]) -> Iterator[tuple[int, int]]:
    """The lines of signatures and fields of exported functions and classes in which `Any` stands."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name not in exported:
            continue
        for part in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = part.args
                given = [
                    *arguments.posonlyargs,
                    *arguments.args,
                    *arguments.kwonlyargs,
                    arguments.vararg,
                    arguments.kwarg,
                ]
                annotations = [each.annotation for each in given if each is not None] + [part.returns]
                public = not part.name.startswith("_") or part.name in ("__call__", "__init__")
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                annotations, public = [part.annotation], not part.target.id.startswith("_")
            else:
                continue
            if not public:
                continue
            for each in annotations:
                if each is not None and any(isinstance(x, ast.Name) and x.id == "Any" for x in ast.walk(each)):
                    yield each.lineno, each.end_lineno or each.lineno
