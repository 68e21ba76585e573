"""Trust lists: what ships, who is believed, and what is refused."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance import SettingError, TrustError, TrustStore, Verifier
from provenance.render.answers import answers
from provenance.trust import Purpose, TrustAnchor, TrustList, lists
from provenance.trust.certificates import is_authority
from provenance.trust.details import certificate_details
from provenance.trust.display import describe
from provenance.trust.identity import identify, identify_time_stamp
from provenance.trust.lists import certificates_in_pem, load_lote, official_signers, own_anchors

from .signing import Authority, Credential, created, make, manifest, picture

AUTHORITY = Authority()
NOBODY = TrustStore(())
DATA = Path(lists.__file__).parent / "data"


def test_the_official_lists_are_complete() -> None:
    store = TrustStore.default()
    assert {each.purpose: len(each.anchors) for each in store.lists} == {
        Purpose.SIGNERS: 30,
        Purpose.TIME_STAMPS: 22,
        Purpose.KNOWN_SIGNERS: 4,
        Purpose.IDENTITIES: 20,
    }
    assert official_signers().date == "2026-08-05T00:11:39Z"
    assert official_signers().next_update == "2027-08-05T00:11:39Z"
    assert "Google LLC" in {anchor.entity for anchor in official_signers().anchors}


def test_the_official_data_are_the_copies_that_the_table_names() -> None:
    table = (DATA / "README.md").read_text()
    for name in (
        "c2pa-trust-list.json",
        "c2pa-tsa-trust-list.json",
        "conforming-products-list.json",
        "iptc-verified-news-publishers.pem",
    ):
        digest = hashlib.sha256((DATA / name).read_bytes()).hexdigest()
        assert f"| `{name}` | `{digest}` |" in table


def _lists_of_authorities() -> list[TrustList]:
    return [each for each in TrustStore.default().lists if each.purpose is not Purpose.IDENTITIES]


def test_news_publishers_are_named_by_their_own_certificates_and_vouch_for_nobody_else() -> None:
    (publishers,) = (each for each in TrustStore.default().lists if each.purpose is Purpose.IDENTITIES)
    assert (publishers.name, publishers.date) == ("IPTC Verified News Publishers List", "2026-08-11")
    assert "British Broadcasting Corporation" in {each.entity for each in publishers.anchors}
    pem = (DATA / "iptc-verified-news-publishers.pem").read_bytes()
    assert publishers.anchors == own_anchors(pem, lists.ListName.NEWS_PUBLISHERS).anchors  # the names too
    assert not any(is_authority(each.certificate) for each in publishers.anchors)
    pool = TrustStore.default().engine_anchors()
    assert not any(lists.pem(each.der) in pool for each in publishers.anchors)
    for each in publishers.anchors:
        assert identify(TrustStore.default(), (each.der,)).vouched is None  # as a signer


def test_every_shipped_anchor_is_an_authority() -> None:
    for each in _lists_of_authorities():
        for anchor in each.anchors:
            constraints = anchor.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
            assert constraints.value.ca, anchor.entity


def test_a_known_signer_is_bound_to_an_authority_and_to_a_name() -> None:
    known = next(each for each in TrustStore.default().lists if each.purpose is Purpose.KNOWN_SIGNERS).anchors[0]
    assert known.organisations == frozenset({"OpenAI"})
    assert "Truepic" in known.certificate.subject.rfc4514_string()


def test_what_is_shown_says_how_old_each_list_is() -> None:
    shown = {each["purpose"]: each for each in describe(TrustStore.default().lists)}
    assert shown["signers"]["age_days"] > 100
    assert shown["signers"]["date"].startswith("2026-08-05")
    assert not shown["known-signers"]["overdue"]


def test_own_anchors_come_as_pem_and_are_added_once(samples: Path) -> None:
    store = TrustStore.default().with_own_anchors(samples / "sample-root.pem")
    again = store.with_own_anchors((samples / "sample-root.pem").read_bytes())
    own = [each for each in again.lists if each.purpose is Purpose.OWN_SIGNERS]
    assert len(own) == 1
    assert ["Provenance sample authority" in each.entity for each in own[0].anchors] == [True]


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


# Profiles


@pytest.mark.parametrize(
    ("profile", "purposes"),
    [
        ("c2pa", {"signers", "time-stamps"}),
        ("c2pa+known", {"signers", "time-stamps", "known-signers", "identity"}),
        ("own", {"time-stamps"}),
    ],
)
def test_a_profile_says_which_lists_are_used(profile: str, purposes: set[str], samples: Path) -> None:
    verifier = Verifier(trust_profile=profile)
    assert {each.purpose for each in verifier.trust.lists} == purposes
    used = verifier.verify(samples / "signed-ai.jpg").versions.trust_lists
    assert len(used) == len(verifier.trust.lists)


def test_a_profile_that_is_not_there_or_not_needed_is_a_clear_error() -> None:
    with pytest.raises(SettingError, match=r"there are: c2pa, c2pa\+known, own"):
        Verifier(trust_profile="everyone")
    with pytest.raises(SettingError, match="not both"):
        Verifier(trust=TrustStore.default(), trust_profile="c2pa")


def test_the_own_profile_trusts_no_listed_signer_and_the_users_anchor() -> None:
    store = TrustStore.profile("own")
    listed = official_signers().anchors[0].certificate
    assert store.who_vouches([listed]) is None
    assert store.with_own_anchors(AUTHORITY.pem).who_vouches(AUTHORITY.issue("Example Press").chain) is not None


@pytest.mark.parametrize(
    ("purpose", "trusted"),
    [
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, True),
        (x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"), True),
        (ExtendedKeyUsageOID.TIME_STAMPING, False),
        (ExtendedKeyUsageOID.OCSP_SIGNING, False),
        (ExtendedKeyUsageOID.SERVER_AUTH, False),
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, False),
    ],
)
def test_a_certificate_for_another_use_signs_no_claims(purpose: x509.ObjectIdentifier, trusted: bool) -> None:
    signer = AUTHORITY.issue("Example Press", purpose=purpose)
    store = TrustStore.default().with_own_anchors(AUTHORITY.pem)
    assert (store.who_vouches(signer.chain) is not None) is trusted


def certifier(*extensions: tuple[x509.ExtensionType, bool], authority: Authority = AUTHORITY) -> Authority:
    """An authority below another, with these extensions."""
    below = Authority("Small Town Paper")
    builder = make.builder(below.name, authority.name, below.key)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(make.usage(authority=True), critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    below.certificate = builder.sign(authority.key, hashes.SHA256())
    return below


SMALL_TOWN = x509.DirectoryName(make.name("Small Town Paper"))
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.2"), b"\x05\0")


@pytest.mark.parametrize(
    ("extensions", "trusted"),
    [
        ([], True),
        ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)], True),
        ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False)], True),
        ([(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)], False),
        ([(x509.NameConstraints([SMALL_TOWN], None), True)], False),
        ([(UNKNOWN, False)], True),
        ([(UNKNOWN, True)], False),
    ],
)
def test_an_authority_names_nobody_beyond_its_constraints(
    extensions: list[tuple[x509.ExtensionType, bool]], trusted: bool
) -> None:
    below = certifier(*extensions)
    store = TrustStore.default().with_own_anchors(AUTHORITY.pem)
    chain = [*below.issue("Reuters").chain, AUTHORITY.certificate]
    assert (store.who_vouches(chain) is not None) is trusted


def test_a_certificate_without_a_key_usage_or_with_an_unknown_critical_part_signs_no_claims() -> None:
    store = TrustStore.default().with_own_anchors(AUTHORITY.pem)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = make.builder(make.name("Reuters"), AUTHORITY.name, key).add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
    )
    with_usage = builder.add_extension(make.usage(authority=False), critical=True)
    for each, trusted in ((with_usage, True), (builder, False), (with_usage.add_extension(UNKNOWN, True), False)):
        chain = [each.sign(AUTHORITY.key, hashes.SHA256()), AUTHORITY.certificate]
        assert (store.who_vouches(chain) is not None) is trusted


def test_what_stands_behind_the_anchor_plays_no_part() -> None:
    """A certificate that expired, and that nothing rests on, was taken for a link of the chain."""
    store = TrustStore.default().with_own_anchors(AUTHORITY.pem)
    stray = AUTHORITY.issue(
        "Old", since=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), until=dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    )
    chain = [*AUTHORITY.issue("Reuters").chain, stray.certificate]
    identity = identify(store, tuple(each.public_bytes(Encoding.DER) for each in chain))
    assert identity is not None
    assert identity.vouched is not None
    assert identity.valid_at(dt.datetime.now(dt.UTC))


def test_a_store_may_accept_a_usage_of_its_own() -> None:
    usage = "1.3.6.1.4.1.99999.1"
    signer = AUTHORITY.issue("Example Press", purpose=x509.ObjectIdentifier(usage))
    der = AUTHORITY.certificate.public_bytes(Encoding.DER)
    mine = TrustList("Mine", Purpose.OWN_SIGNERS, "", (TrustAnchor(der, "Mine"),))
    assert TrustStore((mine,)).who_vouches(signer.chain) is None
    assert TrustStore((mine,), frozenset({usage})).who_vouches(signer.chain) is not None


# Who is behind a certificate


def made_out_to(**attributes: str) -> Credential:
    """A certificate with this distinguished name."""
    name = x509.Name([x509.NameAttribute(getattr(NameOID, key), value) for key, value in attributes.items()])
    credential = AUTHORITY.issue("unused")
    certificate = (
        make.builder(name, AUTHORITY.name, credential.key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(make.usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(AUTHORITY.key.public_key()), critical=False)
        .sign(AUTHORITY.key, hashes.SHA256())
    )
    return Credential(certificate, credential.key, [AUTHORITY.certificate])


def on_official_list() -> TrustStore:
    der = AUTHORITY.certificate.public_bytes(Encoding.DER)
    return TrustStore((TrustList("C2PA Trust List", Purpose.SIGNERS, "2026-08-05", (TrustAnchor(der, "Some CA"),)),))


PIXEL = {"COMMON_NAME": "Pixel Camera", "ORGANIZATION_NAME": "Google LLC", "COUNTRY_NAME": "US"}


@pytest.mark.parametrize(
    ("name", "product"),
    [
        (PIXEL, "Pixel Camera"),
        (PIXEL | {"ORGANIZATION_NAME": "Example Press"}, None),
        (PIXEL | {"ORGANIZATIONAL_UNIT_NAME": "Other"}, None),
    ],
)
def test_a_conforming_product_is_named_by_the_whole_distinguished_name(name: dict, product: str | None) -> None:
    asset = made_out_to(**name).sign(picture(), manifest(created("digitalCapture")))
    report = Verifier(trust=on_official_list()).verify(asset)
    assert (report.credentials.signer.product, report.credentials.signer.entity) == (product, "Some CA")
    sentence = next(each.sentence.text for each in answers(report) if each.question.key == "question.signer")
    assert "Certified by Some CA, which is on the list “C2PA Trust List”" in sentence
    assert ("remark.conforming_product" in {each.key for each in report.remarks}) is (product is not None)


def test_a_conforming_product_is_not_named_on_the_word_of_the_users_own_anchor() -> None:
    asset = made_out_to(**PIXEL).sign(picture(), manifest(created("digitalCapture")))
    for trust in (AUTHORITY.pem, None):
        assert Verifier(trust=trust).verify(asset).credentials.signer.product is None


# Certificates in detail


def test_the_details_of_every_shipped_anchor_are_read() -> None:
    for each in _lists_of_authorities():
        for found in certificate_details([anchor.der for anchor in each.anchors][:10]):
            assert found["authority"] is True
            assert "key_cert_sign" in found["key_usage"]
            assert not [key for key, value in found.items() if value is None]


def test_control_characters_and_absurd_dates_do_not_break_the_details() -> None:
    name = make.name("Evil\x1b[31m\u202e\n" + "x" * 40)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(AUTHORITY.key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(1950, 1, 1))
        .not_valid_after(dt.datetime(9999, 12, 31, 23, 59, 59))
        .sign(AUTHORITY.key, hashes.SHA256())
    )
    der = certificate.public_bytes(Encoding.DER)
    good, *damaged = certificate_details([der, b"", der[:100], der.replace(b"99991231235959Z", b"99991399999999Z")])
    assert good["valid_until"].startswith("9999-12-31")
    assert good["key"] == "EC secp256r1"
    assert good["subject"].isprintable()
    assert all("error" in each for each in damaged)


def test_a_key_of_an_unknown_kind_costs_only_its_own_detail() -> None:
    der = AUTHORITY.certificate.public_bytes(Encoding.DER)
    curve = bytes.fromhex("06082a8648ce3d030107")
    assert curve in der
    found = certificate_details([der.replace(curve, curve[:-1] + b"\x7f")])[0]
    assert (found["key"], found["authority"], "Test authority" in found["subject"]) == (None, True, True)


# Certificates that no honest authority makes


def _der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    long = len(body).to_bytes(2, "big") if len(body) > 127 else b""
    return bytes([tag, 0x82 if long else len(body)]) + long + body


def _name(oid: str, tag: int, value: bytes) -> bytes:
    """A distinguished name of this one attribute."""
    attribute = _der(0x30, _der(0x06, bytes.fromhex(oid)), _der(tag, value))
    return _der(0x30, _der(0x31, attribute))


_COMMON_NAME, _COUNTRY, _UNIQUE, _EMAIL = "550403", "550406", "55042d", "2a864886f70d010901"

ODD_PARTS = {
    "a BMPString of half a character": ("subject", _name(_COMMON_NAME, 0x1E, b"\0A\0")),
    "half of a surrogate pair": ("subject", _name(_COMMON_NAME, 0x1E, b"\xd8\x00")),
    "a UniversalString": ("subject", _name(_COMMON_NAME, 0x1C, b"\0\0\0A")),
    "UTF-8 that is none": ("subject", _name(_COMMON_NAME, 0x0C, b"\xff\xfe")),
    "a unique identifier as bits": ("subject", _name(_UNIQUE, 0x03, b"\0\1\2")),
    "a unique identifier as text": ("subject", _name(_UNIQUE, 0x0C, b"text")),
    "a common name as bits": ("subject", _name(_COMMON_NAME, 0x03, b"\0\1\2")),
    "a common name as a number": ("subject", _name(_COMMON_NAME, 0x02, b"\1")),
    "an empty common name": ("subject", _name(_COMMON_NAME, 0x0C, b"")),
    "a country of one letter": ("subject", _name(_COUNTRY, 0x13, b"F")),
    "a country of no letter": ("subject", _name(_COUNTRY, 0x13, b"")),
    "an address beyond ASCII": ("subject", _name(_EMAIL, 0x16, "é".encode())),
    "no name at all": ("subject", _der(0x30)),
    "an empty set in the name": ("subject", _der(0x30, _der(0x31))),
    "an issuer as bits": ("issuer", _name(_UNIQUE, 0x03, b"\0\1\2")),
    "a negative serial number": ("serial_number", _der(0x02, b"\xff\x01")),
    "the year 0": ("validity", _der(0x30, _der(0x18, b"00000101000000Z"), _der(0x18, b"20991231235959Z"))),
    "the year 9999": ("validity", _der(0x30, _der(0x17, b"500101000000Z"), _der(0x18, b"99991231235959Z"))),
    "the 99th of February": ("validity", _der(0x30, _der(0x17, b"260299000000Z"), _der(0x17, b"270299000000Z"))),
    "an extension that is no DER": ("extensions", b"\xff\xff\xff"),
    "an address of no kind": ("extensions", bytes.fromhex("30048f02ffff")),
}


# Where each part stands in a certificate. RFC 5280, section 4.1.
_PARTS = {"serial_number": 1, "issuer": 3, "validity": 4, "subject": 5, "extensions": 7}


def _children(der: bytes) -> list[bytes]:
    """The elements in a constructed element."""
    found, at = [], 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    while at < len(der):
        long = der[at + 1] & 0x7F if der[at + 1] & 0x80 else 0
        size = int.from_bytes(der[at + 2 : at + 2 + long], "big") if long else der[at + 1]
        found.append(der[at : at + 2 + long + size])
        at += len(found[-1])
    return found


def odd_certificate(part: str, value: bytes) -> bytes:
    """A certificate for signing, with another value of this part."""
    whole, *signature = _children(AUTHORITY.issue("Odd").certificate.public_bytes(Encoding.DER))
    fields = _children(whole)
    if part == "extensions":
        name = _der(0x06, bytes([0x55, 0x1D, 0x13]))
        value = _der(0xA3, _der(0x30, _der(0x30, name, _der(0x04, value))))
    fields[_PARTS[part]] = value
    return _der(0x30, _der(0x30, *fields), *signature)


@pytest.mark.parametrize("odd", ODD_PARTS)
def test_an_odd_certificate_is_unreadable_and_ends_nothing(odd: str) -> None:
    der = odd_certificate(*ODD_PARTS[odd])
    above = AUTHORITY.certificate.public_bytes(Encoding.DER)
    for chain in ((der,), (der, above), (above, der), (above, der, above)):
        for store in (NOBODY, TrustStore.default().with_own_anchors(AUTHORITY.pem)):
            found = identify(store, chain)
            assert found is None or found.certificate.organisation is None or found.vouched is None or der != chain[0]
            identify_time_stamp(store, frozenset(chain))
    assert len(certificate_details([der])) == 1
    assert certificate_details([der, above])[1]["authority"] is True
    try:
        own_anchors(lists.pem(der).encode())
    except TrustError as error:
        assert "cannot be read" in str(error) or "not a PEM" in str(error)
