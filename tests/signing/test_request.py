"""Certificate signing requests: what they ask for, and that a CA that grants it gives a credential that signs."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from provenance_signing.algorithms import Algorithm, new_key
from provenance_signing.credential import Credential
from provenance_signing.errors import CredentialError
from provenance_signing.keys.certificate_profile import check
from provenance_signing.keys.pem import PemKey
from provenance_signing.keys.request import ConformingProduct, request

from .certificates import INTERMEDIATE, ISSUING, ROOT, Recipe, chain, responder

RECORD = "0d0f1e2d-3c4b-5a69-7887-96a5b4c3d2e1"
SUBJECT = {"organisation": "Example press", "common_name": "Example camera", "country": "FR"}


def asked(key, **more) -> x509.CertificateSigningRequest:
    return x509.load_pem_x509_csr(request(key, **{**SUBJECT, **more}))


def granted(csr: x509.CertificateSigningRequest, key) -> bytes:
    """The chain that a CA by the official profile gives for a request: what was asked for, and its responder."""
    extensions = {
        type(each.value) if "Unrec" not in repr(each) else each.oid.dotted_string: (each.value, each.critical)
        for each in csr.extensions
    }
    extensions[x509.AuthorityInformationAccess] = responder()
    issuing = ISSUING.issue(INTERMEDIATE.issue(ROOT.issue()))
    return chain(Recipe(csr.subject, extensions, key).issue(issuing), issuing)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_request_asks_for_what_signing_claims_needs(algorithm):
    key = new_key(algorithm)
    csr = asked(key)
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert csr.is_signature_valid
    assert csr.public_key().public_bytes(*spki) == key.public_key().public_bytes(*spki)
    assert [(each.oid, each.value) for each in csr.subject] == [
        (NameOID.COUNTRY_NAME, "FR"),
        (NameOID.ORGANIZATION_NAME, "Example press"),
        (NameOID.COMMON_NAME, "Example camera"),
    ]
    usage = csr.extensions.get_extension_for_class(x509.KeyUsage)
    purposes = csr.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    constraints = csr.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (usage.critical, usage.value.digital_signature, usage.value.content_commitment) == (True, True, True)
    assert [each.dotted_string for each in purposes.value] == ["1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.4"]
    assert (constraints.critical, constraints.value.ca, purposes.critical) == (True, False, False)


def test_what_a_ca_grants_signs():
    key = new_key(Algorithm.ES256)
    assert Credential.of(granted(asked(key), key), PemKey(key)).sign(b"a claim")


@pytest.mark.parametrize("assurance", [1, 2])
def test_a_request_for_a_conforming_product_asks_for_all_that_the_official_profile_wants(assurance):
    key = new_key(Algorithm.ES256)
    csr = asked(key, product=ConformingProduct(RECORD.upper(), assurance))
    findings = check(granted(csr, key), key=key.public_key())
    assert [each for each in findings if not each.ok] == []
    assert f"Claim Signing Leaf, assurance level {assurance}" in {each.section for each in findings}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"country": "France"}, "two capital letters"),
        ({"country": "fr"}, "two capital letters"),
        ({"organisation": ""}, "between 1 and 64"),
        ({"common_name": "x" * 65}, "between 1 and 64"),
        ({"product": ConformingProduct("42")}, "named by a UUID"),
        ({"product": ConformingProduct(RECORD, 3)}, "the assurance levels are 1 and 2"),
    ],
)
def test_what_no_certificate_holds_is_refused(changed, said):
    with pytest.raises(CredentialError, match=said):
        asked(new_key(Algorithm.ES256), **changed)


def test_a_short_rsa_key_is_refused():
    with pytest.raises(CredentialError, match="1024 bits"):
        asked(rsa.generate_private_key(65537, 1024))
