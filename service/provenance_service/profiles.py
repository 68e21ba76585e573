"""The profiles that clients may name, and what each asks for, in words."""

from pydantic import BaseModel, ConfigDict, Field

from provenance_signing import Profile
from provenance_signing.errors import ProfileError
from provenance_signing.profile import Parent

from .sentences import phrase
from .settings import Settings
from .signing_tasks import own_profile, profile_names, profile_of


class AskedProfile(BaseModel):
    """A profile, as far as somebody who has a file signed needs to know it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="By which a client names it.")
    label: str = Field(description="What it says of the file, in the client's language; an operator's own as it is.")
    parent: Parent
    requires: tuple[str, ...] = Field(description="The facts that must be told.")
    ai_disclosure: bool = Field(description="Whether facts about the use of AI may be told.")


def profiles_of(settings: Settings, language: str) -> list[AskedProfile]:
    """All that can be read; whoever signs by another is told what is wrong with it."""
    return [found for name in profile_names(settings) if (found := _asked(name, settings, language))]


def _asked(name: str, settings: Settings, language: str) -> AskedProfile | None:
    try:
        profile = profile_of(settings, name)
    except ProfileError:
        return None
    return AskedProfile(
        name=name,
        label=_own_label(profile) if own_profile(settings, name) else phrase(f"profile.{name}", language),
        parent=profile.parent,
        requires=profile.requires,
        ai_disclosure=profile.ai_disclosure,
    )


def _own_label(profile: Profile) -> str:
    return f"{profile.name}: {profile.description}" if profile.description else profile.name
