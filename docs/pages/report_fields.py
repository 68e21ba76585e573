"""docs/report.md: every field of the report, by its JSON Schema, and a real one as an example."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import provenance
from provenance.report import SCHEMA_VERSION
from provenance.trust import TrustStore
from provenance.trust.folder import TrustFolder

ROOT: Final = Path(__file__).parents[2]

# What the schema does not say itself.
WORDS: Final = tomllib.loads(Path(__file__).with_name("report.toml").read_text("utf-8"))

# What would differ with the day of the run: the time, and a remark on lists that are overdue by then.
_EXAMINED_AT: Final = "2026-11-28T12:00:00+00:00"
_OVERDUE: Final = "remark.trust_list_overdue"

# The user's own trust lists must not change the page.
_NO_LISTS: Final = TrustFolder(Path(__file__).parent / "no-such-folder")

# Objects in the order in which a reader meets them; those that a report leads to come after it.
_FIRST: Final = ("Report", "Conclusion", "Message", "Credentials", "Integrity", "Signer", "SigningTime", "History")

_BEGINNING: Final = """\
# The report

The report is the one answer to a file, as data. `provenance verify --json`, `Report` in Python and `POST /v1/verify`
give the same one. Programs read `conclusion.state`, one word; people read `conclusion.headline.text`, one sentence.
Sentences are in English, French or Japanese; keys and states are the same in every language.

This page describes schema {version} and is written from it by `make docs-pages`. `provenance schema` prints the schema.
An added field raises the second number of the version; any other change raises the first.

*Content Credentials* are the signed record of a file: a *manifest store* of *manifests* (C2PA), each with a *claim*,
*assertions* and a signature.

## An example

The report on a sample, whose authority is trusted here. Fields without a value are left out, and so are all validation
codes but the first.

```sh
provenance verify --json --trust-anchors samples/sample-root.pem \\
    --source c2pa --source metadata samples/signed-ai.jpg
```

```json
{example}
```
"""


def page() -> str:
    """The page, in Markdown."""
    schema = provenance.report_schema()
    definitions = {"Report": schema, **schema["$defs"]}
    later = sorted(name for name in definitions if name not in _FIRST)
    objects = [name for name in (*_FIRST, *later) if "properties" in definitions[name]]
    values = [name for name in sorted(definitions) if "enum" in definitions[name]]
    beginning = _BEGINNING.format(version=SCHEMA_VERSION, example=json.dumps(example(), indent=2))
    return "\n".join(
        [
            beginning,
            "## The fields\n",
            *(_object(name, definitions[name]) for name in objects),
            "## The values\n",
            *(_enumeration(name, definitions[name]) for name in values),
        ]
    )


def undescribed() -> Iterator[tuple[str, str, str]]:
    """What the schema leaves to the words beside it: the table (fields or values), the object, the name."""
    schema = provenance.report_schema()
    for name, definition in {"Report": schema, **schema["$defs"]}.items():
        for field, value in definition.get("properties", {}).items():
            if "description" not in value:
                yield "fields", name, field
        for value in definition.get("enum", ()):
            yield "values", name, value


def example() -> dict[str, Any]:
    """A real report on a sample."""
    trust = TrustStore.profile(folder=_NO_LISTS).with_own_anchors(ROOT / "samples" / "sample-root.pem")
    verifier = provenance.Verifier(trust=trust, sources=["c2pa", "metadata"])
    report = json.loads(verifier.verify(ROOT / "samples" / "signed-ai.jpg").model_dump_json())
    report["examined_at"] = _EXAMINED_AT
    report["remarks"] = [remark for remark in report["remarks"] if remark["key"] != _OVERDUE]
    kept: dict[str, Any] = _without_empty(report)
    kept["credentials"]["codes"] = kept["credentials"]["codes"][:1]
    return kept


def _object(name: str, definition: dict[str, Any]) -> str:
    rows = [
        f"| `{field}` | {_type(value)} | {_meaning(name, field, value)} |"
        for field, value in definition["properties"].items()
    ]
    about = definition.get("description", "").partition("\n")[0]
    return "\n".join([f"### {name}\n", f"{about}\n", "| field | type | meaning |", "| --- | --- | --- |", *rows, ""])


def _enumeration(name: str, definition: dict[str, Any]) -> str:
    rows = [f"| `{value}` | {WORDS['values'][name][value]} |" for value in definition["enum"]]
    about = definition.get("description", "").partition("\n")[0]
    return "\n".join([f"### {name}\n", f"{about}\n", "| value | meaning |", "| --- | --- |", *rows, ""])


def _meaning(name: str, field: str, value: dict[str, Any]) -> str:
    return str(value.get("description") or WORDS["fields"][name][field])


def _type(value: dict[str, Any]) -> str:
    """The type of a field, in words, with a link to an object or enumeration of its own."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_type(each) for each in value["anyOf"])
    if value["type"] == "array":
        return f"list of {_type(value['items'])}"
    if value["type"] == "object":
        inside = value.get("additionalProperties")
        return f"object of {_type(inside)}" if isinstance(inside, dict) else "object"
    return str(value["type"])


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        inside = {name: _without_empty(each) for name, each in value.items()}
        return {name: each for name, each in inside.items() if each not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_without_empty(each) for each in value]
    return value
