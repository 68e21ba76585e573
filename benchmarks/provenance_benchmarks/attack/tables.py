"""The results of a run as a page and as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .worker import Examination

_EXAMPLES = 3
_FILES = 6


@dataclass
class Tally:
    """What a group of cases came to."""

    cases: int = 0
    violating: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0

    def add(self, answer: Examination) -> None:
        """Counts this one too."""
        self.cases += 1
        self.violating += any(not violation["minor"] for violation in answer.violations)
        self.seconds = max(self.seconds, answer.seconds)
        self.megabytes = max(self.megabytes, answer.megabytes)


@dataclass
class Results:
    """All that is kept of a run."""

    total: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_base: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_settings: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    integrity: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, answer: Examination) -> None:
        """Counts this answer."""
        for tally in (
            self.total, self.by_kind[answer.kind], self.by_base[answer.base], self.by_settings[answer.settings],
        ):  # fmt: skip
            tally.add(answer)
        self.integrity[f"{answer.integrity or 'none'}, {answer.assurance or 'none'}"] += 1
        for violation in answer.violations:
            key = (violation["what"] + (" (no fault by itself)" if violation["minor"] else ""), answer.kind)
            self.counts[key] += 1
            self.files[key][answer.base] += 1
            if len(self.examples[key]) < _EXAMPLES:
                about = {"case": answer.number, "base": answer.base, "settings": answer.settings}
                self.examples[key].append({**about, "how": violation["how"]})

    @property
    def failed(self) -> bool:
        """Whether anything was said that may not be."""
        return self.total.violating > 0

    def as_json(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """For machines."""
        groups = {"kinds": self.by_kind, "bases": self.by_base, "settings": self.by_settings}
        return {
            **about,
            "total": vars(self.total),
            **{name: {key: vars(group[key]) for key in sorted(group)} for name, group in groups.items()},
            "answers": dict(sorted(self.integrity.items())),
            "violations": [
                {
                    "what": what,
                    "kind": kind,
                    "cases": count,
                    "files": dict(self.files[what, kind].most_common()),
                    "examples": self.examples[what, kind],
                }
                for (what, kind), count in sorted(self.counts.items())
            ],
        }

    def as_markdown(self, about: Sequence[str]) -> str:
        """For people."""
        total = self.total
        lines = [
            "# What attacks on signed files made the verifier say", "", *about, "",
            f"{total.cases} cases, {total.violating} with a violation; longest {total.seconds:.1f} s of CPU, "
            f"largest growth {total.megabytes:.0f} MB.", "",
            "## Violations", "",
            "| what | mutation | cases | files | for example |", "| --- | --- | ---: | --- | --- |",
            *(self._row(what, kind, count) for (what, kind), count in sorted(self.counts.items())), "",
            "## By mutation", "", *_table("mutation", self.by_kind), "",
            "## By file", "", *_table("file", self.by_base), "",
            "## By settings", "", *_table("settings", self.by_settings), "",
            "## Answers", "", "| integrity, assurance | cases |", "| --- | ---: |",
            *(f"| {name} | {count} |" for name, count in self.integrity.most_common()), "",
        ]  # fmt: skip
        return "\n".join(lines)

    def _row(self, what: str, kind: str, count: int) -> str:
        example = self.examples[what, kind][0]
        detail = example["how"].replace("|", "/").replace("`", "'").replace("\n", " ")[:140]
        files = [name for name, _ in self.files[what, kind].most_common()]
        shown = ", ".join(files[:_FILES]) + (f" and {len(files) - _FILES} more" if len(files) > _FILES else "")
        return f"| {what} | {kind} | {count} | {shown} | {example['case']} ({example['base']}): `{detail}` |"


def _table(name: str, group: Mapping[str, Tally]) -> Iterable[str]:
    yield f"| {name} | cases | violations | longest, s | largest growth, MB |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for key in sorted(group):
        tally = group[key]
        yield f"| {key} | {tally.cases} | {tally.violating} | {tally.seconds:.2f} | {tally.megabytes:.0f} |"
