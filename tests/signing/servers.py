"""Real servers for tests: on a port of their own, answering by a function."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers each POST by this function, which gets the request and its body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(request: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def hang(request: BaseHTTPRequestHandler, _body: bytes) -> None:
    """Says nothing until the client is gone."""
    request.rfile.read()


def drip(head: bytes, drop: bytes) -> Answer:
    """An answer that goes on until the client is gone."""

    def answer(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        request.wfile.write(head)
        with contextlib.suppress(OSError):
            while True:
                request.wfile.write(drop)
                time.sleep(0.05)

    return answer
