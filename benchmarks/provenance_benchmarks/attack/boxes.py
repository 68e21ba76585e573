"""Mutations of the box tree and of the CBOR in it. Nobody signs anew: whatever was signed is what was signed before."""

import struct
from collections.abc import Callable
from typing import Any, Final

import cbor2

from .bases import Base
from .case import Case, World, kind
from .stores import CLAIM, MANIFEST, SIGNATURE, UPDATE, EditableBox, UnfitError, embedded, superbox
from .stories import forged, honest

_LABELS: Final = ("c2pa.signature", "c2pa.claim", "c2pa.claim.v2", "c2pa.assertions", "c2pa", "", "c2pa.hash.data__1")
_TYPES: Final = (CLAIM, SIGNATURE, MANIFEST, UPDATE, b"zzzz" + bytes(12), bytes(16))
_KINDS: Final = (b"jumb", b"jumd", b"cbor", b"free", b"json", b"uuid", b"bidb", b"c2sh")

Operation = Callable[[World, EditableBox], None]


def _holders(tree: EditableBox, least: int = 1) -> list[EditableBox]:
    return [box for box in tree.all() if box.children is not None and len(box.children) >= least]


def _holder(world: World, tree: EditableBox, least: int = 1) -> list[EditableBox]:
    holders = _holders(tree, least)
    if not holders:
        raise UnfitError("no superbox")
    return world.rng.choice(holders).children or []


def _superbox(world: World, tree: EditableBox) -> EditableBox:
    return world.rng.choice(_holders(tree, 0) or [tree])


def _leaf(world: World, tree: EditableBox) -> EditableBox:
    leaves = [box for box in tree.all() if box.children is None]
    if not leaves:
        raise UnfitError("no leaf")
    return world.rng.choice(leaves)


def _swap(world: World, tree: EditableBox) -> None:
    inside = _holder(world, tree, 2)
    a, b = world.rng.sample(range(len(inside)), 2)
    inside[a], inside[b] = inside[b], inside[a]


def _duplicate(world: World, tree: EditableBox) -> None:
    inside = _holder(world, tree)
    inside.insert(world.rng.randrange(len(inside) + 1), world.rng.choice(inside).copy())


def _reorder(world: World, tree: EditableBox) -> None:
    world.rng.shuffle(_holder(world, tree, 2))


def _relabel(world: World, tree: EditableBox) -> None:
    box = _superbox(world, tree)
    others = [box.label for box in tree.all() if box.children is not None]
    twin = world.one_of(
        lambda: world.rng.choice(_LABELS).encode(),
        lambda: world.rng.choice(others),
        box.label.upper,
        lambda: box.label.replace(b".", b"%2E"),
        lambda: box.label.replace(b"c", "ｃ".encode(), 1),  # NFKC makes it a c
        lambda: box.label.replace(b"a", "a\u0301".encode(), 1),
        lambda: box.label + world.one_of(b"\0", b" ", b"__1", b"/", b":c2pa.assertions", b"/c2pa.assertions"),
        lambda: b"\xff\xfe",
    )
    box.label = twin()


def _retype(world: World, tree: EditableBox) -> None:
    box = _superbox(world, tree)
    box.type = world.rng.choice(_TYPES)


def _rekind(world: World, tree: EditableBox) -> None:
    _leaf(world, tree).kind = world.rng.choice(_KINDS)


def _drop(world: World, tree: EditableBox) -> None:
    inside = _holder(world, tree)
    del inside[world.rng.randrange(len(inside))]


def _nest(world: World, tree: EditableBox) -> None:
    inside = _holder(world, tree)
    at = world.rng.randrange(len(inside))
    outer = _superbox(world, tree)
    for _ in range(world.one_of(1, 1, 30)):
        inside[at] = superbox(outer.type, outer.label, inside[at])


def _cut(world: World, tree: EditableBox) -> None:
    leaf = _leaf(world, tree)
    leaf.content = leaf.content[: world.rng.randrange(len(leaf.content) + 1)]


def _pad(world: World, tree: EditableBox) -> None:
    if world.chance(0.5):
        inside = _holder(world, tree)
        inside.insert(world.rng.randrange(len(inside) + 1), EditableBox(b"free", bytes(world.rng.randrange(64))))
    else:
        leaf = _leaf(world, tree)
        leaf.content += bytes(world.rng.randrange(1, 64))


def _lie_about_length(world: World, tree: EditableBox) -> None:
    box = world.rng.choice(list(tree.all()))
    if world.chance(0.5):
        box.header = world.one_of("wide", "rest")
    else:
        box.lie = world.one_of(-8, -1, 1, 8, 4096, 2**31)


def _describe(world: World, tree: EditableBox) -> None:
    box = _superbox(world, tree)
    box.toggles = world.rng.randrange(256)
    box.private = bytes(world.rng.randrange(256) for _ in range(world.one_of(0, 4, 32)))


