"""Signing around an image pipeline: what diffusers and its like return, encoded and signed.

pipeline = SignedPipeline(DiffusionPipeline.from_pretrained("org/model"), signer=Signer(credential, ...))
made = pipeline("a paper boat", num_inference_steps=20)
made.save("pictures/")
"""

import inspect
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Unpack

from PIL import Image

from .. import limits
from ..errors import FormatError, OutputError, ProfileError
from ..ingredients import Ingredient, Relationship
from ..output import draft
from ..profile import Parent
from ..signer import SignArguments, Signer
from .models import model_facts

# Formats by name, each as Pillow calls it. What a model made is not compressed a second time more than it must be.
_FORMATS: Final = {"png": "PNG", "webp": "WEBP", "jpeg": "JPEG"}
_QUALITY: Final = 95


@dataclass(frozen=True)
class SignedImages:
    """The pictures of one call: as the pipeline made them, and as signed files, in the same order."""

    images: Sequence[Image.Image]
    signed: Sequence[bytes]
    format: str

    def save(self, folder: Path | str, *, name: str = "image") -> list[Path]:
        """Writes the signed files as `image-1.png` and so on. Raises `OutputError`; no file is overwritten."""
        paths = [Path(folder) / f"{name}-{number}.{self.format}" for number in range(1, len(self.signed) + 1)]
        if there := next((path for path in paths if path.exists()), None):
            raise OutputError(f"{there}: is there already")
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for path, data in zip(paths, self.signed, strict=True):
                with draft(path) as made:
                    made.stream.write(data)
                    made.publish()
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written: {error.strerror}") from None
        return paths


class SignedPipeline:
    """Wraps a callable that returns PIL pictures, and signs what it returns.

    `pipeline` returns a picture, a list of them, or an object or a tuple that has the list as `images` or first.
    `prompt_hash`: record the SHA-256 of the prompt. `format`: png, webp or jpeg. `facts` are the other arguments of
    `Signer.sign`, the same for every picture; where `model` is not among them, the pipeline's configuration says it.

    The pictures that a call is given as `image` are recorded as what the model was given (`inputTo`), the first as the
    parent where the signer's profile needs one; `ingredients` or `parent` among the facts take their place. Of a list,
    each prompt has its own picture where there are as many; else every result was made from all.

    Raises `ProfileError` for a model without a name, or a format that is none.
    """

    def __init__(
        self,
        pipeline: Callable[..., object],
        *,
        signer: Signer,
        prompt_hash: bool = True,
        format: str = "png",
        **facts: Unpack[SignArguments],
    ) -> None:
        if format not in _FORMATS:
            raise ProfileError(f"{format}: pictures are encoded as {', '.join(_FORMATS)}")
        self.pipeline, self.signer, self.format, self.prompt_hash = pipeline, signer, format, prompt_hash
        self._facts = facts
        self._facts["model"] = model_facts(facts.get("model"), getattr(pipeline, "config", None))

    def __call__(self, *args: Any, **kwargs: Any) -> SignedImages:  # Any: the arguments are the pipeline's own
        """Calls the pipeline with these arguments, and signs what it returns.

        Raises `TypeError` where that is no picture, or a picture was given in a form that cannot be recorded, and
        `SigningError` where one cannot be signed.
        """
        call = _named(self.pipeline, args, kwargs)
        given = [] if {"ingredients", "parent"} & self._facts.keys() else _listed(call.get("image"))
        inputs = [_content(image) for image in given]  # before the model runs: it may take minutes
        prompts = [prompt for prompt in _listed(call.get("prompt")) if isinstance(prompt, str)]
        images = _images(self.pipeline(*args, **kwargs))
        paired = len(inputs) == (len(prompts) or len(images))  # else each picture was made from all of them
        signed = []
        for at, image in enumerate(images):
            prompt = _share(prompts, at, len(images)) if prompts and self.prompt_hash else None
            signed.append(self._sign(image, prompt, [_share(inputs, at, len(images))] if inputs and paired else inputs))
        return SignedImages(images, signed, self.format)

    def _sign(self, image: Image.Image, prompt: str | None, given: Sequence[bytes | Path]) -> bytes:
        facts = self._facts.copy()
        if prompt is not None:
            facts["prompt"] = prompt
        if given and self.signer.profile.parent is Parent.REQUIRED:
            facts["parent"], given = given[0], given[1:]
        if given:
            facts["ingredients"] = [Ingredient(image, Relationship.INPUT) for image in given]
        return self.signer.sign_bytes(_encoded(image, self.format), **facts)


def _named(pipeline: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, Any]:
    """The call's arguments by name; the first is the prompt where the pipeline does not say."""
    try:
        named = dict(inspect.signature(pipeline).bind_partial(*args, **kwargs).arguments)
    except (TypeError, ValueError):  # it has no signature; a call that does not fit it fails by itself
        named = dict(kwargs)
    first = args[0] if args and args[0] is not named.get("image") else None
    return {"prompt": first, **kwargs, **named}


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _share(values: Sequence[Any], at: int, count: int) -> Any:
    """Which of the values belongs to a picture: several pictures of one prompt follow each other."""
    return values[at * len(values) // count]


def _content(given: Any) -> bytes | Path:
    """A picture that a model was given, for the record; a file is read with the manifest that it has."""
    if isinstance(given, Image.Image):
        return _encoded(given, "png")
    if isinstance(given, bytes):
        return given
    if isinstance(given, str | Path):
        return Path(given)
    raise TypeError(
        f"image is a {type(given).__name__}; to be recorded it is a PIL picture, bytes or a path, or the wrapper is "
        "given the ingredients"
    )


def _images(output: Any) -> list[Image.Image]:
    """The pictures in what a pipeline returned."""
    returned = getattr(output, "images", output)
    if isinstance(returned, tuple) and returned and isinstance(returned[0], list):
        returned = returned[0]
    images = _listed(returned)
    if not images or not all(isinstance(image, Image.Image) for image in images):
        kind = type(next((image for image in images if not isinstance(image, Image.Image)), output)).__name__
        raise TypeError(
            f"the pipeline returned no PIL pictures but {kind}; diffusers gives them with output_type='pil'"
        )
    if len(images) > limits.MAX_PICTURES:
        raise FormatError(f"one call gives {limits.MAX_PICTURES} pictures at most, and not {len(images)}")
    return images


def _encoded(image: Image.Image, format: str) -> bytes:
    if image.width * image.height > limits.MAX_ENCODED_PIXELS:
        raise FormatError(f"a picture of more than {limits.MAX_ENCODED_PIXELS // 1_000_000} megapixels is not encoded")
    out = io.BytesIO()
    try:
        image.save(out, _FORMATS[format], quality=_QUALITY)
    except (OSError, ValueError) as error:
        raise FormatError(f"the picture cannot be encoded as {format} ({error}); png takes most") from None
    return out.getvalue()
