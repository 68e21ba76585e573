"""The report as data: its schema is pinned, and real reports keep it."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

import provenance
from provenance.report import SCHEMA_FILE, SCHEMA_VERSION, Report, report_schema

# The SHA-256 of each schema. From the first release on a line is added for a new version, and none is ever changed.
PUBLISHED = {"1.0": "6177bc1d31987c4ab4ea50b2966aafb117c2f066afc39fb9516b94f65178429b"}


def test_the_schema_does_not_change_without_its_version() -> None:
    current = json.dumps(report_schema(), indent=2) + "\n"
    assert SCHEMA_FILE.read_text("utf-8") == current, "run `make schema` after raising SCHEMA_VERSION in report.py"
    assert hashlib.sha256(current.encode()).hexdigest() == PUBLISHED[SCHEMA_VERSION]


def test_every_published_schema_is_still_there() -> None:
    for version, digest in PUBLISHED.items():
        content = (SCHEMA_FILE.parent / f"report-{version}.json").read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest


@pytest.mark.slow
def test_real_reports_keep_the_schema(verifier: provenance.Verifier, fixtures: Path) -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    for path in sorted((fixtures / "c2pa-rs").glob("*.*")):
        validator.validate(json.loads(verifier.verify(path).model_dump_json()))


def test_the_names_that_clients_build_on(verifier: provenance.Verifier, samples: Path) -> None:
    report = json.loads(verifier.verify(samples / "signed-ai.jpg").model_dump_json())
    assert {"asset", "credentials", "evidence", "conclusion", "remarks", "versions", "schema_version"} <= set(report)
    assert set(report["asset"]) == {"sha256", "media_type", "size", "name", "segments"}
    credentials = {
        "integrity",
        "engines",
        "signer",
        "time",
        "codes",
        "history",
        "signals",
        "signals_rubric",
        "identities",
    }
    assert set(report["credentials"]) == credentials
    conclusion = {"state", "origin", "assurance", "headline", "because", "conflicts", "limits", "advice"}
    assert set(report["conclusion"]) == conclusion
    assert {"toolkit", "engines", "trust_lists", "detectors"} <= set(report["versions"])
    assert {"state", "name", "issuer"} <= set(report["credentials"]["signer"])
    assert {"state", "time"} <= set(report["credentials"]["time"])
    assert {"state", "steps"} <= set(report["credentials"]["history"])


def test_a_report_comes_back_from_its_json(verifier: provenance.Verifier, samples: Path) -> None:
    report = verifier.verify(samples / "declared-ai.png")
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_a_report_cannot_be_changed(verifier: provenance.Verifier, samples: Path) -> None:
    report = verifier.verify(samples / "signed-ai.jpg")
    with pytest.raises(ValidationError, match="frozen"):
        report.conclusion.origin = "captured"  # type: ignore[misc,assignment]


def test_the_versions_say_how_old_the_trust_lists_are(verifier: provenance.Verifier, samples: Path) -> None:
    lists = {each.name: each for each in verifier.verify(samples / "signed-ai.jpg").versions.trust_lists}
    assert lists["C2PA Trust List"].date.startswith("2026-08-05")
    assert lists["C2PA Trust List"].entries == 30
