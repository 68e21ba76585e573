"""The detectors as a source of evidence: asked about files of which nothing stronger says where they come from.

An answer to one question is never evidence for another: what was edited is not therefore made by AI. The strongest
that a detector can say is `estimated`, and only where its decision is `ai`; that it found no sign proves nothing.
"""

from collections.abc import Iterable
from typing import Final

from provenance.asset import OpenAsset
from provenance.evidence import Assurance, Evidence, Kind, Origin, Status
from provenance.sentences import Message, say
from provenance.sources import Context, Findings

from . import limits
from .answer import Answer, Decision
from .card import DEFAULT_MAX_FPR, Question
from .detector import Detector, load_detector, load_detectors
from .judging import judge_picture, judge_text
from .pictures import decode
from .text.marks import find_marks
from .text.reading import read_text

_TEXTS: Final = frozenset({"text/plain", "text/markdown", "text/html", "application/xhtml+xml"})

_SENTENCES: Final = {
    Decision.AI: "detector.ai",
    Decision.NOT_AI: "detector.not_ai",
    Decision.EDITED: "detector.edited",
    Decision.NOT_EDITED: "detector.not_edited",
    Decision.MARKED: "detector.marked",
    Decision.NOT_MARKED: "detector.not_marked",
    Decision.ABSTAIN: "detector.abstain",
}


class DetectorSource:
    """Asks the bundled detectors, or those that are given by name or as instances.

    `max_fpr`: the share of real photographs, or of texts by people, that may be called AI.
    """

    name = "detectors"
    estimates = True  # asked last, and only where nothing stronger answers

    def __init__(
        self, detectors: str | Iterable[str | Detector] | None = None, *, max_fpr: float = DEFAULT_MAX_FPR
    ) -> None:
        if isinstance(detectors, str):
            detectors = detectors.split(",")
        self.detectors: list[Detector] = (
            load_detectors()
            if detectors is None
            else [load_detector(each) if isinstance(each, str) else each for each in detectors]
        )
        self.max_fpr = max_fpr
        self.engines: dict[str, str] = {}
        self.versions = {detector.name: detector.version for detector in self.detectors}

    def examine(self, asset: OpenAsset, context: Context) -> Findings:  # noqa: ARG002 - the protocol's
        """What the detectors estimate; for texts also the characters that a reader does not see."""
        findings = Findings()
        if asset.media_type.startswith("image/"):
            self._pictures(asset, findings)
        elif asset.media_type in _TEXTS:
            self._texts(asset, findings)
        return findings

    def _pictures(self, asset: OpenAsset, findings: Findings) -> None:
        asked = [detector for detector in self.detectors if detector.card.modality == "image"]
        if not asked or not _fits(asset, limits.MAX_PICTURE_FILE, findings):
            return
        picture = decode(bytes(asset.content()))
        if isinstance(picture, Message):
            findings.limits.append(picture)
            return
        if picture.frames > 1:
            findings.limits.append(say("detector.first_frame", frames=picture.frames))
        findings.evidence += [evidence_of(judge_picture(each, picture, max_fpr=self.max_fpr)) for each in asked]

    def _texts(self, asset: OpenAsset, findings: Findings) -> None:
        asked = [detector for detector in self.detectors if detector.card.modality == "text"]
        if not _fits(asset, limits.MAX_TEXT_FILE, findings):
            return
        content = bytes(asset.content())
        findings.evidence += [
            evidence_of(judge_text(each, content, max_fpr=self.max_fpr, media_type=asset.media_type)) for each in asked
        ]
        text = read_text(content, asset.media_type)
        if not isinstance(text, Message):
            findings.remarks += find_marks(text.plain).sentences


def evidence_of(answer: Answer) -> Evidence:
    """A detector's answer as evidence, which claims no more than the answer does."""
    says_ai = answer.decision in (Decision.AI, Decision.MARKED)
    return Evidence(
        source=DetectorSource.name,
        kind=Kind.WATERMARK if answer.question is Question.WATERMARK else Kind.DETECTOR,
        status=Status.ABSENT if answer.decision is Decision.NOT_MARKED else Status.VALID,
        origin=Origin.AI_GENERATED if says_ai else Origin.UNKNOWN,
        assurance=Assurance.ESTIMATED if says_ai else Assurance.NONE,
        agent=None,
        codes=(f"{answer.detector}:{answer.decision}",),
        explanation=sentence_of(answer),
        details=answer.model_dump(mode="json"),
    )


def sentence_of(answer: Answer) -> Message:
    """The sentence that an editor reads."""
    reason = answer.reasons[0] if answer.reasons else say("detector.abstain.no_threshold")
    rates = answer.rates
    return say(
        _SENTENCES[answer.decision],
        detector=answer.detector,
        reason=reason,
        probability=_percent(answer.probability),
        false_alarms=_percent(rates.fpr.value if rates else None),
        found=_percent(rates.tpr.value if rates else None),
    )


def _percent(share: float | None) -> str:
    if share is None:
        return "?"
    return f"{share * 100:.1f} %" if share < 0.1 or share > 0.99 else f"{share * 100:.0f} %"


def _fits(asset: OpenAsset, most: int, findings: Findings) -> bool:
    if asset.size > most:
        findings.limits.append(say("detector.refused.file_size", size=asset.size))
    return 0 < asset.size <= most
