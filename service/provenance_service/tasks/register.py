"""Finding out what the registry is to keep of a signed asset, in a worker process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provenance import Kind, Report, Status
from provenance.credentials import SignerState
from provenance.errors import ProvenanceError
from provenance.formats.jumbf import StoreError
from provenance.sources.c2pa.manifest_store import parse_store

from ..registry.evidence import Standing
from ..registry.fingerprint import Fingerprint, to_register
from ..registry.registration import Registration, RegistrationRefusal, active_label, is_manifest_id, soft_bindings
from .worker import WorkerContext

_STANDING: Final = {SignerState.TRUSTED: Standing.TRUSTED, SignerState.KNOWN: Standing.KNOWN}


@dataclass(frozen=True)
class RegisterTask:
    """An asset and its manifest store. `is_ours`: this service signed it, and the store stands in the asset."""

    path: Path
    name: str
    manifest: bytes
    is_ours: bool = False

    def run(self, context: WorkerContext) -> Registration | RegistrationRefusal:
        """Verifies it and takes its fingerprint; or why it cannot be registered."""
        try:
            beside = None if self.is_ours else self.manifest
            report = context.verifier.verify(self.path, name=self.name, manifest=beside)
        except ProvenanceError as error:
            return self._refused(str(error).replace(str(self.path), self.name))
        signed = [evidence for evidence in report.evidence if evidence.kind is Kind.SIGNED_MANIFEST]
        history = report.credentials.history
        manifest_id = history.steps[0].manifest if history is not None and history.steps else None
        if not manifest_id or not signed or any(evidence.status is not Status.VALID for evidence in signed):
            return self._refused("its manifest does not hold, or is of another file")
        if not is_manifest_id(manifest_id):
            return self._refused("the name of its manifest cannot be asked for")
        try:
            bindings = tuple(soft_bindings(parse_store(self.manifest).active))
        except StoreError as error:
            return self._refused(error.reason.text)
        fingerprint = to_register(self.path)
        return Registration(
            manifest_id,
            self.manifest,
            report.asset.sha256,
            report.asset.media_type,
            signed[0],
            self._standing(report),
            fingerprint if isinstance(fingerprint, Fingerprint) else None,
            bindings,
        )

    def _refused(self, reason: str) -> RegistrationRefusal:
        return RegistrationRefusal(reason, active_label(self.manifest))

    def _standing(self, report: Report) -> Standing:
        otherwise = Standing.OPERATOR if self.is_ours else Standing.UNLISTED
        return _STANDING.get(report.credentials.signer.state, otherwise)
