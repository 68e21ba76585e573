"""The private names of other projects that the code uses: an upgrade that takes one away fails here, in one line.

Such a project has an upper bound in pyproject.toml, so that nobody gets the upgrade before this test has seen it.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import c2pa
import pytest

from provenance_signing.engine import _claim_signer

_ROOT = Path(__file__).parents[2]
_FOLDERS = ("src", "signing", "detectors", "service", "benchmarks")

# The distribution, the module, and the name in it.
OF_MODULES = (
    ("c2pa-python", "c2pa.c2pa", "C2paSigner"),
    ("c2pa-python", "c2pa.c2pa", "_check_ffi_operation_result"),
    ("c2pa-python", "c2pa.c2pa", "_lib.c2pa_builder_data_hashed_placeholder"),
    ("c2pa-python", "c2pa.c2pa", "_lib.c2pa_builder_sign_data_hashed_embeddable"),
    ("c2pa-python", "c2pa.c2pa", "_lib.c2pa_free"),
    ("c2pa-python", "c2pa.c2pa", "_lib.c2pa_identity_signer_create"),
    ("encypher-c2pa", "encypher_c2pa._native", "verify_bytes"),
    ("encypher-c2pa", "encypher_c2pa._native", "verify_detached_bytes"),
    ("encypher-c2pa", "encypher_c2pa._native", "verify_fragmented_bytes"),
)
OF_SIGNERS = ("_callback_cb", "_handle", "_teardown")  # of c2pa-python
OF_BUILDERS = ("_handle",)
PUBLIC = {"_mapping"}  # SQLAlchemy documents it; a row's other names are those of its columns


@pytest.mark.parametrize(("distribution", "module", "name"), OF_MODULES)
def test_a_private_name_of_a_module_is_there(distribution, module, name):
    found = import_module(module)
    for part in name.split("."):
        assert hasattr(found, part), f"{distribution} has no {module}.{name} any more"
        found = getattr(found, part)


def test_the_private_names_of_signers_and_builders_are_there(credential):
    with _claim_signer(credential, None, []) as signer, c2pa.Builder("{}") as builder:
        assert [name for name in OF_SIGNERS if not hasattr(signer, name)] == []
        assert [name for name in OF_BUILDERS if not hasattr(builder, name)] == []


@pytest.mark.parametrize("distribution", sorted({each[0] for each in OF_MODULES}))
def test_a_distribution_with_private_names_in_use_has_an_upper_bound(distribution):
    required = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (wanted,) = [each for each in required if re.match(rf"{distribution}\b(?!-)", each)]
    assert re.search(r",<\d+\.\d+$", wanted), wanted


def test_no_other_private_name_is_used():
    trees = [ast.parse(path.read_text()) for folder in _FOLDERS for path in (_ROOT / folder).rglob("*.py")]
    own = {name for tree in trees for name in _defined(tree)}
    used = {name for tree in trees for name in _used(tree)} - own - PUBLIC
    listed = {part for _, module, name in OF_MODULES for part in (*module.split("."), *name.split("."))}
    assert used <= listed | set(OF_SIGNERS) | set(OF_BUILDERS)


def _defined(tree: ast.Module) -> Iterator[str]:
    """The private names that the code itself gives: to functions, classes and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_own(node):
            yield node.attr


def _used(tree: ast.Module) -> Iterator[str]:
    """The private names that the code takes: of objects, of modules, and what it takes of a private object."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_own(node):
            private = isinstance(node.value, ast.Name) and node.value.id in ("_lib", "_native")
            if private or re.match(r"_[a-z]", node.attr):
                yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and not str(node.module).startswith("provenance"):
            yield from (part for part in str(node.module).split(".") if re.match(r"_[a-z]", part))
            yield from (each.name for each in node.names if re.match(r"_[a-z]", each.name))


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
