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

from provenance.sources.c2pa.time_stamp import HASHES
from provenance.trust.certificates import extended_usages

from .. import limits
from ..algorithms import Algorithm
from ..credential import read_key_file
from ..errors import CredentialError
from ..rfc3161 import Query, content_of, granted, info_of, rejected, signed, token_of
from ..time_stamp_http import QUERY_TYPE, send_reply
from .authority import TIME_STAMPING
from .development import DevelopmentFiles
from .pem import PemKey

# "For development only" as a policy, under the number that is kept for examples. RFC 5612.
POLICY: Final = "1.3.6.1.4.1.32473.1"


class _Refused(Exception):
    """Why a query gets no time stamp, by its name in RFC 3161, section 2.4.2."""


class DevelopmentTsa:
    """A time stamping authority at a port of 127.0.0.1, 0 for a free one. As a context manager it runs in a thread."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        """From what `development.create_tsa` wrote. Raises `CredentialError`."""
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
        try:
            asked = _checked(query)
        except _Refused as refused:
            return rejected(str(refused))
        now, number = datetime.now(UTC), secrets.randbits(63)
        info = info_of(asked.imprint.whole, now, policy=POLICY, number=number, nonce=asked.nonce)
        certificates = (
            [certificate.public_bytes(Encoding.DER) for certificate in self._chain] if asked.certificates else []
        )
        return granted(token_of(content_of(info), certificates, [signed(info, now, self._chain[0], self._sign)]))

    def _sign(self, data: bytes) -> bytes:
        raw = self._key.sign(data, Algorithm.ES256)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


def _checked(query: bytes) -> Query:
    """The query, taken apart. Raises `_Refused`."""
    try:
        asked = Query.of(query)
    except (ValueError, IndexError):
        raise _Refused("bad_data_format") from None
    if asked.version != 1:
        raise _Refused("bad_request")
    if asked.algorithm not in HASHES:
        raise _Refused("bad_alg")
    if len(asked.digest) != hashlib.new(HASHES[asked.algorithm]).digest_size:
        raise _Refused("bad_data_format")
    if asked.policy not in (None, POLICY):
        raise _Refused("unaccepted_policy")
    if asked.extensions:
        raise _Refused("unaccepted_extensions")
    return asked


def _listening(tsa: DevelopmentTsa, port: int) -> ThreadingHTTPServer:
    class QueryHandler(BaseHTTPRequestHandler):
        timeout = limits.TIME_STAMP_TIME

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.headers.get("Content-Type") != QUERY_TYPE:
                self.send_error(415)
            elif not length.isdecimal() or int(length) > limits.MAX_TIME_STAMP_ANSWER:
                self.send_error(413)
            else:
                send_reply(self, tsa.answer(self.rfile.read(int(length))))

        def log_message(self, *_: Any) -> None:
            """Says nothing: whoever asks is told."""

    try:
        return ThreadingHTTPServer(("127.0.0.1", port), QueryHandler)
    except (OSError, OverflowError) as error:
        raise CredentialError(f"port {port} cannot be listened at ({error})") from None
