"""A stranger launders a history: removes or exchanges what an earlier record said, and is never better off by it."""

import hashlib
from typing import Any

import cbor2
import pytest

import provenance

from .forged_stores import boxes_of, claim_for, data_hash, judged, manifest_box, signature_box
from .signing import Authority, Credential, created, picture
from .writer import LABEL, STORE, assertion, sign_claim, superbox

FIRST, LAST = "urn:c2pa:21111111-2222-4333-8444-555555555555", "urn:c2pa:31111111-2222-4333-8444-555555555555"
GENERATED = {"actions": [created("trainedAlgorithmicMedia", "Generator")]}
CAPTURED = {"actions": [created("digitalCapture", "Camera")]}
DISCLOSURE = "c2pa.ai-disclosure"
ENGINES = pytest.mark.parametrize("second_engine", [True, False])


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("An authority on a trust list")


@pytest.fixture(scope="module")
def stranger() -> Credential:
    return Authority("Anybody").issue("Stranger")


class Record:
    """A manifest, whole and without what was removed from it, and what others cite it by."""

    def __init__(
        self,
        label: str,
        signer: Credential,
        assertions: dict[str, Any],
        *,
        removed: str | None = None,
        kind: str = "c2ma",
        **claim: Any,
    ) -> None:
        boxes = boxes_of(assertions)
        own = claim_for(boxes, label, **claim)
        self.label, self.signature = label, signature_box(sign_claim(signer, own))
        self.whole = manifest_box(boxes, own, self.signature, label=label, kind=kind)
        left = {each: content for each, content in boxes.items() if each != removed}
        self.box = manifest_box(left, own, self.signature, label=label, kind=kind)

    def cited(self, *, with_signature: bool, relationship: str = "parentOf") -> dict[str, Any]:
        """An ingredient assertion that cites it."""
        empty: dict[str, Any] = {"success": [], "informational": [], "failure": []}
        own = {
            "dc:title": "earlier",
            "dc:format": "image/png",
            "relationship": relationship,
            "activeManifest": _reference(f"self#jumbf=/c2pa/{self.label}", self.whole),
            "validationResults": {"activeManifest": empty},
        }
        if with_signature:
            own["claimSignature"] = _reference(f"self#jumbf=/c2pa/{self.label}/c2pa.signature", self.signature)
        return own


def _reference(url: str, content: bytes) -> dict[str, Any]:
    return {"url": url, "hash": hashlib.sha256(content[8:]).digest()}


def opened(ingredient: dict[str, Any], action: str = "c2pa.opened", **more: Any) -> dict[str, Any]:
    """An ingredient, and the action by which it went in."""
    cited = _reference(
        "self#jumbf=c2pa.assertions/c2pa.ingredient.v3", assertion("c2pa.ingredient.v3", cbor2.dumps(ingredient))
    )
    actions = [{"action": action, "parameters": {"ingredients": [cited]} | more}]
    return {"c2pa.ingredient.v3": ingredient, "c2pa.actions.v2": {"actions": actions}}


def update_by(signer: Credential, parent: Record, *redacted: str) -> Record:
    """An update manifest, which says that it removed these parts."""
    added = opened(parent.cited(with_signature=True), "c2pa.edited.metadata")
    for each in redacted:
        parameters = {"redacted": each}
        action = {"action": "c2pa.redacted", "reason": "c2pa.PII.present", "parameters": parameters}
        added["c2pa.actions.v2"]["actions"].append(action)
    more = {"redacted_assertions": list(redacted)} if redacted else {}
    return Record(LAST, signer, added, kind="c2um", **more)


def verified(authority: Authority, asset: bytes, *records: bytes, second_engine: bool) -> provenance.Report:
    return judged(authority, asset, superbox(STORE, "c2pa", *records), second_engine=second_engine)


@ENGINES
def test_a_parent_exchanged_behind_a_made_up_removal_breaks_the_history(
    authority: Authority, stranger: Credential, second_engine: bool
) -> None:
    """The hash of what was cited is no longer asked for once a part of it was removed: a stranger said that one was."""
    asset = picture()
    generated = Record(FIRST, authority.issue("AI Maker"), {"c2pa.actions.v2": GENERATED})
    trusted = Record(
        LABEL,
        authority.issue("Trusted News"),
        opened(generated.cited(with_signature=False)) | {"c2pa.hash.data": data_hash(asset)},
    )
    captured = Record(FIRST, stranger, {"c2pa.actions.v2": CAPTURED})
    last = update_by(stranger, trusted, f"self#jumbf=/c2pa/{FIRST}/c2pa.assertions/stds.exif")
    honest = verified(authority, asset, generated.box, trusted.box, second_engine=second_engine)
    assert honest.conclusion.origin == "ai-generated"
    forged = verified(authority, asset, captured.box, trusted.box, last.box, second_engine=second_engine)
    assert forged.credentials.history.state == "broken"
    assert forged.conclusion.origin != "captured"


