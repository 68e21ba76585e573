"""Changes of the file itself: every bit, what is added and cut off, and what hides in the range that no hash covers."""

import struct
from typing import Final

from .bases import Base
from .case import Case, Content, World, kind
from .media import picture, zipped
from .stores import assertion, padded, store_of
from .stories import Story, capture, honest

LIE: Final = b"\nMAYOR ARRESTED FOR STEALING THE BUDGET\n"
_MIB: Final = 1024 * 1024


def _with_data_hash(base: Base) -> bool:
    return base.label == "c2pa.hash.data" and base.slot is not None


def signed(world: World, base: Base) -> tuple[Story, bytes, bytes | None]:
    """An honest record in the file, or, at times, the file as the library signed it."""
    story = capture(world, base) if world.chance(0.8) else honest(world, base)
    data, manifest = base.put(story.store)
    return story, data, manifest


@kind("bytes: flipped", 8)
def _flip(world: World, base: Base) -> Case:
    story, data, manifest = signed(world, base)
    changed = bytearray(data)
    content = Content.SAME
    for _ in range(world.one_of(1, 1, 1, 2, 4)):
        outside = world.chance(0.5)
        at = world.rng.randrange(len(changed))
        while outside and base.is_own(at) and world.chance(0.99):
            at = world.rng.randrange(len(changed))
        changed[at] ^= 1 << world.rng.randrange(8)
    places = [at for at, (old, new) in enumerate(zip(data, changed, strict=True)) if old != new]
    for at in places:
        if base.is_own(at):
            continue
        if base.is_left_out(at):
            content = Content.LEFT_OUT if content is Content.SAME else content
        else:
            content = Content.CHANGED
    return Case("bytes: flipped", base.name, base.file, bytes(changed), story.truth.but(content=content), manifest)


@kind("bytes: cut off, put in, taken out", 5)
def _cut(world: World, base: Base) -> Case:
    story, data, manifest = signed(world, base)
    at = world.rng.randrange(len(data))
    some = world.rng.randbytes(world.one_of(1, 4, 16, 64)) if world.chance(0.5) else data[at : at + 64]
    length = world.one_of(1, 2, 4, 16, 256)
    change = world.one_of("cut", "in", "in", "out", "out", "move")
    if change == "cut":
        changed, touched = data[:at], range(at, len(data))
    elif change == "in":
        changed, touched = data[:at] + some + data[at:], range(at, at + 1)
    elif change == "out":
        changed, touched = data[:at] + data[at + length :], range(at, min(at + length, len(data)))
    else:
        to = world.rng.randrange(len(data))
        piece = data[at : at + length]
        changed, touched = data[:to] + piece + data[to + length :], range(to, min(to + length, len(data)))
    own = all(base.is_own(place) for place in touched)
    # What is put in front of the container's first byte, or into it, is the container's only inside.
    inside = own and (change != "in" or base.is_own(at - 1))
    left_out = all(base.is_own(place) or base.is_left_out(place) for place in touched)
    content = Content.SAME if inside or changed == data else Content.LEFT_OUT if left_out else Content.CHANGED
    return Case(
        "bytes: cut off, put in, taken out", base.name, base.file, changed, story.truth.but(content=content), manifest
    )


@kind("bytes: appended", 3)
def _append(world: World, base: Base) -> Case:
    story, data, manifest = signed(world, base)
    more = world.one_of(
        LIE, picture("JPEG"), zipped({"other.txt": LIE}), world.rng.randbytes(20), b"\xff\xd9", b"\0", data,
        data[len(data) // 2 :], struct.pack(">I4s", 8 + len(LIE), b"mdat") + LIE,
    )  # fmt: skip
    return Case(
        "bytes: appended", base.name, base.file, data + more, story.truth.but(content=Content.CHANGED), manifest
    )


@kind("bytes: 65 MiB appended", 0.3, lambda base: base.name in ("jpeg-boxes", "png-boxes", "jpeg", "png", "wav"))
def _append_much(world: World, base: Base) -> Case:
    """More than the second engine is asked to read."""
    story, data, manifest = signed(world, base)
    more = picture("JPEG") + bytes(65 * _MIB)
    changed = story.truth.but(content=Content.CHANGED)
    return Case("bytes: 65 MiB appended", base.name, base.file, data + more, changed, manifest)


@kind("bytes: in front", 1)
def _in_front(world: World, base: Base) -> Case:
    story, data, manifest = signed(world, base)
    before = world.one_of(b"\0", b"\xef\xbb\xbf", b"%PDF-1.7\n", b"\xff\xd8\xff", b"PK\3\4", LIE, b"\n" * 40)
    changed = story.truth.but(content=Content.CHANGED)
    return Case("bytes: in front", base.name, base.file, before + data, changed, manifest)


@kind(
    "external: the container's place filled", 6, lambda base: _with_data_hash(base) and base.media_type != "image/tiff"
)
def _place_filled(world: World, base: Base) -> Case:
    """The manifest is taken out and given apart; in the place that its hash leaves out stand the attacker's words."""
    story = capture(world, base)
    data, _ = base.put(story.store)
    own = base.own[0]
    lie = world.one_of(LIE, b"<h1>MAYOR ARRESTED</h1>", b"/* " + LIE + b" */", bytes(9), picture("JPEG"))
    filler = world.one_of(b" ", b"\n", b"\0", b"A")
    filled = lie[: len(own)].ljust(len(own), filler) if world.chance(0.8) else b""
    changed = data[: own.start] + filled + data[own.stop :]
    # A frame or a stream that says of itself that it is a manifest's stands around it still, and nobody shows it.
    around = Content.IN_PLACE if base.family in ("mp3", "flac", "pdf") else Content.CHANGED
    truth = story.truth.but(content=around if filled else Content.SAME)
    store = padded(story.store, base.slot.room) if base.slot else story.store.dumped()
    return Case("external: the container's place filled", base.name, base.file, changed, truth, store)


@kind("external: for a changed file", 2)
def _apart(world: World, base: Base) -> Case:
    """The record beside a file that is not, or no longer, what it speaks of."""
    story = honest(world, base)
    data = world.one_of(base.plain + LIE, base.plain[:-1], base.signed, LIE, picture("JPEG"), base.plain)
    without = bytes(byte for place, byte in enumerate(base.signed) if not base.is_own(place))
    content = Content.SAME if data in (base.signed, without) else Content.CHANGED
    truth = story.truth.but(content=content)
    return Case("external: for a changed file", base.name, base.file, data, truth, story.store.dumped())


@kind("binding: leaves content out", 4, lambda base: base.slot is not None)
def _leaves_out(world: World, base: Base) -> Case:
    """Somebody honest signs a binding that covers less than it should; then what it leaves out is changed.

    Only where the verifier calls such a file unchanged is it wrong: `partial` is the word for it.
    """
    from .exclusions import weakened

    made = weakened(world, base)
    return Case("binding: leaves content out", base.name, base.file, made.data, made.truth)


@kind("flood: many assertions", 0.5, lambda base: base.name in ("jpeg-apart", "png-apart"))
def _flood(world: World, base: Base) -> Case:
    """More assertions, actions or manifests than anybody writes."""
    from .stories import by_attacker, truth_of

    count, long = world.one_of(300, 1_000, 3_000, 6_000), world.one_of(0, 200)
    extra = [assertion(f"a.{number}." + "x" * long, {"a": number}) for number in range(count)]
    record = by_attacker(world, base, extra=extra)
    return Story(store_of(record.manifest()), truth_of(), world.people).in_file("flood: many assertions", base)
