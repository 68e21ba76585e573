"""Trust lists: reading the official ones, the known signers, and the user's own, from the bytes that they come as."""

import base64
import binascii
import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import limits
from ..errors import TrustError
from ..iso_time import parse_time
from ..sentences import clean
from .certificates import SignerCertificate, is_authority, pem, read_certificate

if TYPE_CHECKING:  # cryptography is loaded when the first certificate is looked at: it takes longer than all else
    from cryptography.x509 import Certificate

_DATA: Final = Path(__file__).parent / "data"


class Purpose(StrEnum):
    """What an entry of a list may vouch for."""

    SIGNERS = "signers"
    KNOWN_SIGNERS = "known-signers"
    OWN_SIGNERS = "own-signers"
    ALLOWED = "allowed"  # the signer's own certificate; it issues nothing. C2PA 2.4, section 14.4.3
    TIME_STAMPS = "time-stamps"
    IDENTITIES = "identity"  # who made it, in an identity assertion; no signer of a manifest. CAWG Identity 1.2, 8.2


class ListName(StrEnum):
    """The lists that a profile is made of; each has a file of this name."""

    OFFICIAL_SIGNERS = "c2pa-trust-list"
    OFFICIAL_TIME_STAMPS = "c2pa-tsa-trust-list"
    KNOWN_SIGNERS = "known-signers"
    OWN_SIGNERS = "own-signers"
    OWN_TIME_STAMPS = "time-stamps"
    ALLOWED = "allowed"
    OWN_IDENTITIES = "identity"
    NEWS_PUBLISHERS = "iptc-news-publishers"


OFFICIAL: Final = {
    ListName.OFFICIAL_SIGNERS: Purpose.SIGNERS,
    ListName.OFFICIAL_TIME_STAMPS: Purpose.TIME_STAMPS,
}
# In PEM, and so without a date of their own.
OWN: Final = {
    ListName.OWN_SIGNERS: Purpose.OWN_SIGNERS,
    ListName.OWN_TIME_STAMPS: Purpose.TIME_STAMPS,
    ListName.ALLOWED: Purpose.ALLOWED,
    ListName.OWN_IDENTITIES: Purpose.IDENTITIES,
    ListName.NEWS_PUBLISHERS: Purpose.IDENTITIES,
}
_TITLES: Final = {
    ListName.OWN_SIGNERS: "Own trust anchors",
    ListName.OWN_TIME_STAMPS: "Own time stamping authorities",
    ListName.ALLOWED: "Certificates trusted directly",
    ListName.OWN_IDENTITIES: "Own identities",
    ListName.NEWS_PUBLISHERS: "IPTC Verified News Publishers List",
}


@dataclass(frozen=True)
class TrustAnchor:
    """A certificate from which trust starts, and who stands behind it."""

    der: bytes
    entity: str
    organisations: frozenset[str] | None = None  # for a known signer: the only ones that it may vouch for

    @cached_property
    def certificate(self) -> "Certificate":
        """The parsed certificate. Raises `ValueError` for one that cannot be read."""
        return read_certificate(self.der)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True)
class TrustList:
    """Trust anchors for one purpose, with the date of the list."""

    name: str
    purpose: Purpose
    date: str
    anchors: tuple[TrustAnchor, ...]
    next_update: str | None = None
    file: Path | None = None  # in the user's trust folder; None: shipped, or given for one run

    def overdue_at(self, time: datetime) -> bool:
        """Whether its issuer expected to replace it before this time."""
        return self.next_update is not None and parse_time(self.next_update) < time


@cache
def official_signers() -> TrustList:
    """The C2PA Trust List that ships with the toolkit."""
    return load_lote(_DATA / "c2pa-trust-list.json", Purpose.SIGNERS)


@cache
def official_time_stamps() -> TrustList:
    """The C2PA TSA Trust List that ships with the toolkit."""
    return load_lote(_DATA / "c2pa-tsa-trust-list.json", Purpose.TIME_STAMPS)


@cache
def known_signers() -> TrustList:
    """Signers that we recognise although no trust list names them."""
    table = tomllib.loads((_DATA / "known-signers.toml").read_text("utf-8"))
    anchors = tuple(
        TrustAnchor(der, signer["name"], frozenset(signer["organisations"]))
        for signer in table["signer"]
        for der in certificates_in_pem(signer["authority"])
    )
    return TrustList("Known signers", Purpose.KNOWN_SIGNERS, table["date"], anchors)


@cache
def news_publishers() -> TrustList:
    """The IPTC Verified News Publishers List that ships with the toolkit: newsrooms' own certificates.

    The list itself has no date: it is the one of the day on which it was taken.
    """
    name, path = ListName.NEWS_PUBLISHERS, _DATA / "iptc-verified-news-publishers.pem"
    table = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    ders = certificates_in_pem(path.read_text("ascii"))
    anchors = tuple(TrustAnchor(der, entity) for der, entity in zip(ders, table["names"], strict=True))
    return TrustList(_TITLES[name], OWN[name], table["date"], anchors)


def shipped(name: ListName) -> TrustList | None:
    """The list of this name that ships with the toolkit; None for the user's own, of which none does."""
    match name:
        case ListName.OFFICIAL_SIGNERS:
            return official_signers()
        case ListName.OFFICIAL_TIME_STAMPS:
            return official_time_stamps()
        case ListName.KNOWN_SIGNERS:
            return known_signers()
        case ListName.NEWS_PUBLISHERS:
            return news_publishers()
        case _:
            return None


