"""Who says that they made it: identity assertions, apart from the signer, and never a reason to doubt the asset."""

import base64
import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

import provenance
from provenance import TrustError, TrustStore, Verifier, limits
from provenance.asset import open_asset
from provenance.credentials import Code, IntegrityState, SignerState
from provenance.declarations import Identity, IdentityKind, IdentityState
from provenance.evidence import Status
from provenance.render.answers import Tone, answers
from provenance.render.html import render_html
from provenance.sources import Context
from provenance.sources.c2pa.cose import parse_signature
from provenance.sources.c2pa.identities import identities_of
from provenance.sources.c2pa.identity_assertion import read_assertion
from provenance.trust import Purpose, TrustAnchor, TrustList
from provenance.trust.lists import certificates_in_pem
from provenance.trust.profiles import may_name_actor

from .records import read_record
from .signing import Authority, Credential, created, make, manifest, picture
from .terminal import to_terminal
from .writer import assertion, claim_of, sign_claim, store_of

DATA = Path(__file__).parent / "data"
VECTOR = DATA / "cawg-x509-es256.jpg"

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
SMIME_POLICY = "2.23.140.1.5.2.2"


def the_identity(report: provenance.Report) -> Identity:
    (identity,) = report.credentials.identities
    return identity


# The public vectors


@dataclass(frozen=True)
class Vector:
    """One public vector, with what is to be found of it."""

    folder: Path
    data: dict[str, Any]

    @property
    def path(self) -> Path:
        return self.folder / self.data["path"]

    @property
    def codes(self) -> set[str]:
        """The expected codes about the identity."""
        return {code for code in self.data["normative_expected"]["required_codes"] if code.startswith("cawg.")}

    @property
    def trust(self) -> dict[str, Any]:
        return self.data["trust"]

    def verifier(self) -> Verifier:
        """One that believes whom the vector is to be judged by, and the issuer that is its own key."""
        documents: list[Path | bytes] = [self.folder / name for name in self.trust.get("did_documents", ())]
        anchors = tuple(
            TrustAnchor(der, "the vectors' own")
            for der in certificates_in_pem((self.folder / self.trust["tsa_trust_list"]).read_text())
        ) if "tsa_trust_list" in self.trust else ()  # fmt: skip
        stamps = TrustList("time stamps of the vectors", Purpose.TIME_STAMPS, "", anchors)
        return Verifier(
            trust=TrustStore((*TrustStore.default().lists, stamps)),
            identity_anchors=self.folder / self.trust["cawg_allowed_list"],
            did_documents=[*documents, *_own_key(self.path)],
        )


