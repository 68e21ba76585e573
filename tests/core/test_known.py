"""What a caller knows about an asset beside what the sources find is joined with it before the conclusion."""

from pathlib import Path

import provenance
from provenance import Assurance, Evidence, Kind, Origin
from provenance.sentences import say
from provenance.sources import Findings


def known(origin: Origin = Origin.AI_GENERATED) -> Findings:
    explanation = say(
        "registry.says.ai_generated", date="2026-11-24", distance=4, bits=256, signer="A camera", agent="a tool"
    )
    match = Evidence(
        source="registry",
        kind=Kind.REGISTRY_MATCH,
        origin=origin,
        assurance=Assurance.ATTESTED,
        explanation=explanation,
    )
    return Findings(evidence=[match], limits=[say("limit.registry.no_match")])


def test_a_registered_picture_that_the_caller_found_decides_where_the_file_says_nothing(
    samples: Path, verifier: provenance.Verifier
) -> None:
    report = verifier.add_findings(verifier.verify(samples / "nothing-known.jpg"), [known()])
    assert report.conclusion.headline.key == "headline.registered.ai_generated"
    assert "registry" in [item.source for item in report.evidence]
    assert "limit.registry.no_match" in [limit.key for limit in report.conclusion.limits]


def test_what_the_caller_knows_never_outranks_a_signature_of_the_file(
    samples: Path, verifier: provenance.Verifier
) -> None:
    report = verifier.add_findings(verifier.verify(samples / "signed-ai.jpg"), [known()])
    assert report.conclusion.headline.key.startswith("headline.ai_generated.")


def test_the_report_with_a_registered_picture_speaks_french_and_japanese(
    samples: Path, verifier: provenance.Verifier
) -> None:
    report = verifier.add_findings(verifier.verify(samples / "nothing-known.jpg", language="fr"), [known()])
    assert report.conclusion.headline.text.startswith("Copie ou quasi-copie")
    assert "登録された画像" in report.in_language("ja").conclusion.because[0].text


def test_without_anything_known_the_report_is_as_before(samples: Path, verifier: provenance.Verifier) -> None:
    report = verifier.verify(samples / "nothing-known.jpg")
    assert {item.kind for item in report.evidence} & {Kind.REGISTRY_MATCH} == set()
