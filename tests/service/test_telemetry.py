"""What the operator sees: numbers, figures and log lines; and nothing of what was sent."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from ..patience import PATIENCE

NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _figures(service):
    text = httpx.get(f"{service.url}/metrics").text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _requests(figures, path, status):
    return figures.get(("provenance_requests_total", ("method", "POST"), ("path", path), ("status", str(status))), 0.0)


def test_answers_and_times_are_counted_by_path_and_status(start, picture):
    service = start()
    for _ in range(3):
        assert service.verify(picture).status_code == 200
    assert httpx.post(f"{service.url}/v1/verify", content=b"x").status_code == 415
    for number in range(5):
        assert httpx.post(f"{service.url}/tried/{number}").status_code == 404
    figures = _figures(service)
    assert _requests(figures, "/v1/verify", 200) == 3
    assert _requests(figures, "/v1/verify", 415) == 1
    assert _requests(figures, "(unknown)", 404) == 5
    assert figures[("provenance_request_seconds_count", ("path", "/v1/verify"))] == 4
    assert figures[("provenance_request_seconds_sum", ("path", "/v1/verify"))] > 0.001
    assert figures[("provenance_uploads",)] == 0
    assert not [key for key in figures if "tried" in str(key) or "picture" in str(key)]


def test_what_detectors_say_and_workers_that_were_stopped_are_counted(start, tmp_path):
    service = start()
    Image.new("RGB", (90, 90)).save(tmp_path / "small.png")
    answer = httpx.post(
        f"{service.url}/v1/detect", files={"file": (tmp_path / "small.png").open("rb")}, timeout=PATIENCE
    )
    said = [(each["detector"], each["decision"]) for each in answer.json()["answers"]]
    assert ("image", "abstain") in said
    figures = _figures(service)
    assert figures[("provenance_detector_answers_total", ("decision", "abstain"), ("detector", "image"))] == 1
    assert figures[("provenance_workers_stopped",)] == 0
    hurried = start(PROVENANCE_TIME_LIMIT="0.001")
    httpx.post(f"{hurried.url}/v1/detect", files={"file": (tmp_path / "small.png").open("rb")}, timeout=PATIENCE)
    assert _figures(hurried)[("provenance_workers_stopped",)] >= 1


def test_every_answer_has_a_number_of_its_own_and_a_problem_names_it(service):
    answers = [httpx.get(f"{service.url}/nothing") for _ in range(3)]
    numbers = [answer.headers["request-id"] for answer in answers]
    assert all(NUMBER.fullmatch(number) for number in numbers)
    assert len(set(numbers)) == 3
    assert [answer.json()["instance"] for answer in answers] == [f"urn:uuid:{number}" for number in numbers]
    assert "instance" not in httpx.get(f"{service.url}/healthz").json()


def test_a_client_cannot_choose_the_number(service):
    answer = httpx.get(f"{service.url}/healthz", headers={"Request-Id": "mine"})
    assert NUMBER.fullmatch(answer.headers["request-id"])


def test_the_service_is_ready_while_a_worker_answers(service, start):
    assert httpx.get(f"{service.url}/readyz").json() == {"status": "ok", "storage": "ok"}
    stuck = start(PROVENANCE_TIME_LIMIT="1")
    (worker,) = stuck.workers()
    os.kill(worker, signal.SIGSTOP)
    assert httpx.get(f"{stuck.url}/readyz", timeout=PATIENCE).status_code == 503
    assert httpx.get(f"{stuck.url}/healthz").status_code == 200
    # The worker that does not answer was replaced.
    assert httpx.get(f"{stuck.url}/readyz", timeout=PATIENCE).status_code == 200


def test_figures_can_be_switched_off(start):
    assert httpx.get(f"{start(PROVENANCE_METRICS='false').url}/metrics").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "text", "none"])
def test_the_log_has_a_line_for_each_answer_and_nothing_of_what_was_sent(form, picture):
    process = subprocess.Popen(
        [sys.executable, "-m", "provenance.cli", "serve", "--port", "0", "--log", form],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    url = process.stdout.readline().removeprefix("Serving on ").strip()
    answer = httpx.post(
        f"{url}/v1/verify?secret=1", files={"file": ("secret-name.jpg", picture.read_bytes())}, timeout=PATIENCE
    )
    process.terminate()
    _, log = process.communicate(timeout=PATIENCE)
    lines = [line for line in log.splitlines() if "/v1/verify" in line]
    assert len(lines) == (0 if form == "none" else 1)
    assert "secret" not in log
    assert "127.0.0.1" not in log
    if form == "json":
        line = json.loads(lines[0])
        assert line["id"] == answer.headers["request-id"]
        assert (line["method"], line["path"], line["status"]) == ("POST", "/v1/verify", 200)
        assert 0 < line["seconds"] < 60


def test_each_source_is_timed_and_waiting_items_are_counted(start, picture):
    service = start()
    for _ in range(3):
        service.verify(picture)
    figures = _figures(service)
    assert figures[("provenance_source_seconds_count", ("source", "c2pa"))] == 3
    assert figures[("provenance_source_seconds_sum", ("source", "c2pa"))] > 0.0005
    assert figures[("provenance_source_seconds_count", ("source", "metadata"))] == 3
    assert figures[("provenance_job_items_waiting",)] == 0


@pytest.fixture
def collector():
    """A collector that speaks OTLP, and what it was sent."""
    spans = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            sent = ExportTraceServiceRequest.FromString(body)
            spans.extend(span for each in sent.resource_spans for scope in each.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()


def test_spans_go_to_a_collector_with_the_request_and_its_sources(start, collector, picture):
    url, spans = collector
    service = start(PROVENANCE_COLLECTOR=url)
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = service.verify(picture, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert service.stop() == 0
    (request,) = (each for each in spans if each.name == "POST /v1/verify")
    assert request.trace_id.hex() == trace
    about = {each.key: each.value for each in request.attributes}
    assert about["provenance.request_id"].string_value == answer.headers["request-id"]
    assert about["http.response.status_code"].int_value == 200
    inside = {each.name: each for each in spans if each.parent_span_id == request.span_id}
    assert {"c2pa", "metadata"} <= set(inside)
    for each in inside.values():
        assert request.start_time_unix_nano <= each.start_time_unix_nano
        assert each.start_time_unix_nano <= each.end_time_unix_nano <= request.end_time_unix_nano
    assert "picture" not in str(spans)
    assert "127.0.0.1" not in str(spans)


def test_a_collector_that_is_away_costs_nothing(start, picture):
    service = start(PROVENANCE_COLLECTOR="http://127.0.0.1:1")
    assert service.verify(picture).status_code == 200
    assert service.stop() == 0
