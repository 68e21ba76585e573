"""The history as a tree, and what every renderer says of a step beyond its fields."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from ..credentials import History, SignerState, Step, ThumbnailSource, called
from ..digital_source_type import AI_ORIGINS
from ..sentences import phrase, say
from ..sources.c2pa.origin import own_claim
from .answers import signed_by

_BADGES: Final = {
    "intact": "label.step_intact",
    "broken": "label.step_broken",
    "unsigned": "label.step_unsigned",
    "ai": "label.ai_step",
    "update": "label.step_update",
    "redacted": "label.step_redacted",
}
_SHOWN_ACTIONS: Final = 6
_CONFIRMED: Final = frozenset({SignerState.TRUSTED, SignerState.KNOWN})
_RELATIONSHIPS: Final = {
    "parentOf": "relationship.parent",
    "componentOf": "relationship.component",
    "inputTo": "relationship.input",
}


@dataclass(frozen=True)
class Branch:
    """Steps in a row, each the only one before the next, and what the last of them was made from."""

    steps: tuple[Step, ...]
    before: tuple["Branch", ...]


def tree_of(history: History) -> Branch:
    """The history from the asset itself back to where it began. A long chain is one branch, and stays narrow."""
    children: dict[int | None, list[Step]] = defaultdict(list)
    for step in history.steps:
        children[step.parent].append(step)

    def branch(step: Step) -> Branch:
        row = [step]
        while len(before := children[row[-1].id]) == 1:
            row.append(before[0])
        return Branch(tuple(row), tuple(map(branch, before)))

    return branch(history.steps[0])


def relationship(step: Step, language: str) -> str | None:
    """What a step is to the one that was made from it; the standard's word where we have none."""
    key = _RELATIONSHIPS.get(step.relationship or "")
    return phrase(key, language) if key else step.relationship


def step_title(step: Step, language: str) -> str:
    """What a step is called: the asset itself is this file."""
    return (
        phrase("label.this_file", language) if step.parent is None else step.title or phrase("term.untitled", language)
    )


def summary(step: Step, language: str) -> list[str]:
    """Who made a step, when, and what was done, in a few words each."""
    actions = ", ".join(action.action.removeprefix("c2pa.") for action in step.actions[:_SHOWN_ACTIONS])
    signer = signed_by(step, language)
    return [text for text in (step.claim_generator, signer, step.time and step.time[:10], actions) if text]


def badges(step: Step, language: str) -> list[tuple[str, str]]:
    """The short words that mark a step, each with its kind: whether it holds, AI, an update, and what was removed."""
    kinds = [str(step.state)]
    if own_claim(step).origin in AI_ORIGINS:
        kinds.append("ai")
    if step.update:
        kinds.append("update")
    if step.redactions:
        kinds.append("redacted")
    return [(kind, phrase(_BADGES[kind], language)) for kind in kinds]


def removed_parts(step: Step, history: History, language: str) -> list[str]:
    """What later steps removed from this step's record, a sentence each."""
    removers = {redaction.by: history.steps[redaction.by] for redaction in step.redactions}
    sentences = [
        say(
            "label.part_removed",
            part=redaction.part,
            name=called(removers[redaction.by].signer, removers[redaction.by].signer_state),
        )
        for redaction in step.redactions
    ]
    return [sentence.in_language(language).text for sentence in sentences]


def is_picture_confirmed(step: Step) -> bool:
    """Whether an authority that we know vouches for whoever supplied the step's picture."""
    return step.thumbnail_signer_state in _CONFIRMED


def picture_note(step: Step, language: str) -> str | None:
    """What a reader must know of the step's picture, or None where it has none or is from the step's own maker."""
    if step.thumbnail is None:
        return None
    if not is_picture_confirmed(step):
        return phrase("label.picture_unconfirmed", language)
    if step.thumbnail_source is ThumbnailSource.INGREDIENT_ASSERTION:
        return phrase("label.picture_kept", language)
    return None
