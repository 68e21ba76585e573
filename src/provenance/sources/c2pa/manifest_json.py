"""The manifests of a store as plain data, in the terms of the first engine's JSON: only what was verified here.

An assertion whose hash is not the one in the claim is not there, nor who signed where the signature does not hold.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ...credentials import Code
from ...formats.jumbf import StoreError
from ...trust.certificates import SignerCertificate
from .cose import load_certificate
from .manifest_store import ASSERTIONS_LABEL, SELF, path_in
from .validator import INGREDIENT, Validation, Verified, cited_manifest, manifest_at

_THUMBNAIL_OF_CLAIM = "c2pa.thumbnail.claim"


def store_json(validation: Validation, codes: Iterable[Code], verdict: str | None) -> dict[str, Any]:
    """The store with these validation codes."""
    return {
        "active_manifest": validation.store.active.label,
        "manifests": {label: _manifest(validation, verified) for label, verified in validation.verified.items()},
        "validation_results": results_of(codes),
        "validation_state": verdict,
    }


def results_of(codes: Iterable[Code]) -> dict[str, Any]:
    """Validation codes as the standard's map of results: of the active manifest, and of each ingredient assertion."""
    active: dict[str, list[dict[str, Any]]] = {"success": [], "informational": [], "failure": []}
    deltas: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for code in codes:
        empty: dict[str, list[dict[str, Any]]] = {"success": [], "informational": [], "failure": []}
        place = active if code.ingredient is None else deltas.setdefault(code.ingredient, empty)
        said = {"code": code.code, "url": code.url, "explanation": code.explanation}
        place[code.kind].append({name: value for name, value in said.items() if value is not None})
    results: dict[str, Any] = {"activeManifest": active}
    if deltas:
        results["ingredientDeltas"] = [
            {"ingredientAssertionURI": uri, "validationDeltas": found} for uri, found in deltas.items()
        ]
    return results


def _manifest(validation: Validation, verified: Verified) -> dict[str, Any]:
    manifest, claim = verified.manifest, verified.manifest.claim
    generators = claim.get("claim_generator_info")
    said: dict[str, Any] = {
        "label": manifest.label,
        "claim_version": manifest.version,
        "title": claim.get("dc:title"),
        "format": claim.get("dc:format"),
        "instance_id": claim.get("instanceID"),
        "claim_generator": claim.get("claim_generator"),
        "claim_generator_info": generators if isinstance(generators, list) else [generators],
        "redactions": claim.get("redacted_assertions"),
        "thumbnail": _thumbnail(verified),
        "ingredients": [
            _ingredient(validation, verified, label) for label in manifest.assertions if label.startswith(INGREDIENT)
        ],
        "assertions": [
            {"label": label, "data": _data(verified, label), "created": created}
            for label, created in verified.declared.items()
            if not label.startswith(INGREDIENT)
        ],
        "signature_info": _signature_info(verified),
    }
    return {name: value for name, value in said.items() if value is not None}


def _data(verified: Verified, label: str) -> Any:
    """What an assertion says; nothing where it cannot be read beyond doubt."""
    try:
        return verified.manifest.assertions[label].data
    except StoreError:
        return None


def _ingredient(validation: Validation, verified: Verified, label: str) -> dict[str, Any]:
    if label not in verified.declared:  # something is there, and nobody's word about it
        return {"label": label, "validation_status": [{"code": "assertion.hashedURI.mismatch"}]}
    data = _data(verified, label)
    if not isinstance(data, Mapping):
        return {"label": label}
    reference = cited_manifest(data)
    cited = manifest_at(validation.store, reference.get("url")) if reference else None
    thumbnail = data.get("thumbnail")
    url = thumbnail.get("url") if isinstance(thumbnail, Mapping) else None
    said = {
        "label": label,
        "title": data.get("dc:title"),
        "format": data.get("dc:format"),
        "relationship": relationship if isinstance(relationship := data.get("relationship"), str) else None,
        "active_manifest": cited.label if cited is not None else None,
        "validation_status": data.get("validationStatus"),
        "validation_results": data.get("validationResults"),
        "thumbnail": {"identifier": _absolute(verified, url)} if isinstance(url, str) else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _thumbnail(verified: Verified) -> dict[str, str] | None:
    label = next((each for each in verified.declared if each.startswith(_THUMBNAIL_OF_CLAIM)), None)
    return None if label is None else {"identifier": verified.manifest.uri(ASSERTIONS_LABEL, label)}


def _absolute(verified: Verified, url: str) -> str:
    path = path_in(url)
    return f"{SELF}/{'/'.join(path)}" if path[:1] == ["c2pa"] else verified.manifest.uri(*path)


def _signature_info(verified: Verified) -> dict[str, Any] | None:
    certificate = load_certificate(verified.signature.chain[0]) if verified.signature else None
    if certificate is None:
        return None
    own = SignerCertificate.of(certificate)
    said = {
        "issuer": own.organisation,
        "common_name": own.common_name,
        "cert_serial_number": str(own.serial),
        "time": verified.time_stamp.time.isoformat() if verified.time_stamp else None,
    }
    return {name: value for name, value in said.items() if value is not None}
