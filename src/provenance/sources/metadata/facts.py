"""Facts: what a desk asks of a file before it asks about AI: when, where, with what, by whom, of what.

Each with the field that says so, since anyone can write each of them. IPTC Photo Metadata Standard 2025.1; CIPA DC-008
(EXIF 3.0), section 4.6; ISO 6709 for places of QuickTime. Serial numbers are not read: they lead to a person.
"""

import re
from collections.abc import Mapping
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from ...sentences import clean

# The fields in the order in which they count: what a camera writes, then what a desk, then what programs write.
_DATES: Final = (
    ("exif:DateTimeOriginal", "exif:OffsetTimeOriginal"),
    ("tag:creationdate", ""),
    ("photoshop:DateCreated", ""),
    ("iptc:DateCreated", "iptc:TimeCreated"),
    ("exif:DateTimeDigitized", "exif:OffsetTimeDigitized"),
    ("xmp:CreateDate", ""),
    ("tag:date", ""),
)
_CHANGES: Final = (("xmp:ModifyDate", ""), ("exif:DateTime", "exif:OffsetTime"))
_PLACES: Final = ("exif:GPSPosition", "tag:location.iso6709", "tag:location")
_NAMES: Final = {
    "place_name": ("Iptc4xmpCore:Location", "iptc:Sub-location", "photoshop:City", "iptc:City", "photoshop:Country"),
    "lens": ("exif:LensModel", "aux:Lens"),
    "author": ("dc:creator", "iptc:By-line", "exif:Artist", "exif:Photographer", "tag:author", "tag:artist"),
    "credit": ("photoshop:Credit", "iptc:Credit"),
    "source": ("photoshop:Source", "iptc:Source"),
    "headline": ("photoshop:Headline", "iptc:Headline"),
    "caption": ("dc:description", "iptc:Caption", "exif:ImageDescription", "tag:description"),
    "rights": ("dc:rights", "iptc:CopyrightNotice", "exif:Copyright", "tag:copyright"),
    "software": ("exif:Software", "xmp:CreatorTool", "tag:software"),
}
_MAKERS: Final = (("exif:Make", "exif:Model"), ("tiff:Make", "tiff:Model"), ("tag:make", "tag:model"))

_TIME: Final = re.compile(
    r"(\d{4})[:-]?(\d\d)[:-]?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?)? ?(Z|[+-]\d\d:?\d\d)?\s*"
)
_POSITION: Final = re.compile(r"([+-]?\d{1,2}(?:\.\d+)?)(?:, ?|(?=[+-]))([+-]?\d{1,3}(?:\.\d+)?)")
_NO_CAPTION: Final = re.compile(r"\s*(\{|(prompt|workflow)\s*:\s*\{|signature: )|.*\bsteps: *\d", re.I | re.S)


class Fact(BaseModel):
    """What one field says, and its name."""

    model_config = ConfigDict(frozen=True)

    value: str
    field: str


class DeclaredFacts(BaseModel):
    """What a file says of itself. `captured` is the first of `dates`, which may contradict each other.

    Times are ISO 8601, with an offset where the file gives one; a place is degrees north and east.
    """

    model_config = ConfigDict(frozen=True)

    captured: Fact | None = None
    dates: tuple[Fact, ...] = ()
    changed: Fact | None = None
    place: Fact | None = None
    place_name: Fact | None = None
    camera: Fact | None = None
    lens: Fact | None = None
    author: Fact | None = None
    credit: Fact | None = None
    source: Fact | None = None
    headline: Fact | None = None
    caption: Fact | None = None
    rights: Fact | None = None
    software: Fact | None = None

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Self:
        """The facts in these fields, by their names in a report."""
        dates = _times(fields, _DATES)
        changes = _times(fields, _CHANGES)
        named = {fact: _first(fields, names) for fact, names in _NAMES.items()}
        return cls(
            captured=dates[0] if dates else None,
            dates=dates,
            changed=changes[0] if changes else None,
            place=_place(fields),
            camera=_camera(fields),
            **named,
        )

    @property
    def any(self) -> bool:
        """Whether there is one that says more than which program wrote the file, and when."""
        return any((self.captured, self.place, self.place_name, self.camera, self.author, self.credit, self.caption))


def camera_name(maker: str | None, model: str) -> str:
    """The camera as people call it: many models begin with their maker's name."""
    repeated = maker and maker.strip() and model.lower().startswith(maker.lower().split()[0])
    return clean(model if repeated or not maker else f"{maker} {model}")


def _first(fields: Mapping[str, str], names: tuple[str, ...]) -> Fact | None:
    for name in names:
        value = fields.get(name, "").strip()
        if value and not _NO_CAPTION.match(value[:4096]):
            return Fact(value=clean(value), field=name)
    return None


def _times(fields: Mapping[str, str], names: tuple[tuple[str, str], ...]) -> tuple[Fact, ...]:
    times = []
    for name, offset in names:
        time = _iso_time(fields.get(name, ""), fields.get(offset, ""))
        if time:
            times.append(Fact(value=time, field=name))
    return tuple(times)


def _iso_time(written: str, offset: str) -> str | None:
    """A time in ISO 8601; None for zeros, which cameras without a clock write."""
    match = _TIME.fullmatch(written.strip()[:64])
    if match is None or match[1] == "0000":
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return None
    date = f"{year}-{month}-{day}"
    if hour is None:
        time_of_day = re.fullmatch(r"(\d\d)(\d\d)(\d\d)([+-]\d{4})?", offset.strip())  # IPTC-IIM has it in a dataset
        if time_of_day is None:
            return date
        hour, minute, second, zone = time_of_day.groups()
    zone = zone or (offset.strip() if re.fullmatch(r"Z|[+-]\d\d:?\d\d", offset.strip()) else "")
    if len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}"


def _place(fields: Mapping[str, str]) -> Fact | None:
    for name in _PLACES:
        match = _POSITION.match(fields.get(name, "").strip()[:64])
        if match is not None and abs(float(match[1])) <= 90 and abs(float(match[2])) <= 180:
            return Fact(value=f"{float(match[1]):.5f}, {float(match[2]):.5f}", field=name)
    return None


def _camera(fields: Mapping[str, str]) -> Fact | None:
    for maker, model in _MAKERS:
        if name := fields.get(model):
            return Fact(value=camera_name(fields.get(maker), name), field=model)
    return None
