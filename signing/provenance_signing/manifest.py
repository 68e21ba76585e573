"""The manifest's definition: profile and facts, as the engine and C2PA 2.4 want them. Pure; nothing is signed here."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from provenance.distribution import VERSION

from .errors import ProfileError
from .facts import ActionFacts, Facts, Software
from .profile import (
    CREATED,
    OPENED,
    Parent,
    Profile,
    assertion_needed,
    needs_source_type,
    parameters_needed,
    why_not_alone,
)

SPEC_VERSION: Final = "2.4.0"  # as SemVer. C2PA 2.4, section 10.2.3

PARENT: Final = "parent"  # the label by which actions name the parent ingredient
THUMBNAIL: Final = "thumbnail.jpg"

# CAWG training and data mining assertion 1.1, section 2.1: all four uses.
_USES: Final = ("cawg.ai_generative_training", "cawg.ai_inference", "cawg.ai_training", "cawg.data_mining")

# A parameter of our own, by the rule for names in C2PA 2.4, section 6.2.1.
PROMPT_HASH: Final = "org.provenance.prompt-sha256"

# Assertions that the signer makes, and does not only pass on (C2PA 2.4, section 10.3.2).
CREATED_LABELS: Final = ("c2pa.ingredient", "c2pa.ingredient.v3", "c2pa.thumbnail.claim", "c2pa.thumbnail.ingredient")


def definition(
    profile: Profile,
    facts: Facts,
    *,
    title: str | None,
    inputs: Sequence[str] = (),
    placed: Sequence[str] = (),
    thumbnail: bool = False,
    assertions: Iterable[Mapping[str, Any]] = (),
    now: datetime | None = None,
) -> dict[str, Any]:
    """What the engine is told to sign.

    `inputs` and `placed` are the labels of ingredients: what a model was given, and what became part of the asset.
    Raises `ProfileError` where the facts contradict the profile.
    """
    facts.check(profile)
    assertions = [dict(assertion) for assertion in assertions]
    _check_needs(profile, facts, assertions)
    at = facts.when or (now or datetime.now(UTC)) if profile.happens_now else facts.when
    actions = [_inception(profile, facts, at, inputs)]
    actions += [_action(ActionFacts(action=action), profile, facts, at) for action in profile.actions]
    actions += [_action(action, profile, facts, at) for action in facts.actions]
    actions += [{"action": "c2pa.placed", "parameters": {"ingredientIds": [label]}} for label in placed]
    included = profile.all_actions_included if facts.all_actions_included is None else facts.all_actions_included
    manifest: dict[str, Any] = {
        "claim_generator_info": [generator_info(facts.software)],
        "assertions": [
            own("c2pa.actions.v2", {"actions": actions, "allActionsIncluded": included}),
            *_disclosure(profile, facts),
            *training_mining(facts.training_mining or profile.training_mining),
            *assertions,
        ],
    }
    if title := facts.title or title_of(title):
        manifest["title"] = title
    if thumbnail:
        manifest["thumbnail"] = {"format": "image/jpeg", "identifier": THUMBNAIL}
    return manifest


def title_of(name: str | None) -> str | None:
    """A title from a file's name, in which what is no Unicode is a question mark: a manifest can hold no other text."""
    return name.encode("utf-8", "replace").decode() if name else None


def declared_source_type(profile: Profile, facts: Facts) -> str | None:
    """The digital source type that goes into the asset's metadata too; None where the profile declares none."""
    return facts.digital_source_type or profile.digital_source_type if profile.declare else None


def generator_info(software: Software | None) -> dict[str, str]:
    """Who generates the claim, and by which version of the standard. C2PA 2.4, section 10.2.3."""
    return {**_named(software or _toolkit()), "specVersion": SPEC_VERSION}


@cache
def _toolkit() -> Software:
    return Software(name="provenance", version=VERSION)


def _check_needs(profile: Profile, facts: Facts, assertions: Iterable[Mapping[str, Any]]) -> None:
    """Raises `ProfileError` for an action without what it cannot be valid without. C2PA 2.4, section 15.10.3.2.3."""
    labels = [str(assertion.get("label")) for assertion in assertions]
    given = [*(ActionFacts.model_construct(action=name) for name in profile.actions), *facts.actions]
    for action in given:
        if why := why_not_alone(action.action):
            raise ProfileError(f"{action.action}: {why}")
        missing = [name for name in parameters_needed(action.action) if not _is_text(action.parameters.get(name))]
        if missing:
            raise ProfileError(f"{action.action} needs the parameter {missing[0]}, and it is not given")
        label = assertion_needed(action.action)
        if label and not any(present == label or present.startswith(f"{label}__") for present in labels):
            raise ProfileError(f"{action.action} needs the assertion {label}, and it is not given")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _inception(profile: Profile, facts: Facts, at: datetime | None, inputs: Sequence[str]) -> dict[str, Any]:
    if profile.parent is not Parent.NONE:
        return {"action": OPENED, "parameters": {"ingredientIds": [PARENT]}}
    made = _action(ActionFacts.model_construct(action=CREATED), profile, facts, at)
    if facts.description:
        made["description"] = facts.description
    if inputs:
        made.setdefault("parameters", {})["ingredientIds"] = list(inputs)
    return made


def _action(action: ActionFacts, profile: Profile, facts: Facts, at: datetime | None) -> dict[str, Any]:
    described: dict[str, Any] = {"action": action.action}
    term = action.digital_source_type
    if term is None and needs_source_type(action.action):
        term = facts.digital_source_type or profile.digital_source_type
    if term is not None:
        described["digitalSourceType"] = term
    agent = action.software or (Software(name=facts.model.name, version=facts.model.version) if facts.model else None)
    if agent is not None and (action.software or term is not None):
        described["softwareAgent"] = _named(agent)
    when = action.when or at
    if when is not None:
        described["when"] = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if action.description:
        described["description"] = action.description
    parameters = dict(action.parameters)
    if facts.prompt is not None and profile.ai_disclosure and needs_source_type(action.action):
        parameters[PROMPT_HASH] = hashlib.sha256(facts.prompt.encode()).hexdigest()
    if parameters:
        described["parameters"] = parameters
    return described


def _disclosure(profile: Profile, facts: Facts) -> list[dict[str, Any]]:
    """C2PA 2.4, section 18.28. The level of oversight is said only where it is given."""
    if not profile.ai_disclosure:
        return []
    model = facts.model
    described: dict[str, Any] = {"modelType": model.type if model else "c2pa.types.model"}
    if model:
        described["modelName"] = f"{model.name} {model.version}" if model.version else model.name
        if model.identifier:
            described["modelIdentifier"] = model.identifier
        if model.scientific_domain:
            described["scientificDomain"] = model.scientific_domain
    if facts.human_oversight:
        described["contentProfile"] = {"humanOversightLevel": facts.human_oversight}
    return [own("c2pa.ai-disclosure", described)]


def training_mining(permission: str | None) -> list[dict[str, Any]]:
    """The assertion on training and data mining, where something is said of it."""
    if permission is None:
        return []
    return [own("cawg.training-mining", {"entries": {use: {"use": permission} for use in _USES}})]


def own(label: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An assertion that the signer makes. C2PA 2.4, section 10.3.2.1."""
    return {"label": label, "created": True, "data": dict(data)}


def _named(software: Software) -> dict[str, str]:
    return {"name": software.name, **({"version": software.version} if software.version else {})}
