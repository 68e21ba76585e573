"""Times as files, lists and people write them. ISO 8601."""

from datetime import UTC, datetime


def parse_time(text: str) -> datetime:
    """The time, in UTC where the text names no zone. Raises `ValueError` for what is none."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
