"""Web versions: resized, cropped or encoded anew, and signed with the source as their parent: no record is lost."""

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Unpack

from PIL import Image, ImageOps, PngImagePlugin

from provenance.asset import Input, open_asset
from provenance.errors import ProvenanceError
from provenance.pixels import on_white

from . import limits
from .credential import Credential
from .errors import FormatError, OutputError, ProfileError
from .facts import DescribingFacts
from .ingredients import Ingredient, Relationship
from .signer import RecordArguments, Signed, Signer, manifest_beside

__all__ = ["FORMATS", "DeriveArguments", "Rendition", "derive"]

# Formats by name, as Pillow and people call them.
FORMATS: Final = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF", "tiff": "TIFF"}
_BY_SUFFIX: Final = {".jpg": "jpeg", ".tif": "tiff", **{f".{name}": name for name in FORMATS}}
_XMP_KEYWORD: Final = "XML:com.adobe.xmp"

# Where the source's manifest is: not the web version's, which has its own.
_REMOTE: Final = re.compile(rb"""\sdcterms:provenance\s*=\s*("[^"]*"|'[^']*')""")

# ICC.1:2022, section 7.2: where a profile names the colours that it is for, and their names by Pillow's modes.
_ICC_SPACE: Final = slice(16, 20)
_SPACES: Final = {"RGB": b"RGB ", "RGBA": b"RGB ", "P": b"RGB ", "L": b"GRAY", "LA": b"GRAY", "CMYK": b"CMYK"}


@dataclass(frozen=True)
class Rendition:
    """What is made of the source. `resize`: the longer edge, in pixels; nothing is enlarged. `crop`: left, top, width,
    height in pixels of the upright source. `quality`: 1 to 100, for formats that lose some.
    """

    resize: int | None = None
    crop: tuple[int, int, int, int] | None = None
    format: str | None = None
    quality: int = 80

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise ProfileError(f"{self.format}: no such format; there are {', '.join(FORMATS)}")
        if self.resize is not None and self.resize < 1:
            raise ProfileError(f"{self.resize}: the longer edge has one pixel at least")
        if self.crop is not None and (min(self.crop[:2]) < 0 or min(self.crop[2:]) < 1):
            raise ProfileError("a crop is left, top, width and height, inside the picture")
        if not 1 <= self.quality <= 100:
            raise ProfileError(f"{self.quality}: the quality is 1 to 100")


class DeriveArguments(RecordArguments, DescribingFacts, total=False):
    """The arguments of `Signer.sign` that a web version leaves open."""


def derive(
    source: Input,
    output: Path | str | None = None,
    *,
    credential: Credential,
    rendition: Rendition,
    manifest: bytes | None = None,
    accept_broken_ingredients: bool = False,
    **arguments: Unpack[DeriveArguments],
) -> Signed:
    """Makes another form of a picture and signs it, with the source as its parent and the actions that were taken.

    Colour profile, EXIF and XMP are kept; the picture is turned upright. `manifest` is the source's, where it is apart.
    The other arguments are those of `Signer.sign`. Raises `SigningError` or `AssetError`; nothing is written then.
    """
    chosen = rendition.format or _format_of(output)
    signer = Signer(credential, profile="derived", accept_broken_ingredients=accept_broken_ingredients)
    if isinstance(source, str | Path) and output is not None and _are_one(Path(source), Path(output)):
        raise OutputError(f"{output}: is the source, which stays as it is")
    with open_asset(source) as asset:
        made, actions = _render(asset.stream, rendition, chosen, asset.name or "the source")
        asset.stream.seek(0)
        parent = Ingredient(asset.stream, Relationship.PARENT, asset.name, manifest=manifest or manifest_beside(asset))
        title = Path(output).name if output is not None else asset.name
        return signer.sign(made, output, name=title, parent=parent, actions=actions, **arguments)


def _are_one(source: Path, output: Path) -> bool:
    return source.exists() and output.exists() and source.samefile(output)


def _format_of(output: Path | str | None) -> str:
    suffix = Path(output).suffix.lower() if output is not None else ""
    if suffix not in _BY_SUFFIX:
        raise ProfileError(f"say in which format: {', '.join(FORMATS)}, by the output's name or by itself")
    return _BY_SUFFIX[suffix]


def _render(stream: Any, rendition: Rendition, chosen: str, name: str) -> tuple[bytes, list[Mapping[str, Any]]]:
    """The picture in its new form, and the actions that led there. C2PA 2.4, section 18.15.4."""
    try:
        stream.seek(0)
        with warnings.catch_warnings(), Image.open(stream) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if image.width * image.height > limits.MAX_RENDERED_PIXELS:
                raise FormatError(f"{name}: is larger than {limits.MAX_RENDERED_PIXELS // 1_000_000} megapixels")
            if getattr(image, "n_frames", 1) > 1:
                raise FormatError(f"{name}: has several frames; all but one would be lost")
            picture = ImageOps.exif_transpose(image)
            kept = _metadata_of(picture)
            actions: list[Mapping[str, Any]] = []
            if rendition.crop is not None:
                picture = _cropped(picture, rendition.crop, name)
                actions.append({"action": "c2pa.cropped"})
            edge = rendition.resize
            if edge is not None and max(picture.size) > edge:
                picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
                actions.append({"action": "c2pa.resized.proportional"})
            actions.append({"action": "c2pa.transcoded"})
            return _encoded(picture, chosen, rendition.quality, kept), actions
    except (ProvenanceError, MemoryError):
        raise
    except Exception as error:  # a damaged picture, or its EXIF, makes Pillow and its codecs raise nearly anything
        raise FormatError(f"{name}: is no picture that can be read ({error})") from None


def _cropped(picture: Image.Image, crop: tuple[int, int, int, int], name: str) -> Image.Image:
    left, top, width, height = crop
    if left + width > picture.width or top + height > picture.height:
        raise ProfileError(f"{name}: the crop reaches outside of its {picture.width} by {picture.height} pixels")
    return picture.crop((left, top, left + width, top + height))


def _metadata_of(image: Image.Image) -> dict[str, Any]:
    """What is kept of a picture that is upright: the colour profile, EXIF and XMP."""
    exif = image.getexif()
    xmp = image.info.get("xmp") or image.info.get(_XMP_KEYWORD)
    return {
        "icc_profile": image.info.get("icc_profile"),
        "exif": exif.tobytes() if len(exif) else None,
        "xmp": _REMOTE.sub(b"", xmp.encode() if isinstance(xmp, str) else xmp) if xmp else None,
    }


def _encoded(picture: Image.Image, chosen: str, quality: int, kept: dict[str, Any]) -> bytes:
    options = {name: value for name, value in kept.items() if value}
    if chosen == "jpeg":
        picture = on_white(picture)
        picture = picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")
        options["progressive"] = True
    if chosen == "png":
        text = PngImagePlugin.PngInfo()
        if xmp := options.pop("xmp", None):
            text.add_itxt(_XMP_KEYWORD, xmp.decode("utf-8", "replace"))
        options["pnginfo"] = text
    if chosen in ("gif", "tiff"):
        options.pop("xmp", None)
    if chosen in ("jpeg", "webp", "avif"):
        options["quality"] = quality
    if chosen in ("webp", "avif") and picture.mode not in ("RGB", "RGBA", "L"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode in _SPACES and options.get("icc_profile", b"")[_ICC_SPACE] != _SPACES[picture.mode]:
        options["icc_profile"] = None  # of the colours before they were converted; of others it would make wrong ones
    out = io.BytesIO()
    picture.save(out, FORMATS[chosen], **options)
    return out.getvalue()