def _decoy(world: World, tree: EditableBox) -> None:
    """A second box of the same label or type beside one that matters."""
    inside = _holder(world, tree)
    supers = [box for box in inside if box.children is not None]
    if not supers:
        raise UnfitError("no superbox")
    twin = world.rng.choice(supers).copy()
    if world.chance(0.5):
        twin.type = world.rng.choice(_TYPES)
    if world.chance(0.5):
        _cbor(world, twin)
    inside.insert(world.one_of(0, len(inside)), twin)


def _resource(world: World, tree: EditableBox) -> None:
    """A file among the assertions, with the name of something else."""
    stores = [box for box in tree.all() if box.label == b"c2pa.assertions"]
    names = [box.label.decode("utf-8", "replace") for box in tree.all() if box.children is not None]
    if not stores:
        raise UnfitError("no assertions")
    world.rng.choice(stores).children.append(  # type: ignore[union-attr]
        embedded(world.rng.choice(names), world.rng.randbytes(40))
    )


def _cbor(world: World, tree: EditableBox) -> None:
    leaves = [box for box in tree.all() if box.kind == b"cbor"]
    if not leaves:
        raise UnfitError("no CBOR")
    leaf = world.rng.choice(leaves)
    leaf.content = rewritten(world, leaf.content)


def rewritten(world: World, data: bytes) -> bytes:
    """CBOR that says nearly the same, or the same in a form that nobody should write (RFC 8949, section 4)."""
    try:
        value = cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError):
        return world.rng.randbytes(len(data))
    if isinstance(value, dict) and value and world.chance(0.6):
        return _map(world, value)
    made: bytes = world.one_of(
        lambda: data + data,
        lambda: b"\xd9\xd9\xf7" + data,  # the tag that says "this is CBOR"
        lambda: b"\xc6" * world.one_of(1, 400) + data,
        lambda: cbor2.dumps(_other(world, value)),
        lambda: cbor2.dumps(str(value)),
        lambda: b"\x5f" + b"\x41" * 3,
        lambda: b"\x9b\x7f" + b"\xff" * 6,
        lambda: b"\x81" * world.one_of(10, 2_000) + b"\x01",
    )()
    return made


def _map(world: World, value: dict[Any, Any]) -> bytes:
    items = [cbor2.dumps(name) + cbor2.dumps(item) for name, item in value.items()]
    key = world.rng.choice(list(value))
    entry = cbor2.dumps(key) + cbor2.dumps(_other(world, value[key]))
    form = world.rng.randrange(6)
    if form == 0:  # the key twice
        items.insert(world.one_of(0, len(items)), entry)
    elif form == 1:
        items = [cbor2.dumps(name) + cbor2.dumps(item) for name, item in value.items() if name != key] + [entry]
    elif form == 2:
        items = [cbor2.dumps(name) + cbor2.dumps(item) for name, item in value.items() if name != key]
    elif form == 3:
        world.rng.shuffle(items)
    elif form == 4:  # of no told length
        return b"\xbf" + b"".join(items) + b"\xff"
    return b"\xb9" + struct.pack(">H", len(items)) + b"".join(items)


def _other(world: World, value: Any) -> Any:
    if isinstance(value, bytes) and value:
        at = world.rng.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << world.rng.randrange(8)]) + value[at + 1 :]
    if isinstance(value, list) and value:
        return world.one_of(
            value[:-1], value[1:], value * 2, list(reversed(value)), [_other(world, value[0]), *value[1:]]
        )
    if isinstance(value, dict) and value:
        key = world.rng.choice(list(value))
        return {**value, key: _other(world, value[key])}
    if isinstance(value, str):
        return world.one_of(value.upper(), value + "__1", "", value[:-1], "self#jumbf=" + value, "\ud7ff" * 3)
    return world.one_of(None, True, -1, 2**63, 2**200, 1.5, float("nan"), "", [], {}, b"", cbor2.undefined)


_OPERATIONS: Final[dict[str, Operation]] = {
    "swap": _swap,
    "duplicate": _duplicate,
    "reorder": _reorder,
    "relabel": _relabel,
    "retype": _retype,
    "rekind": _rekind,
    "drop": _drop,
    "nest": _nest,
    "cut": _cut,
    "pad": _pad,
    "length": _lie_about_length,
    "describe": _describe,
    "decoy": _decoy,
    "resource": _resource,
    "cbor": _cbor,
}


def _register(name: str, operation: Operation) -> None:
    @kind(f"boxes: {name}", 2.0 if name in ("cbor", "relabel", "decoy") else 1.0)
    def _(world: World, base: Base) -> Case:
        story = forged(world, base) if world.chance(0.25) else honest(world, base)
        operation(world, story.store)
        for _ in range(world.one_of(0, 0, 0, 1, 3)):
            world.rng.choice(list(_OPERATIONS.values()))(world, story.store)
        return story.in_file(f"boxes: {name}", base)


for _name, _operation in _OPERATIONS.items():
    _register(_name, _operation)
