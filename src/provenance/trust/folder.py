"""The user's trust folder: own anchors, and later issues of the official lists.

The state before the last change of each is kept. Every file is written whole beside its place and then moved there, so
that a verification never reads half a list.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from ..errors import TrustError
from ..files import write_whole
from ..iso_time import parse_time
from .lists import (
    OFFICIAL,
    OWN,
    ListName,
    TrustAnchor,
    TrustList,
    check_entries,
    parse_lote,
    parse_own,
    read_limited,
    shipped,
)

FOLDER_VARIABLE: Final = "PROVENANCE_TRUST"


@dataclass(frozen=True)
class Change:
    """What a change of a list does to whom it trusts. An anchor whose entity alone changes is both."""

    added: tuple[TrustAnchor, ...]
    removed: tuple[TrustAnchor, ...]

    @classmethod
    def between(cls, before: TrustList | None, after: TrustList | None) -> Self:
        """The anchors that one list has and the other has not."""
        old = {(anchor.der, anchor.entity): anchor for anchor in (before.anchors if before else ())}
        new = {(anchor.der, anchor.entity): anchor for anchor in (after.anchors if after else ())}
        return cls(
            tuple(anchor for key, anchor in new.items() if key not in old),
            tuple(anchor for key, anchor in old.items() if key not in new),
        )


@dataclass(frozen=True)
class TrustFolder:
    """A folder with the user's lists. It need not exist: then nothing is in it."""

    path: Path

    @classmethod
    def of_user(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The folder in `PROVENANCE_TRUST`, else that for the user's settings."""
        if named := environment.get(FOLDER_VARIABLE):
            return cls(Path(named))
        from platformdirs import user_config_path

        return cls(user_config_path("provenance", appauthor=False) / "trust")

    def in_use(self, name: ListName) -> TrustList | None:
        """The list of this name: that in the folder, else the one that ships. Raises `TrustError` for a broken one."""
        return self._read(name, self._file(name)) or shipped(name)

    def previous(self, name: ListName) -> TrustList | None:
        """What was in use before the last change. Raises `TrustError` for a broken one."""
        return self._read(name, self._kept(name)) or shipped(name)

    def changed(self, name: ListName) -> bool:
        """Whether this list was ever changed here."""
        return self._file(name).exists() or self._kept(name).exists()

    def replace(self, name: ListName, content: bytes | None) -> None:
        """Puts another list in place, None for none, and keeps the one before. Raises `TrustError`."""
        file, kept = self._file(name), self._kept(name)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if file.exists():
                write_whole(kept, file.read_bytes())
            else:
                kept.unlink(missing_ok=True)
            if content is None:
                file.unlink(missing_ok=True)
            else:
                write_whole(file, content)
        except OSError as error:
            raise TrustError(f"{self.path}: cannot be written ({error.strerror or error})") from None

    def roll_back(self, name: ListName) -> None:
        """Puts the list before the last change in its place; a second time undoes that. Raises `TrustError`."""
        kept = self._kept(name)
        self.replace(name, read_limited(kept) if kept.exists() else None)

    def _file(self, name: ListName) -> Path:
        return self.path / f"{name}{'.json' if name in OFFICIAL else '.pem'}"

    def _kept(self, name: ListName) -> Path:
        file = self._file(name)
        return file.with_name(file.name + ".previous")

    def _read(self, name: ListName, file: Path) -> TrustList | None:
        if name not in OFFICIAL and name not in OWN:  # the known signers are no list of the user's
            return None
        try:
            if not file.is_file():
                return None
        except OSError as error:
            raise TrustError(f"{file}: cannot be read ({error.strerror or error})") from None
        return replace(parse(name, read_limited(file), str(file)), file=file)


def parse(name: ListName, content: bytes, where: str) -> TrustList:
    """A list of this name from its bytes, with every certificate looked at. Raises `TrustError`."""
    trust_list = parse_lote(content, where, OFFICIAL[name]) if name in OFFICIAL else parse_own(content, where, name)
    check_entries(trust_list.anchors, trust_list.purpose, where)
    return trust_list


def official_name(content: bytes, where: str) -> ListName:
    """Which official list this is, by the name that it gives itself. Raises `TrustError` for another."""
    title = parse_lote(content, where, next(iter(OFFICIAL.values()))).name
    for name in OFFICIAL:
        if (issue := shipped(name)) and issue.name == title:
            return name
    raise TrustError(f"{where}: the list calls itself “{title}”, which is none of the official lists")


def check_later(current: TrustList | None, issue: TrustList, where: str) -> None:
    """Raises `TrustError` unless this is a later issue of the list: an older one would bring back whom it removed."""
    if current is None or parse_time(issue.date) > parse_time(current.date):
        return
    raise TrustError(
        f"{where}: issued {issue.date}, which is not later than the issue in use, {current.date}; --force takes it"
    )
