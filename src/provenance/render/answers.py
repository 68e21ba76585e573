"""The answers that every renderer shows side by side: unchanged? signed by whom? when? does the history hold?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..credentials import (
    ClaimSigner,
    Credentials,
    HistoryState,
    IntegrityState,
    SignerState,
    Step,
    StepState,
    TimeState,
    called,
)
from ..declarations import Identity, IdentityState, Transformation, VerifiedIdentity
from ..digital_source_type import AI_ORIGINS
from ..evidence import Assurance
from ..report import Report
from ..sentences import Message, phrase, say


class Tone(StrEnum):
    """How an answer is coloured. `neutral` is no lesser answer: unknown is not bad."""

    GOOD = "good"
    NEUTRAL = "neutral"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True)
class AnsweredQuestion:
    """One question with its answer."""

    question: Message
    state: str
    tone: Tone
    sentence: Message


_INTEGRITY = {
    IntegrityState.INTACT: Tone.GOOD,
    IntegrityState.ALTERED: Tone.BAD,
    IntegrityState.BROKEN: Tone.BAD,
    IntegrityState.DISPUTED: Tone.CAUTION,
    IntegrityState.PARTIAL: Tone.CAUTION,
}
# Where there is no record that could name anybody.
_NO_RECORD = (IntegrityState.ABSENT, IntegrityState.REMOTE, IntegrityState.UNREADABLE)
_SIGNER = {
    SignerState.TRUSTED: Tone.GOOD,
    SignerState.KNOWN: Tone.NEUTRAL,
    SignerState.UNTRUSTED: Tone.CAUTION,
    SignerState.REVOKED: Tone.BAD,
}
_ASSURANCE = {
    Assurance.VERIFIED: Tone.GOOD,
    Assurance.ATTESTED: Tone.NEUTRAL,
    Assurance.DECLARED: Tone.CAUTION,
    Assurance.ESTIMATED: Tone.CAUTION,
    Assurance.NONE: Tone.NEUTRAL,
}


def _signer_key(signer: ClaimSigner, integrity: IntegrityState) -> str:
    if signer.development and signer.state is not SignerState.REVOKED:
        return "signer.development"
    if signer.state is SignerState.TRUSTED and signer.trusted_directly:
        return "signer.trusted_directly"
    if signer.state is SignerState.KNOWN and signer.expired:
        return "signer.known.expired"
    if signer.state is SignerState.NONE and integrity in _NO_RECORD:
        return f"signer.none.{integrity}"
    return f"signer.{signer.state}"


def answers(report: Report) -> list[AnsweredQuestion]:
    """The answers about the signed record, in the report's language."""
    credentials = report.credentials
    signer, time = credentials.signer, credentials.time
    name = signer.name or signer.common_name or say("term.unnamed_signer")
    answered = [
        AnsweredQuestion(
            say("question.integrity"),
            credentials.integrity.state,
            _INTEGRITY.get(credentials.integrity.state, Tone.NEUTRAL),
            say(f"integrity.{credentials.integrity.state}"),
        ),
        AnsweredQuestion(
            say("question.signer"),
            signer.state,
            Tone.CAUTION if signer.development else _SIGNER.get(signer.state, Tone.NEUTRAL),
            say(
                _signer_key(signer, credentials.integrity.state),
                name=name,
                # Between the signer and whoever is on the list there may be other authorities.
                issuer=(signer.entity if signer.state is SignerState.TRUSTED else signer.issuer)
                or say("term.unnamed_signer"),
                trust_list=signer.trust_list or "",
            ),
        ),
        AnsweredQuestion(
            say("question.time"),
            time.state,
            Tone.GOOD if time.state is TimeState.TRUSTED else Tone.NEUTRAL,
            say(
                "time.stamped" if time.state is TimeState.CLAIMED and time.authority else f"time.{time.state}",
                time=readable_time(time.time),
                authority=time.authority or "",
            ),
        ),
    ]
    if credentials.history.steps:
        unsigned = sum(step.state is StepState.UNSIGNED for step in credentials.history.steps[1:])
        key = "intact_unsigned" if credentials.history.state is HistoryState.INTACT and unsigned else None
        answered.append(
            AnsweredQuestion(
                say("question.history"),
                credentials.history.state,
                {HistoryState.INTACT: Tone.GOOD, HistoryState.BROKEN: Tone.BAD}.get(
                    credentials.history.state, Tone.NEUTRAL
                ),
                say(
                    f"history.{key or credentials.history.state}",
                    count=len(credentials.history.steps) - 1,
                    unsigned=unsigned,
                ),
            )
        )
    answered.extend(map(_identity, credentials.identities))
    if credentials.engines:
        answered.append(_engines(credentials))
    return [_in_language(answer, report.language) for answer in answered]


