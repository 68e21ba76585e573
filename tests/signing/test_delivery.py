"""Delivery: web versions keep their record, and what a site delivered is compared with what was published."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageCms

import provenance
from provenance_signing import Credential, Signer
from provenance_signing.comparison import compare
from provenance_signing.derivation import FORMATS, Rendition, derive
from provenance_signing.errors import FormatError, IngredientError, OutputError, ProfileError

from ..core.signing import picture
from ..patience import PATIENCE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published(credential: Credential, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed picture of 480 by 320 pixels, turned by EXIF, with a colour profile and a credit line."""
    path = tmp_path_factory.mktemp("published") / "boat.jpg"
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Jane Doe"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(io.BytesIO(picture())) as image:
        image.save(out, "JPEG", exif=exif, icc_profile=profile)
    Signer(credential, profile="ai-generated").sign(out.getvalue(), path, name="boat.jpg", model="Example Model")
    return path


def actions(report: provenance.Report) -> list[str]:
    return [each.action for each in report.credentials.history.steps[0].actions]


@pytest.mark.parametrize("form", FORMATS)
def test_a_web_version_keeps_the_record_as_its_parent_s(
    form: str, published: Path, credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    out = tmp_path / f"boat.{form}"
    derive(published, out, credential=credential, rendition=Rendition(resize=200, quality=70))
    report = trusting.verify(out)
    assert report.credentials.integrity.state == "intact"
    assert report.conclusion.origin == "ai-generated"  # nothing was done that changes what it shows
    steps = report.credentials.history.steps
    assert [(step.title, step.relationship) for step in steps] == [(out.name, None), ("boat.jpg", "parentOf")]
    assert actions(report) == ["c2pa.opened", "c2pa.resized.proportional", "c2pa.transcoded"]
    with Image.open(out) as image:
        assert image.size == (133, 200)  # upright
        assert image.getexif().get(0x0112) is None
        assert form in ("gif",) or image.info.get("icc_profile")


def test_a_crop_is_named_and_nothing_is_enlarged(
    published: Path, credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    out = tmp_path / "crop.webp"
    derive(published, out, credential=credential, rendition=Rendition(resize=5000, crop=(10, 20, 100, 50)))
    assert actions(trusting.verify(out)) == ["c2pa.opened", "c2pa.cropped", "c2pa.transcoded"]
    with Image.open(out) as image:
        assert image.size == (100, 50)


def test_the_source_is_not_changed_and_may_be_unsigned(
    credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(picture())
    derive(source, tmp_path / "b.png", credential=credential, rendition=Rendition(resize=100))
    assert source.read_bytes() == picture()
    steps = trusting.verify(tmp_path / "b.png").credentials.history.steps
    assert [step.state for step in steps] == ["intact", "unsigned"]


def test_a_record_beside_the_source_is_kept(
    credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(picture())
    beside = Signer(credential, profile="captured").sign(source, sidecar=True)
    derive(source, tmp_path / "b.webp", credential=credential, rendition=Rendition(resize=100))
    steps = trusting.verify(tmp_path / "b.webp").credentials.history.steps
    assert steps[1].manifest == beside.manifest_id


def test_a_web_version_does_not_name_the_place_of_its_source_s_record(
    credential: Credential, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    source = tmp_path / "a.jpg"
    signer = Signer(credential, profile="captured")
    signed = signer.sign(picture(), source, remote_url="https://example.com/a.c2pa")
    derive(source, tmp_path / "b.jpg", credential=credential, rendition=Rendition(), manifest=signed.manifest)
    report = trusting.verify(tmp_path / "b.jpg")
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.history.steps[1].manifest == signed.manifest_id
    assert b"example.com" not in (tmp_path / "b.jpg").read_bytes().split(b"jumb")[0]


@pytest.mark.parametrize(
    ("rendition", "why"),
    [
        ({"format": "bmp"}, "no such format"),
        ({"resize": 0}, "one pixel"),
        ({"crop": (0, 0, 0, 5)}, "inside the picture"),
        ({"crop": (300, 0, 100, 10)}, "reaches outside"),
        ({"quality": 0}, "1 to 100"),
    ],
)
def test_what_cannot_be_made_is_refused(rendition: dict, why: str, published: Path, credential: Credential) -> None:
    with pytest.raises(ProfileError, match=why):
        derive(published, credential=credential, rendition=Rendition(**{"format": "png", **rendition}))


def test_a_format_must_be_known_from_the_name_or_by_itself(published: Path, credential: Credential) -> None:
    with pytest.raises(ProfileError, match="say in which format"):
        derive(published, credential=credential, rendition=Rendition())


def test_a_source_that_was_altered_or_is_no_picture_is_refused(published: Path, credential: Credential) -> None:
    altered = bytearray(published.read_bytes())
    altered[-1500] ^= 1
    how = {"credential": credential, "rendition": Rendition(format="webp")}
    with pytest.raises(IngredientError, match="does not hold"):
        derive(bytes(altered), **how)
    with pytest.raises(FormatError, match="no picture"):
        derive(b"no picture at all", **how)
    frames, out = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")], io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(FormatError, match="several frames"):
        derive(out.getvalue(), **how)


# Comparing


def fates(source: Path | bytes, delivered: Path | bytes) -> dict[str, str]:
    return {mark.name: str(mark.fate) for mark in compare(source, delivered).marks}


SOURCE_TYPE = "Iptc4xmpExt:DigitalSourceType"


def test_a_web_version_of_ours_keeps_every_mark(published: Path, credential: Credential, tmp_path: Path) -> None:
    out = tmp_path / "boat.webp"
    derive(published, out, credential=credential, rendition=Rendition(resize=200))
    found = compare(published, out)
    assert found.all_kept
    assert fates(published, out)["manifest"] == "kept"
    assert fates(published, out)[SOURCE_TYPE] == "kept"
    assert fates(published, out)["exif:Artist"] == "kept"


def test_an_image_server_that_strips_everything_is_caught(published: Path) -> None:
    out = io.BytesIO()
    with Image.open(published) as image:
        image.resize((100, 100)).save(out, "WEBP")
    found = fates(published, out.getvalue())
    assert found["manifest"] == found[SOURCE_TYPE] == found["exif:Artist"] == "lost"
    assert not compare(published, out.getvalue()).all_kept


def test_a_record_that_does_not_hold_any_more_is_not_kept(published: Path) -> None:
    altered = bytearray(published.read_bytes())
    altered[-1500] ^= 1
    assert fates(published, bytes(altered))["manifest"] == "broken"


def test_a_record_that_does_not_know_the_first_one_replaced_it(published: Path, credential: Credential) -> None:
    other = Signer(credential, profile="captured").sign_bytes(picture())
    found = fates(published, other)
    assert found["manifest"] == "replaced"
    assert found[SOURCE_TYPE] == "replaced"
    assert fates(picture(), other)["manifest"] == "added"
    assert fates(published, published)["manifest"] == "kept"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "provenance.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_the_commands_serve_the_tests_of_a_web_site(published: Path, development, tmp_path: Path) -> None:
    web = tmp_path / "boat.webp"
    how = ("--credential", development().credential)
    made = run("derive", published, "--resize", 120, "--format", "webp", "--quality", 80, "--out", web, *how)
    assert (made.returncode, made.stderr.count("\n")) == (0, 1), made.stderr
    kept = run("compare", published, web)
    assert kept.returncode == 0
    assert kept.stdout.startswith("kept  manifest")
    stripped = tmp_path / "stripped.jpg"
    with Image.open(published) as image:
        image.save(stripped)
    lost = run("compare", "--json", published, stripped)
    assert lost.returncode == 1
    assert json.loads(lost.stdout)["marks"][0]["fate"] == "lost"
    french = run("compare", "--lang", "fr", published, stripped)
    assert "L’attestation signée a été perdue." in french.stdout
    assert run("compare", published, tmp_path / "none.jpg").returncode == 3
    assert run("derive", published, "--crop", "1,2", "-o", web, *how).returncode == 2


def test_a_web_version_never_takes_the_place_of_its_source(
    published: Path, credential: Credential, tmp_path: Path
) -> None:
    before, link = published.read_bytes(), tmp_path / "link.jpg"
    link.symlink_to(published)
    for output in (published, link):
        with pytest.raises(OutputError, match="is the source"):
            derive(published, output, credential=credential, rendition=Rendition(resize=10))
    assert published.read_bytes() == before


def test_a_picture_that_a_codec_gives_up_on_is_refused(credential: Credential) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "AVIF")
    broken = out.getvalue().replace(b"pitm", b"free", 1)
    with pytest.raises(FormatError, match="no picture"):
        derive(broken, credential=credential, rendition=Rendition(format="png"))


@pytest.mark.parametrize(("form", "kept"), [("jpeg", True), ("webp", False)])
def test_a_colour_profile_goes_with_the_colours_that_it_is_for(form: str, kept: bool, credential: Credential) -> None:
    out = io.BytesIO()
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[16:20] = b"CMYK"
    Image.new("CMYK", (64, 48)).save(out, "JPEG", icc_profile=bytes(profile))
    made = derive(out.getvalue(), credential=credential, rendition=Rendition(format=form)).data
    with Image.open(io.BytesIO(made or b"")) as image:
        assert ("icc_profile" in image.info) is kept
