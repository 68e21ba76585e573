"""Sweeps: a few tries in every run, and many with `make sweep`, as the few can miss what one try in hundreds finds."""

from collections.abc import Collection
from itertools import product

import pytest


def tries(few: int, many: int) -> pytest.MarkDecorator:
    """Gives a test `tries`: few of them, and many where sweeps are asked for."""
    return pytest.mark.parametrize("tries", [few, pytest.param(many, marks=pytest.mark.sweep)])


def pairs(names: str, ones: Collection[str], others: Collection[str]) -> pytest.MarkDecorator:
    """Gives a test each of the one with one of the others, in turn, and the first with all of them; or every pair.

    For what is written by two parts that know nothing of each other, as a container and the signature in it.
    """
    first, turns = next(iter(ones)), len(others)
    chosen = {(one, tuple(others)[at % turns]) for at, one in enumerate(ones)} | {(first, other) for other in others}
    return pytest.mark.parametrize(
        names,
        [pair if pair in chosen else pytest.param(*pair, marks=pytest.mark.sweep) for pair in product(ones, others)],
    )
