"""Sweeps: a few tries in every run, and many with `make sweep`, as the few can miss what one try in hundreds finds."""

import pytest


def tries(few: int, many: int) -> pytest.MarkDecorator:
    """Gives a test `tries`: few of them, and many where sweeps are asked for."""
    return pytest.mark.parametrize("tries", [few, pytest.param(many, marks=pytest.mark.sweep)])
