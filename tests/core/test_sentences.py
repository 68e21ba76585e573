"""Sentences: none is missing in any language, and values from files cannot do harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st

import provenance
import provenance_detectors.sentences
from provenance import SettingError, limits
from provenance.locale.catalogue import SENTENCES
from provenance.sentences import LANGUAGES, Catalogue, Message, clean, is_sentence, phrase, register_catalogue, say
from provenance_service import sentences as service
from provenance_signing import sentences as signing

from ..catalogues import Translations

OWN = Catalogue("provenance", Path(provenance.__file__).parent / "locale", SENTENCES)
CATALOGUES = [OWN, provenance_detectors.sentences.CATALOGUE, service.CATALOGUE, signing.CATALOGUE]
TRANSLATIONS = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda catalogue: catalogue.domain)
def test_a_catalogue_is_complete_well_set_and_compiled(catalogue: Catalogue, language: str) -> None:
    translations = Translations(catalogue.folder, catalogue.domain, language)
    assert translations.faults(catalogue.sentences) == []
    assert translations.badly_set == []
    assert translations.is_compiled


def test_no_sentence_is_in_two_catalogues() -> None:
    keys = [key for catalogue in CATALOGUES for key in catalogue.sentences]
    assert len(keys) == len(set(keys))


def test_a_report_can_be_read_in_each_language(verifier: provenance.Verifier, samples: Path) -> None:
    report = verifier.verify(samples / "signed-ai.jpg")
    texts = {language: report.in_language(language).conclusion.headline.text for language in LANGUAGES}
    assert len(set(texts.values())) == len(LANGUAGES)
    assert "IA" in texts["fr"]
    assert "AI" in texts["ja"]
    assert all("Sample newsroom" in text for text in texts.values())
    again = report.in_language("ja").in_language("en")
    assert again == report


def test_nested_phrases_are_translated_too() -> None:
    sentence = say("headline.altered", signer=say("term.unnamed_signer"))
    assert SENTENCES["term.unnamed_signer"] in sentence.text
    assert SENTENCES["term.unnamed_signer"] not in sentence.in_language("fr").text


def test_an_unknown_language_is_misuse(samples: Path) -> None:
    with pytest.raises(SettingError, match="there are: en, fr, ja"):
        provenance.verify(samples / "signed-ai.jpg", language="xx")


@given(st.text())
def test_a_value_is_one_clean_line_of_limited_length(value: str) -> None:
    cleaned = clean(value)
    assert len(cleaned) <= limits.MAX_VALUE_LENGTH
    assert cleaned == cleaned.strip()
    assert not set(cleaned) & {"\n", "\r", "\x1b", "\x00", "\u202e", "\u2066"}


@given(st.text())
def test_a_value_is_never_interpreted_as_a_template(value: str) -> None:
    message = say("metadata.camera", camera=value + "{camera.__class__}")
    assert "<class" not in message.text


def test_messages_compare_by_what_they_say() -> None:
    assert say("c2pa.absent") == say("c2pa.absent")
    assert len({say("c2pa.absent"), say("c2pa.absent"), say("c2pa.empty")}) == 2
    assert isinstance(say("c2pa.absent"), Message)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name", ["Reuters”, a trusted signer. (“", "X», signé. «", "名前」が署名した。「", 'A" signed. "', "『B』", "C„"]
)
def test_a_name_cannot_close_the_quotation_that_it_stands_in(name: str, language: str) -> None:
    plain = say("term.self_named", name="N").in_language(language).text
    said = say("term.self_named", name=name).in_language(language).text
    for mark in '“”„«»「」『』"':
        assert said.count(mark) == plain.count(mark), mark


def test_a_name_keeps_its_apostrophe_and_a_sentence_its_own_quotations() -> None:
    assert "L’Équipe d'Or" in say("term.self_named", name="L’Équipe d'Or").text
    nested = say("term.self_named", name=say("term.self_named", name="N"))
    assert nested.text.count("“") == 2


# Sentences of other components


ACME = {"acme.seen": "Acme saw {count} marks of {maker}.", "acme.maker": "a maker"}


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[None]:
    """A component with French sentences of its own, one of which is not translated."""
    french = Catalog("fr")
    french.add(ACME["acme.seen"], "Acme a vu {count} marques de {maker}.")
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "acme.mo").open("wb") as stream:
        write_mo(stream, french)
    register_catalogue(Catalogue("acme", tmp_path, ACME))
    yield
    register_catalogue(Catalogue("acme", tmp_path, {}))


def test_a_component_brings_sentences_of_its_own(acme: None) -> None:
    message = say("acme.seen", count=3, maker=say("acme.maker"))
    assert message.text == "Acme saw 3 marks of a maker."
    assert message.in_language("fr").text == "Acme a vu 3 marques de a maker."
    assert message.in_language("ja").text == message.text
    assert message.in_language("fr").in_language("en") == message


def test_a_message_whose_sentence_is_not_known_here_keeps_its_text(acme: None, tmp_path: Path) -> None:
    message = say("acme.seen", count=3, maker="M").in_language("fr")
    register_catalogue(Catalogue("acme", tmp_path, {}))
    assert not is_sentence("acme.seen")
    assert message.in_language("ja") == message


@pytest.mark.parametrize("sentences", [{"headline.empty": "Trust me."}, {"acme.odd": "{0.__class__}"}])
def test_no_component_speaks_for_another_or_interprets_values(sentences: dict[str, str], tmp_path: Path) -> None:
    before = say("headline.empty").text
    with pytest.raises(SettingError):
        register_catalogue(Catalogue("acme", tmp_path, sentences))
    assert say("headline.empty").text == before
    assert not is_sentence("acme.odd")


def test_a_label_keeps_the_names_of_values_that_are_not_given(acme: None) -> None:
    assert phrase("acme.seen", "en", count="{maker}") == "Acme saw {maker} marks of {maker}."
