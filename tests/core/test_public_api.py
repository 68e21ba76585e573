"""What the package promises: its names, and that importing it stays light."""

import json
import subprocess
import sys

import provenance


def test_the_public_names_are_these() -> None:
    assert provenance.__all__ == [
        "Asset",
        "AssetError",
        "Assurance",
        "Conclusion",
        "Credentials",
        "Evidence",
        "EvidenceSource",
        "FetchError",
        "Fetcher",
        "Findings",
        "Kind",
        "Message",
        "MissingExtraError",
        "Origin",
        "Policy",
        "PolicyError",
        "ProvenanceError",
        "RefusedTypeError",
        "Report",
        "SettingError",
        "Status",
        "TrustError",
        "TrustStore",
        "Verifier",
        "conclude",
        "report_schema",
        "verify",
    ]


def test_every_public_name_is_there_and_documented() -> None:
    for name in provenance.__all__:
        assert getattr(provenance, name).__doc__, name
    assert dir(provenance) == sorted(provenance.__all__)


def test_importing_and_verifying_load_no_heavy_package(samples) -> None:
    script = (
        "import sys, json, provenance; provenance.verify(sys.argv[1]);"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    command = [sys.executable, "-c", script, str(samples / "signed-ai.jpg")]
    loaded = set(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    assert loaded.isdisjoint({"torch", "transformers", "fastapi", "numpy", "onnxruntime", "rich", "jinja2", "httpcore"})
    assert "c2pa" in loaded


def test_the_example_in_the_readme_works(samples) -> None:
    report = provenance.verify(samples / "signed-ai.jpg")
    assert report.conclusion.headline.text.startswith("Made with AI")
