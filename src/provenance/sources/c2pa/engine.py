"""The first engine: c2pa-python (c2pa-rs) reads an asset's manifest store and validates it.

Nothing here interprets the result, and nothing that is named in a report is taken from it: see `validator`.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache, cached_property
from typing import Any, Final

import c2pa

from ... import limits
from ...asset import OpenAsset
from ...credentials import Code
from ...format_table import Family, format_of
from ...formats.jpeg import has_too_many_segments
from ...media_type import MANIFEST_STORE
from ...trust import TrustStore
from .validation import codes_of

NAME: Final = "c2pa-rs"

_REMOTE: Final = re.compile(r"must fetch remote manifests from url (\S+)")


# The engine knows some documents by name, and reads all others that are ZIP files inside in the same way.
_ZIP_TYPE: Final = "application/x-zip"
_ZIP_FAMILIES: Final = ("application/zip", "application/vnd.openxmlformats-officedocument.", "application/vnd.ms-")


class ReadOutcome(Enum):
    """What became of the attempt to read a manifest store."""

    READ = auto()
    ABSENT = auto()
    REMOTE = auto()
    UNSUPPORTED = auto()
    TOO_LARGE = auto()
    FRAGMENT = auto()  # one part of a stream, whose manifest speaks of all parts
    WITHOUT_ASSET = auto()  # a manifest store on its own
    UNREADABLE = auto()
    NOT_ASKED = auto()


class Form(Enum):
    """The engine's own ways to write a manifest store, beside the JSON that the toolkit reads."""

    DETAILED = auto()
    CRJSON = auto()


@dataclass(frozen=True)
class StoreReading:
    """A manifest store as the engine reports it, or why there is none."""

    outcome: ReadOutcome
    store: dict[str, Any] | None = None
    store_bytes: bytes = b""
    remote_url: str | None = None
    message: str | None = None
    asked_online: bool = False  # about revocation
    apart: bool = False  # without the asset: what it says of the hard binding does not count

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """Its validation codes."""
        return codes_of(self.store or {})


class Engine:
    """c2pa-rs with one trust configuration. Safe to use from several threads.

    Never opens a connection, but to the `responders` (hosts) where some are given, to ask whether a certificate was
    revoked.
    """

    def __init__(self, trust: TrustStore, responders: tuple[str, ...] = ()) -> None:
        self._asks = bool(responders)
        trust_settings = {
            "trust_anchors": trust.engine_anchors(),
            "trust_config": "\n".join(sorted(trust.usages)),
        }
        settings: dict[str, Any] = {
            "trust": {name: value for name, value in trust_settings.items() if value},  # empty ones are refused
            # The engine's own default is to fetch remote manifests; nothing is fetched unless a person asks.
            "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": bool(responders)},
            "core": {"allowed_network_hosts": list(responders)},
        }
        self._context = c2pa.Context.from_dict(settings)
        core = {**settings["core"], "decode_identity_assertions": False}
        self._without_identities = c2pa.Context.from_dict({**settings, "core": core})

    def read(self, asset: OpenAsset, *, manifest: bytes | None = None) -> StoreReading:
        """Reads and validates the asset's manifest store: that in the asset, or the external `manifest` given."""
        if not is_supported(asset.media_type):
            return StoreReading(ReadOutcome.UNSUPPORTED)
        if _is_too_large(asset):
            return StoreReading(ReadOutcome.TOO_LARGE)
        return self._read(_engine_name(asset.media_type), _Rationed(asset), manifest=manifest)

    def read_segment(self, asset: OpenAsset, segment: OpenAsset) -> StoreReading:
        """Reads the manifest of a stream's initialization segment and validates one media segment by it."""
        return self._read(asset.media_type, _Rationed(asset), segment=segment)

    def read_apart(self, store: bytes) -> StoreReading:
        """Reads a manifest store without its asset: all is validated but the hard binding, which fails."""
        return replace(self._read(MANIFEST_STORE, io.BytesIO(store)), apart=True)

    def _read(self, name: str, stream: Any, **arguments: Any) -> StoreReading:
        """NOTE: for c2pa-rs 0.91 an identity assertion that it cannot decode makes the whole manifest unreadable."""
        reading = self._read_once(self._context, name, stream, **arguments)
        if reading.store is None or reading.store["active_manifest"] in (reading.store.get("manifests") or {}):
            return reading
        stream.seek(0)
        reading = self._read_once(self._without_identities, name, stream, **arguments)
        if reading.store is None or reading.store["active_manifest"] in (reading.store.get("manifests") or {}):
            return reading
        return StoreReading(ReadOutcome.UNREADABLE)  # of a damaged manifest it gives only the name

    def _read_once(
        self,
        context: Any,
        name: str,
        stream: Any,
        *,
        manifest: bytes | None = None,
        segment: OpenAsset | None = None,
    ) -> StoreReading:
        try:
            with self._reader(context, name, stream, manifest) as reader:
                if segment is not None:
                    stream.seek(0)
                    reader.with_fragment(name, stream, _Rationed(segment))
                store = json.loads(reader.json())
                return StoreReading(ReadOutcome.READ, store=store, asked_online=self._asks)
        except (c2pa.C2paError, OSError, ValueError, KeyError) as error:
            return _why_not(error)

    def text(self, form: Form, asset: OpenAsset, *, manifest: bytes | None = None) -> str | None:
        """What the engine says of the asset's manifest store, as it is, or None where no manifest can be read."""
        if not is_supported(asset.media_type) or _is_too_large(asset):
            return None
        return self._text(form, _engine_name(asset.media_type), _Rationed(asset), manifest)

    def text_apart(self, form: Form, store: bytes) -> str | None:
        """The same of a manifest store without its asset: the hard binding fails."""
        return self._text(form, MANIFEST_STORE, io.BytesIO(store))

    def _text(self, form: Form, name: str, stream: Any, manifest: bytes | None = None) -> str | None:
        try:
            with self._reader(self._context, name, stream, manifest) as reader:
                return str(reader.crjson() if form is Form.CRJSON else reader.detailed_json())
        except (c2pa.C2paError, OSError, ValueError):
            return None

    @contextmanager
    def _reader(self, context: Any, name: str, stream: Any, manifest: bytes | None = None) -> Iterator[Any]:
        reader = c2pa.Reader(name, stream, manifest_data=manifest, context=context)
        try:
            yield reader
        finally:
            reader.close()


