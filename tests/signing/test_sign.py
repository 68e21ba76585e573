"""Signing as a platform does it: every format and algorithm, read back by the toolkit and by both engines alone."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import c2pa
import pytest
from PIL import Image

import provenance
from provenance.render.html import render_html
from provenance.sentences import LANGUAGES, say
from provenance_signing import Credential, Ingredient, Relationship, Signer, sign, sign_bytes
from provenance_signing.algorithms import Algorithm
from provenance_signing.errors import FormatError, IngredientError, OutputError, ProfileError
from provenance_signing.keys.development import DevelopmentFiles

from ..core.signing import picture, plain_picture
from ..sweeps import pairs
from .documents import EPUB, WORD, document
from .media import BESIDE, MEDIA, TEXT, manifest_of, media, second_engine_says

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.fixture(scope="session")
def generated(credential: Credential) -> Signer:
    return Signer(credential, profile="ai-generated")


def actions(report: provenance.Report) -> list[str]:
    return [each.action for each in report.credentials.history.steps[0].actions]


# Every format and algorithm


@pairs("media_type, algorithm", MEDIA, Algorithm)
def test_every_format_and_algorithm_is_trusted_by_all_who_read_it(
    media_type: str, algorithm: Algorithm, development: Callable[..., DevelopmentFiles], fixtures: Path
) -> None:
    files = development(algorithm)
    credential = Credential.load(files.credential)
    assert credential.algorithm == algorithm
    signed = sign_bytes(
        media(media_type, fixtures), name=MEDIA[media_type], credential=credential, profile="ai-generated", model="M"
    )

    report = provenance.Verifier(trust=files.root).verify(signed, name=MEDIA[media_type])
    assert report.asset.media_type == media_type
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")
    assert [(each.engine, each.integrity, each.failures) for each in report.credentials.engines] == [
        ("c2pa-rs", "intact", ()),
        ("encypher", "intact", ()),
    ]

    bare = c2pa.Context.from_dict({"trust": {"trust_anchors": files.root.read_text()}})
    assert c2pa.Reader(media_type, io.BytesIO(signed), context=bare).get_validation_state() == "Trusted"

    assert second_engine_says(signed, media_type, files.root) == "Trusted"


@pairs("media_type, algorithm", TEXT, Algorithm)
def test_every_text_and_algorithm_is_intact_for_the_engine_that_reads_text(
    media_type: str, algorithm: Algorithm, development: Callable[..., DevelopmentFiles]
) -> None:
    files = development(algorithm)
    name, content = TEXT[media_type]
    signed = sign_bytes(
        content, name=name, credential=Credential.load(files.credential), profile="ai-generated", model="M"
    )
    verifier = provenance.Verifier(trust=files.root)
    report = verifier.verify(signed, name=name)
    assert report.asset.media_type == media_type
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")
    assert second_engine_says(signed, media_type, files.root) == "Trusted"

    place = signed.rindex(content.strip()[-2:])
    changed = signed[:place] + b"X" + signed[place + 1 :]
    assert verifier.verify(changed, name=name).credentials.integrity.state != "intact"


def test_the_text_that_people_read_stays_as_it_is(generated: Signer) -> None:
    text = "Le café est fermé.\nお知らせ\n"
    signed = generated.sign_bytes(text.encode(), name="a.txt", model="M").decode()
    assert signed.startswith(text)
    rest = signed[len(text) :]
    assert rest[0] == "\ufeff"
    assert all(0xFE00 <= ord(each) <= 0xFE0F or 0xE0100 <= ord(each) <= 0xE01EF for each in rest[1:])


def test_a_script_and_an_xml_declaration_keep_their_first_line(generated: Signer) -> None:
    for name, first in (("a.py", b"#!/usr/bin/env python3"), ("a.xml", b'<?xml version="1.0"?>')):
        signed = generated.sign_bytes(first + b"\n<a/>\n", name=name, model="M")
        assert signed.startswith(first + b"\n")


def test_text_in_another_normal_form_is_said_to_be_changed(generated: Signer) -> None:
    decomposed = "Cafe\N{COMBINING ACUTE ACCENT}".encode()
    signed = generated.sign(decomposed, name="a.txt", model="M")
    assert "sign.normalized" in {remark.key for remark in signed.remarks}
    assert signed.data is not None
    assert signed.data.startswith("Café".encode())


# What a manifest says


def test_a_generated_picture_says_all_that_the_law_and_the_standard_ask(generated: Signer) -> None:
    signed = generated.sign_bytes(
        picture(),
        name="boat.jpg",
        model={"name": "Example Model", "version": "2", "identifier": "pkg:huggingface/example/model@main"},
        prompt="a paper boat",
        human_oversight="prompt_guided",
        training_mining="notAllowed",
        software="Example Studio",
    )
    manifest = manifest_of(signed)
    generator = manifest["claim"]["claim_generator_info"]
    assert (generator["name"], generator["specVersion"]) == ("Example Studio", "2.4.0")
    assertions = manifest["assertion_store"]
    assert assertions["c2pa.actions.v2"]["allActionsIncluded"] is True
    (created,) = assertions["c2pa.actions.v2"]["actions"]
    assert created["action"] == "c2pa.created"
    assert created["digitalSourceType"] == IPTC + "trainedAlgorithmicMedia"
    assert created["softwareAgent"] == {"name": "Example Model", "version": "2"}
    assert created["when"].endswith("Z")
    assert assertions["c2pa.ai-disclosure"] == {
        "modelType": "c2pa.types.model",
        "modelName": "Example Model 2",
        "modelIdentifier": "pkg:huggingface/example/model@main",
        "contentProfile": {"humanOversightLevel": "prompt_guided"},
    }
    uses = assertions["cawg.training-mining"]["entries"]
    assert {use["use"] for use in uses.values()} == {"notAllowed"}
    # The signer says all of it, and does not only pass it on.
    labels = {each["url"].rpartition("/")[2] for each in manifest["claim"]["created_assertions"]}
    assert labels == set(assertions)
    assert b"a paper boat" not in signed
    assert hashlib.sha256(b"a paper boat").hexdigest() in json.dumps(created)


def test_what_is_signed_and_what_is_declared_agree(generated: Signer, trusting: provenance.Verifier) -> None:
    report = trusting.verify(generated.sign_bytes(picture(), name="a.jpg", model="Example Model"))
    signed, declared = (
        next(each for each in report.evidence if each.kind == kind and each.digital_source_type)
        for kind in ("signed-manifest", "declared-metadata")
    )
    assert signed.digital_source_type == declared.digital_source_type == IPTC + "trainedAlgorithmicMedia"
    assert report.conclusion.conflicts == ()


def test_the_aigc_label_is_written_on_request_only(generated: Signer, trusting: provenance.Verifier) -> None:
    plain = generated.sign_bytes(picture(), model="M")
    assert b"ContentProducer" not in plain
    labelled = generated.sign_bytes(picture(), model="M", aigc={"content_producer": "Example Platform"})
    details = [each.details for each in trusting.verify(labelled).evidence]
    assert any(each.get("ContentProducer") == "Example Platform" for each in details)


def test_a_type_whose_metadata_is_not_written_is_said(generated: Signer, fixtures: Path) -> None:
    signed = generated.sign(media("image/gif", fixtures), model="M")
    assert "sign.not_declared" in {remark.key for remark in signed.remarks}


def test_a_development_credential_is_named_in_every_report(generated: Signer, trusting: provenance.Verifier) -> None:
    signed = generated.sign(picture(), model="M")
    assert "sign.development" in {remark.key for remark in signed.remarks}
    assert signed.data is not None
    report = trusting.verify(signed.data)
    assert report.credentials.signer.development
    assert "remark.development" in {remark.key for remark in report.remarks}
    for language in LANGUAGES:
        named = say("signer.development", name="Example newsroom", issuer="Example newsroom")
        assert named.in_language(language).text in render_html(report.in_language(language))


def test_the_pixels_are_not_touched(generated: Signer, fixtures: Path) -> None:
    for media_type in ("image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff"):
        before = media(media_type, fixtures)
        after = generated.sign_bytes(before, model="M")
        with Image.open(io.BytesIO(before)) as first, Image.open(io.BytesIO(after)) as second:
            assert first.convert("RGBA").tobytes() == second.convert("RGBA").tobytes()


def test_the_thumbnail_is_small_upright_and_without_metadata(generated: Signer) -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Jane Doe"  # turned by 90 degrees; the artist
    Image.new("RGB", (2000, 1000), "teal").save(out, "JPEG", exif=exif)
    signed = generated.sign_bytes(out.getvalue(), model="M")
    store = json.loads(c2pa.Reader("image/jpeg", io.BytesIO(signed)).json())
    identifier = store["manifests"][store["active_manifest"]]["thumbnail"]["identifier"]
    thumbnail = io.BytesIO()
    c2pa.Reader("image/jpeg", io.BytesIO(signed)).resource_to_stream(identifier, thumbnail)
    with Image.open(thumbnail) as image:
        assert image.size == (256, 512)
        assert not image.getexif()


def test_without_a_thumbnail_there_is_none(credential: Credential) -> None:
    signed = Signer(credential, profile="ai-generated", thumbnail=False).sign_bytes(picture(), model="M")
    assert "c2pa.thumbnail.claim" not in manifest_of(signed)["assertion_store"]


# History


def edited(data: bytes) -> bytes:
    """The picture in black and white; Pillow drops the manifest."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("L").save(out, "JPEG")
    return out.getvalue()


