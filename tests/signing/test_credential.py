"""Credentials from chains, keys and files that are wrong in every way: each is refused, and no secret is told."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from cryptography.x509.oid import ExtendedKeyUsageOID

import provenance
import provenance_signing.errors
from provenance_signing.algorithms import Algorithm, new_key
from provenance_signing.credential import Credential
from provenance_signing.errors import CredentialError
from provenance_signing.keys.development import create
from provenance_signing.keys.pem import PemKey, private_pem
from provenance_signing.time_stamps import IfUnavailable, TimeStamps

from .certificates import INTERMEDIATE, ISSUING, Issued, Recipe, chain, name, official, signer, usage
from .directly import signed_jpeg

# Tracebacks show the lines of this file: secrets stand in these alone.
PASSPHRASE = "correct horse battery staple"
WRONG = "incorrect horse"
INSIDE = "hush-hush"


def of(*issued: Issued, key: bytes | None = None) -> Credential:
    return Credential.of(chain(*issued), PemKey.load(key or issued[0].key_pem()))


def refused(said: str, make: Callable[[], object]) -> str:
    """The whole traceback of the error with which this is refused."""
    with pytest.raises(CredentialError, match=said) as caught:
        make()
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value)


# What is accepted


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_picture_signed_with_each_algorithm_is_intact_and_its_signer_trusted(development, algorithm):
    files = development(algorithm)
    report = provenance.Verifier(trust=files.root).verify(signed_jpeg(Credential.load(files.credential)))
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"


def test_the_root_stays_out_of_the_signature():
    *below, root = official()
    assert [each.subject for each in of(*below, root).chain] == [each.certificate.subject for each in below]


def test_an_rsa_key_signs_with_each_hash(development):
    files = development(Algorithm.PS256)
    for algorithm in (Algorithm.PS256, Algorithm.PS384, Algorithm.PS512):
        credential = Credential.from_files(files.chain, files.key, algorithm=algorithm)
        assert algorithm.is_valid(credential.chain[0].public_key(), credential.sign(b"a claim"), b"a claim")


# What is refused


def test_an_algorithm_that_does_not_fit_the_key_is_refused(development):
    files = development()
    refused("ps256 does not fit", lambda: Credential.from_files(files.chain, files.key, algorithm=Algorithm.PS256))


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 100, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_chain_is_refused(content, development):
    key = PemKey.load(development().key.read_bytes())
    refused("not readable PEM", lambda: Credential.of(content, key))


def test_a_chain_out_of_order_is_refused_and_the_right_order_is_told():
    leaf, issuing, first, _ = official()
    refused("out of order: put the signer's first", lambda: of(leaf, first, issuing))
    refused("out of order: put the signer's first", lambda: of(issuing, leaf, key=leaf.key_pem()))


def another(recipe: Recipe) -> Recipe:
    return recipe.but(key=ec.generate_private_key(ec.SECP384R1()))


def test_a_chain_of_strangers_is_refused(development):
    leaf, issuing, _, _ = official()
    (stranger,) = x509.load_pem_x509_certificates(development().root.read_bytes())
    refused("do not form a chain", lambda: of(leaf, Issued(stranger, None), issuing))
    refused("do not form a chain", lambda: of(leaf, leaf))


def test_an_authority_that_has_the_right_name_and_another_key_is_refused():
    leaf, issuing, _, _ = official()
    _, other, above, _ = official(issuing=another(ISSUING), intermediate=another(INTERMEDIATE))
    assert other.certificate.subject == issuing.certificate.subject
    refused("do not form a chain", lambda: of(leaf, other))
    refused("do not form a chain", lambda: of(leaf, issuing, above))


def test_a_signer_that_issues_certificates_is_refused():
    above = official()
    refused("is no authority", lambda: of(signer().but(subject=name("Below")).issue(above[0]), *above))


def test_a_foreign_key_is_refused(development):
    other = private_pem(new_key(Algorithm.ES256), None)
    refused("does not belong", lambda: Credential.of(development().chain.read_bytes(), PemKey.load(other)))


def test_a_key_of_another_kind_is_refused(development):
    other = development(Algorithm.PS256).key.read_bytes()
    refused("does not belong", lambda: Credential.of(development().chain.read_bytes(), PemKey.load(other)))


def test_an_authority_signs_no_claims():
    _, issuing, first, _ = official()
    refused("is an authority's, not a signer's", lambda: of(issuing, first))


def test_a_certificate_signed_by_itself_is_refused():
    refused("signed by itself", lambda: of(signer().issue()))


def test_a_certificate_for_another_purpose_is_refused():
    other = {x509.ExtendedKeyUsage: (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)}
    refused("not made for signing claims", lambda: of(*official(signer().but(other))))
    refused("not made for signing claims", lambda: of(*official(signer().but({x509.ExtendedKeyUsage: None}))))


@pytest.mark.parametrize("given", [None, (usage("content_commitment"), True)])
def test_a_certificate_whose_key_may_not_sign_is_refused(given):
    refused("lacks the key usage digitalSignature", lambda: of(*official(signer().but({x509.KeyUsage: given}))))


def test_a_short_rsa_key_is_refused():
    key = rsa.generate_private_key(65537, 1024)
    refused("has 1024 bits; C2PA asks for 2048", lambda: of(*official(signer().but(key=key))))


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256K1()), ec.generate_private_key(ec.BrainpoolP256R1())]
)
def test_a_curve_that_c2pa_excludes_is_refused(key):
    leaf = official(signer().but(key=key))
    refused("is of a kind that C2PA excludes", lambda: of(*leaf))
    good = private_pem(new_key(Algorithm.ES256), None)
    refused("is of a kind that C2PA excludes", lambda: of(*leaf, key=good))


def test_a_certificate_whose_key_is_of_an_unknown_kind_is_refused(development):
    leaf, issuing = x509.load_pem_x509_certificates(development(Algorithm.ED25519).chain.read_bytes())
    ed25519_oid, unknown = bytes.fromhex("06032b6570"), bytes.fromhex("06032b657f")
    der = leaf.public_bytes(serialization.Encoding.DER).replace(ed25519_oid, unknown)
    altered = x509.load_der_x509_certificate(der)
    pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in (altered, issuing))
    key = PemKey.load(development().key.read_bytes())
    refused("key cannot be read", lambda: Credential.of(pem, key))


@pytest.mark.parametrize(
    ("since", "days", "said"),
    [
        (datetime.now(UTC) - timedelta(days=10), 9, "has expired on"),
        (datetime.now(UTC) + timedelta(days=1), 9, "is not valid before"),
    ],
)
def test_a_certificate_that_is_not_valid_today_is_refused_when_it_is_to_sign(since, days, said):
    old = datetime.now(UTC) - timedelta(days=20)
    leaf = signer().but(since=since, days=days)
    credential = of(*official(leaf, issuing=ISSUING.but(since=old), intermediate=INTERMEDIATE.but(since=old)))
    refused(said, credential.check_valid)
    credential.check_valid(since + timedelta(days=1))


# Keys


@pytest.mark.parametrize(
    "key", [dsa.generate_private_key(1024), x25519.X25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256K1())]
)
def test_a_private_key_of_another_kind_is_refused(key):
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    refused("kind", lambda: PemKey.load(pem))


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory) -> Path:
    return create(tmp_path_factory.mktemp("encrypted"), passphrase=PASSPHRASE).folder


def test_a_wrong_passphrase_is_refused(encrypted):
    path = encrypted / "credential.toml"
    assert WRONG not in refused("the passphrase is wrong", lambda: Credential.load(path, passphrase=WRONG))


def test_a_missing_passphrase_is_refused(encrypted):
    refused("is encrypted; give its passphrase", lambda: Credential.load(encrypted / "credential.toml"))


def test_a_passphrase_that_is_not_needed_does_no_harm(development):
    assert Credential.load(development().credential, passphrase=PASSPHRASE).sign(b"a claim")


def test_a_passphrase_may_hold_any_bytes_that_the_environment_holds(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "caf\udce9")  # Latin-1 in an environment of UTF-8
    files = create(tmp_path, passphrase="caf\udce9")
    files.credential.write_text('certificates = "chain.pem"\n[key]\nfile = "key.pem"\npassphrase_env = "SECRET"\n')
    assert Credential.load(files.credential).sign(b"a claim")


def test_a_passphrase_that_is_too_long_to_encrypt_with_is_refused(tmp_path):
    long = PASSPHRASE * 50
    assert PASSPHRASE not in refused("longer than 1023 bytes", lambda: create(tmp_path / "new", passphrase=long))
    assert not (tmp_path / "new").exists()


def test_a_key_that_is_a_certificate_is_refused(development):
    refused("no private key", lambda: Credential.from_files(development().chain, development().chain))


def test_no_error_and_no_repr_tells_a_secret(encrypted, development):
    key = encrypted / "key.pem"
    material = [PASSPHRASE, *key.read_text().split("\n")[1:-2], *development().key.read_text().split("\n")[1:-2]]
    plain = development().key.read_bytes()
    told = [
        refused("wrong", lambda: PemKey.load(key.read_bytes(), PASSPHRASE + "x")),
        refused("wrong", lambda: PemKey.load(key.read_bytes()[:-60], PASSPHRASE)),
        refused("no private key", lambda: PemKey.load(plain[:-60])),
        refused("no private key", lambda: PemKey.load(plain.replace(b"PRIVATE", b"PRIV"))),
        refused("belong", lambda: Credential.of(official_chain(), PemKey.load(plain))),
        refused("readable", lambda: Credential.of(plain, PemKey.load(plain))),
        refused("TOML", lambda: Credential.load(development().key)),
        repr(Credential.load(encrypted / "credential.toml", passphrase=PASSPHRASE)),
        str(vars(Credential.load(encrypted / "credential.toml", passphrase=PASSPHRASE))),
    ]
    for text in told:
        assert not [each for each in material if each in text]


def official_chain() -> bytes:
    return chain(*official()[:3])


# credential.toml


def written(folder: Path, text: str) -> Path:
    (folder / "credential.toml").write_text(text)
    return folder / "credential.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("certificates = ", "is not TOML"),
        ("[key]\nfile = 'key.pem'\n", "certificates: Field required"),
        ("certificates = 'chain.pem'\n", "key: Field required"),
        ("certificates = 'chain.pem'\n[key]\n", "exactly one of file, pkcs11 and url"),
        (
            "certificates = 'chain.pem'\n[key]\nfile = 'key.pem'\nurl = 'https://keys.example.org'\n",
            "exactly one of file, pkcs11 and url",
        ),
        ("certificates = 'chain.pem'\n[key]\npkcs11 = '/module.so'\ntoken = 'newsroom'\n", "needs token and label"),
        ("certificates = 'chain.pem'\nalgorithm = 'rs256'\n[key]\nfile = 'key.pem'\n", "algorithm: "),
        (
            "certificates = 'chain.pem'\n[key]\nfile = 'key.pem'\npassphrase = '" + INSIDE + "'\n",
            "key.passphrase: Extra",
        ),
        ("certificates = 'chain.pem'\nchain = 'x'\n[key]\nfile = 'key.pem'\n", "chain: Extra"),
        ("certificates = 'none.pem'\n[key]\nfile = 'key.pem'\n", r"none\.pem"),
        ("certificates = 'chain.pem'\n[key]\nfile = 'none.pem'\n", r"none\.pem"),
        ("certificates = 'chain.pem'\n[key]\nfile = 'key.pem'\npassphrase_file = 'none'\n", "none"),
        ("certificates = 'chain.pem'\n[key]\nfile = 'key.pem'\npassphrase_env = 'NONE_SUCH'\n", "NONE_SUCH is empty"),
        ("certificates = 'chain.pem'\n[key]\nurl = 'http://keys.example.org'\n", "over https only"),
        (
            "certificates = 'chain.pem'\n[key]\nfile = 'key.pem'\n[time_stamps]\nurl = 'tsa.example.org'\n",
            "time_stamps.url: .*begins with https:// or http://",
        ),
        (
            "certificates = 'chain.pem'\n[key]\nfile = 'key.pem'\n"
            "[time_stamps]\nurl = 'https://tsa.example.org'\nif_unavailable = 'perhaps'\n",
            "time_stamps.if_unavailable: ",
        ),
    ],
)
def test_a_credential_file_that_is_wrong_is_refused_with_the_place(tmp_path, development, text, said):
    for file in ("chain.pem", "key.pem"):
        (tmp_path / file).write_bytes((development().folder / file).read_bytes())
    path = written(tmp_path, text)
    assert INSIDE not in refused(said, lambda: Credential.load(path))


def test_a_credential_file_that_is_not_there_or_no_file_or_too_large_is_refused(tmp_path):
    refused("none", lambda: Credential.load(tmp_path / "none.toml"))
    refused(tmp_path.name, lambda: Credential.load(tmp_path))
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 300_000)
    refused("large", lambda: Credential.load(large))


def test_a_credential_file_may_name_the_passphrases_place_and_the_time_stamping_authority(encrypted, tmp_path):
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    text = (
        f'certificates = "{encrypted}/chain.pem"\n[key]\nfile = "{encrypted}/key.pem"\n'
        'passphrase_file = "passphrase"\n'
        '[time_stamps]\nurl = "https://tsa.example.org"\nif_unavailable = "sign-without"\n'
    )
    credential = Credential.load(written(tmp_path, text))
    expected = TimeStamps(url="https://tsa.example.org", if_unavailable=IfUnavailable.SIGN_WITHOUT)
    assert credential.time_stamps == expected
    assert credential.with_time_stamps(None).time_stamps is None


def test_all_errors_of_signing_are_errors_of_the_toolkit():
    for each in provenance_signing.errors.__all__:
        assert issubclass(getattr(provenance_signing.errors, each), provenance.ProvenanceError)


def test_a_private_key_is_not_pickled_with_a_credential(credential):
    import pickle

    with pytest.raises(TypeError, match="not copied to other processes"):
        pickle.dumps(credential.key)


def test_an_ed25519_key_signs_without_a_hash_of_its_own():
    key = ed25519.Ed25519PrivateKey.generate()
    assert Algorithm.ED25519.is_valid(key.public_key(), Algorithm.ED25519.sign(key, b"a claim"), b"a claim")
    assert not Algorithm.ED25519.is_valid(key.public_key(), b"no signature", b"a claim")
