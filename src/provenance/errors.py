"""The exceptions, for misuse and for the environment. A hostile file never raises: it gets a report.

ProvenanceError
├── AssetError          the file cannot be opened at all: missing, a folder, a pipe, no permission
│   └── RefusedTypeError    it is of a type that was switched off
├── TrustError          a trust list or the user's anchors cannot be read
├── PolicyError         a policy file does not hold what a policy needs
├── SettingError        an argument has no such value: a language, a source
├── FetchError          something could not be fetched from the network (in `fetching`)
└── MissingExtraError   an optional part of the toolkit is not installed
"""

from .distribution import NAME

__all__ = [
    "AssetError",
    "MissingExtraError",
    "PolicyError",
    "ProvenanceError",
    "RefusedTypeError",
    "SettingError",
    "TrustError",
]


class ProvenanceError(Exception):
    """The root of all errors that this toolkit raises on purpose."""


class AssetError(ProvenanceError):
    """A file that cannot be opened: missing, a folder, a pipe, or no permission."""


class TrustError(ProvenanceError):
    """A trust list, or the user's own trust anchors, that cannot be read."""


class PolicyError(ProvenanceError):
    """A policy file that does not hold what a policy needs."""


class SettingError(ProvenanceError):
    """An argument that has no such value: a language, a source, a time."""


class MissingExtraError(ProvenanceError):
    """An optional part of the toolkit that is not installed."""

    def __init__(self, subject: str, extra: str) -> None:
        super().__init__(f"{subject} needs an optional part: pip install '{NAME}[{extra}]'")


class RefusedTypeError(AssetError):
    """An asset of a type that was switched off. `media_type`: which one."""

    def __init__(self, media_type: str) -> None:
        super().__init__(f"files of the type {media_type} are not examined here")
        self.media_type = media_type

    def __reduce__(self) -> tuple[type["RefusedTypeError"], tuple[str]]:
        """It travels between processes, and is made anew from the type."""
        return RefusedTypeError, (self.media_type,)


for _name in __all__:
    globals()[_name].__module__ = "provenance"  # from where it is imported, so that a traceback says that
