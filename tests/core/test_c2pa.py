"""The C2PA source: origin from actions and ingredients, trust in a signer, integrity under damage, and no network."""

import contextlib
import datetime as dt
import io
import logging
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import c2pa
import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rich.console import Console

import provenance
from provenance.asset import open_asset
from provenance.render.html import render_html
from provenance.render.terminal import print_report
from provenance.sources.c2pa.chain import certificates_of
from provenance.sources.c2pa.embedding import embedding_in
from provenance.sources.c2pa.manifest_store import parse_store
from provenance.sources.c2pa.validation import FailureSubject, subject_of
from provenance.trust import Purpose, TrustAnchor, TrustList, TrustStore, identify, identify_time_stamp

from ..sweeps import tries
from .signing import IPTC, Authority, Credential, created, manifest, picture
from .writer import LABEL, claim_of, store_of

AUTHORITY = Authority()
SIGNER = AUTHORITY.issue("Example Press")
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def trusting() -> provenance.Verifier:
    return provenance.Verifier(trust=AUTHORITY.pem, sources=["c2pa", "metadata"])


# Origin


@pytest.mark.parametrize(
    ("term", "origin"),
    [
        ("trainedAlgorithmicMedia", "ai-generated"),
        ("compositeWithTrainedAlgorithmicMedia", "ai-edited"),
        ("digitalCapture", "captured"),
        ("digitalCreation", "digital-creation"),
        ("algorithmicMedia", "digital-creation"),
        ("composite", "unknown"),
        ("noSuchTerm", "unknown"),
    ],
)
def test_the_created_action_names_the_origin(term: str, origin: str, trusting: provenance.Verifier) -> None:
    report = trusting.verify(SIGNER.sign(picture(), manifest(created(term))))
    assert (report.conclusion.origin, report.conclusion.assurance) == (origin, "verified")


def test_a_statement_that_the_signer_only_passes_on_is_a_remark(trusting: provenance.Verifier) -> None:
    def remarks(*, own: bool) -> set[str]:
        signed = SIGNER.sign(picture(), manifest(created("digitalCapture"), own=own))
        return {remark.key for remark in trusting.verify(signed).remarks}

    assert "remark.gathered" in remarks(own=False)
    assert "remark.gathered" not in remarks(own=True)


def edited(action: str, term: str | None = None) -> dict:
    return {"action": action} | ({"digitalSourceType": IPTC + term} if term else {})


