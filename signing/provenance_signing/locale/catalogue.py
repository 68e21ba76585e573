"""Every sentence of signing, by key. The English text is the message id of the gettext catalogues beside this file."""

from typing import Final

from provenance.locale.marker import _

SENTENCES: Final[dict[str, str]] = {
    # Signing: what whoever signs should know
    "sign.development": _("Signed with a development credential. Reports name it as such, and nobody should trust it."),
    "sign.no_time_stamp": _("Signed without a time stamp: {why}"),
    "sign.not_declared": _(
        "The origin stands in the signed record only; it could not be written into the file's own description ({media_type})."
    ),
    "sign.no_picture": _("The picture could not be decoded, so the signed record has no thumbnail. Is it damaged?"),
    "sign.redaction_disputed": _(
        "One of the two checkers looks for the part that was taken out and calls the record invalid, since it is gone; the other calls it valid."
    ),
    "sign.not_compared": _("The picture is so large that it was not compared with the one before it was signed."),
    "sign.normalized": _("The text was brought into Unicode's normal form, as the standard asks."),
    "sign.broken_kept": _("The record of {name} does not hold. It is kept, and the new record says so."),
    # What became of the marks between a source and what was delivered
    "compare.manifest_kept": _("The signed record is the same."),
    "compare.manifest_within": _("The signed record is kept, as a part of a longer one."),
    "compare.manifest_lost": _("The signed record was lost."),
    "compare.manifest_elsewhere": _(
        "The signed record is not in the delivered file; that names a place where one is: {after}"
    ),
    "compare.manifest_replaced": _("The signed record was replaced by another one, which does not know it."),
    "compare.manifest_broken": _("The delivered file has a signed record that does not hold."),
    "compare.manifest_added": _("A signed record was added."),
    "compare.field_kept": _("Kept: “{before}”"),
    "compare.field_lost": _("Lost: “{before}”"),
    "compare.field_replaced": _("Replaced: “{before}” became “{after}”"),
    "compare.field_added": _("Added: “{after}”"),
    "compare.none": _("There was no mark to keep."),
    "fate.kept": _("kept"),
    "fate.lost": _("lost"),
    "fate.replaced": _("replaced"),
    "fate.broken": _("broken"),
    "fate.added": _("added"),
}
