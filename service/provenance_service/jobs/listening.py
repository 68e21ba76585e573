"""Listeners to the progress of jobs: how many there may be, and that each is freed whatever becomes of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from anyio import move_on_after
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ..problems import RefusedError

# Each listener asks the database twice a second.
MAX_LISTENERS: Final = 50

# A page listens once to each of its jobs; whoever takes all places keeps others from them.
MAX_LISTENERS_OF_JOB: Final = 10
MAX_LISTENERS_OF_CLIENT: Final = 10

# For how long one connection may listen, in seconds, also one that reads nothing: clients connect again.
MAX_LISTENING: Final = 900.0


class Listeners:
    """Those that there are, by job and by client."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def one(self, job: str, client: str) -> Iterator[None]:
        """A place for one more. Raises `RefusedError` where there are too many."""
        counted = {"": MAX_LISTENERS, f"job {job}": MAX_LISTENERS_OF_JOB, f"client {client}": MAX_LISTENERS_OF_CLIENT}
        if any(self._of[name] >= most for name, most in counted.items()):
            raise RefusedError("busy")
        self._of.update(counted.keys())
        try:
            yield
        finally:
            self._of.subtract(counted.keys())
            self._of += Counter()  # forgets what is at none


class Events(StreamingResponse):
    """Server-sent events of one listener, who has a place from the first byte of the answer to its end."""

    media_type = "text/event-stream"
    listeners: Listeners
    job: str
    client: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends them. Here, and not where the events are made: a client that hangs up early never gets as far."""
        with self.listeners.one(self.job, self.client), move_on_after(MAX_LISTENING):
            await super().__call__(scope, receive, send)
