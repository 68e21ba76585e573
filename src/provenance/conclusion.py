"""The conclusion: one answer from all evidence, drawn by a table of rules and by nothing else.

The strongest evidence decides; weaker evidence can support it or contradict it, but never outrank it. What contradicts
is always listed. The rules are data (`policy.toml`), so that a newsroom can read them and bring its own.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from .errors import PolicyError
from .evidence import Assurance, Evidence, Kind, Origin, Status
from .sentences import Message, is_sentence, say
from .validation_errors import problems_of

_ALWAYS_A_CONFLICT: Final = frozenset({Status.HISTORY_BROKEN, Status.SUSPICIOUS, Status.DISPUTED, Status.PART_REMOVED})

# What is wrong with a signed record decides the state of the whole answer before anything weaker can.
_FAULTS: Final = (
    *(Status.ALTERED, Status.MISMATCHED, Status.BROKEN, Status.DISPUTED, Status.PARTIAL, Status.REVOKED),
    *(Status.AMBIGUOUS, Status.EMPTY, Status.PROGRAM),
)
_NOTHING_READ: Final = (Status.REMOTE, Status.UNREADABLE)

# Between equals a signature comes before a likeness, and that before a description.
_KINDS: Final = tuple(Kind)

_DEFAULT_POLICY: Final = Path(__file__).parent / "policy.toml"


class State(StrEnum):
    """The whole answer in one word, so that a client can tell what was altered from what was never marked."""

    VERIFIED = "verified"
    ATTESTED = "attested"
    DECLARED = "declared"
    ESTIMATED = "estimated"
    ALTERED = "altered"
    MISMATCHED = "mismatched"
    BROKEN = "broken"
    DISPUTED = "disputed"
    PARTIAL = "partial"
    REVOKED = "revoked"
    AMBIGUOUS = "ambiguous"
    EMPTY = "empty"
    PROGRAM = "program"
    REMOTE = "remote"
    UNREADABLE = "unreadable"
    NOTHING_FOUND = "nothing-found"


class Conclusion(BaseModel):
    """What is known, how it is known, what contradicts it, what was not looked at, and what to do now."""

    model_config = ConfigDict(frozen=True)

    state: State = Field(
        description="What is wrong with the signed record, if anything is; else how well the answer is supported; else "
        "why there is none."
    )
    origin: Origin
    assurance: Assurance
    headline: Message
    because: tuple[Message, ...] = ()
    conflicts: tuple[Message, ...] = ()
    limits: tuple[Message, ...] = ()
    advice: tuple[Message, ...] = ()


class Condition(BaseModel):
    """When a rule applies; what is left out does not matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status | None = None  # some evidence has this status
    kind: Kind | None = None  # the evidence that decides is of this kind
    origin: Origin | None = None
    assurance: Assurance | None = None
    edited: bool | None = None  # the evidence that decides says that the content was edited since
    hint: tuple[Origin, ...] | None = None  # weaker evidence names one of these origins


class Rule(BaseModel):
    """One row of the table: when it applies, the headline, and the advice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    when: Condition
    headline: str
    advice: tuple[str, ...] = ()

    @field_validator("headline", "advice")
    @classmethod
    def _sentences_exist(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for key in (value,) if isinstance(value, str) else value:
            if not is_sentence(key):
                raise ValueError(f"there is no sentence {key!r}")
        return value


class Policy(BaseModel):
    """How evidence becomes a conclusion, as data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    precedence: tuple[Origin, ...] = Field(description="Which origin decides between claims of the same assurance.")
    agrees_with: Mapping[Origin, tuple[Origin, ...]] = Field(
        description="For a conclusion, the other origins that do not contradict it."
    )
    rules: tuple[Rule, ...]

    @classmethod
    def default(cls) -> "Policy":
        """The policy that ships with the toolkit."""
        return _default_policy()

    @classmethod
    def from_toml(cls, path: str | Path) -> "Policy":
        """A policy of one's own. Raises `PolicyError` where the file does not hold one."""
        try:
            policy = cls.model_validate(tomllib.loads(Path(path).read_text("utf-8")))
        except ValidationError as error:
            raise PolicyError(f"{path}: this is not a policy: {problems_of(error)}") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PolicyError(f"{path}: this is not a policy: {error}") from None
        if not policy.rules or policy.rules[-1].when != Condition():
            raise PolicyError(f"{path}: the last rule must have no condition, so that every file gets an answer")
        return policy


@cache
def _default_policy() -> Policy:
    return Policy.from_toml(_DEFAULT_POLICY)


