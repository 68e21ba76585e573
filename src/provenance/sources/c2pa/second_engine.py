"""The second engine: encypher-c2pa reads the same asset independently. It shares no code with the first.

It also reads text, fonts and Ogg, which the first does not. Nothing is fetched, and nothing is sent: its telemetry and
its online checks are off in every call.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from ... import limits
from ...asset import OpenAsset
from ...credentials import Code
from ...trust.did import DidDocument, document_with
from .engine import ReadOutcome
from .validation import codes_of

NAME: Final = "encypher"

# Types that this engine knows under another name.
_NAMES: Final = {"video/avi": "video/x-msvideo"}

# NOTE: of plain text with its manifest apart, version 1.7 says that the data hash is malformed, since it leaves out no
# part of the text; of Markdown, whose hash is over the same bytes, it does not.
_APART_AS: Final = dict.fromkeys(
    ("text/plain", "text/csv", "text/tab-separated-values", "application/json"), "text/markdown"
)

# How the invisible manifest of an unstructured text begins (C2PA 2.4, section A.8). Markdown and its like may carry it
# too, where the engine looks for the visible block only.
_WRAPPER_START: Final = "\N{ZERO WIDTH NO-BREAK SPACE}\N{VARIATION SELECTOR-68}".encode()

# An element that is not closed is looked for to the end of the page, for each time that this stands in it.
_MARK_IN_HTML: Final = b"application/c2pa"

# A carrier that was looked into and holds no manifest, or only says where one is.
_NOTHING_THERE: Final = frozenset({"manifest.structuredText.noManifest", "manifest.structuredText.noResolutionPath"})
_ELSEWHERE: Final = "manifest.inaccessible"

# By the functions behind the package's `verify`, which writes what it is told of telemetry into the user's settings: a
# person who uses that package otherwise keeps their own answer. They hold in versions 1.7 to 2.
_OPTIONS: Final = {
    "no_default_trust": True,  # who vouches for a signer, or for an identity, is decided by our own trust store
    "online": False,
    "online_allow_private_networks": False,
    "telemetry": {"enabled": False, "endpoint": None, "sdk_name": "provenance"},
}


@dataclass(frozen=True)
class SecondReading:
    """What the second engine says: its own verdict, and the codes behind it."""

    outcome: ReadOutcome
    codes: tuple[Code, ...] = ()
    active_manifest: str | None = None
    verdict: str | None = None
    store_sha256: str | None = None
    manifests: Mapping[str, Any] = field(default_factory=dict)
    remote_url: str | None = None


def start(
    asset: OpenAsset,
    *,
    manifest: bytes | None = None,
    segments: Sequence[OpenAsset] = (),
    services: Mapping[str, DidDocument] | None = None,
) -> Future[SecondReading]:
    """Begins to read the asset beside the first engine. The asset's own stream is free again on return."""
    size = asset.size + sum(segment.size for segment in segments)
    if size > limits.MAX_SECOND_ENGINE or not is_supported(asset.media_type):
        done: Future[SecondReading] = Future()
        done.set_result(
            SecondReading(ReadOutcome.TOO_LARGE if is_supported(asset.media_type) else ReadOutcome.UNSUPPORTED)
        )
        return done
    parts = [segment.content() for segment in segments]
    arguments: dict[str, Any] = {"manifest": manifest, "segments": parts, "services": services}
    return _threads().submit(read, asset.content(), asset.media_type, **arguments)


def read(
    content: bytes | memoryview,
    media_type: str,
    *,
    manifest: bytes | None = None,
    segments: Sequence[bytes | memoryview] = (),
    services: Mapping[str, DidDocument] | None = None,
) -> SecondReading:
    """Reads and validates the manifest store in the content, or the external `manifest`; bad input is a result too.

    With `segments`, in playback order, the content is the initialization segment of a stream. `services`: those that
    the user believes about identities.
    """
    from encypher_c2pa import _native

    name = _NAMES.get(media_type, media_type)
    options = json.dumps(_OPTIONS | {"cawg_did_documents": _documents(services or {})})
    if "html" in name and bytes(content).lower().count(_MARK_IN_HTML) > limits.MAX_MANIFESTS_IN_HTML:
        return SecondReading(ReadOutcome.UNREADABLE)
    try:
        if manifest is not None:
            return _reading(_native.verify_detached_bytes(content, manifest, _APART_AS.get(name, name), options))
        if segments:
            return _reading(_native.verify_fragmented_bytes(content, list(segments), name, options))
        reading = _reading(_native.verify_bytes(content, name, options))
        if reading.outcome is ReadOutcome.ABSENT and _WRAPPER_START in bytes(content):
            return _reading(_native.verify_bytes(content, "text/plain", options))
        return reading
    except (ValueError, KeyError, TypeError, RecursionError):
        return SecondReading(ReadOutcome.UNREADABLE)
    except BaseException as error:
        # A panic inside the engine is no `Exception`; like any other failure to read it is a result.
        if type(error).__name__ != "PanicException":
            raise
        return SecondReading(ReadOutcome.UNREADABLE)


def _documents(services: Mapping[str, DidDocument]) -> dict[str, Any]:
    """The documents of identity services with the one key of each.

    NOTE: version 1.7 reads no method that is named by a reference, and of several the first alone.
    """
    keys = {name: document.assertion_keys() for name, document in services.items()}
    return {name: document_with(name, keys_of_name[0]) for name, keys_of_name in keys.items() if len(keys_of_name) == 1}


@cache
def version() -> str:
    """The version of encypher-c2pa."""
    from importlib.metadata import version as installed

    return installed("encypher-c2pa")


@cache
def supported_media_types() -> frozenset[str]:
    """The media types in which this engine looks for a manifest."""
    import encypher_c2pa

    return frozenset(encypher_c2pa.supported_mime_types()) | _NAMES.keys()


def is_supported(media_type: str) -> bool:
    """Whether this engine looks for a manifest in this media type."""
    return media_type in supported_media_types()


def _remote_url(answer: dict[str, Any]) -> str | None:
    needed = (answer.get("network") or {}).get("needed") or ()
    return next((str(resource.get("uri")) for resource in needed if resource.get("kind") == "remote_manifest"), None)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="provenance-second-engine")


def _reading(json_text: str) -> SecondReading:
    answer: dict[str, Any] = json.loads(json_text)
    results = answer.get("validation_results") or {}
    failed = {status.get("code") for status in results.get("failure") or ()}
    if _ELSEWHERE in failed:
        return SecondReading(ReadOutcome.REMOTE, remote_url=_remote_url(answer))
    if not answer["present"] or failed & _NOTHING_THERE:
        return SecondReading(ReadOutcome.ABSENT)
    report = answer.get("manifest_report") or {}
    return SecondReading(
        ReadOutcome.READ,
        codes=codes_of({"validation_results": {"activeManifest": results}}),
        active_manifest=report.get("active_manifest"),
        verdict=answer.get("validation_state"),
        store_sha256=report.get("manifest_store_sha256"),
        manifests=report.get("manifests") or {},
    )
