"""Signing in a worker process: an asset by a profile, or raw data for a key behind the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.errors import AssetError
from provenance.files import sha256_of
from provenance_signing import Credential, Facts, Ingredient, Relationship, Signer
from provenance_signing.errors import CredentialError, OutputError, SigningError, TimeStampError
from provenance_signing.headers import ai_disclosure

from ..credential_files import credential_files
from ..registry.registration import Registration
from ..signing_profiles import load_profile, profile_names
from .register import RegisterTask
from .worker import WorkerContext


@dataclass(frozen=True)
class SigningResult:
    """The signed output: its type, its manifest, and remarks for the client, as keys of sentences."""

    media_type: str
    manifest_id: str
    remarks: tuple[str, ...]
    sha256: str
    disclosure: str | None = None
    """That AI took part, as the header `AI-Disclosure` says it."""


@dataclass(frozen=True)
class SigningRefusal:
    """Why nothing was signed. `is_internal`: the operator has to mend it; the client is not told."""

    reason: str
    is_internal: bool = False


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

    def run(self, context: WorkerContext) -> tuple[SigningResult, Registration | None] | SigningRefusal:
        """Signs it, and finds out what the registry is to keep of it; a refusal is an answer too."""
        # A client tells facts; the other arguments of `sign`, such as paths and assertions, are not a client's to give.
        if unknown := sorted(set(self.facts) - set(Facts.model_fields)):
            return SigningRefusal(f"facts: {unknown[0][:100]!r} is none; there are {', '.join(Facts.model_fields)}")
        if self.profile not in profile_names(context.settings):
            return SigningRefusal(
                f"no profile called {self.profile[:100]!r}; there are {', '.join(profile_names(context.settings))}"
            )
        try:
            signer = _signer(context, self.credential, self.profile)
        except SigningError as error:
            return SigningRefusal(str(error), is_internal=True)
        try:
            parent = Ingredient(self.parent, Relationship.PARENT, self.parent_name) if self.parent else None
            signed = signer.sign(self.source, self.output, name=self.name, parent=parent, **dict(self.facts))
        except AssetError:  # whose message names the file
            return SigningRefusal("what was received cannot be read", is_internal=True)
        except (CredentialError, TimeStampError, OutputError) as error:
            return SigningRefusal(str(error), is_internal=True)
        except SigningError as error:
            return SigningRefusal(str(error))
        remarks = tuple(remark.key for remark in signed.remarks)
        registration = None
        if self.register:
            registration = RegisterTask(self.output, self.name, signed.manifest, is_ours=True).run(context)
        declared = self.facts.get("digital_source_type") or signer.profile.digital_source_type
        disclosure = ai_disclosure(str(declared), self.facts)
        result = SigningResult(signed.media_type, signed.manifest_id, remarks, sha256_of(self.output), disclosure)
        return result, registration if isinstance(registration, Registration) else None


@dataclass(frozen=True)
class SignatureTask:
    """Raw data to sign, as a key behind a service does."""

    credential: str
    algorithm: str
    data: bytes

    def run(self, context: WorkerContext) -> bytes | SigningRefusal:
        """The signature, as COSE has it."""
        try:
            credential = _credential(context, self.credential)
            if self.algorithm != credential.algorithm:
                return SigningRefusal(f"this key signs with {credential.algorithm}")
            credential.check_valid()
            return credential.sign(self.data)
        except SigningError as error:
            return SigningRefusal(str(error), is_internal=True)


def _credential(context: WorkerContext, name: str) -> Credential:
    key = ("credential", name)
    if key not in context.cache:
        context.cache[key] = Credential.load(credential_files(context.settings)[name])
    credential: Credential = context.cache[key]
    return credential


def _signer(context: WorkerContext, credential: str, profile: str) -> Signer:
    key = ("signer", credential, profile)
    if key not in context.cache:
        context.cache[key] = Signer(
            _credential(context, credential),
            profile=load_profile(context.settings, profile),
            trust=context.verifier.trust,
        )
    signer: Signer = context.cache[key]
    return signer