def test_a_signed_edited_and_signed_picture_has_a_history_of_two_steps(
    generated: Signer, credential: Credential, trusting: provenance.Verifier
) -> None:
    first = generated.sign_bytes(picture(), name="first.jpg", model="Example Model")
    second = sign_bytes(edited(first), name="second.jpg", credential=credential, profile="edited", parent=first)
    report = trusting.verify(second, name="second.jpg")
    steps = report.credentials.history.steps
    assert [(step.title, step.relationship, step.state) for step in steps] == [
        ("second.jpg", None, "intact"),
        ("first.jpg", "parentOf", "intact"),
    ]
    assert report.credentials.history.state == "intact"
    assert actions(report) == ["c2pa.opened", "c2pa.edited"]
    # That AI took part is not lost by an edit that says nothing of it.
    assert report.conclusion.origin == "ai-edited"
    page = render_html(report)
    assert "second.jpg" in page
    assert "first.jpg" in page


def test_the_manifest_of_another_maker_is_kept_as_the_parent_s(
    credential: Credential, trusting: provenance.Verifier, fixtures: Path
) -> None:
    upstream = next((fixtures / "openai-signed").glob("*.png"))
    report = trusting.verify(sign_bytes(upstream.read_bytes(), credential=credential, profile="published"))
    steps = report.credentials.history.steps
    assert report.credentials.integrity.state == "intact"
    assert steps[0].signer == "Example newsroom"
    assert steps[1].signer == "OpenAI"
    assert actions(report) == ["c2pa.opened", "c2pa.published"]


