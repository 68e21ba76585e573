"""A data set that the library `datasets` saved to disk, or Parquet files in the layout of the Hugging Face Hub.

Both are tables of Apache Arrow, and read as such: the library itself, and code that a data set may carry, is not run.
"""

import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from provenance.errors import MissingExtraError

from ..errors import SuiteError
from ..suite import SuiteCard, SuiteItem
from .listed import item_of
from .records import SPLITS, files_in, name_in, split_of

CARD: Final = SuiteCard(
    name="datasets",
    summary="A data set of the Hugging Face library datasets, saved to disk or as Parquet files.",
    modalities=("image", "text"),
    tasks=("detection", "calibration"),
    measures="Whether what the data set calls AI is told from the rest.",
    how_made=(
        "By its authors. Needed are the columns label, and path or text; used are also id, generator, language, kind, "
        "pair, split and licence. Pictures must be files beside the tables: those that lie inside of a table are "
        "not read. Without a split for it, a fifth of the test items is set aside to choose thresholds."
    ),
    licence="That of the data set.",
    known_biases=("Without a column pair, near duplicates may lie on both sides of a split.",),
)

_NAMES: Final = ("id", "label", "path", "text", "generator", "language", "kind", "pair", "split", "licence")

# Rows that are held as Python objects at a time.
_ROWS: Final = 1_024


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`, or `MissingExtraError` where pyarrow is not installed."""
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise MissingExtraError("reading a data set of Hugging Face", "bench") from None
    tables = [path for path in files_in(folder, (".arrow", ".parquet")) if not path.name.startswith("cache-")]
    splits = {path: _split_named(path, folder) for path in tables}
    has_calibration = any(SPLITS.get(split) == "calibration" for split in splits.values())
    root = folder if folder.is_dir() else folder.parent
    for path, split in splits.items():
        number = 0
        try:
            for names, row in _rows(path, arrow, parquet):
                number += 1
                where, name = f"{path}, row {number}", f"{name_in(path, root)}:{number}"
                fields: dict[str, str] = {"split": split_of(split, _key(row, name), has_calibration=has_calibration)}
                fields |= {key: _word(key, value, names, where) for key, value in row.items() if value is not None}
                if "label" not in fields:
                    raise SuiteError(f"{where}: no label")
                yield item_of(fields, where, name, root)
        except (arrow.lib.ArrowException, OSError, UnicodeDecodeError) as error:
            raise SuiteError(f"{path}, row {number + 1}: cannot be read ({str(error)[:200]})") from None


def _split_named(path: Path, folder: Path) -> str:
    """Of `test-00000-of-00001.parquet`, or of a file in a folder `test`."""
    names = [path.stem.split("-")[0], *(parent.name for parent in path.parents if parent.is_relative_to(folder))]
    return next((name.lower() for name in names if name.lower() in SPLITS), "")


def _rows(path: Path, arrow: Any, parquet: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The rows with the columns that are used, and the names of the label's numbers if it has some."""
    if path.suffix.lower() == ".parquet":
        file = parquet.ParquetFile(path)
        schema = file.schema_arrow
        columns = _columns(schema, path, arrow)
        batches = file.iter_batches(batch_size=_ROWS, columns=columns)
    else:
        _refuse_a_selection(path)
        batches = arrow.ipc.open_stream(arrow.memory_map(str(path)))
        schema = batches.schema
        columns = _columns(schema, path, arrow)
    names = _label_names(schema)
    for batch in batches:
        # A damaged table has places that lie outside of it.
        batch.validate(full=True)
        used = batch.select(columns)
        for start in range(0, used.num_rows, _ROWS):
            for row in used.slice(start, _ROWS).to_pylist():
                yield names, row


def _columns(schema: Any, path: Path, arrow: Any) -> list[str]:
    columns = [name for name in schema.names if name in _NAMES]
    if len(set(columns)) < len(columns):
        raise SuiteError(f"{path}: two columns with one name")
    if "label" not in columns or not {"path", "text"} & set(columns):
        has_pictures = any(arrow.types.is_struct(kind) or arrow.types.is_binary(kind) for kind in schema.types)
        hint = "; pictures inside of a table are not read: save them as files and list them in a CSV file"
        raise SuiteError(
            f"{path}: needs the columns label, and path or text; there are {', '.join(schema.names)[:200]}"
            f"{hint if has_pictures else ''}"
        )
    return columns


def _label_names(schema: Any) -> tuple[str, ...]:
    """The names of a label that is kept as a number, as the library notes them in the table."""
    try:
        noted = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        names = noted["info"]["features"]["label"]["names"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def _word(key: str, value: object, names: tuple[str, ...], where: str) -> str:
    if key == "label" and isinstance(value, int) and not isinstance(value, bool) and names:
        if not 0 <= value < len(names):
            raise SuiteError(f"{where}: label {value}; there are names for {len(names)}")
        return names[value]
    if isinstance(value, str | int | float):
        return str(value)
    raise SuiteError(f"{where}: {key} is neither a word nor a number")


def _key(row: Mapping[str, Any], name: str) -> str:
    return str(row.get("pair") or row.get("id") or row.get("path") or name)


def _refuse_a_selection(path: Path) -> None:
    """Older forms note beside the table which of its rows count, and in which order."""
    state = path.parent / "state.json"
    try:
        noted = json.loads(state.read_bytes()) if state.is_file() else {}
    except (ValueError, RecursionError):
        raise SuiteError(f"{state}: not JSON") from None
    if isinstance(noted, dict) and any(noted.get(key) for key in ("_indices_files", "_indices_data_files")):
        raise SuiteError(f"{state}: only part of the table counts; save the data set with flatten_indices() first")
