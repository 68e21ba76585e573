"""The toolkit's own validation of a manifest store, by `cryptography` and nothing else. C2PA 2.4, section 15.

What is named anywhere in a report – a signer, a time, a statement – is what was verified here, over the bytes that the
store's one typed structure holds. The engines are further opinions on the same asset.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ... import limits
from ...asset import OpenAsset
from ...credentials import Code
from ...formats.jumbf import JumbfBox, StoreError
from .cose import Signature, parse_signature
from .embedding import Embedding, Range
from .hard_binding import (
    Coverage,
    MalformedBindingError,
    UnsupportedHashError,
    bindings_of,
    code_name,
    coverage_of,
)
from .hard_binding.coverage import HASHES
from .manifest_store import ASSERTIONS_LABEL, Assertion, Manifest, ManifestStore, path_in
from .time_stamp import TimeStamp, time_stamp_of

NAME: Final = "provenance"

INGREDIENT: Final = "c2pa.ingredient"


@dataclass(frozen=True)
class Verified:
    """What was verified of one manifest: its signature, if that holds, and the assertions that its claim names.

    `declared` are those whose hash is the one in the claim, in the claim's order, with whether the signer made them
    (true) or only gathered them.
    """

    manifest: Manifest
    signature: Signature | None  # None where it does not hold
    time_stamp: TimeStamp | None
    declared: Mapping[str, bool]


@dataclass(frozen=True)
class Validation:
    """A manifest store that was validated: what holds of each manifest, and the codes of what was found."""

    store: ManifestStore
    verified: Mapping[str, Verified]  # by label, as far as the active manifest leads to them
    codes: tuple[Code, ...]
    coverage: Coverage | None  # of the hard binding; None where none could be checked

    @property
    def active(self) -> Verified:
        """What was verified of the active manifest."""
        return self.verified[self.store.active.label]


def validate(store: ManifestStore, asset: OpenAsset | None, embedding: Embedding | None) -> Validation:
    """Validates a store, and its hard binding against the asset, in which it lies at `embedding`, if it is inside.

    Raises `StoreError` where a signature is ambiguous. Without an asset nothing is known of the hard binding.
    """
    found = _Validator(store)
    found.walk()
    coverage = found.bind(asset, embedding) if asset is not None else None
    return Validation(store, found.verified, tuple(found.codes), coverage)


class _Validator:
    def __init__(self, store: ManifestStore) -> None:
        self._store = store
        self.verified: dict[str, Verified] = {}
        self.codes: list[Code] = []
        # What each manifest removed from others: it counts for those that it leads to, and where its signature holds.
        self._redactions: dict[str, frozenset[tuple[str, str]]] = {}
        self._above: dict[str, frozenset[str]] = {}

    def walk(self) -> None:
        """Verifies the active manifest, then those that it leads to, each once."""
        queue: list[tuple[Manifest, str | None]] = [(self._store.active, None)]
        self._above[self._store.active.label] = frozenset()
        failed: dict[str, list[tuple[str, str]]] = {}
        for manifest, citation in queue:  # grows on the way
            if manifest.label not in self.verified:
                if len(self.verified) >= limits.MAX_HISTORY_STEPS:
                    continue
                failed[manifest.label] = _limited(self._verify(manifest))
                held = self.verified[manifest.label].signature is not None
                self._redactions[manifest.label] = frozenset(_redactions(manifest)) if held else frozenset()
                cited = [self._cited(manifest, label) for label in manifest.assertions if _is_ingredient(label)]
                queue.extend(each for each in cited if each is not None)
            # What fails of an ingredient fails for everybody who cites it.
            for code, url in failed[manifest.label]:
                self._say("failure", code, url, citation)
            failed[manifest.label] = _one_of_each(failed[manifest.label])

    def _verify(self, manifest: Manifest) -> Iterator[tuple[str, str]]:
        """Verifies signature and assertions; gives the codes of what does not hold, with where."""
        place = manifest.uri("c2pa.signature")
        active = manifest is self._store.active
        signature = parse_signature(manifest.signature, version=manifest.version)
        if not _is_signature_of(manifest, manifest.claim.get("signature")):
            yield "claimSignature.missing", place
            signature_holds = False
        else:
            signature_holds = signature.holds_over(manifest.claim_bytes)
            if not signature_holds:
                yield "claimSignature.mismatch", place
            elif active:
                self._say("success", "claimSignature.validated", place, None)
        stamp = time_stamp_of(signature, manifest.claim_bytes) if signature_holds else None
        declared: dict[str, bool] = {}
        for url, reference, created in _declared(manifest):
            assertion = assertion_at(manifest, url)
            if assertion is None:
                if not self._is_redacted(manifest, url):
                    yield "assertion.missing", url
            elif not hash_fits(assertion.box, reference, manifest.claim.get("alg")):
                if not self._is_redacted(manifest, url):
                    yield "assertion.hashedURI.mismatch", manifest.uri(ASSERTIONS_LABEL, assertion.label)
            else:
                declared[assertion.label] = declared.get(assertion.label, created) and created
        named = {assertion.label for url, _, _ in _declared(manifest) if (assertion := assertion_at(manifest, url))}
        for label in manifest.assertions.keys() - named:
            yield "assertion.undeclared", manifest.uri(ASSERTIONS_LABEL, label)
        self.verified[manifest.label] = Verified(manifest, signature if signature_holds else None, stamp, declared)

    def _cited(self, manifest: Manifest, label: str) -> tuple[Manifest, str] | None:
        """The manifest of an ingredient, with the assertion that cites it; None where it has none."""
        uri = manifest.uri(ASSERTIONS_LABEL, label)
        if label not in self.verified[manifest.label].declared:
            return None
        data = manifest.assertions[label].data
        reference = cited_manifest(data)
        if reference is None:
            return None
        cited = manifest_at(self._store, reference.get("url"))
        if cited is None:
            self._say("failure", "ingredient.manifest.missing", uri, uri)
            return None
        self._above.setdefault(cited.label, self._above[manifest.label] | {manifest.label})
        default = manifest.claim.get("alg")
        signature = data.get("claimSignature")
        bound = isinstance(signature, Mapping) and hash_fits(cited.signature_box, signature, default, whole=True)
        if isinstance(signature, Mapping) and not bound:
            self._say("failure", "ingredient.claimSignature.mismatch", uri, uri)
        # What was removed changes the hash of the whole. The signature then says that it is the same manifest; without
        # a hash of that, any other of this label could stand in its place.
        elif not _leads_to(cited, reference, default) and not (bound and self._lacks_what_was_redacted(cited)):
            self._say("failure", "ingredient.manifest.mismatch", uri, uri)
        return cited, uri

    def bind(self, asset: OpenAsset, embedding: Embedding | None) -> Coverage | None:
        """Checks the hard binding: of an update manifest it is that of the manifest that it updates."""
        manifest = self._bound()
        if manifest is None:
            return None
        labels = [label for label in bindings_of(manifest) if label in self.verified[manifest.label].declared]
        if len(labels) != 1:
            code = "claim.hardBindings.missing" if not labels else "assertion.multipleHardBindings"
            self._say("failure", code, manifest.uri(ASSERTIONS_LABEL), None)
            return None
        url, name = manifest.uri(ASSERTIONS_LABEL, labels[0]), code_name(labels[0])
        try:
            own_place = _own_place(embedding, manifest.assertions[labels[0]].data)
            updated = manifest is not self._store.active
            coverage = coverage_of(asset, manifest, labels[0], own_place, updated=updated)
        except MalformedBindingError:
            self._say("failure", f"assertion.{name}.malformed", url, None)
            return None
        except UnsupportedHashError:
            self._say("failure", "algorithm.unsupported", url, None)
            return None
        if embedding is None and coverage.left_out and name == "dataHash":
            # A manifest that stands apart leaves nothing out: other content is in the place that was the manifest's.
            coverage = Coverage(matched=False)
        if coverage.matched is not None:
            kind, code = ("success", "match") if coverage.matched else ("failure", "mismatch")
            self._say(kind, f"assertion.{name}.{code}", url, None)
        return coverage

    def _bound(self) -> Manifest | None:
        """The manifest whose binding speaks of the asset's content. C2PA 2.4, section 11.2.3."""
        manifest, met = self._store.active, set()
        while manifest.is_update and manifest.label not in met:
            met.add(manifest.label)
            parents = []
            for label in self.verified[manifest.label].declared:
                data = manifest.assertions[label].data if _is_ingredient(label) else None
                if _is_ingredient(label):  # its one ingredient is its parent: any other would speak for this asset
                    is_parent = isinstance(data, Mapping) and data.get("relationship") == "parentOf"
                    reference = cited_manifest(data) if is_parent else None
                    parents.append(manifest_at(self._store, reference.get("url")) if reference else None)
            parent = parents[0] if len(parents) == 1 else None
            if parent is None or parent.label not in self.verified or bindings_of(manifest):
                self._say("failure", "manifest.update.invalid", manifest.uri(), None)
                return None
            manifest = parent
        return manifest

    def _say(self, kind: str, code: str, url: str, ingredient: str | None) -> None:
        self.codes.append(Code(code=code, kind=kind, url=url, ingredient=ingredient))

    def _is_redacted(self, manifest: Manifest, url: str) -> bool:
        """Whether a later manifest says that it removed this assertion. C2PA 2.4, section 6.8."""
        label = _inside(manifest, url)
        if label is None or not may_be_redacted(label):
            return False
        return (manifest.label, label) in self._removed_above(manifest)

    def _lacks_what_was_redacted(self, manifest: Manifest) -> bool:
        """Whether something was removed from this manifest, so that its hash is no longer what was cited."""
        removed = self._removed_above(manifest)
        missing = (_inside(manifest, url) for url, _, _ in _declared(manifest) if assertion_at(manifest, url) is None)
        return any((manifest.label, label) in removed for label in missing)

    def _removed_above(self, manifest: Manifest) -> frozenset[tuple[str, str]]:
        """What was removed by the manifests that lead to this one."""
        above = self._above.get(manifest.label, frozenset())
        return frozenset().union(*(self._redactions.get(each, frozenset()) for each in above))


