"""Amending: the record changes, the asset does not; and who says they made it, beside the signer."""

import io
import json
import subprocess
import sys
from pathlib import Path

import c2pa
import pytest
from PIL import Image

import provenance
from provenance.format_table import family_of
from provenance_signing import Credential, IdentitySigner, Signer
from provenance_signing.amendment import _UPDATED as UPDATED
from provenance_signing.amendment import amend
from provenance_signing.errors import FormatError, IngredientError, ProfileError
from provenance_signing.keys.development import create

from ..core.signing import picture
from ..patience import PATIENCE
from .media import MEDIA, media


@pytest.fixture
def signed(credential: Credential) -> bytes:
    return Signer(credential, profile="ai-generated").sign_bytes(
        picture(), name="a.jpg", model="M", training_mining="allowed"
    )


@pytest.fixture(scope="module")
def jane(tmp_path_factory: pytest.TempPathFactory) -> Credential:
    return Credential.load(create(tmp_path_factory.mktemp("jane") / "files", organisation="Jane Doe").credential)


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()


def labels(data: bytes) -> list[set[str]]:
    store = json.loads(c2pa.Reader("image/jpeg", io.BytesIO(data)).detailed_json())
    return [set(manifest["assertion_store"]) for manifest in store["manifests"].values()]


@pytest.mark.parametrize("media_type", MEDIA)
def test_the_record_grows_and_the_content_stays(
    media_type: str, credential: Credential, trusting: provenance.Verifier, fixtures: Path
) -> None:
    before = Signer(credential, profile="ai-generated").sign_bytes(media(media_type, fixtures), model="M")
    note = {"label": "org.example.note", "created": True, "data": {"checked": "by the desk"}}
    after = amend(before, credential=credential, permission="notAllowed", assertions=[note]).data
    assert after is not None
    report = trusting.verify(after, name=MEDIA[media_type])
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    first, second = report.credentials.history.steps
    assert first.update == (family_of(media_type) in UPDATED)
    assert second.relationship == "parentOf"
    assert report.conclusion.origin == "ai-generated"  # the content is still what AI made
    if media_type in ("image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff"):
        assert pixels(after) == pixels(before)


def test_a_redacted_assertion_is_gone_and_the_record_says_so(
    signed: bytes, credential: Credential, trusting: provenance.Verifier
) -> None:
    after = amend(signed, credential=credential, redact=["cawg.training-mining"], reason="c2pa.invalid.data").data
    assert after is not None
    assert pixels(after) == pixels(signed)
    report = trusting.verify(after)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.history.state == "intact"
    (redaction,) = report.credentials.history.steps[1].redactions
    assert (redaction.part, redaction.by, redaction.reason) == ("cawg.training-mining", 0, "c2pa.invalid.data")
    assert b"cawg.ai_generative_training" in signed
    assert b"cawg.ai_generative_training" not in after


@pytest.mark.parametrize(
    ("redact", "why"),
    [
        ("c2pa.actions.v2", "does not allow"),
        ("c2pa.hash.data", "does not allow"),
        ("c2pa.metadata", "there are c2pa.actions.v2"),
    ],
)
def test_what_must_not_or_cannot_be_redacted_is_refused(
    redact: str, why: str, signed: bytes, credential: Credential
) -> None:
    with pytest.raises(ProfileError, match=why):
        amend(signed, credential=credential, redact=[redact])


def test_a_label_that_several_manifests_have_must_be_named_whole(
    signed: bytes, credential: Credential, trusting: provenance.Verifier
) -> None:
    twice = amend(signed, credential=credential, permission="notAllowed").data
    assert twice is not None
    with pytest.raises(ProfileError, match="name it whole"):
        amend(twice, credential=credential, redact=["cawg.training-mining"])
    first = trusting.verify(signed).credentials.history.steps[0].manifest
    uri = f"self#jumbf=/c2pa/{first}/c2pa.assertions/cawg.training-mining"
    after = amend(twice, credential=credential, redact=[uri]).data
    assert after is not None
    assert trusting.verify(after).credentials.integrity.state == "intact"
    assert sum("cawg.training-mining" in each for each in labels(after)) == 1


def test_a_named_person_stands_beside_the_signer(
    signed: bytes, credential: Credential, jane: Credential, trusting: provenance.Verifier
) -> None:
    who = IdentitySigner(jane, roles=("cawg.creator",))
    for data in (
        amend(signed, credential=credential, permission="allowed", identity=who).data,
        Signer(credential, profile="captured").sign(picture(), identity=who).data,
    ):
        assert data is not None
        report = trusting.verify(data)
        assert report.credentials.integrity.state == "intact"
        assert report.credentials.signer.name == "Example newsroom"
        (identity,) = report.credentials.identities
        assert (identity.name, identity.roles, identity.state) == ("Jane Doe", ("cawg.creator",), "untrusted")


def test_what_has_no_record_or_one_that_does_not_hold_is_not_amended(signed: bytes, credential: Credential) -> None:
    with pytest.raises(IngredientError, match="no manifest inside"):
        amend(picture(), credential=credential, permission="allowed")
    altered = bytearray(signed)
    altered[-1500] ^= 1
    with pytest.raises(IngredientError, match=r"does not hold \(altered\)"):
        amend(bytes(altered), credential=credential, permission="allowed")
    with pytest.raises(FormatError, match="text/plain"):
        amend(b"text", credential=credential, permission="allowed")
    with pytest.raises(ProfileError, match="nothing to amend"):
        amend(signed, credential=credential)
    with pytest.raises(ProfileError, match="a reason is one of"):
        amend(signed, credential=credential, redact=["cawg.training-mining"], reason="because")


def test_the_command_amends_in_place(signed: bytes, development, tmp_path: Path, authority_root: bytes) -> None:
    path, note = tmp_path / "a.jpg", tmp_path / "note.json"
    path.write_bytes(signed)
    note.write_text('{"desk": "foreign"}')
    command = [sys.executable, "-m", "provenance.cli", "amend", path, "--in-place", "--assertion"]
    command += [f"org.example.note={note}", "--credential", development().credential, "--json"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    step = provenance.Verifier(trust=authority_root).verify(path).credentials.history.steps[0]
    assert (step.manifest, step.update) == (json.loads(done.stdout)["manifest"], True)


def test_a_record_beside_the_asset_is_not_lost(credential: Credential, fixtures: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(media("image/webp", fixtures))
    Signer(credential, profile="ai-generated").sign(path, sidecar=True, model="M")
    with pytest.raises(IngredientError, match="no manifest inside"):
        amend(path, tmp_path / "out.webp", credential=credential, permission="notAllowed")
    assert not (tmp_path / "out.webp").exists()
