"""The history: whose picture a step shows, update manifests, redactions, long chains, and how it is drawn."""

import base64
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

import provenance
from provenance.credentials import History, HistoryState, Redaction, SignerState, Step, StepState, ThumbnailSource
from provenance.render.history import Branch, tree_of
from provenance.render.html import render_html
from provenance.render.terminal import print_report
from provenance.sentences import LANGUAGES, phrase, say
from provenance.sources.c2pa.thumbnails import picture_of

from .signing import Authority, Credential, created, manifest, opened, parent, picture, plain_picture, thumbnail

AUTHORITY = Authority()
PRESS = AUTHORITY.issue("Example Press")
STRANGER = Authority("Nobody knows it").issue("Example Press")

RED, GREEN, BLUE = (254, 0, 0), (0, 128, 1), (0, 0, 254)


@pytest.fixture(scope="module")
def trusting() -> provenance.Verifier:
    return provenance.Verifier(trust=AUTHORITY.pem)


# Pictures


def first(signer: Credential = PRESS) -> bytes:
    """A capture with a red thumbnail in its own claim."""
    facts = manifest(created("digitalCapture"), title="first.jpg", **thumbnail("own.jpg"))
    return signer.sign(picture(), facts, resources={"own.jpg": plain_picture("red")})


def second(ingredient: bytes, signer: Credential = PRESS) -> bytes:
    """Its edit, green in its own claim, which keeps a blue picture of it."""
    return signer.sign(
        picture(),
        manifest(opened("first.jpg"), **thumbnail("own.jpg")),
        ingredients=[(parent("first.jpg", **thumbnail("kept.jpg")), ingredient)],
        resources={"own.jpg": plain_picture("green"), "kept.jpg": plain_picture("blue")},
    )


def steps_of(data: bytes, verifier: provenance.Verifier) -> tuple[Step, ...]:
    return verifier.verify(data, thumbnails=True).credentials.history.steps


def colour(step: Step) -> tuple[int, ...] | None:
    if step.thumbnail is None:
        return None
    data = base64.b64decode(step.thumbnail.removeprefix("data:image/jpeg;base64,"))
    return Image.open(io.BytesIO(data)).getpixel((10, 10))


def test_a_step_shows_the_picture_of_its_own_manifest_before_that_of_who_cites_it(
    trusting: provenance.Verifier,
) -> None:
    this_file, ingredient = steps_of(second(first()), trusting)
    assert (colour(this_file), colour(ingredient)) == (GREEN, RED)
    assert ingredient.thumbnail_source == ThumbnailSource.OWN_CLAIM
    assert ingredient.thumbnail_signer_state == SignerState.TRUSTED


def test_of_a_step_without_a_record_the_citing_manifest_supplies_the_picture(trusting: provenance.Verifier) -> None:
    _, ingredient = steps_of(second(picture()), trusting)
    assert colour(ingredient) == BLUE
    assert ingredient.thumbnail_source == ThumbnailSource.INGREDIENT_ASSERTION
    assert ingredient.thumbnail_signer_state == SignerState.TRUSTED


def test_a_picture_is_as_good_as_the_signer_who_supplied_it(trusting: provenance.Verifier) -> None:
    this_file, ingredient = steps_of(second(first(STRANGER)), trusting)
    assert this_file.thumbnail_signer_state == SignerState.TRUSTED
    assert (colour(ingredient), ingredient.thumbnail_signer_state) == (RED, SignerState.UNTRUSTED)
    this_file, ingredient = steps_of(second(first(), STRANGER), trusting)
    assert this_file.thumbnail_signer_state == SignerState.UNTRUSTED
    assert (colour(ingredient), ingredient.thumbnail_signer_state) == (RED, SignerState.TRUSTED)


def test_a_step_that_does_not_hold_shows_no_picture_not_even_that_of_who_cites_it(
    trusting: provenance.Verifier,
) -> None:
    signed = first()
    place = signed.find(b"digitalCapture")
    damaged = signed[:place] + b"digitalCaptvre" + signed[place + 14 :]
    this_file, ingredient = steps_of(second(damaged), trusting)
    assert ingredient.state == StepState.BROKEN
    assert (colour(this_file), ingredient.thumbnail, ingredient.thumbnail_source) == (GREEN, None, None)


