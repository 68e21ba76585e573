"""Whether a signer's certificate was revoked: answers that are carried in a file, and answers asked for online."""

import datetime as dt
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

import provenance
from provenance.asset import open_asset
from provenance.credentials import ClaimSigner
from provenance.sources import Context
from provenance.sources.c2pa.answers import credentials_of
from provenance.sources.c2pa.engine import Engine
from provenance.sources.c2pa.reading import Reading
from provenance.sources.c2pa.revocation import may_be_asked
from provenance.trust import TrustStore

from .records import read_record
from .signing import Authority, Credential, created, make, manifest, picture

AUTHORITY = Authority()
SIGNER = AUTHORITY.issue("Example Press")
RESPONDER = AUTHORITY.issue("Responder", purpose=ExtendedKeyUsageOID.OCSP_SIGNING)
TRUST = TrustStore.default().with_own_anchors(AUTHORITY.pem)
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def answer(status: ocsp.OCSPCertStatus, signer: Credential = SIGNER, responder: Credential = RESPONDER) -> bytes:
    """A responder's signed answer about a certificate."""
    now, revoked = dt.datetime.now(dt.UTC), status is REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=signer.certificate,
        issuer=AUTHORITY.certificate,
        algorithm=hashes.SHA1(),
        cert_status=status,
        this_update=now - dt.timedelta(hours=1),
        next_update=now + dt.timedelta(days=7),
        revocation_time=now - dt.timedelta(hours=2) if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )
    signed = builder.certificates([responder.certificate]).responder_id(
        ocsp.OCSPResponderEncoding.HASH, responder.certificate
    )
    return signed.sign(responder.key, hashes.SHA256()).public_bytes(Encoding.DER)


def stapled(asset: bytes, der: bytes) -> bytes:
    """The asset with an OCSP answer in its signature's unprotected header, in the room that `pad` keeps free there."""
    key = asset.index(b"\x63pad\x59")
    start, room = key - 1, int.from_bytes(asset[key + 5 : key + 7], "big")
    staple = cbor2.dumps("rVals") + cbor2.dumps({"ocspVals": [der]})
    left = room - len(staple)
    header = bytes([asset[start] + 1]) + staple + b"\x63pad\x59" + left.to_bytes(2, "big") + bytes(left)
    return asset[:start] + header + asset[key + 7 + room :]


@pytest.fixture(scope="module")
def asset() -> bytes:
    return SIGNER.sign(picture(), manifest(created("digitalCapture")))


@pytest.mark.parametrize(
    ("status", "state", "signer", "remark"),
    [
        (GOOD, "checked-not-revoked", "trusted", "remark.not_revoked.stapled"),
        (REVOKED, "revoked", "revoked", "remark.certificate_revoked"),
        (UNKNOWN, "unknown", "trusted", "remark.revocation_unknown"),
    ],
)
def test_a_stapled_answer_is_said(
    status: ocsp.OCSPCertStatus, state: str, signer: str, remark: str, asset: bytes
) -> None:
    report = provenance.Verifier(trust=TRUST).verify(stapled(asset, answer(status)))
    found = report.credentials.signer
    assert (found.state, found.revocation.state, found.revocation.source) == (signer, state, "stapled")
    assert remark in {each.key for each in report.remarks}
    assert report.credentials.integrity.state == "intact"


def test_a_stapled_answer_about_another_certificate_or_by_a_stranger_says_nothing(asset: bytes) -> None:
    stranger = Authority("Somebody else").issue("Responder", purpose=ExtendedKeyUsageOID.OCSP_SIGNING)
    for der in (answer(GOOD, signer=AUTHORITY.issue("Example Press")), answer(GOOD, responder=stranger), b"no answer"):
        found = provenance.Verifier(trust=TRUST).verify(stapled(asset, der)).credentials.signer
        assert (found.state, found.revocation.state) == ("trusted", "unknown")


