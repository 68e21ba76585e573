"""The detectors as a source of evidence: asked about files of which nothing stronger says where they come from.

An answer to one question is never evidence for another: what was edited is not therefore made by AI. The strongest
that a detector can say is `estimated`, and only where its decision is `ai`; that it found no sign proves nothing.
"""

import logging
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from provenance.asset import OpenAsset
from provenance.errors import MissingExtraError
from provenance.evidence import Assurance, Evidence, Kind, Origin, Status
from provenance.sentences import Message, register_catalogue, say
from provenance.sources import Context, Findings, is_own

from . import limits
from .answer import Answer, Decision
from .card import DEFAULT_MAX_FPR, ModelCard, Question
from .installed import names_of_others
from .modality import Modality, modality_of
from .sentences import CATALOGUE

# What needs NumPy is imported where it is used: a signed file is verified without it.
if TYPE_CHECKING:
    from .detector import Detector

register_catalogue(CATALOGUE)  # here, and not when it is asked for: then those of all packages are loaded

_log: Final = logging.getLogger("provenance")

_SENTENCES: Final = {
    Decision.AI: "detector.ai",
    Decision.NO_INDICATION: "detector.no_indication",
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
        self, detectors: "str | Iterable[str | Detector] | None" = None, *, max_fpr: float = DEFAULT_MAX_FPR
    ) -> None:
        if find_spec("onnxruntime") is None or find_spec("scipy") is None:
            raise MissingExtraError("detectors", "detectors")
        self.max_fpr = max_fpr
        self.engines: dict[str, str] = {}
        if detectors is None:
            self.versions = {card.name: card.version for card in (*ModelCard.bundled(), *_other_cards())}
        else:
            from .detector import load_detector

            given = detectors.split(",") if isinstance(detectors, str) else detectors
            self.detectors = [load_detector(each) if isinstance(each, str) else each for each in given]
            self.versions = {detector.name: detector.version for detector in self.detectors}

    @cached_property
    def detectors(self) -> "list[Detector]":
        """Those that are asked; the bundled ones are loaded when the first file needs them."""
        from .detector import load_detectors

        return load_detectors()

    def examine(self, asset: OpenAsset, context: Context) -> Findings:  # noqa: ARG002 - the protocol's
        """What the detectors estimate; for texts also the characters that a reader does not see."""
        findings = Findings()
        modality = modality_of(asset)  # video takes seconds for each: it is asked about by `detectors run` alone
        if modality is Modality.IMAGE:
            self._pictures(asset, findings)
        elif modality is Modality.TEXT:
            self._texts(asset, findings)
        return findings

    def _pictures(self, asset: OpenAsset, findings: Findings) -> None:
        from .judgement import judge_picture
        from .pictures import decode

        asked = [detector for detector in self.detectors if detector.card.modality == "image"]
        if not asked or not _fits(asset, limits.MAX_PICTURE_FILE, findings):
            return
        picture = decode(bytes(asset.content()))
        if isinstance(picture, Message):
            findings.limits.append(picture)
            return
        if picture.frames > 1:
            findings.limits.append(say("detector.first_frame", frames=picture.frames))
        findings.evidence += [
            _asked(detector, lambda detector: judge_picture(detector, picture, max_fpr=self.max_fpr))
            for detector in asked
        ]

    def _texts(self, asset: OpenAsset, findings: Findings) -> None:
        from .judgement import judge_text
        from .text.marks import find_marks
        from .text.reading import read_text

        asked = [detector for detector in self.detectors if detector.card.modality == "text"]
        if not _fits(asset, limits.MAX_TEXT_FILE, findings):
            return
        text = read_text(bytes(asset.content()), asset.media_type)
        findings.evidence += [
            _asked(detector, lambda detector: judge_text(detector, text, max_fpr=self.max_fpr)) for detector in asked
        ]
        if not isinstance(text, Message):
            findings.remarks += find_marks(text.plain).sentences


def _other_cards() -> list[ModelCard]:
    """The cards of other packages' detectors that are asked by default; loading those takes NumPy."""
    if not names_of_others():
        return []
    from .detector import other_defaults

    return [detector.card for detector in other_defaults()]


def _asked(detector: "Detector", judge: "Callable[[Detector], Answer]") -> Evidence:
    """What a detector answers; that it failed, where it raises: the other detectors have answers of their own."""
    try:
        return evidence_of(judge(detector))
    except Exception as error:
        if is_own(type(detector).__module__):
            raise
        _log.error("the detector %s failed (%s)", detector.name, type(error).__name__)
        return Evidence(
            source=DetectorSource.name,
            kind=Kind.DETECTOR,
            status=Status.UNREADABLE,
            codes=(f"{detector.name}:failed",),
            explanation=say("verifier.source_failed", source=detector.name),
        )


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
        details=answer.model_dump(mode="json", exclude={"seconds"}),  # the same file gives the same evidence
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
        missed=_percent(1 - rates.tpr.value if rates else None),
    )


def _percent(share: float | None) -> str:
    if share is None:
        return "?"
    return f"{share * 100:.1f} %" if share < 0.1 or share > 0.99 else f"{share * 100:.0f} %"


def _fits(asset: OpenAsset, most: int, findings: Findings) -> bool:
    if asset.size > most:
        findings.limits.append(say("detector.refused.file_size", size=asset.size))
    return 0 < asset.size <= most