@pytest.mark.parametrize(
    ("parent", "actions", "origin"),
    [
        ("trainedAlgorithmicMedia", [edited("c2pa.enhanced")], "ai-generated"),
        ("digitalCapture", [edited("c2pa.cropped")], "captured"),
        ("digitalCapture", [edited("c2pa.placed", "trainedAlgorithmicMedia")], "ai-edited"),
        ("digitalCapture", [edited("c2pa.edited", "compositeWithTrainedAlgorithmicMedia")], "ai-edited"),
        ("trainedAlgorithmicMedia", [edited("c2pa.published")], "ai-generated"),
        ("trainedAlgorithmicMedia", [edited("c2pa.color_adjustments")], "ai-edited"),
    ],
)
def test_what_was_done_to_the_parent_decides(
    parent: str, actions: list, origin: str, trusting: provenance.Verifier
) -> None:
    first = SIGNER.sign(picture(), manifest(created(parent)))
    opened = manifest({"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}, *actions)
    facts = {"title": "parent.jpg", "relationship": "parentOf", "label": "parent", "instance_id": "parent"}
    second = SIGNER.sign(first, opened, ingredients=[(facts, first)])
    report = trusting.verify(second)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.history.state == "intact"
    assert report.conclusion.origin == origin


def test_ai_anywhere_in_the_ingredient_tree_is_evidence_for_an_edit(trusting: provenance.Verifier) -> None:
    made = SIGNER.sign(picture(), manifest(created("trainedAlgorithmicMedia", "Deep Generator")))
    for _ in range(2):
        facts = {"title": "part.jpg", "relationship": "componentOf", "label": "part", "instance_id": "part"}
        placed = {"action": "c2pa.placed", "parameters": {"ingredientIds": ["part"]}}
        made = SIGNER.sign(picture(), manifest(created("digitalCapture"), placed), ingredients=[(facts, made)])
    report = trusting.verify(made)
    assert report.conclusion.origin == "ai-edited"
    assert "c2pa.ingredient_ai" in {each.key for each in report.conclusion.because}
    assert any(item.agent == "Deep Generator" for item in report.evidence)
    assert len(report.credentials.history.steps) == 3


def with_ingredient(
    credential: Credential, part: bytes, *actions: dict, relationship: str = "componentOf", label: str = "part"
) -> bytes:
    facts = {"title": f"{label}.jpg", "relationship": relationship, "label": label, "instance_id": label}
    verb = "c2pa.opened" if relationship == "parentOf" else "c2pa.placed"
    use = {"action": verb, "parameters": {"ingredientIds": [label]}}
    return credential.sign(picture(), manifest(*actions, use), ingredients=[(facts, part)])


def test_one_damaged_byte_in_an_ingredient_cannot_turn_ai_into_a_capture(trusting: provenance.Verifier) -> None:
    made = SIGNER.sign(picture(), manifest(created("trainedAlgorithmicMedia", "Deep Generator")))
    signed = with_ingredient(SIGNER, made, created("digitalCapture"))
    assert trusting.verify(signed).conclusion.origin == "ai-edited"
    damaged = signed.replace(b"Deep Generator", b"Deep Gardener!", 1)
    report = trusting.verify(damaged)
    assert report.conclusion.origin == "unknown"
    assert report.credentials.history.state == "broken"
    assert report.conclusion.conflicts


def test_a_trusted_signer_does_not_make_a_strangers_capture_verified(trusting: provenance.Verifier) -> None:
    stranger = Authority("Stranger").issue("Leica Camera AG")
    capture = stranger.sign(picture(), manifest(created("digitalCapture", "Leica M11")))
    edit = {"action": "c2pa.edited", "parameters": {"description": "face replaced"}}
    facts = {"title": "parent.jpg", "relationship": "parentOf", "label": "parent", "instance_id": "parent"}
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
    report = trusting.verify(SIGNER.sign(capture, manifest(opened, edit), ingredients=[(facts, capture)]))
    assert report.credentials.signer.state == "trusted"
    assert report.conclusion.headline.key == "headline.captured.edited.attested"
    assert "Leica" not in report.conclusion.headline.text  # it is the word of who says that a Leica's picture went in
    assert "Example Press" in report.conclusion.headline.text
    assert report.credentials.history.steps[1].signer_state == "untrusted"


def test_the_headline_names_the_signer_also_where_the_history_holds_ai(fixtures: Path) -> None:
    report = provenance.verify(fixtures / "openai-signed/vinyl-output.png")
    assert report.conclusion.headline.text.startswith("Made with AI, says the record that OpenAI signed.")


@pytest.mark.parametrize(
    "content",
    [
        manifest(created("digitalCapture"), {**created("trainedAlgorithmicMedia"), "action": "c2pa.opened"}),
        manifest(created("digitalCapture"), created("trainedAlgorithmicMedia")),
        manifest(
            created("digitalCapture"),
            *[{"action": "c2pa.cropped"}] * 250,
            {"action": "c2pa.edited", "digitalSourceType": IPTC + "trainedAlgorithmicMedia"},
        ),
        {
            **manifest(),
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "created": True,
                    "data": {
                        "actions": [created("digitalCapture"), {"action": "c2pa.filtered"}],
                        "templates": [{"action": "*", "digitalSourceType": IPTC + "trainedAlgorithmicMedia"}],
                    },
                }
            ],
        },
    ],
    ids=["opened later", "created twice", "after many others", "as a template"],
)
def test_ai_that_the_record_names_anywhere_outweighs_a_capture(content: dict, trusting: provenance.Verifier) -> None:
    report = trusting.verify(SIGNER.sign(picture(), content))
    assert report.credentials.integrity.state == "intact"
    assert report.conclusion.origin == "ai-edited"


