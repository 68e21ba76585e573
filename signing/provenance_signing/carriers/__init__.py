"""How a manifest store gets into an asset, by its media type: by the engine, into text, or into a document."""

import hashlib
from dataclasses import replace
from functools import partial
from typing import BinaryIO, Final, Protocol

from provenance.format_table import Family, family_of
from provenance.limits import MIB
from provenance.media_type import is_text

from .. import limits
from ..credential import Credential
from ..engine import Made, Order, Placement, sign_asset, sign_embeddable, writable_media_types
from ..errors import FormatError
from ..iso_boxes import ISO_MEDIA
from .text import refer, sign_text, whole_binding


class Carrier(Protocol):
    """One way to put a manifest store into content."""

    pictures: bool  # whether a thumbnail of the content can be made

    def sign(
        self, order: Order, credential: Credential, media_type: str, source: BinaryIO, target: BinaryIO, *, embed: bool
    ) -> Made:
        """Writes the signed asset into `target`; without `embed`, the asset as it goes with a manifest apart."""
        ...


class EngineCarrier:
    """Pictures, video, sound and PDF, which c2pa-rs writes itself."""

    pictures = True

    def sign(
        self, order: Order, credential: Credential, media_type: str, source: BinaryIO, target: BinaryIO, *, embed: bool
    ) -> Made:
        """The engine reads and writes the streams."""
        if not embed and order.remote_url is None and family_of(media_type) not in ISO_MEDIA:
            # NOTE: of some files (PDF, RIFF) c2pa-rs (0.91) binds a manifest apart to a copy that it wrote anew.
            bound = replace(order, definition={**order.definition, "format": media_type})
            return sign_embeddable(bound, credential, whole_binding(_copied(source, target)))
        placement = Placement.EMBEDDED if embed else Placement.APART
        return sign_asset(order, credential, media_type, source, target, placement=placement)


class TextCarrier:
    """Text of any kind, in UTF-8."""

    pictures = False

    def sign(
        self, order: Order, credential: Credential, media_type: str, source: BinaryIO, target: BinaryIO, *, embed: bool
    ) -> Made:
        """The text is held in memory."""
        content = _content(source)
        bound = replace(order, remote_url=None, definition={**order.definition, "format": media_type})
        make = partial(sign_embeddable, bound, credential)
        if embed:
            content, made = sign_text(content, media_type, make)
        else:
            content = refer(content, media_type, order.remote_url) if order.remote_url else content
            made = make(whole_binding(hashlib.sha256(content).digest()))
        target.write(content)
        return made


class DocumentCarrier:
    """ZIP-based documents, whose hash the engine writes in a form that the standard does not have."""

    pictures = False

    def sign(
        self, order: Order, credential: Credential, media_type: str, source: BinaryIO, target: BinaryIO, *, embed: bool
    ) -> Made:
        """The document is held in memory."""
        if not embed:
            raise FormatError("the manifest of a ZIP-based document goes inside; it cannot stand apart")
        from .documents import sign_document

        content, made = sign_document(_content(source), media_type, order, credential)
        target.write(content)
        return made


# ZIP-based documents that are read and not signed: with macros, which are signed in their own way, and XPS.
_UNSIGNED_DOCUMENTS: Final = ("application/vnd.ms-", "application/oxps")

_ENGINE: Final = EngineCarrier()
_TEXT: Final = TextCarrier()
_DOCUMENT: Final = DocumentCarrier()


def carrier_for(media_type: str) -> Carrier:
    """What writes manifests into this media type. Raises `FormatError` where nothing does."""
    if _is_document(media_type):
        return _DOCUMENT
    if is_text(media_type):
        return _TEXT
    if media_type in writable_media_types():
        return _ENGINE
    raise FormatError(f"no manifest can be written into {media_type}")


def needs_second_engine(media_type: str) -> bool:
    """Whether only the second engine reads what is signed here in this media type."""
    return is_text(media_type) or _is_document(media_type)


def _is_document(media_type: str) -> bool:
    return family_of(media_type) is Family.ZIP and not media_type.startswith(_UNSIGNED_DOCUMENTS)


def _copied(source: BinaryIO, target: BinaryIO) -> bytes:
    """Copies the asset as it is. The SHA-256 of it."""
    digest = hashlib.sha256()
    source.seek(0)
    while chunk := source.read(MIB):
        digest.update(chunk)
        target.write(chunk)
    return digest.digest()


def _content(source: BinaryIO) -> bytes:
    source.seek(0)
    content = source.read(limits.MAX_IN_MEMORY + 1)
    if len(content) > limits.MAX_IN_MEMORY:
        raise FormatError(f"text and documents of more than {limits.MAX_IN_MEMORY >> 20} MiB are not signed")
    return content