def test_without_an_answer_it_is_said_that_nobody_was_asked(asset: bytes) -> None:
    report = provenance.Verifier(trust=TRUST).verify(asset)
    assert (report.credentials.signer.revocation.state, report.credentials.signer.revocation.source) == (
        "not-checked",
        None,
    )
    assert "limit.revocation" in {each.key for each in report.conclusion.limits}


def test_a_staple_that_the_engine_passes_over_is_not_called_checked(fixtures: Path) -> None:
    for name in ("ocsp.jpg", "ocsp_with_assertion.jpg"):
        report = provenance.verify(fixtures / "c2pa-rs" / name)
        assert report.credentials.signer.revocation.state == "unknown"
        assert "limit.revocation" in {each.key for each in report.conclusion.limits}


# Online


class _Responder(ThreadingHTTPServer):
    """An OCSP responder on this machine that gives one answer and keeps count."""

    def __init__(self) -> None:
        self.asked, self.reply = 0, b""
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/ocsp-response")
        self.end_headers()
        self.wfile.write(self.server.reply)  # type: ignore[attr-defined]

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def responder() -> Iterator[_Responder]:
    with _Responder() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def naming(host: str, authority: Authority = AUTHORITY) -> Credential:
    """A signer whose certificate names this responder."""
    credential = authority.issue("Example Press")
    location = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"http://{host}/")
    )
    certificate = (
        make.builder(make.name("Example Press"), authority.name, credential.key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(make.usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .add_extension(x509.AuthorityInformationAccess([location]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return Credential(certificate, credential.key, [authority.certificate])


def chain(signer: Credential) -> tuple[bytes, ...]:
    return tuple(each.public_bytes(Encoding.DER) for each in signer.chain)


def asked(responder: _Responder, status: ocsp.OCSPCertStatus) -> ClaimSigner:
    """What is said of a signer where the engine may ask this responder."""
    signer = naming(responder.host)
    responder.reply = answer(status, signer)
    with open_asset(signer.sign(picture(), manifest(created("digitalCapture")))) as opened:
        record = read_record(opened)
        reading = Reading(record, Engine(TRUST, (responder.host,)).read(opened))
    assert responder.asked
    assert record.validation is not None
    return credentials_of(reading, record.validation, Context(trust=TRUST), external=False).signer


@pytest.mark.parametrize(("status", "state"), [(GOOD, "checked-not-revoked"), (REVOKED, "revoked")])
def test_an_answer_from_the_responder_is_said(status: ocsp.OCSPCertStatus, state: str, responder: _Responder) -> None:
    signer = asked(responder, status)
    assert (signer.revocation.state, signer.revocation.source) == (state, "online")


def test_no_private_address_is_asked(responder: _Responder) -> None:
    for host in (responder.host, f"localhost:{responder.server_port}"):
        signed = naming(host).sign(picture(), manifest(created("digitalCapture")))
        report = provenance.Verifier(trust=TRUST, online_revocation=True).verify(signed)
        assert report.credentials.signer.revocation.state == "not-checked"
        assert "limit.revocation" in {each.key for each in report.conclusion.limits}
    assert responder.asked == 0


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "[::1]", "[fe80::1%25eth0]", "no-such-host.invalid", ""]
)
def test_only_public_hosts_may_be_asked(host: str) -> None:
    assert may_be_asked(chain(naming(host)), TRUST) == ()


def test_a_public_host_may_be_asked_on_the_word_of_a_listed_authority_only() -> None:
    assert may_be_asked(chain(naming("1.1.1.1:8080")), TRUST) == ("1.1.1.1:8080",)
    assert may_be_asked(chain(naming("1.1.1.1", Authority("Somebody else"))), TRUST) == ()


def test_nobody_is_asked_unless_a_person_wants_it(responder: _Responder) -> None:
    signed = naming(responder.host).sign(picture(), manifest(created("digitalCapture")))
    with open_asset(signed) as opened:
        Engine(TRUST).read(opened)
    assert responder.asked == 0
