"""Reading back: what was just signed is read as a verifier reads it, before anybody gets it."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Final

from provenance.asset import OpenAsset
from provenance.credentials import Code, IntegrityState
from provenance.sentences import Message
from provenance.sources import Context
from provenance.sources.c2pa.engine import ReadOutcome
from provenance.sources.c2pa.reading import Reading, read_asset
from provenance.sources.c2pa.validation import (
    IdentityAnswer,
    codes_of,
    identity_answer,
    integrity_of,
    is_about_identity,
    manifest_label,
)

from .errors import OutputError
from .existing_manifest import NOBODY
from .preservation import check_after, check_unchanged

# Whom a verifier trusts is its own affair: here nobody is.
_NOT_ASKED: Final = frozenset({"signingCredential.untrusted", "timeStamp.untrusted"})
_IDENTITY_NOT_ASKED: Final = frozenset({IdentityAnswer.WHO, IdentityAnswer.UNCHECKED})

_FEW: Final = 5  # places that an error names

# An engine that does not open such files, or not such large ones, has no opinion.
_NO_OPINION: Final = frozenset({ReadOutcome.UNSUPPORTED, ReadOutcome.TOO_LARGE})


@dataclass(frozen=True)
class ReadBack:
    """What the signed asset turned out to be. `size` is in bytes; `remarks` are on what could not be checked."""

    manifest_id: str
    size: int
    remarks: tuple[Message, ...] = ()


def read_back(
    source: OpenAsset,
    signed: BinaryIO,
    store: bytes,
    *,
    embedded: bool,
    named: bool = False,
    excused: frozenset[str] = frozenset(),
) -> ReadBack:
    """Reads the signed asset, with its manifest inside or apart, and compares it with the source.

    `named`: it only names the place of its manifest. `excused`: codes of the second engine that are known to be its own
    fault with such a manifest. Raises `OutputError` where it is not intact, where an engine that
    reads such files calls its manifest anything but valid, or where it does not say what the source says any more.
    """
    signed.flush()
    asset = OpenAsset(signed, name=None)
    asset.media_type = source.media_type  # between kinds of text only a name tells, and this has none
    reading = read_asset(asset, Context(trust=NOBODY, manifest=None if embedded else store))
    manifest_store = reading.shown.store
    if manifest_store is None:
        raise OutputError(f"the signed asset could not be read back ({reading.shown.message or reading.shown.outcome})")
    active = str(manifest_store["active_manifest"])
    codes = codes_of(manifest_store)
    failed = _failed(codes, active)
    state = integrity_of(codes)
    if state is not IntegrityState.INTACT:
        raise OutputError(f"the signed asset does not read back as intact: {state} ({', '.join(failed)})")
    if failed:
        raise OutputError(f"the manifest would not be valid ({', '.join(failed)})")
    if reading.record.integrity not in (IntegrityState.INTACT, None):
        raise OutputError(f"not all of the asset could be bound: {left_out_of(reading) or reading.record.integrity}")
    _check_second(reading, active, excused)
    remarks: tuple[Message, ...] = ()
    if embedded or named:
        remarks = check_after(source, asset)
    else:
        check_unchanged(source, asset)
    signed.seek(0, io.SEEK_END)
    return ReadBack(active, signed.tell(), remarks)


def left_out_of(reading: Reading) -> str:
    """The bytes that the hard binding leaves out, in words; nothing where it leaves out none."""
    coverage = reading.record.validation.coverage if reading.record.validation is not None else None
    places = coverage.left_out[:_FEW] if coverage is not None else ()
    return ", ".join(f"{place.end - place.start} bytes at {place.start}" for place in places)


def _check_second(reading: Reading, active: str, excused: frozenset[str]) -> None:
    """Raises `OutputError` where the second engine says anything else than the first."""
    second = reading.second
    if second is None or second.outcome in _NO_OPINION:
        return
    if second.outcome is not ReadOutcome.READ:
        raise OutputError(f"the second engine does not read the signed asset back ({second.outcome})")
    failed = [code for code in _failed(second.codes, active) if code not in excused]
    if failed or integrity_of(second.codes) is not IntegrityState.INTACT:
        raise OutputError(f"to the second engine the manifest would not be valid ({', '.join(failed) or 'not intact'})")
    if second.active_manifest != active:
        raise OutputError("the second engine reads another manifest in the signed asset")


def _failed(codes: Iterable[Code], active: str) -> list[str]:
    """The failures of the manifest that was signed; those of its ingredients were judged when they were taken in."""
    return list(
        dict.fromkeys(
            code.code
            for code in codes
            if code.kind == "failure"
            and code.ingredient is None
            and manifest_label(code.url) in (None, active)
            and code.code not in _NOT_ASKED
            and not (is_about_identity(code.code) and identity_answer(code) in _IDENTITY_NOT_ASKED)
        )
    )
