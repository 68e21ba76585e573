"""Who says that they made it: identity assertions, apart from the signer, and never a reason to doubt the asset."""

import os
from pathlib import Path

import pytest

import provenance
from provenance import limits
from provenance.credentials import IntegrityState
from provenance.declared import Identity, IdentityKind, IdentityState
from provenance.evidence import Status
from provenance.render.html import render_html

from .signing import Authority, created, make, manifest, picture
from .test_render import to_terminal

VECTOR = Path(__file__).parent / "data" / "cawg-x509-es256.jpg"

# Test vectors of encypherai/encypher-c2pa f5a2f10, tests/vectors/cawg: what is in a file's name, and what is said of it.
STATES = {
    "connected_identities": IdentityState.UNCHECKED,
    "did_doc_without_assertion_method": IdentityState.UNCHECKED,
    "unresolvable_did": IdentityState.UNCHECKED,
    "invalid_sig_type": IdentityState.UNCHECKED,
    "ims_multiple_manifests": IdentityState.UNCHECKED,
    "ica_validation__success": IdentityState.UNTRUSTED,
    "ica_validation__valid_time_stamp": IdentityState.UNTRUSTED,
    "valid_until_in_future": IdentityState.UNTRUSTED,
    "validation_method__extra_field": IdentityState.UNTRUSTED,
    "cli__tests__fixtures__C_with_CAWG_data": IdentityState.UNTRUSTED,
    "ica_validation__invalid": IdentityState.BROKEN,
    "ica_validation__missing": IdentityState.BROKEN,
    "signature_mismatch": IdentityState.BROKEN,
    "signer_payload_mismatch": IdentityState.BROKEN,
    "unsupported_did_method": IdentityState.BROKEN,
    "valid_from": IdentityState.BROKEN,
    "valid_until_in_past": IdentityState.BROKEN,
    "duplicate_assertion_reference": IdentityState.BROKEN,
    "extra_assertion": IdentityState.BROKEN,
    "no_hard_binding": IdentityState.BROKEN,
    "malformed_cbor": IdentityState.BROKEN,
    "pad1_invalid": IdentityState.BROKEN,
    "pad2_invalid": IdentityState.BROKEN,
    "x509-": IdentityState.DISPUTED,
}


@pytest.fixture(scope="module")
def one_engine() -> provenance.Verifier:
    return provenance.Verifier(second_engine=False)


def the_identity(report: provenance.Report) -> Identity:
    (identity,) = report.credentials.identities
    return identity


def test_a_certificate_on_no_list_is_named_and_not_believed(verifier: provenance.Verifier, fixtures: Path) -> None:
    report = verifier.verify(fixtures / "c2pa-rs/C_with_CAWG_data.jpg")
    identity = the_identity(report)
    assert (identity.kind, identity.state) == (IdentityKind.X509, IdentityState.UNTRUSTED)
    assert (identity.name, identity.common_name) == ("C2PA Test Signing Cert", "C2PA Signer")
    assert identity.issuer == "C2PA Test Intermediate Root CA"
    assert identity.assertions == ("cawg.training-mining", "c2pa.hash.data")
    assert report.credentials.integrity.state is IntegrityState.INTACT
    assert not any("cawg" in str(remark.values) for remark in report.remarks)  # nor is it a fault of form


def test_two_engines_that_differ_on_the_signature_leave_it_open(verifier: provenance.Verifier) -> None:
    report = verifier.verify(VECTOR)
    identity = the_identity(report)
    assert identity.state is IdentityState.DISPUTED
    assert identity.common_name == "CAWG Identity 1.2 ES256 Test Actor"
    assert identity.roles == ("cawg.creator",)
    assert report.credentials.integrity.state is IntegrityState.INTACT
    assert not report.conclusion.conflicts


def test_a_signature_that_the_only_engine_refuses_is_broken(one_engine: provenance.Verifier) -> None:
    report = one_engine.verify(VECTOR)
    identity = the_identity(report)
    assert identity.state is IdentityState.BROKEN
    assert identity.codes[0] == "cawg.x509.signature.mismatch"
    assert report.credentials.integrity.state is IntegrityState.INTACT
    assert report.evidence[0].status is Status.VALID


