"""What is in a trust store, for people: the lists, how old they are, and who stands on them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from . import TrustStore
from .lists import TrustList


def describe(store: TrustStore) -> list[dict[str, Any]]:
    """The lists as plain data."""
    return [
        {
            "name": each.name,
            "purpose": each.purpose,
            "date": each.date or None,
            "next_update": each.next_update,
            "age_days": _age(each),
            "overdue": _overdue(each),
            "anchors": len(each.anchors),
            "entities": dict(Counter(anchor.entity for anchor in each.anchors)),
        }
        for each in store.lists
    ]


def print_trust(store: TrustStore, console: Console) -> None:
    """Prints the lists, one after the other."""
    for each in describe(store):
        console.print(Text(each["name"], style="bold"), Text(f"({each['purpose']})", style="dim"))
        if each["date"]:
            update = f", next update {each['next_update'][:10]}" if each["next_update"] else ""
            console.print(f"  issued {each['date'][:10]}, {each['age_days']} days ago{update}", highlight=False)
        if each["overdue"]:
            console.print("  its issuer expected to replace it by now: look for a newer one", style="yellow")
        console.print(f"  {each['anchors']} trust anchors:", highlight=False)
        console.print(Padding(Text("; ".join(each["entities"]), style="dim"), (0, 0, 1, 4)))


def _age(each: TrustList) -> int | None:
    return (datetime.now(UTC) - _parse(each.date)).days if each.date else None


def _overdue(each: TrustList) -> bool:
    return each.next_update is not None and _parse(each.next_update) < datetime.now(UTC)


def _parse(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
