"""Where a text says that its manifest is, which the second engine passes over. C2PA 2.4, sections A.7.1.2 and A.9.3."""

from ...media_type import is_text


def referenced_url(content: bytes, media_type: str) -> str | None:
    """The address of the manifest that a text names; None where it names none."""
    import c2pa_text

    if not is_text(media_type):
        return None
    text = content.decode("utf-8", "replace")
    try:
        wrapper = c2pa_text.extract_html(text) if "html" in media_type else c2pa_text.extract_structured(text)
    except (c2pa_text.HtmlError, c2pa_text.StructuredError, ValueError):
        return None
    reference = wrapper.reference if wrapper is not None and wrapper.manifest is None else None
    return reference if reference and reference.startswith(("https://", "http://")) else None