def test_a_capture_that_the_signer_only_passes_on_is_not_concluded(trusting: provenance.Verifier) -> None:
    report = trusting.verify(SIGNER.sign(picture(), manifest(created("digitalCapture"), own=False)))
    assert (report.conclusion.origin, report.conclusion.assurance) == ("unknown", "verified")


def test_another_citation_of_a_manifest_cannot_break_this_one(trusting: provenance.Verifier) -> None:
    made = SIGNER.sign(picture(), manifest(created("trainedAlgorithmicMedia", "Deep Generator")))
    mismatched = made[:-2000] + bytes([made[-2000] ^ 4]) + made[-1999:]
    poison = with_ingredient(Authority("Mallory").issue("Mallory"), mismatched, created("digitalCreation"), label="x")
    parent = {"title": "parent.jpg", "relationship": "parentOf", "label": "parent", "instance_id": "parent"}
    part = {"title": "poison.jpg", "relationship": "componentOf", "label": "part", "instance_id": "part"}
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
    placed = {"action": "c2pa.placed", "parameters": {"ingredientIds": ["part"]}}
    joined = SIGNER.sign(made, manifest(opened, placed), ingredients=[(parent, made), (part, poison)])
    report = trusting.verify(joined)
    states = {step.title: step.state for step in report.credentials.history.steps}
    assert states["parent.jpg"] == "intact"
    assert report.conclusion.origin == "ai-edited"


# Trust


def test_the_past_makes_no_signer_less_known(fixtures: Path) -> None:
    then = provenance.Verifier(at=dt.datetime(2025, 6, 1, tzinfo=dt.UTC)).verify(
        fixtures / "openai-signed/vinyl-output.png"
    )
    assert (then.credentials.signer.state, then.credentials.signer.expired) == ("known", False)


def test_a_certificate_from_the_future_is_not_called_expired() -> None:
    signed = SIGNER.sign(picture(), manifest(created("digitalCapture")))
    report = provenance.Verifier(trust=AUTHORITY.pem, at=dt.datetime(2001, 1, 1, tzinfo=dt.UTC)).verify(signed)
    keys = {remark.key for remark in report.remarks}
    assert "remark.certificate_not_yet_valid" in keys
    assert "remark.certificate_expired" not in keys
    assert report.conclusion.assurance == "attested"


def test_a_strangers_name_is_not_shown_as_a_fact_in_the_history() -> None:
    part = Authority("X").issue("Reuters").sign(picture(), manifest(created("digitalCapture")))
    report = provenance.verify(with_ingredient(SIGNER, part, created("digitalCapture")))
    for text in (render_html(report), to_terminal(report)):
        assert "signed by someone using the name “Reuters”" in " ".join(text.split())


