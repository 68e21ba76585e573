"""Requests made up from the OpenAPI documents, ours and the published one: every answer is one that is documented."""

import json
from pathlib import Path

from provenance_benchmarks.service_fuzz import asked, fuzz, published

SOFT_BINDINGS = Path(__file__).parents[1] / "data" / "soft-binding-resolution.json"


def test_a_client_with_a_key_gets_documented_answers_alone(tmp_path, postgres):
    with asked(tmp_path, "--fetch-urls", database=postgres.new_database()) as service:
        found = fuzz(
            service.document, service.url, key=service.key, known=service.known, per_operation=2, methods=("options",)
        )
    assert found.failures == {}
    assert found.calls > 400
    assert {("GET /v1/jobs/{job}", 200), ("GET /v1/reports/{report_id}", 200)} < set(found.answers)


def test_a_client_without_a_key_gets_documented_answers_alone(tmp_path):
    with asked(tmp_path) as service:
        found = fuzz(service.document, service.url, known=service.known, per_operation=3, limits=False)
    assert found.failures == {}
    assert found.calls > 50


def test_the_published_soft_binding_resolution_api_is_kept(tmp_path):
    document = published(json.loads(SOFT_BINDINGS.read_text()))
    with asked(tmp_path) as service:
        found = fuzz(document, f"{service.url}/v1", key=service.key, known=service.known, per_operation=4)
    assert found.failures == {}
    for operation in (
        "GET /matches/byBinding", "POST /matches/byBinding", "POST /matches/byContent", "GET /manifests/{manifestId}",
        "GET /services/supportedAlgorithms",
    ):  # fmt: skip
        assert found.answers[operation, 200] > 0
