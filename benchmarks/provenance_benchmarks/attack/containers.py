"""Changes of the file itself: every bit, what is added and cut off, and what hides in the range that no hash covers."""

import io
import struct
import zipfile
import zlib
from typing import Final

import c2pa_text
from PIL import Image

from .bases import Base
from .carriers import Slot
from .case import Case, Content, World, kind
from .histories import made_up
from .media import picture, zipped
from .stores import UnfitError, assertion, padded, store_of
from .stories import Story, capture, honest

_LIE: Final = b"\nMAYOR ARRESTED FOR STEALING THE BUDGET\n"
_MIB: Final = 1024 * 1024


def _is_bmff(base: Base) -> bool:
    return "bmff" in base.label


def _is_text(base: Base) -> bool:
    return (
        base.slot is not None
        and base.media_type.partition("/")[0] in ("text", "application")
        and (base.family in ("txt", "md", "html", "json", "csv", "xml", "css", "js", "py", "yaml", "toml"))
    )


def _with_data_hash(base: Base) -> bool:
    return base.label == "c2pa.hash.data" and base.slot is not None


def _is_jpeg(base: Base) -> bool:
    return base.name == "jpeg"


def _signed(world: World, base: Base) -> tuple[Story, bytes, bytes | None]:
    """An honest record in the file, or, at times, the file as the library signed it."""
    story = capture(world, base) if world.chance(0.8) else honest(world, base)
    data, manifest = base.put(story.store)
    return story, data, manifest


@kind("bytes: flipped", 8)
def _flip(world: World, base: Base) -> Case:
    story, data, manifest = _signed(world, base)
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
    story, data, manifest = _signed(world, base)
    at = world.rng.randrange(len(data))
    some = world.rng.randbytes(world.one_of(1, 4, 16, 64)) if world.chance(0.5) else data[at : at + 64]
    length = world.one_of(1, 2, 4, 16, 256)
    how = world.one_of("cut", "in", "in", "out", "out", "move")
    if how == "cut":
        changed, touched = data[:at], range(at, len(data))
    elif how == "in":
        changed, touched = data[:at] + some + data[at:], range(at, at + 1)
    elif how == "out":
        changed, touched = data[:at] + data[at + length :], range(at, min(at + length, len(data)))
    else:
        to = world.rng.randrange(len(data))
        piece = data[at : at + length]
        changed, touched = data[:to] + piece + data[to + length :], range(to, min(to + length, len(data)))
    own = all(base.is_own(place) for place in touched)
    # What is put in front of the container's first byte, or into it, is the container's only inside.
    inside = own and (how != "in" or base.is_own(at - 1))
    left_out = all(base.is_own(place) or base.is_left_out(place) for place in touched)
    content = Content.SAME if inside or changed == data else Content.LEFT_OUT if left_out else Content.CHANGED
    return Case(
        "bytes: cut off, put in, taken out", base.name, base.file, changed, story.truth.but(content=content), manifest
    )


