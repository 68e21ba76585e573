"""All sentences for people, in one place: stable keys, English text, and translation by gettext catalogues.

A message travels as a key with its values, so that a report can be read in another language later. The English text is
the gettext message id. Sentences are for an editor on a deadline: short, plain, and no stronger than the evidence.
"""

import gettext
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from . import limits
from .errors import SettingError
from .locale.catalogue import SENTENCES

LANGUAGES: Final = ("en", "fr", "ja")
_LOCALE: Final = Path(__file__).parent / "locale"

# What could close a quotation in a sentence of any of the languages, or looks as if it did. A plain apostrophe takes
# its place: no sentence quotes with it, and names have it.
_QUOTATION_MARKS: Final = str.maketrans(
    dict.fromkeys('"“”„‟«»‹›「」『』｢｣﹁﹂﹃﹄〝〞〟＂❝❞❠⹂ˮ″ʺ\U0001f676\U0001f677\U0001f678', "'")
)

_Model = TypeVar("_Model", bound=BaseModel)


class Message(BaseModel):
    """One sentence: its key and values for machines, its text for people."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Stable; clients may act on it.")
    text: str = Field(description="The sentence, in the report's language.")
    values: Mapping[str, "str | int | Message"] = Field(default_factory=dict, description="What the sentence names.")

    def __hash__(self) -> int:
        return hash((self.key, self.text))

    def in_language(self, language: str) -> Self:
        """The same message in another language."""
        values = {
            name: value.in_language(language) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return self.model_copy(update={"values": values, "text": _text(self.key, values, language)})


def say(key: str, /, **values: "str | int | Message | None") -> Message:
    """The message of this key, in English.

    Values come from files: they are cleaned and cut, hold no quotation marks, and are never interpreted. So none can
    close the quotation that it stands in and go on in the sentence's own voice.
    """
    kept = {
        name: clean(value).translate(_QUOTATION_MARKS) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }
    return Message(key=key, values=kept, text=_text(key, kept, "en"))


def phrase(key: str, language: str) -> str:
    """A sentence without values, for labels."""
    return _text(key, {}, language)


def clean(value: str) -> str:
    """A value from a file, fit for a sentence: on one line, no control or direction characters, and not too long."""
    printable = value[: limits.MAX_VALUE_LENGTH * 4]
    if not (printable.isascii() and printable.isprintable()):
        printable = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in printable)
    text = " ".join(printable.split())
    return text if len(text) <= limits.MAX_VALUE_LENGTH else text[: limits.MAX_VALUE_LENGTH - 1] + "…"


def translated(model: _Model, language: str) -> _Model:
    """A model with all its messages in this language, and its `language` field set, where it has one."""
    check_language(language)
    update: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        changed = _translated_value(value, language)
        if changed is not value:
            update[name] = changed
    if "language" in type(model).model_fields:
        update["language"] = language
    return model.model_copy(update=update) if update else model


def _translated_value(value: Any, language: str) -> Any:
    if isinstance(value, Message):
        return value.in_language(language)
    if isinstance(value, BaseModel):
        return translated(value, language)
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return tuple(_translated_value(item, language) for item in value)
    return value


def check_language(language: str) -> None:
    """Raises `SettingError` for a language that the toolkit does not speak."""
    if language not in LANGUAGES:
        raise SettingError(f"no language {language!r}; there are: {', '.join(LANGUAGES)}")


def _text(key: str, values: Mapping[str, "str | int | Message"], language: str) -> str:
    template = SENTENCES[key]
    if language != "en":
        template = _catalogue(language).gettext(template)
    return template.format_map(
        {name: value.text if isinstance(value, Message) else value for name, value in values.items()}
    )


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("provenance", _LOCALE, languages=[language])
