"""Requests that schemathesis makes up from an OpenAPI document, and what the service answers. `make fuzz-service`.

Four services are asked: with and without `--fetch-urls`, with a key that may do everything and without any. Then one
is asked by the document that C2PA published for its Soft Binding Resolution API. Every answer goes through all checks
of schemathesis; where a check cannot hold, `_EXPECTED` says why.
"""

import copy
import io
import json
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import httpx
import schemathesis
from hypothesis import strategies
from schemathesis import engine
from schemathesis.checks import load_all_checks
from schemathesis.engine import events

from provenance_service.access.scope import Scope
from provenance_signing.keys.development import create

from .local_service import new_key, serving
from .measurement import machine

_SAMPLES: Final = Path(__file__).parents[2] / "samples"

# What a client may name as an address: nothing here leads to another machine.
_ADDRESSES: Final = (
    *("https://127.0.0.1/a.jpg", "https://[::1]/", "https://localhost:1/", "https://nothing.invalid/photo.jpg"),
    *("http://127.0.0.1/", "https://169.254.169.254/latest", "file:///etc/passwd", "https://nothing.invalid/%00?a=\0"),
)

_FACTS: Final = (
    *('{"profile": "ai-generated", "model": "Example Model"}', '{"profile": "ai-generated"}', '{"profile": "\\ud800"}'),
    *('{"profile": "ai-generated", "model": "\\u0000"}', '{"credential": "\\u0000"}', '{"profile": 1e999}', "[]", "{"),
)

_ANY_BYTES: Final = {"expected-statuses": ["2xx", "4xx"]}

# Beyond the defaults: a schema says what a form looks like, and not that a field holds a picture that can be signed,
# nor that a form of a hundred parts is refused.
_EXPECTED: Final[list[dict[str, Any]]] = [
    {
        "include-path": [
            "/v1/sign",
            "/v1/heatmap",
            "/v1/detect",
            "/v1/manifests",
            "/v1/jobs",
            "/v1/verify",
            "/v1/compare",
        ],
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 401, 403, 422, 503]},
            # Whatever bytes come in a field for a file, even where the tool meant a number or a list, are a file.
            "negative_data_rejection": _ANY_BYTES,
        },
    },
    {
        # Any data may be signed; but only with an algorithm and a credential that there are.
        "include-path": ["/v1/credentials/{name}/signature"],
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 422, 503]}},
    },
    {
        # A soft binding of a known algorithm has a form of its own; the API answers 400 for another one. An asset of
        # any type is looked for, and an empty one, or one that is called `application/json`, has no match.
        "include-path-regex": "/matches/",
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 401, 403]},
            "negative_data_rejection": _ANY_BYTES,
        },
    },
    {
        # The published document does not say what characters an identifier has, and knows nothing of taking one out.
        "include-path": "/manifests/{manifestId}",
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 401, 403, 404]},
            "allow_header_conformance": {"enabled": False},
            "unsupported_method": {"enabled": False},
        },
    },
]


@dataclass
class Fuzzed:
    """What came of all calls."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often which operation had which status."""
    checks: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """The check, the operation and what was wrong, with one request that shows it."""

    @property
    def calls(self) -> int:
        """How many requests were answered."""
        return self.answers.total()

    def add(self, part: "Fuzzed") -> None:
        """Counts these too."""
        self.answers += part.answers
        self.checks += part.checks
        self.failures |= part.failures