@kind("bytes: appended", 3)
def _append(world: World, base: Base) -> Case:
    story, data, manifest = _signed(world, base)
    more = world.one_of(
        _LIE, picture("JPEG"), zipped({"other.txt": _LIE}), world.rng.randbytes(20), b"\xff\xd9", b"\0", data,
        data[len(data) // 2 :], struct.pack(">I4s", 8 + len(_LIE), b"mdat") + _LIE,
    )  # fmt: skip
    return Case(
        "bytes: appended", base.name, base.file, data + more, story.truth.but(content=Content.CHANGED), manifest
    )


@kind("bytes: 65 MiB appended", 0.3, lambda base: base.name in ("jpeg-boxes", "png-boxes", "jpeg", "png", "wav"))
def _append_much(world: World, base: Base) -> Case:
    """More than the second engine is asked to read."""
    story, data, manifest = _signed(world, base)
    more = picture("JPEG") + bytes(65 * _MIB)
    changed = story.truth.but(content=Content.CHANGED)
    return Case("bytes: 65 MiB appended", base.name, base.file, data + more, changed, manifest)


@kind("bytes: in front", 1)
def _in_front(world: World, base: Base) -> Case:
    story, data, manifest = _signed(world, base)
    before = world.one_of(b"\0", b"\xef\xbb\xbf", b"%PDF-1.7\n", b"\xff\xd8\xff", b"PK\3\4", _LIE, b"\n" * 40)
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
    lie = world.one_of(_LIE, b"<h1>MAYOR ARRESTED</h1>", b"/* " + _LIE + b" */", bytes(9), picture("JPEG"))
    filler = world.one_of(b" ", b"\n", b"\0", b"A")
    filled = lie[: len(own)].ljust(len(own), filler) if world.chance(0.8) else b""
    changed = data[: own.start] + filled + data[own.stop :]
    truth = story.truth.but(content=Content.CHANGED if filled else Content.SAME)
    store = padded(story.store, base.slot.room) if base.slot else story.store.dumped()
    return Case("external: the container's place filled", base.name, base.file, changed, truth, store)


@kind("external: for a changed file", 2)
def _apart(world: World, base: Base) -> Case:
    """The record beside a file that is not, or no longer, what it speaks of."""
    story = honest(world, base)
    data = world.one_of(base.plain + _LIE, base.plain[:-1], base.signed, _LIE, picture("JPEG"), base.plain)
    without = bytes(byte for place, byte in enumerate(base.signed) if not base.is_own(place))
    content = Content.SAME if data in (base.signed, without) else Content.CHANGED
    truth = story.truth.but(content=content)
    return Case("external: for a changed file", base.name, base.file, data, truth, story.store.dumped())


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _app11(store: bytes, number: int, whole: bytes = b"") -> bytes:
    return _segment(0xEB, b"JP" + struct.pack(">HI", 1, number) + (b"" if number == 1 else whole[:8]) + store)


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 3, "Somebody Else"
    return _segment(0xE1, exif.tobytes())


@kind("jpeg: foreign segments in the gap", 60, _is_jpeg)
def _jpeg_gap(world: World, base: Base) -> Case:
    """The record shrinks, and in the room between its segments stand others that every viewer obeys."""
    story = world.one_of(capture, capture, honest)(world, base)
    store, own = story.store.dumped(), base.own[0]
    first = world.rng.randrange(200, len(store) - 200)
    order = world.one_of((1, 2), (1, 2), (1, 2), (1, 3), (2, 1), (1, 1))
    parts = [
        _app11(store[:first], order[0]),
        _app11(store[first:], order[1], store) if order[1] != 1 else _app11(store[first:], 1),
    ]
    silencer = world.one_of(b"", b"\xff\x00", b"\xff\x00", b"\xff\xff", b"\xff\xd0", b"\0")
    foreign = world.one_of(
        _exif(), _exif(), _segment(0xFE, _LIE), _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    )
    room = len(own) - sum(map(len, parts)) - len(silencer) - len(foreign)
    if room < 4:
        raise UnfitError("no room")
    filler = _segment(0xFE, bytes(room - 4))
    middle = parts[0] + silencer + foreign + filler + parts[1]
    middle = world.one_of(
        middle,
        middle,
        silencer + foreign + filler + parts[0] + parts[1],
        parts[0] + parts[1] + silencer + foreign + filler,
    )
    data, _ = base.put(story.store)
    changed = data[: own.start] + middle + data[own.stop :]
    return Case(
        "jpeg: foreign segments in the gap", base.name, base.file, changed, story.truth.but(content=Content.CHANGED)
    )


@kind("jpeg: a second run of segments", 20, lambda base: base.family == "jpeg" and base.slot is not None)
def _second_run(world: World, base: Base) -> Case:
    """Junk, or another record, in APP11 segments of its own; `FF 00` between segments."""
    story, data, _ = _signed(world, base)
    own = base.own[0]
    other = world.one_of(b"\0\0\0\x14jumb" + bytes(12), capture(world, base).store.dumped())
    run = _segment(0xEB, b"JP" + struct.pack(">HI", world.one_of(1, 2), world.one_of(1, 1, 7)) + other)
    run = world.one_of(run, b"\xff\x00" + run, b"\xff\x00")
    at = world.one_of(2, own.start, own.stop)
    changed = data[:at] + run + data[at:]
    return Case(
        "jpeg: a second run of segments", base.name, base.file, changed, story.truth.but(content=Content.CHANGED)
    )


@kind(
    "history: made-up record, one checker silenced",
    20,
    lambda base: base.family in ("jpeg", "png") and base.slot is not None,
)
def _silenced(world: World, base: Base) -> Case:
    """Something in the container that one of the checkers does not read past, and a record that nobody signed."""
    story = made_up(world, base)
    data, own = base.put(story.store)[0], base.own[0]
    at = world.one_of(own.start, own.stop)
    silencer = b"\xff\x00" if base.family == "jpeg" else _chunk(b"caBX", b"junk")
    changed = data[:at] + silencer + data[at:]
    truth = story.truth.but(content=Content.CHANGED)
    return Case("history: made-up record, one checker silenced", base.name, base.file, changed, truth)


def _chunk(kind_of: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind_of + content))
    return struct.pack(">I", len(content)) + kind_of + content + checksum


