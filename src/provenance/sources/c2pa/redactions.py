"""Redactions: the assertions that a later manifest removed from an earlier one, as the later one declares."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ... import limits
from ...credentials import Redaction, Step, StepState
from ...sentences import clean
from .validation import manifest_label


class Redactions:
    """What the manifests of a store removed from each other."""

    def __init__(self, manifests: Mapping[str, Any]) -> None:
        self._removed: dict[tuple[str, str | None], list[tuple[str, str | None]]] = {}
        for label, manifest in manifests.items():
            reasons = dict(_reasons(manifest))
            for uri in _texts(manifest.get("redactions"))[: limits.MAX_REDACTIONS]:
                part = (clean(uri.rpartition("/")[2]), reasons.get(uri))
                self._removed.setdefault((label, manifest_label(uri)), []).append(part)

    def of(self, label: str | None, citing: Step | None, steps: Sequence[Step]) -> tuple[Redaction, ...]:
        """What was removed from this manifest by the steps that it went into; steps that do not hold say nothing."""
        redactions = []
        while citing is not None and self._removed:
            if citing.state is not StepState.BROKEN:
                for part, reason in self._removed.get((citing.manifest or "", label), ()):
                    redactions.append(Redaction(part=part, by=citing.id, reason=reason))
            citing = None if citing.parent is None else steps[citing.parent]
        return tuple(redactions[: limits.MAX_REDACTIONS])


def _reasons(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Why each assertion was removed, where the `c2pa.redacted` action says so."""
    for assertion in manifest.get("assertions", ()):
        data = assertion.get("data")
        actions = data.get("actions") if isinstance(data, dict) else None
        for action in actions if isinstance(actions, list) else ():
            if not isinstance(action, dict) or action.get("action") != "c2pa.redacted":
                continue
            parameters, reason = action.get("parameters"), action.get("reason")
            uri = parameters.get("redacted") if isinstance(parameters, dict) else None
            if isinstance(uri, str) and isinstance(reason, str):
                yield uri, clean(reason)


def _texts(value: Any) -> list[str]:
    return [uri for uri in value if isinstance(uri, str)] if isinstance(value, list) else []
