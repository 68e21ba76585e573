"""How a manifest store gets into an asset, by its media type: by the engine, into text, or into a document."""

from dataclasses import replace
from functools import partial
from typing import BinaryIO, Final, Protocol

from provenance.asset import OpenAsset
from provenance.credentials import IntegrityState
from provenance.limits import MAX_SEGMENTS
from provenance.sources import Context
from provenance.sources.c2pa.engine import Outcome
from provenance.sources.c2pa.reading import read_asset
from provenance.sources.c2pa.validation import codes_of, integrity_of
from provenance.trust import TrustStore

from .. import limits
from ..credential import Credential
from ..engine import Made, Order, Placement, sign_asset, sign_embeddable, writable_media_types
from ..errors import FormatError
from .text import TEXT_TYPES, refer, sign_text, whole_binding


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
            made = make(whole_binding(content))
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


# ZIP-based documents: Office Open XML, OpenDocument, EPUB, and ZIP itself. C2PA 2.4, section A.6.
_DOCUMENTS: Final = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_OTHER_DOCUMENTS: Final = frozenset({"application/epub+zip", "application/zip"})

# Formats in which a manifest store stands byte for byte. Where its name is not found in them, no engine need be asked:
# looking for it takes a tenth of the time.
_STORE_AS_IT_IS: Final = frozenset(
    {
        *("image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif"),
        *("video/mp4", "video/quicktime", "audio/mp4", "audio/wav"),
    }
)
_MARKS: Final = (b"c2pa", b"provenance")  # the last one: `dcterms:provenance` in XMP names a remote manifest
_START_OF_SCAN: Final = 0xDA
_OVERLAP: Final = 16
_CHUNK: Final = 1 << 20

_ENGINE: Final = EngineCarrier()
_TEXT: Final = TextCarrier()
_DOCUMENT: Final = DocumentCarrier()


def carrier_for(media_type: str) -> Carrier:
    """What writes manifests into this media type. Raises `FormatError` where nothing does."""
    if _is_document(media_type):
        return _DOCUMENT
    if media_type in TEXT_TYPES:
        return _TEXT
    if media_type in writable_media_types():
        return _ENGINE
    raise FormatError(f"no manifest can be written into {media_type}")


def manifest_in(asset: OpenAsset, trust: TrustStore) -> str | None:
    """The label of the asset's active manifest, inside it or beside it, or where it is; None where it has none.

    A manifest beside it that does not fit belongs to another asset of that name, and does not count.

    Raises `FormatError` where something is there that cannot be read.
    """
    if asset.sidecar is None and asset.media_type in _STORE_AS_IT_IS and not _mentions_a_manifest(asset):
        return None
    reading = read_asset(asset, Context(trust=trust, second_engine=needs_second_engine(asset.media_type)))
    shown = reading.shown
    if shown.store is not None:
        fits = reading.external is None or integrity_of(codes_of(shown.store)) is IntegrityState.INTACT
        return str(shown.store["active_manifest"]) if fits else None
    if shown.outcome is Outcome.REMOTE:
        return shown.remote_url
    if shown.outcome in (Outcome.ABSENT, Outcome.UNSUPPORTED):
        return None
    raise FormatError(f"{asset.name or 'the asset'}: cannot be read, or has a manifest that cannot")


def has_manifest_inside(asset: OpenAsset) -> bool:
    """Whether the asset's manifest is read from inside it, whatever stands beside it."""
    second = needs_second_engine(asset.media_type)
    reading = read_asset(asset, Context(trust=TrustStore(()), second_engine=second))
    return reading.external is None and reading.shown.store is not None


def is_manifest_of(asset: OpenAsset, store: bytes, trust: TrustStore) -> bool:
    """Whether this manifest store fits the asset."""
    second = needs_second_engine(asset.media_type)
    found = read_asset(asset, Context(trust=trust, manifest=store, second_engine=second)).shown.store
    return found is not None and integrity_of(codes_of(found)) is IntegrityState.INTACT


def needs_second_engine(media_type: str) -> bool:
    """Whether only the second engine reads what is signed here in this media type."""
    return media_type in TEXT_TYPES or _is_document(media_type)


def _mentions_a_manifest(asset: OpenAsset) -> bool:
    """Whether the bytes of a manifest's name stand in the asset, or a reference to one in its XMP."""
    left = _head_of_jpeg(asset) if asset.media_type == "image/jpeg" else asset.size
    asset.stream.seek(0)
    end = b""
    while left > 0 and (chunk := asset.stream.read(min(left, _CHUNK))):
        left -= len(chunk)
        window = end + chunk
        if any(mark in window for mark in _MARKS):
            return True
        end = chunk[-_OVERLAP:]
    return False


def _head_of_jpeg(asset: OpenAsset) -> int:
    """Where a JPEG's first scan begins; manifests and XMP stand before it. C2PA 2.4, A.3.1; ISO 10918-1, B.1."""
    place = 2
    for _ in range(MAX_SEGMENTS):
        head = asset.read_at(place, 4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        if head[1] == _START_OF_SCAN:
            return place
        place += 2 + int.from_bytes(head[2:], "big")
    return asset.size


def _is_document(media_type: str) -> bool:
    return media_type.startswith(_DOCUMENTS) or media_type in _OTHER_DOCUMENTS


def _content(source: BinaryIO) -> bytes:
    source.seek(0)
    content = source.read(limits.MAX_IN_MEMORY + 1)
    if len(content) > limits.MAX_IN_MEMORY:
        raise FormatError(f"text and documents of more than {limits.MAX_IN_MEMORY >> 20} MiB are not signed")
    return content
