"""What a worker signs: an asset by a profile, or raw data for a key behind the service."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provenance.errors import AssetError
from provenance_signing import Credential, Facts, Ingredient, Profile, Relationship, Signer
from provenance_signing.credential_file import CredentialFile
from provenance_signing.errors import CredentialError, OutputError, SigningError, TimeStampError
from provenance_signing.headers import ai_disclosure
from provenance_signing.limits import REMOTE_KEY_TIME
from provenance_signing.profile import shipped_profiles

from .registry.registering import RegisterTask, Registration
from .settings import Settings
from .workers import Tools

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class SignedAnswer:
    """What was signed: the type of the output, its manifest, and what the client should know, as keys of sentences."""

    media_type: str
    manifest_id: str
    remarks: tuple[str, ...]
    sha256: str
    disclosure: str | None = None
    """That AI took part, as the header `AI-Disclosure` says it."""


@dataclass(frozen=True)
class NotSigned:
    """Why not. `ours`: it is for the operator to mend, and not told to the client."""

    why: str
    ours: bool = False


@dataclass(frozen=True)
class SignTask:
    """An asset to sign into `output`."""

    credential: str
    profile: str
    facts: Mapping[str, Any]
    source: Path
    name: str
    output: Path
    parent: Path | None = None
    parent_name: str | None = None
    register: bool = False

    def run(self, tools: Tools) -> tuple[SignedAnswer, Registration | None] | NotSigned:
        """Signs it, and finds out what the registry is to keep of it; a refusal is an answer too."""
        # A client tells facts; the other arguments of `sign`, such as paths and assertions, are not a client's to give.
        if unknown := sorted(set(self.facts) - set(Facts.model_fields)):
            return NotSigned(f"facts: {unknown[0][:100]!r} is none; there are {', '.join(Facts.model_fields)}")
        if self.profile not in profile_names(tools.settings):
            return NotSigned(
                f"no profile called {self.profile[:100]!r}; there are {', '.join(profile_names(tools.settings))}"
            )
        try:
            signer = _signer(tools, self.credential, self.profile)
        except SigningError as error:
            return NotSigned(str(error), ours=True)
        try:
            parent = Ingredient(self.parent, Relationship.PARENT, self.parent_name) if self.parent else None
            signed = signer.sign(self.source, self.output, name=self.name, parent=parent, **dict(self.facts))
        except AssetError:  # whose message names the file
            return NotSigned("what was received cannot be read", ours=True)
        except (CredentialError, TimeStampError, OutputError) as error:
            return NotSigned(str(error), ours=True)
        except SigningError as error:
            return NotSigned(str(error))
        with self.output.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        remarks = tuple(each.key for each in signed.remarks)
        found = None
        if self.register:
            found = RegisterTask(self.output, self.name, signed.manifest, is_ours=True).run(tools)
        declared = self.facts.get("digital_source_type") or signer.profile.digital_source_type
        disclosure = ai_disclosure(str(declared), self.facts)
        answer = SignedAnswer(signed.media_type, signed.manifest_id, remarks, sha256, disclosure)
        return answer, found if isinstance(found, Registration) else None


@dataclass(frozen=True)
class SignatureTask:
    """Raw data to sign, as a key behind a service does."""

    credential: str
    algorithm: str
    data: bytes

    def run(self, tools: Tools) -> bytes | NotSigned:
        """The signature, as COSE has it."""
        try:
            credential = _credential(tools, self.credential)
            if self.algorithm != credential.algorithm:
                return NotSigned(f"this key signs with {credential.algorithm}")
            credential.check_valid()
            return credential.sign(self.data)
        except SigningError as error:
            return NotSigned(str(error), ours=True)


def credential_files(settings: Settings) -> dict[str, Path]:
    """The configured credentials by their names: NAME.toml, or NAME/credential.toml."""
    folder = settings.credentials
    if folder is None or not folder.is_dir():
        return {}
    found = {path.stem: path for path in folder.glob("*.toml")}
    found |= {path.parent.name: path for path in folder.glob("*/credential.toml")}
    return {name: path for name, path in sorted(found.items()) if _NAME.fullmatch(name)}


def profile_names(settings: Settings) -> tuple[str, ...]:
    """The profiles that clients may name: those that come with the toolkit, and the operator's own."""
    own = [path.stem for path in settings.profiles.glob("*.toml")] if settings.profiles is not None else []
    return tuple(sorted({*shipped_profiles(), *own}))


def waiting_time(path: Path) -> float:
    """How many seconds signing with this credential may wait for others: a key behind a service, the authority."""
    try:
        found = CredentialFile.load(path)
    except CredentialError:
        return 0.0  # whoever signs with it is told
    # A key behind a service is asked twice at first: it shows that it belongs to the certificate, then it signs.
    for_key = 2 * REMOTE_KEY_TIME if found.key.url is not None else 0.0
    return for_key + (found.time_stamps.time_limit if found.time_stamps is not None else 0.0)


def _credential(tools: Tools, name: str) -> Credential:
    key = ("credential", name)
    if key not in tools.kept:
        tools.kept[key] = Credential.load(credential_files(tools.settings)[name])
    credential: Credential = tools.kept[key]
    return credential


def _signer(tools: Tools, credential: str, profile: str) -> Signer:
    key = ("signer", credential, profile)
    if key not in tools.kept:
        tools.kept[key] = Signer(
            _credential(tools, credential), profile=profile_of(tools.settings, profile), trust=tools.verifier.trust
        )
    signer: Signer = tools.kept[key]
    return signer


def own_profile(settings: Settings, name: str) -> Path | None:
    """The operator's own file for this profile, where there is one; it stands above one that comes with the toolkit."""
    path = settings.profiles / f"{name}.toml" if settings.profiles is not None else None
    return path if path is not None and path.is_file() else None


def profile_of(settings: Settings, name: str) -> Profile:
    """A profile by its name, which is one of `profile_names`. What comes from a client is never a path."""
    return Profile.load(own_profile(settings, name) or name)
