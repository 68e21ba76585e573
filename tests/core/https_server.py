"""A real HTTPS server on this machine, with a certificate from a root of its own, and a fetcher that may ask it."""

import http.server
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenance.fetching import Fetcher

from .signing import PEM, Authority, make

HERE = ipaddress.ip_network("127.0.0.1/32")
NAME = "photos.example"
ROOT = Authority("Test web authority")

Answer = Callable[["Request"], None]


class Request(http.server.BaseHTTPRequestHandler):
    """One request to the server, answered by what the test put at its path."""

    protocol_version = "HTTP/1.1"
    server: "HttpsServer"

    def do_GET(self) -> None:
        self.came_to = self.connection.getsockname()  # kept, for the connection may be gone when a test looks
        self.server.asked.append(self)
        self.server.answers[self.path](self)

    def send(self, data: bytes = b"", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class HttpsServer(http.server.ThreadingHTTPServer):
    def __init__(self, certificates: Path, *, name: str = NAME, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Request)
        self.answers: dict[str, Answer] = {}
        self.asked: list[Request] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(certificates, name))
        # The handshake belongs to the thread of its connection: one that fails must not stop the others.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str, *, host: str = NAME) -> str:
        return f"https://{host}:{self.port}{path}"

    def fetcher(self, **options: Any) -> Fetcher:
        """May ask this server, which every name leads to."""
        standard: dict[str, Any] = {
            "allowed": (HERE,),
            "authorities": ROOT.pem.decode(),
            "resolve": lambda *_: ["127.0.0.1"],
        }
        return Fetcher(**(standard | options))

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is what these tests are about."""


@contextmanager
def running(certificates: Path, **options: Any) -> Iterator[HttpsServer]:
    with HttpsServer(certificates, **options) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        make.builder(make.name(name), ROOT.name, key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ROOT.key.public_key()), critical=False)
        .sign(ROOT.key, hashes.SHA256())
    )
    secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(certificate.public_bytes(PEM) + secret)
    return path
