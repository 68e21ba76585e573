"""The data of the picture detectors: from public repositories to one manifest and a folder of files.

    python detectors/training/picture_data.py MIRROR --out FOLDER

MIRROR holds a git directory for each repository of `data/picture-sources.csv`, named OWNER+NAME. Every picture that a
row of that table chooses is written to FOLDER under its SHA-256, and named in `data/pictures.csv`. Repositories of
`data/held-out-repositories.txt` are refused: they are for whoever checks the finished detectors.
"""

import csv
import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
from PIL import Image

DATA: Final = Path(__file__).parent / "data"
SOURCES: Final = DATA / "picture-sources.csv"
HELD_OUT: Final = DATA / "held-out-repositories.txt"
EARLIER: Final = DATA / "images.csv"
MANIFEST: Final = DATA / "pictures.csv"

COLUMNS: Final = (
    "sha256", "label", "generator", "family", "source", "group", "kind", "split", "repository", "commit", "path",
    "licence",
)  # fmt: skip

# Many pictures of one source teach one source.
MOST_OF_A_SOURCE: Final = 300

# Smaller files are icons, and smaller pictures are not judged.
_LEAST_BYTES, _LEAST_SIDE = 15_000, 256

# Difference hashes of 64 bits closer than this are of one picture, scaled or re-encoded.
_NEAR: Final = 5

_PICTURE: Final = re.compile(r"\.(jpe?g|png|webp)$", re.IGNORECASE)

# What a licence file says in its first lines.
_LICENCES: Final = (
    ("MIT", "MIT License|Permission is hereby granted, free of charge"),
    ("Apache-2.0", "Apache License"),
    ("AGPL-3.0", "GNU AFFERO"),
    ("LGPL-3.0", "GNU LESSER"),
    ("GPL", "GNU GENERAL"),
    ("CC0-1.0", "CC0|Creative Commons Zero"),
    ("CC-BY-NC-SA-4.0", "Attribution-NonCommercial-ShareAlike 4"),
    ("CC-BY-NC-4.0", "Attribution-NonCommercial 4"),
    ("CC-BY-SA-4.0", "Attribution-ShareAlike 4"),
    ("CC-BY-4.0", "Attribution 4.0"),
    ("BSD", "Redistribution and use in source and binary forms"),
)


class Repository:
    """A git directory of the mirror."""

    def __init__(self, mirror: Path, name: str) -> None:
        folder = mirror / name.replace("/", "+")
        places = (folder, folder / ".git", folder / "repo", folder / "repo" / ".git")
        found = next((each for each in places if (each / "objects").is_dir()), None)
        if found is None:
            raise FileNotFoundError(f"{name}: no copy in {mirror}")
        self._folder, self.name = found, name
        self.commit = self._git("rev-parse", "HEAD").decode().strip()
        self.files = {
            path: blob for path, blob, size in self._listed() if size >= _LEAST_BYTES or "licen" in path.lower()
        }

    def _git(self, *arguments: str) -> bytes:
        return subprocess.run(["git", "--git-dir", self._folder, *arguments], check=True, capture_output=True).stdout

    def _listed(self) -> Iterator[tuple[str, str, int]]:
        for entry in self._git("ls-tree", "-r", "-l", "-z", "HEAD").decode(errors="replace").split("\0"):
            if entry:
                about, path = entry.split("\t", 1)
                _, kind, blob, size = about.split()
                if kind == "blob" and size.isdigit():  # a file that the copy lacks has no size
                    yield path, blob, int(size)

    def read(self, path: str) -> bytes:
        """The bytes of a file; none where the copy lacks it."""
        try:
            return self._git("cat-file", "blob", self.files[path])
        except subprocess.CalledProcessError:
            return b""

    def licence(self) -> str:
        """What the licence file at the top says, as an SPDX name."""
        for path in self.files:
            if "/" not in path and path.lower().startswith(("licen", "copying")):
                text = self.read(path)[:4000].decode(errors="replace")
                return next((name for name, words in _LICENCES if re.search(words, text)), "see its licence file")
        return "none stated"


class Candidate(NamedTuple):
    """A picture that the table chooses, before caps."""

    path: str
    data: bytes
    sha256: str
    fingerprint: int


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def held_out() -> frozenset[str]:
    """The repositories that must stay unseen, in small letters."""
    lines = HELD_OUT.read_text().splitlines()
    return frozenset(line.strip().lower() for line in lines if "/" in line and " " not in line.strip())