def to_terminal(report: provenance.Report) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    print_report(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_an_own_anchor_makes_its_signer_trusted(trusting: provenance.Verifier) -> None:
    report = trusting.verify(SIGNER.sign(picture(), manifest(created("digitalCapture"))))
    signer = report.credentials.signer
    assert (signer.state, signer.name, signer.trust_list) == ("trusted", "Example Press", "Own trust anchors")
    assert report.conclusion.headline.key == "headline.captured.verified"


def test_a_certificate_that_calls_itself_openai_is_not_known(verifier: provenance.Verifier) -> None:
    impostor = Authority("Truepic").issue("OpenAI")
    report = verifier.verify(impostor.sign(picture(), manifest(created("digitalCapture"))))
    assert report.credentials.signer.state == "untrusted"
    assert "someone using the name “OpenAI”" in report.conclusion.headline.text


def test_a_signer_certificate_cannot_act_as_an_authority() -> None:
    # Example Press is trusted, but may not vouch for others: its certificate is no authority's.
    rogue = Authority("Example Press")
    rogue.key, rogue.name, rogue.certificate = SIGNER.key, SIGNER.certificate.subject, SIGNER.certificate
    forged = rogue.issue("Reuters")
    forged = Credential(forged.certificate, forged.key, [SIGNER.certificate, AUTHORITY.certificate])
    store = TrustStore.default().with_own_anchors(AUTHORITY.pem)
    assert store.who_vouches(SIGNER.chain) is not None
    assert store.who_vouches(forged.chain) is None


@pytest.mark.parametrize("chain", [(), (b"",), (b"no certificate",), (b"\x30\x03\x02\x01\x01",)])
def test_a_chain_that_cannot_be_read_identifies_nobody(chain: tuple[bytes, ...]) -> None:
    assert identify(TrustStore.default(), chain) is None


def test_a_chain_with_a_certificate_that_was_not_issued_by_the_next_vouches_for_nothing() -> None:
    stranger = Authority("Somebody else").issue("Reuters")
    chain = [stranger.certificate, AUTHORITY.certificate]
    assert TrustStore.default().with_own_anchors(AUTHORITY.pem).who_vouches(chain) is None


def test_an_anchor_for_time_stamps_vouches_for_no_signer() -> None:
    der = AUTHORITY.certificate.public_bytes(Encoding.DER)
    only_time = TrustList("TSA", Purpose.TIME_STAMPS, "2026-01-01", (TrustAnchor(der, "TSA"),))
    report = provenance.Verifier(trust=TrustStore((only_time,))).verify(
        SIGNER.sign(picture(), manifest(created("digitalCapture")))
    )
    assert report.credentials.signer.state == "untrusted"


def test_an_expired_certificate_is_said_and_never_called_altered() -> None:
    old = AUTHORITY.issue("Old Press", since=NOW - dt.timedelta(days=30), until=NOW + dt.timedelta(hours=5))
    signed = old.sign(picture(), manifest(created("digitalCapture")))
    later = provenance.Verifier(trust=AUTHORITY.pem, at=NOW + dt.timedelta(days=1)).verify(signed)
    assert later.credentials.integrity.state == "intact"
    assert later.credentials.signer.state == "known"
    assert later.conclusion.assurance == "attested"
    assert "remark.certificate_expired" in {remark.key for remark in later.remarks}
    before = provenance.Verifier(trust=AUTHORITY.pem, at=NOW).verify(signed)
    assert before.credentials.signer.state == "trusted"


# Time stamps


def stamped_by(*credentials: Credential, authority: Authority = AUTHORITY) -> tuple[bytes, ...]:
    """The certificates in a token, of which the first made it."""
    certificates = [*(each.certificate for each in credentials), authority.certificate]
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)


def time_stamp_store(*certificates: bytes) -> TrustStore:
    anchors = tuple(TrustAnchor(der, "TSA") for der in certificates)
    return TrustStore((*TrustStore.default().lists, TrustList("TSA", Purpose.TIME_STAMPS, "2026-01-01", anchors)))


STAMPER = AUTHORITY.issue("Example Time", purpose=ExtendedKeyUsageOID.TIME_STAMPING)
TSA_STORE = time_stamp_store(AUTHORITY.certificate.public_bytes(Encoding.DER))


def test_a_listed_time_stamping_authority_is_recognised() -> None:
    identity = identify_time_stamp(TSA_STORE, stamped_by(STAMPER))
    assert identity is not None
    assert identity.vouched is not None
    assert identity.certificate.organisation == "Example Time"


def test_a_stamp_by_a_stranger_with_honest_certificates_beside_is_the_strangers() -> None:
    stranger = Authority("Stranger").issue("Example Time", purpose=ExtendedKeyUsageOID.TIME_STAMPING)
    identity = identify_time_stamp(TSA_STORE, stamped_by(stranger, STAMPER))
    assert identity is not None
    assert identity.vouched is None