def _own_key(path: Path) -> Iterator[bytes]:
    """A DID document for the issuer of an identity in this file, where that is nothing but its key."""
    issuer = provenance.verify(path).credentials.identities[0].issuer or ""
    if issuer.startswith("did:jwk:"):
        yield json.dumps({"id": issuer}).encode()


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> list[Vector]:
    """All 46 vectors of encypherai/encypher-c2pa f5a2f10, tests/vectors/cawg: 34 of others, 12 of its own."""
    folder = tmp_path_factory.mktemp("vectors")
    with tarfile.open(DATA / "cawg.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    folder /= "cawg"
    found = [
        Vector(folder, data)
        for index in ("corpus.json", "generated/identity-1.2/index.json")
        for data in json.loads((folder / index).read_text())["vectors"]
    ]
    for each in found:
        assert hashlib.sha256(each.path.read_bytes()).hexdigest() == each.data["sha256"]
    return found


# What stands for the codes of a signature that holds; the others are codes that fail.
HOLDS = {
    "cawg.identity.trusted": IdentityState.TRUSTED,
    "cawg.ica.credential_valid": IdentityState.TRUSTED,
    "cawg.identity.well-formed": IdentityState.UNTRUSTED,
}
NOT_CHECKED = {"cawg.ica.did_unavailable", "cawg.ica.did_unsupported_method", "cawg.identity.sig_type.unknown"}


@pytest.mark.slow
def test_every_public_vector_gets_the_code_that_is_expected_of_it(vectors: list[Vector]) -> None:
    """46 of 46: 17 trusted, 3 that hold and are not believed, 26 that fail by the very code.

    Of the 3, two are by certificates for e-mail without a time stamp, one by a certificate for other tasks.
    """
    states = []
    for each in vectors:
        report = each.verifier().verify(each.path)
        identity = the_identity(report)
        states.append(identity.state)
        assert report.credentials.integrity.state is IntegrityState.INTACT, each.path.name
        expected = [HOLDS[code] for code in each.codes if code in HOLDS]
        failing = {code for code in each.codes if code not in HOLDS and not code.endswith(".validated")}
        assert failing <= set(identity.codes), each.path.name
        if not expected:
            expected = [IdentityState.UNCHECKED if failing <= NOT_CHECKED else IdentityState.BROKEN]
        assert [identity.state] == expected, each.path.name
    assert len(states) == 46
    assert states.count(IdentityState.TRUSTED) == 17
    assert states.count(IdentityState.UNTRUSTED) == 3


@pytest.mark.slow
def test_of_the_public_vectors_nobody_is_trusted_whom_the_user_does_not_list(
    verifier: Verifier, vectors: list[Vector]
) -> None:
    for each in vectors:
        assert the_identity(verifier.verify(each.path)).state is not IdentityState.TRUSTED, each.path.name


def test_twelve_are_signed_over_the_deterministic_encoding_and_one_engine_checks_another(
    vectors: list[Vector],
) -> None:
    """Why c2pa-rs refuses the 12 generated vectors: the signature is over bytes that it does not look at."""
    generated = [each for each in vectors if each.data["path"].startswith("generated/")]
    assert len(generated) == 12
    for each in vectors:
        with open_asset(each.path) as asset:
            record = read_record(asset)
        assert record.validation is not None
        held = record.validation.active.manifest.assertions["cawg.identity"]
        if "signer_payload" not in held.data or held.data["signer_payload"]["sig_type"] != "cawg.x509.cose":
            continue
        identity = read_assertion(held)
        signature = parse_signature(identity.signature, version=1)
        over = (signature.holds_over(identity.deterministic), signature.holds_over(identity.stored))
        assert over == ((True, False) if each in generated else (False, True)), each.path.name
        assert identity.stored == cbor2.dumps(identity.payload)  # the same statement, in another order of fields
    report = generated[0].verifier().verify(generated[0].path)
    first, second = report.credentials.engines
    assert "cawg.x509.signature.mismatch" in first.failures
    assert not [code for code in second.failures if "mismatch" in code]


def test_an_identity_service_is_quoted_and_its_missing_key_is_said(verifier: Verifier, vectors: list[Vector]) -> None:
    report = verifier.verify(next(each.path for each in vectors if each.path.name == "C_with_CAWG_data.jpg"))
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
    verifier: Verifier, vectors: list[Vector]
) -> None:
    report = verifier.verify(next(each.path for each in vectors if "signature_mismatch" in each.path.name))
    first, second = report.credentials.engines
    assert (first.verdict, second.verdict) == ("Invalid", "Valid")
    assert not report.conclusion.conflicts


# By certificates

ASSET = picture()
SIGNER = Authority("Authority of signers").issue("Example Press")
ACTORS = Authority("Authority of actors")
ACTOR = ACTORS.issue("Jane Doe", purpose=DOCUMENT_SIGNING)


def signed_by(credential: Credential, payload: bytes, protected: dict[Any, Any] | None = None) -> bytes:
    return sign_claim(credential, payload, protected)


