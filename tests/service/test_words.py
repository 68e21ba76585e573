"""No word of the page is missing in a language."""

import re
from pathlib import Path
from typing import get_args

import pytest

import provenance_service
from provenance.locale.catalogue import SENTENCES
from provenance.sentences import LANGUAGES
from provenance_service.problems import STATUS
from provenance_service.words import WORDS, readable_size, word
from provenance_signing.facts import Facts
from provenance_signing.profile import shipped_profiles

# The facts that are chosen from a list.
ASKED = {
    "human_oversight": ("fully_autonomous", "prompt_guided", "human_validated"),
    "training_mining": ("allowed", "notAllowed", "constrained"),
}

PACKAGE = Path(provenance_service.__file__).parent


def test_every_word_is_there_in_every_language():
    for key, texts in WORDS.items():
        assert tuple(texts) == LANGUAGES, key
        assert all(text.strip() for text in texts.values()), key
        places = {language: sorted(re.findall(r"\{\w+\}", text)) for language, text in texts.items()}
        assert places["fr"] == places["en"], key
        assert places["ja"] == places["en"], key


def test_translations_are_translations():
    for key, texts in WORDS.items():
        assert len(set(texts.values())) == len(LANGUAGES), key
        assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", texts["ja"]), key


def test_every_word_is_used_and_every_used_word_is_there():
    templates = "".join(path.read_text("utf-8") for path in (PACKAGE / "templates").iterdir())
    used = set(re.findall(r'word\("((?:page|sign|problem)\.[\w.-]+)"', templates))
    problems = {f"problem.{name}.{part}" for name in STATUS for part in ("title", "detail")}
    facts = {f"fact.{name}" for name in re.findall(r'(?:field|choice)\("(\w+)"', templates)}
    choices = {f"fact.{name}.{value}" for name, values in ASKED.items() for value in values}
    profiles = {f"profile.{name}" for name in shipped_profiles()}
    remarks = {f"remark.{key}" for key in SENTENCES if key.startswith("sign.")}
    jobs = set(re.findall(r'word\("(job\.[\w.-]+)"', (PACKAGE / "jobs" / "examining.py").read_text("utf-8")))
    assert jobs | used | problems | facts | choices | profiles | remarks == set(WORDS)
    assert used - problems == {key for key in WORDS if key.startswith(("page.", "sign."))}


def test_the_sign_page_asks_for_facts_that_there_are_with_all_their_values():
    for name, values in ASKED.items():
        (allowed,) = (each for each in get_args(Facts.model_fields[name].annotation) if each is not type(None))
        assert set(values) == set(get_args(allowed))


@pytest.mark.parametrize(
    ("size", "language", "text"),
    [
        (2**28, "en", "256\u00a0MB"),
        (2**28, "fr", "256\u00a0Mo"),
        (1536, "fr", "1,5\u00a0Ko"),
        (2**30, "ja", "1\u00a0GB"),
        (9, "en", "9 bytes"),
    ],
)
def test_sizes_are_written_for_people(size, language, text):
    assert readable_size(size, language) == text


def test_a_value_is_put_in_and_never_interpreted():
    assert word("problem.not-found.detail", "en", path="/{path}{0}") == "There is nothing at /{path}{0}."