def test_a_certificate_for_signing_claims_stamps_no_time() -> None:
    assert identify_time_stamp(TSA_STORE, stamped_by(SIGNER)) is None


def test_an_anchor_for_signers_vouches_for_no_time_stamp() -> None:
    store = TrustStore.default().with_own_anchors(AUTHORITY.pem)
    identity = identify_time_stamp(store, stamped_by(STAMPER))
    assert identity is not None
    assert identity.vouched is None


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"\x30",
        bytes.fromhex("06092a864886f70d010702"),
        bytes.fromhex("06092a864886f70d010702a080"),
        bytes.fromhex("06092a864886f70d010702a0033001"),
        bytes.fromhex("06092a864886f70d010702a08400ffffff"),
    ],
)
def test_a_malformed_time_stamp_does_not_hide_the_signer(token: bytes) -> None:
    protected = cbor2.dumps({1: -7, 33: [b"certificate"]})
    signature = cbor2.dumps([protected, {"sigTst2": {"tstTokens": [{"val": token}]}}, None, bytes(64)])
    certificates = certificates_of(parse_store(store_of(claim_of({}), signature)).manifests[LABEL])
    assert (certificates.signer, certificates.time_stamp) == ((b"certificate",), frozenset())


def test_a_time_stamp_is_trusted_only_by_the_list_for_time_stamps(fixtures: Path) -> None:
    path = fixtures / "c2pa-rs/C.jpg"
    claimed = provenance.verify(path).credentials.time
    assert (claimed.state, claimed.authority) == ("claimed", "DigiCert Timestamp 2023")
    with open_asset(path) as asset:
        embedding = embedding_in(asset)
    assert embedding is not None
    (own,) = parse_store(embedding.store).manifests.values()
    certificates = certificates_of(own).time_stamp
    assert len(certificates) == 3
    trusting_all_three = provenance.Verifier(trust=time_stamp_store(*certificates))
    assert trusting_all_three.verify(path).credentials.time.state == "trusted"


# Integrity


def test_one_part_of_a_stream_is_not_called_altered(verifier: provenance.Verifier, fixtures: Path) -> None:
    report = verifier.verify(fixtures / "c2pa-rs/dashinit.mp4")
    assert report.credentials.integrity.state == "unreadable"
    assert [message.key for message in report.conclusion.because] == ["c2pa.fragment"]


