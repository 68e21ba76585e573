"""What `keys check` finds: a chain by the official profile lacks nothing, and each thing that is wrong is named."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.sources.c2pa.der import SEQUENCE, context, encoded, value_of
from provenance_signing.errors import CredentialError
from provenance_signing.keys.certificate_profile import Level, Role, check, sources

from .certificates import (
    C2PA,
    CLAIM_SIGNING,
    INTERMEDIATE,
    ISSUING,
    ROOT,
    chain,
    name,
    official,
    responder,
    signer,
    unrecognised,
    usage,
)


def lacking(pem: bytes, level: Level, **more) -> list[tuple[str, str]]:
    return [(each.role, each.requirement) for each in check(pem, **more) if not each.ok and each.level == level]


def extended(*purposes) -> dict:
    return {x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage(list(purposes)), False)}


@pytest.mark.parametrize("assurance", [1, 2])
def test_a_chain_by_the_official_profile_lacks_nothing(assurance):
    issued = official(signer(assurance))
    findings = check(chain(*issued), key=issued[0].key.public_key())
    assert [each for each in findings if not each.ok] == []
    assert {each.role for each in findings} == set(Role)
    assert f"Claim Signing Leaf, assurance level {assurance}" in {each.section for each in findings}


def test_a_development_chain_has_all_that_verifiers_ask_and_says_what_the_official_profile_lacks(development):
    found = development()
    pem = found.chain.read_bytes() + found.root.read_bytes()
    assert lacking(pem, Level.VERIFIERS) == []
    missing = [requirement for role, requirement in lacking(pem, Level.OFFICIAL_PROFILE) if role == Role.SIGNER]
    assert "It states assurance level 1, not critical." in missing
    assert "Its certificate policies have C2PA's." in missing
    assert "It is valid for 366 days at most." not in missing


RSA_1024 = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.mark.parametrize(
    ("leaf", "requirement"),
    [
        (signer().but({x509.AuthorityKeyIdentifier: None}), "It has an authority key identifier."),
        (signer().but({x509.KeyUsage: None}), "Its key may sign, and may not sign certificates."),
        (
            signer().but({x509.KeyUsage: (usage("content_commitment"), True)}),
            "Its key may sign, and may not sign certificates.",
        ),
        (
            signer().but({x509.KeyUsage: (usage("digital_signature", "key_cert_sign"), True)}),
            "Its key may sign, and may not sign certificates.",
        ),
        (
            signer().but({x509.ExtendedKeyUsage: None}),
            "Its extended key usages have one that C2PA accepts for signing claims, such as c2pa-kp-claimSigning.",
        ),
        (
            signer().but(extended(CLAIM_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)),
            "Its extended key usages do not allow just anything.",
        ),
        (
            signer().but(extended(CLAIM_SIGNING, ExtendedKeyUsageOID.TIME_STAMPING)),
            "Its extended key usages have neither time stamping nor OCSP signing.",
        ),
        (
            signer().but({x509.BasicConstraints: (x509.BasicConstraints(ca=True, path_length=None), True)}),
            "It is no authority's certificate.",
        ),
        (
            signer().but(key=RSA_1024),
            "Its key is on P-256, P-384 or P-521, an RSA key of 2048 bits or more, or Ed25519.",
        ),
        (
            signer().but(key=ec.generate_private_key(ec.SECP256K1())),
            "Its key is on P-256, P-384 or P-521, an RSA key of 2048 bits or more, or Ed25519.",
        ),
        (signer().but(since=datetime.now(UTC) - timedelta(days=100), days=90), "It is valid today."),
        (signer().but(since=datetime.now(UTC) + timedelta(days=1)), "It is valid today."),
        (
            signer().but({"strange": (unrecognised("1.2.3.4", b"\x05\x00"), True)}),
            "It has no critical extension that verifiers do not know.",
        ),
        (
            signer().but(hash=hashes.SHA224()),
            "It is signed with ECDSA, RSA or RSA-PSS and SHA-2 (and the same hash in both places of PSS), or Ed25519.",
        ),
    ],
)
def test_what_verifiers_refuse_in_a_signers_certificate_is_named(leaf, requirement):
    assert (Role.SIGNER, requirement) in lacking(chain(*official(leaf)[:3]), Level.VERIFIERS)


@pytest.mark.parametrize(
    ("leaf", "requirement"),
    [
        (signer().but(days=367), "It is valid for 366 days at most."),
        (signer(2).but(days=91), "It is valid for 90 days at most."),
        (
            signer().but(subject=name("Example camera", country=None)),
            "Its subject has a country, an organisation and a common name.",
        ),
        (signer().but(subject=name("Caméra")), "Its subject is written in ASCII."),
        (
            signer().but({x509.SubjectKeyIdentifier: (x509.SubjectKeyIdentifier(b"x" * 20), False)}),
            "Its subject key identifier is the SHA-1 of its key.",
        ),
        (
            signer().but({x509.SubjectKeyIdentifier: None}),
            "It has a subject key identifier, not critical.",
        ),
        (
            signer().but({x509.AuthorityKeyIdentifier: (x509.AuthorityKeyIdentifier(b"x" * 20, None, None), False)}),
            "Its authority key identifier is the key identifier of its issuer.",
        ),
        (
            signer().but({x509.KeyUsage: (usage("digital_signature", "content_commitment"), False)}),
            "It has a key usage, critical.",
        ),
        (
            signer().but({x509.KeyUsage: (usage("digital_signature"), True)}),
            "Its key usage is digitalSignature and contentCommitment, and nothing else.",
        ),
        (signer().but({x509.BasicConstraints: None}), "It has basic constraints, critical."),
        (
            signer().but({x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage([CLAIM_SIGNING]), True)}),
            "It has extended key usages, not critical.",
        ),
        (
            signer().but(extended(ExtendedKeyUsageOID.EMAIL_PROTECTION)),
            "Its extended key usages have c2pa-kp-claimSigning, and emailProtection or documentSigning.",
        ),
        (
            signer().but(extended(CLAIM_SIGNING)),
            "Its extended key usages have c2pa-kp-claimSigning, and emailProtection or documentSigning.",
        ),
        (signer().but({x509.CertificatePolicies: None}), "It has certificate policies, not critical."),
        (
            signer().but(
                {
                    x509.CertificatePolicies: (
                        x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("1.2.3.4"), None)]),
                        False,
                    )
                }
            ),
            "Its certificate policies have C2PA's.",
        ),
        (
            signer().but({x509.AuthorityInformationAccess: None}),
            "It names an OCSP responder by an address of HTTP.",
        ),
        (
            signer().but({x509.AuthorityInformationAccess: responder("ldap://ocsp.example.org")}),
            "It names an OCSP responder by an address of HTTP.",
        ),
        (signer().but({"level": None}), "It states assurance level 1, not critical."),
        (
            signer().but({"level": (unrecognised(f"{C2PA}.3", b"no DER"), False)}),
            "It states assurance level 1, not critical.",
        ),
        (
            signer().but({"record": (unrecognised(f"{C2PA}.4", b"\x0c\x04none"), False)}),
            "It names its product's record on the list of conforming products, not critical.",
        ),
    ],
)
def test_what_a_signers_certificate_lacks_for_the_official_profile_is_named_and_verifiers_do_not_mind(
    leaf, requirement
):
    pem = chain(*official(leaf))
    assert (Role.SIGNER, requirement) in lacking(pem, Level.OFFICIAL_PROFILE)
    assert lacking(pem, Level.VERIFIERS) == []


@pytest.mark.parametrize(
    ("changed", "role", "requirement"),
    [
        ({"issuing": ISSUING.but(days=1828)}, Role.ISSUING, "It is valid for 1827 days at most."),
        (
            {"issuing": ISSUING.but({x509.AuthorityInformationAccess: None})},
            Role.ISSUING,
            "It names an OCSP responder or a revocation list by an address of HTTP.",
        ),
        (
            {"issuing": ISSUING.but(key=ec.generate_private_key(ec.SECP256R1()))},
            Role.ISSUING,
            "Its key is on P-384 or P-521, or an RSA key of 3072 bits or more.",
        ),
        (
            {"issuing": ISSUING.but({x509.BasicConstraints: (x509.BasicConstraints(True, None), True)})},
            Role.ISSUING,
            "It may issue signers' certificates, and no authorities'.",
        ),
        (
            {"intermediate": INTERMEDIATE.but({x509.BasicConstraints: (x509.BasicConstraints(True, 5), True)})},
            Role.INTERMEDIATE,
            "It may issue authorities' certificates, of one level.",
        ),
        (
            {"root": ROOT.but({x509.AuthorityInformationAccess: responder()})},
            Role.ROOT,
            "It has no authority information access.",
        ),
        (
            {"root": ROOT.but({x509.BasicConstraints: (x509.BasicConstraints(True, 3), True)})},
            Role.ROOT,
            "It may issue authorities' certificates, of two levels at most.",
        ),
    ],
)
def test_what_an_authority_lacks_for_the_official_profile_is_named_with_its_role(changed, role, requirement):
    assert (role, requirement) in lacking(chain(*official(**changed)), Level.OFFICIAL_PROFILE)


def test_an_authority_may_name_a_revocation_list_in_place_of_a_responder():
    place = x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example.org/1")], None, None, None)
    changed = {
        x509.AuthorityInformationAccess: None,
        x509.CRLDistributionPoints: (x509.CRLDistributionPoints([place]), False),
    }
    assert lacking(chain(*official(issuing=ISSUING.but(changed))), Level.OFFICIAL_PROFILE) == []


def test_a_chain_out_of_order_is_named():
    leaf, issuing, first, root = official()
    wrong = lacking(chain(leaf, first, issuing, root), Level.VERIFIERS)
    assert (Role.SIGNER, "It is issued by the next certificate of the chain.") in wrong


def test_an_authority_that_may_have_no_authority_below_it_is_named():
    none_below = INTERMEDIATE.but({x509.BasicConstraints: (x509.BasicConstraints(True, 0), True)})
    wrong = lacking(chain(*official(intermediate=none_below)), Level.VERIFIERS)
    assert wrong == [(Role.INTERMEDIATE, "It allows as many authorities below it as there are.")]


def test_a_certificate_that_is_signed_by_itself_is_named():
    wrong = lacking(signer().issue().pem, Level.VERIFIERS)
    assert (Role.SIGNER, "It is issued by another than itself.") in wrong


def test_a_foreign_key_is_named():
    wrong = lacking(chain(*official()), Level.VERIFIERS, key=ec.generate_private_key(ec.SECP256R1()).public_key())
    assert wrong == [(Role.SIGNER, "The private key belongs to it.")]


def test_another_time_can_be_asked_about():
    later = datetime.now(UTC) + timedelta(days=91)
    assert lacking(chain(*official()), Level.VERIFIERS, at=later) == [(Role.SIGNER, "It is valid today.")]


def test_a_higher_assurance_level_than_the_certificate_states_can_be_asked_for():
    wrong = lacking(chain(*official()), Level.OFFICIAL_PROFILE, assurance=2)
    assert wrong == [(Role.SIGNER, "It states assurance level 2, not critical.")]


@pytest.mark.parametrize("key", [ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)])
def test_signers_may_have_keys_of_other_kinds(key):
    assert [each for each in check(chain(*official(signer().but(key=key)))) if not each.ok] == []


def pss(mask: hashes.HashAlgorithm) -> bytes:
    key = rsa.generate_private_key(65537, 3072)
    authority, leaf = ISSUING.but(key=key).issue(), signer()
    builder = (
        x509.CertificateBuilder(extensions=[])
        .subject_name(leaf.subject)
        .issuer_name(authority.certificate.subject)
        .public_key(leaf.key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
    )
    return builder.sign(key, hashes.SHA256(), rsa_padding=padding.PSS(padding.MGF1(mask), salt_length=32)).public_bytes(
        Encoding.PEM
    )


@pytest.mark.parametrize(("mask", "ok"), [(hashes.SHA256(), True), (hashes.SHA384(), False)])
def test_a_signature_by_rsa_pss_has_the_same_hash_in_both_places(mask, ok):
    (finding,) = [each for each in check(pss(mask)) if each.level == Level.VERIFIERS and "RSA-PSS" in each.requirement]
    assert finding.ok is ok


def test_unique_identifiers_of_old_are_named():
    to_be_signed, *signature = value_of(ssl.PEM_cert_to_DER_cert(official()[0].pem.decode())).inside(SEQUENCE)
    fields = to_be_signed.inside()
    extensions = fields.pop().expect(context(3))
    identifier = encoded(context(2, constructed=False), b"\0\1")
    body = encoded(SEQUENCE, *(each.whole for each in fields), identifier, extensions.whole)
    altered = ssl.DER_cert_to_PEM_cert(encoded(SEQUENCE, body, *(each.whole for each in signature))).encode()
    assert (Role.SIGNER, "It has neither an issuer's nor a subject's unique identifier.") in lacking(
        altered, Level.VERIFIERS
    )


@pytest.mark.parametrize("content", [b"", b"no PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_chain_is_an_error(content):
    with pytest.raises(CredentialError, match="no readable PEM"):
        check(content)


def test_the_rules_say_where_they_are_from():
    assert "14.5.1" in sources()[Level.VERIFIERS]
    assert "Certificate Policy 0.2" in sources()[Level.OFFICIAL_PROFILE]
