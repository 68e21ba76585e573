"""`provenance manifest`: what a manifest store holds is taken out as it is, and safely."""

import hashlib
import io
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image

from .command import run
from .embedding import in_html, sign_embedded
from .signing import Authority, created, manifest, opened, parent, picture, plain_picture, thumbnail

pytestmark = pytest.mark.slow

PRESS = Authority().issue("Example Press")
CAPTURE = created("digitalCapture")


def signed(**more: object) -> tuple[bytes, bytes]:
    return PRESS.sign_as("image/jpeg", picture(), manifest(CAPTURE, **more))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(signed(title="photo.jpg")[0])
    return path


def active(done) -> dict:
    assert done.returncode == 0, done.stderr
    store = json.loads(done.stdout)
    return store["manifests"][store["active_manifest"]]


def test_the_store_is_printed_as_the_engine_gives_it(photo: Path) -> None:
    assert active(run("manifest", photo))["title"] == "photo.jpg"


def test_the_detailed_form_holds_the_claim(photo: Path) -> None:
    assert active(run("manifest", "--detailed", photo))["claim"]["dc:title"] == "photo.jpg"


def test_crjson_validates_the_asset_that_the_manifest_is_in(photo: Path) -> None:
    document = json.loads(run("manifest", "--crjson", photo).stdout)
    assert document["@context"]["@vocab"] == "https://c2pa.org/crjson"
    assert "assertion.dataHash.match" in json.dumps(document)


def test_the_bytes_are_those_of_the_store(tmp_path: Path) -> None:
    asset, store = signed()
    (tmp_path / "photo.jpg").write_bytes(asset)
    target = tmp_path / "out.c2pa"
    assert run("manifest", "--raw", target, tmp_path / "photo.jpg").returncode == 0
    assert target.read_bytes() == store
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.c2pa", "photo.jpg"]  # and no partial file


def test_a_manifest_beside_the_file_is_read_and_checked_with_it(tmp_path: Path) -> None:
    asset, store = PRESS.sign_apart(picture(), manifest(CAPTURE, title="beside"))
    (tmp_path / "photo.jpg").write_bytes(asset)
    (tmp_path / "photo.c2pa").write_bytes(store)
    assert active(run("manifest", tmp_path / "photo.jpg"))["title"] == "beside"
    assert "assertion.dataHash.match" in run("manifest", "--crjson", tmp_path / "photo.jpg").stdout
    assert active(run("manifest", "--detailed", tmp_path / "photo.jpg"))


@pytest.mark.parametrize("options", [[], ["--detailed"], ["--crjson"]])
def test_of_a_manifest_on_its_own_it_is_said_that_the_content_was_not_checked(
    options: list[str], tmp_path: Path
) -> None:
    (tmp_path / "alone.c2pa").write_bytes(signed(title="alone")[1])
    done = run("manifest", *options, tmp_path / "alone.c2pa")
    assert done.returncode == 0
    assert "alone" in done.stdout
    assert "does not count" in done.stderr