def reference(label: str, box: bytes) -> dict[str, Any]:
    return {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": hashlib.sha256(box[8:]).digest()}


def with_identity(
    actor: Credential | None = ACTOR, *, deterministic: bool = True, asset: bytes = ASSET, **payload: Any
) -> bytes:
    """A manifest store about the asset, in which an actor signed an identity over its hard binding."""
    binding = {"alg": "sha256", "hash": hashlib.sha256(asset).digest(), "name": "whole", "pad": b""}
    boxes = {
        "c2pa.actions.v2": assertion("c2pa.actions.v2", cbor2.dumps({"actions": [{"action": "c2pa.created"}]})),
        "c2pa.hash.data": assertion("c2pa.hash.data", cbor2.dumps(binding)),
    }
    signed = {
        "referenced_assertions": [reference("c2pa.hash.data", boxes["c2pa.hash.data"])],
        "sig_type": "cawg.x509.cose",
        **payload,
    }
    signature = payload.get("signature") or signed_by(actor or ACTOR, cbor2.dumps(signed, canonical=deterministic))
    signed.pop("signature", None)
    identity = {"signer_payload": signed, "signature": signature, "pad1": b""}
    boxes["cawg.identity"] = assertion("cawg.identity", cbor2.dumps(identity))
    claim = claim_of(boxes)
    return store_of(claim, sign_claim(SIGNER, claim), *boxes.values())


def judged(store: bytes, **trust: Any) -> provenance.Report:
    report = Verifier(**trust).verify(ASSET, manifest=store)
    assert report.credentials.integrity.state is IntegrityState.INTACT
    return report


@pytest.mark.parametrize("deterministic", [True, False])
def test_an_identity_is_trusted_by_an_anchor_of_its_own(deterministic: bool) -> None:
    report = judged(with_identity(deterministic=deterministic), identity_anchors=ACTORS.pem)
    identity = the_identity(report)
    assert (identity.state, identity.name, identity.trust_list) == ("trusted", "Jane Doe", "Own identities")
    assert identity.codes == ()
    assert report.credentials.signer.state is SignerState.UNTRUSTED
    tone = next(each.tone for each in answers(report) if each.question.key == "question.identity")
    assert tone is Tone.GOOD


def test_a_list_of_signers_vouches_for_no_identity_nor_the_other_way_round() -> None:
    both = judged(with_identity(SIGNER), trust=Authority("Other").pem)
    assert the_identity(both).state is IdentityState.UNTRUSTED
    by_signers = judged(with_identity(), trust=ACTORS.pem)
    assert the_identity(by_signers).state is IdentityState.UNTRUSTED
    signers = TrustStore(()).with_identity_anchors(SIGNER.above[0].public_bytes(Encoding.PEM))
    report = judged(with_identity(), trust=signers)
    assert report.credentials.signer.state is SignerState.UNTRUSTED
    assert signers.engine_anchors() == ""


def test_an_actors_own_certificate_on_the_list_vouches_for_it_alone() -> None:
    own = ACTOR.certificate.public_bytes(Encoding.PEM)
    assert the_identity(judged(with_identity(), identity_anchors=own)).state is IdentityState.TRUSTED
    other = with_identity(ACTORS.issue("Jane Doe", purpose=DOCUMENT_SIGNING))
    assert the_identity(judged(other, identity_anchors=own)).state is IdentityState.UNTRUSTED


def test_a_certificate_for_other_tasks_is_not_believed() -> None:
    for purpose in (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.TIME_STAMPING):
        store = with_identity(ACTORS.issue("Jane Doe", purpose=purpose))
        identity = the_identity(judged(store, identity_anchors=ACTORS.pem))
        assert (identity.state, identity.codes) == ("untrusted", ("cawg.x509.credential.untrusted",))


def test_certificates_for_email_count_with_a_time_stamp_and_until_the_end_of_the_interim_rule() -> None:
    usages, policies = frozenset({"1.3.6.1.5.5.7.3.4"}), frozenset({SMIME_POLICY})
    assert may_name_actor(usages, policies, datetime(2026, 9, 1, tzinfo=UTC))
    assert not may_name_actor(usages, policies, None)
    assert not may_name_actor(usages, policies, datetime(2027, 4, 1, tzinfo=UTC))
    assert not may_name_actor(usages, frozenset({"2.23.140.1.5.2.1"}), datetime(2026, 9, 1, tzinfo=UTC))


def test_a_certificate_that_expired_is_named_and_not_believed() -> None:
    past = {"since": datetime(2020, 1, 1, tzinfo=UTC), "until": datetime(2021, 1, 1, tzinfo=UTC)}
    store = with_identity(ACTORS.issue("Jane Doe", purpose=DOCUMENT_SIGNING, **past))
    identity = the_identity(judged(store, identity_anchors=ACTORS.pem))
    assert (identity.state, identity.name) == ("untrusted", "Jane Doe")
    assert identity.codes == ("cawg.x509.credential.expired",)


def test_an_identity_lifted_from_another_asset_is_broken() -> None:
    lifted = reference("c2pa.hash.data", assertion("c2pa.hash.data", cbor2.dumps({"hash": b"another asset"})))
    identity = the_identity(judged(with_identity(referenced_assertions=[lifted]), identity_anchors=ACTORS.pem))
    assert identity.state is IdentityState.BROKEN
    assert "cawg.identity.assertion.mismatch" in identity.codes


def test_an_identity_without_the_hard_binding_is_broken() -> None:
    identity = the_identity(judged(with_identity(referenced_assertions=[]), identity_anchors=ACTORS.pem))
    assert (identity.state, identity.codes) == ("broken", ("cawg.identity.hard_binding_missing",))


def test_a_signature_by_another_key_is_broken() -> None:
    header = {1: -7, 33: [each.public_bytes(Encoding.DER) for each in ACTOR.chain]}
    forged = sign_claim(SIGNER, b"anything", header)
    identity = the_identity(judged(with_identity(signature=forged), identity_anchors=ACTORS.pem))
    assert (identity.state, identity.name) == ("broken", None)
    assert identity.codes == ("cawg.x509.signature.mismatch",)


def test_what_a_signer_expected_beyond_what_is_checked_leaves_it_open() -> None:
    expected = {"expected_partial_claim": {"alg": "sha256", "hash": bytes(32)}}
    identity = the_identity(judged(with_identity(**expected), identity_anchors=ACTORS.pem))
    assert identity.state is IdentityState.UNCHECKED


def test_an_engine_can_only_lower_what_was_verified_here() -> None:
    store = with_identity(deterministic=False)
    with open_asset(ASSET) as asset:
        record = read_record(asset, store)
    assert record.validation is not None
    context = Context(trust=TrustStore.default().with_identity_anchors(ACTORS.pem))

    def state(*failed: str, trust: Context = context) -> str:
        codes = tuple(Code(code=code, kind="failure", url="cawg.identity") for code in failed)
        found = identities_of(record.validation.active, (), codes, IntegrityState.INTACT, trust, None)  # type: ignore[union-attr]
        return found[0].state

    assert state() == "trusted"
    assert state("cawg.ica.did_unavailable", "cawg.x509.credential.untrusted") == "trusted"
    assert state("cawg.x509.signature.mismatch") == "disputed"
    assert state("cawg.something.new") == "disputed"
    raised = (Code(code="cawg.identity.trusted", kind="success", url="cawg.identity"),)
    nobody = Context(trust=TrustStore(()))
    (identity,) = identities_of(record.validation.active, raised, raised, IntegrityState.INTACT, nobody, None)
    assert identity.state is IdentityState.UNTRUSTED


def test_a_certificate_on_no_list_is_named_and_not_believed(verifier: Verifier, fixtures: Path) -> None:
    report = verifier.verify(fixtures / "c2pa-rs/C_with_CAWG_data.jpg")
    identity = the_identity(report)
    assert (identity.kind, identity.state) == (IdentityKind.X509, IdentityState.UNTRUSTED)
    assert (identity.name, identity.common_name) == ("C2PA Test Signing Cert", "C2PA Signer")
    assert identity.issuer == "C2PA Test Intermediate Root CA"
    assert identity.assertions == ("cawg.training-mining", "c2pa.hash.data")
    assert report.credentials.integrity.state is IntegrityState.INTACT
    assert not any("cawg" in str(remark.values) for remark in report.remarks)  # nor is it a fault of form


def test_a_signature_by_the_standard_holds_though_an_engine_checks_other_bytes(verifier: Verifier) -> None:
    for each in (verifier, Verifier(second_engine=False)):
        report = each.verify(VECTOR)
        identity = the_identity(report)
        assert identity.state is IdentityState.UNTRUSTED
        assert identity.common_name == "CAWG Identity 1.2 ES256 Test Actor"
        assert identity.roles == ("cawg.creator",)
        assert report.credentials.integrity.state is IntegrityState.INTACT
        assert report.evidence[0].status is Status.VALID
        assert not report.conclusion.conflicts


def test_of_a_changed_asset_no_identity_is_said_to_hold(verifier: Verifier, fixtures: Path) -> None:
    signed = (fixtures / "c2pa-rs/C_with_CAWG_data.jpg").read_bytes()
    report = verifier.verify(make.change_one_pixel_byte(signed))
    assert report.credentials.integrity.state is IntegrityState.ALTERED
    assert the_identity(report).state is IdentityState.UNCHECKED


def test_an_identity_that_is_none_does_not_touch_the_asset(verifier: Verifier) -> None:
    declared = manifest(created("digitalCapture"))
    empty = {"label": "cawg.identity", "data": {"signer_payload": 1, "signature": ["x"]}}
    declared["assertions"] += [empty] * (limits.MAX_IDENTITIES + 3)
    report = verifier.verify(Authority().issue("Test signer").sign(picture(), declared))
    assert {each.state for each in report.credentials.identities} == {IdentityState.BROKEN}
    assert {each.codes for each in report.credentials.identities} == {("cawg.identity.cbor.invalid",)}
    assert len(report.credentials.identities) == limits.MAX_IDENTITIES
    assert report.credentials.integrity.state is IntegrityState.INTACT
    assert not report.conclusion.conflicts


def test_a_manifest_without_an_identity_has_none(verifier: Verifier, samples: Path) -> None:
    assert verifier.verify(samples / "signed-ai.jpg").credentials.identities == ()


# By services

SERVICE = "did:web:identity.example"
KEY = ed25519.Ed25519PrivateKey.generate()


def jwk(key: ed25519.Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}


def document(**changes: Any) -> bytes:
    method = {"id": "#key-0", "type": "JsonWebKey", "publicKeyJwk": jwk(KEY)}
    return json.dumps({"id": SERVICE, "assertionMethod": [method]} | changes).encode()


def from_service(issuer: str = SERVICE, **changes: Any) -> bytes:
    """A store in which a service says who made the asset, in a credential with these changes."""
    binding = {"alg": "sha256", "hash": hashlib.sha256(ASSET).digest(), "name": "whole", "pad": b""}
    cited = reference("c2pa.hash.data", assertion("c2pa.hash.data", cbor2.dumps(binding)))
    kind = "cawg.identity_claims_aggregation"
    about = {"url": cited["url"], "hash": base64.b64encode(cited["hash"]).decode()}
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://cawg.io/identity/1.1/ica/context/"],
        "type": ["VerifiableCredential", "IdentityClaimsAggregationCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "verifiedIdentities": [
                {
                    "type": "cawg.social_media",
                    "username": "jane",
                    "uri": "https://example.org/jane",
                    "verifiedAt": "2026-01-01T00:00:00Z",
                    "provider": {"id": "https://example.org", "name": "Example"},
                }
            ],
            "c2paAsset": {"referenced_assertions": [about], "sig_type": kind},
        },
    } | changes
    protected, payload = cbor2.dumps({1: -8, 3: "application/vc"}), json.dumps(credential).encode()
    value = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    sign1 = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, value]))
    return with_identity(sig_type=kind, signature=sign1)


