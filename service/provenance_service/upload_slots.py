"""Slots for uploads: how many there may be at the same time, and who gives one up where none is left."""

import math
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from anyio import CancelScope

from .problems import RefusedError
from .settings import CONTESTED_AFTER, CONTESTED_UPLOAD


class UploadSlot:
    """One that is taken: by whom, and how the upload goes on."""

    def __init__(self, caller: str) -> None:
        self.caller, self.started, self.received = caller, time.monotonic(), 0
        self.is_receiving = False  # more of the upload is to come
        self.waiting: CancelScope | None = None  # while more of it is waited for
        self.is_lost = False

    @property
    def rate(self) -> float:
        """In bytes a second. A complete upload, or one that has only begun, counts as fast."""
        elapsed = time.monotonic() - self.started
        return self.received / elapsed if self.is_receiving and elapsed > CONTESTED_AFTER else math.inf


request_slot: Final[ContextVar[UploadSlot | None]] = ContextVar("request_slot", default=None)
"""The slot of the request at hand."""


class UploadSlots:
    """How many uploads there may be at the same time: each may fill the disk with as much as the limit allows.

    One caller has at most as many as it leaves to all others, so that nobody is locked out by one. Where there is none
    for the next upload, a slow one gives its own away.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._slots: set[UploadSlot] = set()

    @property
    def taken(self) -> int:
        """How many are taken now."""
        return len(self._slots)

    @property
    def left(self) -> int:
        """How many more could be taken."""
        return self._count - self.taken

    @contextmanager
    def take(self, caller: str) -> Iterator[None]:
        """A slot for one upload. Raises `RefusedError` where all are taken, or the caller's share is."""
        own = [slot for slot in self._slots if slot.caller == caller]
        if len(own) >= self.left:
            self._free_slowest(own or self._slots)
        slot = UploadSlot(caller)
        self._slots.add(slot)
        token = request_slot.set(slot)
        try:
            yield
        finally:
            request_slot.reset(token)
            self._slots.discard(slot)

    def _free_slowest(self, among: Collection[UploadSlot]) -> None:
        slowest = min(among, key=lambda slot: slot.rate)
        if slowest.rate >= CONTESTED_UPLOAD:
            raise RefusedError("busy")
        slowest.is_lost = True
        if slowest.waiting is not None:
            slowest.waiting.cancel()
        self._slots.discard(slowest)
