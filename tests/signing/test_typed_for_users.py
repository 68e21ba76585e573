"""A misspelled argument is refused before the program runs: by mypy, in the code of somebody who uses the packages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import provenance
import provenance_detectors
import provenance_service
import provenance_signing
from provenance_signing.facts import FactArguments, Facts
from provenance_signing.functions import ShortcutArguments
from provenance_signing.pipeline.text import GenerationArguments
from provenance_signing.signer import SignArguments, Signer

_USES = """
import provenance
from provenance.client import AsyncClient, Client
from provenance_signing import Credential, Ingredient, Signer, sign, sign_bytes
from provenance_signing.derivation import Rendition, derive
from provenance_signing.pipeline import SignedPipeline, SigningRule
from provenance_service.settings import Settings

credential = Credential.load("credential.toml")
signer = Signer(credential, profile="published", thumbnail=False)

sign("a.jpg", "b.jpg", credential=credential, profile="published", title="a boat", trust=None)
sign_bytes(b"", credential=credential, profile="published", title="a boat", declare=False)
signer.sign("a.jpg", "b.jpg", title="a boat", model={"name": "m", "version": "2"}, actions=["c2pa.cropped"])
signer.sign_bytes(b"", name="a.jpg", parent="c.jpg", ingredients=[Ingredient(b"")])
derive("a.jpg", "b.jpg", credential=credential, rendition=Rendition(resize=800), title="a boat")
SigningRule(signer, facts={"model": "m"})
SigningRule(signer, facts=lambda scope, headers: {"prompt": headers["x"]})
Settings(port=8000)
Client("https://a.example", key="k", timeout=3).verify("a.jpg").conclusion.headline.text
AsyncClient("https://a.example", key="k")

sign("a.jpg", "b.jpg", credential=credential, profile="published", tilte="a boat")  # refused
sign_bytes(b"", credential=credential, profile="published", tilte="a boat")  # refused
signer.sign("a.jpg", "b.jpg", tilte="a boat")  # refused
signer.sign("a.jpg", "b.jpg", title=3)  # refused
signer.sign_bytes(b"", tilte="a boat")  # refused
derive("a.jpg", "b.jpg", credential=credential, rendition=Rendition(), tilte="a boat")  # refused
derive("a.jpg", "b.jpg", credential=credential, rendition=Rendition(), actions=["c2pa.cropped"])  # refused
SignedPipeline(print, signer=signer, tilte="a boat")  # refused
SigningRule(signer, facts={"modle": "m"})  # refused
Client("https://a.example", kee="k")  # refused
AsyncClient("https://a.example", kee="k")  # refused
Settings(prot=8000)  # refused
provenance.verfy("a.jpg")  # refused
"""


@pytest.mark.slow
def test_mypy_refuses_what_is_misspelled_and_nothing_else(tmp_path):
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(_USES)
    packages = (provenance, provenance_detectors, provenance_service, provenance_signing)
    found = os.pathsep.join(str(Path(str(each.__file__)).parents[1]) for each in packages)
    # In a folder of its own, since other settings would make the cache of `make lint` worthless.
    cache = Path(__file__).parents[2] / ".mypy_cache" / "users"
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", f"--cache-dir={cache}", str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": found},
    )
    refused = {int(line) for line in re.findall(r"program\.py:(\d+): error", done.stdout)}
    expected = {number for number, line in enumerate(_USES.splitlines(), 1) if line.endswith("# refused")}
    assert refused == expected, done.stdout + done.stderr


def test_the_arguments_are_the_facts_and_those_of_the_signer():
    assert set(FactArguments.__annotations__) == set(Facts.model_fields)
    named = set(Signer.sign.__annotations__) - {"return", "source", "output", "facts"}
    assert set(SignArguments.__annotations__) == named | set(FactArguments.__annotations__)
    made = set(Signer.__init__.__annotations__) - {"return", "credential", "profile"}
    assert set(ShortcutArguments.__annotations__) == made | set(SignArguments.__annotations__)
    assert set(GenerationArguments.__annotations__) < set(SignArguments.__annotations__)