def test_a_text_that_only_the_second_engine_opens_gives_its_store_too(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(
        sign_embedded(PRESS, b"<!DOCTYPE html><html><head></head><body>Hello</body></html>", manifest(CAPTURE), in_html)
    )
    label = active(run("manifest", page))["label"]
    assert run("manifest", "--raw", tmp_path / "page.c2pa", page).returncode == 0
    assert active(run("manifest", tmp_path / "page.c2pa"))["label"] == label
    assert active(run("manifest", "--detailed", page))


def test_the_certificates_are_those_that_signed(photo: Path) -> None:
    (chains,) = json.loads(run("manifest", "--certificates", photo).stdout).values()
    ders = [certificate.public_bytes(Encoding.DER) for certificate in PRESS.chain]
    assert [each["fingerprint"] for each in chains["signer"]] == [hashlib.sha256(der).hexdigest() for der in ders]
    assert chains["signer"][0]["subject"] == "CN=Example Press,O=Example Press"
    assert chains["time_stamp"] == []


def test_thumbnails_are_written_anew_under_names_of_our_own(tmp_path: Path) -> None:
    original = PRESS.sign(
        picture(), manifest(CAPTURE, **thumbnail("own.jpg")), resources={"own.jpg": plain_picture("red")}
    )
    hidden = plain_picture("blue") + b"<script>"
    edit = PRESS.sign(
        picture(),
        manifest(opened("../../evil.jpg"), title="../../evil.jpg"),
        ingredients=[(parent("../../evil.jpg", **thumbnail("kept.jpg")), original)],
        resources={"kept.jpg": hidden},
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "photo.jpg").write_bytes(edit)
    folder = tmp_path / "a" / "b" / "pictures"
    done = run("manifest", "--thumbnails", folder, tmp_path / "in" / "photo.jpg")
    assert done.returncode == 0, done.stderr
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == ["01-claim.jpg", "02-ingredient.jpg"]
    assert list(json.loads(done.stdout)) == [path.name for path in files]
    pixels = [Image.open(io.BytesIO(path.read_bytes())).getpixel((5, 5)) for path in files]
    assert pixels[0][0] > 200 > 50 > pixels[0][2]
    assert pixels[1][2] > 200 > 50 > pixels[1][0]
    assert b"<script>" not in files[1].read_bytes()
    assert not list(tmp_path.rglob("evil*"))


def test_control_and_direction_characters_reach_the_terminal_only_as_their_numbers(tmp_path: Path) -> None:
    title = "a\u202egpj\x1b[31m\x9b31m\u2028\U000e0041 é 日本 \x7f"
    path = tmp_path / "photo.jpg"
    path.write_bytes(signed(title=title)[0])
    for options in ([], ["--detailed"], ["--crjson"]):
        out = run("manifest", *options, path).stdout
        assert not set("\u202e\x1b\x9b\u2028\U000e0041\x7f") & set(out)
        assert "é 日本" in out
    assert active(run("manifest", path))["title"] == title  # and nothing is lost
    assert "\u202e" not in run("verify", "--crjson", path).stdout


def test_where_there_is_no_manifest_the_reason_is_said_and_the_exit_code_is_3(tmp_path: Path, samples: Path) -> None:
    garbage = tmp_path / "garbage.c2pa"
    garbage.write_bytes(signed()[1][:200])
    for path in (samples / "nothing-known.jpg", tmp_path / "gone.jpg", tmp_path, garbage):
        for options in ([], ["--raw", tmp_path / "out.c2pa"]):
            done = run("manifest", *options, path)
            assert (done.returncode, done.stdout) == (3, ""), path
            assert done.stderr.startswith("provenance: ")
    assert not (tmp_path / "out.c2pa").exists()


def test_a_damaged_record_is_taken_out_byte_for_byte(fixtures: Path, tmp_path: Path) -> None:
    path = fixtures / "c2pa-rs/adobe-20220124-E-clm-CAICAI.jpg"
    assert run("manifest", "--raw", tmp_path / "out.c2pa", path).returncode == 0
    store, data = (tmp_path / "out.c2pa").read_bytes(), path.read_bytes()
    assert int.from_bytes(store[:4], "big") == len(store)
    assert store[8 : 8 + 30_000] in data  # up to the end of the first segment
    assert store[-1_000:] in data


def test_wrong_usage_overwrites_nothing(photo: Path) -> None:
    before = photo.read_bytes()
    assert run("manifest", "--raw", photo, photo).returncode == 2
    assert run("manifest", "--detailed", "--crjson", photo).returncode == 2
    assert run("manifest").returncode == 2
    assert photo.read_bytes() == before
    target = photo.parent / "no-such-folder" / "out.c2pa"
    done = run("manifest", "--raw", target, photo)
    assert done.returncode == 4
    assert "cannot be written" in done.stderr