def of_service(store: bytes, *documents: bytes, **more: Any) -> Identity:
    return the_identity(judged(store, did_documents=documents, **more))


def test_a_service_is_believed_by_the_document_that_the_user_gives() -> None:
    identity = of_service(from_service(), document())
    assert (identity.state, identity.issuer, identity.verified[0].username) == ("trusted", SERVICE, "jane")


def test_nothing_is_fetched_for_a_service_without_a_document() -> None:
    assert of_service(from_service()).codes == ("cawg.ica.did_unavailable",)
    assert of_service(from_service(), document(id="did:web:other.example")).state is IdentityState.UNCHECKED


def test_a_key_that_is_not_for_assertions_counts_for_nothing() -> None:
    method = {"id": f"{SERVICE}#key-0", "publicKeyJwk": jwk(KEY)}
    without = document(assertionMethod=[], verificationMethod=[method], authentication=["#key-0"])
    assert of_service(from_service(), without).codes == ("cawg.ica.invalid_did_document",)
    named = document(assertionMethod=["#key-0"], verificationMethod=[method])
    assert of_service(from_service(), named).state is IdentityState.TRUSTED


def test_any_of_a_services_keys_for_assertions_may_have_signed() -> None:
    other = {"id": "#key-1", "publicKeyJwk": jwk(ed25519.Ed25519PrivateKey.generate())}
    method = {"id": "#key-0", "publicKeyJwk": jwk(KEY)}
    assert of_service(from_service(), document(assertionMethod=[other, method])).state is IdentityState.TRUSTED