@cache
def engine_version() -> str:
    """The version of c2pa-rs inside c2pa-python."""
    return str(c2pa.sdk_version())


@cache
def supported_media_types() -> frozenset[str]:
    """The media types in which this engine looks for a manifest."""
    return frozenset(name for name in c2pa.Reader.get_supported_mime_types() if "/" in name)


def is_supported(media_type: str) -> bool:
    """Whether this engine looks for a manifest in this media type."""
    return _engine_name(media_type) in supported_media_types()


def _engine_name(media_type: str) -> str:
    is_supported = media_type in supported_media_types()
    return _ZIP_TYPE if not is_supported and media_type.startswith(_ZIP_FAMILIES) else media_type


def _is_too_large(asset: OpenAsset) -> bool:
    row = format_of(asset.media_type)
    if row is None or not row.held_whole:
        return asset.size > limits.MAX_PARSED_SIZE
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        return True
    # Below this size not even fill bytes alone are too many.
    many = asset.family is Family.JPEG and asset.size > limits.MAX_JPEG_SEGMENTS
    return many and has_too_many_segments(asset)


def _why_not(error: Exception) -> StoreReading:
    message = str(error)
    if message.startswith("ManifestNotFound"):
        return StoreReading(ReadOutcome.ABSENT)
    if remote := _REMOTE.search(message):
        return StoreReading(ReadOutcome.REMOTE, remote_url=remote.group(1), message=message)
    if message.startswith("NotSupported"):
        return StoreReading(ReadOutcome.UNSUPPORTED, message=message)
    return StoreReading(ReadOutcome.UNREADABLE, message=message)


class _Rationed:
    """The asset's stream with a limit to the number of reads, by which a hostile container ends as unreadable."""

    def __init__(self, asset: OpenAsset) -> None:
        self._stream = asset.stream
        self._left = limits.MAX_ENGINE_READS + asset.size // limits.ENGINE_BYTES_PER_READ
        self._stream.seek(0)
        self.seek, self.tell = self._stream.seek, self._stream.tell

    def read(self, size: int = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError("the file makes its reader go in circles")
        return self._stream.read(min(size, limits.ENGINE_PIECE) if size >= 0 else size)

    def write(self, _data: bytes, /) -> int:
        raise OSError("an asset is never written")

    def flush(self) -> None:
        """Nothing is written, so nothing is kept back."""