def fuzz(
    document: Mapping[str, Any],
    url: str,
    *,
    key: str | None = None,
    known: Mapping[str, str] | None = None,
    per_operation: int = 10,
    seed: int = 1,
    limits: bool = True,
    methods: tuple[str, ...] = ("get", "put", "post", "delete", "options", "patch", "trace"),
) -> Fuzzed:
    """Asks the service at `url` by this document.

    `known`: what there is to GET, by the parameters' names. `per_operation`: requests at random. `limits`: each
    parameter's limits too, one by one, and these `methods` where the document has none. The same seed gives the same
    requests as long as the answers are the same.
    """
    _say_what_to_send()
    config = schemathesis.Config.from_dict(
        {
            "seed": seed,
            "base-url": url,
            "headers": {"Authorization": f"Bearer {key}"} if key else {},
            "continue-on-failure": True,
            "request-timeout": 60,
            "generation": {"max-examples": per_operation, "no-shrink": True, "database": "none"},
            "phases": {
                "stateful": {"enabled": False},
                "coverage": {"enabled": limits, "unexpected-methods": list(methods)},
            },
            # Documented, with what to do about it; any other server error is a failure.
            "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 503]}},
            "operations": _EXPECTED,
        }
    )
    outcome = Fuzzed()
    schema = schemathesis.openapi.from_dict(_completed(document, known or {}), config=config)
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            outcome.failures["schemathesis", event.label, str(event.value).partition("\n")[0]] = ""
        if isinstance(event, events.ScenarioFinished):
            _count(event, outcome)
    return outcome


def _count(event: events.ScenarioFinished, outcome: Fuzzed) -> None:
    for interaction in event.recorder.interactions.values():
        status = interaction.response.status_code if interaction.response else 0
        outcome.answers[str(event.label), status] += 1
    for check in (check for checks in event.recorder.checks.values() for check in checks):
        outcome.checks[check.name] += 1
        if check.failure_info is not None:
            problem = " ".join(f"{check.failure_info.failure.title}: {check.failure_info.failure.message}".split())[
                :200
            ]
            outcome.failures.setdefault((check.name, str(event.label), problem), check.failure_info.code_sample)


def _say_what_to_send() -> None:
    load_all_checks()
    files = [path.read_bytes() for path in sorted(_SAMPLES.glob("*.jpg")) + sorted(_SAMPLES.glob("*.png"))]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("../\ud7ff.png", files[-1])
    schemathesis.openapi.format("uri", strategies.sampled_from(_ADDRESSES))
    schemathesis.openapi.format("facts", strategies.one_of(strategies.sampled_from(_FACTS), strategies.text()))
    schemathesis.openapi.format(
        "binary", strategies.one_of(strategies.binary(), strategies.sampled_from([*files, archive.getvalue()]))
    )


