"""Comparing a delivered copy with its source, in a worker process."""

from dataclasses import dataclass
from pathlib import Path

from provenance import Verifier
from provenance_signing.comparison import Comparison, compare

from .worker import WorkerContext


@dataclass(frozen=True)
class CompareTask:
    """A source and its delivered copy."""

    source: Path
    delivered: Path
    language: str

    def run(self, context: WorkerContext) -> Comparison:
        """Compares them, mark by mark."""
        if "comparing" not in context.cache:
            context.cache["comparing"] = Verifier(trust=context.verifier.trust, sources=("c2pa", "metadata"))
        comparison = compare(self.source, self.delivered, verifier=context.cache["comparing"])
        return comparison.in_language(self.language)