@tries(24, 256)  # 24: three of every major type of CBOR
def test_a_damaged_assertion_is_a_report(tries: int, without_detectors: provenance.Verifier, samples: Path) -> None:
    original = (samples / "signed-ai.jpg").read_bytes()
    place = original.index(b"c2pa.actions.v2\0") + 30
    for value in range(0, 256, 256 // tries):
        damaged = bytearray(original)
        damaged[place] = value
        report = without_detectors.verify(bytes(damaged))
        if damaged != original:
            assert report.conclusion.assurance == "none"
            assert "source-failed" not in {code for item in report.evidence for code in item.codes}


def test_what_was_not_looked_at_is_not_called_absent(samples: Path) -> None:
    report = provenance.verify(samples / "signed-ai.jpg", sources=["metadata"])
    assert report.credentials.integrity.state == "unreadable"
    assert "limit.no_c2pa" in {limit.key for limit in report.conclusion.limits}


def test_a_source_that_fails_costs_its_own_findings_and_not_the_report(samples: Path) -> None:
    class Failing:
        name = "failing"
        engines: dict[str, str] = {}  # noqa: RUF012

        def examine(self, asset: object, context: object) -> provenance.Findings:
            raise RuntimeError("a bug")

    report = provenance.verify(samples / "signed-ai.jpg", sources=["c2pa", Failing()])
    assert report.conclusion.origin == "ai-generated"
    assert "source-failed" in {code for item in report.evidence for code in item.codes}


def test_the_log_of_a_source_that_fails_names_neither_the_file_nor_its_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing:
        name = "failing"
        engines: dict[str, str] = {}  # noqa: RUF012

        def examine(self, asset: object, context: object) -> provenance.Findings:
            raise RuntimeError("secret content\n2026-11-27 FORGED\x1b[31m")

    provenance.Verifier(sources=[Failing()]).verify(b"content", name="secret-name\nFORGED\x1b[31m.html")
    formatted = [logging.Formatter().format(record) for record in caplog.records]
    assert formatted == ["the source failing failed (RuntimeError)"]


@tries(20, 150)
def test_no_damaged_pixel_ever_comes_out_intact(
    tries: int, without_detectors: provenance.Verifier, samples: Path
) -> None:
    original = (samples / "signed-ai.jpg").read_bytes()
    image_starts = len(original) - 10_000  # the manifest lies before the image data
    chance = random.Random(20261123)
    assert without_detectors.verify(original).credentials.integrity.state == "intact"
    for _ in range(tries):
        damaged = bytearray(original)
        damaged[chance.randrange(image_starts, len(original))] ^= 1 << chance.randrange(8)
        report = without_detectors.verify(bytes(damaged))
        assert report.credentials.integrity.state == "altered"
        assert report.conclusion.assurance == "none"


@tries(40, 300)
def test_a_changed_payload_never_yields_verified_or_attested(tries: int, trusting: provenance.Verifier) -> None:
    original = SIGNER.sign(picture(), manifest(created("digitalCapture")))
    pixels = original[-9000:]
    chance = random.Random(7)
    assert trusting.verify(original).conclusion.assurance == "verified"
    for _ in range(tries):
        damaged = bytearray(original)
        for _ in range(chance.choice((1, 1, 2, 8))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        report = trusting.verify(bytes(damaged))
        if bytes(damaged[-9000:]) != pixels:
            assert report.conclusion.assurance.rank < provenance.Assurance.ATTESTED.rank


def test_a_cut_file_gets_a_report(without_detectors: provenance.Verifier, samples: Path) -> None:
    original = (samples / "signed-ai.jpg").read_bytes()
    for length in range(0, len(original), 997):
        assert without_detectors.verify(original[:length]).credentials.integrity.state != "intact"


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("assertion.dataHash.mismatch", FailureSubject.ALTERED),
        ("assertion.hashedURI.mismatch", FailureSubject.BROKEN),
        ("claimSignature.mismatch", FailureSubject.BROKEN),
        ("claimSignature.outsideValidity", FailureSubject.SIGNER),
        ("signingCredential.expired", FailureSubject.SIGNER),
        ("timeStamp.mismatch", FailureSubject.TIME),
        ("ingredient.manifest.missing", FailureSubject.HISTORY),
        ("assertion.action.malformed", FailureSubject.FORM),
        ("a.code.of.tomorrow", FailureSubject.BROKEN),
    ],
)
def test_every_code_answers_one_question(code: str, question: FailureSubject) -> None:
    assert subject_of(code) is question


def test_all_codes_are_kept(verifier: provenance.Verifier, fixtures: Path) -> None:
    report = verifier.verify(fixtures / "openai-signed/vinyl-output.png")
    assert {"signingCredential.untrusted", "signingCredential.expired", "assertion.action.malformed"} <= {
        code.code for code in report.credentials.codes if code.kind == "failure"
    }


# External manifests


@pytest.fixture
def unsigned_with_sidecar(fixtures: Path, tmp_path: Path) -> Path:
    asset = tmp_path / "cloud.jpg"
    asset.write_bytes((fixtures / "c2pa-rs/cloud.jpg").read_bytes())
    (tmp_path / "cloud.c2pa").write_bytes((fixtures / "c2pa-rs/cloud_manifest.c2pa").read_bytes())
    return asset


