"""The official conformance rubric passes for everything that is written: every profile, web versions and amendments."""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import c2pa
import pytest

from provenance_signing import Credential, Ingredient, Relationship, Signer
from provenance_signing.amendment import amend
from provenance_signing.derivation import Rendition, derive
from provenance_signing.profile import Parent, Profile, shipped_profiles

from ..core.rubric import RUBRICS
from ..core.signing import picture, plain_picture
from .facts import LANGUAGES, SOFT_BINDING

CONFORMANCE = "asset-rubric-conformance0.2-spec2.4.yml"


@pytest.fixture(scope="module")
def failures() -> Callable[[bytes], list[str]]:
    """What the official evaluator finds wrong with a JPEG's active manifest."""
    pytest.importorskip("yaml", reason="the official evaluator needs PyYAML")
    pytest.importorskip("json_formula", reason="the official evaluator needs json-formula, which no index has")
    if not RUBRICS.is_dir():
        pytest.skip(f"the official rubrics are not at {RUBRICS}")
    if str(RUBRICS) not in sys.path:
        sys.path.insert(0, str(RUBRICS))
    from c2pa_conformance_rubric_evaluator import evaluate_asset_against_rubric

    def evaluate(data: bytes) -> list[str]:
        crjson = json.loads(c2pa.Reader("image/jpeg", io.BytesIO(data)).crjson())
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            said: dict[str, Any] = evaluate_asset_against_rubric(str(RUBRICS / CONFORMANCE), data_dict=crjson)
        assert len(said["true"]["validation"]) >= 20
        return [each["reportText"] for kind in ("false", "warning") for each in said[kind].get("validation", [])]

    return evaluate


def signed_by(credential: Credential, name: str, **how: Any) -> bytes:
    profile = Profile.load(name)
    if profile.parent is Parent.REQUIRED:
        how.setdefault("parent", plain_picture("red"))
    if "model" in profile.requires:
        how.setdefault("model", "M")
    return Signer(credential, profile=profile).sign_bytes(picture(), name="a.jpg", **how)


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_official_rubric_passes_for_every_profile(name: str, credential: Credential, failures: Callable) -> None:
    assert failures(signed_by(credential, name)) == []
    signed = Signer(credential, profile="captured").sign_bytes(picture())
    if Profile.load(name).parent is Parent.REQUIRED:
        assert failures(signed_by(credential, name, parent=signed)) == []


@pytest.mark.parametrize(
    "how",
    [
        {"actions": ["c2pa.cropped", "c2pa.published", "org.example.smudged"]},
        {"actions": [{"action": "c2pa.translated", "parameters": LANGUAGES}]},
        {"actions": ["c2pa.watermarked.bound"], "assertions": [SOFT_BINDING]},
        {"training_mining": "constrained"},
        {"ingredients": [Ingredient(plain_picture("blue"), Relationship.COMPONENT, "logo.jpg")]},
        {"ingredients": [Ingredient(plain_picture("blue"), Relationship.INPUT, "sketch.jpg")]},
    ],
)
def test_the_official_rubric_passes_for_what_facts_add(how: dict, credential: Credential, failures: Callable) -> None:
    assert failures(signed_by(credential, "edited", **how)) == []


def test_the_official_rubric_passes_for_web_versions_and_amendments(credential: Credential, failures: Callable) -> None:
    signed = signed_by(credential, "ai-generated", prompt="a boat", human_oversight="prompt_guided")
    web = derive(signed, credential=credential, rendition=Rendition(resize=100, format="jpeg")).data
    update = amend(signed, credential=credential, permission="notAllowed").data
    redacted = amend(signed, credential=credential, redact=["c2pa.thumbnail.claim"]).data
    note = {"label": "org.example.note", "created": True, "data": {"checked": "by the desk"}}
    noted = amend(web or b"", credential=credential, assertions=[note]).data
    for data in (web, update, redacted, noted):
        assert data is not None
        assert failures(data) == []


def test_the_evaluator_is_seen_to_fail(failures: Callable, fixtures: Path) -> None:
    assert failures((fixtures / "c2pa-rs" / "CA.jpg").read_bytes()) != []
