"""What a run keeps of each unit: the contender's outcome, in a Parquet file that is the same for the same scores."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .contenders import Outcome
from .errors import ResultError
from .samples import Unit

_SCHEMA = pa.schema(
    [
        ("item", pa.string()), ("variant", pa.string()), ("score", pa.float64()), ("probability", pa.float64()),
        ("decision", pa.string()), ("answers", pa.string()), ("failure", pa.string()),
    ]
)  # fmt: skip

# A suite of a hundred thousand items in fourteen variants.
MAX_ROWS = 2_000_000


@dataclass(frozen=True)
class Row:
    """One unit and what came of it."""

    unit: Unit
    outcome: Outcome = field(default_factory=Outcome)

    def as_record(self) -> dict[str, Any]:
        """As it stands in the journal and in Parquet."""
        outcome = self.outcome
        return {
            "item": self.unit.item, "variant": self.unit.variant, "score": outcome.score,
            "probability": outcome.probability, "decision": outcome.decision,
            "answers": json.dumps(dict(outcome.answers), sort_keys=True) if outcome.answers else "",
            "failure": outcome.failure,
        }  # fmt: skip

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Row":
        """From such a record. Raises `ResultError` for one that is none."""
        try:
            answers = json.loads(record["answers"]) if record["answers"] else {}
            score, probability = (_number(record[name]) for name in ("score", "probability"))
            outcome = Outcome(score, probability, record["decision"], answers, record["failure"])
            return cls(Unit(record["item"], record["variant"]), outcome)
        except (KeyError, TypeError, ValueError) as error:
            raise ResultError(f"this is not a row of scores: {error}") from None


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a finite number")
    return number


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes the rows, sorted, so that the same outcomes give the same bytes."""
    records = [row.as_record() for row in sorted(rows, key=lambda row: (row.unit.item, row.unit.variant))]
    pq.write_table(pa.Table.from_pylist(records, _SCHEMA), path, compression="zstd")


def read_rows(path: Path) -> list[Row]:
    """The rows of a file. Raises `ResultError` where it holds none."""
    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows > MAX_ROWS:
            raise ResultError(f"{path}: more than {MAX_ROWS} rows")
        return [Row.of(record) for record in file.read(columns=_SCHEMA.names).to_pylist()]
    except (OSError, pa.ArrowException) as error:
        raise ResultError(f"{path}: holds no scores ({error})") from None
