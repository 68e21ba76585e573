"""What must be true of real files, through the library, the command and the endpoint alike."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

import provenance

from .patience import PATIENCE
from .sweeps import tries


@dataclass(frozen=True)
class Expected:
    path: str
    integrity: str
    signer: set[str] | None = None
    origin: set[str] | None = None
    assurance: str | None = None
    history: str | None = None
    headline: str | None = None
    conflicts: set[str] = field(default_factory=set)
    remarks: set[str] = field(default_factory=set)
    because: str | None = None


ADOBE = "public-testfiles/image/jpeg/adobe-20220124-"
ANY_AI = {"ai-generated", "ai-edited"}
ORIGIN_OR_UNKNOWN = {"unknown", "digital-creation", "captured", "ai-generated", "ai-edited"}

EXPECTED = [
    Expected(
        "openai-signed/vinyl-output.png",
        "intact",
        {"known"},
        ANY_AI,
        "attested",
        "intact",
        remarks={"remark.certificate_expired", "remark.malformed_action"},
    ),
    *(
        Expected(f"{ADOBE}{name}.jpg", "intact", {"untrusted"}, ORIGIN_OR_UNKNOWN, "attested")
        for name in ("C", "CA", "CAI", "CAICAI")
    ),
    Expected(f"{ADOBE}E-dat-CA.jpg", "altered", assurance="none", headline="headline.altered"),
    Expected(
        "public-testfiles/image/jpeg/truepic-20230212-landscape.jpg",
        "partial",
        assurance="none",
        headline="headline.partial",
    ),
    Expected(f"{ADOBE}E-sig-CA.jpg", "broken", {"none"}, {"unknown"}, "none", because="c2pa.broken.signature"),
    Expected("c2pa-rs/E-sig-CA.jpg", "broken", {"none"}, {"unknown"}, "none", because="c2pa.broken.signature"),
    Expected(
        f"{ADOBE}E-clm-CAICAI.jpg",
        "broken",
        assurance="none",
        because="c2pa.broken.ingredient",
        conflicts={"c2pa.history_broken"},
    ),
    Expected(
        f"{ADOBE}E-uri-CIE-sig-CA.jpg",
        "intact",
        {"untrusted"},
        assurance="attested",
        history="broken",
        headline="headline.unknown.attested.history_broken",
        conflicts={"c2pa.history_broken"},
    ),
    Expected(f"{ADOBE}A.jpg", "absent", {"none"}, {"unknown"}, "none"),
    Expected("c2pa-rs/video1.mp4", "intact", {"untrusted"}),
    Expected("c2pa-rs/express-signed.pdf", "intact", {"known"}),
    Expected("c2pa-rs/cloud.jpg", "remote", headline="headline.remote", because="c2pa.remote"),
]

GENERATORS = {
    "AUTOMATIC1111/automatic1111_cropped.png": ("AUTOMATIC1111", "realistic_realisticVisionV20_v20"),
    "AUTOMATIC1111/automatic1111_cropped.jpg": ("AUTOMATIC1111", "realistic_realisticVisionV20_v20"),
    "AUTOMATIC1111/automatic1111_stealth.png": ("AUTOMATIC1111", "realisticVisionV51_v51VAE"),
    "ComfyUI/img2img_cropped.png": ("ComfyUI", "v1-5-pruned-emaonly.ckpt"),
    "ComfyUI/night_evening_day_morning_cropped.png": ("ComfyUI", "Anything-V3.0.ckpt"),
    "ComfyUI/noisy_latents_3_subjects_cropped.png": ("ComfyUI", "Anything-V3.0.ckpt"),
    "ComfyUI/unclip_2pass_cropped.png": ("ComfyUI", "cardosAnimated_v20.safetensors"),
    "Fooocus/fooocus1_cropped.png": ("Fooocus", "juggernautXL_v8Rundiffusion"),
    "InvokeAI/invokeai_dream1.png": ("InvokeAI", ""),
    "InvokeAI/invokeai_imeta1.png": ("InvokeAI", "juggernautXL"),
    "InvokeAI/invokeai_sdmeta1.png": ("InvokeAI", "deliberateForInvoke_v08"),
    "NovelAI/novelai1_cropped.png": ("NovelAI", "Stable Diffusion"),
}

Ask = Callable[[Path], dict[str, Any]]


def _ask_library(path: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(provenance.verify(path).model_dump_json())
    return answer


def _ask_command(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "provenance.cli", "verify", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert "Traceback" not in done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    integrity = answer["credentials"]["integrity"]["state"]
    assert done.returncode == {"altered": 1, "broken": 1, "unreadable": 3}.get(integrity, 0)
    return answer


WAYS = ("library", "command", "endpoint")


def _every_way_for_some(cases: Collection[Any], some: int) -> list[tuple[Any, str]]:
    """Every case through the library; the first, the last and what lies between, so many, through all ways.

    The ways end in the same report of the same verifier: what differs is how they take a file and write an answer.
    """
    step = max(1, (len(cases) - 1) // (some - 1))
    chosen = list(cases)[::step][:some]
    return [(case, way) for case in cases for way in (WAYS if case in chosen else WAYS[:1])]


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest) -> Ask:
    if request.param == "library":
        return _ask_library
    if request.param == "command":
        return _ask_command
    address = request.getfixturevalue("service")

    def ask_endpoint(path: Path) -> dict[str, Any]:
        with path.open("rb") as stream:
            response = httpx.post(f"{address}/v1/verify", files={"file": (path.name, stream)}, timeout=PATIENCE)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    return ask_endpoint


def _keys(messages: list[dict[str, Any]]) -> set[str]:
    return {message["key"] for message in messages}


@pytest.mark.parametrize(
    ("expected", "ask"),
    _every_way_for_some(EXPECTED, 3),
    indirect=["ask"],
    ids=lambda value: value if isinstance(value, str) else Path(value.path).name,
)
def test_a_real_file_gets_the_answer_that_it_deserves(expected: Expected, ask: Ask, fixtures: Path) -> None:
    answer = ask(fixtures / expected.path)
    credentials, conclusion = answer["credentials"], answer["conclusion"]
    assert credentials["integrity"]["state"] == expected.integrity
    assert expected.signer is None or credentials["signer"]["state"] in expected.signer
    assert expected.origin is None or conclusion["origin"] in expected.origin
    assert expected.assurance is None or conclusion["assurance"] == expected.assurance
    assert expected.history is None or credentials["history"]["state"] == expected.history
    assert expected.headline is None or conclusion["headline"]["key"] == expected.headline
    assert expected.conflicts <= _keys(conclusion["conflicts"])
    assert expected.remarks <= _keys(answer["remarks"])
    assert expected.because is None or expected.because in _keys(conclusion["because"])


@pytest.mark.parametrize(("path", "ask"), _every_way_for_some(GENERATORS, 3), indirect=["ask"])
def test_a_generator_that_names_itself_is_declared_with_its_model(path: str, ask: Ask, fixtures: Path) -> None:
    names = GENERATORS[path]
    answer = ask(fixtures / "generator-metadata" / "parsers" / path)
    assert answer["credentials"]["integrity"]["state"] == "absent"
    assert (answer["conclusion"]["origin"], answer["conclusion"]["assurance"]) == ("ai-generated", "declared")
    agents = " ".join(item["agent"] or "" for item in answer["evidence"])
    assert names[0] in agents
    assert names[1] in agents


def test_a_photo_with_appended_prompt_bytes_is_not_called_ai(ask: Ask, fixtures: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(
        (fixtures / "c2pa-rs" / "IMG_0003.jpg").read_bytes() + b'tEXtprompt\0{"1": {"class_type": "KSampler"}}'
    )
    answer = ask(photo)
    assert answer["conclusion"]["origin"] == "unknown"
    assert answer["conclusion"]["assurance"] == "none"
    assert "remark.trailing" in _keys(answer["remarks"])
    assert "metadata.suspicious_trailing" in _keys(answer["conclusion"]["conflicts"])


def test_a_file_without_marks_is_told_that_absence_proves_nothing(ask: Ask, fixtures: Path) -> None:
    answer = ask(fixtures / f"{ADOBE}A.jpg")
    assert "limit.absence" in _keys(answer["conclusion"]["limits"])


def test_no_verification_opens_a_connection_unasked(ask: Ask, listener: socket.socket, calling_file: Path) -> None:
    integrity = ask(calling_file)["credentials"]["integrity"]
    assert integrity["state"] == "remote"
    assert integrity["remote_url"] == f"http://localhost:{listener.getsockname()[1]}/libpng-test.c2pa"
    with pytest.raises(TimeoutError):
        listener.accept()


def test_the_remote_manifest_is_named_and_not_fetched(ask: Ask, fixtures: Path) -> None:
    answer = ask(fixtures / "c2pa-rs" / "cloud.jpg")
    assert answer["credentials"]["integrity"]["remote_url"].startswith("https://cai-manifests.adobe.com/")


@tries(30, 300)  # test_hostile_input.py gives all of them to the command in every run
def test_the_endpoint_survives_every_fuzzed_image(tries: int, service: str, fixtures: Path) -> None:
    files = sorted((fixtures / "fuzzed-images").iterdir())
    assert len(files) > 300
    files = files[:: len(files) // tries]
    with httpx.Client(timeout=PATIENCE) as client:
        for path in files:
            response = client.post(f"{service}/v1/verify", files={"file": (path.name, path.read_bytes())})
            assert response.status_code == 200, path.name
            assert response.json()["asset"]["size"] == path.stat().st_size
