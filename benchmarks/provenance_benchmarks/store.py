"""Where the files of suites lie, and how they get there: downloaded, or found by their hashes in a folder.

A file is named by its SHA-256 in the store, so that two suites share it, and is checked whenever it is read.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from provenance.files import sha256_of, write_whole

from .errors import RunError, SuiteError
from .suite import Suite, SuiteItem

# A picture of a benchmark; a file that holds texts. More than that is not an item.
MAX_ITEM: Final = 256 * 1024 * 1024
MAX_CONTAINER: Final = 512 * 1024 * 1024

_CONTAINERS: Final = (".jsonl", ".json")
_CHUNK: Final = 1024 * 1024

Tick = Callable[[], object]


class MissingError(SuiteError):
    """The file of an item is not here."""


class ChangedError(SuiteError):
    """A file is not the one that the manifest names."""


@dataclass(frozen=True)
class FetchSummary:
    """What came of fetching: how many items are here now, and which are not, with the reason."""

    here: int
    missing: tuple[tuple[str, str], ...]


class Store:
    """The files of suites on this machine. `folder` holds what was downloaded, and where mirrors keep the rest."""

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get("PROVENANCE_BENCH_CACHE")
        self.folder = folder or (Path(named) if named else user_cache_path("provenance") / "bench")
        self._mirrored: dict[str, str] = {}
        index = self.folder / "mirrors.json"
        if index.is_file():
            try:
                self._mirrored = json.loads(index.read_text("utf-8"))
            except ValueError:
                raise SuiteError(f"{index}: cannot be read; delete it and fetch again") from None

    def place_of(self, suite: Suite, item: SuiteItem) -> Path | None:
        """Where an item's file lies: with the suite, in the store, or in a mirror."""
        if item.path is not None:
            return item.path
        candidates = [self._object(item.sha256), Path(self._mirrored.get(item.sha256, os.devnull))]
        if suite.folder is not None:
            candidates.insert(0, suite.folder / "files" / item.id)
        return next((path for path in candidates if path.is_file()), None)

    def read(self, suite: Suite, item: SuiteItem) -> bytes:
        """An item's content, checked. Raises `MissingError`, `ChangedError`."""
        if item.text is not None:
            return item.text.encode()
        path = self.place_of(suite, item)
        if path is None:
            raise MissingError(f"{item.id}: not here; provenance bench fetch {suite.name}")
        try:
            if path.stat().st_size > MAX_ITEM:
                raise ChangedError(f"{path}: larger than {MAX_ITEM} bytes")
            content = path.read_bytes()
        except OSError as error:
            raise MissingError(f"{item.id}: {path} cannot be read ({error.strerror})") from None
        if item.sha256 and hashlib.sha256(content).hexdigest() != item.sha256:
            raise ChangedError(f"{item.id}: {path} is not the file that the manifest names (another SHA-256)")
        return content

    def missing(self, suite: Suite, items: Iterable[SuiteItem]) -> list[SuiteItem]:
        """Those of the items whose files are not here."""
        return [item for item in items if item.text is None and self.place_of(suite, item) is None]

    def fetch_from_mirror(self, suite: Suite, mirror: Path, tick: Tick | None = None) -> FetchSummary:
        """Finds the files of a suite by their hashes in a folder; pictures stay there, texts are taken out of theirs.

        Raises `SuiteError` for a folder that is not there, `RunError` where the store cannot be written.
        """
        if not mirror.is_dir():
            raise SuiteError(f"{mirror}: there is no such folder")
        wanted = {item.sha256: item for item in self.missing(suite, suite.items)}
        sizes = {item.bytes for item in wanted.values() if item.modality != "text"}
        has_texts = any(item.modality == "text" for item in wanted.values())
        for path in sorted(mirror.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            if tick is not None:
                tick()
            size = path.stat().st_size
            if size in sizes:
                digest = sha256_of(path)
                if digest in wanted:
                    self._mirrored[digest] = str(path.resolve())
            if has_texts and path.suffix in _CONTAINERS and size <= MAX_CONTAINER:
                self._take_texts(texts_in(path), wanted)
        self._write(self.folder / "mirrors.json", json.dumps(self._mirrored, indent=0).encode())
        return self._outcome(suite, "in no file of the mirror")

    def fetch_from_sources(self, suite: Suite, tick: Tick | None = None) -> FetchSummary:
        """Downloads what is missing from the addresses in the manifest. Files that are here are not fetched again.

        Raises `RunError` where the store cannot be written.
        """
        import pooch
        import requests

        # Its messages name each file; the bar does so already.
        pooch.get_logger().setLevel("ERROR")
        wanted = self.missing(suite, suite.items)
        reasons: dict[str, str] = {}
        texts = {item.sha256: item for item in wanted if item.modality == "text"}
        addresses = {item.url for item in texts.values() if item.url}
        for url in sorted(addresses):
            try:
                file = pooch.retrieve(url, known_hash=None, path=self.folder / "sources", progressbar=False)
                self._take_texts(texts_in(Path(file)), texts)
            except (requests.RequestException, SuiteError, ValueError) as error:
                reasons |= {item.id: _short(error) for item in texts.values() if item.url == url}
            except OSError as error:
                raise RunError(f"{self.folder}: cannot be written ({error.strerror})") from None
        for item in wanted:
            if tick is not None:
                tick()
            if item.modality == "text" or not item.url:
                continue
            place = self._object(item.sha256)
            try:
                pooch.retrieve(
                    item.url, known_hash=f"sha256:{item.sha256}", fname=place.name, path=place.parent, progressbar=False
                )
            except (requests.RequestException, ValueError) as error:
                reasons[item.id] = _short(error)
            except OSError as error:
                raise RunError(f"{self.folder}: cannot be written ({error.strerror})") from None
        return self._outcome(suite, "no address", reasons)

    def _outcome(self, suite: Suite, otherwise: str, reasons: dict[str, str] | None = None) -> FetchSummary:
        missing = self.missing(suite, suite.items)
        why = tuple((item.id, (reasons or {}).get(item.id, otherwise)) for item in missing)
        return FetchSummary(len(suite.items) - len(missing), why)

    def _take_texts(self, texts: Iterable[str], wanted: dict[str, SuiteItem]) -> None:
        for text in texts:
            content = text.encode("utf-8", "surrogatepass")
            digest = hashlib.sha256(content).hexdigest()
            if digest in wanted:
                self._write(self._object(digest), content)

    def _object(self, digest: str) -> Path:
        return self.folder / "objects" / digest[:2] / (digest or "-")

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from None


def texts_in(path: Path) -> Iterator[str]:
    """The texts in a file of JSON lines with a field `text`, or of one JSON list of texts. Raises `SuiteError`."""
    try:
        content = path.read_text("utf-8")
        records = (
            [json.loads(line) for line in content.split("\n") if line.strip()]
            if path.suffix == ".jsonl"
            else json.loads(content)
        )
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SuiteError(f"{path}: holds no texts ({error})") from None
    for record in records if isinstance(records, list) else ():
        text = record.get("text") if isinstance(record, dict) else record
        if isinstance(text, str):
            yield text.strip()


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
