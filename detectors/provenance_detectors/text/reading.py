"""Texts as detectors get them: decoded, without markup, with their language and their number of words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any, Final

from provenance.sentences import Message, say

from .. import limits
from ..card import ModelCard, Question

# Languages that are written without spaces: some characters make a word.
_UNSPACED: Final = {"ja": 2, "zh": 2, "th": 4, "km": 4, "lo": 4, "my": 4}

# Below this share of words in the most likely language of the paragraphs, the text is of several languages.
_MOSTLY: Final = 0.7
_PARAGRAPH_WORDS: Final = 12

# More of these than in any prose: tables, code, lists of numbers.
_MAX_SYMBOLS: Final = 0.25

# Control characters that no text has; a few may come from a bad conversion.
_MAX_CONTROLS: Final = 0.005

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_SKIPPED_TAGS: Final = frozenset({"script", "style", "template", "noscript", "svg"})
_RAW_TAGS: Final = frozenset({"script", "style"})  # in which there is no markup but their end
_BLOCK_TAGS: Final = frozenset({"p", "br", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote"})

# What begins markup (WHATWG HTML, section 13.2.5.6); any other "<" is a character of the text.
_MARKUP: Final = re.compile(r"<(?=[A-Za-z/!?])")
_TAG: Final = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)")
# To the end of a tag. A quote counts behind "=" alone. Nothing is tried twice: what has no end is read once.
_REST_OF_TAG: Final = re.compile(r"""(?:[^>=]|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])))*+>""")


@dataclass(frozen=True)
class Text:
    """A text to judge: `plain`, without markup; its language (ISO 639-1) and how many words it has."""

    plain: str
    language: str
    words: int
    mixed: bool = False


def read_text(content: bytes | str, media_type: str = "text/plain") -> Text | Message:
    """The text in a file, or the sentence that says why it cannot be judged. Never raises for bad input."""
    if isinstance(content, bytes):
        if len(content) > limits.MAX_TEXT_FILE:
            return say("detector.refused.file_size", size=len(content))
        decoded = _decoded(content)
        if decoded is None:
            return say("detector.refused.unreadable")
        content = decoded
    plain = _without_markup(content) if media_type in _HTML else content
    plain = plain[: limits.MAX_TEXT_CHARACTERS]
    controls = sum(unicodedata.category(char) == "Cc" and char not in "\n\r\t\f" for char in plain)
    if controls > _MAX_CONTROLS * max(len(plain), 1):
        return say("detector.refused.controls")
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cc" or char in "\n\t").strip()
    language = language_of(plain) if plain else ""
    return Text(plain, language, count_words(plain, language), _is_mixed(plain, language))


def reasons_not_to_judge_text(text: Text, card: ModelCard) -> tuple[Message, ...]:
    """Why this detector should say nothing about this text; empty where it may."""
    reasons = []
    if text.words < card.min_words:
        reasons.append(say("detector.abstain.short_text", words=text.words, least=card.min_words))
    elif card.languages and text.language not in card.languages:
        reasons.append(say("detector.abstain.language", language=text.language, known=", ".join(card.languages)))
    elif card.question is not Question.AI:
        pass  # a watermark is in any kind of text
    elif text.mixed:
        reasons.append(say("detector.abstain.mixed"))
    elif _symbols(text.plain) > _MAX_SYMBOLS:
        reasons.append(say("detector.abstain.no_prose"))
    return tuple(reasons)


def count_words(text: str, language: str) -> int:
    """The number of words; in languages without spaces, an estimate from the number of characters."""
    if language in _UNSPACED:
        return sum(not char.isspace() for char in text) // _UNSPACED[language]
    return len(_WORD.findall(text))


def language_of(text: str) -> str:
    """The most likely language of a text, ISO 639-1. Its first pages decide."""
    found: tuple[str, float] = _identifier().classify(text[:20_000])
    return found[0]


def _is_mixed(text: str, language: str) -> bool:
    paragraphs = [part for part in text.split("\n") if count_words(part, language) >= _PARAGRAPH_WORDS]
    if len(paragraphs) < 2:
        return False
    words = {part: count_words(part, language) for part in paragraphs[:50]}
    same = sum(number for part, number in words.items() if language_of(part) == language)
    return same < _MOSTLY * sum(words.values())


def _symbols(text: str) -> float:
    seen = [char for char in text if not char.isspace()]
    return sum(not char.isalpha() and char not in ".,;:!?'’“”\"()-–—«»…" for char in seen) / max(len(seen), 1)


def _decoded(content: bytes) -> str | None:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # Old files of Western Europe; anything that is not text has control characters in this encoding.
    return None if b"\x00" in content else content.decode("cp1252", "replace")


def _without_markup(page: str) -> str:
    """The text that a reader of a page sees. Every character is looked at a few times at most, whatever the page is."""
    page = page[: limits.MAX_PAGE_CHARACTERS]
    parts: list[str] = []
    at = hidden = length = 0
    while length <= limits.MAX_TEXT_CHARACTERS:
        begin = _MARKUP.search(page, at)
        text = unescape(page[at : begin.start() if begin else len(page)]) if not hidden else ""
        parts.append(text)
        length += len(text)
        if begin is None:
            break
        tag = _TAG.match(page, begin.start())
        if tag is None:
            at = _end_of_comment(page, begin.start())
            continue
        name, closes = tag[2].lower(), bool(tag[1])
        end = _REST_OF_TAG.match(page, tag.end())
        if end is None:  # a tag that does not end: nothing of what follows is text
            break
        at = end.end()
        opens = not closes and page[at - 2] != "/"
        if name in _SKIPPED_TAGS and (opens or closes):
            hidden = max(0, hidden + (1 if opens else -1))
        if name in _RAW_TAGS and opens:
            raw_end = re.compile(f"</{name}", re.IGNORECASE).search(page, at)
            if raw_end is None:
                break
            at = raw_end.start()
        if name in _BLOCK_TAGS and not closes:
            parts.append("\n")
    return "".join(parts)


def _end_of_comment(page: str, start: int) -> int:
    """Behind a comment, a declaration or what else is no tag; the end of the page where it has none."""
    close = "-->" if page.startswith("<!--", start) else "]]>" if page.startswith("<![CDATA[", start) else ">"
    end = page.find(close, start)
    return end + len(close) if end >= 0 else len(page)


@cache
def _identifier() -> Any:
    from py3langid import langid

    return langid
