"""Named trust profiles: which lists are used together, and which key usages are accepted. Data: profiles.toml."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..errors import SettingError
from .folder import TrustFolder
from .lists import ListName, TrustList

_FILE: Final = Path(__file__).parent / "data" / "profiles.toml"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


DEFAULT_PROFILE: Final = str(_table()["default"])
PROFILES: Final = tuple(_table()["profiles"])


def accepted_usages() -> frozenset[str]:
    """The extended key usages of which a signer's certificate needs one, as object identifiers."""
    return frozenset(_table()["usages"].values())


def identity_usages() -> frozenset[str]:
    """The same for the certificate behind an identity assertion."""
    return frozenset((*_table()["identity_usages"].values(), str(_interim()["usage"])))


def may_name_actor(usages: frozenset[str], policies: frozenset[str], stamped: datetime | None) -> bool:
    """Whether a certificate with these usages and policies may stand behind an identity. CAWG Identity 1.2, 8.2.4.

    `stamped`: the time that a trusted time stamp proves. Without one no certificate for e-mail counts: that they do at
    all is an interim rule, with an end.
    """
    if not usages.isdisjoint(_table()["identity_usages"].values()):
        return True
    interim = _interim()
    named = interim["usage"] in usages and not policies.isdisjoint(interim["policies"])
    return named and stamped is not None and stamped < interim["until"]


def _interim() -> dict[str, Any]:
    interim: dict[str, Any] = _table()["identity_interim"]
    return interim


def lists_of(profile: str, folder: TrustFolder | None = None) -> tuple[TrustList, ...]:
    """The lists of a profile, without those that are empty.

    Raises `SettingError` for a profile that is not there, `TrustError` for a list that cannot be read.
    """
    if profile not in PROFILES:
        raise SettingError(f"no trust profile called {profile}; there are: {', '.join(PROFILES)}")
    where = folder or TrustFolder.of_user()
    lists = (where.in_use(ListName(name)) for name in _table()["profiles"][profile])
    return tuple(trust_list for trust_list in lists if trust_list is not None)
