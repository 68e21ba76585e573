"""The signals of the C2PA asset rubric: in short words, how a manifest says the asset began and what was done to it.

The rubric is written as formulas over crJSON. The same rules stand here in Python, over the assertions that were
verified: to ask the engine for crJSON makes reading a tenth slower, and its other JSON renames the actions of version 1
claims, of which the rubric says nothing. The rules look at one manifest alone, and do not ask who signed it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...declared import Inception, Signals, Transformation
from ...formats.jumbf import StoreError
from .rubric import inception_actions, non_editorial_actions, table
from .validator import Verified


def signals_of(verified: Mapping[str, Verified]) -> dict[str, Signals]:
    """The signals of each manifest, by its label."""
    return {label: _signals(_Declared.by(each)) for label, each in verified.items()}


@dataclass(frozen=True)
class _Action:
    """An action as far as the rubric asks. From a file: the values can be of any kind."""

    name: Any
    source_type: Any


@dataclass(frozen=True)
class _Declared:
    """What one manifest declares, as far as the rubric asks."""

    actions: tuple[_Action, ...]
    all_actions_included: bool
    gathers_actions: bool
    flat_ingredient: bool  # one without a manifest of its own

    @classmethod
    def by(cls, verified: Verified) -> "_Declared":
        """Reads the first assertion of each kind, and no other, as the rubric does."""
        manifest = verified.manifest
        declared = _map_in(verified, "c2pa.actions.v2") or {}
        claim = manifest.claim if manifest.version > 1 else {}
        ingredient = _map_in(verified, "c2pa.ingredient.v3")
        return cls(
            actions=tuple(
                _Action(action.get("action"), action.get("digitalSourceType"))
                for action in _maps(declared.get("actions"))
            ),
            all_actions_included=declared.get("allActionsIncluded") is True,
            gathers_actions=any(
                "c2pa.actions" in str(reference.get("url")) for reference in _maps(claim.get("gathered_assertions"))
            ),
            flat_ingredient=ingredient is not None and ingredient.get("activeManifest") is None,
        )

    def source_types_of_edits(self) -> list[Any]:
        """The digital source type of each action that a person could perceive; None where it has none."""
        others = inception_actions() | non_editorial_actions()
        return [each.source_type for each in self.actions if each.name is not None and not _is_in(each.name, others)]


def _signals(declared: _Declared) -> Signals:
    began_as = [each.source_type for each in declared.actions if _is_in(each.name, inception_actions())]
    inception = {
        Inception(signal) for signal, types in table()["inception"].items() if any(each in types for each in began_as)
    }
    if declared.flat_ingredient:
        inception.add(Inception.MEDIA_UNKNOWN_PROVENANCE)
    return Signals(
        inception=tuple(signal for signal in Inception if signal in inception),
        transformations=tuple(signal for signal in Transformation if _TRANSFORMATIONS[signal](declared)),
    )


def _is_in(name: Any, actions: frozenset[str]) -> bool:
    return isinstance(name, str) and name in actions


def _ambiguous_actions(declared: _Declared) -> bool:
    return (
        not declared.actions
        or not declared.all_actions_included
        or declared.gathers_actions
        or any(each.name is not None and not str(each.name).startswith("c2pa.") for each in declared.actions)
        or any(each.name == "c2pa.unknown" for each in declared.actions)
    )


def _non_editorial(declared: _Declared) -> bool:
    return any(_is_in(each.name, non_editorial_actions()) for each in declared.actions)


def _perceptible_gen_ai(declared: _Declared) -> bool:
    return any(each in table()["genai_types"] for each in declared.source_types_of_edits())


def _perceptible_non_gen_ai(declared: _Declared) -> bool:
    return any(each is not None and each not in table()["genai_types"] for each in declared.source_types_of_edits())


def _perceptible_possibly_gen_ai(declared: _Declared) -> bool:
    return any(each in table()["possibly_genai_types"] for each in declared.source_types_of_edits())


_TRANSFORMATIONS: Final[dict[Transformation, Callable[[_Declared], bool]]] = {
    Transformation.AMBIGUOUS_ACTIONS: _ambiguous_actions,
    Transformation.NON_EDITORIAL: _non_editorial,
    Transformation.PERCEPTIBLE_GEN_AI: _perceptible_gen_ai,
    Transformation.PERCEPTIBLE_NON_GEN_AI: _perceptible_non_gen_ai,
    Transformation.PERCEPTIBLE_POSSIBLY_GEN_AI: _perceptible_possibly_gen_ai,
}


def _map_in(verified: Verified, label: str) -> dict[Any, Any] | None:
    """What an assertion holds; None where there is none that the claim's hash is of, or that can be read."""
    try:
        value = verified.manifest.assertions[label].data if label in verified.declared else None
    except StoreError:
        return None
    return value if isinstance(value, dict) else None


def _maps(values: Any) -> list[dict[Any, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
