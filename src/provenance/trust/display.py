"""What is in trust lists, for people and as data: who stands on them, how old they are, what a change does."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..iso_time import parse_time
from .folder import Change
from .lists import OFFICIAL, TrustAnchor, TrustList, shipped


def describe(lists: Iterable[TrustList]) -> list[dict[str, Any]]:
    """The lists as plain data."""
    now = datetime.now(UTC)
    return [
        {
            "name": trust_list.name,
            "purpose": trust_list.purpose,
            "date": trust_list.date or None,
            "next_update": trust_list.next_update,
            "age_days": (now - parse_time(trust_list.date)).days if trust_list.date else None,
            "overdue": trust_list.overdue_at(now),
            "file": str(trust_list.file) if trust_list.file else None,
            "older_than_shipped": _older_than_shipped(trust_list),
            "anchors": len(trust_list.anchors),
            "entities": dict(Counter(anchor.entity for anchor in trust_list.anchors)),
            "certificates": [as_data(anchor) for anchor in trust_list.anchors],
        }
        for trust_list in lists
    ]


def as_data(anchor: TrustAnchor) -> dict[str, str]:
    """An anchor as plain data."""
    return {"entity": anchor.entity, "fingerprint": anchor.fingerprint}


def print_trust(lists: Iterable[TrustList], console: Console, *, entities: bool = True) -> None:
    """Prints the lists, one after the other; with `entities`, who stands on them."""
    for described in describe(lists):
        console.print(Text(described["name"], style="bold"), Text(f"({described['purpose']})", style="dim"))
        console.print(Text(f"  {described['file'] or 'as shipped, or given'}"), soft_wrap=True)
        if described["date"]:
            update = f", next update {described['next_update'][:10]}" if described["next_update"] else ""
            console.print(
                f"  issued {described['date'][:10]}, {described['age_days']} days ago{update}", highlight=False
            )
        if described["overdue"]:
            console.print("  its issuer expected to replace it by now: look for a newer one", style="yellow")
        if described["older_than_shipped"]:
            console.print("  older than the one that ships with this version: see “trust rollback”", style="yellow")
        console.print(f"  certificates: {described['anchors']}", highlight=False)
        if entities:
            console.print(Padding(Text("\n".join(map(_line, described["certificates"])), style="dim"), (0, 0, 1, 4)))


def print_change(change: Change, console: Console) -> None:
    """Prints who comes to a list and who goes, by name and fingerprint."""
    for mark, anchors, style in (("+", change.added, "green"), ("-", change.removed, "red")):
        for anchor in anchors:
            console.print(Text(f"  {mark} {_line(as_data(anchor))}", style=style), soft_wrap=True)
    if not (change.added or change.removed):
        console.print("  the same certificates as before")


def _line(anchor: dict[str, str]) -> str:
    return f"{anchor['fingerprint'][:16]}  {anchor['entity']}"


def _older_than_shipped(trust_list: TrustList) -> bool:
    for name, purpose in OFFICIAL.items():
        ours = shipped(name)
        if trust_list.file and ours and purpose is trust_list.purpose and ours.name == trust_list.name:
            return parse_time(trust_list.date) < parse_time(ours.date)
    return False
