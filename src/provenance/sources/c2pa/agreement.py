"""Two engines, one answer: what each says, whether they agree, and never the stronger claim where they do not."""

from dataclasses import dataclass
from typing import Any, Final

from ...credentials import Code, EngineReading, IntegrityState
from ...sentences import Message, say
from . import second_engine
from .engine import NAME, Outcome, StoreReading, engine_version
from .second_engine import SecondReading
from .validation import Question, codes_of, integrity_of, is_about_identity, manifest_label, question_of

_HOLDS: Final = frozenset({"Valid", "Trusted"})

_WITHOUT_STORE: Final = {
    Outcome.ABSENT: IntegrityState.ABSENT,
    Outcome.REMOTE: IntegrityState.REMOTE,
    Outcome.UNREADABLE: IntegrityState.UNREADABLE,
}

# Answers that say something about the file: an engine that cannot read it has no opinion.
_OPINIONS: Final = frozenset(
    {IntegrityState.INTACT, IntegrityState.ALTERED, IntegrityState.BROKEN, IntegrityState.ABSENT}
)


@dataclass(frozen=True)
class Agreement:
    """What the engines say of one asset, and what follows where they differ."""

    engines: tuple[EngineReading, ...] = ()
    integrity: IntegrityState | None = None  # None: as the first engine has it
    difference: Message | None = None


def agreement_of(first: StoreReading, second: SecondReading | None) -> Agreement:
    """Sets the engines' readings side by side. `second` is None where it was switched off.

    Where one finds the content unchanged and the other does not, or where they found different manifests, nobody
    knows: the answer is `disputed`. Codes are put to the same questions on both sides, so that an engine with other
    words is not taken for one with another opinion.
    """
    own = _first(first)
    if second is None or second.outcome in (Outcome.UNSUPPORTED, Outcome.TOO_LARGE):
        return Agreement(engines=(own,) if own else ())
    other = _second(second)
    if own is None:
        return Agreement(engines=(other,))
    engines = (own, other)
    differ = {own.integrity, other.integrity}
    if differ <= _OPINIONS and len(differ) == 2 and IntegrityState.INTACT in differ:
        return Agreement(engines, IntegrityState.DISPUTED, _said("c2pa.disputed", *engines))
    if differ == {IntegrityState.INTACT} and _active(first) != second.active_manifest:
        return Agreement(engines, IntegrityState.DISPUTED, say("c2pa.disputed.manifest"))
    if len(differ) == 2 and differ <= _OPINIONS:
        return Agreement(engines, None, _said("c2pa.engines_differ", *engines))
    if own.verdict and other.verdict and _holds(own) is not _holds(other):
        return Agreement(engines, None, _said("c2pa.verdicts_differ", *engines))
    return Agreement(engines)


def bound_by_second(store: dict[str, Any], second: SecondReading) -> dict[str, Any]:
    """The store as the first engine reads it apart from its asset, with the second engine's answer on the asset.

    For formats that only the second engine opens: the first checks signature and assertions, and cannot find the asset.
    """
    results = store.get("validation_results") or {}
    active = results.get("activeManifest") or {}
    own = {
        kind: [status for status in active.get(kind) or () if not _about_asset(str(status.get("code")))]
        for kind in ("success", "informational", "failure")
    }
    for code in second.codes:
        if _about_asset(code.code):
            own[code.kind].append({"code": code.code, "url": code.url, "explanation": code.explanation})
    return {**store, "validation_results": {**results, "activeManifest": own}}


def store_of_second(second: SecondReading) -> dict[str, Any]:
    """A store that only the second engine could read, in the first one's terms.

    It does not say which assertions the signer made and which were gathered: all count as gathered, the weaker claim.
    """
    return {
        "active_manifest": second.active_manifest,
        "manifests": {label: _manifest(label, manifest) for label, manifest in second.manifests.items()},
        "validation_results": {
            "activeManifest": {
                kind: [code.model_dump() for code in second.codes if code.kind == kind]
                for kind in ("success", "informational", "failure")
            }
        },
        "validation_state": second.verdict,
    }


def _manifest(label: str, manifest: dict[str, Any]) -> dict[str, Any]:
    generator = manifest.get("claim_generator_info")
    assertions = manifest.get("assertions") or []
    return {
        **manifest,
        "label": label,
        "claim_generator_info": [generator] if isinstance(generator, dict) else generator,
        "ingredients": [
            _ingredient(each) for each in assertions if str(each.get("label")).startswith("c2pa.ingredient")
        ],
    }


def _ingredient(assertion: dict[str, Any]) -> dict[str, Any]:
    data = assertion.get("data") or {}
    cited = data.get("activeManifest") or data.get("c2pa_manifest") or {}
    return {
        "label": assertion.get("label"),
        "title": data.get("dc:title"),
        "format": data.get("dc:format"),
        "relationship": data.get("relationship"),
        "active_manifest": manifest_label(cited.get("url")),
    }


def _about_asset(code: str) -> bool:
    """Whether a code speaks of the hard binding: the one thing that cannot be checked without the asset."""
    return question_of(code) is Question.ALTERED or code.endswith("Hash.match")


def _first(reading: StoreReading) -> EngineReading | None:
    if reading.outcome in (Outcome.UNSUPPORTED, Outcome.TOO_LARGE, Outcome.FRAGMENT):
        return None
    store = reading.store or {}
    codes = codes_of(store)
    readable = _active(reading) in (store.get("manifests") or {})
    state = _WITHOUT_STORE.get(reading.outcome) or (integrity_of(codes) if readable else IntegrityState.UNREADABLE)
    return EngineReading(
        engine=NAME,
        version=engine_version(),
        integrity=state,
        verdict=store.get("validation_state"),
        failures=_failures(codes),
    )


def _second(reading: SecondReading) -> EngineReading:
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


def _active(reading: StoreReading) -> str | None:
    return (reading.store or {}).get("active_manifest")


def _failures(codes: tuple[Code, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.code for code in codes if code.kind == "failure"))


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
