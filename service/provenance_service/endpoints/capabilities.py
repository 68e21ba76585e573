"""What this service works with: detectors, credentials, profiles, trust lists, and the schema of its reports."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from provenance import report_schema
from provenance.errors import ProvenanceError
from provenance.trust.display import describe

from ..content_negotiation import Language
from ..credential_files import credential_files
from ..service import Service
from ..signing_profiles import profile_summaries


def add_capabilities(app: FastAPI, service: Service) -> None:
    """Adds the lists of detectors, credentials, profiles and trust lists, and the schema."""
    settings = service.settings
    described = describe(service.verifier.trust.lists)

    @app.get("/v1/detectors", summary="The detectors that are installed, with their cards")
    async def detectors() -> list[dict[str, Any]]:
        if find_spec("onnxruntime") is None:
            return []
        from provenance_detectors.card import ModelCard

        return [card.model_dump(mode="json", exclude_none=True) for card in ModelCard.bundled()]

    @app.get("/v1/credentials", summary="The credentials that this service signs with, and their certificates")
    async def credentials() -> list[dict[str, str]]:
        return [_public_part(name, path) for name, path in credential_files(settings).items()]

    @app.get("/v1/profiles", summary="The profiles that clients may name when they have a file signed")
    async def profiles(language: Language) -> list[dict[str, Any]]:
        return [profile.model_dump(mode="json") for profile in profile_summaries(settings, language)]

    @app.get("/v1/trust", summary="The trust lists that say who is believed")
    async def trust_lists() -> list[dict[str, Any]]:
        return described

    @app.get("/v1/schema", summary="The JSON Schema of the report")
    async def schema() -> dict[str, Any]:
        return report_schema()


def _public_part(name: str, path: Path) -> dict[str, str]:
    """What stands in every manifest that it signs: its certificates; nothing of its key."""
    from provenance_signing.credential import read_key_file
    from provenance_signing.credential_file import CredentialFile

    try:
        certificates = read_key_file(CredentialFile.load(path).certificates)
        return {"name": name, "certificates": certificates.decode("ascii", "replace")}
    except ProvenanceError:
        return {"name": name, "certificates": ""}  # the operator is told when it is to sign
