"""A stranger borrows a name: each attack that made a report name somebody who did not sign, and its refusal.

What is named is what was verified here; anything that two readers could understand differently names nobody.
"""

import datetime as dt
import hashlib
import io
import struct
import zlib
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from PIL import Image

import provenance

from .forged_stores import boxes_of, claim_for, data_hash, judged, manifest_box, signature_box
from .signing import Authority, Credential, created, make, manifest, picture
from .writer import LABEL, MANIFEST, SIGNATURE, STORE, box, sign_claim, superbox

FILE_BOX = bytes.fromhex("40cb0c32bb8a489da70b2ad6f47f4369")
CAPTURE = {"actions": [created("digitalCapture", "Camera")]}
ENGINES = pytest.mark.parametrize("second_engine", [True, False])


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("An authority on a trust list")


@pytest.fixture(scope="module")
def victim(authority: Authority) -> Credential:
    return authority.issue("Victim News")


@pytest.fixture(scope="module")
def attacker(victim: Credential) -> Credential:
    """With an authority of their own, and the victim's name and serial number on the certificate."""
    return lookalike(victim)


def lookalike(victim: Credential) -> Credential:
    root, key = Authority("Anybody"), ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(victim.certificate.subject)
        .issuer_name(root.name)
        .public_key(key.public_key())
        .serial_number(victim.certificate.serial_number)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(make.usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
        .sign(root.key, hashes.SHA256())
    )
    return Credential(certificate, key, [root.certificate])


def chain(credential: Credential) -> list[bytes]:
    return [each.public_bytes(Encoding.DER) for each in credential.chain]


def made_up(credential: Credential, _claim: bytes = b"") -> bytes:
    """A signature with this chain, of bytes that nobody signed."""
    protected = cbor2.dumps({1: -7, 33: chain(credential)})
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, None, bytes(range(64))]))


def names_nobody(report: provenance.Report) -> bool:
    """Whether the victim's name is nowhere, and nothing is called verified, attested or intact."""
    quiet = report.conclusion.assurance == "none" and report.credentials.integrity.state != "intact"
    return quiet and "Victim" not in report.model_dump_json()


@ENGINES
@pytest.mark.parametrize("decoy_first", [True, False])
def test_a_second_signature_box_names_nobody(
    authority: Authority, victim: Credential, attacker: Credential, decoy_first: bool, second_engine: bool
) -> None:
    """One reader checks the attacker's signature, another shows the victim's chain from the box of the same label."""
    asset = picture()
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)})
    claim = claim_for(boxes)
    for kind in ("zzzz", SIGNATURE):
        signatures = [signature_box(made_up(victim), kind), signature_box(sign_claim(attacker, claim))]
        store = superbox(STORE, "c2pa", manifest_box(boxes, claim, *signatures[:: 1 if decoy_first else -1]))
        assert names_nobody(judged(authority, asset, store, second_engine=second_engine))


@ENGINES
@pytest.mark.parametrize(
    "label",
    [
        "urn:c2pa:11111111-2222-4333-8444-555555555555:c2pa.assertions",
        "c2pa.assertions",
        "acme:urn:uuid:c2pa.assertions",
        "urn:c2pa:UUID:C2PA.ASSERTIONS",
    ],
)
def test_a_label_that_leads_to_bytes_of_the_attackers_names_nobody(
    authority: Authority, victim: Credential, attacker: Credential, label: str, second_engine: bool
) -> None:
    """An engine gives a resource of the manifest's name in place of the store: a file with the victim's chain in it."""
    asset = picture()
    decoy = superbox(STORE, "c2pa", manifest_box({}, cbor2.dumps({}), signature_box(made_up(victim)), label=label))
    described = FILE_BOX + b"\x03" + label.encode() + b"\0"
    file = box(b"jumd", described) + box(b"bfdb", b"\0application/c2pa\0") + box(b"bidb", decoy)
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)}) | {label: box(b"jumb", file)}
    claim = claim_for(boxes, label)
    own = manifest_box(boxes, claim, signature_box(sign_claim(attacker, claim)), label=label)
    assert names_nobody(judged(authority, asset, superbox(STORE, "c2pa", own), second_engine=second_engine))


@ENGINES
def test_the_same_name_and_number_on_a_certificate_is_not_the_same_signer(
    authority: Authority, attacker: Credential, second_engine: bool
) -> None:
    asset = picture()
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)})
    claim = claim_for(boxes)
    store = superbox(STORE, "c2pa", manifest_box(boxes, claim, signature_box(sign_claim(attacker, claim))))
    report = judged(authority, asset, store, second_engine=second_engine)
    assert report.credentials.signer.state == "untrusted"
    assert report.conclusion.assurance == "attested"
    assert "someone using the name" in report.conclusion.headline.text


def updated(
    asset: bytes, victims: Credential, signed: bool, attacker: Credential, *, junk: bool = False
) -> tuple[bytes, bytes]:
    """An update manifest by the attacker over a record with the victim's chain; and that record's signature."""
    first, second = LABEL, "urn:c2pa:21111111-2222-4333-8444-555555555555"
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)})
    claim = claim_for(boxes, first)
    signature = signature_box((sign_claim if signed else made_up)(victims, claim))
    record = manifest_box(boxes, claim, signature, label=first)

    def reference(url: str, content: bytes) -> dict[str, Any]:
        return {"url": url, "hash": hashlib.sha256(content[8:]).digest()}

    ingredient = {
        "relationship": "parentOf",
        "activeManifest": reference(f"self#jumbf=/c2pa/{first}", record),
        "claimSignature": reference(f"self#jumbf=/c2pa/{first}/c2pa.signature", signature),
        "validationResults": {"activeManifest": {"success": [], "informational": [], "failure": []}},
    }
    added = boxes_of({"c2pa.ingredient.v3": ingredient})
    cited = [reference("self#jumbf=c2pa.assertions/c2pa.ingredient.v3", added["c2pa.ingredient.v3"])]
    actions = {"actions": [{"action": "c2pa.edited.metadata", "parameters": {"ingredients": cited}}]}
    added |= boxes_of({"c2pa.actions.v2": actions})
    own_claim = claim_for(added, second)
    own = manifest_box(added, own_claim, signature_box(sign_claim(attacker, own_claim)), label=second, kind="c2um")
    stray = superbox(MANIFEST, "urn:c2pa:31111111-2222-4333-8444-555555555555", superbox("zzzz", "c2pa.claim.v2"))
    return superbox(STORE, "c2pa", *([stray] if junk else []), record, own), signature


@ENGINES
@pytest.mark.parametrize("junk", [True, False])
def test_a_made_up_signature_below_a_strangers_update_names_nobody(
    authority: Authority, victim: Credential, attacker: Credential, junk: bool, second_engine: bool
) -> None:
    """One engine is silenced by a stray manifest; the other does not check the signature of what was updated."""
    asset = picture()
    store, _ = updated(asset, victim, False, attacker, junk=junk)
    report = judged(authority, asset, store, second_engine=second_engine)
    assert report.conclusion.origin == "unknown"
    assert all(step.signer_state not in ("trusted", "known") for step in report.credentials.history.steps)
    assert "Victim News, a trusted signer" not in report.model_dump_json()


def test_a_record_that_the_victim_did_sign_keeps_its_word_below_a_strangers_update(
    authority: Authority, victim: Credential, attacker: Credential
) -> None:
    """Without this, the attack above could be refused for another reason."""
    asset = picture()
    report = judged(authority, asset, updated(asset, victim, True, attacker)[0])
    assert (report.conclusion.origin, report.conclusion.assurance) == ("captured", "attested")
    assert report.credentials.history.steps[1].signer_state == "trusted"
    # The signer is trusted; whoever added to the record is not.
    assert "somebody who is not counted as trusted has added" in report.conclusion.headline.text
    assert "the signer is not counted as trusted" not in report.conclusion.headline.text


def as_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "PNG")
    return out.getvalue()


@ENGINES
@pytest.mark.parametrize("first", [True, False])
def test_a_junk_chunk_beside_the_record_names_nobody(
    authority: Authority, victim: Credential, first: bool, second_engine: bool
) -> None:
    """A second `caBX` chunk silences one engine, and the other alone was heard."""
    signed, _ = victim.sign_as("image/png", as_png(), manifest(created("digitalCapture")))
    start = signed.index(b"caBX") - 4
    end = start + 12 + int.from_bytes(signed[start : start + 4], "big")
    junk = struct.pack(">I", 4) + b"caBXjunk" + struct.pack(">I", zlib.crc32(b"caBXjunk"))
    data = signed[:start] + junk + signed[start:] if first else signed[:end] + junk + signed[end:]
    report = provenance.Verifier(trust=authority.pem, second_engine=second_engine).verify(data)
    assert report.conclusion.headline.key == "headline.ambiguous"
    assert "Victim" not in report.model_dump_json()


def test_an_authoritys_own_certificate_signs_no_claim(authority: Authority) -> None:
    """Whoever holds the public list holds such certificates; their keys certify others and sign no pictures."""
    certifier = authority.issue("Adobe Inc.", authority=True)
    asset = picture()
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)})
    claim = claim_for(boxes)
    store = superbox(STORE, "c2pa", manifest_box(boxes, claim, signature_box(sign_claim(certifier, claim))))
    for second_engine in (True, False):
        signer = judged(authority, asset, store, second_engine=second_engine).credentials.signer
        assert signer.state not in ("trusted", "known")


