"""The C2PA list of conforming products: which one a signer's certificate is made out to."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_FILE: Final = Path(__file__).parent / "data" / "conforming-products-list.json"
_ATTRIBUTES: Final = ("CN", "O", "OU", "C")


def conforming_product(certificate: "Certificate") -> str | None:
    """The conformant generator product whose distinguished name this certificate carries, by its name on the list.

    All of common name, organisation, unit and country must be those of one record. That shows to which product the
    issuer made the certificate out; it means something only where that issuer is on the C2PA Trust List, for anyone
    else can write any name. It does not show that this very product made the file, in which version, or that it still
    conforms: the list is as old as its copy.
    """
    attributes = tuple(_attribute(certificate, name) for name in _ATTRIBUTES)
    return _products().get(attributes) if None not in attributes else None


@cache
def _products() -> dict[tuple[str | None, ...], str]:
    products: dict[tuple[str | None, ...], str] = {}
    for record in json.loads(_FILE.read_text("utf-8")):
        product = record["product"]
        if record["status"] == "conformant" and product["productType"] == "generatorProduct":
            name = tuple(_plain(product["DN"].get(attribute) or "") for attribute in _ATTRIBUTES)
            products[name] = _plain(product["DN"]["CN"])
    return products


def _attribute(certificate: "Certificate", name: str) -> str | None:
    """The value of this attribute in the subject, empty where it has none; None where it has several."""
    from cryptography.x509.oid import NameOID

    oid = {
        "CN": NameOID.COMMON_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "C": NameOID.COUNTRY_NAME,
    }[name]
    values = certificate.subject.get_attributes_for_oid(oid)
    return _plain(str(values[0].value)) if len(values) == 1 else None if values else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
