"""Every action of C2PA 2.4: valid to both engines as it is signed, or refused with what it lacks."""

import io
import json
import tomllib
from importlib.resources import files
from pathlib import Path

import c2pa
import pytest

from provenance_signing import Credential, Ingredient, Relationship, Signer
from provenance_signing.amendment import amend
from provenance_signing.errors import ProfileError, SigningError
from provenance_signing.profile import defined_actions

from ..core.signing import picture, plain_picture
from .facts import LANGUAGES, SOFT_BINDING
from .media import manifest_of, second_engine_says

TABLE = tomllib.loads(files("provenance_signing").joinpath("actions.toml").read_text("utf-8"))
DEFINED = sorted(defined_actions())


# What each lacks where it is given by its name alone.
REFUSED = {
    "c2pa.created": "follows from the profile",
    "c2pa.opened": "follows from the profile",
    "c2pa.placed": "follows from the components",
    "c2pa.redacted": "use amend",
    "c2pa.removed": "cannot be given here",
    "c2pa.translated": "needs the parameter sourceLanguage",
    "c2pa.watermarked.bound": "needs the assertion c2pa.soft-binding",
}


def both_say(data: bytes, root: Path) -> set[str]:
    bare = c2pa.Context.from_dict({"trust": {"trust_anchors": root.read_text()}})
    first = c2pa.Reader("image/jpeg", io.BytesIO(data), context=bare).get_validation_state()
    return {first, second_engine_says(data, "image/jpeg", root)}


@pytest.fixture
def edited(credential: Credential) -> Signer:
    return Signer(credential, profile="edited")


@pytest.mark.parametrize("action", [*DEFINED, *TABLE["deprecated"], "org.example.smudged"])
def test_every_action_is_valid_to_both_engines_or_refused_with_what_it_lacks(
    action: str, edited: Signer, development, tmp_path: Path
) -> None:
    out, how = tmp_path / "a.jpg", {"parent": plain_picture("red"), "actions": [action]}
    if action in TABLE["deprecated"] or action in REFUSED:
        with pytest.raises(ProfileError, match=REFUSED.get(action, "deprecated")):
            edited.sign(picture(), out, **how)
        assert list(tmp_path.iterdir()) == []
        return
    edited.sign(picture(), out, **how)
    signed = out.read_bytes()
    assert both_say(signed, development().root) == {"Trusted"}
    said = manifest_of(signed)["assertion_store"]["c2pa.actions.v2"]["actions"]
    assert [each["action"] for each in said] == ["c2pa.opened", "c2pa.edited", action]


@pytest.mark.parametrize(
    "how",
    [
        {"actions": [{"action": "c2pa.translated", "parameters": LANGUAGES}]},
        {"actions": ["c2pa.watermarked.bound"], "assertions": [SOFT_BINDING]},
        {"ingredients": [Ingredient(plain_picture("blue"), Relationship.COMPONENT, "logo.jpg")]},
        {"ingredients": [Ingredient(plain_picture("blue"), Relationship.INPUT, "sketch.jpg")]},
    ],
)
def test_an_action_with_what_it_needs_is_valid_to_both_engines(how: dict, edited: Signer, development) -> None:
    signed = edited.sign_bytes(picture(), parent=plain_picture("red"), **how)
    assert both_say(signed, development().root) == {"Trusted"}


@pytest.mark.parametrize("action", ["c2pa.placed", "c2pa.redacted", "c2pa.removed", "c2pa.watermarked.bound"])
def test_a_profile_s_action_needs_the_same(action: str, credential: Credential, tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text(
        f'name = "own"\nparent = "required"\ndigital_source_type = "humanEdits"\nactions = ["{action}"]\n'
    )
    with pytest.raises(ProfileError, match=REFUSED[action]):
        Signer(credential, profile=profile).sign(picture(), parent=plain_picture("red"))


@pytest.mark.parametrize(
    ("assertion", "code"),
    [
        (
            {"label": "c2pa.actions.v2", "data": {"actions": [{"action": "c2pa.translated"}]}},
            "assertion.action|first actions assertion",
        ),
        ({"label": "c2pa.soft-binding", "data": {"a": 1}}, "malformed"),
    ],
)
def test_what_an_engine_calls_invalid_is_not_signed(
    assertion: dict, code: str, edited: Signer, credential: Credential, tmp_path: Path
) -> None:
    given = [{**assertion, "created": True}]
    with pytest.raises(SigningError, match=code):
        edited.sign(picture(), tmp_path / "a.jpg", parent=plain_picture("red"), assertions=given)
    signed = Signer(credential, profile="captured").sign_bytes(picture())
    with pytest.raises(SigningError, match=code):
        amend(signed, tmp_path / "a.jpg", credential=credential, assertions=given)
    assert list(tmp_path.iterdir()) == []


def test_an_amendment_says_that_all_actions_are_included(credential: Credential, development) -> None:
    signed = Signer(credential, profile="captured").sign_bytes(picture())
    amended = amend(signed, credential=credential, permission="notAllowed").data
    assert amended is not None
    assert both_say(amended, development().root) == {"Trusted"}
    store = json.loads(c2pa.Reader("image/jpeg", io.BytesIO(amended)).detailed_json())
    said = store["manifests"][store["active_manifest"]]
    (actions,) = (data for label, data in said["assertion_store"].items() if label.startswith("c2pa.actions"))
    assert ([each["action"] for each in actions["actions"]], actions["allActionsIncluded"]) == (["c2pa.opened"], True)
    assert said["claim"]["claim_generator_info"]["specVersion"] == "2.4.0"
    assert not any("c2pa.hash" in label for label in said["assertion_store"])  # still an update


def test_that_one_engine_misses_what_was_redacted_is_said(credential: Credential) -> None:
    signed = Signer(credential, profile="captured").sign_bytes(picture())
    amended = amend(signed, credential=credential, redact=["c2pa.thumbnail.claim"])
    assert "sign.redaction_disputed" in {each.key for each in amended.remarks}
