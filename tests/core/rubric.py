"""The official evaluator of the C2PA rubric "signals", and the files on which ours is compared with it.

    python -m tests.core.rubric

writes `data/signals.json` anew. It needs PyYAML and json-formula (github.com/adobe/json-formula-py), and the evaluator
and the rubric (c2pa-org/conformance-public 7dbff51, asset-rubrics) in `trust/asset-rubrics` beside the fixtures.
"""

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import c2pa

from ..conftest import FIXTURES, SAMPLES
from .signing import IPTC, Authority, created, manifest, picture

GOLDEN = Path(__file__).parent / "data" / "signals.json"
RUBRICS = FIXTURES.parent / "trust" / "asset-rubrics"
C2PA = "http://c2pa.org/digitalsourcetype/"


def official_signals(crjson: dict[str, Any]) -> dict[str, list[str]]:
    """What the official evaluator says of each manifest of a crJSON. It makes up others, which are left out."""
    if str(RUBRICS) not in sys.path:
        sys.path.insert(0, str(RUBRICS))
    from c2pa_signals_rubric_evaluator import evaluate_asset

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        answer = evaluate_asset(str(RUBRICS / "asset-rubric-signals-local.yml"), data_dict=crjson)
    assert "Error evaluating" not in said.getvalue(), said.getvalue()
    manifests = [each for each in answer["manifests"] if not each.get("pseudo")]
    return {
        own["label"]: sorted(
            signal["trait"] for signal in (*official["localInceptions"], *official["localTransformations"])
        )
        for own, official in zip(crjson["manifests"], manifests, strict=True)
    }


def crjson_and_store(media_type: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """The engine's crJSON of a file, and the manifest store. Raises `C2paError` where there is none to be read."""
    settings = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False}})
    store = io.BytesIO()
    with c2pa.Reader(media_type, io.BytesIO(data), context=settings) as reader:
        reader.resource_to_stream(json.loads(reader.json())["active_manifest"], store)
        return json.loads(reader.crjson()), store.getvalue()


def public_files() -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """The samples, and the public test files that have a manifest: name, crJSON and manifest store."""
    types = {".jpg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4", ".pdf": "application/pdf"}
    types[".c2pa"] = "application/c2pa"
    for folder in (SAMPLES, FIXTURES / "c2pa-rs", FIXTURES / "openai-signed", FIXTURES / "public-testfiles"):
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in types:
                with contextlib.suppress(c2pa.C2paError):
                    yield (
                        f"{folder.name}/{path.relative_to(folder).as_posix()}",
                        *crjson_and_store(types[path.suffix], path.read_bytes()),
                    )


def made_files() -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Files signed for this comparison, so that every signal is there, and what comes close to one and is none."""
    credential = Authority().issue("Test signer")
    for name, declared in MADE.items():
        flat = [({"title": "flat.jpg", "relationship": "componentOf"}, picture())]
        signed = credential.sign(picture(), declared, ingredients=flat if "ingredient" in name else ())
        yield name, *crjson_and_store("image/jpeg", signed)
    signed = credential.sign(picture(), manifest(created("digitalCapture")))
    inside = [({"title": "signed.jpg", "relationship": "parentOf"}, signed)]
    signed = credential.sign(picture(), manifest(_done("c2pa.edited", IPTC + "composite")), ingredients=inside)
    yield "an ingredient with a manifest", *crjson_and_store("image/jpeg", signed)


def _done(action: str, source_type: str | None = None) -> dict[str, Any]:
    return {"action": action} | ({"digitalSourceType": source_type} if source_type else {})


def _complete(*actions: dict[str, Any], own: bool = True, **more: Any) -> dict[str, Any]:
    declared = manifest(*actions, own=own, **more)
    declared["assertions"][0]["data"]["allActionsIncluded"] = True
    return declared


_CAPTURED = created("digitalCapture")

MADE = {
    **{
        f"created as {term}": _complete(created(term))
        for term in (
            *("digitalCapture", "computationalCapture", "compositeCapture", "composite", "trainedAlgorithmicMedia"),
            *("digitalCreation", "compositeWithTrainedAlgorithmicMedia", "screenCapture", "negativeFilm", "digitalArt"),
        )
    },
    "a blank canvas": _complete(_done("c2pa.created", C2PA + "empty")),
    "opened as digitalCreation": _complete(_done("c2pa.opened", IPTC + "digitalCreation")),
    "an https source type": _complete(_done("c2pa.created", IPTC.replace("http:", "https:") + "digitalCapture")),
    "an ingredient without a manifest": _complete(_CAPTURED),
    "actions that are not all": manifest(_CAPTURED),
    "gathered actions": _complete(_CAPTURED, own=False),
    "a custom action": _complete(_CAPTURED, _done("org.example.smudged")),
    "an unknown action": _complete(_CAPTURED, _done("c2pa.unknown")),
    "a version 1 claim": {**_complete(created("trainedAlgorithmicMedia")), "claim_version": 1},
    "a technical change": _complete(_CAPTURED, _done("c2pa.transcoded", IPTC + "trainedAlgorithmicMedia")),
    "an edit that names no source": _complete(_CAPTURED, _done("c2pa.cropped")),
    **{
        f"edited as {term}": _complete(_CAPTURED, _done("c2pa.edited", prefix + term))
        for prefix, term in (
            (IPTC, "trainedAlgorithmicMedia"),
            (IPTC, "compositeSynthetic"),
            (C2PA, "trainedAlgorithmicData"),
            (IPTC, "humanEdits"),
            (IPTC, "digitalArt"),
            (IPTC, "composite"),
        )
    },
}


def main() -> None:
    """Writes the golden file."""
    golden = {
        "evaluator": "c2pa-org/conformance-public 7dbff51, asset-rubrics/c2pa_signals_rubric_evaluator.py",
        "rubric": "asset-rubric-signals-local.yml 1.0 (2026-08-06)",
        "json_formula": "adobe/json-formula-py 8fbb607",
        "written_by": "python -m tests.core.rubric",
        "public": {name: official_signals(crjson) for name, crjson, _ in public_files()},
        # Labels of these are new each time: the manifests' answers alone, in order.
        "made": {name: sorted(official_signals(crjson).values()) for name, crjson, _ in made_files()},
    }
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