def test_where_a_thumbnail_is_not_the_one_that_was_signed_no_picture_of_that_record_is_shown(
    trusting: provenance.Verifier,
) -> None:
    signed = second(picture())
    green = plain_picture("green")
    black = plain_picture("black").ljust(len(green), b"\0")
    assert signed.count(green) == 1
    this_file, ingredient = steps_of(signed.replace(green, black), trusting)
    assert this_file.state == StepState.BROKEN
    assert (this_file.thumbnail, ingredient.thumbnail) == (None, None)


def test_a_picture_in_a_third_manifest_is_nobodys_word_about_a_step() -> None:
    step = Step(id=2, parent=1, state=StepState.INTACT, manifest="c", signer_state=SignerState.TRUSTED)
    citing = Step(id=1, parent=0, state=StepState.INTACT, manifest="b", signer_state=SignerState.TRUSTED)

    def picture_at(uri: str) -> ThumbnailSource | None:
        return picture_of(step, {}, citing, {"thumbnail": {"identifier": uri}}, {uri: "data:,"}).source

    own = "self#jumbf=/c2pa/c/c2pa.assertions/"
    assert picture_at(own + "c2pa.thumbnail.claim.jpeg") == ThumbnailSource.OWN_CLAIM
    assert picture_at("self#jumbf=/c2pa/b/c2pa.assertions/c2pa.thumbnail.ingredient") == "ingredient-assertion"
    assert picture_at("self#jumbf=/c2pa/a/c2pa.assertions/c2pa.thumbnail.claim.jpeg") is None
    assert picture_at(own + "c2pa.thumbnail.ingredient") is None  # of something else, in the step's own manifest


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_where_a_picture_is_from_if_nobody_vouches_for_it(
    language: str, trusting: provenance.Verifier
) -> None:
    unconfirmed, kept = phrase("label.picture_unconfirmed", language), phrase("label.picture_kept", language)

    def page(data: bytes) -> str:
        return render_html(trusting.verify(data, thumbnails=True, language=language)).replace("&#39;", "'")

    assert unconfirmed not in page(second(first()))
    assert kept not in page(second(first()))
    assert unconfirmed in page(second(first(STRANGER)))
    assert kept in page(second(picture()))
    assert unconfirmed in page(second(picture(), STRANGER))


# Update manifests and redactions

AUTHOR = {
    "label": "stds.schema-org.CreativeWork",
    "data": {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "author": [{"@type": "Person", "name": "Jane"}],
    },
}


def test_an_update_manifest_is_marked_as_one(trusting: provenance.Verifier) -> None:
    original = PRESS.sign(picture(), manifest(created("digitalCapture")))
    report = trusting.verify(PRESS.sign(original, {"claim_generator_info": [{"name": "tests"}]}, update=True))
    assert [step.update for step in report.credentials.history.steps] == [True, False]
    assert report.conclusion.origin == "captured"
    assert phrase("label.step_update", "en") in render_html(report)


def test_the_public_update_manifest_is_marked_as_one(verifier: provenance.Verifier, fixtures: Path) -> None:
    steps = verifier.verify(fixtures / "c2pa-rs/update_manifest.jpg").credentials.history.steps
    assert [step.update for step in steps] == [True, False, False, False]


