"""What became of an asset's marks on its way to the reader: its signed record, and what its metadata declares."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from provenance import Report, Verifier
from provenance.asset import Input, open_asset
from provenance.credentials import IntegrityState
from provenance.sentences import Message, clean, say
from provenance.sources.containers import read_blocks
from provenance.sources.metadata import declared_fields

# The fields that say where something comes from and whose it is; others, such as exposure times, may go.
_MARKS: Final = ("Iptc4xmpExt:", "TC260:", "photoshop:", "dc:", "iptc:", "png:")
_EXIF_MARKS: Final = frozenset({"exif:Artist", "exif:UserComment", "exif:ImageDescription"})


class Fate(StrEnum):
    """What became of a mark."""

    KEPT = "kept"
    LOST = "lost"
    REPLACED = "replaced"
    BROKEN = "broken"  # it is there, and does not hold any more
    ADDED = "added"


class ComparedMark(BaseModel):
    """One mark: the signed record (`manifest`), or a field of the metadata by its name."""

    model_config = ConfigDict(frozen=True)

    name: str
    fate: Fate
    explanation: Message
    before: str | None = None
    after: str | None = None


class Comparison(BaseModel):
    """All marks of the source, and those that were added."""

    model_config = ConfigDict(frozen=True)

    marks: tuple[ComparedMark, ...]

    @property
    def all_kept(self) -> bool:
        """Whether nothing was lost, replaced or broken."""
        return all(mark.fate in (Fate.KEPT, Fate.ADDED) for mark in self.marks)

    def in_language(self, language: str) -> Self:
        """The same comparison with its sentences in another language."""
        marks = (mark.model_copy(update={"explanation": mark.explanation.in_language(language)}) for mark in self.marks)
        return self.model_copy(update={"marks": tuple(marks)})


def compare(source: Input, delivered: Input, *, verifier: Verifier | None = None) -> Comparison:
    """Compares what was published with what was delivered, mark by mark. Raises `AssetError`."""
    judge = verifier or Verifier(sources=("c2pa", "metadata"))  # marks; an estimate is none
    before, after = _fields(source), _fields(delivered)
    marks = [_manifest(judge.verify(source), judge.verify(delivered))]
    marks += [_field(name, value, after.get(name)) for name, value in before.items()]
    marks += [_added(name, value) for name, value in after.items() if name not in before]
    return Comparison(marks=tuple(mark for mark in marks if mark is not None))


def _manifest(source: Report, delivered: Report) -> ComparedMark | None:
    before, state = _active(source), delivered.credentials.integrity.state
    after = _active(delivered)
    manifests = {step.manifest for step in delivered.credentials.history.steps}
    if before is None:
        return None if after is None else _mark("manifest", Fate.ADDED, "compare.manifest_added", None, after)
    if after is None:
        elsewhere = state is IntegrityState.REMOTE
        key = "compare.manifest_elsewhere" if elsewhere else "compare.manifest_lost"
        return _mark("manifest", Fate.LOST, key, before, delivered.credentials.integrity.remote_url)
    if state is not IntegrityState.INTACT:
        return _mark("manifest", Fate.BROKEN, "compare.manifest_broken", before, after)
    if before == after:
        return _mark("manifest", Fate.KEPT, "compare.manifest_kept", before, after)
    if before in manifests:
        return _mark("manifest", Fate.KEPT, "compare.manifest_within", before, after)
    return _mark("manifest", Fate.REPLACED, "compare.manifest_replaced", before, after)


def _active(report: Report) -> str | None:
    steps = report.credentials.history.steps
    return steps[0].manifest if steps else None


def _field(name: str, before: str, after: str | None) -> ComparedMark:
    if after is None:
        return _mark(name, Fate.LOST, "compare.field_lost", before, None)
    if after == before:
        return _mark(name, Fate.KEPT, "compare.field_kept", before, after)
    return _mark(name, Fate.REPLACED, "compare.field_replaced", before, after)


def _added(name: str, value: str) -> ComparedMark:
    return _mark(name, Fate.ADDED, "compare.field_added", None, value)


def _mark(name: str, fate: Fate, key: str, before: str | None, after: str | None) -> ComparedMark:
    values = {"name": name, "before": before or "", "after": after or ""}
    return ComparedMark(name=name, fate=fate, explanation=say(key, **values), before=before, after=after)


def _fields(source: Input) -> Mapping[str, str]:
    with open_asset(source) as asset:
        blocks = read_blocks(asset)
    if blocks is None:
        return {}
    fields, _, _ = declared_fields(blocks)
    return {
        name: clean(value) for name, value in sorted(fields.items()) if name.startswith(_MARKS) or name in _EXIF_MARKS
    }
