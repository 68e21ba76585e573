"""All kinds of mutations together, and the case of a seed and a number."""

import random
from collections.abc import Mapping, Sequence

from . import boxes, containers, exclusions, forgeries, formats, histories, strings
from .bases import Base
from .case import KINDS, Case, World
from .principals import Principals
from .stores import UnfitError

__all__ = ["boxes", "case_of", "containers", "exclusions", "forgeries", "formats", "histories", "strings"]

_TRIES = 40


def case_of(people: Principals, bases: Mapping[str, Base], seed: int, number: int) -> Case:
    """Case `number` of this seed: always the same."""
    rng = random.Random(f"{seed}/{number}")
    world = World(people, dict(bases), rng)
    names: Sequence[str] = sorted(bases)
    for _ in range(_TRIES):
        base = bases[rng.choice(names)]
        kinds = [mutation for _, mutation in sorted(KINDS.items()) if mutation.fits(base)]
        drawn = rng.choices(kinds, [mutation.weight for mutation in kinds])[0]
        try:
            return drawn.make(world, base)
        except UnfitError:
            continue
    raise RuntimeError(f"case {number} of seed {seed} fits nowhere")