def redacted(reason: str, signer: Credential = PRESS) -> bytes:
    """A file from whose ingredient the name of its author was removed."""
    facts = manifest(created("digitalCapture"), title="first.jpg")
    facts["assertions"].append(AUTHOR)
    original = PRESS.sign(picture(), facts)
    label = provenance.verify(original).credentials.history.steps[0].manifest
    uri = f"self#jumbf=/c2pa/{label}/c2pa.assertions/{AUTHOR['label']}"
    removed = {"action": "c2pa.redacted", "reason": reason, "parameters": {"redacted": uri}}
    edit = manifest(opened("first.jpg"), removed, redactions=[uri])
    return signer.sign(picture(), edit, ingredients=[(parent("first.jpg"), original)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_that_was_removed_is_said_with_who_removed_it(language: str, trusting: provenance.Verifier) -> None:
    report = trusting.verify(redacted("c2pa.PII.present"), language=language)
    this_file, ingredient = report.credentials.history.steps
    assert this_file.redactions == ()
    assert ingredient.redactions == (Redaction(part=AUTHOR["label"], by=0, reason="c2pa.PII.present"),)
    assert ingredient.state == StepState.INTACT  # a redaction breaks nothing
    html, terminal = render_html(report), to_terminal(report)
    assert phrase("label.step_redacted", language) in html
    sentence = say("label.part_removed", part=AUTHOR["label"], name="Example Press").in_language(language).text
    assert sentence in html
    assert phrase("label.step_redacted", language) in terminal


def test_a_stranger_who_removed_a_part_is_not_named_as_a_fact(trusting: provenance.Verifier) -> None:
    html = render_html(trusting.verify(redacted("c2pa.PII.present", STRANGER)))
    assert "was removed by someone using the name “Example Press”" in html


# Long and wide histories


def chain(count: int) -> bytes:
    """A chain of this many manifests, each the parent of the next."""
    asset = PRESS.sign(picture(), manifest(created("digitalCapture"), title="0.jpg"))
    for number in range(1, count):
        title = f"{number - 1}.jpg"
        edit = manifest(opened(title), title=f"{number}.jpg")
        asset = PRESS.sign(picture(), edit, ingredients=[(parent(title), asset)])
    return asset


@pytest.mark.parametrize("count", [11, 50])
def test_a_long_chain_is_told_to_its_end_and_stays_narrow(count: int, trusting: provenance.Verifier) -> None:
    report = trusting.verify(chain(count))
    history = report.credentials.history
    assert [step.title for step in history.steps] == [f"{number}.jpg" for number in reversed(range(count))]
    assert (history.state, history.truncated, report.conclusion.origin) == ("intact", False, "captured")
    assert tree_of(history) == Branch(history.steps, ())
    html = render_html(report)
    assert html.count('<article class="step') == count
    assert html[html.index('<ul class="tree">') :].count("<ul") < 5  # it does not walk off the page
    assert "0.jpg" in to_terminal(report)


def history_of(*parents: int | None) -> History:
    """A history of steps with these parents."""
    steps = [
        Step(id=number, parent=above, relationship="componentOf", state=StepState.UNSIGNED, title=f"step {number}")
        for number, above in enumerate(parents)
    ]
    return History(state=HistoryState.INTACT, steps=tuple(steps))


@given(st.lists(st.integers(0, 10**6), max_size=60))
def test_the_tree_has_every_step_once_under_the_one_it_went_into(above: list[int]) -> None:
    history = history_of(None, *sorted(value % (number + 1) for number, value in enumerate(above)))

    def steps(branch: Branch, parent: int | None) -> list[int]:
        found = []
        for step in branch.steps:
            assert step.parent == parent
            found.append(parent := step.id)
        assert len(branch.before) != 1  # a chain is one branch
        return found + [each for one in branch.before for each in steps(one, parent)]

    assert sorted(steps(tree_of(history), None)) == [step.id for step in history.steps]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_step_was_used_for_is_said_in_words(language: str) -> None:
    report = provenance.verify(picture(), language=language)
    credentials = report.credentials.model_copy(update={"history": history_of(None, 0, 0)})
    html = render_html(report.model_copy(update={"credentials": credentials}))
    assert html.count(phrase("relationship.component", language)) == 3
    assert "componentOf" not in html


def test_hostile_names_stay_text() -> None:
    title = "</text><script>alert(1)</script>" + "W" * 268
    steps = (
        Step(id=0, state=StepState.INTACT, manifest="m", claim_generator='"><image href="https://example.com/x"/>'),
        Step(id=1, parent=0, state=StepState.UNSIGNED, title=title, relationship="<b>"),
    )
    report = provenance.verify(picture())
    credentials = report.credentials.model_copy(update={"history": History(steps=steps)})
    html = render_html(report.model_copy(update={"credentials": credentials}))
    assert "<script" not in html
    assert 'href="https://example.com' not in html
    assert "<b>" not in html


def to_terminal(report: provenance.Report) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_report(report, console)
    return console.file.getvalue()


def test_an_altered_file_shows_what_was_signed_and_a_forged_one_nothing(
    verifier: provenance.Verifier, fixtures: Path
) -> None:
    folder = fixtures / "public-testfiles/image/jpeg"
    altered = verifier.verify(folder / "adobe-20220124-E-dat-CA.jpg", thumbnails=True).credentials
    assert altered.integrity.state == "altered"
    assert altered.history.steps[0].thumbnail_source == "own-claim"
    forged = verifier.verify(folder / "adobe-20220124-E-sig-CA.jpg", thumbnails=True).credentials
    assert forged.integrity.state == "broken"
    assert forged.history.steps[0].thumbnail is None
