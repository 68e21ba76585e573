"""The signals of the C2PA asset rubric: ours are those of the official evaluator, and the report shows them."""

import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import provenance
from provenance.declarations import Inception, Transformation
from provenance.formats.jumbf import StoreError
from provenance.render.html import render_html
from provenance.sources.c2pa import signals
from provenance.sources.c2pa.manifest_store import parse_store
from provenance.sources.c2pa.signals import signals_of
from provenance.sources.c2pa.validator import validate

from .rubric import GOLDEN, MADE, RUBRICS, made_files, official_signals, public_files
from .signing import Authority, created, manifest, picture
from .terminal import to_terminal

_GOLDEN: dict[str, Any] = json.loads(GOLDEN.read_text("utf-8"))
_NAMES = {f"inception:signal_{each}" for each in Inception} | {
    f"transformation:signal_{each}" for each in Transformation
}

Files = dict[str, tuple[dict[str, Any], bytes]]


@pytest.fixture(scope="module")
def made() -> Files:
    return {name: (crjson, store) for name, crjson, store in made_files()}


@pytest.fixture(scope="module")
def public() -> Files:
    return {name: (crjson, store) for name, crjson, store in public_files()}


@pytest.fixture
def rubrics() -> Iterator[Path]:
    pytest.importorskip("yaml", reason="the official evaluator needs PyYAML")
    pytest.importorskip("json_formula", reason="the official evaluator needs json-formula, which no index has")
    if not RUBRICS.is_dir():
        pytest.skip(f"the official rubrics are not at {RUBRICS}")
    yield RUBRICS


def ours(store: bytes) -> dict[str, list[str]]:
    return {
        label: sorted(
            [f"inception:signal_{each}" for each in found.inception]
            + [f"transformation:signal_{each}" for each in found.transformations]
        )
        for label, found in signals_of(validate(parse_store(store), None, None).verified).items()
    }


def reached(name: str, official: dict[str, list[str]], found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The official answer, for the manifests that can be reached from the asset's own: the report has no others.

    In one file the claim was damaged where it cites a manifest, so that this one belongs to nobody.
    """
    damaged = name.endswith("E-clm-CAICAI.jpg")
    return {label: traits for label, traits in official.items() if not damaged or label in found}


def test_the_files_made_for_it_have_every_signal() -> None:
    assert {trait for each in _GOLDEN["made"].values() for own in each for trait in own} == _NAMES
    assert _GOLDEN["made"].keys() > MADE.keys()


def test_our_signals_are_what_the_official_evaluator_found(made: Files) -> None:
    assert {name: sorted(ours(store).values()) for name, (_, store) in made.items()} == _GOLDEN["made"]


def test_our_signals_of_public_files_are_what_the_official_evaluator_found(fixtures: Path, public: Files) -> None:
    assert public.keys() == _GOLDEN["public"].keys()
    for name, (_, store) in public.items():
        found = ours(store)
        assert found, name
        assert found == reached(name, _GOLDEN["public"][name], found), name


def test_the_official_evaluator_run_now_agrees(rubrics: Path, made: Files, public: Files) -> None:
    for name, (crjson, store) in (made | public).items():
        found = ours(store)
        assert found == reached(name, official_signals(crjson), found), name


def test_our_lists_are_those_of_the_official_rubric(rubrics: Path) -> None:
    import yaml

    head, statements = yaml.safe_load_all((rubrics / "asset-rubric-signals-local.yml").read_text("utf-8"))
    own = tomllib.loads(Path(signals.__file__).with_suffix(".toml").read_text("utf-8"))
    assert (own["name"], own["version"]) == (head["rubric_metadata"]["name"], head["rubric_metadata"]["version"])
    assert head["rubric_metadata"]["date"].startswith(own["date"])
    for name, values in head["variables"].items():
        list_name = name.removeprefix("$").replace("dst_", "")
        assert own[list_name] == [value.strip() for value in values]
    assert {statement["id"] for statement in statements} == _NAMES


@pytest.mark.parametrize("damage", [b"", b"\0" * 64, b"\xff" * 64])
def test_what_is_no_manifest_store_has_no_signals(damage: bytes) -> None:
    with pytest.raises(StoreError):
        ours(damage)
    record = io.BytesIO(damage)
    record.name = "record.c2pa"
    assert provenance.verify(record, sources=["c2pa"]).credentials.signals is None


def test_actions_of_a_wrong_kind_are_ambiguous(made: Files) -> None:
    store = made["created as digitalCapture"][1]
    (own,) = ours(store.replace(b"gactions\x81", b"gactions\x60", 1)).values()  # an empty text, and then rubbish
    assert own == ["transformation:signal_ambiguousActions"]


def test_the_report_has_the_signals_of_the_asset_and_of_every_step(verifier: provenance.Verifier) -> None:
    credential = Authority().issue("Test signer")
    ingredient = credential.sign(picture(), manifest(created("trainedAlgorithmicMedia")))
    declared = MADE["edited as trainedAlgorithmicMedia"]
    facts = {"title": "made.jpg", "relationship": "componentOf"}
    flat = {"title": "flat.jpg", "relationship": "componentOf"}
    signed = credential.sign(picture(), declared, ingredients=[(facts, ingredient), (flat, picture())])
    credentials = verifier.verify(signed).credentials
    asset, made, unsigned = credentials.history.steps
    assert credentials.signals_rubric == "C2PA Asset Signals Rubric (Local) 1.0 (2026-08-06)"
    assert credentials.signals == asset.signals
    assert credentials.signals is not None
    assert credentials.signals.inception == (Inception.CAPTURED_MEDIA,)
    assert credentials.signals.transformations == (Transformation.PERCEPTIBLE_GEN_AI,)
    assert made.signals is not None
    assert made.signals.inception == (Inception.FULLY_GEN_AI_MEDIA,)
    assert unsigned.signals is None


def test_a_file_without_a_manifest_has_no_signals(verifier: provenance.Verifier) -> None:
    credentials = verifier.verify(picture()).credentials
    assert credentials.signals is None
    assert credentials.signals_rubric is None


@pytest.mark.parametrize(
    ("language", "begun", "edited"),
    [
        ("en", "declares: captured", "perceptible edit with AI"),
        ("fr", "déclare : capté", "modification perceptible avec IA"),
        ("ja", "記録の内容：撮影・録音", "AIによる知覚できる編集"),
    ],
)
def test_page_and_terminal_name_the_signals(
    verifier: provenance.Verifier, language: str, begun: str, edited: str
) -> None:
    signed = Authority().issue("Test signer").sign(picture(), MADE["edited as trainedAlgorithmicMedia"])
    report = verifier.verify(signed, language=language)
    for shown in (render_html(report), re.sub("[ \n]+", " ", to_terminal(report))):  # no-break spaces stay
        assert begun in shown
        assert edited in shown