def own_anchors(source: str | Path | bytes, name: ListName = ListName.OWN_SIGNERS) -> TrustList:
    """The user's own anchors, from a PEM file or PEM bytes. Raises `TrustError` where there are none to be read."""
    if isinstance(source, bytes):
        return parse_own(source, "the given trust anchors", name)
    return parse_own(read_limited(Path(source)), str(source), name)


def parse_own(content: bytes, where: str, name: ListName) -> TrustList:
    """A list of the user's own, from PEM; `where` stands in errors. Raises `TrustError` where it cannot be read."""
    try:
        ders = dict.fromkeys(certificates_in_pem(content.decode("ascii")))
        anchors = tuple(TrustAnchor(der, _subject_of(der)) for der in ders)
    except (UnicodeDecodeError, ValueError, binascii.Error) as error:
        raise TrustError(f"{where}: this is not a PEM file of certificates ({error})") from None
    if not anchors:
        raise TrustError(f"{where}: there is no certificate in it; trust anchors come as PEM")
    return TrustList(_TITLES[name], OWN[name], "", anchors)


def load_lote(path: Path, purpose: Purpose) -> TrustList:
    """A list of trusted entities in the ETSI JSON form (TS 119 602). Raises `TrustError` where it does not parse."""
    return parse_lote(read_limited(path), str(path), purpose)


def parse_lote(content: bytes, where: str, purpose: Purpose) -> TrustList:
    """The same, from its bytes; `where` stands in errors. Raises `TrustError` where it does not parse."""
    try:
        lote = json.loads(content.decode("utf-8"))["LoTE"]
        scheme = lote["ListAndSchemeInformation"]
        trust_list = TrustList(
            name=_text(scheme["SchemeName"]),
            purpose=purpose,
            date=scheme["ListIssueDateTime"],
            next_update=scheme.get("NextUpdate") or None,
            anchors=tuple(_lote_anchors(lote)),
        )
        for time in (trust_list.date, trust_list.next_update or trust_list.date):
            parse_time(time)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise TrustError(f"{where}: this is not a trust list in the ETSI LoTE form ({error!r})") from None
    return trust_list


def check_entries(anchors: Iterable[TrustAnchor], purpose: Purpose, where: str) -> None:
    """Raises `TrustError` for what cannot do what the list is for.

    An anchor must be an authority, a certificate that is trusted directly must not (C2PA 2.4, section 14.4.3). For
    identities there may be both: authorities, and the certificates of named actors themselves.
    """
    for anchor in anchors:
        try:
            authority = is_authority(anchor.certificate)
        except ValueError as error:
            raise TrustError(f"{where}: a certificate of {anchor.entity} cannot be read ({error})") from None
        if purpose is Purpose.IDENTITIES:
            continue
        if authority and purpose is Purpose.ALLOWED:
            raise TrustError(f"{where}: {anchor.entity} is an authority; add it with --purpose own-signers")
        if not authority and purpose is not Purpose.ALLOWED:
            raise TrustError(
                f"{where}: {anchor.entity} is no authority, so it vouches for nobody; to trust what this very "
                "certificate signed, add it with --purpose allowed"
            )


def as_pem(anchors: Iterable[TrustAnchor]) -> bytes:
    """Anchors as a PEM file."""
    return "".join(pem(anchor.der) for anchor in anchors).encode("ascii")


def certificates_in_pem(text: str) -> list[bytes]:
    """The DER certificates in a PEM text; other lines are passed over."""
    ders = []
    for part in text.split("-----BEGIN CERTIFICATE-----")[1:]:
        body, end, _ = part.partition("-----END CERTIFICATE-----")
        if not end:
            raise ValueError("a certificate has no end")
        ders.append(base64.b64decode("".join(body.split()), validate=True))
    return ders


def read_limited(path: Path) -> bytes:
    """The content of a list. Raises `TrustError` where it cannot be read, or is too large to be one."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limits.MAX_ANCHORS_SIZE + 1)
    except OSError as error:
        raise TrustError(f"{path}: cannot be read ({error.strerror or error})") from None
    if len(data) > limits.MAX_ANCHORS_SIZE:
        raise TrustError(f"{path}: larger than {limits.MAX_ANCHORS_SIZE} bytes; trust anchors are far smaller")
    return data


def _lote_anchors(lote: dict[str, Any]) -> list[TrustAnchor]:
    return [
        TrustAnchor(base64.b64decode(certificate["val"]), _text(entity["TrustedEntityInformation"]["TEName"]))
        for entity in lote["TrustedEntitiesList"]
        for service in entity["TrustedEntityServices"]
        for certificate in service["ServiceInformation"]["ServiceDigitalIdentity"]["X509Certificates"]
    ]


def _text(multilingual: list[dict[str, str]]) -> str:
    return clean(next((item["value"] for item in multilingual if item.get("lang") == "en"), multilingual[0]["value"]))


def _subject_of(der: bytes) -> str:
    """Whom a certificate names, in one name where it has one."""
    certificate = read_certificate(der)
    named = SignerCertificate.of(certificate)
    return clean(named.organisation or named.common_name or certificate.subject.rfc4514_string())
