"""What HTTP says of a response, and whether its body can be signed. Pure; nothing is sent or signed here."""

from collections.abc import Iterable
from email.message import Message
from typing import Final

from provenance.format_table import TEXTS, Family, family_of, format_of
from provenance.media_type import is_text, names_agree

from ..carriers import carrier_for
from ..errors import FormatError

Headers = list[tuple[bytes, bytes]]

# They describe the body as it was (RFC 9110, RFC 9530), or offer parts of it, which cannot be signed apart.
_STALE: Final = frozenset(
    {b"content-length", b"etag", b"content-md5", b"digest", b"content-digest", b"repr-digest", b"accept-ranges"}
)


class CannotBeSignedError(Exception):
    """Why a response cannot be signed: for the log, not for whoever asked."""


def content_type(headers: Headers) -> Message:
    """The response's content type with its parameters; `application/octet-stream` where it names none."""
    message = Message()
    message["Content-Type"] = header(headers, b"content-type") or "application/octet-stream"
    return message


def media_type_of(headers: Headers) -> str:
    """The response's media type, under its registered name."""
    named = content_type(headers).get_content_type()
    row = format_of(named)
    return row.media_type if row else named


def header(headers: Headers, name: bytes) -> str:
    """The first header of this name; empty where there is none."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def check_response(status: int, headers: Headers) -> None:
    """Raises `CannotBeSignedError` for a successful response of which the headers show that it cannot be signed."""
    media_type = media_type_of(headers)
    if status == 206:
        raise CannotBeSignedError("it is a part of something; only the whole can be signed")
    if header(headers, b"content-encoding").lower() not in ("", "identity"):
        raise CannotBeSignedError("it is compressed; this middleware belongs between compression and the application")
    if family_of(media_type) is Family.JSON:
        raise CannotBeSignedError(f"{media_type} with a manifest in it is read by no parser; let the rule leave it out")
    try:
        carrier_for(media_type)
    except FormatError as error:
        raise CannotBeSignedError(str(error)) from None
    charset = content_type(headers).get_param("charset", "utf-8")
    if is_text(media_type) and str(charset).lower() not in ("utf-8", "utf8"):
        raise CannotBeSignedError(f"it is text in {charset}; C2PA signs UTF-8 only")


def check_content(headers: Headers, media_type: str) -> None:
    """Raises `CannotBeSignedError` where the content is not what its headers say."""
    named = media_type_of(headers)
    if not names_agree(named, media_type):
        raise CannotBeSignedError(f"its Content-Type is {named}, and its content is {media_type}")


def name_for(media_type: str) -> str | None:
    """The name by which the signer tells this kind of text; None for what is told by its content."""
    row = format_of(media_type)
    return f"text.{row.suffixes[0]}" if row and row.family in TEXTS else None


def signed_headers(headers: Headers, *, length: int, manifest_id: str) -> Headers:
    """The headers of the signed response. A manifest in plain text is not ASCII, so that text names its charset."""
    kept = [(name, value) for name, value in without_stale(headers) if name.lower() != b"content-type"]
    described = header(headers, b"content-type")
    if described.lower().startswith("text/") and content_type(headers).get_param("charset") is None:
        described += "; charset=utf-8"
    return [
        *kept,
        (b"content-type", described.encode("latin-1")),
        (b"content-length", str(length).encode()),
        (b"provenance-manifest", manifest_id.encode()),
    ]


def without_stale(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers without those that describe the body as it was before it was signed."""
    return [(name, value) for name, value in headers if name.lower() not in _STALE]
