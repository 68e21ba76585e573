"""Manifests written by hand so that one reader checks one thing and another reader shows something else."""

import hashlib
import struct
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import provenance

from .signing import Authority, Credential, created, manifest, picture
from .writer import assertion, claim_of, sign_claim, store_of

ACTIONS = {"actions": [created("digitalCapture")]}


def external_store(credential: Credential, asset: bytes, signature: Any = sign_claim, **binding: Any) -> bytes:
    """A store beside an asset, whose data hash covers all of it unless the binding says otherwise."""
    data_hash = {"alg": "sha256", "name": "all", "pad": b"", "hash": hashlib.sha256(asset).digest()}
    boxes = {
        "c2pa.actions.v2": assertion("c2pa.actions.v2", cbor2.dumps(ACTIONS)),
        "c2pa.hash.data": assertion("c2pa.hash.data", cbor2.dumps(data_hash | binding)),
    }
    claim = claim_of(boxes)
    return store_of(claim, signature(credential, claim), *boxes.values())


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def test_a_store_written_by_hand_holds(authority: Authority) -> None:
    """Without this, the forgeries below could fail for another reason."""
    asset = picture()
    store = external_store(authority.issue("Victim News"), asset)
    report = provenance.Verifier(trust=authority.pem).verify(asset, manifest=store)
    assert (report.credentials.signer.name, report.conclusion.assurance) == ("Victim News", "verified")
    assert report.conclusion.conflicts == ()


@pytest.mark.parametrize("second_engine", [True, False])
def test_a_second_certificate_chain_in_the_signature_lends_nobody_s_name(
    authority: Authority, second_engine: bool
) -> None:
    """The attacker signs, and carries the victim's chain under the other name that the header may have."""
    victim = authority.issue("Victim News")
    attacker = Authority("Anybody").issue("Attacker")

    def with_two_chains(credential: Credential, claim: bytes) -> bytes:
        own = [each.public_bytes(Encoding.DER) for each in credential.chain]
        lent = [each.public_bytes(Encoding.DER) for each in victim.chain]
        return sign_claim(credential, claim, {1: -7, "x5chain": own, 33: lent})

    asset = picture()
    store = external_store(attacker, asset, with_two_chains)
    verifier = provenance.Verifier(trust=authority.pem, second_engine=second_engine)
    report = verifier.verify(asset, manifest=store)
    assert report.credentials.signer.name is None
    assert report.credentials.signer.state in ("untrusted", "none")
    assert "Victim" not in report.model_dump_json()
    assert report.conclusion.assurance != "verified"


def in_jpeg(asset: bytes, store: bytes) -> tuple[bytes, int]:
    """The store in an APP11 segment behind the start of a JPEG (ISO 19566-5, annex D), and that segment's length."""
    segment = b"\xff\xeb" + struct.pack(">H2sHI", len(store) + 10, b"JP", 1, 1) + store
    return asset[:2] + segment + asset[2:], len(segment)


def test_a_signature_that_leaves_out_content_proves_nothing_of_it(authority: Authority) -> None:
    """The picture is excluded from the hash like the manifest itself, and can be exchanged by anybody."""
    asset, credential = picture(), authority.issue("Victim News")
    middle, length = len(asset) // 2, 5_000
    for _ in range(3):  # until the lengths no longer change the length
        kept = asset[:middle] + asset[middle + 100 :]
        exclusions = [{"start": 2, "length": length}, {"start": middle + length, "length": 100}]
        store = external_store(credential, asset, exclusions=exclusions, hash=hashlib.sha256(kept).digest())
        signed, length = in_jpeg(asset, store)
    changed = signed[: middle + length] + bytes(100) + signed[middle + length + 100 :]
    for data in (signed, changed):
        report = provenance.Verifier(trust=authority.pem).verify(data)
        assert report.credentials.integrity.state == "partial"
        assert report.conclusion.headline.key == "headline.partial"
        assert report.conclusion.assurance == "none"


def test_what_is_said_of_an_ingredient_is_the_word_of_who_says_it_went_in(authority: Authority) -> None:
    """Anybody can name another's photograph as the parent of a picture of their own."""
    victim = authority.issue("Victim News").sign(picture(), manifest(created("digitalCapture")))
    attacker = Authority("Anybody").issue("Attacker")
    opened = manifest({"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}})
    facts = {"title": "photo.jpg", "relationship": "parentOf", "label": "parent"}
    forged = attacker.sign(picture(), opened, ingredients=[(facts, victim)])
    report = provenance.Verifier(trust=authority.pem).verify(forged)
    assert report.conclusion.assurance == "attested"
    assert "Victim" not in report.conclusion.headline.text
    assert "Attacker" in report.conclusion.headline.text
