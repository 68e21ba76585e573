"""Trust lists: loading the official ones, the known signers, and the user's own anchors."""

import base64
import binascii
import json
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import limits
from ..errors import TrustError

if TYPE_CHECKING:  # cryptography is loaded when the first certificate is looked at: it takes longer than all else
    from cryptography.x509 import Certificate

_DATA: Final = Path(__file__).parent / "data"


class Purpose(StrEnum):
    """What an anchor on a list may vouch for."""

    SIGNERS = "signers"
    KNOWN_SIGNERS = "known-signers"
    OWN_SIGNERS = "own-signers"
    TIME_STAMPS = "time-stamps"


@dataclass(frozen=True)
class TrustAnchor:
    """A certificate from which trust starts, and who stands behind it."""

    der: bytes
    entity: str
    organisations: frozenset[str] | None = None  # for a known signer: the only ones that it may vouch for

    @cached_property
    def certificate(self) -> "Certificate":
        """The parsed certificate."""
        from cryptography import x509

        return x509.load_der_x509_certificate(self.der)


@dataclass(frozen=True)
class TrustList:
    """Trust anchors for one purpose, with the date of the list."""

    name: str
    purpose: Purpose
    date: str
    anchors: tuple[TrustAnchor, ...]
    next_update: str | None = None


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


def own_anchors(source: str | Path | bytes) -> TrustList:
    """The user's own anchors, from a PEM file or PEM bytes. Raises `TrustError` where there are none to be read."""
    if isinstance(source, bytes):
        where, pem = "the given trust anchors", source
    else:
        where, pem = str(source), _read_limited(Path(source))
    try:
        ders = certificates_in_pem(pem.decode("ascii"))
        anchors = tuple(TrustAnchor(der, _subject_of(der)) for der in ders)
    except (UnicodeDecodeError, ValueError, binascii.Error) as error:
        raise TrustError(f"{where}: this is not a PEM file of certificates ({error})") from None
    if not anchors:
        raise TrustError(f"{where}: there is no certificate in it; trust anchors come as PEM")
    return TrustList("Own trust anchors", Purpose.OWN_SIGNERS, "", anchors)


def load_lote(path: Path, purpose: Purpose) -> TrustList:
    """A list of trusted entities in the ETSI JSON form (TS 119 602). Raises `TrustError` where it does not parse."""
    try:
        lote = json.loads(path.read_text("utf-8"))["LoTE"]
        scheme = lote["ListAndSchemeInformation"]
        return TrustList(
            name=_text(scheme["SchemeName"]),
            purpose=purpose,
            date=scheme["ListIssueDateTime"],
            next_update=scheme.get("NextUpdate"),
            anchors=tuple(_lote_anchors(lote)),
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise TrustError(f"{path}: this is not a trust list in the ETSI LoTE form ({error!r})") from None


def certificates_in_pem(text: str) -> list[bytes]:
    """The DER certificates in a PEM text; other lines are passed over."""
    ders = []
    for part in text.split("-----BEGIN CERTIFICATE-----")[1:]:
        body, end, _ = part.partition("-----END CERTIFICATE-----")
        if not end:
            raise ValueError("a certificate has no end")
        ders.append(base64.b64decode("".join(body.split()), validate=True))
    return ders


def _lote_anchors(lote: dict[str, Any]) -> list[TrustAnchor]:
    return [
        TrustAnchor(base64.b64decode(certificate["val"]), _text(entity["TrustedEntityInformation"]["TEName"]))
        for entity in lote["TrustedEntitiesList"]
        for service in entity["TrustedEntityServices"]
        for certificate in service["ServiceInformation"]["ServiceDigitalIdentity"]["X509Certificates"]
    ]


def _text(multilingual: list[dict[str, str]]) -> str:
    return next((item["value"] for item in multilingual if item.get("lang") == "en"), multilingual[0]["value"])


def _subject_of(der: bytes) -> str:
    from cryptography import x509

    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


def _read_limited(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(limits.MAX_ANCHORS_SIZE + 1)
    except OSError as error:
        raise TrustError(f"{path}: cannot be read ({error.strerror or error})") from None
    if len(data) > limits.MAX_ANCHORS_SIZE:
        raise TrustError(f"{path}: larger than {limits.MAX_ANCHORS_SIZE} bytes; trust anchors are far smaller")
    return data
