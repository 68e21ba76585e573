"""Examining a file or an address, in a worker process."""

from dataclasses import dataclass
from pathlib import Path

from provenance import Kind, Report, Status, Verifier
from provenance.fetching import FetchError
from provenance.render.html import render_html
from provenance.sentences import Message

from ..registry.fingerprint import Fingerprint, to_ask
from .worker import WorkerContext


@dataclass(frozen=True)
class VerifyTask:
    """A file to examine, and the form of the report.

    `thumbnails`: those of its history too. `with_fingerprint`: also the fingerprint of a picture without a signature.
    """

    path: Path
    name: str
    language: str
    as_html: bool = False
    thumbnails: bool = False
    with_fingerprint: bool = False

    def run(self, context: WorkerContext) -> "str | UnsignedReport":
        """Examines the file."""
        report = context.verifier.verify(self.path, name=self.name, language=self.language, thumbnails=self.thumbnails)
        if self.with_fingerprint and is_unsigned(report):
            return UnsignedReport(report.model_dump_json(), to_ask(self.path))
        return self.rendered(report)

    def stopped(self, verifier: Verifier, seconds: float) -> str:
        """The report where the examination was stopped after so many seconds. Reads the whole file, for its hash."""
        return self.rendered(verifier.stopped_report(self.path, seconds, name=self.name, language=self.language))

    def rendered(self, report: Report) -> str:
        """The report in the requested form."""
        return _rendered(report, as_html=self.as_html)


@dataclass(frozen=True)
class UnsignedReport:
    """The report on a file without a signature, as JSON, and its fingerprint, or why it has none."""

    report: str
    fingerprint: Fingerprint | Message


@dataclass(frozen=True)
class VerifyUrlTask:
    """A public https address to fetch and examine, and the form of the report."""

    url: str
    language: str
    as_html: bool = False
    thumbnails: bool = False

    def run(self, context: WorkerContext) -> str | Message:
        """Fetches and examines; the sentence that says why it could not be fetched is an answer too."""
        try:
            report = context.verifier.verify_url(self.url, language=self.language, thumbnails=self.thumbnails)
        except FetchError as error:
            return error.why.in_language(self.language)
        return _rendered(report, as_html=self.as_html)


def is_unsigned(report: Report) -> bool:
    """Whether no signature of the file says anything about it, so that a registry may."""
    return not any(
        evidence.kind is Kind.SIGNED_MANIFEST and evidence.status is Status.VALID for evidence in report.evidence
    )


def _rendered(report: Report, *, as_html: bool) -> str:
    return render_html(report) if as_html else report.model_dump_json()
