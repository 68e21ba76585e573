"""The metadata source: what a file says of itself in fields that anyone can write. Always `declared`, never more."""

from collections.abc import Mapping
from typing import Final

from ...asset import OpenAsset
from ...digital_source_type import origin_of_source_type
from ...evidence import Assurance, Evidence, Kind, Origin, Status
from ...media_type import media_type_of_name, names_agree
from ...sentences import Message, clean, say
from .. import Context, Findings
from ..containers import Blocks, Trailing, read_blocks
from .aigc import AigcLabel
from .exif import read_exif, read_iptc
from .facts import DeclaredFacts, camera_name
from .generators import GeneratorMark, marks_in, parameters_in
from .stealth import read_stealth
from .xmp import read_xmp

_SOURCE_TYPE: Final = "Iptc4xmpExt:DigitalSourceType"
_AI_SYSTEM: Final = "Iptc4xmpExt:AISystemUsed"
_MAX_SOURCE_TYPES: Final = 5  # a file that names more says nothing clearer
_AI_FIELDS: Final = (
    _AI_SYSTEM,
    "Iptc4xmpExt:AISystemVersionUsed",
    "Iptc4xmpExt:AIPromptInformation",
    "Iptc4xmpExt:AIPromptWriterName",
)

# What somebody would append to make a photo look AI-made, or marked as such, to a tool that searches the whole file.
_MARK_BYTES: Final = (
    b"prompt",
    b"parameters",
    b"workflow",
    b"tEXt",
    b"iTXt",
    b"c2pa",
    b"trainedAlgorithmicMedia",
    b"AIGC",
    b"Steps: ",
    b"Made with Google AI",
)


class MetadataSource:
    """Reads XMP, EXIF, IPTC, PNG text, the AIGC label and generator parameters from their proper places."""

    name = "metadata"

    def __init__(self) -> None:
        self.engines: dict[str, str] = {}

    def examine(self, asset: OpenAsset, context: Context) -> Findings:  # noqa: ARG002 - the protocol's
        """Reads the fields and says which of them claim an origin."""
        findings = Findings(remarks=_name_remarks(asset))
        blocks = read_blocks(asset)
        if blocks is None:
            if asset.size:
                findings.limits.append(say("limit.metadata_type", media_type=asset.media_type))
            return findings
        fields, source_types, damaged = declared_fields(blocks)
        for value in source_types[:_MAX_SOURCE_TYPES]:
            findings.evidence.append(_source_type(value, fields.get(_AI_SYSTEM)))
        findings.evidence.extend(_ai_system(fields))
        findings.evidence.extend(_aigc(fields, blocks))
        findings.evidence.extend(_generators(asset, fields, blocks))
        findings.evidence.extend(_camera(fields))
        findings.evidence.extend(_facts(fields))
        if blocks.trailing is not None:
            _trailing(findings, blocks.trailing, blocks.declares_more_images)
        if blocks.misplaced:
            findings.evidence.append(_suspicious("misplaced-data", say("metadata.suspicious_comment")))
        if damaged:
            findings.remarks.append(say("remark.xmp_damaged"))
        if blocks.truncated:
            findings.remarks.append(say("remark.truncated"))
        return findings


def declared_fields(blocks: Blocks) -> tuple[dict[str, str], list[str], bool]:
    """The first value of each field; all source types, since two that disagree must both be said."""
    properties, damaged = read_xmp(blocks.xmp) if blocks.xmp else ({}, False)
    fields = {name: values[0] for name, values in properties.items() if values}
    if blocks.exif:
        fields |= read_exif(blocks.exif)
    for datasets in blocks.iptc:
        fields |= read_iptc(datasets)
    fields |= {f"{blocks.text_of}:{keyword}": text for keyword, text in blocks.text.items()}
    return fields, properties.get(_SOURCE_TYPE, []), damaged


def _name_remarks(asset: OpenAsset) -> list[Message]:
    promised = media_type_of_name(asset.name) if asset.name else None
    if promised is None or asset.size == 0 or names_agree(promised, asset.media_type):
        return []
    return [say("remark.name_misleads", name=asset.name, media_type=asset.media_type)]


def _declared(
    explanation: Message, origin: Origin, agent: str | None = None, details: Mapping[str, object] | None = None
) -> Evidence:
    return Evidence(
        source=MetadataSource.name,
        kind=Kind.DECLARED_METADATA,
        origin=origin,
        assurance=Assurance.DECLARED if origin is not Origin.UNKNOWN else Assurance.NONE,
        agent=agent,
        explanation=explanation,
        details=dict(details or {}),
    )


def _source_type(value: str, system: str | None) -> Evidence:
    origin = origin_of_source_type(value)
    term = clean(value.rstrip("/").rsplit("/", 1)[-1])
    details = {_SOURCE_TYPE: clean(value)}
    if origin is None:
        return _declared(say("metadata.unknown_source_type", term=term), Origin.UNKNOWN, details=details)
    evidence = _declared(say("metadata.source_type", term=term), origin, clean(system) if system else None, details)
    return evidence.model_copy(update={"digital_source_type": clean(value)})


def _ai_system(fields: dict[str, str]) -> list[Evidence]:
    """The IPTC 2025.1 fields. They say that AI took part, not how much: the weaker of the two AI origins."""
    present = {name: clean(fields[name]) for name in _AI_FIELDS if fields.get(name)}
    if not present:
        return []
    system = present.get(_AI_SYSTEM)
    sentence = say("metadata.ai_fields", system=system) if system else say("metadata.ai_prompt")
    return [_declared(sentence, Origin.AI_EDITED, system, present)]