def test_what_a_model_was_given_and_what_became_a_part_are_told_apart(
    generated: Signer, trusting: provenance.Verifier
) -> None:
    signed = generated.sign_bytes(
        picture(),
        name="a.jpg",
        model="M",
        ingredients=[
            Ingredient(plain_picture("red"), Relationship.INPUT, "sketch.jpg"),
            Ingredient(plain_picture("blue"), Relationship.COMPONENT, "logo.jpg"),
        ],
    )
    report = trusting.verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert {(step.title, step.relationship) for step in report.credentials.history.steps[1:]} == {
        ("sketch.jpg", "inputTo"),
        ("logo.jpg", "componentOf"),
    }
    assert actions(report)[:2] == ["c2pa.created", "c2pa.placed"]


def test_a_parent_whose_manifest_stands_beside_it_keeps_it(
    generated: Signer, credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    original = tmp_path / "original.jpg"
    original.write_bytes(picture())
    beside = generated.sign(original, sidecar=True, model="M")
    assert beside.manifest_path == tmp_path / "original.c2pa"
    assert original.read_bytes() == picture()
    signed = sign(edited(picture()), credential=credential, profile="edited", parent=original, name="a.jpg")
    assert signed.data is not None
    steps = trusting.verify(signed.data).credentials.history.steps
    assert [step.manifest for step in steps] == [signed.manifest_id, beside.manifest_id]
    assert {step.state for step in steps} == {"intact"}


def test_a_signed_text_can_be_the_parent_of_another(
    generated: Signer, credential: Credential, trusting: provenance.Verifier
) -> None:
    draft = generated.sign_bytes(b"A first draft.\n", name="draft.txt", model="M")
    final = sign_bytes(
        b"A final text.\n",
        name="final.txt",
        credential=credential,
        profile="edited",
        parent=Ingredient(draft, title="draft.txt"),
    )
    report = trusting.verify(final, name="final.txt")
    assert report.credentials.integrity.state == "intact"
    assert [step.title for step in report.credentials.history.steps] == ["final.txt", "draft.txt"]


# Refusals: a clear reason each, and nothing written


@pytest.mark.parametrize(
    ("profile", "how", "why"),
    [
        ("ai-generated", {}, "needs the fact “model”"),
        ("ai-generated", {"model": "M", "parent": b"x"}, "begins here: it has no parent"),
        ("ai-generated", {"model": "M", "digital_source_type": "digitalCapture"}, "does not say so"),
        ("ai-edited", {"model": "M"}, "needs the parent"),
        ("edited", {}, "needs the parent"),
        ("captured", {"model": "M"}, "is not about AI"),
        ("captured", {"actions": ["c2pa.cropped"]}, "is “edited”"),
        ("captured", {"digital_source_type": "trainedAlgorithmicMedia"}, "use ai-generated"),
        ("captured", {"digital_source_type": "photo"}, "no digital source type"),
        ("captured", {"digital_source_type": "digitalCreation"}, "another origin"),
        ("edited", {"parent": b"x", "actions": ["c2pa.redacted"]}, "use amend"),
        (
            "edited",
            {
                "parent": b"x",
                "actions": [{"action": "c2pa.edited", "parameters": {"ingredients": [{"url": "self#x"}]}}],
            },
            "follows from the ingredients",
        ),
        ("edited", {"parent": b"x", "actions": ["c2pa.retouched"]}, "no action of C2PA 2.4"),
        ("edited", {"parent": b"x", "actions": ["c2pa.printed"]}, "deprecated"),
        ("edited", {"parent": b"x", "actions": ["c2pa.created"]}, "follows from the profile"),
        ("captured", {"colour": "red"}, "colour"),
        ("no-such-profile", {}, "no profile called"),
    ],
)
def test_facts_that_contradict_the_profile_are_refused_with_the_reason(
    profile: str, how: dict, why: str, credential: Credential, tmp_path: Path
) -> None:
    with pytest.raises(ProfileError, match=why):
        sign(picture(), tmp_path / "out.jpg", credential=credential, profile=profile, **how)
    assert list(tmp_path.iterdir()) == []


def test_a_profile_that_says_ai_without_a_source_type_is_refused(tmp_path: Path, credential: Credential) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text('name = "own"\nparent = "none"\nai_disclosure = true\n')
    with pytest.raises(ProfileError, match="digital source type"):
        sign(picture(), credential=credential, profile=profile)


def test_a_platform_adds_a_profile_of_its_own_as_a_file(
    tmp_path: Path, credential: Credential, trusting: provenance.Verifier
) -> None:
    profile = tmp_path / "weather-map.toml"
    profile.write_text(
        'name = "weather-map"\nparent = "none"\ndigital_source_type = "dataDrivenMedia"\n'
        'all_actions_included = true\nrequires = ["title"]\ntraining_mining = "constrained"\n'
    )
    with pytest.raises(ProfileError, match="title"):
        sign(picture(), credential=credential, profile=profile)
    report = trusting.verify(sign_bytes(picture(), credential=credential, profile=profile, title="Tomorrow"))
    assert report.conclusion.origin == "digital-creation"
    assert report.credentials.history.steps[0].title == "Tomorrow"


def test_a_manifest_is_never_dropped(generated: Signer, credential: Credential) -> None:
    signed = generated.sign_bytes(picture(), model="M")
    with pytest.raises(IngredientError, match="would drop"):
        generated.sign(signed, model="M")
    with pytest.raises(IngredientError, match="none of the ingredients has"):
        sign(signed, credential=credential, profile="edited", parent=plain_picture("red"))


def test_a_parent_whose_manifest_does_not_hold_is_refused_or_kept_with_that_recorded(
    generated: Signer, credential: Credential, trusting: provenance.Verifier
) -> None:
    signed = bytearray(generated.sign_bytes(picture(), name="a.jpg", model="M"))
    signed[-2000] ^= 1
    how = {"credential": credential, "profile": "edited", "parent": Ingredient(bytes(signed), title="changed.jpg")}
    with pytest.raises(IngredientError, match=r"changed.jpg: its own manifest does not hold \(altered\)"):
        sign(picture(), **how)
    kept = sign(picture(), **how, accept_broken_ingredients=True)
    assert "sign.broken_kept" in {remark.key for remark in kept.remarks}
    assert kept.data is not None
    report = trusting.verify(kept.data)
    assert report.credentials.integrity.state == "intact"
    results = json.dumps(manifest_of(kept.data)["assertion_store"]["c2pa.ingredient.v3"]["validationResults"])
    assert "assertion.dataHash.mismatch" in results


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.jpg", "is empty"),
        (b"\x00\x01\x02\x03 nothing", "a.bin", "of no type that can be signed"),
        (b"\x1aE\xdf\xa3" + bytes(100), "a.mkv", "video/x-matroska"),
        ("Latin 1: é".encode("latin-1") * 600, "a.txt", "not UTF-8"),
        (b"<html><body>no head</body></html>", "a.html", "head"),
        (b"\xff\xd8\xff", "a.jpg", "cannot be parsed"),
    ],
)
def test_what_cannot_be_signed_is_refused(
    content: bytes, name: str, why: str, generated: Signer, tmp_path: Path
) -> None:
    with pytest.raises((FormatError, OutputError), match=why):
        generated.sign(content, tmp_path / "out", name=name, model="M")
    assert list(tmp_path.iterdir()) == []