def refuse_held_out(sources: list[dict[str, str]]) -> None:
    """Raises `SystemExit` where the table names a repository that must stay unseen."""
    named = {row["repository"].lower() for row in sources} & held_out()
    if named:
        raise SystemExit(f"held out, not to be trained on: {', '.join(sorted(named))}")


def fingerprint(data: bytes) -> int | None:
    """The difference hash of a picture: 64 comparisons of neighbours at 9 by 8 pixels; none where it is too small."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if min(image.size) < _LEAST_SIDE:
                return None
            image.draft("L", (72, 64))  # a JPEG is decoded at an eighth of its size
            small = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    except Exception:  # a damaged picture makes Pillow and its codecs raise nearly anything
        return None
    bits = (small[:, 1:] > small[:, :-1]).reshape(-1)
    return int("".join("1" if bit else "0" for bit in bits), 2)


def candidates(
    repository: Repository, wanted: dict[str, str], earlier: dict[str, dict[str, str]]
) -> Iterator[Candidate]:
    """The pictures that a row chooses, in an order that says nothing about them."""
    paths = [path for path in repository.files if _PICTURE.search(path)]
    if wanted["include"]:
        paths = [path for path in paths if re.search(wanted["include"], path)]
    if wanted["exclude"]:
        paths = [path for path in paths if not re.search(wanted["exclude"], path)]
    for path in sorted(paths, key=lambda each: hashlib.sha256(each.encode()).digest()):
        data = repository.read(path)
        digest = hashlib.sha256(data).hexdigest()
        if wanted["label"] == "known" and digest not in earlier:
            continue
        if (found := fingerprint(data)) is not None:
            yield Candidate(path, data, digest, found)


class Seen:
    """Fingerprints met before, and whether a new one is near to one of them."""

    def __init__(self) -> None:
        self._known: list[int] = []

    def is_new(self, value: int) -> bool:
        """Whether nothing near was met; it is known from then on."""
        if any((value ^ known).bit_count() < _NEAR for known in self._known):
            return False
        self._known.append(value)
        return True


def chosen(mirror: Path, out: Path) -> Iterator[dict[str, str]]:
    """The rows of the manifest; the files are written beside."""
    sources, earlier, seen = table(SOURCES), {row["sha256"]: row for row in table(EARLIER)}, Seen()
    refuse_held_out(sources)
    # What must stay untouched is taken first, so that a copy of it elsewhere is the one that goes.
    for wanted in sorted(sources, key=lambda row: row["split"] != "final"):
        try:
            repository = Repository(mirror, wanted["repository"])
        except FileNotFoundError as missing:
            print(missing, file=sys.stderr)
            continue
        licence, taken = repository.licence(), 0
        for each in candidates(repository, wanted, earlier):
            if taken == MOST_OF_A_SOURCE:
                break
            known = earlier.get(each.sha256, {}) if wanted["label"] == "known" else {}
            if known.get("label") == "screenshot" or not seen.is_new(each.fingerprint):
                continue
            taken += 1
            (out / each.sha256).write_bytes(each.data)
            label = known.get("label") or wanted["label"]
            yield {
                "sha256": each.sha256, "label": label, "generator": known.get("generator") or wanted["generator"],
                "family": wanted["family"] if label == "ai" else "",
                "source": f"{wanted['repository']}:{label}:{wanted['kind']}",
                "group": wanted["repository"].split("/")[0].lower(), "kind": wanted["kind"], "split": wanted["split"],
                "repository": wanted["repository"], "commit": repository.commit, "path": each.path,
                "licence": known.get("licence") or licence,
            }  # fmt: skip
        print(f"{taken:4d} {wanted['repository']} {wanted['label']} {wanted['kind']}", file=sys.stderr, flush=True)


@click.command()
@click.argument("mirror", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
def main(mirror: Path, out: Path) -> None:
    """Write the pictures of MIRROR that the table of sources chooses, and their manifest."""
    out.mkdir(parents=True, exist_ok=True)
    rows = sorted(chosen(mirror, out), key=lambda row: (row["label"], row["source"], row["sha256"]))
    with MANIFEST.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} pictures", file=sys.stderr)


if __name__ == "__main__":
    main()
