"""Manifests by every shipped profile keep the rules of C2PA 2.4 and of its conformance program 0.2."""

from datetime import UTC, datetime

import pytest

from provenance_signing.errors import ProfileError
from provenance_signing.facts import Facts
from provenance_signing.manifest import definition
from provenance_signing.profile import Parent, Profile, shipped_profiles, source_type

# What the program exempts from a digital source type; every other action of C2PA's own needs one.
EXEMPT = {
    *("c2pa.converted", "c2pa.edited.metadata", "c2pa.enhanced", "c2pa.opened", "c2pa.placed", "c2pa.published"),
    *("c2pa.redacted", "c2pa.repackaged", "c2pa.resized.proportional", "c2pa.transcoded"),
    *("c2pa.watermarked.bound", "c2pa.watermarked.unbound"),
}
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def facts_for(profile: Profile, **more: object) -> Facts:
    return Facts.of({**({"model": "Example Model"} if profile.ai_disclosure else {}), **more})


def said_by(name: str, **facts: object) -> dict:
    profile = Profile.load(name)
    return definition(profile, facts_for(profile, **facts), title="a.jpg", now=NOW)


def actions_of(said: dict) -> dict:
    return next(each["data"] for each in said["assertions"] if each["label"] == "c2pa.actions.v2")


def test_there_are_the_profiles_that_platforms_need() -> None:
    assert set(shipped_profiles()) == {"ai-edited", "ai-generated", "captured", "derived", "edited", "published"}


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_profile_keeps_the_rules(name: str) -> None:
    said = said_by(name)
    assert said["claim_generator_info"][0]["specVersion"] == "2.4.0"
    assert all(each["created"] for each in said["assertions"])
    data = actions_of(said)
    assert isinstance(data["allActionsIncluded"], bool)
    first, *others = data["actions"]
    assert first["action"] == ("c2pa.created" if Profile.load(name).parent is Parent.NONE else "c2pa.opened")
    assert not {each["action"] for each in others} & {"c2pa.created", "c2pa.opened"}
    for each in data["actions"]:
        assert ("digitalSourceType" in each) == (each["action"] not in EXEMPT)
    if first["action"] == "c2pa.opened":
        assert first["parameters"] == {"ingredientIds": ["parent"]}
        if not others:
            assert data["allActionsIncluded"]


def test_only_profiles_about_ai_disclose_a_model() -> None:
    disclosing = {
        name
        for name in shipped_profiles()
        if any(each["label"] == "c2pa.ai-disclosure" for each in said_by(name)["assertions"])
    }
    assert disclosing == {"ai-generated", "ai-edited"}


def test_nothing_is_reserved_and_no_oversight_claimed_that_nobody_stated() -> None:
    for name in shipped_profiles():
        said = said_by(name)
        assert "cawg.training-mining" not in {each["label"] for each in said["assertions"]}
        assert "humanOversightLevel" not in str(said)


def test_a_time_is_said_where_it_is_known() -> None:
    assert actions_of(said_by("ai-generated"))["actions"][0]["when"] == "2026-11-24T12:00:00Z"
    assert "when" not in actions_of(said_by("captured"))["actions"][0]
    given = actions_of(said_by("captured", when="2026-11-20T08:30:00+01:00"))["actions"][0]
    assert given["when"] == "2026-11-20T07:30:00Z"
    without_zone = actions_of(said_by("captured", when="2026-11-20T08:30:00"))["actions"][0]
    assert without_zone["when"] == "2026-11-20T08:30:00Z"  # on every machine the same


def test_more_actions_take_the_profile_s_source_type_and_their_own_words() -> None:
    said = said_by(
        "edited",
        actions=[
            "c2pa.cropped",
            {"action": "c2pa.translated", "parameters": {"sourceLanguage": "fr", "targetLanguage": "ja"}},
            {"action": "com.example.graded", "description": "By hand", "parameters": {"com.example.look": "warm"}},
        ],
    )
    by_name = {each["action"]: each for each in actions_of(said)["actions"]}
    assert by_name["c2pa.cropped"]["digitalSourceType"] == source_type("humanEdits")
    assert by_name["c2pa.translated"]["parameters"]["targetLanguage"] == "ja"
    assert "digitalSourceType" not in by_name["com.example.graded"]
    with pytest.raises(ProfileError, match="no parameter of C2PA 2.4"):
        said_by("edited", actions=[{"action": "c2pa.cropped", "parameters": {"left": 5}}])


@pytest.mark.parametrize("facts", [{"title": "x" * 5000}, {"actions": ["c2pa.cropped"] * 500}, {"model": {"name": ""}}])
def test_facts_have_limits(facts: dict) -> None:
    with pytest.raises(ProfileError):
        said_by("ai-generated", **facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"when": "0001-01-01T00:00:00+14:00"},
        {"actions": [{"action": "c2pa.edited", "when": "9999-12-31T23:59:59-12:00"}]},
        {"prompt": "\ud800"},
        {"digital_source_type": "\ud800"},
        {"actions": [{"action": "c2pa.edited", "parameters": {"\ud800": 1}}]},
    ],
)
def test_facts_that_cannot_be_written_are_refused(facts: dict) -> None:
    with pytest.raises(ProfileError):
        said_by("ai-generated", model="M", **facts)
