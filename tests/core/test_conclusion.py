"""The rules, one by one, and the laws that no rule may break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import Assurance, Evidence, Kind, Origin, Policy, PolicyError, Status, conclude
from provenance.conclusion import Condition, contradicts
from provenance.evidence import CEILING
from provenance.sentences import say

NOTE = say("c2pa.absent")


def item(kind: Kind, origin: Origin, assurance: Assurance, status: Status = Status.VALID, **more: object) -> Evidence:
    return Evidence(
        source="test", kind=kind, origin=origin, assurance=assurance, status=status, explanation=NOTE, **more
    )


def signed(origin: Origin, assurance: Assurance = Assurance.ATTESTED) -> Evidence:
    return item(Kind.SIGNED_MANIFEST, origin, assurance)


def failed(status: Status) -> Evidence:
    return item(Kind.SIGNED_MANIFEST, Origin.UNKNOWN, Assurance.NONE, status)


def declared(origin: Origin) -> Evidence:
    return item(Kind.DECLARED_METADATA, origin, Assurance.DECLARED)


def estimated(origin: Origin) -> Evidence:
    return item(Kind.DETECTOR, origin, Assurance.ESTIMATED)


def registered(origin: Origin, assurance: Assurance = Assurance.DECLARED) -> Evidence:
    return item(Kind.REGISTRY_MATCH, origin, assurance)


CAMERA = item(Kind.DECLARED_METADATA, Origin.CAPTURED, Assurance.NONE)

AI, EDITED, CAPTURED, DIGITAL = Origin.AI_GENERATED, Origin.AI_EDITED, Origin.CAPTURED, Origin.DIGITAL_CREATION
VERIFIED, ATTESTED = Assurance.VERIFIED, Assurance.ATTESTED

RULES = {
    "captured and edited since: verified": (
        [signed(CAPTURED, VERIFIED).model_copy(update={"edited": True})],
        "headline.captured.edited.verified",
    ),
    "captured and edited since: attested": (
        [signed(CAPTURED).model_copy(update={"edited": True})],
        "headline.captured.edited.attested",
    ),
    "altered": ([failed(Status.ALTERED)], "headline.altered"),
    "mismatched": ([failed(Status.MISMATCHED)], "headline.altered.external"),
    "partial": ([failed(Status.PARTIAL)], "headline.partial"),
    "disputed": ([failed(Status.DISPUTED)], "headline.disputed"),
    "revoked": ([failed(Status.REVOKED)], "headline.revoked"),
    "broken": ([failed(Status.BROKEN)], "headline.broken"),
    **{
        f"{origin} {assurance}": ([signed(origin, assurance)], f"headline.{origin.replace('-', '_')}.{assurance}")
        for origin in (AI, EDITED, CAPTURED, DIGITAL)
        for assurance in (VERIFIED, ATTESTED)
    },
    **{
        f"{o} declared": ([declared(o)], f"headline.{o.replace('-', '_')}.declared")
        for o in (AI, EDITED, CAPTURED, DIGITAL)
    },
    **{
        f"{o} estimated": ([estimated(o)], f"headline.{o.replace('-', '_')}.estimated")
        for o in (AI, EDITED, CAPTURED, DIGITAL)
    },
    **{
        f"copy of a registered picture: {o}": ([registered(o)], f"headline.registered.{o.replace('-', '_')}")
        for o in (AI, EDITED, CAPTURED, DIGITAL)
    },
    "copy of a registered picture, silent, and something weaker says AI": (
        [registered(Origin.UNKNOWN), estimated(AI)],
        "headline.registered.unknown.hint_ai",
    ),
    "copy of a registered picture, silent": ([registered(Origin.UNKNOWN)], "headline.registered.unknown"),
    "signed, silent, and something weaker says AI: verified": (
        [signed(Origin.UNKNOWN, VERIFIED), declared(AI)],
        "headline.unknown.verified.hint_ai",
    ),
    "signed, silent, and something weaker says AI: attested": (
        [signed(Origin.UNKNOWN), declared(EDITED)],
        "headline.unknown.attested.hint_ai",
    ),
    "ambiguous": ([failed(Status.AMBIGUOUS), declared(AI)], "headline.ambiguous"),
    "empty": ([failed(Status.EMPTY)], "headline.empty"),
    "program": ([failed(Status.PROGRAM)], "headline.program"),
    "signed and silent, and somebody removed a part of an earlier record: verified": (
        [signed(Origin.UNKNOWN, VERIFIED), failed(Status.PART_REMOVED)],
        "headline.unknown.verified.part_removed",
    ),
    "signed and silent, and somebody removed a part of an earlier record: attested": (
        [signed(Origin.UNKNOWN), failed(Status.PART_REMOVED)],
        "headline.unknown.attested.part_removed",
    ),
    "signed and silent, and a step of the history does not hold: verified": (
        [signed(Origin.UNKNOWN, VERIFIED), failed(Status.HISTORY_BROKEN)],
        "headline.unknown.verified.history_broken",
    ),
    "signed and silent, and a step of the history does not hold: attested": (
        [signed(Origin.UNKNOWN), failed(Status.HISTORY_BROKEN)],
        "headline.unknown.attested.history_broken",
    ),
    "signed and silent: verified": ([signed(Origin.UNKNOWN, VERIFIED)], "headline.unknown.verified"),
    "signed and silent: attested": ([signed(Origin.UNKNOWN)], "headline.unknown.attested"),
    "remote": ([failed(Status.REMOTE)], "headline.remote"),
    "unreadable": ([failed(Status.UNREADABLE)], "headline.unreadable"),
    "nothing known but a camera's name": ([failed(Status.ABSENT), CAMERA], "headline.unknown.camera"),
    "nothing known": ([failed(Status.ABSENT)], "headline.unknown.none"),
}


@pytest.mark.parametrize("name", RULES)
def test_each_rule_gives_its_headline(name: str) -> None:
    evidence, headline = RULES[name]
    assert conclude(evidence).headline.key == headline


def test_every_rule_has_its_test() -> None:
    assert {rule.name for rule in Policy.default().rules} == set(RULES)


def test_what_was_altered_is_told_apart_from_what_was_never_marked() -> None:
    """Both name no origin: a client that reads one word must not take the one for the other."""
    states = {
        status: conclude([failed(status)]).state
        for status in (Status.ALTERED, Status.BROKEN, Status.DISPUTED, Status.AMBIGUOUS, Status.UNREADABLE)
    }
    assert all(str(state) == str(status) for status, state in states.items())
    assert conclude([failed(Status.ABSENT)]).state == "nothing-found"
    assert conclude([]).state == "nothing-found"
    assert conclude([failed(Status.ALTERED), declared(AI)]).state == "altered"
    assert conclude([declared(AI)]).state == "declared"
    assert conclude([signed(AI, VERIFIED)]).state == "verified"


def test_no_evidence_is_unknown_and_says_that_absence_proves_nothing() -> None:
    conclusion = conclude([])
    assert (conclusion.origin, conclusion.assurance) == (Origin.UNKNOWN, Assurance.NONE)
    assert "proves nothing" in conclusion.headline.text


def test_a_camera_name_contradicts_a_signed_claim_of_ai() -> None:
    camera = CAMERA.model_copy(update={"explanation": say("metadata.camera", camera="X")})
    assert conclude([signed(AI), camera]).conflicts == (camera.explanation,)


def test_a_camera_name_does_not_contradict_an_edit_by_ai() -> None:
    assert conclude([signed(EDITED), CAMERA]).conflicts == ()


def test_a_signature_in_the_file_decides_before_a_registered_picture_that_says_the_same() -> None:
    conclusion = conclude([registered(AI, ATTESTED), signed(AI)])
    assert conclusion.headline.key == "headline.ai_generated.attested"


def test_a_file_that_calls_itself_ai_is_not_called_captured_for_looking_like_a_registered_photograph() -> None:
    conclusion = conclude([registered(CAPTURED), declared(EDITED)])
    assert conclusion.origin is EDITED


def test_a_copy_of_a_registered_ai_picture_whose_description_names_a_camera_is_still_led_back() -> None:
    conclusion = conclude([registered(AI, ATTESTED), declared(CAPTURED)])
    assert conclusion.headline.key == "headline.registered.ai_generated"
    assert conclusion.conflicts


def test_a_policy_of_ones_own_must_answer_every_file(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nversion = "1"\nprecedence = []\nagrees_with = {}\nrules = []\n')
    with pytest.raises(PolicyError, match="last rule"):
        Policy.from_toml(path)


def test_a_policy_with_an_unknown_sentence_is_refused(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nversion = "1"\nprecedence = []\nagrees_with = {}\n'
        '[[rules]]\nname = "all"\nwhen = {}\nheadline = "headline.no_such_thing"\n'
    )
    with pytest.raises(PolicyError, match="no_such_thing"):
        Policy.from_toml(path)


def test_the_last_shipped_rule_has_no_condition() -> None:
    assert Policy.default().rules[-1].when == Condition()


# The laws, for any evidence


@st.composite
def any_evidence(draw: st.DrawFn, kinds: tuple[Kind, ...] = tuple(Kind)) -> Evidence:
    kind = draw(st.sampled_from(kinds))
    status = draw(st.sampled_from(Status))
    allowed = (
        [each for each in Assurance if each.rank <= CEILING[kind].rank] if status is Status.VALID else [Assurance.NONE]
    )
    return Evidence(
        source="test",
        kind=kind,
        status=status,
        origin=draw(st.sampled_from(Origin)) if status is Status.VALID else Origin.UNKNOWN,
        assurance=draw(st.sampled_from(allowed)),
        explanation=say("metadata.camera", camera=f"evidence {draw(st.integers(0, 10**9))}"),
    )


pieces = st.lists(any_evidence(), max_size=6)
detectors = any_evidence(kinds=(Kind.DETECTOR,))


@given(pieces, detectors)
def test_a_detector_never_raises_the_assurance_above_estimated(evidence: list[Evidence], detector: Evidence) -> None:
    before, after = conclude(evidence), conclude([*evidence, detector])
    assert after.assurance.rank <= max(before.assurance.rank, Assurance.ESTIMATED.rank)


@given(pieces, detectors)
def test_a_detector_never_changes_a_conclusion_that_rests_on_a_signature(
    evidence: list[Evidence], detector: Evidence
) -> None:
    before, after = conclude(evidence), conclude([*evidence, detector])
    if before.assurance.rank >= Assurance.ATTESTED.rank:
        assert (after.origin, after.assurance) == (before.origin, before.assurance)


@given(pieces, st.data())
def test_removing_evidence_never_raises_assurance(evidence: list[Evidence], data: st.DataObject) -> None:
    kept = [each for each in evidence if data.draw(st.booleans())]
    assert conclude(kept).assurance.rank <= conclude(evidence).assurance.rank


@given(pieces, st.randoms())
def test_the_order_of_evidence_does_not_change_the_answer(evidence: list[Evidence], random: object) -> None:
    shuffled = list(evidence)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = conclude(evidence), conclude(shuffled)
    assert (first.origin, first.assurance, first.headline) == (second.origin, second.assurance, second.headline)
    assert set(first.conflicts) == set(second.conflicts)


@given(pieces)
def test_what_contradicts_the_conclusion_is_always_listed(evidence: list[Evidence]) -> None:
    conclusion = conclude(evidence)
    for each in evidence:
        if each.status is Status.VALID and contradicts(conclusion.origin, each.origin, Policy.default()):
            assert each.explanation in conclusion.conflicts


@given(st.lists(any_evidence(kinds=(Kind.REGISTRY_MATCH, Kind.DECLARED_METADATA, Kind.DETECTOR)), max_size=6))
def test_without_a_signature_of_this_very_file_nothing_is_verified_or_said_to_be_signed(
    evidence: list[Evidence],
) -> None:
    conclusion = conclude(evidence)
    assert conclusion.assurance is not Assurance.VERIFIED
    doubtful = (
        Status.ALTERED,
        Status.AMBIGUOUS,
        Status.EMPTY,
        Status.PROGRAM,
        Status.MISMATCHED,
        Status.BROKEN,
        Status.DISPUTED,
        Status.PARTIAL,
        Status.REVOKED,
    )
    if conclusion.assurance is Assurance.ATTESTED and not any(each.status in doubtful for each in evidence):
        assert conclusion.headline.key.startswith("headline.registered.")


@given(st.lists(any_evidence(kinds=(Kind.DECLARED_METADATA, Kind.DETECTOR)), max_size=6))
def test_without_a_signature_nothing_is_verified_or_attested(evidence: list[Evidence]) -> None:
    assert conclude(evidence).assurance.rank <= Assurance.DECLARED.rank


@given(st.sampled_from(Kind), st.sampled_from(Assurance))
def test_no_evidence_can_claim_more_than_its_kind(kind: Kind, assurance: Assurance) -> None:
    if assurance.rank > CEILING[kind].rank:
        with pytest.raises(ValueError, match="cannot be"):
            item(kind, AI, assurance)
    else:
        assert item(kind, AI, assurance).assurance is assurance


@given(st.sampled_from([status for status in Status if status is not Status.VALID]))
def test_failed_evidence_can_claim_nothing(status: Status) -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        item(Kind.SIGNED_MANIFEST, AI, Assurance.ATTESTED, status)
