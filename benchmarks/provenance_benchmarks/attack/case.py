"""One case: what is given to the verifier, and the truth about it, which the report may not go beyond."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from .bases import Base
from .principals import Principals


class Content(StrEnum):
    """What became of the bytes outside the manifest's own container."""

    SAME = "same"
    LEFT_OUT = "changed where the standard leaves out"  # changed where the standard itself asks for no hash
    IN_PLACE = "other bytes in the manifest's own place"
    CHANGED = "changed"


AI_ORIGINS: Final = frozenset({"ai-generated", "ai-edited"})


@dataclass(frozen=True)
class Truth:
    """Who really signed what. `signers` may be named as whom the asset's record is from, `named` anywhere.

    `signed`: the labels of manifests with the names of those whose signatures hold over them, where that was checked.
    `stampers`: time stamping authorities that stamped these very claims. `origins`: what the record may be said to say
    with no conflict listed; None where the attacker may say what he likes. `hostile`: strings in it attack the reader.
    """

    signers: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    signed: frozenset[tuple[str, str]] | None = None
    labels: frozenset[str] = frozenset()  # of all manifests, where `signed` is known
    stampers: frozenset[str] = frozenset()
    content: Content = Content.SAME
    origins: frozenset[str] | None = None
    hostile: bool = False

    def but(self, **changes: Any) -> "Truth":
        """The same truth but for this."""
        return replace(self, **changes)


@dataclass
class Case:
    """What is given to the verifier."""

    kind: str
    base: str
    file: str
    data: bytes
    truth: Truth
    manifest: bytes | None = None


@dataclass(frozen=True)
class World:
    """What a mutation draws from."""

    people: Principals
    bases: dict[str, Base]
    rng: random.Random

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def one_of(self, *choices: Any) -> Any:
        """One of these."""
        return self.rng.choice(choices)

    def version(self) -> int:
        """Of the claim."""
        return self.rng.choice((1, 2))


Mutation = Callable[[World, Base], Case]


@dataclass(frozen=True)
class MutationKind:
    """A kind of mutation: how often it is drawn, and for which bases it is made."""

    name: str
    weight: float
    make: Mutation
    fits: Callable[[Base], bool]


KINDS: Final[dict[str, MutationKind]] = {}


def kind(
    name: str, weight: float = 1.0, fits: Callable[[Base], bool] = lambda _: True
) -> Callable[[Mutation], Mutation]:
    """Registers a kind of mutation."""

    def register(make: Mutation) -> Mutation:
        KINDS[name] = MutationKind(name, weight, make, fits)
        return make

    return register
