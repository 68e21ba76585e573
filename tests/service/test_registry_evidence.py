"""What a match is worth: a copy or near copy of a registered picture, and never a signature of this file."""

from pathlib import Path

import pytest

import provenance
from provenance import Assurance, Evidence, Kind, Origin, Status
from provenance.sentences import say
from provenance_service.registry.evidence import RegisteredPicture, Standing, findings_of, not_looked_up
from provenance_service.registry.fingerprint import Fingerprint, to_ask, to_register
from provenance_service.registry.index import FingerprintIndex, Match

SAMPLES = Path(__file__).parents[2] / "samples"
VERIFIED, ATTESTED, DECLARED = Assurance.VERIFIED, Assurance.ATTESTED, Assurance.DECLARED


def registered(
    origin: Origin, assurance: Assurance = VERIFIED, standing: Standing = Standing.TRUSTED
) -> RegisteredPicture:
    told = Evidence(
        source="c2pa",
        kind=Kind.SIGNED_MANIFEST,
        origin=origin,
        assurance=assurance,
        agent="A tool",
        time="2026-11-20T10:00:00Z",
        explanation=say(f"c2pa.says.{origin.replace('-', '_')}", signer="A newsroom", agent="A tool"),
    )
    return RegisteredPicture("urn:c2pa:1", "2026-11-24T08:00:00+00:00", "ISCC:EED", told, standing)


MATCH = Match(7, 12, 256, "without-bars", "cropped-10")


def evidence(origin: Origin, assurance: Assurance = VERIFIED) -> Evidence:
    (found,) = findings_of([(MATCH, registered(origin, assurance))]).evidence
    return found


@pytest.mark.parametrize(
    ("origin", "told", "worth"),
    [
        (Origin.AI_GENERATED, VERIFIED, ATTESTED),
        (Origin.AI_EDITED, VERIFIED, ATTESTED),
        (Origin.AI_GENERATED, ATTESTED, DECLARED),
        (Origin.AI_EDITED, ATTESTED, DECLARED),
        (Origin.CAPTURED, VERIFIED, DECLARED),
        (Origin.CAPTURED, ATTESTED, DECLARED),
        (Origin.DIGITAL_CREATION, VERIFIED, DECLARED),
        (Origin.UNKNOWN, VERIFIED, DECLARED),
    ],
)
def test_a_match_is_weaker_than_the_signature_that_it_leads_to(
    origin: Origin, told: Assurance, worth: Assurance
) -> None:
    found = evidence(origin, told)
    assert (found.kind, found.source, found.origin) == (Kind.REGISTRY_MATCH, "registry", origin)
    assert found.assurance is worth
    assert found.assurance.rank < told.rank


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_the_sentence_says_copy_or_near_copy_the_date_and_the_distance(origin: Origin, language: str) -> None:
    text = evidence(origin).explanation.in_language(language).text
    for part in ("2026-11-24", "12", "256", "A newsroom"):
        assert part in text
    assert {"en": "copy or near copy of", "fr": "quasi-copie d’", "ja": "複製、またはほぼ同じ画像"}[language] in text


def test_the_details_let_a_program_repeat_the_match() -> None:
    details = evidence(Origin.CAPTURED).details
    assert details["alg"] == "io.iscc.v0"
    assert (details["manifest_id"], details["iscc"]) == ("urn:c2pa:1", "ISCC:EED")
    assert (details["distance"], details["asked_view"], details["registered_view"]) == (
        12,
        "without-bars",
        "cropped-10",
    )


def test_several_registered_pictures_are_each_named() -> None:
    found = findings_of([(MATCH, registered(Origin.CAPTURED)), (MATCH, registered(Origin.AI_GENERATED))])
    assert [item.origin for item in found.evidence] == [Origin.CAPTURED, Origin.AI_GENERATED]


def test_that_nothing_was_found_proves_nothing() -> None:
    found = findings_of([])
    assert found.evidence == []
    assert [limit.key for limit in found.limits] == ["limit.registry.no_match"]
    assert "proves nothing" in found.limits[0].text


def test_a_plain_picture_is_said_not_to_have_been_looked_up() -> None:
    found = not_looked_up(say("registry.flat"))
    assert found.evidence == []
    assert "too plain" in found.limits[0].text
    assert "trop unie" in found.limits[0].in_language("fr").text


@pytest.mark.parametrize("status", [Status.ALTERED, Status.BROKEN, Status.REVOKED, Status.ABSENT])
def test_a_picture_whose_record_does_not_hold_cannot_be_registered(status: Status) -> None:
    told = Evidence(source="c2pa", kind=Kind.SIGNED_MANIFEST, status=status, explanation=say("c2pa.absent"))
    with pytest.raises(ValueError, match="manifest that holds"):
        RegisteredPicture("urn:c2pa:1", "2026-11-24", "ISCC:EED", told, Standing.TRUSTED)


def test_a_declaration_cannot_be_registered_as_a_signature() -> None:
    told = Evidence(source="metadata", kind=Kind.DECLARED_METADATA, assurance=DECLARED, explanation=say("c2pa.absent"))
    with pytest.raises(ValueError, match="signed manifest"):
        RegisteredPicture("urn:c2pa:1", "2026-11-24", "ISCC:EED", told, Standing.TRUSTED)


def test_a_stripped_copy_of_a_signed_picture_is_led_back_and_not_called_signed(
    tmp_path: Path, verifier: provenance.Verifier
) -> None:
    """The whole way: a signed AI picture is registered, a copy loses its record, and is asked about."""
    from PIL import Image

    with Image.open(Path(__file__).parents[2] / "benchmarks/suites/smoke-v1/files/picture-01.jpg") as image:
        picture = image.convert("RGB")
    original = tmp_path / "original.png"
    picture.save(original)
    copy = tmp_path / "copy.jpg"
    picture.resize((picture.width // 2, picture.height // 2)).save(copy, quality=50)

    kept, asked = to_register(original), to_ask(copy)
    assert isinstance(kept, Fingerprint)
    assert isinstance(asked, Fingerprint)
    index = FingerprintIndex()
    index.add(7, kept.views)
    matches = [(match, registered(Origin.AI_GENERATED)) for match in index.nearest(asked.views)]
    report = verifier.add_findings(verifier.verify(copy), [findings_of(matches)])

    assert report.conclusion.headline.key == "headline.registered.ai_generated"
    assert (report.conclusion.origin, report.conclusion.assurance) == (Origin.AI_GENERATED, ATTESTED)
    assert report.credentials.integrity.state == "absent"
    assert "signed by" not in report.conclusion.headline.text


@pytest.mark.parametrize("origin", Origin)
def test_a_match_alone_never_says_signed_verified_or_unchanged(origin: Origin) -> None:
    conclusion = provenance.conclude([evidence(origin)])
    assert conclusion.headline.key.startswith("headline.registered.")
    assert conclusion.assurance is not VERIFIED
    assert not {"signed", "unchanged", "verified", "trusted"} & set(conclusion.headline.text.lower().split())