def _own_place(embedding: Embedding | None, binding: Any) -> tuple[Range, ...]:
    if embedding is None:
        return ()
    has_trees = isinstance(binding, Mapping) and binding.get("merkle")
    return (*embedding.ranges, *embedding.trees) if has_trees else embedding.ranges


def _limited(failed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What does not hold, no more than a person would look at, and each code at least once."""
    found = list(failed)
    return list(dict.fromkeys([*_one_of_each(found), *found[: limits.MAX_CODES_OF_MANIFEST]]))


def _one_of_each(failed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    first = {code: (code, url) for code, url in reversed(failed)}
    return list(reversed(first.values()))


def may_be_redacted(label: str) -> bool:
    """Whether the standard lets a later manifest remove this assertion. C2PA 2.4, section 6.8.2."""
    return not label.startswith(("c2pa.actions", "c2pa.hash."))


def cited_manifest(data: Any) -> Mapping[str, Any] | None:
    """The reference of an ingredient assertion to the ingredient's own manifest; None where it has none."""
    if not isinstance(data, Mapping):
        return None
    reference = data.get("activeManifest") or data.get("c2pa_manifest")
    return reference if isinstance(reference, Mapping) else None


def manifest_at(store: ManifestStore, url: Any) -> Manifest | None:
    """The manifest that a JUMBF URI leads to, or into. C2PA 2.4, section 8.3."""
    path = path_in(url)
    return store.manifests.get(path[1]) if len(path) >= 2 and path[0] == "c2pa" else None


def assertion_at(manifest: Manifest, url: Any) -> Assertion | None:
    """The assertion of this manifest that a JUMBF URI leads to."""
    label = _inside(manifest, url)
    return None if label is None else manifest.assertions.get(label)


def _inside(manifest: Manifest, url: Any) -> str | None:
    """The label of the assertion, where the URI leads into this manifest's assertions."""
    path = path_in(url)
    if path[:1] == ["c2pa"]:
        path = path[2:] if path[1:2] == [manifest.label] else []
    return path[1] if len(path) == 2 and path[0] == ASSERTIONS_LABEL else None


def _is_signature_of(manifest: Manifest, url: Any) -> bool:
    return path_in(url) in (["c2pa.signature"], ["c2pa", manifest.label, "c2pa.signature"])


def _is_ingredient(label: str) -> bool:
    return label.startswith(INGREDIENT)


def _declared(manifest: Manifest) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Each assertion that the claim names: its URI, the hashed reference, and whether the signer made it."""
    lists = ("assertions",) if manifest.version == 1 else ("created_assertions", "gathered_assertions")
    for name in lists:
        references = manifest.claim.get(name)
        for each in references if isinstance(references, list) else ():
            if not isinstance(each, Mapping) or not isinstance(each.get("url"), str):
                raise StoreError("store.cbor")
            yield each["url"], each, name != "gathered_assertions"


def _redactions(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """What this manifest removed from others: the manifest's label, and the assertion's."""
    uris = manifest.claim.get("redacted_assertions")
    for uri in uris[: limits.MAX_REDACTIONS] if isinstance(uris, list) else ():
        path = path_in(uri)
        if len(path) == 4 and path[0] == "c2pa" and path[1] != manifest.label:
            yield path[1], path[3]


def _leads_to(manifest: Manifest, reference: Mapping[Any, Any], default: Any) -> bool:
    """Whether a reference's hash is that of this manifest, or of its claim, as writers had it before C2PA 1.1."""
    if hash_fits(manifest.box, reference, default):
        return True
    algorithm = _algorithm(reference, default)
    return (
        manifest.version == 1
        and algorithm in HASHES
        and reference.get("hash") == _digest(algorithm, manifest.claim_bytes)
    )


def hash_fits(box: JumbfBox, reference: Mapping[Any, Any], default: Any, *, whole: bool = False) -> bool:
    """Whether the hash in a reference is that of the box's content. C2PA 2.4, section 8.4.2.

    `whole`: or of the box with its header, as c2pa-rs takes the hash of a signature.
    """
    algorithm = _algorithm(reference, default)
    if algorithm not in HASHES:
        return False
    if _digest(algorithm, box.content) == reference.get("hash"):
        return True
    header = (8 + len(box.content)).to_bytes(4, "big") + b"jumb"
    return whole and _digest(algorithm, header + bytes(box.content)) == reference.get("hash")


def _algorithm(reference: Mapping[Any, Any], default: Any) -> Any:
    return reference.get("alg") or default  # where nobody names one, none is assumed. C2PA 2.4, section 8.4.2


def _digest(algorithm: str, data: bytes | memoryview) -> bytes:
    return hashlib.new(algorithm, data).digest()