def test_a_credential_by_another_key_is_broken() -> None:
    other = {"id": "#key-0", "publicKeyJwk": jwk(ed25519.Ed25519PrivateKey.generate())}
    identity = of_service(from_service(), document(assertionMethod=[other]))
    assert (identity.state, identity.codes) == ("broken", ("cawg.ica.signature_mismatch",))


def test_an_issuer_that_is_its_own_key_is_believed_only_where_it_is_listed() -> None:
    issuer = "did:jwk:" + base64.urlsafe_b64encode(json.dumps(jwk(KEY)).encode()).rstrip(b"=").decode()
    assert of_service(from_service(issuer)).state is IdentityState.UNTRUSTED
    assert of_service(from_service(issuer), json.dumps({"id": issuer}).encode()).state is IdentityState.TRUSTED


def test_a_credential_about_another_asset_is_broken() -> None:
    subject = {"verifiedIdentities": [{"type": "x"}], "c2paAsset": {"referenced_assertions": [], "sig_type": "x"}}
    identity = of_service(from_service(credentialSubject=subject), document())
    assert (identity.state, identity.codes) == ("broken", ("cawg.ica.signer_payload.mismatch",))


def test_a_credential_counts_while_it_is_valid() -> None:
    store = from_service(validUntil="2026-06-01T00:00:00Z")
    assert of_service(store, document()).codes == ("cawg.ica.valid_until.invalid",)
    assert of_service(store, document(), at=datetime(2026, 3, 1, tzinfo=UTC)).state is IdentityState.TRUSTED


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id": "example.org"}', b'{"id": 1}', b"\xff"])
def test_what_is_no_did_document_is_refused(content: bytes) -> None:
    with pytest.raises(TrustError, match="DID document"):
        Verifier(did_documents=[content])


def test_two_documents_of_one_service_are_refused() -> None:
    with pytest.raises(TrustError, match=SERVICE):
        Verifier(did_documents=[document(), document(assertionMethod=[])])


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Who says they made it?"),
        ("fr", "Qui dit l’avoir fait\u202f?"),
        ("ja", "誰が作成したと名乗っていますか？"),
    ],
)
def test_page_and_terminal_say_who(verifier: Verifier, language: str, question: str) -> None:
    trusted = Verifier(identity_anchors=ACTORS.pem).verify(ASSET, manifest=with_identity(), language=language)
    for report, name in ((verifier.verify(VECTOR, language=language), "ES256 Test Actor"), (trusted, "Jane Doe")):
        for shown in (render_html(report), to_terminal(report)):
            assert question in shown
            assert name in " ".join(shown.split())
