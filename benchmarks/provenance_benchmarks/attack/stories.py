"""What honest people sign, and what an attacker signs in the same form: the records that mutations begin with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .bases import Base
from .case import AI_ORIGINS, Case, Truth, World
from .principals import WHILE_VALID, Principal, Principals
from .stamps import stamp_by
from .stores import (
    AI,
    CAPTURED,
    UPDATE,
    EditableBox,
    ManifestRecipe,
    actions,
    assertion,
    citation,
    created,
    label_of,
    reference,
    store_of,
)


@dataclass
class Story:
    """A store, and the truth about it."""

    store: EditableBox
    truth: Truth
    people: Principals

    def in_file(self, kind: str, base: Base, **changes: Any) -> Case:
        """As a case: the store in the base's file."""
        data, manifest = base.put(self.store)
        labels = frozenset(box.label.decode("utf-8", "replace") for box in self.store.children or ())
        truth = self.truth.but(signed=signed_in(self.store, self.people), labels=labels, **changes)
        return Case(kind, base.name, base.file, data, truth, manifest)


def signed_in(store: EditableBox, people: Principals) -> frozenset[tuple[str, str]]:
    """Whose signatures hold over which manifests of a store, checked here: by label and name.

    Whatever their types and labels are now, each part of a manifest is tried as a claim and as a signature.
    """
    signatures: set[tuple[str, str]] = set()
    for manifest in store.all():
        parts = [content for child in manifest.children or () if (content := _content(child))][:8]
        if manifest.label == b"c2pa.assertions" or len(parts) < 2:
            continue
        label = manifest.label.decode("utf-8", "replace")
        for sign1 in filter(None, map(_sign1, parts)):
            signatures.update((label, name) for claim in parts for name in _holds(*sign1, claim, people))
    return frozenset(signatures)


def _content(box: EditableBox) -> bytes:
    return next((child.content for child in box.children or () if child.kind == b"cbor"), b"")


def _sign1(part: bytes) -> tuple[bytes, bytes] | None:
    """The protected header and the signature, where this is a COSE_Sign1 under any tags."""
    try:
        value = cbor2.loads(part)
        while isinstance(value, cbor2.CBORTag):
            value = value.value
        protected, _, _, signature = value
        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        return (protected, encode_dss_signature(r, s)) if isinstance(protected, bytes) else None
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError):
        return None


def _holds(protected: bytes, der: bytes, claim: bytes, people: Principals) -> Iterator[str]:
    signed = cbor2.dumps(["Signature1", protected, b"", claim])
    for signer in people.signers:
        try:
            signer.key.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            continue
        yield signer.name


def truth_of(*signers: Principal, origins: frozenset[str] | None = None, stamped: bool = False) -> Truth:
    """The truth where these signed, the asset's own signer first."""
    names = frozenset(signer.name for signer in signers)
    return Truth(names, names, stampers=frozenset({"Honest Stamps"} if stamped else ()), origins=origins)


def honest(world: World, base: Base) -> Story:
    """One of the stories that honest people tell."""
    tell: Callable[[World, Base], Story] = world.one_of(capture, capture, generated, composite, opened)
    return tell(world, base)


def capture(world: World, base: Base, **fields: Any) -> Story:
    """A newsroom's photograph, in one manifest."""
    return _single(world, base, CAPTURED, world.one_of(world.people.newsroom, world.people.expired), **fields)


def generated(world: World, base: Base, **fields: Any) -> Story:
    """A picture that a generator made."""
    return _single(world, base, AI, world.one_of(world.people.ai_maker, world.people.known), **fields)


def _single(world: World, base: Base, source_type: str, signer: Principal, **fields: Any) -> Story:
    version = world.version()
    stamp = stamp_by(world.people.stamper, WHILE_VALID) if world.chance(0.4) else None
    declared = actions(created(source_type, version=version), version=version)
    record = ManifestRecipe(label_of(1, version), signer, [declared, base.bound()], version, stamp=stamp, **fields)
    origins = frozenset({"captured"}) if source_type == CAPTURED else AI_ORIGINS
    return Story(
        store_of(record.manifest()), truth_of(signer, origins=origins, stamped=stamp is not None), world.people
    )


def part_by_ai(world: World, version: int, number: int = 2) -> EditableBox:
    """The manifest of something that AI made: an ingredient, about other content."""
    binding = assertion("c2pa.hash.data", {"name": "part", "alg": "sha256", "hash": bytes(32), "pad": b""})
    declared = actions(created(AI, "a generator", version), version=version)
    return ManifestRecipe(label_of(number, version), world.people.ai_maker, [declared, binding], version).manifest()


def composite(world: World, base: Base, signer: Principal | None = None) -> Story:
    """A photograph into which a part that AI made was placed."""
    version, signer = world.version(), signer or world.people.newsroom
    part = part_by_ai(world, version)
    ingredient = citation(part, "componentOf", version)
    placed = {"action": "c2pa.placed", "parameters": _parameters(ingredient, version)}
    declared = actions(created(CAPTURED, version=version), placed, version=version)
    record = ManifestRecipe(label_of(1, version), signer, [ingredient, declared, base.bound()], version)
    truth = truth_of(signer, world.people.ai_maker, origins=AI_ORIGINS)
    return Story(store_of(part, record.manifest()), truth, world.people)


def opened(world: World, base: Base) -> Story:
    """Something that AI made, opened and saved by a newsroom."""
    version = world.version()
    part = part_by_ai(world, version)
    ingredient = citation(part, "parentOf", version)
    declared = actions({"action": "c2pa.opened", "parameters": _parameters(ingredient, version)}, version=version)
    record = ManifestRecipe(label_of(1, version), world.people.newsroom, [ingredient, declared, base.bound()], version)
    truth = truth_of(world.people.newsroom, world.people.ai_maker, origins=AI_ORIGINS)
    return Story(store_of(part, record.manifest()), truth, world.people)


def _parameters(ingredient: EditableBox, version: int) -> dict[str, Any]:
    cited = reference("c2pa.assertions/" + ingredient.label.decode(), ingredient)
    return {"ingredient": cited} if version == 1 else {"ingredients": [cited]}


def updated(
    world: World, inner: EditableBox, signer: Principal, *declared: dict[str, Any], kind: bytes = UPDATE, **claim: Any
) -> EditableBox:
    """A manifest over this one, of version 2, by which the record goes on."""
    ingredient = citation(inner, "parentOf")
    first = {"action": "c2pa.opened", "parameters": _parameters(ingredient, 2)}
    boxes = [ingredient, actions(first, *declared)]
    return ManifestRecipe(label_of(world.rng.randrange(100, 2**31)), signer, boxes, 2, kind, claim=claim).manifest()


def by_attacker(world: World, base: Base, signer: Principal | None = None, **fields: Any) -> ManifestRecipe:
    """A record in the usual form that the attacker signs: a photograph, he says, or that AI made it."""
    version = fields.pop("version", None) or world.version()
    declared = actions(created(world.one_of(CAPTURED, AI), version=version), version=version)
    label = fields.pop("label", None) or label_of(1, version)
    extra = fields.pop("extra", ())
    return ManifestRecipe(label, signer or world.people.attacker, [declared, base.bound(), *extra], version, **fields)


def forged(world: World, base: Base) -> Story:
    """What an attacker signs, by himself."""
    return Story(store_of(by_attacker(world, base).manifest()), truth_of(), world.people)
