"""One flipped bit in a signed file is found, wherever a hash or the signature covers it.

Outside of both lie only: what pads the signature (its unprotected header; RFC 9052, section 4.4), flags and lengths of the
boxes around the claim, and the container's own framing of the manifest. Every survivor must be one of these.
"""

import io
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import c2pa_text
import cbor2

import provenance

from .core.embedding import in_html, in_plain_text, sign_embedded
from .core.signing import Authority, created, make, manifest
from .sweeps import tries

FORMATS = 10
OUTSIDE_OF_EVERY_HASH = {
    "the signature's padding",
    "box around the claim",
    "framing of the manifest",
}
AI = manifest(created("trainedAlgorithmicMedia"))


@dataclass(frozen=True)
class Signed:
    """A signed file, and where its manifest store begins, as bytes in one piece; None where it is not in one piece."""

    name: str
    data: bytes
    start: int | None

    def store_of(self, data: bytes) -> bytes:
        if self.start is not None:
            return data[self.start : self.start + int.from_bytes(self.data[self.start : self.start + 4], "big")]
        if self.name.endswith("gif"):
            return gif_blocks(data)
        text = data.decode("utf-8", "replace")
        html = self.name.endswith("html")
        found = c2pa_text.extract_html(text).manifest if html else c2pa_text.extract_manifest(text)[0]
        assert found is not None
        return bytes(found)


def gif_blocks(data: bytes) -> bytes:
    """The manifest store in the sub-blocks of a GIF's application extension."""
    place, store = data.index(b"C2PA_GIF") + 11, b""
    while size := data[place]:
        store += data[place + 1 : place + 1 + size]
        place += 1 + size
    return store


def around_signature(store: bytes) -> range:
    """Where the unprotected header and the mark for the detached payload are: nothing signs or hashes them."""
    box = store.index(b"cbor", store.index(b"c2pa.signature\0"))
    size = int.from_bytes(store[box - 4 : box], "big")
    content = store[box + 4 : box - 4 + size]
    decoded = cbor2.loads(content)
    protected, _, payload, signature = decoded.value if isinstance(decoded, cbor2.CBORTag) else decoded
    head = 2 if isinstance(decoded, cbor2.CBORTag) else 1  # the tag, and the array of four
    begin = head + len(cbor2.dumps(protected))
    assert payload is None
    return range(box + 4 + begin, box - 4 + size - len(cbor2.dumps(signature)))


def descriptions(store: bytes) -> set[int]:
    """The offsets of headers and description boxes around the claim, which hold types and labels, not content.

    Those of assertions are not among them: they are hashed (C2PA 2.4, section 8.4.2.3).
    """
    found: set[int] = set()

    def walk(start: int, end: int, depth: int) -> None:
        while start + 8 <= end:
            size = int.from_bytes(store[start : start + 4], "big") or end - start
            kind = store[start + 4 : start + 8]
            if kind == b"jumb" and depth < 3:
                found.update(range(start, start + 8))
                walk(start + 8, start + size, depth + 1)
            elif kind == b"jumd":
                found.update(range(start, start + size))
            elif depth == 3 and kind in (b"cbor", b"free"):
                found.update(range(start, start + 8))
            start += size

    walk(0, len(store), 0)
    return found


def small_files(authority: Authority, fixtures: Path) -> Iterator[Signed]:
    credential = authority.issue("News Desk")
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF"):
        out = io.BytesIO()
        make.picture().resize((96, 64)).save(out, kind)
        data = credential.sign_as(f"image/{kind.lower()}", out.getvalue(), AI)[0]
        yield Signed(f"a.{kind.lower()}", data, None if kind == "GIF" else data.index(b"jumb") - 4)
    for name, media_type in (
        ("video1_no_manifest.mp4", "video/mp4"),
        ("basic.pdf", "application/pdf"),
        ("sample1.wav", "audio/wav"),
    ):
        data = credential.sign_as(media_type, (fixtures / "c2pa-rs" / name).read_bytes(), AI)[0]
        yield Signed(name, data, data.index(b"jumb") - 4)
    page = b"<!DOCTYPE html><html><head></head><body>Hello</body></html>"
    yield Signed("a.html", sign_embedded(credential, page, AI, in_html), None)
    yield Signed("a.txt", sign_embedded(credential, b"Hello world\n" * 20, AI, in_plain_text), None)


def flipped(signed: Signed, rng: random.Random, flips: int) -> Iterator[tuple[int, bytes]]:
    """So many single-bit mutations, half of them near the manifest, and none in the signature's padding."""
    middle = max(0, signed.data.find(b"jumb"))
    near = (max(0, middle - 64), min(len(signed.data), middle + 16_000))
    padding = set()
    if signed.start is not None:
        padding = {signed.start + offset for offset in around_signature(signed.store_of(signed.data))}
    made = 0
    while made < flips:
        place = rng.randrange(*near) if made % 2 else rng.randrange(len(signed.data))
        if place in padding:
            continue
        data = bytearray(signed.data)
        data[place] ^= 1 << rng.randrange(8)
        made += 1
        yield place, bytes(data)


def kind_of_survivor(signed: Signed, place: int, mutated: bytes) -> str:
    """Why this bit is outside of every hash, or what it is that was changed without being noticed."""
    before, after = signed.store_of(signed.data), signed.store_of(mutated)
    changed = {offset for offset, (old, new) in enumerate(zip(before, after, strict=False)) if old != new}
    if changed and changed <= set(around_signature(before)):
        return "the signature's padding"
    if changed and changed <= descriptions(before):
        return "box around the claim"
    if not changed and len(before) == len(after) and is_framing(signed, place):
        return "framing of the manifest"
    return f"content of {signed.name} at {place}: {sorted(changed)[:5]}"


def is_framing(signed: Signed, place: int) -> bool:
    """The container's header or checksum around the store; of a text, how the same store is written."""
    if signed.start is None:
        return place >= signed.data.index(
            b"<script" if signed.name.endswith("html") else "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
        )
    end = signed.start + len(signed.store_of(signed.data))
    return signed.start - 64 <= place < signed.start or end <= place < end + 8


@tries(20, 200)  # in each format
def test_no_flipped_bit_that_is_signed_or_hashed_goes_unnoticed(
    tries: int, fixtures: Path, summary: Counter[str]
) -> None:
    authority, rng = Authority(), random.Random(2026)
    verifier = provenance.Verifier(trust=authority.pem, sources=["c2pa"])
    survivors: Counter[str] = Counter()
    tried = 0
    for signed in small_files(authority, fixtures):
        assert verifier.verify(signed.data, name=signed.name).conclusion.assurance == "verified"
        for place, mutated in flipped(signed, rng, tries):
            tried += 1
            report = verifier.verify(mutated, name=signed.name)
            if report.conclusion.assurance in ("verified", "attested"):
                survivors[kind_of_survivor(signed, place, mutated)] += 1
    assert tried == FORMATS * tries
    summary.update({f"of {tried} files with a flipped bit, unnoticed in: {kind}": n for kind, n in survivors.items()})
    assert set(survivors) <= OUTSIDE_OF_EVERY_HASH, survivors


def test_a_flipped_bit_of_the_content_is_told_apart_from_framing(fixtures: Path) -> None:
    """The test above can fail: a change of content is not taken for padding, a box or framing."""
    signed = next(small_files(Authority(), fixtures))
    place = len(signed.data) - 100
    mutated = bytearray(signed.data)
    mutated[place] ^= 1
    assert kind_of_survivor(signed, place, bytes(mutated)).startswith("content of a.jpeg")
