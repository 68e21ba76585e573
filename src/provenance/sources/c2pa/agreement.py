"""Three opinions, one answer: what was verified here, what each engine says, and never the stronger claim.

What was verified here comes first: an engine can only lower it. An engine that could not find the record, or the parts
that its claim names, has no opinion; one that refuses to read it lowers the answer, for nobody knows why.
"""

from dataclasses import dataclass
from typing import Final

from ...credentials import Code, EngineReading, IntegrityState
from ...sentences import Message, say
from . import engine, second_engine, validator
from .engine import ReadOutcome, StoreReading, engine_version
from .record import Record, documents_by_array
from .second_engine import SecondReading
from .validation import FailureSubject, integrity_of, is_about_identity, subject_of

_HOLDS: Final = frozenset({"Valid", "Trusted"})

_WITHOUT_STORE: Final = {
    ReadOutcome.ABSENT: IntegrityState.ABSENT,
    ReadOutcome.REMOTE: IntegrityState.REMOTE,
    ReadOutcome.UNREADABLE: IntegrityState.UNREADABLE,
}
_NOT_ASKED: Final = (ReadOutcome.NOT_ASKED, ReadOutcome.UNSUPPORTED, ReadOutcome.TOO_LARGE, ReadOutcome.FRAGMENT)

# What an engine says that did not find what the claim names. Where all of it was found and verified here, it is the
# engine that looked elsewhere.
_NOT_FOUND: Final = frozenset(
    {
        "assertion.missing",
        "assertion.undeclared",
        "claim.hardBindings.missing",
        "claimSignature.missing",
        "claim.missing",
        "hashedURI.missing",
    }
)


@dataclass(frozen=True)
class Agreement:
    """What was verified here, what the engines say of the same asset, and what follows where they differ."""

    engines: tuple[EngineReading, ...] = ()
    integrity: IntegrityState = IntegrityState.UNREADABLE
    difference: Message | None = None


def agreement_of(record: Record, first: StoreReading, second: SecondReading | None) -> Agreement:
    """Sets the readings side by side. `second` is None where it was switched off."""
    own = _own(record)
    engines = tuple(reading for reading in (_first(first, record), _second(second)) if reading is not None)
    if own is None or record.validation is None:
        return Agreement(engines, engines[0].integrity if engines else IntegrityState.UNREADABLE)
    opinions = [reading for reading in engines if _has_opinion(reading)]
    state = _found_together(record, opinions)
    holds = state in (IntegrityState.INTACT, IntegrityState.PARTIAL)
    contrary = next(
        (reading for reading in opinions if (reading.integrity is IntegrityState.INTACT) is not holds), None
    )
    if contrary is not None and _is_about_what_is_left_out(state, contrary):
        return Agreement(engines, state, _said("c2pa.engines_differ", own, contrary))
    if contrary is not None:
        return Agreement(engines, IntegrityState.DISPUTED, _said("c2pa.disputed", own, contrary))
    if holds:
        same = _same_manifest(record.validation.store.active.label, first, second)
        unconfirmed = _why_unconfirmed(engines, opinions, same_manifest=same)
        if unconfirmed is not None:
            return Agreement(engines, IntegrityState.DISPUTED, unconfirmed)
    return Agreement(engines, state, _lesser_difference(own, opinions, holds=holds))


def _found_together(record: Record, opinions: list[EngineReading]) -> IntegrityState:
    """What was verified here; where only engines can check the binding, what they find of it, if that is less."""
    state = record.integrity or _by_engines(opinions)
    if state is IntegrityState.PARTIAL and record.is_left_to_engines and opinions:
        by_engines = _by_engines(opinions)
        return state if by_engines is IntegrityState.INTACT else by_engines
    return state


def _why_unconfirmed(
    engines: tuple[EngineReading, ...], opinions: list[EngineReading], *, same_manifest: bool
) -> Message | None:
    """Why what holds here is not said to hold: an engine refuses to read it, none has an opinion, or of another one."""
    refusing = next((reading for reading in engines if reading.integrity is IntegrityState.UNREADABLE), None)
    if refusing is not None:
        return say("c2pa.refused", engine=refusing.engine)
    if engines and not opinions:
        return say("c2pa.unconfirmed")
    return None if same_manifest else say("c2pa.disputed.manifest")


def _is_about_what_is_left_out(state: IntegrityState, contrary: EngineReading) -> bool:
    """Whether the engine hashes in another way what a binding leaves out, where the hash matched here.

    NOTE: Truepic's public photographs leave out what stands before the manifest from the first byte on; both engines
    then find another hash. What is left out is not called unchanged either way.
    """
    return state is IntegrityState.PARTIAL and contrary.integrity is IntegrityState.ALTERED


