"""Trust lists: what ships, and what is refused."""

import json
from pathlib import Path

import pytest

from provenance import TrustError, TrustStore
from provenance.trust import Purpose
from provenance.trust.lists import certificates_in_pem, load_lote, official_signers, own_anchors
from provenance.trust.show import describe


def test_the_official_lists_are_complete() -> None:
    store = TrustStore.default()
    assert {each.purpose: len(each.anchors) for each in store.lists} == {
        Purpose.SIGNERS: 30,
        Purpose.TIME_STAMPS: 22,
        Purpose.KNOWN_SIGNERS: 1,
    }
    assert official_signers().date == "2026-08-05T00:11:39Z"
    assert official_signers().next_update == "2027-08-05T00:11:39Z"
    assert "Google LLC" in {anchor.entity for anchor in official_signers().anchors}


def test_every_shipped_anchor_is_an_authority() -> None:
    from cryptography import x509

    for each in TrustStore.default().lists:
        for anchor in each.anchors:
            constraints = anchor.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
            assert constraints.value.ca, anchor.entity


def test_a_known_signer_is_bound_to_an_authority_and_to_a_name() -> None:
    known = TrustStore.default().lists[-1].anchors[0]
    assert known.organisations == frozenset({"OpenAI"})
    assert "Truepic" in known.certificate.subject.rfc4514_string()


def test_what_is_shown_says_how_old_each_list_is() -> None:
    shown = {each["purpose"]: each for each in describe(TrustStore.default().lists)}
    assert shown["signers"]["age_days"] > 100
    assert shown["signers"]["date"].startswith("2026-08-05")
    assert not shown["known-signers"]["overdue"]


def test_own_anchors_come_as_pem_and_replace_earlier_ones(samples: Path) -> None:
    store = TrustStore.default().with_own_anchors(samples / "sample-root.pem")
    again = store.with_own_anchors((samples / "sample-root.pem").read_bytes())
    own = [each for each in again.lists if each.purpose is Purpose.OWN_SIGNERS]
    assert len(own) == 1
    assert "Provenance sample authority" in own[0].anchors[0].entity


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\nabc",
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        b"\xff\xfe",
    ],
)
def test_what_is_no_pem_is_a_clear_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.pem"
    path.write_bytes(content)
    with pytest.raises(TrustError, match="mine.pem"):
        own_anchors(path)


def test_a_missing_or_huge_anchor_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="cannot be read"):
        own_anchors(tmp_path / "gone.pem")
    huge = tmp_path / "huge.pem"
    with huge.open("wb") as stream:
        stream.truncate(9 * 1024 * 1024)
    with pytest.raises(TrustError, match="larger than"):
        own_anchors(huge)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"LoTE": {}}', json.dumps({"LoTE": {"ListAndSchemeInformation": {}}})]
)
def test_what_is_no_trust_list_is_a_clear_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(content)
    with pytest.raises(TrustError, match="list.json"):
        load_lote(path, Purpose.SIGNERS)


def test_pem_text_around_certificates_is_passed_over(samples: Path) -> None:
    pem = (samples / "sample-root.pem").read_text()
    assert certificates_in_pem("Subject: x\n" + pem + "\ncomment\n" + pem) == certificates_in_pem(pem) * 2
