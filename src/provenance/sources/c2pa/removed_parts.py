"""Parts that later manifests removed from earlier ones, said with who removed them. C2PA 2.4, section 6.8."""

from typing import Final

from ...credentials import History, Redaction, called
from ...evidence import Evidence, Kind, Status
from ...sentences import Message, say
from .manifest_evidence import SOURCE
from .origin import AI_DISCLOSURE, bears_on_origin

_PARTS: Final = {
    "c2pa.ingredient": "term.part.ingredient",
    AI_DISCLOSURE: "term.part.ai_disclosure",
    "c2pa.thumbnail": "term.part.thumbnail",
}


def removed_parts(history: History) -> list[tuple[Redaction, Message]]:
    """What later manifests removed from earlier ones, with the sentence about each."""
    parts = []
    for step in history.steps:
        for redaction in step.redactions:
            by = history.steps[redaction.by]
            kind = next((term for label, term in _PARTS.items() if redaction.part.startswith(label)), None)
            key = "c2pa.part_removed" if bears_on_origin(redaction.part) else "remark.part_removed"
            sentence = say(
                key,
                name=called(by.signer, by.signer_state),
                title=step.title or say("term.untitled"),
                part=say(kind) if kind else redaction.part,
            )
            parts.append((redaction, sentence))
    return parts


def removals(history: History) -> list[Evidence]:
    """That a part was removed that may have said how the content was made."""
    return [
        Evidence(
            source=SOURCE,
            kind=Kind.SIGNED_MANIFEST,
            status=Status.PART_REMOVED,
            codes=(redaction.part,),
            explanation=sentence,
        )
        for redaction, sentence in removed_parts(history)
        if bears_on_origin(redaction.part)
    ]
