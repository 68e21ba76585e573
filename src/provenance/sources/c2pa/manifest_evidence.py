"""What a verified manifest is evidence of: of the asset itself, and of the steps of its history."""

from typing import Final

from ...credentials import (
    ClaimSigner,
    Credentials,
    History,
    HistoryState,
    IntegrityState,
    ManifestPlace,
    SignerState,
    Step,
    StepState,
    called,
)
from ...evidence import Assurance, Evidence, Kind, Origin, Status
from ...sentences import Message, say
from .origin import OriginClaim, ai_steps
from .validation import FailureSubject, failures

SOURCE: Final = "c2pa"  # what the source is called in a report


def manifest_evidence(credentials: Credentials, claim: OriginClaim) -> Evidence:
    """What the asset's own manifest says, or why it says nothing."""
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
        source=SOURCE,
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
    action = next((action for action in first.actions if action.description), None) if first else None
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
    steps, later = credentials.history.steps, step
    while later.parent is not None:
        if later.relationship != "parentOf" or not steps[later.parent].update:
            return False
        later = steps[later.parent]
    return step.parent is not None


def _assurance(signer: ClaimSigner, claim: OriginClaim) -> Assurance:
    """Verified where every signer between the asset and the statement is trusted."""
    trusted = signer.state is SignerState.TRUSTED and (claim.step is None or claim.trusted)
    return Assurance.VERIFIED if trusted else Assurance.ATTESTED


def _why_broken(credentials: Credentials) -> Message:
    """Which part does not hold: the signature, a part of the manifest, or something that has no better name."""
    broken = failures(credentials.codes, FailureSubject.BROKEN)
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


def history_evidence(history: History, *, valid: bool) -> list[Evidence]:
    """The steps that do not hold, and, where the manifest itself is valid, those in which AI took part."""
    evidence: list[Evidence] = []
    if history.state is HistoryState.BROKEN:
        broken = [step for step in history.steps[1:] if step.state is StepState.BROKEN]
        evidence.extend(
            Evidence(
                source=SOURCE,
                kind=Kind.SIGNED_MANIFEST,
                status=Status.HISTORY_BROKEN,
                codes=step.codes,
                explanation=say("c2pa.history_broken", title=step.title or say("term.untitled")),
            )
            for step in broken
        )
    if valid:
        evidence.extend(
            Evidence(
                source=SOURCE,
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
    return evidence
