"""Streams of server-sent events about jobs: how many listeners there may be, and that each place is freed."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from anyio import move_on_after
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ..problems import RefusedError

# Each listener asks the database twice a second.
MAX_LISTENERS: Final = 50

# A page listens once to each of its jobs; a client with all places would lock out the others.
MAX_LISTENERS_OF_JOB: Final = 10
MAX_LISTENERS_OF_CALLER: Final = 10

# For how long one connection may listen, in seconds, also one that reads nothing: clients connect again.
MAX_LISTENING: Final = 900.0


class EventListeners:
    """The present listeners, by job and by caller."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    @contextmanager
    def admit(self, job: str, caller: str) -> Iterator[None]:
        """A place for one more. Raises `RefusedError` where there are too many."""
        limits = {"": MAX_LISTENERS, f"job {job}": MAX_LISTENERS_OF_JOB, f"caller {caller}": MAX_LISTENERS_OF_CALLER}
        if any(self._counts[name] >= limit for name, limit in limits.items()):
            raise RefusedError("busy")
        self._counts.update(limits.keys())
        try:
            yield
        finally:
            self._counts.subtract(limits.keys())
            self._counts += Counter()  # drops zero counts


class EventStream(StreamingResponse):
    """Server-sent events of one listener, who has a place from the first byte of the answer to its end."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], *, listeners: EventListeners, job: str, caller: str) -> None:
        super().__init__(events)
        self._listeners, self._job, self._caller = listeners, job, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends them. Here, and not where the events are made: a client that hangs up early never gets as far."""
        with self._listeners.admit(self._job, self._caller), move_on_after(MAX_LISTENING):
            await super().__call__(scope, receive, send)