def conclude(
    evidence: Sequence[Evidence], policy: Policy | None = None, *, limits: Sequence[Message] = ()
) -> Conclusion:
    """Draws the conclusion. Pure: the same evidence, policy and limits give the same answer, in any order.

    Evidence that claims more than its kind can does not count.
    """
    policy = policy or Policy.default()
    evidence = [item for item in evidence if item.overclaim is None]
    deciding = _deciding(evidence, policy)
    origin = deciding.origin if deciding else Origin.UNKNOWN
    assurance = deciding.assurance if deciding else Assurance.NONE

    rule = next(rule for rule in policy.rules if _applies(rule.when, evidence, deciding))
    conflicting = [item for item in evidence if item is not deciding and _conflicts(item, deciding, evidence, policy)]
    supporting = [item for item in evidence if not any(item is conflict for conflict in conflicting)]
    supporting.sort(key=lambda item: (item is not deciding, -item.assurance.rank))

    return Conclusion(
        state=_state(evidence, assurance),
        origin=origin,
        assurance=assurance,
        headline=say(rule.headline, **_names(deciding, evidence)),
        because=_unique(item.explanation for item in supporting),
        conflicts=_unique(item.explanation for item in conflicting),
        limits=_unique(limits),
        advice=tuple(say(key) for key in rule.advice),
    )


def _state(evidence: Sequence[Evidence], assurance: Assurance) -> State:
    statuses = {item.status for item in evidence}
    fault = next((status for status in _FAULTS if status in statuses), None)
    if fault is not None:
        return State(fault)
    if assurance is not Assurance.NONE:
        return State(assurance)
    unread = next((status for status in _NOTHING_READ if status in statuses), None)
    return State(unread) if unread is not None else State.NOTHING_FOUND


def contradicts(origin: Origin, evidence_origin: Origin, policy: Policy) -> bool:
    """Whether evidence of `evidence_origin` contradicts a conclusion of `origin`."""
    if Origin.UNKNOWN in (origin, evidence_origin) or origin == evidence_origin:
        return False
    return evidence_origin not in policy.agrees_with.get(origin, ())


def _deciding(evidence: Sequence[Evidence], policy: Policy) -> Evidence | None:
    """The strongest evidence; between equals, one that names an origin, in the policy's order, then by its kind."""
    usable = [item for item in evidence if item.status is Status.VALID and item.assurance is not Assurance.NONE]
    if not usable:
        return None

    def order(item: Evidence) -> tuple[int, int, int, str]:
        is_ranked = item.origin in policy.precedence
        place = policy.precedence.index(item.origin) if is_ranked else len(policy.precedence)
        return (-item.assurance.rank, place, _KINDS.index(item.kind), item.explanation.text)

    return min(usable, key=order)


def _conflicts(item: Evidence, deciding: Evidence | None, evidence: Sequence[Evidence], policy: Policy) -> bool:
    if item.status in _ALWAYS_A_CONFLICT:
        return True
    if item.status is not Status.VALID or item.origin is Origin.UNKNOWN:
        return False
    if deciding is not None and deciding.origin is not Origin.UNKNOWN:
        return contradicts(deciding.origin, item.origin, policy)
    # Nothing decided the origin; then evidence that contradicts other evidence is listed.
    return any(
        contradicts(item.origin, item_beside.origin, policy) and contradicts(item_beside.origin, item.origin, policy)
        for item_beside in evidence
        if item_beside.status is Status.VALID
    )


def _applies(when: Condition, evidence: Sequence[Evidence], deciding: Evidence | None) -> bool:
    origin = deciding.origin if deciding else Origin.UNKNOWN
    assurance = deciding.assurance if deciding else Assurance.NONE
    edited = deciding is not None and deciding.edited
    return (
        (when.status is None or any(item.status is when.status for item in evidence))
        and (when.kind is None or (deciding is not None and when.kind is deciding.kind))
        and (when.origin is None or when.origin is origin)
        and (when.assurance is None or when.assurance is assurance)
        and (when.edited is None or when.edited is edited)
        and (when.hint is None or any(item.origin in when.hint for item in evidence if item.status is Status.VALID))
    )


def _names(deciding: Evidence | None, evidence: Sequence[Evidence]) -> dict[str, "str | int | Message"]:
    """The values that a headline may use: those of the evidence that decides, or of the signature that fails."""
    about = deciding or next(
        (
            item
            for item in evidence
            if item.status
            in (Status.ALTERED, Status.MISMATCHED, Status.BROKEN, Status.DISPUTED, Status.PARTIAL, Status.REVOKED)
        ),
        None,
    )
    values = dict(about.explanation.values) if about else {}
    return {
        "signer": values.get("signer") or say("term.unnamed_signer"),
        "standing": values.get("standing") or say("term.standing.signer"),
    }


def _unique(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(messages))
