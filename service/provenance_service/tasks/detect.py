"""Asking detectors about a file, in a worker process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.asset import open_asset
from provenance.errors import ProvenanceError

from .worker import WorkerContext


@dataclass(frozen=True)
class DetectionRefusal:
    """Why detectors cannot examine a file, in words for the client."""

    reason: str


@dataclass(frozen=True)
class DetectTask:
    """A file to ask the default detectors about."""

    path: Path
    name: str
    language: str

    def run(self, context: WorkerContext) -> list[dict[str, Any]] | DetectionRefusal:
        """Asks them; no detector for this kind of file is an empty list."""
        from provenance_detectors.answers import answers_about
        from provenance_detectors.source import sentence_of

        try:
            with open_asset(self.path, name=self.name) as asset:
                answers = answers_about(asset, _detectors(context, None))
        except ProvenanceError as error:
            return DetectionRefusal(str(error).replace(str(self.path), self.name))
        return [
            {
                **answer.model_dump(mode="json", exclude={"reasons"}),
                "sentence": sentence_of(answer).in_language(self.language).text,
                "reasons": [reason.in_language(self.language).model_dump(mode="json") for reason in answer.reasons],
            }
            for answer in answers
        ]


@dataclass(frozen=True)
class HeatMapTask:
    """A picture, and the detector to ask; without a name the default one."""

    path: Path
    name: str
    detector: str | None

    def run(self, context: WorkerContext) -> bytes | DetectionRefusal:
        """Draws it, as PNG."""
        from provenance_detectors.answers import draw_heat_map

        try:
            detectors = _detectors(context, self.detector)
            with open_asset(self.path, name=self.name) as asset:
                return draw_heat_map(asset, detectors)
        except ProvenanceError as error:
            return DetectionRefusal(str(error).replace(str(self.path), self.name))


def _detectors(context: WorkerContext, name: str | None) -> Any:
    """The detector of this name, or the default ones; loaded once in each worker."""
    from provenance_detectors.detector import load_detector, load_detectors

    key = ("detectors", name)
    if key not in context.cache:
        context.cache[key] = [load_detector(name)] if name else load_detectors()
    return context.cache[key]
