"""The report for people: one self-contained page, and a terminal."""

import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

import provenance
from provenance.evidence import Kind
from provenance.render.html import _PARTS, STYLE, STYLE_HASH, render_html
from provenance.render.terminal import print_report
from provenance.sentences import LANGUAGES, phrase

from .terminal import to_terminal


class Page(HTMLParser):
    """What a page loads, and whether its elements close."""

    VOID = frozenset({"meta", "img", "br", "link", "input"})
    LOADING = frozenset({"src", "href", "xlink:href", "action", "srcset", "data", "poster"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in self.LOADING]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def history_report(verifier: provenance.Verifier, fixtures: Path) -> provenance.Report:
    return verifier.verify(fixtures / "public-testfiles/image/jpeg/adobe-20220124-CAICAI.jpg", thumbnails=True)


def test_the_page_is_whole_and_loads_nothing_from_elsewhere(history_report: provenance.Report) -> None:
    html = render_html(history_report)
    page = Page(html)
    assert page.open == []
    assert not {"script", "foreignobject", "use", "style"} & set(page.tags[page.tags.index("body") :])
    assert page.handlers == []
    assert page.links
    assert all(link.startswith("data:image/jpeg;base64,") for link in page.links)
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_page_draws_the_history_with_thumbnails(history_report: provenance.Report) -> None:
    html = render_html(history_report)
    assert html.count('<article class="step') == len(history_report.credentials.history.steps) == 5
    assert html.count("<img ") == 5
    assert "CAI.jpg" in html


def test_what_is_signed_what_is_declared_and_what_is_estimated_stand_apart(
    verifier: provenance.Verifier, samples: Path
) -> None:
    report = verifier.verify(samples / "declared-ai.png")
    html = render_html(report)
    places = [html.index(f'class="part {name}"') for name in ("signature", "declares", "estimates")]
    assert places == sorted(places)
    (declared,) = (item for item in report.evidence if item.kind is Kind.DECLARED_METADATA)
    assert places[1] < html.index(declared.explanation.text) < places[2]
    assert phrase("label.declares_note", "en") in html
    # Without a record there is nothing to ask about it.
    assert phrase("question.signer", "en") not in html
    nothing = render_html(verifier.verify(samples / "nothing-known.jpg"))
    assert phrase("label.declares_none", "en") in nothing


def test_every_kind_of_evidence_has_its_place_on_the_page() -> None:
    assert sorted(kind for kinds in _PARTS.values() for kind in kinds) == sorted(Kind)


def test_the_page_is_a_record_with_its_time_versions_and_trust_lists(history_report: provenance.Report) -> None:
    html = render_html(history_report)
    head = html[html.index("<main") : html.index("</header>")]
    assert history_report.examined_at[:10] in head
    technical = html[html.index("<details>") :]
    versions = history_report.versions
    assert all(f"{name} {number}" in technical for name, number in (versions.engines | versions.detectors).items())
    assert all(each.date[:10] in technical for each in versions.trust_lists)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_terminal_speak_the_language(language: str, history_report: provenance.Report) -> None:
    report = history_report.in_language(language)
    html, terminal = render_html(report), to_terminal(report)
    assert f'<html lang="{language}">' in html
    for key in ("question.integrity", "integrity.intact", "label.because"):
        assert phrase(key, language) in html.replace("&#39;", "'")
        assert phrase(key, language)[:10] in terminal
    if language != "en":
        for key in ("question.signer", "label.history", "label.technical"):
            assert phrase(key, "en") not in html


def test_a_hostile_name_stays_text(verifier: provenance.Verifier, samples: Path) -> None:
    data = (samples / "nothing-known.jpg").read_bytes()
    html = render_html(verifier.verify(data, name="<script>alert(1)</script>.jpg"))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_style_hash_is_that_of_the_page_s_style(history_report: provenance.Report) -> None:
    import base64
    import hashlib

    style = re.search(r"<style>(.*?)</style>", render_html(history_report), re.S)
    assert style is not None
    assert "sha256-" + base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode() == STYLE_HASH


def test_the_terminal_shows_headline_answers_evidence_and_history(history_report: provenance.Report) -> None:
    text = to_terminal(history_report)
    flat = " ".join(text.replace("│", " ").split())
    assert history_report.conclusion.headline.text in flat
    for answer in ("Unchanged since signing?", "Who signed?", "When was it signed?", "Does its history hold?"):
        assert answer in text
    assert "Evidence" in text
    assert "├── " in text


def test_square_brackets_from_a_file_are_no_markup(verifier: provenance.Verifier, samples: Path) -> None:
    report = verifier.verify((samples / "nothing-known.jpg").read_bytes(), name="[bold red]x[/].jpg")
    assert "[bold red]x[/].jpg" in to_terminal(report)


def test_a_report_as_of_another_time_says_so_at_the_top(samples: Path) -> None:
    verifier = provenance.Verifier(at=datetime(2031, 5, 1, tzinfo=UTC))
    report = verifier.verify(samples / "signed-ai.jpg")
    assert report.judged_at == "2031-05-01T00:00:00+00:00"
    assert report.remarks[0].key == "remark.judged_at"
    page = render_html(report)
    assert "2031-05-01" in page[: page.index("</header>")]
    out = io.StringIO()
    print_report(report, Console(file=out, width=200))
    assert "2031-05-01" in out.getvalue().split("How this is known")[0]
    assert provenance.verify(samples / "signed-ai.jpg").judged_at is None
