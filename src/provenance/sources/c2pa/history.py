"""The history: the manifests that this asset was made from, step by step, and what each says was done.

The steps form a tree with the asset at its root. A crafted store can hold cycles or branch without end, so each
manifest is opened once and the number of steps is limited.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ... import limits
from ...credentials import Action, History, HistoryState, SignerState, Step, StepState
from ...declarations import Signals
from ...sentences import clean
from .origin import AI_DISCLOSURE
from .redactions import Redactions
from .thumbnails import StepThumbnail, data_uri, picture_of
from .validation import Failures

# C2PA 2.4, section 18.16.3; anything else says nothing.
_RELATIONSHIPS: Final = ("parentOf", "componentOf", "inputTo")


def history_of(
    store: dict[str, Any],
    failures: Failures,
    signer_state: Callable[[str], SignerState],
    signals: Mapping[str, Signals],
    thumbnails: Mapping[str, bytes] | None = None,
    *,
    updates: frozenset[str] = frozenset(),
    holds: bool = True,
) -> History:
    """The steps of a manifest store, each with the codes by which it failed, the state of its signer, and its signals.

    `updates` names those that are update manifests. Where the asset's own signature does not hold (`holds`), the steps
    are shown, but nothing is said of them, and no picture is.
    """
    # Decoded once, however often a manifest is cited.
    pictures = {uri: data_uri(data) for uri, data in (thumbnails or {}).items()}
    redactions = Redactions(store["manifests"] if holds else {})
    citations, truncated = _citations(store)
    steps: list[Step] = []
    for cited in citations:
        parent = steps[cited.parent] if cited.parent is not None else None
        label, manifest, ingredient = cited.label, cited.manifest, cited.ingredient
        codes = failures.of_root() if parent is None else failures.of_citation(parent.manifest, ingredient)
        state = signer_state(label) if label and manifest else SignerState.NONE
        step = _step(len(steps), parent, label, ingredient, manifest, codes, state)
        changes: dict[str, Any] = {"update": label in updates, "redactions": redactions.of(label, parent, steps)}
        changes["signals"] = signals.get(label) if label and manifest else None
        if holds:
            changes |= _picture(picture_of(step, manifest or {}, parent, ingredient, pictures))
        steps.append(step.model_copy(update=changes))
    history_state = _state(steps) if holds else HistoryState.NONE
    return History(state=history_state, steps=tuple(steps), truncated=truncated)


@dataclass(frozen=True)
class _Citation:
    """A manifest where it is cited: by which citation before it, and with which ingredient assertion."""

    parent: int | None
    depth: int
    label: str | None
    ingredient: dict[str, Any]
    manifest: dict[str, Any] | None


def _citations(store: dict[str, Any]) -> tuple[list[_Citation], bool]:
    """The active manifest, then all that are cited, level by level; and whether anything was left out.

    The ingredients of a manifest stand under its first citation alone.
    """
    manifests: dict[str, Any] = store["manifests"]
    root = store["active_manifest"]
    citations: list[_Citation] = []
    opened = {root}
    queue = deque([_Citation(None, 0, root, {}, manifests.get(root))])
    truncated = False
    while queue and len(citations) < limits.MAX_HISTORY_STEPS:
        cited = queue.popleft()
        citations.append(cited)
        if cited.manifest is None:
            continue
        truncated = truncated or _count_actions(cited.manifest) > limits.MAX_ACTIONS
        if cited.parent is not None and cited.label in opened:
            continue
        opened.add(cited.label)
        ingredients = cited.manifest.get("ingredients", ())
        if cited.depth >= limits.MAX_HISTORY_DEPTH:
            truncated = truncated or bool(ingredients)
            continue
        for ingredient in ingredients:
            label = _label(ingredient)
            below = _Citation(len(citations) - 1, cited.depth + 1, label, ingredient, manifests.get(label or ""))
            queue.append(below)
    return citations, truncated or bool(queue)


def actions_of(manifest: dict[str, Any]) -> tuple[Action, ...]:
    """The actions that a manifest declares, in order; templates and an AI disclosure as actions of their own.

    Past the limit only those are kept that name a source type: none of them may be overlooked.
    """
    actions: list[Action] = []
    for label, data, created in _action_assertions(manifest):
        if label.startswith(AI_DISCLOSURE):
            actions.append(Action(action=AI_DISCLOSURE, agent=_agent(data.get("modelName"))))
            continue
        gathered = manifest.get("claim_version") == 2 and not created
        agents = data.get("softwareAgents") or ()
        for declared in _maps(data, "actions"):
            actions.append(_action(declared, agents, gathered=gathered))
        for template in _maps(data, "templates"):
            actions.append(
                _action({**template, "action": f"{template.get('action')} (template)"}, agents, gathered=gathered)
            )
    rest = [action for action in actions[limits.MAX_ACTIONS :] if action.digital_source_type]
    return tuple(actions[: limits.MAX_ACTIONS] + rest[: limits.MAX_ACTIONS])


def _action_assertions(manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The label and content of each assertion about actions, and whether the signer made it."""
    for assertion in manifest.get("assertions", ()):
        label, data = str(assertion.get("label", "")), assertion.get("data")
        if isinstance(data, dict) and label.startswith(("c2pa.actions", AI_DISCLOSURE)):
            yield label, data, bool(assertion.get("created"))


