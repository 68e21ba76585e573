"""The profiles that clients may name, and what each asks for, in words."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from provenance_signing import Profile
from provenance_signing.errors import ProfileError
from provenance_signing.profile import Parent, shipped_profiles

from .sentences import phrase
from .settings import Settings


class ProfileSummary(BaseModel):
    """A profile, as far as somebody who has a file signed needs to know it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="By which a client names it.")
    label: str = Field(description="What it says of the file, in the client's language; an operator's own as it is.")
    parent: Parent
    requires: tuple[str, ...] = Field(description="The facts that must be told.")
    ai_disclosure: bool = Field(description="Whether facts about the use of AI may be told.")


def profile_names(settings: Settings) -> tuple[str, ...]:
    """The profiles that clients may name: those that come with the toolkit, and the operator's own."""
    own = [path.stem for path in settings.profiles.glob("*.toml")] if settings.profiles is not None else []
    return tuple(sorted({*shipped_profiles(), *own}))


def load_profile(settings: Settings, name: str) -> Profile:
    """A profile by its name, which is one of `profile_names`. What comes from a client is never a path."""
    return Profile.load(_own_file(settings, name) or name)


def profile_summaries(settings: Settings, language: str) -> list[ProfileSummary]:
    """Those that can be read; signing by another one says what is wrong with it."""
    summaries = (_summary(name, settings, language) for name in profile_names(settings))
    return [summary for summary in summaries if summary is not None]


def _summary(name: str, settings: Settings, language: str) -> ProfileSummary | None:
    try:
        profile = load_profile(settings, name)
    except ProfileError:
        return None
    is_own = _own_file(settings, name) is not None
    return ProfileSummary(
        name=name,
        label=_own_label(profile) if is_own else phrase(f"profile.{name}", language),
        parent=profile.parent,
        requires=profile.requires,
        ai_disclosure=profile.ai_disclosure,
    )


def _own_file(settings: Settings, name: str) -> Path | None:
    """The operator's own file for this profile, where there is one; it stands above one that comes with the toolkit."""
    path = settings.profiles / f"{name}.toml" if settings.profiles is not None else None
    return path if path is not None and path.is_file() else None


def _own_label(profile: Profile) -> str:
    return f"{profile.name}: {profile.description}" if profile.description else profile.name
