"""Signing around an image pipeline, called as diffusers' pipelines are."""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa
import numpy
import pytest
from PIL import Image

import provenance
from provenance_signing import Credential, Ingredient, Relationship, Signer
from provenance_signing.errors import FormatError, OutputError, ProfileError
from provenance_signing.pipeline import SignedPipeline

COLOURS = ["teal", "red", "green", "blue"]


@dataclass
class Output:
    """What diffusers' pipelines return."""

    images: Any
    nsfw_content_detected: Any = None


class Pipeline:
    """Called as diffusers' pipelines are; it paints one colour a picture."""

    config = {"_class_name": "ExamplePipeline", "_name_or_path": "example-org/example-model"}

    def __call__(
        self,
        prompt: str | list[str] | None = None,
        image: Any = None,
        num_images_per_prompt: int = 1,
        return_dict: bool = True,
    ) -> Any:
        count = len(prompt) if isinstance(prompt, list) else 1
        images = [Image.new("RGB", (64, 48), COLOURS[at]) for at in range(count * num_images_per_prompt)]
        return Output(images) if return_dict else (images, [False] * len(images))


def assertions(data: bytes, media_type: str = "image/png") -> dict:
    store = json.loads(c2pa.Reader(media_type, io.BytesIO(data)).detailed_json())
    return store["manifests"][store["active_manifest"]]["assertion_store"]


def created(data: bytes) -> dict:
    return assertions(data)["c2pa.actions.v2"]["actions"][0]


def titles_and_relationships(report: provenance.Report) -> list[tuple[str | None, str | None]]:
    return [(step.title, step.relationship) for step in report.credentials.history.steps[1:]]


# What is signed


@pytest.mark.parametrize(
    "pipeline",
    [
        Pipeline(),
        lambda prompt: Pipeline()(prompt, return_dict=False),
        lambda prompt: [Image.new("RGB", (64, 48), "teal")],
        lambda text: Image.new("RGB", (64, 48), "teal"),
    ],
    ids=["an object with images", "a tuple", "a list", "a picture"],
)
def test_whatever_form_pictures_come_in_they_are_signed(
    pipeline: Callable[..., Any], signer: Signer, trusting: provenance.Verifier
) -> None:
    made = SignedPipeline(pipeline, signer=signer, model="Example Model")("a paper boat")
    assert [image.getpixel((0, 0)) for image in made.images] == [(0, 128, 128)]
    (signed,) = made.signed
    report = trusting.verify(signed)
    assert report.conclusion.origin == "ai-generated"
    assert (report.credentials.integrity.state, report.credentials.signer.state) == ("intact", "trusted")
    with Image.open(io.BytesIO(signed)) as image:
        assert image.tobytes() == made.images[0].tobytes()
    assert created(signed)["softwareAgent"] == {"name": "Example Model"}
    assert hashlib.sha256(b"a paper boat").hexdigest() in json.dumps(created(signed))


@pytest.mark.parametrize("format", ["png", "webp", "jpeg"])
def test_pictures_are_encoded_as_asked(format: str, signer: Signer, trusting: provenance.Verifier) -> None:
    (signed,) = SignedPipeline(Pipeline(), signer=signer, format=format)("a boat").signed
    report = trusting.verify(signed)
    assert report.asset.media_type == f"image/{format}"
    assert report.credentials.integrity.state == "intact"


def test_each_picture_of_a_batch_has_its_own_prompt(signer: Signer) -> None:
    made = SignedPipeline(Pipeline(), signer=signer)(prompt=["one", "two"], num_images_per_prompt=2)
    assert len(made.signed) == len(made.images) == 4
    for data, prompt in zip(made.signed, ["one", "one", "two", "two"], strict=True):
        assert hashlib.sha256(prompt.encode()).hexdigest() in json.dumps(created(data))


def test_the_prompt_is_not_recorded_where_it_is_not_to_be(signer: Signer) -> None:
    (signed,) = SignedPipeline(Pipeline(), signer=signer, prompt_hash=False)("a boat").signed
    assert "parameters" not in created(signed)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"_class_name": "P", "_name_or_path": "example-org/example-model"}, "example-org/example-model"),
        ({"_class_name": "P", "_name_or_path": "/home/jane/secret-project/model-7"}, "model-7"),
        ({"_class_name": "P", "_name_or_path": ""}, "P"),
    ],
)
def test_the_model_is_named_by_its_configuration_without_the_machine_s_folders(
    config: dict, name: str, signer: Signer
) -> None:
    pipeline = Pipeline()
    pipeline.config = config
    (signed,) = SignedPipeline(pipeline, signer=signer)("a boat").signed
    assert created(signed)["softwareAgent"]["name"] == name
    assert b"jane" not in signed


def test_other_facts_go_into_every_picture(signer: Signer) -> None:
    wrapped = SignedPipeline(Pipeline(), signer=signer, training_mining="notAllowed", title="A boat")
    for signed in wrapped(["one", "two"]).signed:
        assert "cawg.training-mining" in assertions(signed)


# What a model was given


