"""Profiles: what a manifest says of an asset, as data. A platform adds its own as a TOML file of the same shape."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from provenance.digital_source_type import AI_ORIGINS, origin_of_source_type
from provenance.errors import AssetError
from provenance.evidence import Origin
from provenance.files import read_small_file
from provenance.sources.c2pa.rubric import non_editorial_actions
from provenance.validation_errors import problems_of

from . import limits
from .errors import ProfileError

_IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA: Final = "http://c2pa.org/digitalsourcetype/"

CREATED: Final = "c2pa.created"
OPENED: Final = "c2pa.opened"

# What may be said of training and data mining (CAWG training and data mining 1.1, section 2).
Permission = Literal["allowed", "notAllowed", "constrained"]


class Parent(StrEnum):
    """What a profile's parent ingredient is. C2PA 2.4, section 18.15.4: `created` has none, `opened` has one."""

    NONE = "none"  # the asset begins here
    REQUIRED = "required"  # what the asset was made from, given with it
    ITSELF = "itself"  # the asset as it came


class Profile(BaseModel):
    """What a manifest by this profile says. The first action follows from `parent`: `c2pa.created` or `c2pa.opened`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=100)
    description: str = Field(default="", max_length=limits.MAX_TEXT)
    parent: Parent
    actions: tuple[str, ...] = Field(default=(), max_length=limits.MAX_ACTIONS)
    digital_source_type: str | None = None
    all_actions_included: bool = False
    requires: tuple[Literal["model", "training_mining", "title"], ...] = ()
    ai_disclosure: bool = False
    happens_now: bool = Field(default=False, description="The actions happen when the asset is signed.")
    declare: bool = Field(default=False, description="Write the digital source type into the asset's XMP too.")
    training_mining: Permission | None = None

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """A shipped profile by its name, or one from a TOML file by its path. Raises `ProfileError`."""
        path = Path(name)
        if str(name) in shipped_profiles():
            text = files(__package__).joinpath("profiles", f"{name}.toml").read_text("utf-8")
        elif path.suffix == ".toml":
            text = _read(path)
        else:
            there = ", ".join(shipped_profiles())
            raise ProfileError(f"no profile called {name}; there are {there}, or give a file that ends in .toml")
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ProfileError(f"{name}: is not TOML ({error})") from None
        except ValidationError as error:
            raise ProfileError(f"{name}: {problems_of(error)}") from None

    @field_validator("digital_source_type")
    @classmethod
    def _is_known(cls, term: str | None) -> str | None:
        return None if term is None else source_type(term)

    @field_validator("actions")
    @classmethod
    def _are_actions(cls, actions: tuple[str, ...]) -> tuple[str, ...]:
        for action in actions:
            check_action(action)
            if action in (CREATED, OPENED):
                raise ValueError(f"{action} follows from `parent` and is not listed")
        return actions

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.parent is Parent.NONE and self.digital_source_type is None:
            raise ValueError("an asset that begins here (parent = none) needs a digital source type")
        if self.parent is Parent.NONE and not self.all_actions_included and self.actions == ():
            raise ValueError("an asset that begins here with no other action has all its actions included")
        if self.ai_disclosure and not is_ai(self.digital_source_type):
            raise ValueError("an AI disclosure needs a digital source type that says that AI took part")
        if self.declare and self.digital_source_type is None:
            raise ValueError("there is no digital source type to declare")
        needing = [action for action in self.actions if needs_source_type(action)]
        if needing and self.digital_source_type is None:
            raise ValueError(f"{needing[0]} needs a digital source type")
        return self


def shipped_profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the toolkit."""
    folder = files(__package__).joinpath("profiles")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def source_type(term: str) -> str:
    """The URI of a digital source type, given as its URI or its last part. Raises `ValueError` for one that is not."""
    for uri in (term, _IPTC + term, _C2PA + term):
        if uri.startswith(("http://", "https://")) and origin_of_source_type(uri) is not None:
            return uri.replace("https://", "http://", 1)
    raise ValueError(f"{term} is no digital source type of IPTC or C2PA")


def is_ai(uri: str | None) -> bool:
    """Whether this digital source type says that a generative model took part."""
    return uri is not None and (origin_of_source_type(uri) or Origin.UNKNOWN) in AI_ORIGINS


def needs_source_type(action: str) -> bool:
    """Whether C2PA's conformance program asks for a digital source type with this action."""
    return action in _actions()["perceptible"]


def why_not_alone(action: str) -> str | None:
    """Why this action is not among those that are given; None where it may be."""
    why: str | None = _actions()["not_alone"].get(action)
    return why


def parameters_needed(action: str) -> tuple[str, ...]:
    """The parameters without which this action is malformed."""
    return tuple(_actions()["needed_parameters"].get(action, ()))


def assertion_needed(action: str) -> str | None:
    """The label of the assertion that has to stand beside this action; None where none has."""
    label: str | None = _actions()["needed_assertion"].get(action)
    return label


@cache
def defined_actions() -> frozenset[str]:
    """The actions of C2PA 2.4 that are not deprecated."""
    table = _actions()
    unchanging = non_editorial_actions() - {*table["deprecated"]}
    return unchanging.union(table["perceptible"], table["without_source_type"])


def check_action(action: str) -> None:
    """Raises `ValueError` for what is no action of C2PA 2.4 and has no namespace of its own (section 6.2.1)."""
    table = _actions()
    if action in table["deprecated"]:
        raise ValueError(f"{action} is deprecated; C2PA 2.4 has other words for it")
    if action not in defined_actions() and (action.startswith("c2pa.") or "." not in action):
        raise ValueError(f"{action} is no action of C2PA 2.4; one of your own begins with your domain, turned around")


def check_parameter(name: str) -> None:
    """Raises `ValueError` for a parameter that C2PA 2.4 does not define and that has no namespace of its own."""
    if name not in _actions()["parameters"] and "." not in name:
        raise ValueError(f"{name} is no parameter of C2PA 2.4; one of your own begins with your domain, turned around")


@cache
def _actions() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("actions.toml").read_text("utf-8"))


def _read(path: Path) -> str:
    try:
        return read_small_file(path, limits.MAX_PROFILE).decode()
    except (AssetError, UnicodeDecodeError) as error:
        raise ProfileError(str(error) if isinstance(error, AssetError) else f"{path}: is not UTF-8") from None
