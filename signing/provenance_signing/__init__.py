"""Signing: credentials, manifests by profile, and signed assets that are read back before they are handed out.

```python
from provenance_signing import Credential, sign

credential = Credential.load("development/credential.toml")
sign("picture.png", "signed.png", credential=credential, profile="ai-generated", model="Example Model")
```
"""

from .credential import Credential
from .engine import IdentitySigner
from .errors import (
    CredentialError,
    FormatError,
    IngredientError,
    OutputError,
    ProfileError,
    SigningError,
    TimeStampError,
)
from .facts import FactArguments, Facts
from .ingredients import Ingredient, Relationship
from .profile import Profile
from .shortcuts import ShortcutArguments, sign, sign_bytes
from .signer import SignArguments, Signed, Signer
from .time_stamps import IfUnavailable, TimeStamps

__all__ = [
    "Credential",
    "CredentialError",
    "FactArguments",
    "Facts",
    "FormatError",
    "IdentitySigner",
    "IfUnavailable",
    "Ingredient",
    "IngredientError",
    "OutputError",
    "Profile",
    "ProfileError",
    "Relationship",
    "ShortcutArguments",
    "SignArguments",
    "Signed",
    "Signer",
    "SigningError",
    "TimeStampError",
    "TimeStamps",
    "sign",
    "sign_bytes",
]