@kind("png: junk and foreign chunks", 40, lambda base: base.family == "png" and base.slot is not None)
def _png_chunks(world: World, base: Base) -> Case:
    """A second chunk for a manifest, or a foreign chunk in the room that a smaller record leaves."""
    story = world.one_of(capture, honest)(world, base)
    data, own = base.put(story.store)[0], base.own[0]
    truth = story.truth.but(content=Content.CHANGED)
    foreign = world.one_of(
        _chunk(b"caBX", b"junk"), _chunk(b"caBX", capture(world, base).store.dumped()),
        _chunk(b"tEXt", b"Title\0" + _LIE),
        _chunk(b"eXIf", Image.Exif().tobytes()[6:]), _chunk(b"caBX", b""), _chunk(b"gAMA", b"\0\0\0\1"),
    )  # fmt: skip
    if world.chance(0.5):
        at = world.one_of(own.start, own.stop, len(data))
        return Case("png: junk and foreign chunks", base.name, base.file, data[:at] + foreign + data[at:], truth)
    small = _chunk(b"caBX", story.store.dumped())
    room = len(own) - len(small) - len(foreign)
    if room < 12:
        raise UnfitError("no room")
    filler = _chunk(b"tEXt", b"x\0".ljust(room - 12, b" "))
    middle = world.one_of(small + foreign + filler, foreign + small + filler, foreign + filler + small)
    changed = data[: own.start] + middle + data[own.stop :]
    return Case("png: junk and foreign chunks", base.name, base.file, changed, truth)


@kind("riff: foreign chunks in the room", 12, lambda base: base.name in ("webp", "wav", "avi"))
def _riff_chunks(world: World, base: Base) -> Case:
    """The same in RIFF files."""
    story = capture(world, base)
    data, own, store = base.put(story.store)[0], base.own[0], story.store.dumped()
    small = b"C2PA" + struct.pack("<I", len(store)) + store + b"\0" * (len(store) % 2)
    foreign = (
        world.one_of(b"EXIF", b"LIST", b"XMP ", b"data", b"C2PA")
        + struct.pack("<I", len(_LIE) & ~1)
        + _LIE[: len(_LIE) & ~1]
    )
    room = len(own) - len(small) - len(foreign)
    if room < 8:
        raise UnfitError("no room")
    filler = b"JUNK" + struct.pack("<I", room - 8) + bytes(room - 8)
    middle = world.one_of(small + foreign + filler, foreign + small + filler, foreign + filler + small)
    changed = data[: own.start] + middle + data[own.stop :]
    return Case(
        "riff: foreign chunks in the room", base.name, base.file, changed, story.truth.but(content=Content.CHANGED)
    )


