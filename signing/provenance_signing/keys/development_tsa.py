"""A time stamping authority for development: RFC 3161 over HTTP on this machine, by a clock that nobody vouches for."""

import hashlib
import secrets
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from provenance.errors import MissingExtraError
from provenance.trust.certificates import extended_usages

from .. import limits
from ..algorithms import Algorithm
from ..credential import read_key_file
from ..errors import CredentialError
from .authority import TIME_STAMPING
from .development import DevelopmentFiles
from .pem import PemKey

# "For development only" as a policy, under the number that is kept for examples. RFC 5612.
POLICY: Final = "1.3.6.1.4.1.32473.1"

_QUERY: Final = "application/timestamp-query"
_REPLY: Final = "application/timestamp-reply"
_HASHES: Final = ("sha256", "sha384", "sha512")


class _Refused(Exception):
    """Why a query gets no time stamp, by its name in RFC 3161, section 2.4.2."""


class DevelopmentTsa:
    """A time stamping authority at a port of 127.0.0.1, 0 for a free one. As a context manager it runs in a thread."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        """From what `development.create_tsa` wrote. Raises `CredentialError`, `MissingExtraError`."""
        try:
            import asn1crypto  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("A time stamping authority for development", "signing") from None
        files = DevelopmentFiles(folder)
        self._key = PemKey.load(read_key_file(files.key), name=str(files.key))
        try:
            self._chain = x509.load_pem_x509_certificates(read_key_file(files.chain))
        except ValueError:
            raise CredentialError(f"{files.chain}: the certificates are not readable PEM") from None
        if TIME_STAMPING[0].dotted_string not in extended_usages(self._chain[0]):
            raise CredentialError(f"{files.chain}: is not of a time stamping authority")
        self._server = _listening(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def serve(self) -> None:
        """Answers until the process is stopped."""
        with self._server:
            self._server.serve_forever()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, query: bytes) -> bytes:
        """The answer to a query, both in DER: a time stamp, or why there is none."""
        from ..rfc3161 import Answer

        try:
            asked = _checked(query)
        except _Refused as refused:
            status: dict[str, Any] = {"status": "rejection", "fail_info": {str(refused)}}
            return bytes(Answer({"status": status}).dump())
        token = {"content_type": "signed_data", "content": self._signed(_stamp(asked), bool(asked["cert_req"].native))}
        return bytes(Answer({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _signed(self, stamp: Any, with_certificates: bool) -> Any:
        """The time stamp as CMS signed data. RFC 3161, section 2.4.2; RFC 5652, section 5; RFC 5816."""
        from asn1crypto.cms import CMSAttributes, SignedData, Time
        from asn1crypto.core import UTCTime
        from asn1crypto.x509 import Certificate

        ders = [each.public_bytes(Encoding.DER) for each in self._chain]
        signer = Certificate.load(ders[0])
        attributes = CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(stamp.dump()).digest()]},
                {"type": "signing_time", "values": [Time({"utc_time": UTCTime(_now())})]},
                {
                    "type": "signing_certificate_v2",
                    "values": [{"certs": [{"cert_hash": hashlib.sha256(ders[0]).digest()}]}],
                },
            ]
        )
        raw = self._key.sign(attributes.dump(), Algorithm.ES256)
        half = len(raw) // 2
        signature = encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
        by = {"issuer": signer.issuer, "serial_number": signer.serial_number}
        data = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": stamp},
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": {"issuer_and_serial_number": by},
                    "digest_algorithm": {"algorithm": "sha256"},
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                    "signature": signature,
                }
            ],
        }
        if with_certificates:
            data["certificates"] = [Certificate.load(der) for der in ders]
        return SignedData(data)


def _checked(query: bytes) -> Any:
    """The query, taken apart. Raises `_Refused`."""
    from asn1crypto.tsp import TimeStampReq

    try:
        asked = TimeStampReq.load(query, strict=True)
        algorithm = asked["message_imprint"]["hash_algorithm"]["algorithm"].native
        digest = asked["message_imprint"]["hashed_message"].native
        version, policy, extensions = (asked[each].native for each in ("version", "req_policy", "extensions"))
    except (ValueError, TypeError, KeyError):
        raise _Refused("bad_data_format") from None
    if version != "v1":
        raise _Refused("bad_request")
    if algorithm not in _HASHES:
        raise _Refused("bad_alg")
    if len(digest) != hashlib.new(algorithm).digest_size:
        raise _Refused("bad_data_format")
    if policy not in (None, POLICY):
        raise _Refused("unaccepted_policy")
    if extensions:
        raise _Refused("unaccepted_extensions")
    return asked


def _stamp(asked: Any) -> Any:
    from asn1crypto.tsp import TSTInfo

    stamp = TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": _now(),
            "accuracy": {"seconds": 1},
        }
    )
    if asked["nonce"].native is not None:
        stamp["nonce"] = asked["nonce"].native
    return stamp


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _listening(tsa: DevelopmentTsa, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = limits.TIME_STAMP_TIME

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.headers.get("Content-Type") != _QUERY:
                self.send_error(415)
            elif not length.isdecimal() or int(length) > limits.MAX_TIME_STAMP_ANSWER:
                self.send_error(413)
            else:
                self._send(tsa.answer(self.rfile.read(int(length))))

        def _send(self, answer: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", _REPLY)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Says nothing: whoever asks is told."""

    try:
        return ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        raise CredentialError(f"port {port} cannot be listened at ({error})") from None