def _lesser_difference(own: EngineReading, opinions: list[EngineReading], *, holds: bool) -> Message | None:
    """That engines give other reasons, or sum up differently, where the answer stays the same."""
    if not holds:
        differing = next((reading for reading in opinions if reading.integrity is not own.integrity), None)
        return None if differing is None else _said("c2pa.engines_differ", own, differing)
    judged = [reading for reading in opinions if reading.verdict]
    if len(judged) == 2 and _holds(judged[0]) is not _holds(judged[1]):
        return _said("c2pa.verdicts_differ", *judged)
    return None


def _by_engines(opinions: list[EngineReading]) -> IntegrityState:
    """Of a binding that only engines can check, all of them must find that it matches."""
    if not opinions:
        return IntegrityState.UNREADABLE
    return next(
        (reading.integrity for reading in opinions if reading.integrity is not IntegrityState.INTACT),
        IntegrityState.INTACT,
    )


def _has_opinion(reading: EngineReading) -> bool:
    if reading.integrity not in (IntegrityState.INTACT, IntegrityState.ALTERED, IntegrityState.BROKEN):
        return False
    if reading.integrity is not IntegrityState.BROKEN:
        return True
    about_asset = (FailureSubject.BROKEN, FailureSubject.ALTERED)
    return any(subject_of(code) in about_asset and code not in _NOT_FOUND for code in reading.failures)


def _same_manifest(own: str, first: StoreReading, second: SecondReading | None) -> bool:
    """Whether all that read the record speak of the same active manifest."""
    labels = {(first.store or {}).get("active_manifest", own)}
    if second is not None and second.outcome is ReadOutcome.READ and second.active_manifest:
        labels.add(second.active_manifest)
    return labels == {own}


def codes_together(record: Record, first: StoreReading) -> tuple[Code, ...]:
    """The engine's codes, and the failures that only we found; without the engine our own codes alone."""
    own = record.validation.codes if record.validation is not None else ()
    codes = first.codes
    if not codes:
        return own
    if first.apart:  # it had the store without its asset
        codes = tuple(code for code in codes if not _about_asset(code.code))
    engine_codes = {(code.code, code.ingredient) for code in codes}
    about_asset = first.apart
    return (
        *codes,
        *(
            code
            for code in own
            if (code.code, code.ingredient) not in engine_codes
            and (code.kind == "failure" or (about_asset and _about_asset(code.code)))
        ),
    )


def _about_asset(code: str) -> bool:
    """Whether a code speaks of the hard binding: the one thing that cannot be checked without the asset."""
    return subject_of(code) is FailureSubject.ALTERED or code.endswith("Hash.match")


def _own(record: Record) -> EngineReading | None:
    if record.validation is None:
        return None
    return EngineReading(
        engine=validator.NAME,
        version="",
        integrity=record.integrity or IntegrityState.UNREADABLE,
        failures=_failures(record.validation.codes),
    )


def _first(reading: StoreReading, record: Record) -> EngineReading | None:
    if reading.outcome in _NOT_ASKED or reading.apart:
        return None
    if reading.outcome is ReadOutcome.UNREADABLE and documents_by_array(record):
        return None
    return EngineReading(
        engine=engine.NAME,
        version=engine_version(),
        integrity=_WITHOUT_STORE.get(reading.outcome) or integrity_of(reading.codes),
        verdict=(reading.store or {}).get("validation_state"),
        failures=_failures(reading.codes),
    )


def _second(reading: SecondReading | None) -> EngineReading | None:
    if reading is None or reading.outcome in _NOT_ASKED:
        return None
    return EngineReading(
        engine=second_engine.NAME,
        version=second_engine.version(),
        integrity=_WITHOUT_STORE.get(reading.outcome) or integrity_of(reading.codes),
        verdict=reading.verdict,
        failures=_failures(reading.codes),
    )


def _holds(reading: EngineReading) -> bool:
    """Whether the engine's verdict is a good one, or would be without what it says of identity assertions."""
    others = {code for code in reading.failures if not is_about_identity(code)}
    about_identity = len(others) < len(reading.failures)
    return reading.verdict in _HOLDS or (about_identity and others <= {"signingCredential.untrusted"})


def _failures(codes: tuple[Code, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.code for code in codes if code.kind == "failure" and code.ingredient is None))


def _said(key: str, first: EngineReading, second: EngineReading) -> Message:
    def listed(reading: EngineReading) -> str | Message:
        return ", ".join(reading.failures) or say("term.no_code")

    return say(
        key,
        first=first.engine,
        first_answer=say(f"integrity.short.{first.integrity}"),
        first_verdict=first.verdict,
        first_codes=listed(first),
        second=second.engine,
        second_answer=say(f"integrity.short.{second.integrity}"),
        second_verdict=second.verdict,
        second_codes=listed(second),
    )
