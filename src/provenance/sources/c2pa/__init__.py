"""The C2PA source: the signed manifest of an asset, verified here, read by two engines besides, and explained.

Integrity, signer, time and history are four answers, never one word. Only on request is anything fetched: a manifest,
or whether a certificate was revoked.
"""

from typing import Final

from ...asset import OpenAsset
from ...credentials import (
    Credentials,
    History,
    HistoryState,
    Integrity,
    IntegrityState,
    ManifestPlace,
    Redaction,
    RevocationSource,
    RevocationState,
    Signer,
    SignerState,
    Step,
    StepState,
    TimeState,
    called,
)
from ...declared import IdentityState
from ...evidence import Assurance, Evidence, Kind, Origin, Status
from ...media_type import PROGRAM
from ...sentences import Message, clean, say
from ...trust import TrustStore
from .. import Context, Findings
from . import engine, second_engine
from .agreement import Agreement
from .answers import credentials_of
from .claims_aggregation import KEY_NOT_FETCHED
from .engine import Form, Outcome, StoreReading
from .origin import AI_DISCLOSURE, OriginClaim, ai_steps, bears_on_origin, origin_of_history
from .reading import Reading, engine_for, read_asset
from .validation import Question, failures, is_about_identity, question_of
from .validator import Validation


class C2paSource:
    """Finds and validates the signed manifest of an asset. C2PA 2.4."""

    name = "c2pa"

    def __init__(self) -> None:
        self.engines = {engine.NAME: engine.engine_version(), second_engine.NAME: second_engine.version()}

    def examine(self, asset: OpenAsset, context: Context) -> Findings:
        """Reads the manifest and turns it into credentials and evidence."""
        reading = read_asset(asset, context)
        validation = reading.record.validation
        findings = _without_store(asset, reading) if validation is None else _with_store(reading, validation, context)
        if reading.only_reader is not None:
            findings.limits.append(say("limit.one_engine", engine=reading.only_reader))
        if reading.second is not None and reading.second.outcome is Outcome.TOO_LARGE:
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
        case Outcome.ABSENT:
            return say("c2pa.absent")
        case Outcome.REMOTE:
            return say("c2pa.remote", url=reading.remote_url or "?")
        case Outcome.UNSUPPORTED:
            return say("c2pa.unsupported", media_type=asset.media_type)
        case Outcome.FRAGMENT:
            return say("c2pa.fragment")
        case Outcome.WITHOUT_ASSET:
            return say("c2pa.without_asset")
        case Outcome.TOO_LARGE:
            return say("c2pa.too_large")
        case _:
            return say("c2pa.unreadable")