@pytest.mark.parametrize("label", ["org.example.é", "é", "org.日本"])
def test_a_label_in_other_letters_ends_no_process(authority: Authority, attacker: Credential, label: str) -> None:
    """An engine ends its whole process over such a label, or over a reference to one."""
    asset = picture()
    plain = {"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)}
    for assertions in (plain | {label: {"a": 1}}, plain):
        boxes = boxes_of(assertions)
        claim = claim_for(boxes)
        if assertions is plain:
            said = cbor2.loads(claim)
            said["created_assertions"].append({"url": f"self#jumbf=c2pa.assertions/{label}", "hash": bytes(32)})
            claim = cbor2.dumps(said)
        store = superbox(STORE, "c2pa", manifest_box(boxes, claim, signature_box(sign_claim(attacker, claim))))
        assert judged(authority, asset, store).conclusion.state == "ambiguous"


AMBIGUOUS = {
    "bytes behind the store": lambda store: store + b"\0\0\0\x08free",
    "a size to the end": lambda store: b"\0\0\0\0" + store[4:],
    "a size in the long form": lambda store: b"\0\0\0\1jumb" + struct.pack(">Q", len(store) + 8) + store[8:],
    "a box of an unknown kind": lambda store: store.replace(b"c2as", b"x2as", 1),
    "a claim of an unknown kind": lambda store: store.replace(b"jumdc2cl", b"jumdzzzz", 1),
}


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_a_store_that_can_be_read_in_two_ways_is_read_in_none(
    authority: Authority, victim: Credential, what: str
) -> None:
    asset = picture()
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)})
    claim = claim_for(boxes)
    store = superbox(STORE, "c2pa", manifest_box(boxes, claim, signature_box(sign_claim(victim, claim))))
    assert judged(authority, asset, store).conclusion.assurance == "verified"
    report = judged(authority, asset, AMBIGUOUS[what](store))
    assert report.conclusion.state == "ambiguous"
    assert names_nobody(report)


def test_an_entry_twice_in_a_claim_or_a_signature_names_nobody(authority: Authority, victim: Credential) -> None:
    asset = picture()
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset)})
    claim = claim_for(boxes)
    assert claim[:1] == b"\xa5"
    twice = b"\xa6" + claim[1:] + cbor2.dumps("alg") + cbor2.dumps("sha256")
    store = superbox(STORE, "c2pa", manifest_box(boxes, twice, signature_box(sign_claim(victim, twice))))
    assert names_nobody(judged(authority, asset, store))


def test_labels_that_differ_only_after_normalisation_name_nobody(authority: Authority, victim: Credential) -> None:
    asset = picture()
    twins = {"org.example.a": {"a": 1}, "org.example.A": {"a": 2}}
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset), **twins})
    claim = claim_for(boxes)
    store = superbox(STORE, "c2pa", manifest_box(boxes, claim, signature_box(sign_claim(victim, claim))))
    assert names_nobody(judged(authority, asset, store))


ODD: tuple[Any, ...] = (5, [1], ["x"], [[1]], {"a": 1}, {"failure": 5}, {"activeManifest": [1]}, [None], 10**30, True)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_field_of_the_wrong_type_ends_no_verification(victim: Credential, odd: object) -> None:
    """It raised, and the file then looked as if nobody had looked for a record."""
    asset = picture()
    fields = ("relationship", "validationStatus", "validationResults", "dc:title", "thumbnail", "activeManifest")
    for field in fields:
        ingredient = {"dc:title": "x", "relationship": "componentOf"} | {field: odd}
        parts = {"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset), "c2pa.ingredient.v3": ingredient}
        boxes = boxes_of(parts)
        claim = claim_for(boxes, claim_generator_info=odd)
        store = superbox(STORE, "c2pa", manifest_box(boxes, claim, signature_box(sign_claim(victim, claim))))
        report = provenance.Verifier(second_engine=False, sources=["c2pa"]).verify(asset, manifest=store)
        assert not [each for each in report.evidence if "source-failed" in each.codes]


def test_a_manifest_that_leads_nowhere_redacts_nothing(
    authority: Authority, victim: Credential, attacker: Credential
) -> None:
    """A stray manifest says that it removed the statement about AI from the victim's own: that excuses nothing."""
    asset, label = picture(), "c2pa.ai-disclosure"
    boxes = boxes_of({"c2pa.actions.v2": CAPTURE, "c2pa.hash.data": data_hash(asset), label: {"modelName": "M"}})
    claim = claim_for(boxes)
    whole = manifest_box(boxes, claim, signature_box(sign_claim(victim, claim)))
    assert judged(authority, asset, superbox(STORE, "c2pa", whole)).conclusion.origin == "ai-edited"
    without = {each: content for each, content in boxes.items() if each != label}
    left = manifest_box(without, claim, signature_box(sign_claim(victim, claim)))
    other = "urn:c2pa:31111111-2222-4333-8444-555555555555"
    stray_claim = claim_for({}, other, redacted_assertions=[f"self#jumbf=/c2pa/{LABEL}/c2pa.assertions/{label}"])
    stray = manifest_box({}, stray_claim, signature_box(sign_claim(attacker, stray_claim)), label=other)
    for second_engine in (True, False):
        report = judged(authority, asset, superbox(STORE, "c2pa", stray, left), second_engine=second_engine)
        assert report.conclusion.origin == "unknown"
        assert report.conclusion.assurance == "none"
