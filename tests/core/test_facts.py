"""Facts for a desk: when, where, with what, by whom and of what, each with the field that says so."""

import io
import struct

import pytest
from PIL import Image

import provenance
from provenance.evidence import Evidence
from provenance.sources.metadata.facts import DeclaredFacts

from .test_generators import exif_of
from .test_metadata import MP4, box, jpeg, jpeg_with, png


def facts_of(data: bytes) -> DeclaredFacts:
    found = [item for item in provenance.verify(data).evidence if "facts" in item.details]
    return DeclaredFacts.model_validate(found[0].details["facts"]) if found else DeclaredFacts()


def evidence_of(data: bytes) -> list[Evidence]:
    return list(provenance.verify(data).evidence)


def test_what_a_camera_writes() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131], exif[0x013B] = "Canon", "Canon EOS R5", "Firmware 1.2", "Anna Example"
    inner = exif.get_ifd(0x8769)
    inner[0x9003], inner[0x9011], inner[0xA434], inner[0xA431] = "2026:01:02 03:04:05", "+02:00", "RF 50", "S123"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (48.0, 51.0, 30.0), "W", (2.0, 17.0, 40.2)
    data = jpeg(exif=exif.tobytes())
    facts = facts_of(data)
    found = {name: value and value["value"] for name, value in facts.model_dump().items() if name != "dates" and value}
    assert found == {
        "captured": "2026-01-02T03:04:05+02:00",
        "place": "48.85833, -2.29450",
        "camera": "Canon EOS R5",
        "lens": "RF 50",
        "author": "Anna Example",
        "software": "Firmware 1.2",
    }
    assert "S123" not in provenance.verify(data).model_dump_json()  # a serial number leads to a person


def test_what_a_desk_writes_and_dates_that_contradict_each_other() -> None:
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    data = jpeg_with(
        f"<photoshop:DateCreated>2026-01-02T03:04:05Z</photoshop:DateCreated><xmp:CreateDate>2025-07-08</xmp:CreateDate>"
        f"<dc:description {names}><rdf:Alt><rdf:li>A lake</rdf:li></rdf:Alt></dc:description>"
        f"<dc:creator {names}><rdf:Seq><rdf:li>Anna Example</rdf:li></rdf:Seq></dc:creator>"
        f"<photoshop:Credit>Example Agency</photoshop:Credit><photoshop:Headline>Lake</photoshop:Headline>"
        f"<photoshop:City>Annecy</photoshop:City><dc:rights {names}>All</dc:rights>"
    )
    facts = facts_of(data)
    assert [fact.value for fact in facts.dates] == ["2026-01-02T03:04:05Z", "2025-07-08"]
    assert facts.captured == facts.dates[0]
    texts = (facts.caption, facts.author, facts.credit, facts.headline, facts.place_name, facts.rights)
    assert [fact and fact.value for fact in texts] == [
        "A lake",
        "Anna Example",
        "Example Agency",
        "Lake",
        "Annecy",
        "All",
    ]


def test_what_a_phone_writes_into_a_movie() -> None:
    values = {"make": "Apple", "model": "iPhone 15", "creationdate": "2026-01-02T03:04:05+0200"}
    values |= {"location.ISO6709": "+48.8583+002.2945+035.000/", "software": "18.1"}
    keys = [box(b"mdta", f"com.apple.quicktime.{name}".encode()) for name in values]
    items = [
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0), value.encode()))
        for number, value in enumerate(values.values(), 1)
    ]
    meta = box(b"meta", box(b"hdlr", bytes(24)), box(b"keys", bytes(4), struct.pack(">I", len(keys)), *keys), box(b"ilst", *items))  # fmt: skip
    facts = facts_of(MP4 + box(b"moov", meta))
    assert (facts.captured, facts.place, facts.camera) and [
        fact and fact.value for fact in (facts.captured, facts.place, facts.camera, facts.software)
    ] == ["2026-01-02T03:04:05+02:00", "48.85830, 2.29450", "Apple iPhone 15", "18.1"]


@pytest.mark.parametrize(
    "fields",
    [
        {"exif:DateTimeOriginal": "0000:00:00 00:00:00"},
        {"exif:DateTimeOriginal": "    :  :     :  :  "},
        {"exif:DateTimeOriginal": "2026:13:41 00:00:00"},
        {"exif:GPSPosition": "95.0, 3.0"},
        {"tag:location": "here"},
        {"exif:ImageDescription": '{"AIGC": {}}'},
        {"exif:ImageDescription": "workflow: {}"},
        {"exif:ImageDescription": "a lake\nSteps: 20, Seed: 1"},
        {"exif:Artist": "  "},
    ],
)
def test_what_is_no_fact(fields: dict[str, str]) -> None:
    assert DeclaredFacts.of(fields) == DeclaredFacts()


def test_a_place_on_the_equator_of_zeros_is_none() -> None:
    exif = Image.Exif()
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (0.0, 0.0, 0.0), "E", (0.0, 0.0, 0.0)
    assert facts_of(jpeg(exif=exif.tobytes())).place is None


def test_facts_decide_nothing() -> None:
    report = provenance.verify(jpeg(exif=exif_of({0x013B: "Anna Example", 0x010E: "A lake"})))
    assert (report.conclusion.origin, report.conclusion.assurance) == ("unknown", "none")
    assert report.conclusion.conflicts == ()
    assert facts_of(png(Description="a lake, oil on canvas")) == DeclaredFacts()


def test_values_are_cut() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif_of({0x010E: "x" * 5_000}))
    caption = facts_of(out.getvalue()).caption
    assert caption is not None
    assert len(caption.value) <= provenance.limits.MAX_VALUE_LENGTH
