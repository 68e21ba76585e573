"""Time stamp queries and answers, as they are in DER. RFC 3161; needs asn1crypto."""

from asn1crypto.cms import ContentInfo
from asn1crypto.core import Sequence
from asn1crypto.tsp import PKIStatusInfo, TimeStampReq


class Answer(Sequence):  # type: ignore[misc]  # asn1crypto is not typed
    """An answer to a query. RFC 3161, section 2.4.2: one that refuses has no token, which asn1crypto's own needs."""

    _fields = [  # noqa: RUF012 - as asn1crypto has it
        ("status", PKIStatusInfo),
        ("time_stamp_token", ContentInfo, {"optional": True}),
    ]


def problem(query: bytes, answer: bytes) -> str | None:
    """What keeps an answer from being a time stamp for this query, in a sentence.

    The signature is left to those who verify: who is trusted to stamp time is for them to say.
    """
    try:
        found = Answer.load(answer, strict=True)
        status = found["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            return f"The authority refused it ({_reason(found['status']) or status})."
        stamp = found["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        asked = TimeStampReq.load(query, strict=True)
        same = all(stamp[field].native == asked[field].native for field in ("message_imprint", "nonce"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return "The answer cannot be read as a time stamp."
    return None if same else "The answer is to another query."


def _reason(status: PKIStatusInfo) -> str:
    return ", ".join(sorted(status["fail_info"].native or ())).replace("_", " ")
