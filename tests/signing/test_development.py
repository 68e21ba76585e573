"""Development credentials: the chain, its files, and that they say what they are."""

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from provenance.trust import SignerCertificate
from provenance.trust.certificates import DEVELOPMENT_UNIT, issued
from provenance_signing.algorithms import Algorithm
from provenance_signing.credential import Credential
from provenance_signing.errors import CredentialError
from provenance_signing.keys.development import create, create_tsa

CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"
EMAIL = "1.3.6.1.5.5.7.3.4"


def certificates(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_one_call_makes_a_credential_that_signs_with_each_algorithm(development, algorithm):
    credential = Credential.load(development(algorithm).credential)
    signature = credential.sign(b"a claim")
    assert credential.algorithm is algorithm
    assert algorithm.is_valid(credential.chain[0].public_key(), signature, b"a claim")
    credential.check_valid()


def test_the_chain_leads_from_the_signer_by_an_issuing_authority_to_the_root(development):
    files = development()
    leaf, issuing = certificates(files.chain)
    (root,) = certificates(files.root)
    assert issued(issuing, leaf)
    assert issued(root, issuing)
    assert issued(root, root)


def test_the_signers_certificate_follows_the_official_profile(development):
    leaf, issuing = certificates(development().chain)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    extended = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_cert_sign
    assert not extended.critical
    assert [each.dotted_string for each in extended.value] == [CLAIM_SIGNING, EMAIL]
    assert constraints.critical
    assert not constraints.value.ca
    above = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert above == issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 90


def test_authorities_may_issue_certificates_for_claim_signing_and_no_further_authorities(development):
    files = development()
    issuing, (root,) = certificates(files.chain)[1], certificates(files.root)
    limits = [
        each.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length for each in (issuing, root)
    ]
    assert limits == [0, 1]
    for each in (issuing, root):
        usage = each.extensions.get_extension_for_class(x509.KeyUsage).value
        assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
        assert each.public_key().curve.name == "secp384r1"
    extended = issuing.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [each.dotted_string for each in extended] == [CLAIM_SIGNING, EMAIL]


def test_every_certificate_says_that_it_is_for_development(development):
    files = development()
    for certificate in certificates(files.chain) + certificates(files.root):
        (unit,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert unit.value == DEVELOPMENT_UNIT
        assert str(name.value).startswith("Example newsroom (development)")
        assert SignerCertificate.of(certificate).development


def test_the_key_is_for_its_owner_only_and_the_authorities_keys_are_nowhere(development):
    files = development()
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert sorted(path.name for path in files.folder.iterdir()) == [
        "chain.pem",
        "credential.toml",
        "key.pem",
        "root.pem",
    ]
    assert [path.name for path in files.folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()] == ["key.pem"]


def test_with_a_passphrase_the_key_is_encrypted(tmp_path):
    files = create(tmp_path, passphrase="open sesame")
    assert files.key.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert Credential.load(files.credential, passphrase="open sesame").sign(b"a claim")
    assert "sesame" not in files.credential.read_text()


@pytest.mark.parametrize("name", ["root.pem", "chain.pem", "key.pem", "credential.toml"])
def test_nothing_is_overwritten_and_nothing_half_made_is_left(tmp_path, name):
    (tmp_path / name).write_text("something of the user's")
    with pytest.raises(CredentialError, match=f"{name}: is there already"):
        create(tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["something of the user's"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CredentialError, match="cannot be written"):
        create(tmp_path / "file" / "folder")


@pytest.mark.parametrize("days", [0, 367, -1])
def test_a_development_certificate_is_short_lived(tmp_path, days):
    with pytest.raises(CredentialError, match="between 1 and 366 days"):
        create(tmp_path / "new", days=days)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("organisation", ["", " ", "x" * 65])
def test_a_name_that_no_certificate_holds_is_refused(tmp_path, organisation):
    with pytest.raises(CredentialError, match="between 1 and 64 characters"):
        create(tmp_path, organisation=organisation)


def test_a_long_name_stays_whole_as_the_organisation(tmp_path):
    files = create(tmp_path, organisation="Ö" * 64)
    assert Credential.load(files.credential).name == "Ö" * 64


def test_a_time_stamping_authority_may_stamp_time_and_nothing_else(tmp_path):
    files = create_tsa(tmp_path)
    usage = certificates(files.chain)[0].extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE)
    assert usage.critical
    assert [each.dotted_string for each in usage.value] == ["1.3.6.1.5.5.7.3.8"]
    assert not files.credential.exists()