def _engines(credentials: Credentials) -> AnsweredQuestion:
    """Whether independent checkers looked too, and whether they agree with what was verified here."""
    first, *others = credentials.engines
    silent = any(engine.integrity in _NO_RECORD for engine in credentials.engines)
    agree = not silent and credentials.integrity.state is not IntegrityState.DISPUTED
    if credentials.integrity.state in _NO_RECORD:
        key = "nothing"
    else:
        key = "one" if not others else "silent" if silent else "agree" if agree else "differ"
    return AnsweredQuestion(
        say("question.engines"),
        key,
        Tone.CAUTION if key in ("silent", "differ") else Tone.NEUTRAL,
        say(f"engines.{key}", first=first.engine, second=others[0].engine if others else ""),
    )


_IDENTITY_TONES: Final = {IdentityState.TRUSTED: Tone.GOOD, IdentityState.UNCHECKED: Tone.NEUTRAL}


def _identity(identity: Identity) -> AnsweredQuestion:
    holds = identity.state in (IdentityState.TRUSTED, IdentityState.UNTRUSTED)
    certified = dict.fromkeys((identity.common_name, identity.name))
    named = (*certified, *(_verified(vouched) for vouched in identity.verified))
    # An identifier that is nothing but a key tells a person nothing.
    issuer = None if (identity.issuer or "").startswith("did:jwk:") else identity.issuer
    return AnsweredQuestion(
        say("question.identity"),
        identity.state,
        _IDENTITY_TONES.get(identity.state, Tone.CAUTION),
        say(
            f"identity.{identity.kind}.{identity.state}" if holds else f"identity.{identity.state}",
            names=", ".join(filter(None, named)) or say("term.no_name"),
            issuer=issuer or say("term.unnamed_service"),
            list=identity.trust_list or "",
            code=next(iter(identity.codes), ""),
        ),
    )


def _verified(identity: VerifiedIdentity) -> str | None:
    name = identity.name or identity.username
    return f"{name} ({identity.provider})" if name and identity.provider else name or identity.provider


def signed_by(step: Step, language: str) -> str | None:
    """Who signed a step: by name only where an authority vouches for the name."""
    if step.signer is None:
        return None
    return say("label.signed_by", name=called(step.signer, step.signer_state)).in_language(language).text


def declared_by(step: Step, language: str) -> str | None:
    """What a step's own manifest declares, in short; None where that is nothing."""
    if step.signals is None:
        return None
    # That the list of edits may be incomplete is so of nearly every record, and tells nobody anything.
    transformations = (
        transformation
        for transformation in step.signals.transformations
        if transformation is not Transformation.AMBIGUOUS_ACTIONS
    )
    signals = (*step.signals.inception, *transformations)
    labels = " · ".join(phrase(f"signal.{signal}", language) for signal in signals)
    return say("label.declared", signals=labels).in_language(language).text if labels else None


def origin_label(report: Report) -> str:
    """The origin in short; an estimate alone names none."""
    conclusion = report.conclusion
    if conclusion.assurance is not Assurance.ESTIMATED:
        return phrase(f"origin.{conclusion.origin}", report.language)
    points_to_ai = conclusion.origin in AI_ORIGINS
    return phrase("origin.estimated" if points_to_ai else "origin.estimated.not_ai", report.language)


def conclusion_tone(report: Report) -> Tone:
    """How the headline is coloured: by what is wrong with the file, else by how sure the answer is."""
    if report.credentials.integrity.state in (IntegrityState.ALTERED, IntegrityState.BROKEN):
        return Tone.BAD
    if report.conclusion.conflicts:
        return Tone.CAUTION
    return _ASSURANCE[report.conclusion.assurance]


def _in_language(answer: AnsweredQuestion, language: str) -> AnsweredQuestion:
    return AnsweredQuestion(
        answer.question.in_language(language), answer.state, answer.tone, answer.sentence.in_language(language)
    )


def readable_time(time: str | None) -> str:
    """2024-08-06T21:53:37+00:00 as 2024-08-06 21:53 UTC: the same in every language."""
    if not time:
        return ""
    day, _, clock = time.partition("T")
    zone = "UTC" if clock.endswith(("+00:00", "Z")) else clock[8:]
    return f"{day} {clock[:5]} {zone}".strip()