def _completed(document: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The document with a format where a field holds a file or facts, and with examples of what is known."""
    completed: dict[str, Any] = copy.deepcopy(dict(document))
    for parameter in (
        parameter for path in completed["paths"].values() for parameter in path.get("get", {}).get("parameters", ())
    ):
        if parameter["name"] in known:
            parameter["example"] = known[parameter["name"]]
    for schema in _schemas(completed):
        match schema.get("contentMediaType"):
            case "application/json":
                schema["format"] = "facts"
            case str():
                schema["format"] = "binary"
    return completed


def _schemas(value: object) -> Iterator[dict[str, Any]]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for item in inside:
        yield from _schemas(item)


def published(document: Mapping[str, Any]) -> dict[str, Any]:
    """The Soft Binding Resolution API with what every server may say beside it.

    It leaves open how a client is known and how much it may ask, and what a server says that cannot answer now.
    """
    loosened: dict[str, Any] = copy.deepcopy(dict(document))
    for operations in loosened["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)  # OAuth is an example of it; keys are told by headers here
            for status in ("400", "401", "403", "408", "413", "429", "503"):
                operation["responses"].setdefault(status, {"description": "Of any server.", "content": {}})
    return loosened


@dataclass(frozen=True)
class Asked:
    """A service that signs, with something to find in it."""

    url: str
    document: dict[str, Any]
    key: str
    known: dict[str, str]


@contextmanager
def asked(folder: Path, *options: str, database: str | None = None) -> Iterator[Asked]:
    """A new service with a key for everything, where one manifest, one job and one report are kept."""
    create(folder / "credentials" / "newsroom", organisation="Example newsroom")
    key = new_key(folder / "kept", *Scope, database=database)
    with (
        serving(folder / "kept", "--credentials", str(folder / "credentials"), *options, database=database) as served,
        httpx.Client(base_url=served.url, timeout=120) as client,
    ):
        files = {"file": ("photo.jpg", (_SAMPLES / "nothing-known.jpg").read_bytes())}
        job = client.post("/v1/jobs", files=files).json()["id"]
        report = client.post("/v1/verify", files=files, params={"keep": "1"}).headers["Provenance-Report"]
        signed = client.post(
            "/v1/sign", files=files, data={"facts": _FACTS[0]}, headers={"Authorization": f"Bearer {key}"}
        )
        manifest = signed.headers["Provenance-Manifest"]
        known = {"job": job, "report_id": Path(report).name, "manifest_id": manifest, "manifestId": manifest}
        yield Asked(served.url, client.get("/openapi.json").json(), key, known)


@click.command()
@click.option("--per-operation", default=15, show_default=True, help="Requests at random for each operation.")
@click.option("--seed", default=1, show_default=True)
@click.option("--database", metavar="URL", help="A PostgreSQL database of no other use.")
@click.option("--bindings", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="JSON",
              default=Path("tests/data/soft-binding-resolution.json"), help="The published document.")  # fmt: skip
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def main(per_operation: int, seed: int, database: str | None, bindings: Path, write: Path | None) -> None:
    """Ask, and write a page; ends with 1 where anything was found."""
    started, total, ways = time.monotonic(), Fuzzed(), []
    for options, with_key in ((("--fetch-urls",), True), ((), True), (("--fetch-urls",), False), ((), False)):
        with tempfile.TemporaryDirectory() as name, asked(Path(name), *options, database=database) as service:
            key = service.key if with_key else None
            part = fuzz(
                service.document, service.url, key=key, known=service.known, per_operation=per_operation, seed=seed
            )
        ways.append((f"{'a key' if with_key else 'no key'}, fetching {'on' if options else 'off'}", part))
    with tempfile.TemporaryDirectory() as name, asked(Path(name), database=database) as service:
        document = published(json.loads(bindings.read_text()))
        part = fuzz(
            document, f"{service.url}/v1", key=service.key, known=service.known, per_operation=per_operation * 4,
            seed=seed,
        )  # fmt: skip
        ways.append(("the published Soft Binding Resolution API", part))
    for _, part in ways:
        total.add(part)
    command = f"`make fuzz-service{' DATABASE=postgresql://...' if database else ''}`"
    lines = [
        "# What made-up requests found in the service", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, schemathesis {version('schemathesis')}, seed {seed}, "
        f"{per_operation} requests at random for each operation. {command}, {time.monotonic() - started:.0f} s.", "",
        f"{total.calls} requests, {total.checks.total()} checks, {len(total.failures)} kinds of failure.", "",
        "| asked | requests | checks | failures |", "| --- | ---: | ---: | ---: |",
        *(f"| {way} | {part.calls} | {part.checks.total()} | {len(part.failures)} |" for way, part in ways), "",
        "| check | times |", "| --- | ---: |",
        *(f"| {name} | {times} |" for name, times in sorted(total.checks.items())),
        "", "| operation | requests | statuses |", "| --- | ---: | --- |", *_by_operation(total.answers), "",
    ]  # fmt: skip
    lines += [f"- {' '.join(kind)}\n\n      {sample}\n" for kind, sample in total.failures.items()]
    text = "\n".join(lines)
    print(text)
    if write is not None:
        (write / f"service-fuzz-{datetime.now(UTC):%Y-%m-%d}.md").write_text(text, "utf-8")
    raise SystemExit(1 if total.failures else 0)


def _by_operation(answers: Counter[tuple[str, int]]) -> Iterator[str]:
    for operation in sorted({label for label, _ in answers}):
        statuses = sorted((status, times) for (label, status), times in answers.items() if label == operation)
        counts = ", ".join(f"{status}: {times}" for status, times in statuses)
        yield f"| {operation} | {sum(times for _, times in statuses)} | {counts} |"


if __name__ == "__main__":
    main()
