"""Every public file of the two fixture collections, with the expected answers: unchanged? who signed? history?

The table `data/conformance.csv` was read through by people, line by line: a changed line is a changed promise.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

import provenance

TABLE = Path(__file__).parent / "data" / "conformance.csv"
EXPECTED = {
    row["path"]: (row["integrity"], row["signer"], row["history"])
    for row in csv.DictReader(TABLE.read_text("utf-8").splitlines())
}


@pytest.mark.parametrize("path", EXPECTED)
def test_a_public_file_gets_the_expected_answers(
    path: str, without_detectors: provenance.Verifier, fixtures: Path, summary: Counter[str]
) -> None:
    credentials = without_detectors.verify(fixtures / path).credentials
    for reading in credentials.engines:
        summary[f"files that {reading.engine} was asked about"] += 1
        summary[f"of these, answers of {reading.engine} that the report shares"] += (
            reading.integrity == credentials.integrity.state
        )
    assert (credentials.integrity.state, credentials.signer.state, credentials.history.state) == EXPECTED[path]


def test_the_table_names_every_public_file(fixtures: Path) -> None:
    found = {
        path.relative_to(fixtures).as_posix()
        for folder in ("c2pa-rs", "public-testfiles")
        for path in (fixtures / folder).rglob("*")
        if path.is_file()
    }
    assert found == set(EXPECTED)
