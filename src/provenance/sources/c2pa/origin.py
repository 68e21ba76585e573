"""Where the content comes from, by the actions of its manifest and of the manifests that it was made from.

C2PA 2.4, section 18.15: the first action says how the asset began; later ones say what was done to it. Which actions
leave the content as it was follows the C2PA asset rubric "signals" of 2026-08-06.

A statement that AI took part always counts. That content was captured, or made without AI, is only concluded from a
history that is whole, from a signer who says so in their own name, and with what was done to it since.
"""

from dataclasses import dataclass, replace
from typing import Final

from ...credentials import Action, History, SignerState, Step, StepState
from ...digital_source_type import AI_ORIGINS, origin_of_source_type
from ...evidence import Origin
from .rubric import inception_actions, non_editorial_actions

AI_DISCLOSURE: Final = "c2pa.ai-disclosure"

# C2PA keeps actions from being redacted; what an engine lets through all the same counts too.
_ORIGIN_PARTS: Final = ("c2pa.ingredient", AI_DISCLOSURE, "c2pa.actions")

# How Microsoft's files of 2023 and 2024 say that AI made them: in the description of a signed action, without a source
# type (Image Creator from Designer; the public file that contentauth/c2pa-rs issue 1488 names).
_AI_IN_WORDS: Final = frozenset({"ai generated image"})


@dataclass(frozen=True)
class OriginClaim:
    """An origin, who says so, with which tool, and whether the content was edited since."""

    origin: Origin
    digital_source_type: str | None = None
    agent: str | None = None
    step: Step | None = None  # whose manifest says so
    trusted: bool = False  # every signer from the asset to that step is trusted
    edited: bool = False


_UNKNOWN: Final = OriginClaim(Origin.UNKNOWN)


def origin_of_history(history: History) -> OriginClaim:
    """The origin that the history declares for the asset, its first step."""
    if not history.steps:
        return _UNKNOWN
    claim = _Walk(history).claim(history.steps[0])
    whole = not history.truncated and all(step.state is not StepState.BROKEN for step in history.steps[1:])
    whole = whole and not any(
        bears_on_origin(redaction.part) for step in history.steps for redaction in step.redactions
    )
    return claim if claim.origin in AI_ORIGINS or whole else _UNKNOWN


def bears_on_origin(part: str) -> bool:
    """Whether an assertion with this label can say where the content comes from, so that its removal can hide it."""
    return part.startswith(_ORIGIN_PARTS)


def ai_steps(history: History) -> list[tuple[Step, OriginClaim]]:
    """The ingredients whose own manifest says that AI made or changed them."""
    own = ((step, own_claim(step)) for step in history.steps[1:] if step.state is StepState.INTACT)
    return [(step, claim) for step, claim in own if claim.origin in AI_ORIGINS]


class _Walk:
    """Draws the claims from the leaves of the history up to the asset."""

    def __init__(self, history: History) -> None:
        self._children: dict[int, list[Step]] = {}
        for step in history.steps:
            if step.parent is not None:
                self._children.setdefault(step.parent, []).append(step)
        # A manifest is opened once; where it is cited again, its ingredients stand under the first citation.
        self._opened = {step.manifest: step.id for step in reversed(history.steps) if step.id in self._children}
        self._drawn: dict[int, list[tuple[Step, OriginClaim]]] = {}

    def claim(self, step: Step) -> OriginClaim:
        """The origin of what this step passed on. Broken steps declare nothing."""
        if step.state is StepState.BROKEN and step.parent is not None:
            return _UNKNOWN
        claim = self._joined(step, self._ingredients(self._opened.get(step.manifest, step.id)))
        return replace(
            claim, trusted=step.signer_state is SignerState.TRUSTED and (claim.step is step or claim.trusted)
        )

    def _ingredients(self, opened: int) -> list[tuple[Step, OriginClaim]]:
        """What the ingredients under this step passed on; drawn once, however often its manifest is cited."""
        if opened not in self._drawn:
            self._drawn[opened] = []  # where manifests cite each other in a circle, it ends here
            self._drawn[opened] = [(child, self.claim(child)) for child in self._children.get(opened, ())]
        return self._drawn[opened]

    @staticmethod
    def _joined(step: Step, ingredients: list[tuple[Step, OriginClaim]]) -> OriginClaim:
        own = own_claim(step)
        if own.origin in AI_ORIGINS:
            return own
        unchanging = inception_actions() | non_editorial_actions()
        parents = [claim for child, claim in ingredients if child.relationship == "parentOf"]
        edits = any(action.action not in unchanging for action in step.actions)
        if own.origin is not Origin.UNKNOWN:
            base = replace(own, edited=edits or bool(ingredients))
        elif len(parents) == 1:
            base = replace(parents[0], edited=parents[0].edited or edits or len(ingredients) > 1)
        elif len(ingredients) == 1 and not edits:
            base = ingredients[0][1]
        else:
            base = _UNKNOWN
        if base.origin is Origin.AI_GENERATED:
            return replace(base, origin=Origin.AI_EDITED) if edits or len(ingredients) > 1 else base
        if base.origin is Origin.AI_EDITED:
            return base
        for _, claim in ingredients:
            if claim.origin in AI_ORIGINS:
                return replace(claim, origin=Origin.AI_EDITED)
        return base


def own_claim(step: Step) -> OriginClaim:
    """What this manifest's own actions say, without its ingredients. Any statement of AI outweighs all others."""
    claims = [(action, claim) for action in step.actions if (claim := _action_claim(action, step)) is not None]
    ai = [(action, claim) for action, claim in claims if claim.origin in AI_ORIGINS]
    starts = [claim for action, claim in claims if action.action in inception_actions()]
    if ai:
        # AI may have made a part that was added; unless the asset began with AI, it was changed by it, not made by it.
        began = bool(starts) and starts[0].origin is Origin.AI_GENERATED
        return starts[0] if began else replace(ai[0][1], origin=Origin.AI_EDITED)
    spoken = [claim for action, claim in claims if action.action in inception_actions() and not action.gathered]
    return spoken[0] if spoken else _UNKNOWN


def _action_claim(action: Action, step: Step) -> OriginClaim | None:
    agent = action.agent or step.claim_generator
    if action.action == AI_DISCLOSURE:
        return OriginClaim(Origin.AI_EDITED, None, agent, step)
    origin = origin_of_source_type(action.digital_source_type) if action.digital_source_type else None
    if origin is None and action.action == "c2pa.created" and (action.description or "").casefold() in _AI_IN_WORDS:
        origin = Origin.AI_GENERATED
    return OriginClaim(origin, action.digital_source_type, agent, step) if origin else None
