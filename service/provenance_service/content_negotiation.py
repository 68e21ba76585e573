"""What the client asks for by its headers: which language, and a page for people or data for programs."""

import re
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Request

from provenance.sentences import LANGUAGES

_QUALITY: Final = re.compile(r"q=([01](?:\.\d{0,3})?)")


def preferred_language(header: str) -> str:
    """The language that an Accept-Language header likes best among ours; English where it names none of them."""
    for tag, quality in sorted(_weighted(header), key=lambda item: -item[1]):
        language = tag.partition("-")[0]
        if quality > 0 and language in LANGUAGES:
            return language
    return "en"


def prefers_html(header: str) -> bool:
    """Whether an Accept header likes HTML better than JSON."""
    weights = dict(_weighted(header))

    def quality(media_type: str) -> float:
        ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
        return next((weights[media_range] for media_range in ranges if media_range in weights), 0.0)

    return quality("text/html") > quality("application/json")


async def language_of(
    request: Request,
    lang: Annotated[
        Literal["en", "fr", "ja"] | None, Query(description="Of the sentences; stands above Accept-Language.")
    ] = None,
) -> str:
    """The language to answer in."""
    return lang or preferred_language(request.headers.get("accept-language", ""))


Language = Annotated[str, Depends(language_of)]


def language_headers(language: str) -> dict[str, str]:
    """The headers of an answer whose language was chosen for the client."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def _weighted(header: str) -> list[tuple[str, float]]:
    return [_weight(item) for item in header.split(",") if item.strip()]


def _weight(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    stated = next((part for part in parameters if part.startswith("q=")), "q=1")
    match = _QUALITY.fullmatch(stated)
    return name, float(match[1]) if match else 0.0
