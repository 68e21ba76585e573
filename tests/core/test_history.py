"""The history: whose picture a step shows, update manifests, redactions, and long chains."""

import base64
import io
import sys
from pathlib import Path

import pytest
from PIL import Image

import provenance
from provenance.credentials import SignerState, Step, StepState, ThumbnailSource
from provenance.render.html import render_html
from provenance.sentences import phrase
from provenance.sources.c2pa.thumbnails import picture_of

sys.path.insert(0, str(Path(__file__).parent))
from signing import Authority, created, manifest, opened, parent, picture, plain_picture, thumbnail  # noqa: E402

AUTHORITY = Authority()
PRESS = AUTHORITY.issue("Example Press")
STRANGER = Authority("Nobody knows it").issue("Example Press")

RED, GREEN, BLUE = (254, 0, 0), (0, 128, 1), (0, 0, 254)


@pytest.fixture(scope="module")
def trusting() -> provenance.Verifier:
    return provenance.Verifier(trust=AUTHORITY.pem)


# Pictures


def first(signer=PRESS, **more) -> bytes:
    """A capture with a red thumbnail in its own claim."""
    facts = manifest(created("digitalCapture"), title="first.jpg", **thumbnail("own.jpg"), **more)
    return signer.sign(picture(), facts, resources={"own.jpg": plain_picture("red")})


def second(ingredient: bytes, signer=PRESS, *, kept: bool = True, own: str | None = "green") -> bytes:
    """Its edit, which keeps a blue picture of it."""
    resources = {"kept.jpg": plain_picture("blue")} if kept else {}
    mine = {}
    if own is not None:
        resources["own.jpg"], mine = plain_picture(own), thumbnail("own.jpg")
    facts = parent("first.jpg", **(thumbnail("kept.jpg") if kept else {}))
    return signer.sign(
        picture(), manifest(opened("first.jpg"), **mine), ingredients=[(facts, ingredient)], resources=resources
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


@pytest.mark.parametrize("language", provenance.sentences.LANGUAGES)
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
