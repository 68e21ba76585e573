"""The pictures of the history's steps: which manifest supplies each, and what is safe to show of it.

A picture shows what its supplier wanted to be seen, no more (docs/decisions/0010-thumbnails.md).
"""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ... import limits
from ...credentials import SignerState, Step, StepState, ThumbnailSource
from .manifest_store import ASSERTIONS_LABEL
from .validation import FailureSubject, manifest_label, subject_of
from .validator import Validation

_THUMBNAIL: Final = "c2pa.thumbnail."
_CLAIM_THUMBNAIL: Final = "/c2pa.thumbnail.claim"


@dataclass(frozen=True)
class StepThumbnail:
    """A thumbnail as a data URI, and who supplied it."""

    uri: str | None = None
    source: ThumbnailSource | None = None
    signer_state: SignerState = SignerState.NONE


def picture_of(
    step: Step,
    manifest: Mapping[str, Any],
    citing: Step | None,
    ingredient: Mapping[str, Any],
    pictures: Mapping[str, str | None],
) -> StepThumbnail:
    """The picture of a step: that in its own manifest, else that which the manifest citing it keeps of it.

    None for a step that does not hold, nor from a manifest that does not. An ingredient assertion may also name a
    thumbnail in the ingredient's own manifest; one in any other manifest is nobody's word about this step.

    Of an asset that was changed after signing, the record still holds: its picture is of what was signed.
    """
    if step.state is StepState.BROKEN and not (citing is None and _only_content_changed(step)):
        return StepThumbnail()
    for holder in (manifest, ingredient):
        uri = (holder.get("thumbnail") or {}).get("identifier") or ""
        picture, supplier = pictures.get(uri), manifest_label(uri)
        if picture is None or supplier is None:
            continue
        if supplier == step.manifest and is_of_claim(uri):
            return StepThumbnail(picture, ThumbnailSource.OWN_CLAIM, step.signer_state)
        if citing is not None and supplier == citing.manifest and citing.state is not StepState.BROKEN:
            return StepThumbnail(picture, ThumbnailSource.INGREDIENT_ASSERTION, citing.signer_state)
    return StepThumbnail()


def _only_content_changed(step: Step) -> bool:
    return all(subject_of(code) is FailureSubject.ALTERED for code in step.codes)


def thumbnails_of(validation: Validation) -> dict[str, bytes]:
    """The pictures that the manifests hold, by their JUMBF URI: as they were verified, and within limits.

    Those of the manifests themselves first, from the active one on; then those that they keep of ingredients.
    """
    labels = [
        (verified, label)
        for verified in validation.verified.values()
        for label in verified.declared
        if _THUMBNAIL in label
    ]
    labels.sort(key=lambda label: not label[1].startswith(_CLAIM_THUMBNAIL[1:]))
    pictures = {}
    for verified, label in labels[: limits.MAX_THUMBNAILS]:
        data = verified.manifest.assertions[label].file
        if data is not None and len(data) <= limits.MAX_THUMBNAIL_SIZE:
            pictures[verified.manifest.uri(ASSERTIONS_LABEL, label)] = data
    return pictures


def is_of_claim(uri: str) -> bool:
    """Whether a thumbnail is the picture that a manifest holds of its own asset."""
    return _CLAIM_THUMBNAIL in uri


def data_uri(data: bytes) -> str | None:
    """A thumbnail as small as the drawn history needs it, or None where it cannot be decoded."""
    picture = written_anew(data, limits.THUMBNAIL_EDGE)
    return None if picture is None else "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")


def written_anew(data: bytes, edge: int) -> bytes | None:
    """A thumbnail, decoded and written as JPEG: what is in a file never reaches a reader as it is.

    No side is longer than `edge` pixels. None where it cannot be decoded, or has too many pixels.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > limits.MAX_THUMBNAIL_PIXELS:
                return None
            image.thumbnail((edge, edge))
            out = io.BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=80)
    except Exception:  # Pillow's decoders raise many kinds of error on crafted data; a picture is never worth one
        return None
    return out.getvalue()
