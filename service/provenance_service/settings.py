"""The service's settings and limits, each limit with its reason. Sizes are in bytes, times in seconds.

A setting is taken from where it is found first: an option of the command, the environment, a TOML file, its default.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, Self, TypedDict

from platformdirs import user_data_path
from pydantic import ByteSize, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from provenance.errors import AssetError, SettingError
from provenance.files import read_small_file
from provenance.limits import GIB, KIB, MAX_MANIFEST_STORE, MIB

from .access.quota import Quota
from .access.scope import Scope

# A press photo has tens of megabytes, a short clip a few hundred; longer videos belong on the command line.
MAX_UPLOAD: Final = 256 * MIB

# Real files take well under a second; a reader on a deadline does not wait longer than this.
TIME_LIMIT: Final = 10.0

# A server that drips must cost a manifest and not the whole examination: it gets this part of the time limit.
FETCH_SHARE: Final = 0.5

# What a form may add to its file: boundaries, the headers of each part, a few short fields.
FORM_OVERHEAD: Final = 64 * KIB

# Our own form has one part; a client may add a few, millions would keep the parser busy.
MAX_PARTS: Final = 8

# A field beside the files: facts about one asset, a few hundred bytes, some kilobytes with many actions.
MAX_FIELD: Final = 32 * KIB

# Facts about an asset nest four or five levels; JSON that nests without an end takes a parser's whole stack.
MAX_NESTING: Final = 64

# All files of one job together: a night's pictures of an agency.
MAX_JOB: Final = 2 * GIB

# The name under which the signed file is saved: file systems take 255 bytes, and a proxy some kilobytes of headers.
MAX_SAVED_NAME: Final = 100

# An address to fetch, as JSON: browsers and servers stop at some kilobytes.
MAX_ADDRESS: Final = 8 * KIB

# Data that is signed as it is by a key behind the service: the claim of a manifest, some kilobytes.
MAX_SIGNED_DATA: Final = 1 * MIB

# Clients send a UUID or a hash.
MAX_IDEMPOTENCY_KEY: Final = 200

# The file of settings: a line each.
MAX_CONFIG: Final = 64 * KIB

# A part's headers name the field and the file: some hundred bytes.
MAX_PART_HEADERS: Final = 16 * KIB

# A connection that sends nothing for this long is broken, or holds its place on purpose.
MAX_SILENCE: Final = 30.0

# A connection slower than this, in bytes a second, after its first `MAX_SILENCE` seconds keeps a place from others.
SLOWEST_UPLOAD: Final = 16 * KIB

# Where all places that a client may have are taken, an upload that is slower than this, after so long, gives its own to
# the next.
CONTESTED_UPLOAD: Final = 128 * KIB
CONTESTED_AFTER: Final = 5.0

# With more patience a client of `SLOWEST_UPLOAD` could hold a place for hours; whoever needs longer sends less at once.
MAX_UPLOAD_TIME: Final = 3600.0

# A body that is no upload: a key to make, a binding to look for, a list of addresses.
MAX_JSON: Final = 1 * MIB

# Such a body comes whole within this time: a megabyte at `SLOWEST_UPLOAD`.
MAX_JSON_TIME: Final = 64.0

# Each upload may fill the disk with `max_upload` bytes, so their number has an end.
MAX_UPLOADS_AT_ONCE: Final = 64

# Starting a worker loads the engine and the trust lists: about a second, longer on a busy machine.
WORKER_START_LIMIT: Final = 60.0

# The largest picture that is decoded takes a quarter of a gigabyte; a crafted file could ask for all there is.
WORKER_MEMORY: Final = 4 * GIB

# A link in an article is opened for weeks; what is kept longer than needed is a burden and a risk.
KEEP_DAYS: Final = 30.0

# What signing adds to a file: a manifest store with thumbnails and ingredients, at most as large as one may be.
SIGNED_OVERHEAD: Final = MAX_MANIFEST_STORE

# After the signal to stop, requests in progress may take their time limit and this long to send their answers.
STOP_GRACE: Final = 5.0

# Registrations of one client that are tried, refused ones among them: each costs an entry in the audit log.
REGISTRATIONS: Final = "10000/day"


class TrustArguments(TypedDict):
    """The arguments of a verifier that say whom to trust."""

    trust: Path | None
    trust_profile: str | None
    identity_anchors: Path | None
    did_documents: tuple[Path, ...]


class Settings(BaseSettings):
    """How the service runs. Each one can be set by an environment variable, such as PROVENANCE_PORT: see `load`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="PROVENANCE_",
        env_ignore_empty=True,
        enable_decoding=False,  # lists are written with commas, not as JSON
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    max_upload: ByteSize = Field(
        default=ByteSize(MAX_UPLOAD), gt=0, description="Largest file, as in 1048576 or 256MiB."
    )
    max_job: ByteSize = Field(default=ByteSize(MAX_JOB), gt=0, description="All files of one job together.")
    time_limit: float = Field(
        default=TIME_LIMIT, gt=0, le=3600, description="Seconds for one examination or signature."
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=1024, description="Files examined at the same time."
    )
    trust_anchors: Path | None = Field(default=None, description="PEM file, added to the shipped lists.")
    trust_profile: str | None = Field(
        default=None, description="Which trust lists count: c2pa, c2pa+known (the default) or own."
    )
    identity_anchors: Path | None = Field(
        default=None, description="PEM file: certificates by which stated identities (CAWG) are believed."
    )
    did_documents: tuple[Path, ...] = Field(
        default=(), description="DID documents (JSON) of the identity services to believe."
    )
    refused_types: tuple[str, ...] = Field(
        default=(), description="Media types that are refused before they are parsed, as in image/svg+xml,video/*."
    )
    one_engine: bool = Field(default=False, description="Check C2PA manifests with the first engine only.")
    log: Literal["none", "text", "json"] = Field(
        default="none", description="A line for each answer on standard error: text or json."
    )
    metrics: bool = Field(default=True, description="Figures for Prometheus at /metrics.")
    collector: str | None = Field(default=None, description="OpenTelemetry collector, as in http://127.0.0.1:4318.")
    fetch_urls: bool = Field(default=False, description="Fetch and examine files at https addresses that clients give.")
    remote_manifests: bool = Field(default=False, description="Fetch manifests that files name but do not hold.")

    credentials: Path | None = Field(
        default=None, description="Folder of credentials to sign with: NAME.toml, or NAME/credential.toml."
    )
    profiles: Path | None = Field(default=None, description="Folder of profiles of your own: NAME.toml.")

    folder: Path = Field(
        default_factory=lambda: user_data_path("provenance") / "service",
        description="Folder for all data that is kept: client keys, jobs, stored answers, the registry, the audit log.",
    )
    database: SecretStr | None = Field(
        default=None, description="PostgreSQL database instead of a file in the folder: postgresql://user@host/name."
    )
    objects: str | None = Field(
        default=None, description="Object store instead of files in the folder: s3://bucket/prefix."
    )
    keep_days: float = Field(default=KEEP_DAYS, gt=0, le=3660, description="Days for which reports and jobs are kept.")
    register_signed: bool = Field(default=True, description="Register what is signed here, so that copies are found.")

    anonymous: tuple[Scope, ...] = Field(
        default=(Scope.VERIFY, Scope.DETECT), description="Scopes that need no key; none: every request needs one."
    )
    quota: Quota | None = Field(default=None, description="Files for each key in a period, as in 600/hour.")
    anonymous_quota: Quota | None = Field(default=None, description="The same for each client address without a key.")
    registrations: Quota = Field(
        default_factory=lambda: Quota.parse(REGISTRATIONS),
        description="How often each key may register files that were signed elsewhere.",
    )
    oidc_issuer: str | None = Field(
        default=None, description="OpenID Connect issuer whose tokens are accepted instead of keys: https://..."
    )
    oidc_audience: str = Field(default="provenance", description="Audience that these tokens must name.")
    cors: tuple[str, ...] = Field(
        default=(), description="Origins whose pages may send requests, as in https://cms.example."
    )
    proxies: str = Field(
        default="127.0.0.1", description="Addresses of reverse proxies whose forwarded client address is believed."
    )

    @field_validator("anonymous", "cors", "refused_types", "did_documents", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Lists are written with commas in the environment and in options; `none` is an empty one."""
        return (
            [item.strip() for item in value.split(",") if item.strip() != "none"] if isinstance(value, str) else value
        )

    def trust_arguments(self) -> TrustArguments:
        """Those that a verifier gets."""
        return TrustArguments(
            trust=self.trust_anchors,
            trust_profile=self.trust_profile,
            identity_anchors=self.identity_anchors,
            did_documents=self.did_documents,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Settings that are made in code are what the code says; the other sources are asked by `load`."""
        return (init_settings,)

    @classmethod
    def load(cls, *, config: Path | None = None, options: Mapping[str, object] = MappingProxyType({})) -> Self:
        """The settings in a TOML file, under those in the environment, under those in `options`.

        Raises `SettingError` for a file that cannot be read, and for a setting that there is not or that has no use.
        """
        merged: dict[str, Any] = {}
        for values in reversed(settings_by_origin(config, options).values()):
            merged |= values
        try:
            return cls(**merged)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise SettingError("; ".join(faults)) from None


def settings_by_origin(config: Path | None, options: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """What each origin of settings gives, the one that counts most first. Raises `SettingError` for the file."""
    sources: dict[str, PydanticBaseSettingsSource] = {
        "option": InitSettingsSource(Settings, init_kwargs=dict(options)),
        "environment": EnvSettingsSource(Settings),
    }
    if config is not None:
        sources[str(config)] = InitSettingsSource(Settings, init_kwargs=_in_file(config))
    return {origin: source() for origin, source in sources.items()}


def _in_file(path: Path) -> dict[str, Any]:
    """The settings that a TOML file gives; its own folder is where relative paths begin. Raises `SettingError`."""
    try:
        content = tomllib.loads(read_small_file(path, MAX_CONFIG).decode())
    except (AssetError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{path}: cannot be read as settings ({error})") from None
    paths = ("trust_anchors", "identity_anchors", "credentials", "profiles", "folder")
    resolved: dict[str, Any] = {
        name: path.parent / content[name] for name in paths if isinstance(content.get(name), str)
    }
    documents = content.get("did_documents")
    if isinstance(documents, list):
        resolved["did_documents"] = [path.parent / document for document in documents if isinstance(document, str)]
    return content | resolved
