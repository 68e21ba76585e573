"""The development time stamping authority, asked by others' clients and by the engine."""

import http.client
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import rfc3161_client
from cryptography import x509

import provenance
from provenance.sources.c2pa.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    context,
    encoded,
    integer,
    object_identifier,
    value_of,
)
from provenance.trust import TrustFolder
from provenance.trust.lists import ListName
from provenance_signing.errors import CredentialError
from provenance_signing.keys.development import DevelopmentFiles, create_tsa
from provenance_signing.keys.development_tsa import POLICY, DevelopmentTsa
from provenance_signing.rfc3161 import FAILURES
from provenance_signing.time_stamps import TimeStamps

from .directly import signed_jpeg
from .time_stamp_query import MESSAGE, SHA1, query

AN_EXTENSION = encoded(context(0), encoded(SEQUENCE, object_identifier("1.2.3.4"), encoded(OCTET_STRING, b"x")))


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> DevelopmentFiles:
    return create_tsa(tmp_path_factory.mktemp("tsa"), organisation="Example clock")


@pytest.fixture(scope="module")
def tsa(files):
    with DevelopmentTsa(files.folder) as running:
        yield running


def post(url: str, body: bytes, content_type: str = "application/timestamp-query") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("POST", "/", body, {"Content-Type": content_type})
    return connection.getresponse()


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA512"])
def test_its_time_stamps_are_verified_by_another_implementation(tsa, files, algorithm):
    request = (
        rfc3161_client.TimestampRequestBuilder()
        .data(MESSAGE)
        .hash_algorithm(rfc3161_client.HashAlgorithm[algorithm])
        .nonce(nonce=True)
        .build()
    )
    answer = post(tsa.url, request.as_bytes())
    assert answer.headers["Content-Type"] == "application/timestamp-reply"
    stamp = rfc3161_client.decode_timestamp_response(answer.read())
    verifier = (
        rfc3161_client.VerifierBuilder.from_request(request)
        .policy_id(x509.ObjectIdentifier(POLICY))
        .add_root_certificate(x509.load_pem_x509_certificate(files.root.read_bytes()))
        .build()
    )
    assert verifier.verify_message(stamp, MESSAGE)
    assert abs(stamp.tst_info.gen_time - datetime.now(UTC)) < timedelta(minutes=1)
    with pytest.raises(rfc3161_client.VerificationError):
        verifier.verify_message(stamp, b"something else")


def test_another_root_does_not_verify_them(tsa, tmp_path):
    request = rfc3161_client.TimestampRequestBuilder().data(MESSAGE).build()
    other = x509.load_pem_x509_certificate(create_tsa(tmp_path).root.read_bytes())
    verifier = rfc3161_client.VerifierBuilder.from_request(request).add_root_certificate(other).build()
    stamp = rfc3161_client.decode_timestamp_response(tsa.answer(request.as_bytes()))
    with pytest.raises(rfc3161_client.VerificationError):
        verifier.verify_message(stamp, MESSAGE)


def test_certificates_and_nonce_are_in_the_answer_where_they_were_asked_for(tsa):
    full = rfc3161_client.decode_timestamp_response(tsa.answer(query(nonce=4711)))
    bare = rfc3161_client.decode_timestamp_response(tsa.answer(query(certificates=False, nonce=None)))
    assert len(full.signed_data.certificates) == 2
    assert full.tst_info.nonce == 4711
    assert not bare.signed_data.certificates
    assert bare.tst_info.nonce is None


def test_no_two_time_stamps_have_the_same_number(tsa):
    stamps = [rfc3161_client.decode_timestamp_response(tsa.answer(query())) for _ in range(20)]
    numbers = {each.tst_info.serial_number for each in stamps}
    assert len(numbers) == 20


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (b"", "bad_data_format"),
        (b"no DER at all", "bad_data_format"),
        (query()[:-3], "bad_data_format"),
        (query() + b"more", "bad_data_format"),
        (query(bytes(20), oid=SHA1), "bad_alg"),
        (query(bytes(20)), "bad_data_format"),
        (query(policy="1.2.3.4"), "unaccepted_policy"),
        (query(version=2), "bad_request"),
        (query(extensions=AN_EXTENSION), "unaccepted_extensions"),
        (query(extensions=integer(1)), "bad_data_format"),
        (query(certificates=False, extensions=encoded(BOOLEAN, b"\xff") + integer(1)), "bad_data_format"),
    ],
    ids=[
        "empty",
        "garbage",
        "cut",
        "more after it",
        "SHA-1",
        "short hash",
        "policy",
        "version",
        "extension",
        "two nonces",
        "order",
    ],
)
def test_a_query_that_cannot_be_answered_is_rejected_with_the_reason(tsa, asked, why):
    answer = post(tsa.url, asked).read()
    assert rfc3161_client.decode_timestamp_response(answer).status == rfc3161_client.PKIStatus.REJECTION
    (status,) = value_of(answer).inside(SEQUENCE)  # and no token
    _, reason = status.inside(INTEGER, BIT_STRING)
    unused, bits = reason.content[0], reason.content[1:]
    assert int.from_bytes(bits) >> unused == 1  # the last bit alone
    assert 8 * len(bits) - unused - 1 == FAILURES[why]


def test_what_is_no_query_at_all_gets_an_error_of_http(tsa):
    assert post(tsa.url, query(), "text/plain").status == 415
    assert post(tsa.url, bytes(100_000)).status == 413


def test_the_engine_puts_its_time_stamp_into_a_signature_that_then_claims_a_time(tsa, credential, authority_root):
    with TimeStamps(url=tsa.url).relayed() as relay:
        signed = signed_jpeg(credential, tsa_url=relay.url)
    assert relay.failure is None
    report = provenance.Verifier(trust=authority_root).verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    assert report.credentials.time.state == "claimed"


def test_whoever_trusts_its_root_for_time_stamps_trusts_the_time(tsa, files, credential, authority_root, tmp_path):
    with TimeStamps(url=tsa.url).relayed() as relay:
        signed = signed_jpeg(credential, tsa_url=relay.url)
    folder = TrustFolder(tmp_path)
    folder.replace(ListName.OWN_TIME_STAMPS, files.root.read_bytes())
    trust = provenance.TrustStore.profile(folder=folder).with_own_anchors(authority_root)
    report = provenance.Verifier(trust=trust).verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.time.state == "trusted"
    assert report.credentials.time.authority == "Example clock (development)"
    assert abs(datetime.fromisoformat(report.credentials.time.time).timestamp() - time.time()) < 60


def test_a_signers_certificate_stamps_no_time(development):
    with pytest.raises(CredentialError, match="is not of a time stamping authority"):
        DevelopmentTsa(development().folder)


def test_a_port_that_is_taken_is_an_error(tsa, files):
    port = int(tsa.url.rpartition(":")[2].strip("/"))
    with pytest.raises(CredentialError, match=f"port {port} cannot be listened at"):
        DevelopmentTsa(files.folder, port=port)


def test_a_folder_without_its_files_is_an_error(tmp_path: Path):
    with pytest.raises(CredentialError, match=r"key\.pem"):
        DevelopmentTsa(tmp_path)
