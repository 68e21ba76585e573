"""Recovery of lost manifests: the report on an unsigned picture, with the registered picture that it is a copy of.

Where the registry does not answer, files are examined without it: a signature is read without any database.
"""

import logging
from typing import Final

from provenance import Report, Verifier
from provenance.sentences import Message

from ..storage import StorageError
from ..tasks.verify import UnsignedReport
from .evidence import findings_of, not_looked_up
from .registry import Registry

_log: Final = logging.getLogger(__name__)


def has_registered_pictures(registry: Registry) -> bool:
    """Whether there is any picture that a file could be a copy of; false where the registry does not answer."""
    try:
        return registry.has_pictures()
    except StorageError as error:
        _log.warning("%s", error)
        return False


def with_registry_matches(unsigned: UnsignedReport, registry: Registry, verifier: Verifier) -> Report:
    """The report, with the registered picture that the file is a copy of, or that there is none."""
    report = Report.model_validate_json(unsigned.report)
    if isinstance(unsigned.fingerprint, Message):
        return verifier.add_findings(report, [not_looked_up(unsigned.fingerprint)])
    try:
        return verifier.add_findings(report, [findings_of(registry.copies_of(unsigned.fingerprint))])
    except StorageError as error:
        _log.warning("%s", error)
        return report
