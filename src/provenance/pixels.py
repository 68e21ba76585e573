"""What components do alike with decoded pictures."""

from PIL import Image


def on_white(image: Image.Image) -> Image.Image:
    """The picture without its transparency, which JPEG does not have. White is what most pages show behind."""
    if not image.has_transparency_data:
        return image
    whole = image.convert("RGBA")
    ground = Image.new("RGB", whole.size, "white")
    ground.paste(whole, mask=whole.getchannel("A"))
    return ground
