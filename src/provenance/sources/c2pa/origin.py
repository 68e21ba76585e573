"""Where the content comes from, by the actions of its manifest and of the manifests that it was made from.

C2PA 2.4, section 18.15: the first action says how the asset began; later ones say what was done to it. Which actions
leave the content as it was follows the C2PA asset rubric "signals" of 2026-08-06.
"""

from dataclasses import dataclass
from typing import Final

from ...credentials import Action, History, Step, StepState
from ...digital_source_type import AI_ORIGINS, origin_of_source_type
from ...evidence import Origin

_AI_DISCLOSURE: Final = "c2pa.ai-disclosure"

_NON_EDITORIAL: Final = frozenset(
    {
        "c2pa.opened",
        "c2pa.converted",
        "c2pa.published",
        "c2pa.repackaged",
        "c2pa.transcoded",
        "c2pa.resized.proportional",
        "c2pa.edited.metadata",
        "c2pa.watermarked",
        "c2pa.watermarked.bound",
        "c2pa.watermarked.unbound",
        "c2pa.redacted",
    }
)


@dataclass(frozen=True)
class OriginClaim:
    """An origin, with the term and the tool that stand behind it."""

    origin: Origin
    digital_source_type: str | None = None
    agent: str | None = None


_UNKNOWN: Final = OriginClaim(Origin.UNKNOWN)


def origin_of_history(history: History) -> OriginClaim:
    """The origin that the history declares for the asset, its first step. Broken steps declare nothing."""
    claims: dict[int, OriginClaim] = {}
    children: dict[int | None, list[Step]] = {}
    for step in history.steps:
        children.setdefault(step.parent, []).append(step)
    for step in reversed(history.steps):  # children have higher numbers than their parents
        claims[step.id] = _claim(step, [(child, claims[child.id]) for child in children.get(step.id, ())])
    return claims.get(0, _UNKNOWN)


def ai_steps(history: History) -> list[tuple[Step, OriginClaim]]:
    """The ingredients whose own manifest says that AI made or changed them."""
    found = []
    for step in history.steps[1:]:
        claim = _own_claim(step)
        if claim.origin in AI_ORIGINS and step.state is StepState.INTACT:
            found.append((step, claim))
    return found


def _claim(step: Step, ingredients: list[tuple[Step, OriginClaim]]) -> OriginClaim:
    if step.state is StepState.BROKEN and step.parent is not None:
        return _UNKNOWN
    own = _own_claim(step)
    base = own if own.origin is not Origin.UNKNOWN else _inherited(step, ingredients)
    if base.origin in AI_ORIGINS:
        return base
    for _, claim in ingredients:
        if claim.origin in AI_ORIGINS:
            return OriginClaim(Origin.AI_EDITED, claim.digital_source_type, claim.agent)
    return base


def _own_claim(step: Step) -> OriginClaim:
    """What this manifest's own actions say, without its ingredients."""
    start, change = _UNKNOWN, _UNKNOWN
    for action in step.actions:
        claim = _action_claim(action, step)
        if claim is None:
            continue
        if action.action in ("c2pa.created", "c2pa.opened"):
            start = claim if start is _UNKNOWN else start
        elif claim.origin in AI_ORIGINS and change is _UNKNOWN:
            # AI may have made the part that was added; the whole was changed by AI, not made by it.
            change = OriginClaim(Origin.AI_EDITED, claim.digital_source_type, claim.agent)
    if start.origin is Origin.AI_GENERATED:
        return start
    return change if change is not _UNKNOWN else start


def _action_claim(action: Action, step: Step) -> OriginClaim | None:
    if action.action == _AI_DISCLOSURE:
        return OriginClaim(Origin.AI_EDITED, None, action.agent or step.claim_generator)
    if not action.digital_source_type:
        return None
    origin = origin_of_source_type(action.digital_source_type)
    return OriginClaim(origin, action.digital_source_type, action.agent or step.claim_generator) if origin else None


def _inherited(step: Step, ingredients: list[tuple[Step, OriginClaim]]) -> OriginClaim:
    """The origin of what this step passed on: its parent's, or that of a lone ingredient to which nothing was done."""
    parents = [claim for child, claim in ingredients if child.relationship == "parentOf"]
    unchanged = all(action.action in _NON_EDITORIAL for action in step.actions)
    if len(parents) == 1:
        claim = parents[0]
        if claim.origin is Origin.AI_GENERATED and not unchanged:
            return OriginClaim(Origin.AI_EDITED, claim.digital_source_type, claim.agent)
        return claim
    if len(ingredients) == 1 and unchanged:
        return ingredients[0][1]
    return _UNKNOWN
