"""What every renderer says of a step of the history beyond its fields."""

from ..credentials import SignerState, Step, ThumbnailSource
from ..sentences import phrase

_CONFIRMED = frozenset({SignerState.TRUSTED, SignerState.KNOWN})


def is_picture_confirmed(step: Step) -> bool:
    """Whether an authority that we know vouches for whoever supplied the step's picture."""
    return step.thumbnail_signer_state in _CONFIRMED


def picture_note(step: Step, language: str) -> str | None:
    """What a reader must know of the step's picture, or None where it has none or is from the step's own maker."""
    if step.thumbnail is None:
        return None
    if not is_picture_confirmed(step):
        return phrase("label.picture_unconfirmed", language)
    if step.thumbnail_source is ThumbnailSource.INGREDIENT_ASSERTION:
        return phrase("label.picture_kept", language)
    return None