def test_a_picture_that_goes_in_is_recorded_as_input(
    signer: Signer, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    out = io.BytesIO()
    sketch = Image.new("RGB", (64, 48), "white")
    sketch.save(out, "PNG")
    (tmp_path / "sketch.png").write_bytes(out.getvalue())
    wrapped = SignedPipeline(Pipeline(), signer=signer)
    for image in (sketch, out.getvalue(), tmp_path / "sketch.png", str(tmp_path / "sketch.png")):
        for made in (wrapped("a boat", image), wrapped(prompt="a boat", image=image)):
            report = trusting.verify(made.signed[0])
            assert report.credentials.integrity.state == "intact"
            assert [each for _, each in titles_and_relationships(report)] == ["inputTo"]
            assert len(created(made.signed[0])["parameters"]["ingredients"]) == 1


def test_a_signed_picture_that_goes_in_keeps_its_record(signer: Signer, trusting: provenance.Verifier) -> None:
    wrapped = SignedPipeline(Pipeline(), signer=signer)
    first = wrapped("a boat").signed[0]
    report = trusting.verify(wrapped("at sea", image=first).signed[0])
    assert [step.state for step in report.credentials.history.steps] == ["intact", "intact"]


def test_a_list_of_pictures_is_paired_with_prompts_or_goes_into_every_result(
    signer: Signer, trusting: provenance.Verifier
) -> None:
    given = [Image.new("RGB", (9, 9), colour) for colour in ("white", "black")]
    wrapped = SignedPipeline(Pipeline(), signer=signer)
    paired = wrapped(["one", "two"], image=given, num_images_per_prompt=2).signed
    together = wrapped("one", image=given).signed
    counts = [len(titles_and_relationships(trusting.verify(each))) for each in (*paired, *together)]
    assert counts == [1, 1, 1, 1, 2]


def test_with_a_profile_for_edits_the_picture_is_the_parent(
    credential: Credential, trusting: provenance.Verifier
) -> None:
    edits = SignedPipeline(Pipeline(), signer=Signer(credential, profile="ai-edited"))
    given = [Image.new("RGB", (9, 9), colour) for colour in ("white", "black")]
    for image, relationships in ((given[0], ["parentOf"]), (given, ["parentOf", "inputTo"])):
        report = trusting.verify(edits("at sea", image=image).signed[0])
        assert report.credentials.integrity.state == "intact"
        assert report.conclusion.origin == "ai-edited"
        assert [each for _, each in titles_and_relationships(report)] == relationships


def test_ingredients_given_to_the_wrapper_take_the_place_of_the_call_s_picture(
    signer: Signer, trusting: provenance.Verifier
) -> None:
    original = SignedPipeline(Pipeline(), signer=signer)("a boat").signed[0]
    given = [Ingredient(original, Relationship.INPUT, "original.png")]
    wrapped = SignedPipeline(Pipeline(), signer=signer, ingredients=given)
    report = trusting.verify(wrapped("a boat", image=numpy.zeros((9, 9, 3))).signed[0])
    assert titles_and_relationships(report) == [("original.png", "inputTo")]


def test_an_input_that_cannot_be_recorded_is_refused_before_the_model_runs(signer: Signer) -> None:
    def pipeline(prompt: str, image: Any) -> None:
        raise AssertionError("it ran")

    with pytest.raises(TypeError, match="image is a ndarray"):
        SignedPipeline(pipeline, signer=signer, model="M")("a boat", numpy.zeros((9, 9, 3)))


# Saving


def test_pictures_are_saved_by_number_and_never_over_others(
    signer: Signer, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    made = SignedPipeline(Pipeline(), signer=signer)(["one", "two"])
    paths = made.save(tmp_path / "out")
    assert [path.name for path in paths] == ["image-1.png", "image-2.png"]
    assert [path.read_bytes() for path in paths] == made.signed
    assert trusting.verify(paths[0]).credentials.integrity.state == "intact"
    paths[0].unlink()
    with pytest.raises(OutputError, match=r"image-2.png: is there already"):
        made.save(tmp_path / "out")
    assert not paths[0].exists()
    assert [path.name for path in made.save(tmp_path / "out", name="boat")] == ["boat-1.png", "boat-2.png"]
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        made.save(tmp_path / "file")


# Refusals


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (None, "NoneType"),
        ([], "list"),
        (Output(numpy.zeros((1, 9, 9, 3))), "ndarray"),
        ([Image.new("RGB", (9, 9)), "text"], "str"),
        ([[Image.new("RGB", (9, 9))]], "list"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_it_is(output: Any, kind: str, signer: Signer) -> None:
    with pytest.raises(TypeError, match=f"no PIL pictures but {kind}"):
        SignedPipeline(lambda prompt: output, signer=signer, model="M")("a boat")


def test_a_model_without_a_name_and_another_format_are_refused_when_it_is_wrapped(signer: Signer) -> None:
    with pytest.raises(ProfileError, match="model="):
        SignedPipeline(lambda prompt: None, signer=signer)
    with pytest.raises(ProfileError, match="png, webp, jpeg"):
        SignedPipeline(Pipeline(), signer=signer, format="bmp")


def test_what_a_format_cannot_hold_is_refused(signer: Signer) -> None:
    wrapped = SignedPipeline(lambda: Image.new("RGBA", (9, 9)), signer=signer, model="M", format="jpeg")
    with pytest.raises(FormatError, match=r"cannot be encoded as jpeg .* png takes most"):
        wrapped()


def test_too_many_or_too_large_pictures_are_refused(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance_signing.limits.MAX_PICTURES", 2)
    with pytest.raises(FormatError, match="2 pictures at most, and not 4"):
        SignedPipeline(Pipeline(), signer=signer)("a boat", num_images_per_prompt=4)
    monkeypatch.setattr("provenance_signing.limits.MAX_ENCODED_PIXELS", 64 * 48 - 1)
    with pytest.raises(FormatError, match="megapixels"):
        SignedPipeline(Pipeline(), signer=signer)("a boat")


def test_an_error_of_the_pipeline_s_stays_what_it_is(signer: Signer) -> None:
    with pytest.raises(TypeError, match="colour"):
        SignedPipeline(Pipeline(), signer=signer)("a boat", colour="red")