def _without_store(asset: OpenAsset, reading: Reading) -> Findings:
    shown = reading.shown
    state, status = {
        Outcome.ABSENT: (IntegrityState.ABSENT, Status.ABSENT),
        Outcome.REMOTE: (IntegrityState.REMOTE, Status.REMOTE),
    }.get(shown.outcome, (IntegrityState.UNREADABLE, Status.UNREADABLE))
    if reading.why_unreadable is not None:
        status = Status.AMBIGUOUS
    elif asset.size == 0:
        status = Status.EMPTY
    elif asset.media_type == PROGRAM:
        status = Status.PROGRAM
    evidence = Evidence(
        source=C2paSource.name,
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


def _dispute(agreement: Agreement) -> list[Evidence]:
    """That an engine contradicts what was verified here: evidence that proves nothing and is listed as a conflict."""
    if agreement.difference is None or agreement.integrity is not IntegrityState.DISPUTED:
        return []
    return [
        Evidence(
            source=C2paSource.name,
            kind=Kind.SIGNED_MANIFEST,
            status=Status.DISPUTED,
            codes=tuple(dict.fromkeys(code for each in agreement.engines for code in each.failures)),
            explanation=agreement.difference,
        )
    ]


def _with_store(reading: Reading, validation: Validation, context: Context) -> Findings:
    agreement = reading.agreement
    credentials = credentials_of(reading, validation, context, external=reading.external is not None)
    claim = origin_of_history(credentials.history)
    findings = Findings(credentials=credentials)
    valid = False
    if agreement.integrity is not IntegrityState.DISPUTED:  # then the engines' difference says it all
        manifest = _manifest_evidence(credentials, claim)
        valid = manifest.status is Status.VALID
        findings.evidence.append(manifest)
    findings.evidence.extend(_dispute(agreement))
    findings.evidence.extend(_history_evidence(credentials.history, valid=valid))
    findings.evidence.extend(_removals(credentials.history))
    findings.remarks.extend(_remarks(credentials))
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


def _manifest_evidence(credentials: Credentials, claim: OriginClaim) -> Evidence:
    own, step = credentials.signer, claim.step
    signer = called(own.name or own.common_name, own.state)
    # That this asset was made from an ingredient is the word of its own signer alone. Only update manifests pass on
    # what was said of the same content.
    author = called(step.signer, step.signer_state) if step and _only_updated_since(step, credentials) else signer
    status = {
        IntegrityState.INTACT: Status.VALID,
        IntegrityState.ALTERED: Status.ALTERED,
        IntegrityState.PARTIAL: Status.PARTIAL,
    }.get(credentials.integrity.state, Status.BROKEN)
    if status is Status.VALID and credentials.signer.state is SignerState.REVOKED:
        status = Status.REVOKED  # the key may be in anyone's hands
    if status is Status.ALTERED and credentials.integrity.manifest is ManifestPlace.EXTERNAL:
        status = Status.MISMATCHED  # it may simply be the manifest of another file
    intact = status is Status.VALID
    if status is Status.BROKEN:
        explanation = _why_broken(credentials)
    elif status is Status.PARTIAL:
        explanation = say("c2pa.left_out", signer=signer)
    elif status is Status.REVOKED:
        explanation = say("c2pa.revoked", signer=signer)
    elif status is Status.MISMATCHED:
        explanation = say("c2pa.altered.external", signer=signer)
    elif status is Status.ALTERED:
        explanation = say("c2pa.altered", signer=signer)
    else:
        explanation = _what_it_says(credentials, claim, author)
    return Evidence(
        source=C2paSource.name,
        kind=Kind.SIGNED_MANIFEST,
        status=status,
        origin=claim.origin if intact else Origin.UNKNOWN,
        assurance=_assurance(credentials.signer, claim) if intact else Assurance.NONE,
        edited=claim.edited,
        digital_source_type=claim.digital_source_type if intact else None,
        agent=claim.agent if intact else None,
        time=credentials.time.time,
        codes=tuple(
            dict.fromkeys(code.code for code in credentials.codes if code.kind == "failure" and code.ingredient is None)
        ),
        explanation=explanation,
    )


def _what_it_says(credentials: Credentials, claim: OriginClaim, author: str | Message) -> Message:
    """What the record says of the origin; by its own words, where it does not use the standard's terms."""
    agent = claim.agent or say("term.unnamed_tool")
    standing = say(f"term.standing.{_standing(credentials, claim)}")
    if claim.origin is not Origin.UNKNOWN:
        return say(f"c2pa.says.{claim.origin.replace('-', '_')}", signer=author, agent=agent, standing=standing)
    first = credentials.history.steps[0] if credentials.history.steps else None
    action = next((each for each in first.actions if each.description), None) if first else None
    if first is None or action is None:
        return say("c2pa.says.unknown", signer=author, standing=standing)
    agent = action.agent or first.claim_generator or agent
    return say("c2pa.says.unknown.in_words", signer=author, words=action.description, agent=agent, standing=standing)


def _standing(credentials: Credentials, claim: OriginClaim) -> str:
    """Who keeps a record from counting as verified: its signer, one before, or one who only added to it since."""
    if credentials.signer.state is SignerState.TRUSTED:
        return "earlier"
    step = claim.step
    if step is not None and step.signer_state is SignerState.TRUSTED and _only_updated_since(step, credentials):
        return "later"
    return "signer"


def _only_updated_since(step: Step, credentials: Credentials) -> bool:
    """Whether this is an earlier step, and all manifests after it are update manifests: its content is the asset's."""
    steps = credentials.history.steps
    parent = step.parent
    while parent is not None:
        if not steps[parent].update:
            return False
        parent = steps[parent].parent
    return step.parent is not None


def _assurance(signer: Signer, claim: OriginClaim) -> Assurance:
    """Verified where every signer between the asset and the statement is trusted."""
    trusted = signer.state is SignerState.TRUSTED and (claim.step is None or claim.trusted)
    return Assurance.VERIFIED if trusted else Assurance.ATTESTED


def _why_broken(credentials: Credentials) -> Message:
    """Which part does not hold: the signature, a part of the manifest, or something that has no better name."""
    broken = failures(credentials.codes, Question.BROKEN)
    if any(code.code.startswith("claimSignature.") for code in broken):
        return say("c2pa.broken.signature")
    for code in broken:
        if code.code.startswith("assertion.") and code.url:
            part = code.url.rsplit("/", 1)[-1]
            if part.startswith("c2pa.ingredient"):
                return say("c2pa.broken.ingredient", title=_ingredient_title(credentials.history, part), part=part)
            return say("c2pa.broken.assertion", part=part)
    return say("c2pa.broken.other", code=broken[0].code if broken else "no hard binding")


def _ingredient_title(history: History, part: str) -> str:
    """The title of the ingredient behind an assertion label such as `c2pa.ingredient__1`."""
    number = part.rpartition("__")[2]
    children = [step for step in history.steps if step.parent == 0]
    index = int(number) if number.isdigit() else 0
    return (children[index].title if index < len(children) else None) or part


def _history_evidence(history: History, *, valid: bool) -> list[Evidence]:
    """The steps that do not hold, and, where the manifest itself is valid, those in which AI took part."""
    found: list[Evidence] = []
    if history.state is HistoryState.BROKEN:
        broken = [step for step in history.steps[1:] if step.state is StepState.BROKEN]
        found.extend(
            Evidence(
                source=C2paSource.name,
                kind=Kind.SIGNED_MANIFEST,
                status=Status.HISTORY_BROKEN,
                codes=step.codes,
                explanation=say("c2pa.history_broken", title=step.title or say("term.untitled")),
            )
            for step in broken
        )
    if valid:
        found.extend(
            Evidence(
                source=C2paSource.name,
                kind=Kind.SIGNED_MANIFEST,
                origin=made.origin,
                digital_source_type=made.digital_source_type,
                agent=made.agent,
                time=step.time,
                explanation=say(
                    "c2pa.ingredient_ai",
                    title=step.title or say("term.untitled"),
                    agent=made.agent or say("term.unnamed_tool"),
                ),
            )
            for step, made in ai_steps(history)
        )
    return found


_PARTS: Final = {
    "c2pa.ingredient": "term.part.ingredient",
    AI_DISCLOSURE: "term.part.ai_disclosure",
    "c2pa.thumbnail": "term.part.thumbnail",
}


def _removed(history: History) -> list[tuple[Redaction, Message]]:
    """What later manifests removed from earlier ones, with the sentence about each."""
    found = []
    for step in history.steps:
        for each in step.redactions:
            by = history.steps[each.by]
            kind = next((term for label, term in _PARTS.items() if each.part.startswith(label)), None)
            key = "c2pa.part_removed" if bears_on_origin(each.part) else "remark.part_removed"
            said = say(
                key,
                name=called(by.signer, by.signer_state),
                title=step.title or say("term.untitled"),
                part=say(kind) if kind else each.part,
            )
            found.append((each, said))
    return found


def _removals(history: History) -> list[Evidence]:
    """That a part was removed that may have said how the content was made."""
    return [
        Evidence(
            source=C2paSource.name,
            kind=Kind.SIGNED_MANIFEST,
            status=Status.PART_REMOVED,
            codes=(each.part,),
            explanation=said,
        )
        for each, said in _removed(history)
        if bears_on_origin(each.part)
    ]


def _remarks(credentials: Credentials) -> list[Message]:
    signer = credentials.signer
    remarks = [said for each, said in _removed(credentials.history) if not bears_on_origin(each.part)]
    if signer.development:
        remarks.append(say("remark.development"))
    if signer.not_yet_valid and signer.valid_from:
        remarks.append(say("remark.certificate_not_yet_valid", date=signer.valid_from[:10]))
    elif signer.expired and signer.valid_until:
        remarks.append(say("remark.certificate_expired", date=signer.valid_until[:10]))
    if signer.state is SignerState.REVOKED:
        remarks.append(say("remark.certificate_revoked"))
    elif signer.revocation.source and signer.revocation.state is RevocationState.NOT_REVOKED:
        remarks.append(say(f"remark.not_revoked.{signer.revocation.source}"))
    elif signer.revocation.source:
        remarks.append(say("remark.revocation_unknown"))
    if signer.product:
        remarks.append(say("remark.conforming_product", product=signer.product))
    if credentials.time.state is TimeState.CLAIMED and credentials.time.authority:
        remarks.append(
            say("remark.time_stamp_unlisted", authority=say("term.self_named", name=credentials.time.authority))
        )
    elif credentials.time.state is TimeState.CLAIMED:
        remarks.append(say("remark.time_only_claimed"))
    if credentials.history.truncated:
        remarks.append(say("remark.history_truncated", count=len(credentials.history.steps)))
    if any(action.gathered and action.digital_source_type for action in credentials.history.steps[0].actions):
        remarks.append(say("remark.gathered"))
    for code in credentials.codes:
        if is_about_identity(code.code):
            continue
        if code.kind == "failure" and code.ingredient is None and question_of(code.code) is Question.FORM:
            key = "remark.malformed_action" if code.code.startswith("assertion.action.") else "remark.form"
            remarks.append(say(key, code=code.code, explanation=code.explanation or code.code))
    return remarks