def test_of_a_changed_asset_no_identity_is_said_to_hold(verifier: provenance.Verifier, fixtures: Path) -> None:
    signed = (fixtures / "c2pa-rs/C_with_CAWG_data.jpg").read_bytes()
    report = verifier.verify(make.change_one_pixel_byte(signed))
    assert report.credentials.integrity.state is IntegrityState.ALTERED
    assert the_identity(report).state is IdentityState.UNCHECKED


def test_an_identity_that_is_none_does_not_touch_the_asset(verifier: provenance.Verifier) -> None:
    declared = manifest(created("digitalCapture"))
    empty = {"label": "cawg.identity", "data": {"signer_payload": 1, "signature": ["x"]}}
    declared["assertions"] += [empty] * (limits.MAX_IDENTITIES + 3)
    report = verifier.verify(Authority().issue("Test signer").sign(picture(), declared))
    assert {each.state for each in report.credentials.identities} == {IdentityState.BROKEN}
    assert {each.codes for each in report.credentials.identities} == {("cawg.identity.cbor.invalid",)}
    assert len(report.credentials.identities) == limits.MAX_IDENTITIES
    assert report.credentials.integrity.state is IntegrityState.INTACT
    assert not report.conclusion.conflicts


def test_a_manifest_without_an_identity_has_none(verifier: provenance.Verifier, samples: Path) -> None:
    assert verifier.verify(samples / "signed-ai.jpg").credentials.identities == ()


@pytest.mark.parametrize(
    ("language", "question"),
    [("en", "Who says they made it?"), ("fr", "Qui dit l’avoir fait ?"), ("ja", "誰が作成したと名乗っていますか？")],
)
def test_page_and_terminal_say_who(verifier: provenance.Verifier, language: str, question: str) -> None:
    report = verifier.verify(VECTOR, language=language)
    for shown in (render_html(report), to_terminal(report)):
        assert question in shown
        assert "ES256 Test Actor" in " ".join(shown.split())


@pytest.fixture(scope="module")
def vectors() -> list[Path]:
    folder = os.environ.get("PROVENANCE_CAWG_VECTORS")
    if not folder:
        pytest.skip("set PROVENANCE_CAWG_VECTORS to tests/vectors/cawg of encypherai/encypher-c2pa")
    return sorted(path for path in Path(folder).rglob("assets/*"))


def test_every_public_vector_gets_its_state_and_stays_unchanged(
    verifier: provenance.Verifier, vectors: list[Path]
) -> None:
    for path in vectors:
        report = verifier.verify(path)
        assert report.credentials.integrity.state is IntegrityState.INTACT, path.name
        expected = next((state for part, state in STATES.items() if part in path.name), IdentityState.UNCHECKED)
        assert the_identity(report).state is expected, path.name


def test_an_identity_service_is_quoted_and_its_missing_key_is_said(
    verifier: provenance.Verifier, vectors: list[Path]
) -> None:
    report = verifier.verify(next(path for path in vectors if path.name == "C_with_CAWG_data.jpg"))
    identity = the_identity(report)
    assert identity.kind is IdentityKind.CLAIMS_AGGREGATION
    assert identity.issuer == "did:web:connected-identities.identity.adobe.com"
    assert [(each.username, each.provider) for each in identity.verified] == [
        ("Gavin Peacock", "linkedin"),
        ("GPEACOCKa950", "behance"),
        ("gvnpeacock", "instagram"),
    ]
    assert any(limit.key == "limit.identity_key" for limit in report.conclusion.limits)


def test_what_an_engine_says_of_an_identity_is_no_difference_about_the_asset(
    verifier: provenance.Verifier, vectors: list[Path]
) -> None:
    report = verifier.verify(next(path for path in vectors if "signature_mismatch" in path.name))
    first, second = report.credentials.engines
    assert (first.verdict, second.verdict) == ("Invalid", "Valid")
    assert not report.conclusion.conflicts
