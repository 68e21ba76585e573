"""What can keep an asset from being signed. Every one is raised before anything is written.

ProvenanceError
└── SigningError
    ├── CredentialError   a certificate chain or a key that cannot be used: wrong passphrase, expired, out of order
    ├── ProfileError      a profile and facts that contradict each other, or a profile that cannot be read
    ├── IngredientError   an ingredient whose own manifest does not hold, or that cannot be read
    ├── FormatError       content of a type into which no manifest can be written
    ├── TimeStampError    no time stamp could be had, and the settings ask for one
    └── OutputError       the signed asset could not be written, or did not read back as it should
"""

from provenance.errors import ProvenanceError

__all__ = [
    "CredentialError",
    "FormatError",
    "IngredientError",
    "OutputError",
    "ProfileError",
    "SigningError",
    "TimeStampError",
]


class SigningError(ProvenanceError):
    """The asset was not signed, and nothing was written."""


class CredentialError(SigningError):
    """A certificate chain or a key that cannot be used. Its message never holds key material or a passphrase."""


class ProfileError(SigningError):
    """A profile that cannot be read, or that the given facts contradict."""


class IngredientError(SigningError):
    """An ingredient that cannot be read, or whose own manifest does not hold."""


class FormatError(SigningError):
    """Content of a type into which no manifest can be written."""


class TimeStampError(SigningError):
    """No time stamp could be had from the authority, and the settings ask for one."""


class OutputError(SigningError):
    """The signed asset could not be written, or did not read back as it should."""


for _name in __all__:
    globals()[_name].__module__ = "provenance_signing"  # from where it is imported, so that a traceback says that
