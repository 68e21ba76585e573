"""The evidence of a match in the registry: it is about the examined file, from the record of another one.

The record was checked when its picture was registered, and the link to it is only a likeness: what was changed since,
in a part of the picture, would not be noticed. So a match is weaker than the signature that it leads to. Where a
trusted signer says of the registered picture that AI took part, the match is `attested`: a copy of it was still made
with AI. All else is `declared`: that a photograph was registered says nothing about what AI did to the copy, so that
the copy's own word that AI took part stands above it.

Anybody can make a certificate, sign with it what they like of somebody else's picture, and register that. So a record
is repeated to others only where its signer is on a list of this service's, or signed through this service. That there
is another record is a remark, which says nothing of what stands in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from provenance import Assurance, Evidence, Kind, Origin, Status
from provenance.sentences import Message, say
from provenance.sources import Findings

from .fingerprint import ALGORITHM
from .index import Match

SOURCE: Final = "registry"

_AI: Final = (Origin.AI_GENERATED, Origin.AI_EDITED)


class Standing(StrEnum):
    """Who vouches for the signer of a registered manifest, as it was found when it was registered."""

    TRUSTED = "trusted"  # a trust list, or an anchor or certificate of the operator's
    KNOWN = "known"  # the list of known signers
    OPERATOR = "operator"  # signed through this service, with a credential of the operator's
    UNLISTED = "unlisted"  # nobody

    @property
    def is_listed(self) -> bool:
        """Whether what the signer says may be repeated to others."""
        return self is not Standing.UNLISTED


@dataclass(frozen=True)
class RegisteredPicture:
    """What the registry keeps of a picture: the name and date of its manifest, its ISCC, and what its record said.

    `evidence` is that of its signed manifest, as it was found when the picture was registered; `date` is ISO 8601.
    `standing` is that of its signer.

    Raises `ValueError` for evidence that is not of a signed manifest that held: such a picture is not registered.
    """

    manifest_id: str
    date: str
    iscc: str
    evidence: Evidence
    standing: Standing

    def __post_init__(self) -> None:
        if self.evidence.kind is not Kind.SIGNED_MANIFEST or self.evidence.status is not Status.VALID:
            raise ValueError(f"{self.manifest_id}: only a picture with a signed manifest that holds can be registered")


def findings_of(matches: Sequence[tuple[Match, RegisteredPicture]]) -> Findings:
    """The evidence of the matching pictures, the nearest first; without any, a remark that there is none."""
    if not matches:
        return Findings(limits=[say("limit.registry.no_match")])
    listed = [(match, registered) for match, registered in matches if registered.standing.is_listed]
    unlisted = [registered for _, registered in matches if not registered.standing.is_listed]
    return Findings(
        evidence=[_evidence(match, registered) for match, registered in listed],
        remarks=[say("remark.registry.unlisted", date=registered.date[:10]) for registered in unlisted],
    )


def not_looked_up(reason: Message) -> Findings:
    """That a file has no fingerprint, and why: what `to_ask` gives in place of one."""
    return Findings(limits=[say("limit.registry.no_fingerprint", reason=reason)])


def _evidence(match: Match, registered: RegisteredPicture) -> Evidence:
    signed = registered.evidence
    return Evidence(
        source=SOURCE,
        kind=Kind.REGISTRY_MATCH,
        origin=signed.origin,
        assurance=_assurance(signed),
        digital_source_type=signed.digital_source_type,
        agent=signed.agent,
        time=signed.time,
        edited=signed.edited,
        explanation=say(
            f"registry.says.{signed.origin.replace('-', '_')}",
            date=registered.date[:10],
            distance=match.distance,
            bits=match.bits,
            signer=say(
                f"term.registered_by.{registered.standing}",
                signer=signed.explanation.values.get("signer") or say("term.unnamed_signer"),
            ),
            agent=signed.agent or say("term.unnamed_tool"),
        ),
        details={
            "manifest_id": registered.manifest_id,
            "registered": registered.date,
            "signer": str(registered.standing),
            "alg": ALGORITHM,
            "iscc": registered.iscc,
            "distance": match.distance,
            "bits": match.bits,
            "asked_view": match.queried,
            "registered_view": match.registered,
        },
    )


def _assurance(signed: Evidence) -> Assurance:
    is_trusted = signed.assurance is Assurance.VERIFIED
    return Assurance.ATTESTED if is_trusted and signed.origin in _AI else Assurance.DECLARED
