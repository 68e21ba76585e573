"""Requests that are written by hand, and what an answer must be."""

import socket

from ..patience import PATIENCE

PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


def is_problem(answer, status, name):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["type"] == f"urn:provenance:problem:{name}"
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert "Traceback" not in answer.text
    return True


def open_request(service, *headers):
    """A request whose body is still to come."""
    connection = socket.create_connection(service.address, timeout=PATIENCE)
    lines = ["POST /v1/verify HTTP/1.1", "Host: test", "Content-Type: multipart/form-data; boundary=b", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection
