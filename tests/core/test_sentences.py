"""Sentences: none is missing in any language, and values from files cannot do harm."""

import io
import string
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import provenance
from provenance import SettingError, limits
from provenance.locale.catalogue import SENTENCES
from provenance.sentences import LANGUAGES, Message, clean, say

LOCALE = Path(provenance.__file__).parent / "locale"
TRANSLATIONS = [language for language in LANGUAGES if language != "en"]


def catalogue(language: str):
    with (LOCALE / language / "LC_MESSAGES" / "provenance.po").open("rb") as stream:
        return read_po(stream, locale=language)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_translation_is_missing(language: str) -> None:
    entries = {entry.id: entry for entry in catalogue(language) if entry.id}
    missing = [key for key, text in SENTENCES.items() if text not in entries or not entries[text].string]
    fuzzy = [entry.id for entry in entries.values() if entry.fuzzy]
    superfluous = sorted(set(entries) - set(SENTENCES.values()))
    assert (missing, fuzzy, superfluous) == ([], [], [])


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_translations_name_the_same_values(language: str) -> None:
    for entry in catalogue(language):
        if entry.id:
            assert placeholders(entry.id) == placeholders(entry.string), entry.id


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    assert (LOCALE / language / "LC_MESSAGES" / "provenance.mo").read_bytes() == compiled.getvalue()


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