@ENGINES
def test_a_parent_exchanged_behind_an_honest_removal_breaks_the_history(
    authority: Authority, stranger: Credential, second_engine: bool
) -> None:
    asset, part = picture(), "stds.exif"
    uri = f"self#jumbf=/c2pa/{FIRST}/c2pa.assertions/{part}"
    generated = Record(
        FIRST, authority.issue("AI Maker"), {"c2pa.actions.v2": GENERATED, part: {"a": "a place"}}, removed=part
    )

    def news(with_signature: bool) -> Record:
        own = opened(generated.cited(with_signature=with_signature)) | {"c2pa.hash.data": data_hash(asset)}
        return Record(LABEL, authority.issue("Trusted News"), own, redacted_assertions=[uri])

    captured = Record(FIRST, stranger, {"c2pa.actions.v2": CAPTURED})
    for with_signature in (True, False):
        trusted = news(with_signature)
        forged = verified(authority, asset, captured.box, trusted.box, second_engine=second_engine)
        assert forged.credentials.history.state == "broken"
        assert forged.conclusion.origin != "captured"
    # Only a hash of the signature says that what is left is the same record.
    honest = verified(authority, asset, generated.box, news(True).box, second_engine=False)
    assert honest.credentials.history.state == "intact"


@ENGINES
@pytest.mark.parametrize("slash", ["/", ""])
@pytest.mark.parametrize("who", ["a stranger", "a trusted signer"])
def test_whoever_removes_a_statement_about_ai_is_never_better_off(
    who: str, slash: str, authority: Authority, stranger: Credential, second_engine: bool
) -> None:
    asset = picture()
    own = {"c2pa.actions.v2": CAPTURED, "c2pa.hash.data": data_hash(asset), DISCLOSURE: {"modelName": "Model"}}
    before = Record(LABEL, authority.issue("Trusted News"), own)
    after = Record(LABEL, authority.issue("Trusted News"), own, removed=DISCLOSURE)
    signer = stranger if who == "a stranger" else authority.issue("Other News")
    last = update_by(signer, after, f"self#jumbf={slash}c2pa/{LABEL}/c2pa.assertions/{DISCLOSURE}")
    assert verified(authority, asset, before.box, second_engine=second_engine).conclusion.origin == "ai-edited"
    report = verified(authority, asset, after.box, last.box, second_engine=second_engine)
    removed = [each.part for step in report.credentials.history.steps for each in step.redactions]
    assert removed == [DISCLOSURE] or report.credentials.integrity.state == "disputed"
    assert report.conclusion.origin == "unknown"
    if report.credentials.integrity.state == "intact":
        assert "A part of an earlier record was removed" in report.conclusion.headline.text
        assert any("a statement about AI" in each.text for each in report.conclusion.conflicts)


@ENGINES
@pytest.mark.parametrize("relationship", ["inputTo", "componentOf"])
def test_a_record_of_another_picture_beside_the_parent_of_an_update_speaks_for_nobody(
    authority: Authority, stranger: Credential, relationship: str, second_engine: bool
) -> None:
    """What an update manifest carries on was said of the same content: its one ingredient is its parent."""
    asset = picture()
    other = Record(FIRST, authority.issue("AI Maker"), {"c2pa.actions.v2": GENERATED})
    own = Record(LABEL, stranger, {"c2pa.actions.v2": CAPTURED, "c2pa.hash.data": data_hash(asset)})
    added = opened(own.cited(with_signature=True), "c2pa.edited.metadata")
    added["c2pa.ingredient.v3__1"] = other.cited(with_signature=True, relationship=relationship)
    last = Record(LAST, stranger, added, kind="c2um")
    report = verified(authority, asset, other.box, own.box, last.box, second_engine=second_engine)
    assert report.credentials.integrity.own == "broken"
    assert report.conclusion.assurance == "none"
    assert "AI Maker" not in report.conclusion.headline.text
    assert not any("AI Maker" in each.text for each in report.conclusion.because)


def test_a_relationship_that_no_standard_names_is_not_repeated(authority: Authority, stranger: Credential) -> None:
    asset = picture()
    parent = Record(FIRST, stranger, {"c2pa.actions.v2": CAPTURED})
    hostile = opened(parent.cited(with_signature=True, relationship="\x1b[2J\u202eVERIFIED"))
    record = Record(LABEL, stranger, hostile | {"c2pa.hash.data": data_hash(asset)})
    report = verified(authority, asset, parent.box, record.box, second_engine=False)
    assert "VERIFIED" not in report.model_dump_json()
