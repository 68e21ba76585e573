"""Sentences for people: stable keys, English text, and translation by gettext catalogues.

The toolkit's own are in `locale`. Another package brings its own as a `Catalogue`, by the entry point group
`provenance.catalogues` or by `register_catalogue`.

A message travels as a key with its values, so that a report can be read in another language later. The English text is
the gettext message id. Sentences are for an editor on a deadline: short, plain, and no stronger than the evidence.
"""

import gettext
import logging
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
        """The same message in another language; its text stays as it is where nobody here knows its key."""
        values = {
            name: value.in_language(language) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        try:
            text = _text(self.key, values, language)
        except (LookupError, ValueError, AttributeError):  # no such key, or a translation that does not fit its values
            return self
        return self.model_copy(update={"values": values, "text": text})


def say(key: str, /, **values: "str | int | Message | None") -> Message:
    """The message of this key, in English. Raises `LookupError` for a key that is in no catalogue.

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


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The sentences of one component, by their keys, in English, and where their translations are.

    `folder` holds `<language>/LC_MESSAGES/<domain>.mo`; without a translation the English text stands.
    """

    domain: str
    folder: Path
    sentences: Mapping[str, str]

    def template(self, key: str, language: str) -> str:
        """The sentence with its places for values. Raises `LookupError` for a key that is not here."""
        english = self.sentences[key]
        return english if language == "en" else self._translations(language).gettext(english)

    @cache  # noqa: B019  (a catalogue lives as long as the process)
    def _translations(self, language: str) -> gettext.NullTranslations:
        return gettext.translation(self.domain, self.folder, languages=[language], fallback=True)


def register_catalogue(catalogue: Catalogue) -> None:
    """Adds a component's sentences. Raises `SettingError` where one of its keys is another component's already."""
    for key in catalogue.sentences:
        other = next((each for each in _catalogues if key in each.sentences), None)
        if other is not None and other.domain != catalogue.domain:
            raise SettingError(f"the sentence {key!r} of {catalogue.domain} is one of {other.domain} already")
    _catalogues[:] = [*(each for each in _catalogues if each.domain != catalogue.domain), catalogue]


def is_sentence(key: str) -> bool:
    """Whether a catalogue has this key."""
    try:
        _catalogue_of(key)
    except LookupError:
        return False
    return True


def _text(key: str, values: Mapping[str, "str | int | Message"], language: str) -> str:
    template = _catalogue_of(key).template(key, language)
    return template.format_map(
        {name: value.text if isinstance(value, Message) else value for name, value in values.items()}
    )


def _catalogue_of(key: str) -> Catalogue:
    found = next((each for each in _catalogues if key in each.sentences), None)
    if found is None:
        _load_catalogues()  # not before it is asked for: most reports need no other than our own
        found = next((each for each in _catalogues if key in each.sentences), None)
    if found is None:
        raise LookupError(f"no catalogue has the sentence {key!r}")
    return found


@cache
def _load_catalogues() -> None:
    """The catalogues of other packages. One that cannot be loaded costs its sentences, and is logged."""
    for entry in entry_points(group=GROUP):
        try:
            catalogue = entry.load()
            register_catalogue(catalogue)
        except Exception as error:
            _log.error("the catalogue %s cannot be loaded (%s)", entry.name, type(error).__name__)


_catalogues: Final = [Catalogue("provenance", Path(__file__).parent / "locale", SENTENCES)]