@kind("text: words inside the excluded range", 8, _is_text)
def _text_room(world: World, base: Base) -> Case:
    """The record is written shorter, and words stand beside it inside the range; or it stands there twice."""
    story = capture(world, base)
    slot = base.slot
    if slot is None:
        raise UnfitError("apart")
    data, own, store = base.put(story.store)[0], base.own[0], story.store.dumped()
    if slot.how == "invisible":
        wrapper = c2pa_text.encode_wrapper(store).encode()
    else:
        around = slice(own.start, own.stop)
        written = data[around]
        wrapper = written.replace(
            slot.encoded(padded(story.store, slot.room)), Slot(b"", b"", len(store), slot.how).encoded(store)
        )
    room = len(own) - len(wrapper)
    if room < len(_LIE):
        raise UnfitError("no room")
    words = _LIE.ljust(room, world.one_of(b" ", b"\n"))
    middle = world.one_of(words + wrapper, wrapper + words, words[: room // 2] + wrapper + words[room // 2 :])
    if world.chance(0.2):
        middle = data[own.start : own.stop] * 2
    changed = data[: own.start] + middle + data[own.stop :]
    return Case(
        "text: words inside the excluded range", base.name, base.file, changed, story.truth.but(content=Content.CHANGED)
    )


@kind("bmff: boxes that the standard leaves out", 5, _is_bmff)
def _left_out(world: World, base: Base) -> Case:
    """Free space, a second file type, an index at the end: the standard's own hash leaves them out."""
    story, data, _ = _signed(world, base)
    name = world.one_of(b"free", b"skip", b"ftyp", b"mfra", b"uuid", b"mdat", b"c2pa")
    box = struct.pack(">I4s", 8 + len(_LIE), name) + _LIE
    at = len(data) if world.chance(0.7) else base.own[0].start
    content = Content.LEFT_OUT if name in (b"free", b"skip", b"ftyp", b"mfra") else Content.CHANGED
    return Case(
        "bmff: boxes that the standard leaves out", base.name, base.file, data[:at] + box + data[at:],
        story.truth.but(content=content),
    )  # fmt: skip


@kind("binding: leaves content out", 4, lambda base: base.slot is not None)
def _leaves_out(world: World, base: Base) -> Case:
    """Somebody honest signs a binding that covers less than it should; then what it leaves out is changed.

    Only where the verifier calls such a file unchanged is it wrong: `partial` is the word for it.
    """
    from .exclusions import weakened

    made = weakened(world, base)
    return Case("binding: leaves content out", base.name, base.file, made.data, made.truth)


@kind("bmff: places of the content", 4, _is_bmff)
def _places(world: World, base: Base) -> Case:
    """The tables that say where the content is lead elsewhere."""
    story, data, _ = _signed(world, base)
    tables = [data.find(name) for name in (b"stco", b"co64", b"iloc", b"stsz", b"elst", b"meta") if name in data]
    if not tables:
        raise UnfitError("no table")
    at = world.rng.choice(tables) + world.rng.randrange(4, 32)
    number = world.one_of(
        b"\0\0\0\0", b"\xff\xff\xff\xff", struct.pack(">I", base.own[0].start), world.rng.randbytes(4)
    )
    changed = data[:at] + number + data[at + 4 :]
    content = Content.SAME if changed == data else Content.CHANGED
    return Case("bmff: places of the content", base.name, base.file, changed, story.truth.but(content=content))


@kind("zip: names, comments and directories", 15, lambda base: base.family in ("zip", "docx", "epub"))
def _zip(world: World, base: Base) -> Case:
    story, data, _ = _signed(world, base)
    at = world.rng.randrange(0, 200)
    out = io.BytesIO(data)
    how = world.rng.randrange(5)
    if how == 0:
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr(zipfile.ZipInfo(world.one_of("word/document.xml", "a.xhtml", "a.txt", "new.txt")), _LIE)
        changed = out.getvalue()
    elif how == 1:
        changed = data[:-2] + struct.pack("<H", len(_LIE)) + _LIE
    elif how == 2:
        changed = _LIE + data
    elif how == 3:
        changed = data + data[data.rindex(b"PK\5\6") :]
    else:
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    content = Content.SAME if how == 4 and base.is_own(at) else Content.CHANGED
    return Case("zip: names, comments and directories", base.name, base.file, changed, story.truth.but(content=content))


@kind("flood: many assertions", 0.5, lambda base: base.name in ("jpeg-apart", "png-apart"))
def _flood(world: World, base: Base) -> Case:
    """More assertions, actions or manifests than anybody writes."""
    from .stories import by_attacker, truth_of

    count, long = world.one_of(300, 1_000, 3_000, 9_000), world.one_of(0, 200)
    extra = [assertion(f"a.{number}." + "x" * long, {"a": number}) for number in range(count)]
    record = by_attacker(world, base, extra=extra)
    return Story(store_of(record.manifest()), truth_of(), world.people).in_file("flood: many assertions", base)