# Where the manifest goes


def test_an_asset_names_its_manifest_elsewhere(
    generated: Signer, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    url = "https://example.com/records/a.c2pa"
    signed = generated.sign(picture(), tmp_path / "a.jpg", remote_url=url, model="M")
    assert signed.manifest_path == tmp_path / "a.c2pa"
    asset = (tmp_path / "a.jpg").read_bytes()
    remote = trusting.verify(asset).credentials.integrity
    assert (remote.state, remote.remote_url) == ("remote", url)
    assert trusting.verify(asset, manifest=signed.manifest).credentials.integrity.state == "intact"


@pytest.mark.parametrize("media_type", ["text/html", "text/css", "application/xml"])
def test_a_text_names_its_manifest_elsewhere(
    media_type: str, generated: Signer, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    name, content = TEXT[media_type]
    url = "https://example.com/records/a.c2pa"
    signed = generated.sign(content, tmp_path / name, name=name, remote_url=url, model="M")
    asset = (tmp_path / name).read_bytes()
    assert trusting.verify(asset, name=name).credentials.integrity.remote_url == url
    assert trusting.verify(asset, name=name, manifest=signed.manifest).credentials.integrity.state == "intact"


@pytest.mark.parametrize("media_type", TEXT)
def test_a_signed_text_is_published_with_its_record_as_the_parent_s(
    media_type: str, generated: Signer, credential: Credential, trusting: provenance.Verifier
) -> None:
    name, content = TEXT[media_type]
    first = generated.sign_bytes(content, name=name, model="M")
    second = sign_bytes(first, name=name, credential=credential, profile="published")
    report = trusting.verify(second, name=name)
    assert report.credentials.integrity.state == "intact"
    assert [step.relationship for step in report.credentials.history.steps] == [None, "parentOf"]
    assert (
        report.credentials.history.steps[1].manifest
        == trusting.verify(first, name=name).credentials.history.steps[0].manifest
    )


def test_a_text_with_the_manifest_of_another_kind_of_text_is_not_signed_again(generated: Signer) -> None:
    css = generated.sign_bytes(TEXT["text/css"][1], name="a.css", model="M")
    with pytest.raises(FormatError, match="another kind of text"):
        generated.sign(css, name="a.txt", model="M")


@pytest.mark.parametrize("media_type", TEXT | BESIDE)
def test_the_manifest_of_a_text_stands_beside_it(
    media_type: str, generated: Signer, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    name, content = (TEXT | BESIDE)[media_type]
    path = tmp_path / name
    path.write_bytes(content)
    signed = generated.sign(path, sidecar=True, model="M")
    assert path.read_bytes() == content
    report = trusting.verify(path)
    assert report.asset.media_type == media_type
    assert (report.credentials.integrity.state, report.credentials.integrity.manifest) == ("intact", "external")
    assert report.credentials.history.steps[0].manifest == signed.manifest_id
    path.write_bytes(content + b" changed\n")
    assert trusting.verify(path).credentials.integrity.state == "altered"


def test_a_manifest_beside_another_asset_is_not_overwritten(generated: Signer, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    (tmp_path / "a.png").write_bytes(plain_picture("red"))
    generated.sign(tmp_path / "a.jpg", sidecar=True, model="M")
    before = (tmp_path / "a.c2pa").read_bytes()
    with pytest.raises(OutputError, match="not this asset's manifest"):
        generated.sign(tmp_path / "a.png", sidecar=True, model="M")
    assert (tmp_path / "a.c2pa").read_bytes() == before


# Documents


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("media_type", [WORD, EPUB])
def test_every_document_and_algorithm_is_intact_for_the_engine_that_reads_documents(
    media_type: str, algorithm: Algorithm, development: Callable[..., DevelopmentFiles]
) -> None:
    files = development(algorithm)
    before = document(media_type)
    signed = sign_bytes(
        before, name="a", credential=Credential.load(files.credential), profile="ai-generated", model="M"
    )
    assert second_engine_says(signed, media_type, files.root) == "Trusted"
    report = provenance.Verifier(trust=files.root).verify(signed)
    assert report.asset.media_type == media_type
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.name == "Example newsroom"
    # Only one engine reads documents bound as the standard says: that is never more than attested.
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")


def test_a_manifest_for_upload_takes_no_other_manifest_s_place(generated: Signer, tmp_path: Path) -> None:
    url = "https://assets.example.org/a.c2pa"
    generated.sign(picture(), tmp_path / "a.jpg", remote_url=url, model="M")
    before = (tmp_path / "a.c2pa").read_bytes()
    with pytest.raises(OutputError, match="would be lost"):
        generated.sign(picture(), tmp_path / "a.jpeg", remote_url=url, model="M")
    with pytest.raises(OutputError, match="another name"):
        generated.sign(picture(), tmp_path / "b.c2pa", remote_url=url, model="M")
    assert (tmp_path / "a.c2pa").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"a.jpg", "a.c2pa"}
    generated.sign(picture(), tmp_path / "a.jpg", remote_url=url, model="M")  # its own is replaced with it
    assert (tmp_path / "a.c2pa").read_bytes() != before


def test_a_signed_asset_s_manifest_apart_takes_no_other_manifest_s_place(
    credential: Credential, generated: Signer, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())
    generated.sign(path, sidecar=True, model="M")
    before = (tmp_path / "a.c2pa").read_bytes()
    generated.sign(picture(), tmp_path / "signed.jpg", model="M")
    with pytest.raises(OutputError, match="not this asset's"):
        Signer(credential, profile="published").sign(tmp_path / "signed.jpg", tmp_path / "a.c2pa", sidecar=True)
    assert (tmp_path / "a.c2pa").read_bytes() == before


@pytest.mark.parametrize("box", [b"pitm", b"iloc"])
def test_a_picture_that_cannot_be_decoded_is_signed_without_a_thumbnail(
    box: bytes, generated: Signer, trusting: provenance.Verifier
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "AVIF")
    signed = generated.sign(out.getvalue().replace(box, b"free", 1), name="a.avif", model="M")
    assert trusting.verify(signed.data or b"").credentials.integrity.state == "intact"
    assert "sign.no_picture" in [each.key for each in signed.remarks]


def test_a_manifest_inside_comes_before_that_of_another_asset_beside_it(
    credential: Credential, generated: Signer, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    generated.sign(tmp_path / "a.jpg", sidecar=True, model="M")
    made = generated.sign(plain_picture("red"), tmp_path / "a.jpeg", model="M")
    Signer(credential, profile="published").sign(tmp_path / "a.jpeg", tmp_path / "published.jpg")
    history = trusting.verify(tmp_path / "published.jpg").credentials.history
    assert [step.manifest for step in history.steps][1:] == [made.manifest_id]
