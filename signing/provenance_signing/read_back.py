"""Reading back: what was just signed is read as a verifier reads it, before anybody gets it."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from provenance.asset import OpenAsset
from provenance.credentials import IntegrityState
from provenance.sources.c2pa.validation import codes_of, integrity_of

from .errors import OutputError
from .reading import NOBODY, read


@dataclass(frozen=True)
class ReadBack:
    """What the signed asset turned out to be. `size` is in bytes."""

    manifest_id: str
    size: int


def read_back(signed: BinaryIO, media_type: str, store: bytes, *, embedded: bool) -> ReadBack:
    """Reads the signed asset, with its manifest inside or apart. Raises `OutputError` where it is not intact."""
    signed.flush()
    asset = OpenAsset(signed, name=None)
    asset.media_type = media_type  # between kinds of text only a name tells, and this has none
    reading = read(asset, NOBODY, manifest=None if embedded else store)
    found = reading.shown.store
    if found is None:
        raise OutputError(f"the signed asset could not be read back ({reading.shown.message or reading.shown.outcome})")
    codes = codes_of(found)
    state = integrity_of(codes)
    if state is not IntegrityState.INTACT:
        failed = ", ".join(each.code for each in codes if each.kind == "failure" and each.ingredient is None)
        raise OutputError(f"the signed asset does not read back as intact: {state} ({failed})")
    signed.seek(0, io.SEEK_END)
    return ReadBack(str(found["active_manifest"]), signed.tell())
