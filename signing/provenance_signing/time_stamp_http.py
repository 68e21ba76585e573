"""Time stamp queries and replies over HTTP. RFC 3161, section 3.4."""

from http.server import BaseHTTPRequestHandler
from typing import Final

QUERY_TYPE: Final = "application/timestamp-query"
REPLY_TYPE: Final = "application/timestamp-reply"


def send_reply(handler: BaseHTTPRequestHandler, reply: bytes) -> None:
    """Answers a query with this reply, granted or rejected."""
    handler.send_response(200)
    handler.send_header("Content-Type", REPLY_TYPE)
    handler.send_header("Content-Length", str(len(reply)))
    handler.end_headers()
    handler.wfile.write(reply)
