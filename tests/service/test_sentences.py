"""No sentence of the service is missing in a language, and each is used."""

import re
from pathlib import Path
from typing import get_args

import pytest

import provenance_service
from provenance.evidence import Origin
from provenance.sentences import LANGUAGES
from provenance_service.locale.catalogue import SENTENCES
from provenance_service.problems import STATUS
from provenance_service.sentences import phrase, readable_size
from provenance_signing.facts import Facts
from provenance_signing.locale.catalogue import SENTENCES as SENTENCES_OF_SIGNING
from provenance_signing.profile import shipped_profiles

PACKAGE = Path(provenance_service.__file__).parent

# The facts that are chosen from a list.
CHOICES = {
    "human_oversight": ("fully_autonomous", "prompt_guided", "human_validated"),
    "training_mining": ("allowed", "notAllowed", "constrained"),
}


def test_translations_are_translations():
    for key in SENTENCES:
        texts = {language: phrase(key, language) for language in LANGUAGES}
        if not key.startswith("size."):
            assert len(set(texts.values())) == len(LANGUAGES), key
            assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", texts["ja"]), key


def test_every_sentence_is_used_and_every_used_one_is_there():
    templates = "".join(path.read_text("utf-8") for path in (PACKAGE / "templates").iterdir())
    used = set(re.findall(r'phrase\("((?:page|sign|problem)\.[\w.-]+)"', templates))
    problems = {f"problem.{name}.{part}" for name in STATUS for part in ("title", "detail")}
    facts = {f"fact.{name}" for name in re.findall(r'(?:field|choice)\("(\w+)"', templates)}
    choices = {f"fact.{name}.{value}" for name, values in CHOICES.items() for value in values}
    profiles = {f"profile.{name}" for name in shipped_profiles()}
    remarks = {f"remark.{key}" for key in SENTENCES_OF_SIGNING if key.startswith("sign.")}
    code = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.name != "catalogue.py")
    in_code = set(re.findall(r'"((?:job\.file|registry\.\w|size\.)[\w.-]*)"', code))
    says = {f"registry.says.{origin.name.lower()}" for origin in Origin}
    assert in_code | says | used | problems | facts | choices | profiles | remarks == set(SENTENCES)
    assert used - problems == {key for key in SENTENCES if key.startswith(("page.", "sign."))}


def test_the_sign_page_asks_for_facts_that_there_are_with_all_their_values():
    for name, values in CHOICES.items():
        (allowed,) = (kind for kind in get_args(Facts.model_fields[name].annotation) if kind is not type(None))
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
    assert phrase("problem.not-found.detail", "en", path="/{path}{0}") == "There is nothing at /{path}{0}."
