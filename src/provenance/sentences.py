"""All sentences for people: stable keys, English text, and translation by gettext catalogues.

A message travels as a key with its values, so that a report can be read in another language later. The English text is
the gettext message id. Sentences are for an editor on a deadline: short, plain, and no stronger than the evidence.

Another package brings its own as a `Catalogue`, by the entry point group `provenance.catalogues` or by
`register_catalogue`.
"""

import gettext
import logging
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from . import limits
from .errors import SettingError
from .locale.catalogue import SENTENCES

LANGUAGES: Final = ("en", "fr", "ja")
GROUP: Final = "provenance.catalogues"

_log: Final = logging.getLogger("provenance")

# What could close a quotation in a sentence of any of the languages, or looks as if it did. A plain apostrophe takes
# its place: no sentence quotes with it, and names have it.
_QUOTATION_MARKS: Final = str.maketrans(
    dict.fromkeys('"“”„‟«»‹›「」『』｢｣﹁﹂﹃﹄〝〞〟＂❝❞❠⹂ˮ″ʺ\U0001f676\U0001f677\U0001f678', "'")
)

# How a sentence names a value.
_NAMED: Final = re.compile(r"\{(\w+)\}")

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The sentences of one component in English, by their keys, with the names of values in braces.

    `folder`: of the translations, `LANGUAGE/LC_MESSAGES/DOMAIN.mo` as gettext has them, with the English text as
    message id; where a language or a sentence in it is missing, the English text stays.
    """

    domain: str
    folder: Path
    sentences: Mapping[str, str]

    def template(self, key: str, language: str) -> str:
        """The sentence of this key, with its places for values."""
        english = self.sentences[key]
        return english if language == "en" else _translations(self.domain, self.folder, language).gettext(english)


_catalogues: Final[dict[str, Catalogue]] = {}  # by the keys of their sentences


def register_catalogue(catalogue: Catalogue) -> None:
    """Adds the sentences of a component, so that `say` knows them and reports are read in all languages.

    A catalogue replaces an earlier one of the same domain. Raises `SettingError` for a key that another domain has, as
    no component speaks in another one's voice, and for a text in which braces hold anything but a name.
    """
    domain = catalogue.domain
    for key, english in catalogue.sentences.items():
        if key in _catalogues and _catalogues[key].domain != domain:
            raise SettingError(f"{domain}: the sentence {key!r} belongs to {_catalogues[key].domain}")
        if re.search("[{}]", _NAMED.sub("", english)):
            raise SettingError(f"{domain}: the sentence {key!r} has braces around something that is no name")
    _translations.cache_clear()
    for key in [key for key, other in _catalogues.items() if other.domain == domain]:
        del _catalogues[key]
    _catalogues.update(dict.fromkeys(catalogue.sentences, catalogue))


def is_sentence(key: str) -> bool:
    """Whether a catalogue has this key."""
    return _catalogue_of(key) is not None


def _catalogue_of(key: str) -> Catalogue | None:
    """The catalogue that has this key; those of other packages are loaded when a key is not one of the toolkit's."""
    if key not in _catalogues:
        _load_catalogues()
    return _catalogues.get(key)


@cache
def _load_catalogues() -> None:
    """The catalogues of other packages. One that cannot be loaded costs its sentences, and is logged."""
    for entry in entry_points(group=GROUP):
        try:
            register_catalogue(entry.load())
        except Exception as error:
            _log.error("the catalogue %s cannot be loaded (%s)", entry.name, type(error).__name__)


class Message(BaseModel):
    """One sentence: its key and values for machines, its text for people."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Stable; clients may act on it.")
    text: str = Field(description="The sentence, in the report's language.")
    values: Mapping[str, "str | int | Message"] = Field(default_factory=dict, description="What the sentence names.")

    def __hash__(self) -> int:
        return hash((self.key, self.text))

    def in_language(self, language: str) -> Self:
        """The same message in another language; with the text that it has where its key is not known here."""
        if not is_sentence(self.key):
            return self
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


def phrase(key: str, language: str, /, **values: str) -> str:
    """A label, or a sentence with these values as they are. One that is not given stays a name in braces."""
    return _text(key, values, language)


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
    catalogue = _catalogue_of(key)
    if catalogue is None:
        raise LookupError(f"no catalogue has the sentence {key!r}")
    template = catalogue.template(key, language)
    return _NAMED.sub(lambda named: _shown(values.get(named[1], named[0])), template)


def _shown(value: "str | int | Message") -> str:
    return value.text if isinstance(value, Message) else str(value)


@cache
def _translations(domain: str, folder: Path, language: str) -> gettext.NullTranslations:
    return gettext.translation(domain, folder, languages=[language], fallback=True)


register_catalogue(Catalogue("provenance", Path(__file__).parent / "locale", SENTENCES))