def test_a_manifest_beside_the_file_is_found(verifier: provenance.Verifier, unsigned_with_sidecar: Path) -> None:
    report = verifier.verify(unsigned_with_sidecar)
    integrity = report.credentials.integrity
    assert (integrity.state, integrity.manifest) == ("intact", "external")
    assert report.credentials.signer.issuer is not None
    assert "remark.sidecar" in {remark.key for remark in report.remarks}


def test_a_manifest_can_be_given(verifier: provenance.Verifier, fixtures: Path) -> None:
    manifest_store = (fixtures / "c2pa-rs/cloud_manifest.c2pa").read_bytes()
    report = verifier.verify(fixtures / "c2pa-rs/cloud.jpg", manifest=manifest_store)
    assert (report.credentials.integrity.state, report.conclusion.assurance) == ("intact", "attested")


def test_the_manifest_of_another_file_is_not_called_tampering(
    verifier: provenance.Verifier, fixtures: Path, samples: Path
) -> None:
    manifest_store = (fixtures / "c2pa-rs/cloud_manifest.c2pa").read_bytes()
    report = verifier.verify(samples / "nothing-known.jpg", manifest=manifest_store)
    assert report.conclusion.headline.key == "headline.altered.external"
    assert report.conclusion.assurance == "none"


def test_an_embedded_manifest_comes_before_one_beside_the_file(
    verifier: provenance.Verifier, samples: Path, unsigned_with_sidecar: Path
) -> None:
    unsigned_with_sidecar.write_bytes((samples / "signed-ai.jpg").read_bytes())
    assert verifier.verify(unsigned_with_sidecar).credentials.integrity.manifest == "embedded"


@pytest.mark.parametrize("content", [b"", b"no manifest", bytes(1000)])
def test_a_damaged_manifest_beside_the_file_is_a_report(
    content: bytes, verifier: provenance.Verifier, unsigned_with_sidecar: Path
) -> None:
    unsigned_with_sidecar.with_suffix(".c2pa").write_bytes(content)
    assert verifier.verify(unsigned_with_sidecar).credentials.integrity.state in ("unreadable", "absent", "remote")


# Use


@pytest.mark.slow
def test_one_verifier_serves_many_threads(without_detectors: provenance.Verifier, fixtures: Path) -> None:
    different = sorted((fixtures / "public-testfiles/image/jpeg").iterdir())[::3]
    alone = [without_detectors.verify(path).credentials for path in different] * 3
    files = different * 3
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda path: without_detectors.verify(path).credentials, files))
    assert together == alone


def test_the_engine_left_to_itself_would_have_called(listener: socket.socket, calling_file: Path) -> None:
    def read() -> None:
        with contextlib.suppress(c2pa.C2paError):
            c2pa.Reader("image/png", io.BytesIO(calling_file.read_bytes()))

    thread = threading.Thread(target=read)
    thread.start()
    connection, _ = listener.accept()
    connection.close()
    thread.join()


def test_thumbnails_come_only_when_asked_for(verifier: provenance.Verifier, fixtures: Path) -> None:
    path = fixtures / "public-testfiles/image/jpeg/adobe-20220124-CAICAI.jpg"
    assert not any(step.thumbnail for step in verifier.verify(path).credentials.history.steps)
    with_thumbnails = verifier.verify(path, thumbnails=True).credentials.history.steps
    assert all(step.thumbnail.startswith("data:image/jpeg;base64,") for step in with_thumbnails if step.thumbnail)
    assert sum(step.thumbnail is not None for step in with_thumbnails) >= 3


def test_the_report_on_a_stopped_examination_says_so(verifier: provenance.Verifier, samples: Path) -> None:
    report = verifier.stopped_report(samples / "signed-ai.jpg", 10, language="fr")
    assert report.credentials.integrity.state == "unreadable"
    assert report.conclusion.assurance == "none"
    assert "10" in report.conclusion.because[0].text
