"""A file of every format that is signed, and what the engines alone say of it."""

import io
import json
from pathlib import Path

import c2pa
from encypher_c2pa import _native

from ..core.assets import BY_HAND, UNSIGNED
from ..core.signing import picture

MEDIA = {"image/jpeg": "a.jpg", **UNSIGNED}


TEXT = {media_type: (name, content) for media_type, (name, content, _) in BY_HAND.items() if "/" in media_type}


for _other in ("audio/ogg", "font/ttf", "font/otf"):
    TEXT.pop(_other)


BESIDE = {kind: TEXT.pop(kind) for kind in ("application/json", "text/csv", "text/tab-separated-values")}


TEXT["application/xhtml+xml"] = ("a.xhtml", b'<?xml version="1.0"?>' + TEXT["application/xhtml+xml"][1])


def media(media_type: str, fixtures: Path) -> bytes:
    return picture() if media_type == "image/jpeg" else (fixtures / "c2pa-rs" / MEDIA[media_type]).read_bytes()


def second_engine_says(signed: bytes, media_type: str, root: Path) -> str:
    """Bare encypher-c2pa with this root as its only anchor; its `verify` would write into the user's settings."""
    options = {
        "trust_pem": root.read_text(),
        "no_default_trust": True,
        "online": False,
        "telemetry": {"enabled": False},
    }
    name = {"video/avi": "video/x-msvideo"}.get(media_type, media_type)
    return json.loads(_native.verify_bytes(signed, name, json.dumps(options)))["validation_state"]


def manifest_of(data: bytes, media_type: str = "image/jpeg") -> dict:
    store = json.loads(c2pa.Reader(media_type, io.BytesIO(data)).detailed_json())
    return store["manifests"][store["active_manifest"]]
