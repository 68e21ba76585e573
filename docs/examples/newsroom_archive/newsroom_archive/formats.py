"""A format of text whose comments can carry a manifest: it is then read and signed like those of the toolkit."""

from provenance.extend import Family, Format

LATEX = Format(
    media_type="application/x-latex",
    name="LaTeX",
    family=Family.CODE,
    suffixes=("tex",),
    comments=(("%", ""),),
)
