"""The C2PA source itself: what it finds of an asset, as credentials, evidence, remarks and limits."""

from ...asset import OpenAsset
from ...credentials import (
    Credentials,
    Integrity,
    IntegrityState,
    RevocationSource,
    SignerState,
)
from ...declarations import IdentityState
from ...evidence import Evidence, Kind, Status
from ...media_type import PROGRAM
from ...sentences import Message, clean, say
from ...trust import TrustStore
from .. import Context, Findings
from . import engine, second_engine
from .agreement import Agreement
from .answers import credentials_of
from .claims_aggregation import KEY_NOT_FETCHED
from .engine import Form, ReadOutcome, StoreReading
from .manifest_evidence import SOURCE, history_evidence, manifest_evidence
from .origin import origin_of_history
from .reading import Reading, engine_for, read_asset
from .remarks import remarks_of
from .removed_parts import removals
from .validator import Validation


class C2paSource:
    """Finds and validates the signed manifest of an asset. C2PA 2.4."""

    name = SOURCE

    def __init__(self) -> None:
        self.engines = {engine.NAME: engine.engine_version(), second_engine.NAME: second_engine.version()}

    def examine(self, asset: OpenAsset, context: Context) -> Findings:
        """Reads the manifest and turns it into credentials and evidence."""
        reading = read_asset(asset, context)
        validation = reading.record.validation
        findings = _without_store(asset, reading) if validation is None else _with_store(reading, validation, context)
        if reading.only_reader is not None:
            findings.limits.append(say("limit.one_engine", engine=reading.only_reader))
        if reading.second is not None and reading.second.outcome is ReadOutcome.TOO_LARGE:
            findings.limits.append(say("limit.second_engine_size", engine=second_engine.NAME))
        if reading.external is not None:
            findings.remarks.append(reading.external)
        if reading.not_fetched is not None:
            findings.limits.append(reading.not_fetched)
        if context.segments:
            findings.remarks.append(say("remark.segments", count=len(context.segments)))
        return findings


def crjson(asset: OpenAsset, trust: TrustStore) -> str | None:
    """The engine's crJSON of an asset, passed through as it is, or None where it has no manifest that can be read."""
    return engine_for(trust).text(Form.CRJSON, asset)


def why_without(asset: OpenAsset, reading: StoreReading) -> Message:
    """Why there is no manifest store to look at, for people."""
    if asset.size == 0:
        return say("c2pa.empty")
    if asset.media_type == PROGRAM:
        return say("headline.program")
    match reading.outcome:
        case ReadOutcome.ABSENT:
            return say("c2pa.absent")
        case ReadOutcome.REMOTE:
            return say("c2pa.remote", url=reading.remote_url or "?")
        case ReadOutcome.UNSUPPORTED:
            return say("c2pa.unsupported", media_type=asset.media_type)
        case ReadOutcome.FRAGMENT:
            return say("c2pa.fragment")
        case ReadOutcome.WITHOUT_ASSET:
            return say("c2pa.without_asset")
        case ReadOutcome.TOO_LARGE:
            return say("c2pa.too_large")
        case _:
            return say("c2pa.unreadable")


def _without_store(asset: OpenAsset, reading: Reading) -> Findings:
    shown = reading.shown
    state, status = {
        ReadOutcome.ABSENT: (IntegrityState.ABSENT, Status.ABSENT),
        ReadOutcome.REMOTE: (IntegrityState.REMOTE, Status.REMOTE),
    }.get(shown.outcome, (IntegrityState.UNREADABLE, Status.UNREADABLE))
    if reading.why_unreadable is not None:
        status = Status.AMBIGUOUS
    elif asset.size == 0:
        status = Status.EMPTY
    elif asset.media_type == PROGRAM:
        status = Status.PROGRAM
    evidence = Evidence(
        source=SOURCE,
        kind=Kind.SIGNED_MANIFEST,
        status=status,
        codes=(shown.outcome.name.lower().replace("_", "-"),),
        explanation=reading.why_unreadable or why_without(asset, shown),
        details={"message": clean(shown.message)} if shown.message else {},
    )
    credentials = Credentials(
        integrity=Integrity(state=state, remote_url=shown.remote_url),
        engines=reading.agreement.engines,
    )
    absence = [say("limit.absence")] if state is IntegrityState.ABSENT else []
    return Findings(evidence=[evidence], limits=absence, credentials=credentials)


def _with_store(reading: Reading, validation: Validation, context: Context) -> Findings:
    agreement = reading.agreement
    credentials = credentials_of(reading, validation, context, external=reading.external is not None)
    claim = origin_of_history(credentials.history)
    findings = Findings(credentials=credentials)
    valid = False
    if agreement.integrity is not IntegrityState.DISPUTED:  # then the engines' difference says it all
        manifest = manifest_evidence(credentials, claim)
        valid = manifest.status is Status.VALID
        findings.evidence.append(manifest)
    findings.evidence.extend(_dispute(agreement))
    findings.evidence.extend(history_evidence(credentials.history, valid=valid))
    findings.evidence.extend(removals(credentials.history))
    findings.remarks.extend(remarks_of(credentials))
    if agreement.difference is not None and agreement.integrity is not IntegrityState.DISPUTED:
        findings.remarks.append(agreement.difference)
    signer = credentials.signer
    asked = signer.revocation.source is RevocationSource.ONLINE
    if signer.state not in (SignerState.NONE, SignerState.REVOKED) and not asked:
        findings.limits.append(say("limit.revocation"))
    if any(identity.state is IdentityState.TRUSTED for identity in credentials.identities):
        findings.limits.append(say("limit.identity_revocation"))
    for identity in credentials.identities:
        if KEY_NOT_FETCHED in identity.codes:
            findings.limits.append(say("limit.identity_key", issuer=identity.issuer or say("term.unnamed_service")))
    return findings


def _dispute(agreement: Agreement) -> list[Evidence]:
    """That an engine contradicts what was verified here: evidence that proves nothing and is listed as a conflict."""
    if agreement.difference is None or agreement.integrity is not IntegrityState.DISPUTED:
        return []
    return [
        Evidence(
            source=SOURCE,
            kind=Kind.SIGNED_MANIFEST,
            status=Status.DISPUTED,
            codes=tuple(dict.fromkeys(code for engine in agreement.engines for code in engine.failures)),
            explanation=agreement.difference,
        )
    ]
