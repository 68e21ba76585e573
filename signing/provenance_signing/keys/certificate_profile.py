"""What the certificates of a chain have and lack: for verifiers at all, and for C2PA's official certificate profile.

The rules are data, in `certificate_profile.toml`; what they look at is in `certificate_requirements.py`.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from ..algorithms import PublicKey
from ..errors import CredentialError
from .certificate_requirements import ChainMember, stated

_FILE: Final = Path(__file__).with_suffix(".toml")
ASSURANCE_LEVELS: Final = (1, 2)


class Level(StrEnum):
    """For whom a requirement counts."""

    VERIFIERS = "verifiers"
    OFFICIAL_PROFILE = "official-profile"


class Role(StrEnum):
    """What a certificate is in its chain."""

    SIGNER = "signer"
    ISSUING = "issuing"
    INTERMEDIATE = "intermediate"
    ROOT = "root"


@dataclass(frozen=True)
class Finding:
    """One requirement, and whether a certificate meets it."""

    certificate: str  # its subject
    role: Role
    level: Level
    requirement: str  # a plain sentence about the certificate
    section: str
    ok: bool

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def check(
    certificates: bytes,
    *,
    key: PublicKey | None = None,
    assurance: int | None = None,
    at: datetime | None = None,
    name: str = "the certificates",
) -> tuple[Finding, ...]:
    """What each certificate of a PEM chain has and lacks, the signer's first, for this assurance level and time.

    Without a level, that which the signer's certificate states is taken, else 1. `key` is the public half of the key
    that should belong to it; `name` stands in errors. Raises `CredentialError` where nothing can be read.
    """
    try:
        chain = x509.load_pem_x509_certificates(certificates)
    except ValueError:
        raise CredentialError(f"{name}: this is no readable PEM of certificates") from None
    return tuple(_findings(chain, key, assurance or _stated_assurance(chain[0]), at or datetime.now(UTC)))


@cache
def sources() -> dict[Level, str]:
    """Where the rules of each level are from."""
    return {level: _table()[level]["source"] for level in Level}


def _findings(
    chain: Sequence[x509.Certificate], key: PublicKey | None, assurance: int, time: datetime
) -> Iterator[Finding]:
    for position, certificate in enumerate(chain):
        role = _role(position, certificate)
        member = ChainMember(certificate, position, tuple(chain[position + 1 : position + 2]), key, time)
        official = _table()["sections"][f"{role}-{assurance}" if role is Role.SIGNER else role]
        for level in Level:
            for rule in _table()[level]["rules"]:
                if role not in rule["for"] or rule.get("assurance", assurance) != assurance:
                    continue
                ok = member.check(rule)
                if ok is not None:
                    subject = certificate.subject.rfc4514_string()[:200]
                    yield Finding(subject, role, level, rule["says"], rule.get("section", official), ok)


def _role(position: int, certificate: x509.Certificate) -> Role:
    if position == 0:
        return Role.SIGNER
    if certificate.subject == certificate.issuer:
        return Role.ROOT
    return Role.ISSUING if position == 1 else Role.INTERMEDIATE


def _stated_assurance(signer: x509.Certificate) -> int:
    """The level that a signer's certificate states, as its rule has it."""
    for rule in _table()[Level.OFFICIAL_PROFILE]["rules"]:
        if rule["check"] == "identifier" and stated(signer, rule["oid"]) == rule["value"]:
            return int(rule["assurance"])
    return ASSURANCE_LEVELS[0]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
