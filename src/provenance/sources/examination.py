"""Asks a source about an asset. One that breaks its promise costs its own findings, and never the report."""

import logging
from typing import Final

from ..asset import OpenAsset
from ..errors import SettingError
from ..evidence import Evidence, Kind, Status
from ..sentences import Message, clean, say
from .source import Context, EvidenceSource, Findings

_OWN: Final = frozenset({"provenance", "provenance_detectors"})

_log: Final = logging.getLogger("provenance")


def examined(source: EvidenceSource, asset: OpenAsset, context: Context) -> Findings:
    """What a source finds; that it failed, where it raises or claims what it cannot know.

    Raises `OSError` where the toolkit's own sources do: then it is the file that cannot be read.
    """
    own = is_own(type(source).__module__)
    try:
        findings = source.examine(asset, context)
        return findings if own else _checked(source, findings)
    except OSError as error:
        if own:
            raise
        return _failed_by(source, error)
    except Exception as error:
        return _failed_by(source, error)


def is_own(module: str) -> bool:
    """Whether what is in this module is the toolkit's, and not another package's."""
    return module.partition(".")[0] in _OWN


def failed(name: str) -> Findings:
    """That the source of this name failed."""
    evidence = Evidence(
        source=name,
        kind=Kind.SIGNED_MANIFEST if name == "c2pa" else Kind.DECLARED_METADATA,
        status=Status.UNREADABLE,
        codes=("source-failed",),
        explanation=say("verifier.source_failed", source=name),
    )
    return Findings(evidence=[evidence])


def _failed_by(source: EvidenceSource, error: Exception) -> Findings:
    # No message and no lines of code: both can hold pieces of the file.
    _log.error("the source %s failed (%s)", source.name, type(error).__name__)
    return failed(source.name)


def _checked(source: EvidenceSource, findings: Findings) -> Findings:
    """The findings of another package's source, each made anew, so that what is wrong with one shows here.

    Raises any exception where it speaks for another source, of a signed manifest, or above the ceiling of a kind.
    """
    if findings.credentials is not None:
        raise SettingError("what is known of a signature comes from the source c2pa alone")
    evidence = [Evidence.model_validate_json(item.model_dump_json()) for item in findings.evidence]
    for item in evidence:
        if item.source != source.name:
            raise SettingError(f"evidence of {source.name} says that it is of {item.source}")
        if item.kind is Kind.SIGNED_MANIFEST:
            raise SettingError(f"{source.name}: a signed manifest is verified by the source c2pa alone")
    return Findings(
        evidence=[item.model_copy(update={"explanation": _sentence(item.explanation)}) for item in evidence],
        remarks=[_sentence(remark) for remark in findings.remarks],
        limits=[_sentence(limit) for limit in findings.limits],
    )


def _sentence(message: Message) -> Message:
    """A sentence with nothing in it that a terminal or a page would obey."""
    return message.model_copy(update={"text": clean(message.text)})
