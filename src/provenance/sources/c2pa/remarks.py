"""What else a reader should know of a record that holds: of its signer, its time, its history and its form."""

from collections.abc import Iterator

from ...credentials import ClaimSigner, Credentials, RevocationState, SignerState, SigningTime, TimeState
from ...sentences import Message, say
from .origin import bears_on_origin
from .removed_parts import removed_parts
from .validation import FailureSubject, is_about_identity, subject_of


def remarks_of(credentials: Credentials) -> list[Message]:
    """The remarks, in the order in which they are shown."""
    history = credentials.history
    remarks = [sentence for redaction, sentence in removed_parts(history) if not bears_on_origin(redaction.part)]
    remarks.extend(_of_signer(credentials.signer))
    remarks.extend(_of_time(credentials.time))
    if history.truncated:
        remarks.append(say("remark.history_truncated", count=len(history.steps)))
    if any(action.gathered and action.digital_source_type for action in history.steps[0].actions):
        remarks.append(say("remark.gathered"))
    remarks.extend(_of_form(credentials))
    return remarks


def _of_signer(signer: ClaimSigner) -> Iterator[Message]:
    if signer.development:
        yield say("remark.development")
    if signer.not_yet_valid and signer.valid_from:
        yield say("remark.certificate_not_yet_valid", date=signer.valid_from[:10])
    elif signer.expired and signer.valid_until:
        yield say("remark.certificate_expired", date=signer.valid_until[:10])
    if signer.state is SignerState.REVOKED:
        yield say("remark.certificate_revoked")
    elif signer.revocation.source and signer.revocation.state is RevocationState.NOT_REVOKED:
        yield say(f"remark.not_revoked.{signer.revocation.source}")
    elif signer.revocation.source:
        yield say("remark.revocation_unknown")
    if signer.product:
        yield say("remark.conforming_product", product=signer.product)


def _of_time(time: SigningTime) -> Iterator[Message]:
    if time.state is TimeState.CLAIMED and time.authority:
        yield say("remark.time_stamp_unlisted", authority=say("term.self_named", name=time.authority))
    elif time.state is TimeState.CLAIMED:
        yield say("remark.time_only_claimed")


def _of_form(credentials: Credentials) -> Iterator[Message]:
    """What is not as the standard has it, and leaves the answer as it is."""
    for code in credentials.codes:
        is_own_failure = code.kind == "failure" and code.ingredient is None and not is_about_identity(code.code)
        if is_own_failure and subject_of(code.code) is FailureSubject.FORM:
            key = "remark.malformed_action" if code.code.startswith("assertion.action.") else "remark.form"
            yield say(key, code=code.code, explanation=code.explanation or code.code)
