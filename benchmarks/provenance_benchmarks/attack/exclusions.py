"""Hard bindings that leave content out, signed by somebody honest, and the content changed there afterwards."""

import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from .bases import Base
from .carriers import top_boxes
from .case import Content, Truth, World
from .stores import AI, CAPTURED, ManifestRecipe, UnfitError, actions, assertion, created, label_of, store_of
from .stories import truth_of

_C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


@dataclass(frozen=True)
class Weakened:
    """A file that was changed where its binding does not look."""

    data: bytes
    truth: Truth


def weakened(world: World, base: Base) -> Weakened:
    """Signed with a weak binding, then changed. Raises `UnfitError` where this cannot be made."""
    if base.label == "c2pa.hash.data":
        binding, places = _data(world, base)
    elif "bmff" in base.label:
        binding, places = _bmff(world, base)
    elif base.label == "c2pa.hash.boxes":
        binding, places = _boxes(world, base)
    else:
        raise UnfitError("no exclusions there")
    signer = world.people.newsroom
    declared = actions(created(world.one_of(AI, CAPTURED)))
    record = ManifestRecipe(label_of(1), signer, [declared, assertion(base.label, binding)], 2)
    data = bytearray(base.put(store_of(record.manifest()))[0])
    for place in world.rng.sample(places, min(len(places), 3)):
        data[place] ^= 0x55
    return Weakened(bytes(data), truth_of(signer).but(content=Content.CHANGED))


def _data(world: World, base: Base) -> tuple[dict[str, Any], list[int]]:
    """An exclusion more, or one that is longer than the manifest."""
    signed, own = base.signed, base.own
    outside = [place for place in range(len(signed)) if not base.is_own(place)]
    if len(outside) < 40:
        raise UnfitError("too small")
    start = world.rng.choice(outside[:-30])
    extra = range(start, min(start + world.one_of(4, 16, 65, 300), len(signed)))
    if any(base.is_own(place) for place in extra):
        raise UnfitError("they overlap")
    ranges = sorted([*own, extra], key=lambda place: place.start)
    if world.chance(0.3):
        ranges = [range(own[0].start, min(own[-1].stop + 20, len(signed)))] if len(own) == 1 else ranges
        extra = range(own[-1].stop, min(own[-1].stop + 20, len(signed))) if len(own) == 1 else extra
    left = bytes(byte for place, byte in enumerate(signed) if not any(place in places for places in ranges))
    exclusions = [{"start": place.start, "length": len(place)} for place in ranges]
    if not len(extra):
        raise UnfitError("nothing left out")
    return {**base.binding, "exclusions": exclusions, "hash": hashlib.sha256(left).digest()}, list(extra)


def _bmff(world: World, base: Base) -> tuple[dict[str, Any], list[int]]:
    """Exclusions of `mdat`, plain or in other words: by a condition that always holds, a number, a part."""
    boxes = top_boxes(base.signed)
    media = [place for kind, place in boxes if kind == b"mdat"]
    if not media or len(media[0]) < 24:
        raise UnfitError("no content")
    place = media[0]
    always = [{"offset": 4, "value": b"mdat"}]
    part = {"offset": 8, "length": len(place) - 8}
    exclusion = world.one_of(
        {"xpath": "/mdat"}, {"xpath": "/mdat", "data": always}, {"xpath": "/mdat[1]"},
        {"xpath": "/mdat", "subset": [part]},
        {"xpath": "/mdat", "length": len(place)}, {"xpath": "/mdat", "flags": b"\0\0\0", "exact": False},
        {"xpath": "/mdat", "version": 0},
    )  # fmt: skip
    covered = b""
    for kind, where in boxes:
        if kind in (b"uuid", b"ftyp", b"mfra") or (kind == b"mdat" and "subset" not in exclusion):
            continue
        content = base.signed[where.start : where.stop]
        covered += struct.pack(">Q", where.start) + (content[:8] if kind == b"mdat" else content)
    exclusions = [*base.binding["exclusions"], {**dict.fromkeys(_EMPTY), **exclusion}]
    binding = {**base.binding, "exclusions": exclusions, "hash": hashlib.sha256(covered).digest()}
    return binding, list(range(place.start + 8, place.stop))


_EMPTY = ("length", "data", "subset", "version", "flags", "exact")


def _boxes(world: World, base: Base) -> tuple[dict[str, Any], list[int]]:
    """A box of the general box hash is marked as excluded."""
    boxes = [dict(box) for box in base.binding["boxes"]]
    chosen = world.rng.choice([box for box in boxes if box["names"][0] not in ("C2PA", "SOI", "PNGh", "IHDR")])
    chosen["excluded"] = True
    name = chosen["names"][0]
    at = base.signed.rfind(name.encode()) + 4 if base.family == "png" else len(base.signed) - 200
    return {"boxes": boxes}, list(range(at, at + 4))