# Where the label stands by the standard, and where producers put it instead. GB 45438-2025, annex F.
_LABEL_FIELDS: Final = ("TC260:AIGC", "exif:UserComment", "exif:ImageDescription", "exif:XPComment")
_LABEL_KEYWORDS: Final = ("AIGC", "aigc", "TC260:AIGC", "comment", "Comment", "description", "Description")


def _aigc(fields: dict[str, str], blocks: Blocks) -> list[Evidence]:
    places = [fields.get(name) for name in _LABEL_FIELDS] + [blocks.text.get(name) for name in _LABEL_KEYWORDS]
    label = next((label for text in places if (label := AigcLabel.read(text)) is not None), None)
    if label is None:
        return []
    producer = label.producer_name or label.producer
    key = "metadata.aigc" if label.origin is Origin.AI_GENERATED else "metadata.aigc_supposed"
    sentence = say(key, producer=producer or say("term.unnamed_producer"))
    return [_declared(sentence, label.origin, producer, dict(label.fields))]


def _generators(asset: OpenAsset, fields: dict[str, str], blocks: Blocks) -> list[Evidence]:
    marks: list[GeneratorMark] = marks_in(fields)
    parameters = parameters_in(_texts(fields, blocks))
    if parameters is None and (hidden := read_stealth(asset)):
        parameters = _hidden_parameters(hidden)
    if parameters is not None:
        marks.insert(0, parameters)
    evidence = []
    for mark in {mark.agent: mark for mark in reversed(marks)}.values():
        if mark.models:
            sentence = say("metadata.parameters_model", generator=mark.agent, model=", ".join(mark.models))
        elif mark is parameters:
            sentence = say("metadata.parameters", generator=mark.agent)
        else:
            sentence = say("metadata.generator", generator=mark.agent, where=mark.where)
        agent = f"{mark.agent} ({', '.join(mark.models)})" if mark.models else mark.agent
        details = {**mark.details, "generator": mark.agent, "where": mark.where}
        evidence.append(_declared(sentence, mark.origin, agent, details))
    return evidence


# The fields where generators keep their settings, with the keyword that they have in a PNG.
_SETTINGS_FIELDS: Final = (
    "generator:prompt",
    "generator:workflow",
    "generator:parameters",
    "exif:UserComment",
    "xmp:UserComment",
    "exif:ImageDescription",
    "exif:XPComment",
    "exif:Software",
    "dc:description",
)


def _texts(fields: dict[str, str], blocks: Blocks) -> dict[str, str]:
    """All texts that may be settings; the keywords of texts come first, since more forms are told by them."""
    return dict(blocks.text) | {
        name.removeprefix("generator:") if name.removeprefix("generator:") not in blocks.text else name: fields[name]
        for name in _SETTINGS_FIELDS
        if name in fields
    }


def _hidden_parameters(hidden: str) -> GeneratorMark | None:
    """Parameters from the pixels: plain text as AUTOMATIC1111 writes it, or a JSON of text fields as NovelAI does."""
    return parameters_in({"parameters": hidden})


_CAMERA_FIELDS: Final = (
    "exif:Make",
    "exif:Model",
    "exif:LensModel",
    "exif:Software",
    "exif:Artist",
    "exif:DateTimeOriginal",
    "exif:OffsetTimeOriginal",
    "exif:ExposureTime",
)


def _camera(fields: dict[str, str]) -> list[Evidence]:
    """A camera's name, with a time of capture or an exposure.

    A hint, without assurance: editors keep these fields, generators copy them, and no one declares an origin by them.
    """
    maker, model = fields.get("exif:Make"), fields.get("exif:Model")
    if not model or not (fields.get("exif:DateTimeOriginal") or fields.get("exif:ExposureTime")):
        return []
    camera = camera_name(maker, model)
    kept: dict[str, str] = {name: clean(fields[name]) for name in _CAMERA_FIELDS if name in fields}
    hint = _declared(say("metadata.camera", camera=camera), Origin.CAPTURED, camera, kept)
    return [hint.model_copy(update={"assurance": Assurance.NONE})]


def _facts(fields: dict[str, str]) -> list[Evidence]:
    """What the file says of its time, place, author and content, for a desk; it decides nothing."""
    facts = DeclaredFacts.of(fields)
    if not facts.any:
        return []
    details = {"facts": facts.model_dump(mode="json", exclude_defaults=True)}
    return [_declared(say("metadata.facts"), Origin.UNKNOWN, details=details)]


def _trailing(findings: Findings, trailing: Trailing, declared: bool) -> None:
    """Data after the end of an image: usual in some phones' files, suspicious where it looks like a mark."""
    findings.remarks.append(say("remark.trailing", size=trailing.size))
    if any(mark in trailing.sample for mark in _MARK_BYTES) and not declared:
        sentence = say("metadata.suspicious_trailing", size=trailing.size)
        findings.evidence.append(_suspicious("trailing-data", sentence, offset=trailing.offset, size=trailing.size))


def _suspicious(code: str, explanation: Message, **details: object) -> Evidence:
    return Evidence(
        source=MetadataSource.name,
        kind=Kind.DECLARED_METADATA,
        status=Status.SUSPICIOUS,
        codes=(code,),
        explanation=explanation,
        details=details,
    )
