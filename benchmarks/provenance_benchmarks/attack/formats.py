"""Tricks of single formats: what stands between segments, in chunks and boxes of other names, in a smaller room."""

import io
import struct
import zipfile
import zlib

import c2pa_text
from PIL import Image

from .bases import Base
from .carriers import Slot
from .case import Case, Content, Truth, World, kind
from .containers import LIE, signed
from .histories import made_up
from .stores import UnfitError, padded
from .stories import Story, capture, honest


def _is_bmff(base: Base) -> bool:
    return "bmff" in base.label


def _is_text(base: Base) -> bool:
    return (
        base.slot is not None
        and base.media_type.partition("/")[0] in ("text", "application")
        and (base.family in ("txt", "md", "html", "json", "csv", "xml", "css", "js", "py", "yaml", "toml"))
    )


def _is_jpeg(base: Base) -> bool:
    return base.name == "jpeg"


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _app11(store: bytes, number: int, whole: bytes = b"") -> bytes:
    return _segment(0xEB, b"JP" + struct.pack(">HI", 1, number) + (b"" if number == 1 else whole[:8]) + store)


def _either(first: Story, second: Story) -> Truth:
    """Two honest records in a file that neither is about: either may be read."""
    return Truth(
        first.truth.signers | second.truth.signers,
        first.truth.named | second.truth.named,
        stampers=first.truth.stampers | second.truth.stampers,
        content=Content.CHANGED,
    )


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
    foreign = world.one_of(_exif(), _exif(), _segment(0xFE, LIE), _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"))
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
    story, data, _ = signed(world, base)
    own, second = base.own[0], capture(world, base)
    payload = world.one_of(b"\0\0\0\x14jumb" + bytes(12), second.store.dumped())
    run = _segment(0xEB, b"JP" + struct.pack(">HI", world.one_of(1, 2), world.one_of(1, 1, 7)) + payload)
    run = world.one_of(run, b"\xff\x00" + run, b"\xff\x00")
    at = world.one_of(2, own.start, own.stop)
    changed = data[:at] + run + data[at:]
    return Case("jpeg: a second run of segments", base.name, base.file, changed, _either(story, second))


@kind(
    "history: made-up record, one checker silenced",
    20,
    lambda base: base.family in ("jpeg", "png") and base.slot is not None,
)
def _silenced(world: World, base: Base) -> Case:
    """Something that one of the checkers does not read past, and a record that nobody signed, which covers it."""
    own = base.own[0]
    at = world.one_of(own.start, own.stop)
    run = _segment(0xEB, b"JP" + struct.pack(">HI", 2, 1) + b"\0\0\0\x14jumb" + bytes(12))
    silencer = world.one_of(b"\xff\x00", run) if base.family == "jpeg" else _chunk(b"caBX", world.one_of(b"junk", b""))
    noisy = base.extended(at, silencer) if base.label == "c2pa.hash.data" else base
    story = made_up(world, noisy)
    if noisy is not base:
        return story.in_file("history: made-up record, one checker silenced", noisy)
    data = base.put(story.store)[0]
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
    data, own, second = base.put(story.store)[0], base.own[0], capture(world, base)
    truth = _either(story, second)
    foreign = world.one_of(
        _chunk(b"caBX", b"junk"), _chunk(b"caBX", second.store.dumped()),
        _chunk(b"tEXt", b"Title\0" + LIE),
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
        + struct.pack("<I", len(LIE) & ~1)
        + LIE[: len(LIE) & ~1]
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
    if slot.encoding == "invisible":
        wrapper = c2pa_text.encode_wrapper(store).encode()
    else:
        around = slice(own.start, own.stop)
        written = data[around]
        wrapper = written.replace(
            slot.encoded(padded(story.store, slot.room)), Slot(b"", b"", len(store), slot.encoding).encoded(store)
        )
    room = len(own) - len(wrapper)
    if room < len(LIE):
        raise UnfitError("no room")
    words = LIE.ljust(room, world.one_of(b" ", b"\n"))
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
    story, data, _ = signed(world, base)
    name = world.one_of(b"free", b"skip", b"ftyp", b"mfra", b"uuid", b"mdat", b"c2pa")
    box = struct.pack(">I4s", 8 + len(LIE), name) + LIE
    at = len(data) if world.chance(0.7) else base.own[0].start
    content = Content.LEFT_OUT if name in (b"free", b"skip", b"ftyp", b"mfra") else Content.CHANGED
    return Case(
        "bmff: boxes that the standard leaves out", base.name, base.file, data[:at] + box + data[at:],
        story.truth.but(content=content),
    )  # fmt: skip


@kind("bmff: places of the content", 4, _is_bmff)
def _places(world: World, base: Base) -> Case:
    """The tables that say where the content is lead elsewhere."""
    story, data, _ = signed(world, base)
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
    story, data, _ = signed(world, base)
    at = world.rng.randrange(0, 200)
    out = io.BytesIO(data)
    form = world.rng.randrange(5)
    if form == 0:
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr(zipfile.ZipInfo(world.one_of("word/document.xml", "a.xhtml", "a.txt", "new.txt")), LIE)
        changed = out.getvalue()
    elif form == 1:
        changed = data[:-2] + struct.pack("<H", len(LIE)) + LIE
    elif form == 2:
        changed = LIE + data
    elif form == 3:
        changed = data + data[data.rindex(b"PK\5\6") :]
    else:
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    content = Content.SAME if form == 4 and base.is_own(at) else Content.CHANGED
    return Case("zip: names, comments and directories", base.name, base.file, changed, story.truth.but(content=content))
