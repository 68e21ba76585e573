"""How long the tests wait for what will happen: a busy machine is slow, and only what never happens takes so long."""

import time
from collections.abc import Callable

PATIENCE = 600.0
"""Seconds."""


def eventually(condition: Callable[[], object]) -> None:
    """Returns once it holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
