"""Every sentence of the detectors, by key. The English text is the message id of the gettext catalogues beside this file."""

from typing import Final

from provenance.locale.marker import _

SENTENCES: Final[dict[str, str]] = {
    # Detectors: statistical estimates, and why there is none
    "detector.ai": _(
        "A statistical estimate by “{detector}” points to AI (estimated probability {probability}). At this threshold it wrongly called {false_alarms} of human-made content AI, and found {found} of AI-made content. It proves nothing about this one file."
    ),
    "detector.not_ai": _(
        "A statistical estimate by “{detector}” does not point to AI. That proves nothing: in tests it found only {found} of AI-made content."
    ),
    "detector.edited": _("“{detector}” estimates that the picture was edited: {reason} This says nothing about AI."),
    "detector.not_edited": _("“{detector}” found no trace of the edits that it looks for. That proves nothing."),
    "detector.marked": _(
        "“{detector}” finds the watermark of its key in the text. A text without it would score like this in {false_alarms} of cases."
    ),
    "detector.not_marked": _("“{detector}” does not find the watermark of its key. That proves nothing."),
    "detector.abstain": _("The detector “{detector}” gives no estimate: {reason}"),
    "detector.abstain.views": _(
        "the result changes when the picture is re-encoded or scaled ({above} of {views} versions look like AI)."
    ),
    "detector.abstain.no_threshold": _("it has no threshold that was measured for the error rate asked for."),
    "detector.abstain.small": _("the picture is too small ({side} pixels; it needs {least})."),
    "detector.abstain.aspect": _("the picture is too long and narrow."),
    "detector.abstain.compressed": _("the picture is compressed too hard (quality {quality}; it needs {least})."),
    "detector.abstain.no_photograph": _("this looks like a screenshot or a graphic, for which it was not measured."),
    "detector.abstain.short_text": _("the text is too short ({words} words; it needs {least})."),
    "detector.abstain.language": _("there is no measured data for this language ({language}); there is for: {known}."),
    "detector.abstain.frames": _("too few frames could be judged alike ({judged} of {frames} gave an estimate)."),
    "detector.abstain.mixed": _("the text mixes several languages."),
    "detector.abstain.no_prose": _("this is not running text: too many digits and symbols."),
    "detector.refused.unreadable": _("the content cannot be decoded."),
    "detector.refused.file_size": _("the file is too large for a detector ({size} bytes)."),
    "detector.refused.pixels": _("the picture has too many pixels to be decoded safely."),
    "detector.refused.small": _("the picture is too small ({side} pixels; at least {least} are needed)."),
    "detector.refused.controls": _("the file holds control characters and is not a text."),
    "detector.refused.no_score": _("it failed on this content."),
    "detector.first_frame": _("Of {frames} frames, the detectors looked at the first only."),
    "forensics.double_jpeg": _("it was saved as JPEG more than once."),
    "forensics.tables": _("its compression tables are those of {origin}."),
    "forensics.resampling": _("it was enlarged or rotated."),
    "forensics.noise": _("its noise differs between parts of the picture."),
    "forensics.cfa": _("the sensor's colour pattern is missing in parts of the picture."),
    "forensics.copy_move": _("parts of the picture are copies of other parts."),
    "marks.zero-width": _("The text holds {count} invisible characters of no width."),
    "marks.direction": _("The text holds {count} invisible characters that change the direction of writing."),
    "marks.tag": _("The text holds {count} invisible tag characters; they can carry a hidden message."),
    "marks.variation": _("The text holds {count} invisible variation selectors; they can carry a hidden message."),
    "marks.space": _("The text holds {count} unusual spaces."),
    "marks.lookalike": _("The text holds {count} letters of another script that look like Latin ones."),
}