def _count_actions(manifest: dict[str, Any]) -> int:
    return sum(len(_maps(data, "actions")) for _, data, _ in _action_assertions(manifest))


def _maps(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    values = data.get(key)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def generator_of(manifest: dict[str, Any]) -> str | None:
    """The claim generator, by name and version."""
    for info in manifest.get("claim_generator_info") or ():
        if agent := _agent(info):
            return agent
    return _agent(manifest.get("claim_generator"))


def _step(
    number: int,
    parent: Step | None,
    label: str | None,
    ingredient: dict[str, Any],
    manifest: dict[str, Any] | None,
    codes: list[str],
    signer_state: SignerState,
) -> Step:
    facts = manifest or {}
    signature = facts.get("signature_info") or {}
    return Step(
        id=number,
        parent=None if parent is None else parent.id,
        relationship=next((name for name in _RELATIONSHIPS if name == ingredient.get("relationship")), None),
        state=StepState.BROKEN if codes else StepState.INTACT if manifest else StepState.UNSIGNED,
        title=_text(ingredient.get("title") or facts.get("title")),
        format=_text(ingredient.get("format") or facts.get("format")),
        manifest=label,
        claim_generator=generator_of(facts),
        signer=_text(signature.get("issuer") or signature.get("common_name")),
        signer_state=signer_state,
        time=_text(signature.get("time")),
        actions=actions_of(facts),
        codes=tuple(codes),
    )


def _picture(picture: StepThumbnail) -> dict[str, Any]:
    return {
        "thumbnail": picture.uri,
        "thumbnail_source": picture.source,
        "thumbnail_signer_state": picture.signer_state,
    }


def _state(steps: list[Step]) -> HistoryState:
    if len(steps) <= 1:
        return HistoryState.NONE
    return HistoryState.BROKEN if any(step.state is StepState.BROKEN for step in steps[1:]) else HistoryState.INTACT


def _label(ingredient: dict[str, Any]) -> str | None:
    label = ingredient.get("active_manifest")
    return str(label) if label else None


def _action(data: dict[str, Any], agents: Any, *, gathered: bool) -> Action:
    index = data.get("softwareAgentIndex")
    listed = agents[index] if isinstance(agents, list) and isinstance(index, int) and 0 <= index < len(agents) else None
    parameters = data.get("parameters")
    description = data.get("description") or (parameters.get("description") if isinstance(parameters, dict) else None)
    return Action(
        action=_text(data.get("action")) or "unknown",
        digital_source_type=_text(data.get("digitalSourceType")),
        agent=_agent(data.get("softwareAgent") or listed),
        when=_text(data.get("when")),
        description=_text(description),
        gathered=gathered,
    )


def _agent(value: Any) -> str | None:
    """A software agent, which the standard writes as a text or as a map with name and version."""
    if isinstance(value, dict):
        return _text(" ".join(str(value[key]) for key in ("name", "version") if value.get(key)))
    return _text(value)


def _text(value: Any) -> str | None:
    return clean(value) or None if isinstance(value, str) else None
