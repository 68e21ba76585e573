"""The facts of one asset: what a profile cannot know. They are checked against it before anything is signed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, Self, TypedDict

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from provenance.digital_source_type import origin_of_source_type
from provenance.validation_errors import problems_of

from . import limits
from .errors import ProfileError
from .profile import (
    CREATED,
    OPENED,
    Parent,
    Permission,
    Profile,
    check_action,
    check_parameter,
    is_ai,
    source_type,
    why_not_alone,
)

Text = Annotated[str, Field(min_length=1, max_length=limits.MAX_TEXT)]

Oversight = Literal["fully_autonomous", "prompt_guided", "human_validated"]


def _in_utc(when: datetime) -> datetime:
    """In UTC; a time without a zone is taken for UTC, not for that of whichever machine signs."""
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC)
    try:
        return when.astimezone(UTC)
    except (OverflowError, OSError):
        raise ValueError("this is no time that can be written in UTC") from None


Time = Annotated[datetime, AfterValidator(_in_utc)]


# Parameters that refer to other parts of the manifest: what nobody checked must not be written there.
_FOLLOWING: Final = frozenset({"ingredient", "ingredientIds", "ingredients", "redacted", "relatedAssertions"})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Software(_Frozen):
    """A program by its name and version: the claim generator, or what did an action."""

    name: Text
    version: Text | None = None


class AiModel(_Frozen):
    """The AI model that took part. C2PA 2.4, section 18.28."""

    name: Text
    version: Text | None = None
    identifier: Text | None = Field(default=None, description="A URI or PURL, such as pkg:huggingface/org/model@rev.")
    type: Text = Field(default="c2pa.types.model", description="A value of C2PA 2.4, table 12.")
    scientific_domain: Text | None = Field(default=None, description="As in the arXiv taxonomy: cs.AI.")


class ActionFacts(_Frozen):
    """One more action than the profile has. C2PA 2.4, section 18.15.4."""

    action: Text
    digital_source_type: str | None = None
    description: Text | None = None
    when: Time | None = None
    software: Software | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)  # Any: as C2PA has them for each action

    @field_validator("action")
    @classmethod
    def _is_action(cls, action: str) -> str:
        check_action(action)
        if action in (CREATED, OPENED):
            raise ValueError(f"{action} follows from the profile")
        if why := why_not_alone(action):
            raise ValueError(f"{action}: {why}")
        return action

    @field_validator("parameters")
    @classmethod
    def _are_parameters(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        for name in parameters:
            check_parameter(name)
            if name in _FOLLOWING:
                raise ValueError(f"{name} follows from the ingredients that are given")
        return parameters

    @field_validator("digital_source_type")
    @classmethod
    def _is_known(cls, term: str | None) -> str | None:
        return None if term is None else source_type(term)


class AigcFacts(_Frozen):
    """The label of China's GB 45438-2025, annex E. It is written on request only."""

    label: Literal["1", "2", "3"] = "1"
    content_producer: Text
    produce_id: Text | None = None
    content_propagator: Text | None = None
    propagate_id: Text | None = None


class DescribingFacts(TypedDict, total=False):
    """The facts of an asset as arguments: those that do not say what was done to it, or by which model."""

    title: str | None
    human_oversight: Oversight | None
    digital_source_type: str | None
    description: str | None
    when: datetime | str | None
    all_actions_included: bool | None
    training_mining: Permission | None
    software: Software | Mapping[str, object] | str | None
    aigc: AigcFacts | Mapping[str, object] | None


class FactArguments(DescribingFacts, total=False):
    """The facts of an asset as arguments; each is one of `Facts`, which checks them."""

    model: AiModel | Mapping[str, object] | str | None
    prompt: str | None
    actions: Sequence[ActionFacts | Mapping[str, object] | str]


class Facts(_Frozen):
    """What is said of one asset beside its profile."""

    title: Text | None = None
    model: AiModel | None = None
    prompt: str | None = Field(default=None, description="Only its SHA-256 is written, never the prompt itself.")
    human_oversight: Oversight | None = None
    digital_source_type: str | None = Field(default=None, description="In place of the profile's.")
    description: Text | None = Field(default=None, description="Of the first action.")
    when: Time | None = Field(default=None, description="Of the actions; the profile may say that it is now.")
    actions: tuple[ActionFacts, ...] = Field(default=(), max_length=limits.MAX_ACTIONS)
    all_actions_included: bool | None = None
    training_mining: Permission | None = None
    software: Software | None = Field(default=None, description="Who generates the claim; the toolkit if left out.")
    aigc: AigcFacts | None = None

    @classmethod
    def of(cls, facts: Mapping[str, object]) -> Self:
        """The facts as plain data; a model or a program may be given by its name alone. Raises `ProfileError`."""
        data = dict(facts)
        for name in ("model", "software"):
            if isinstance(data.get(name), str):
                data[name] = {"name": data[name]}
        actions = data.get("actions")
        if isinstance(actions, list | tuple):
            data["actions"] = [{"action": action} if isinstance(action, str) else action for action in actions]
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ProfileError(f"facts: {problems_of(error)}") from None
        except UnicodeEncodeError:  # pydantic's own, at a reason that quotes half of a surrogate pair
            raise ProfileError("facts: a text in them is no Unicode") from None

    @field_validator("digital_source_type")
    @classmethod
    def _is_known(cls, term: str | None) -> str | None:
        return None if term is None else source_type(term)

    @field_validator("prompt")
    @classmethod
    def _is_text(cls, prompt: str | None) -> str | None:
        try:
            (prompt or "").encode()
        except UnicodeEncodeError:
            raise ValueError("this is no Unicode text") from None
        return prompt

    def check(self, profile: Profile) -> None:
        """Raises `ProfileError` where the facts and the profile contradict each other."""
        missing = [name for name in profile.requires if getattr(self, name) is None]
        if missing:
            raise ProfileError(f"the profile {profile.name} needs the fact “{missing[0]}”, and it is not given")
        if self.digital_source_type:
            _check_source_type(self.digital_source_type, profile)
        if not profile.ai_disclosure:
            if self.model is not None:
                raise ProfileError(f"the profile {profile.name} is not about AI, and a model is given")
            if self.prompt is not None or self.human_oversight:
                raise ProfileError(f"the profile {profile.name} is not about AI, and facts about its use are given")
        if profile.parent is Parent.NONE and self.actions and profile.name == "captured":
            raise ProfileError("a capture to which something was done is “edited”: give the capture as its parent")


def _check_source_type(chosen: str, profile: Profile) -> None:
    usual = profile.digital_source_type
    if usual and is_ai(usual) and not is_ai(chosen):
        raise ProfileError(f"the profile {profile.name} says that AI took part, and {chosen} does not say so")
    if is_ai(chosen) and not profile.ai_disclosure and profile.parent is Parent.NONE:
        raise ProfileError(
            f"{chosen} says that AI took part; the profile {profile.name} does not: use ai-generated or ai-edited"
        )
    if usual and not _agree(chosen, usual):
        raise ProfileError(f"the profile {profile.name} is for {usual}, and {chosen} is another origin")


def _agree(chosen: str, usual: str) -> bool:
    """Whether two digital source types speak of one origin, or both of AI."""
    return origin_of_source_type(chosen) == origin_of_source_type(usual) or (is_ai(chosen) and is_ai(usual))
