"""From validation codes to answers: unchanged? signed by whom? when? does the history hold? C2PA 2.4, section 15.

The engine sums all failures up in one state, "Invalid". Here every code is put to the question that it answers.
"""

import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from ...credentials import Code, IntegrityState
from .manifest_store import path_in

_FILE: Final = Path(__file__).with_name("codes.toml")


class FailureSubject(StrEnum):
    """What a failed code speaks about; the names of the groups in `codes.toml`."""

    ALTERED = "altered"
    BROKEN = "broken"
    SIGNER = "signer"
    TIME = "time"
    HISTORY = "history"
    FORM = "form"


class IdentityAnswer(StrEnum):
    """What a code says of an identity assertion; the names of the lists under `identity` in `codes.toml`."""

    HOLDS = "holds"
    WHO = "who"
    TIME = "time"
    FORM = "form"
    UNCHECKED = "unchecked"
    MISMATCH = "mismatch"
    BROKEN = "broken"


def identity_answer(code: Code) -> IdentityAnswer | None:
    """What a code says of an identity assertion; None where it is neither a failure nor says that it holds."""

    def is_in(answer: IdentityAnswer) -> bool:
        return code.code.startswith(tuple(_identity_table()[answer]))

    if code.kind != "failure":
        return IdentityAnswer.HOLDS if is_in(IdentityAnswer.HOLDS) else None
    others = (answer for answer in IdentityAnswer if answer not in (IdentityAnswer.HOLDS, IdentityAnswer.BROKEN))
    return next((answer for answer in others if is_in(answer)), IdentityAnswer.BROKEN)


def is_about_identity(code: str) -> bool:
    """Whether a code speaks of an identity assertion, and so neither of the asset nor of the manifest's signer."""
    return code.startswith(("cawg.identity.", "cawg.x509.", "cawg.ica."))


def codes_of(store: dict[str, Any]) -> tuple[Code, ...]:
    """All validation codes of a manifest store, as the engine gives them."""
    results = store.get("validation_results") or {}
    return (
        *_codes(results.get("activeManifest") or {}, None),
        *(
            code
            for delta in results.get("ingredientDeltas") or ()
            for code in _codes(delta.get("validationDeltas") or {}, delta.get("ingredientAssertionURI"))
        ),
    )


@lru_cache(maxsize=512)  # codes come from files: bounded
def subject_of(code: str) -> FailureSubject:
    """The question that a failed code answers; `broken` for one that is not known."""
    matches = [(len(prefix), question) for prefix, question in _prefixes() if code.startswith(prefix)]
    return max(matches)[1] if matches else FailureSubject.BROKEN


def failures(codes: Iterable[Code], *questions: FailureSubject) -> list[Code]:
    """The failures of the active manifest that answer one of these questions."""
    return [
        code
        for code in codes
        if code.kind == "failure" and code.ingredient is None and subject_of(code.code) in questions
    ]


def integrity_of(codes: tuple[Code, ...]) -> IntegrityState:
    """Whether the asset is what was signed: the active manifest, its assertions and the hard binding, and no more.

    Intact needs proof: a signature that was checked and a hard binding that matched, not only the lack of a failure.
    """
    if failures(codes, FailureSubject.BROKEN):
        return IntegrityState.BROKEN
    if failures(codes, FailureSubject.ALTERED):
        return IntegrityState.ALTERED
    succeeded = {code.code for code in codes if code.kind == "success" and code.ingredient is None}
    if "claimSignature.validated" in succeeded and not succeeded.isdisjoint(_binding_matched()):
        return IntegrityState.INTACT
    return IntegrityState.BROKEN


def signature_holds(codes: tuple[Code, ...]) -> bool:
    """Whether the claim signature was checked and holds, whatever became of the content."""
    return any(code.code == "claimSignature.validated" and code.ingredient is None for code in codes)


def time_stamp_holds(codes: tuple[Code, ...]) -> bool:
    """Whether the engine checked the time stamp and trusts it.

    NOTE: the engine trusts any time stamp in the form of version 1 claims ("legacy"), whoever made it.
    """
    return any(code.code == "timeStamp.trusted" and code.ingredient is None for code in codes)


class Failures:
    """The codes by which the manifests of a store fail: found now, or recorded by whoever cited them.

    By citation, not by manifest: one who cites a manifest with the wrong content says nothing about others who cite it.
    Who signed an ingredient, and when, is not a question of whether it holds; those codes are left out.
    """

    def __init__(self, store: dict[str, Any], codes: tuple[Code, ...]) -> None:
        self._root = store["active_manifest"]
        self._found = [code for code in codes if code.kind == "failure" and _breaks(code.code)]

    def of_root(self) -> list[str]:
        """The failures of the asset's own manifest."""
        own = (code.code for code in self._found if code.ingredient is None and manifest_label(code.url) == self._root)
        return list(dict.fromkeys(own))

    def of_citation(self, parent: str | None, ingredient: dict[str, Any]) -> list[str]:
        """The failures of an ingredient as this parent cites it."""
        label, assertion = ingredient.get("active_manifest"), ingredient.get("label")
        place = f"/c2pa/{parent}/c2pa.assertions/{assertion}"
        own_codes = [
            code.code
            for code in self._found
            if (code.ingredient is None and label and manifest_label(code.url) == label)
            or (code.ingredient or "").endswith(place)
            # Without its assertion's name a citation cannot be told from others of the same manifest.
            or (code.ingredient and not assertion and label and manifest_label(code.url) == label)
        ]
        return list(dict.fromkeys([*own_codes, *(code for code in _recorded_failures(ingredient) if _breaks(code))]))


def manifest_label(url: str | None) -> str | None:
    """The label of the manifest that a JUMBF URI leads into. C2PA 2.4, section 8.3."""
    if not url:
        return None
    path = path_in(url)
    if path[:1] == ["c2pa"] and len(path) > 1:
        return path[1]
    return url if "/" not in url and "=" not in url else None


def _breaks(code: str) -> bool:
    return subject_of(code) in (FailureSubject.ALTERED, FailureSubject.BROKEN, FailureSubject.HISTORY)


def _recorded_failures(ingredient: dict[str, Any]) -> Iterator[str]:
    results = _map(_map(ingredient.get("validation_results")).get("activeManifest"))
    for status in (*_list(ingredient.get("validation_status")), *_list(results.get("failure"))):
        yield str(_map(status).get("code"))


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _codes(results: dict[str, Any], ingredient: str | None) -> Iterator[Code]:
    for kind in ("success", "informational", "failure"):
        for status in results.get(kind) or ():
            yield Code(
                code=str(status.get("code")),
                kind=kind,
                url=status.get("url"),
                explanation=status.get("explanation"),
                ingredient=ingredient,
            )


@cache
def _table() -> dict[str, list[str]]:
    return {name: value for name, value in tomllib.loads(_FILE.read_text("utf-8")).items() if isinstance(value, list)}


@cache
def _identity_table() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = tomllib.loads(_FILE.read_text("utf-8"))["identity"]
    return lists


@cache
def _prefixes() -> list[tuple[str, FailureSubject]]:
    return [(prefix, question) for question in FailureSubject for prefix in _table()[question]]


@cache
def _binding_matched() -> frozenset[str]:
    return frozenset(_table()["binding_matched"])
