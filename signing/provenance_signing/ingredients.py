"""Ingredients: what an asset was made from. Their own manifests are checked and kept. C2PA 2.4, section 18.16."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from provenance.asset import Input, OpenAsset, open_asset
from provenance.credentials import IntegrityState
from provenance.errors import AssetError
from provenance.media_type import MANIFEST_STORE
from provenance.sources.c2pa.engine import ReadOutcome
from provenance.sources.c2pa.reading import Reading
from provenance.sources.c2pa.validation import codes_of, integrity_of
from provenance.trust import TrustStore

from .engine import EngineIngredient
from .errors import IngredientError, ProfileError
from .existing_manifest import read
from .manifest import title_of


class Relationship(StrEnum):
    """What an ingredient is to the asset. C2PA 2.4, section 18.16.3."""

    PARENT = "parentOf"
    COMPONENT = "componentOf"
    INPUT = "inputTo"


@dataclass(frozen=True)
class Ingredient:
    """Something that an asset was made from: its parent, a component, or what a model was given.

    `source` is a path, bytes or a binary file. `manifest` is its manifest store, where that is apart from it; one
    beside a path is found.
    """

    source: Input
    relationship: Relationship | str = Relationship.COMPONENT
    title: str | None = None
    manifest: bytes | None = None
    description: str | None = None


@dataclass(frozen=True)
class Prepared:
    """An ingredient that was read: for the engine, with the resources that it names."""

    ingredient: EngineIngredient
    relationship: Relationship
    label: str
    resources: Mapping[str, bytes]
    manifests: frozenset[str]  # the labels of all manifests that it brings
    broken: str | None = None  # its name, where its manifest does not hold and is kept all the same


@contextmanager
def prepared(
    ingredient: Ingredient, label: str, trust: TrustStore, *, accept_broken: bool = False
) -> Iterator[Prepared]:
    """Reads an ingredient and its manifest; its content stays open as long as this context.

    Raises `IngredientError` where it cannot be read, or its manifest does not hold, unless `accept_broken` keeps it
    with its failure recorded (C2PA 2.4, section 18.16.12.4).
    """
    try:
        relationship = Relationship(ingredient.relationship)
    except ValueError:
        raise ProfileError(f"{ingredient.relationship}: an ingredient is {', '.join(Relationship)}") from None
    try:
        with open_asset(ingredient.source, name=ingredient.title) as asset:
            reading = read(asset, trust, manifest=ingredient.manifest)
            name = asset.name or "the ingredient"
            why = _why_not(reading, name)
            if why is not None and not accept_broken:
                raise IngredientError(why)
            yield replace(_prepared(ingredient, relationship, label, asset, reading), broken=name if why else None)
    except AssetError as error:
        raise IngredientError(str(error)) from None


def _why_not(reading: Reading, name: str) -> str | None:
    """Why an ingredient cannot be used as it is; None where nothing speaks against it."""
    outcome = reading.shown.outcome
    if outcome in (ReadOutcome.ABSENT, ReadOutcome.UNSUPPORTED):
        return None
    if outcome is ReadOutcome.REMOTE:
        url = reading.shown.remote_url
        return f"{name}: its manifest is at {url}; fetch it and give it with the ingredient, or it is lost"
    if outcome is not ReadOutcome.READ or reading.shown.store is None:
        return f"{name}: its manifest cannot be read; see “provenance verify”"
    state = integrity_of(codes_of(reading.shown.store))
    if state is IntegrityState.INTACT:
        return None
    return f"{name}: its own manifest does not hold ({state}); accept broken ingredients to keep it with that recorded"


def _prepared(
    ingredient: Ingredient, relationship: Relationship, label: str, asset: OpenAsset, reading: Reading
) -> Prepared:
    description: dict[str, Any] = {"relationship": str(relationship), "label": label, "format": asset.media_type}
    if asset.name:
        description["title"] = title_of(asset.name)
    if ingredient.description:
        description["description"] = ingredient.description
    shown = reading.shown
    active = shown.store["active_manifest"] if shown.store is not None else None
    manifests = frozenset((shown.store or {}).get("manifests") or ())
    if active is None or shown.store is None or _engine_reads_it(reading):
        content = EngineIngredient(description, asset.media_type, asset.stream)
        return Prepared(content, relationship, label, {}, manifests)
    # The engine cannot take this store from the content; it is given the store, and what was found about it.
    description |= {
        "active_manifest": active,
        "validation_results": shown.store.get("validation_results") or {},
        "manifest_data": {"format": MANIFEST_STORE, "identifier": f"{label}.c2pa"},
    }
    resources = {f"{label}.c2pa": shown.store_bytes}
    return Prepared(EngineIngredient(description, asset.media_type), relationship, label, resources, manifests)


def _engine_reads_it(reading: Reading) -> bool:
    return reading.external is None and reading.first.outcome is ReadOutcome.READ and not reading.first.apart
