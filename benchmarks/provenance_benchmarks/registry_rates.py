"""How many copies of registered pictures are led back, how many other pictures are wrongly so, and how fast that is.

    make bench-registry FILES="FOLDER ..."

FOLDERs hold pictures, in one folder for each source. All are registered as they are. Of some, copies are made: scaled
to at most 1024 pixels, edited, and looked up. The threshold is to be chosen on one half of the pictures, by the first
digit of their hash; the figures that count are those of the other half.

For false matches each picture is asked about as it is, and each of its sixths as a picture of its own, against all
pictures but itself. What still matches is put into one of three groups: the same picture, where the two correlate over
64 x 64 grey pixels; a look-alike from the same source, which is the next frame, the same screen with other words, or
the same prompt and seed; and a false match.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps
from rich.progress import track

from provenance.files import sha256_of
from provenance.sentences import Message
from provenance_detectors.pictures import decode
from provenance_service.registry.fingerprint import BITS, Fingerprint, View, to_ask, to_register
from provenance_service.registry.index import THRESHOLD, FingerprintIndex

from .edits import EDITS, _cropped, _file

# What the registry is meant to survive, each at 99 of 100.
GOALS: Final = ("jpeg-50", "half-size", "blur", "colour", "mirror", "crop-10", "caption-bar")
GOAL: Final = 0.99

THRESHOLDS: Final = (16, 20, 24, 28, 32, 36, 40, 44, 48)

# Two files are the same picture from this correlation on; those that were looked at below it were not.
SAME: Final = 0.99

_LONGEST_SIDE: Final = 1024
_REGISTERED: Final = 100_000
_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")


def _cut(left: float, top: float, right: float, bottom: float) -> Callable[[Image.Image], bytes]:
    def cut(image: Image.Image) -> bytes:
        width, height = image.size
        box = (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
        return _file(image.crop(box))

    return cut


def _caption_above(image: Image.Image) -> bytes:
    """White letters over the whole width of a black bar."""
    bar = max(24, image.height // 8)
    framed = Image.new("RGB", (image.width, image.height + bar), "black")
    framed.paste(image, (0, bar))
    font = ImageFont.load_default(size=max(10, bar // 3))
    text = "Breaking: nobody saw this coming, says everyone"
    ImageDraw.Draw(framed).text((8, bar // 3), text, fill="white", font=font)
    return _file(framed)


def _letterbox(image: Image.Image) -> bytes:
    framed = Image.new("RGB", (image.width, round(image.height * 1.3)), "black")
    framed.paste(image, (0, round(image.height * 0.15)))
    return _file(framed)


# Edits beside those of the suites: where the registered views end.
FURTHER: Final[dict[str, Callable[[Image.Image], bytes]]] = {
    "caption above": _caption_above,
    "letterbox": _letterbox,
    "mirror and crop-10": lambda image: _cropped(ImageOps.mirror(image)),
    "crop 7 %": _cut(0.035, 0.035, 0.035, 0.035),
    "crop 20 %": _cut(0.1, 0.1, 0.1, 0.1),
    "crop 30 %": _cut(0.15, 0.15, 0.15, 0.15),
    "left side cut by 10 %": _cut(0.1, 0, 0, 0),
    "left side cut by 7 %": _cut(0.07, 0, 0, 0),
    "bottom cut by 4 %": _cut(0, 0, 0, 0.04),
    "corner cut by 10 %": _cut(0.1, 0.1, 0, 0),
    "turned by 2 degrees": lambda image: _file(image.rotate(2, Image.Resampling.BICUBIC)),
}
ALL: Final = {**EDITS, **FURTHER}


@dataclass(frozen=True)
class SourcePicture:
    """A file, its hash, and the source that it comes from."""

    path: Path
    sha256: str
    source: str

    @property
    def is_for_calibration(self) -> bool:
        """Half of all, by the hash."""
        return self.sha256[0] in "02468ace"


@dataclass(frozen=True)
class Looked:
    """What there is of a picture: its fingerprint, how long that took, its looks; and its parts and copies as asked."""

    fingerprint: Fingerprint | None
    refusal: str
    seconds: tuple[float, float]
    looks: NDArray[np.float32]
    asked: tuple[View, ...]
    sixths: tuple[tuple[View, ...], ...]
    copies: dict[str, tuple[View, ...]]


@dataclass
class RegistryRates:
    """What came of it all."""

    pictures: list[SourcePicture] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    distances: dict[str, list[tuple[bool, int, bool]]] = field(default_factory=dict)
    """For each edit: whether the picture is of the calibration half, the distance to its own original, and whether the
    nearest registered picture is the original, or the same picture."""
    asked: Counter[str] = field(default_factory=Counter)
    """How many pictures, and sixths of pictures, were asked about."""
    matches: list[tuple[str, int, str, str, str]] = field(default_factory=list)
    """Of those that matched another picture: what was asked, the distance, the group, and both sources."""
    tail: Counter[int] = field(default_factory=Counter)
    """Asked pictures whose nearest one of another source, which is not the same picture, is at this distance."""
    views: float = 0.0
    seconds: tuple[float, float] = (0.0, 0.0)
    registered: int = 0
    size: int = 0
    building: float = 0.0
    query: tuple[float, float] = (0.0, 0.0)


def pictures_in(folders: Sequence[Path]) -> list[SourcePicture]:
    """The pictures in these folders, each content once, in the order of their hashes."""
    pictures: dict[str, SourcePicture] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                digest = sha256_of(path)
                pictures.setdefault(digest, SourcePicture(path, digest, path.relative_to(folder).parts[0]))
    return [pictures[digest] for digest in sorted(pictures)]


def looked_at(picture: SourcePicture, with_copies: bool) -> Looked:
    """All that has to be computed of one picture, in a worker process."""
    data = picture.path.read_bytes()
    started = time.perf_counter()
    fingerprint = to_register(data)
    registered = time.perf_counter()
    asked = to_ask(data)
    seconds = (registered - started, time.perf_counter() - registered)
    decoded = decode(data)
    if isinstance(decoded, Message) or isinstance(fingerprint, Message):
        refusal = fingerprint.key if isinstance(fingerprint, Message) else ""
        return Looked(None, refusal, seconds, np.empty(0, np.float32), (), (), {})
    image = Image.fromarray(decoded.pixels)
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BICUBIC)
    copies = {name: _asked(edit(image)) for name, edit in ALL.items()} if with_copies else {}
    return Looked(
        fingerprint, "", seconds, _looks(image), asked.views if isinstance(asked, Fingerprint) else (),
        tuple(_asked(_file(sixth)) for sixth in _sixths(image)), copies,
    )  # fmt: skip


def _asked(data: bytes) -> tuple[View, ...]:
    fingerprint = to_ask(data)
    return fingerprint.views if isinstance(fingerprint, Fingerprint) else ()


def _sixths(image: Image.Image) -> Iterator[Image.Image]:
    width, height = image.width // 3, image.height // 2
    for row in range(2):
        for column in range(3):
            yield image.crop((column * width, row * height, (column + 1) * width, (row + 1) * height))


def _looks(image: Image.Image) -> NDArray[np.float32]:
    """The picture as 64 x 64 grey levels of mean 0 and length 1, so that a product is a correlation."""
    grey = np.asarray(image.convert("L").resize((64, 64), Image.Resampling.BOX), np.float32).ravel()
    grey = grey - grey.mean()
    scaled: NDArray[np.float32] = grey / max(float(np.linalg.norm(grey)), 1e-6)
    return scaled


def measured(folders: Sequence[Path], *, copies: int, workers: int, registered: int = _REGISTERED) -> RegistryRates:
    """The rates of the registry on the pictures in these folders.

    Copies are made of so many; speed is measured with so many registered.
    """
    pictures = pictures_in(folders)
    flags = _evenly(len(pictures), copies)
    with ProcessPoolExecutor(workers) as pool:
        looked = list(track(pool.map(looked_at, pictures, flags, chunksize=4), "fingerprints", len(pictures)))
    rates = RegistryRates(refused=Counter(prepared.refusal for prepared in looked if prepared.refusal))
    kept = [(picture, prepared) for picture, prepared in zip(pictures, looked, strict=True) if prepared.fingerprint]
    rates.pictures = [picture for picture, _ in kept]
    fingerprinted = [prepared for _, prepared in kept]
    rates.views = float(
        np.mean([len(prepared.fingerprint.views) for prepared in fingerprinted if prepared.fingerprint])
    )
    times = np.median([prepared.seconds for prepared in fingerprinted], axis=0)
    rates.seconds = (float(times[0]), float(times[1]))
    index = FingerprintIndex(threshold=max(THRESHOLDS) + 24)
    index.add_all(
        (key, prepared.fingerprint.views) for key, prepared in enumerate(fingerprinted) if prepared.fingerprint
    )
    for key in track(range(len(fingerprinted)), "look-ups"):
        _count_copies(rates, key, fingerprinted, index)
        _count_others(rates, key, fingerprinted, index)
    _measure_speed(rates, fingerprinted, registered)
    return rates


def _evenly(count: int, chosen: int) -> list[bool]:
    places = set(np.linspace(0, count - 1, min(chosen, count)).astype(int).tolist())
    return [at in places for at in range(count)]


def _is_same(first: Looked, second: Looked) -> bool:
    return float(first.looks @ second.looks) >= SAME


def _count_copies(rates: RegistryRates, key: int, fingerprinted: Sequence[Looked], index: FingerprintIndex) -> None:
    own = fingerprinted[key].fingerprint
    assert own is not None
    for name, views in fingerprinted[key].copies.items():
        nearest = index.nearest(views, 1)
        back = bool(nearest) and (nearest[0].key == key or _is_same(fingerprinted[nearest[0].key], fingerprinted[key]))
        distance = nearest[0].distance if back else _distance(own.views, views)
        rates.distances.setdefault(name, []).append((rates.pictures[key].is_for_calibration, distance, back))


def _distance(registered: Sequence[View], asked: Sequence[View]) -> int:
    """The least distance between any two views, in bits."""
    own_codes, asked_codes = (
        np.frombuffer(b"".join(view.code for view in views), np.uint8).reshape(len(views), -1)
        for views in (registered, asked)
    )
    return min(
        (int(np.unpackbits(own_codes ^ code, axis=1).sum(axis=1).min()) for code in asked_codes),
        default=BITS,
    )


def _count_others(rates: RegistryRates, key: int, fingerprinted: Sequence[Looked], index: FingerprintIndex) -> None:
    source = rates.pictures[key].source
    for part, views in (
        ("picture", fingerprinted[key].asked),
        *(("sixth", sixth) for sixth in fingerprinted[key].sixths),
    ):
        if not views:
            continue
        rates.asked[part] += 1
        worst: tuple[str, int, str, str, str] | None = None
        unrelated = BITS
        for match in index.nearest(views, 40):
            if match.key == key:
                continue
            matched_source = rates.pictures[match.key].source
            same = _is_same(fingerprinted[match.key], fingerprinted[key])
            group = "the same picture" if same else "a look-alike" if matched_source == source else "a false match"
            if group == "a false match":
                unrelated = min(unrelated, match.distance)
            if match.distance <= THRESHOLD and (worst is None or group == "a false match"):
                worst = (part, match.distance, group, source, matched_source)
        if worst is not None:
            rates.matches.append(worst)
        if unrelated < BITS:
            rates.tail[unrelated] += 1


def _measure_speed(rates: RegistryRates, fingerprinted: Sequence[Looked], registered: int) -> None:
    """An index of so many pictures: their codes over and over, each time turned by a number of its own."""
    draws = np.random.default_rng(7)
    views = [prepared.fingerprint.views for prepared in fingerprinted if prepared.fingerprint]
    pictures: list[tuple[int, tuple[View, ...]]] = []
    for key in range(registered):
        mask = int.from_bytes(draws.bytes(BITS // 8))
        turned = tuple(
            View(view.name, (int.from_bytes(view.code) ^ mask).to_bytes(BITS // 8)) for view in views[key % len(views)]
        )
        pictures.append((key, turned))
    index = FingerprintIndex()
    started = time.perf_counter()
    index.add_all(pictures)
    rates.building, rates.registered = time.perf_counter() - started, registered
    rates.size = index.size
    times = []
    for prepared in fingerprinted[:: max(1, len(fingerprinted) // 100)]:
        started = time.perf_counter()
        index.nearest(prepared.asked)
        times.append(time.perf_counter() - started)
    rates.query = (float(np.median(times)), float(np.quantile(times, 0.95)))


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--copies", default=2000, show_default=True, help="Pictures of which copies are made.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def main(folders: tuple[Path, ...], copies: int, workers: int, write: Path | None) -> None:
    """Measure the registry's fingerprints."""
    started = time.perf_counter()
    rates = measured(folders, copies=copies, workers=workers)
    from .registry_rates_page import page_of

    page = page_of(rates, time.perf_counter() - started)
    print(page)
    if write is not None:
        (write / f"registry-{datetime.now(UTC):%Y-%m-%d}.md").write_text(page, "utf-8")


if __name__ == "__main__":
    main()
