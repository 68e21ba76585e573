"""Joining what the registry knows with the report on a file that bears no signature of its own.

Where the registry does not answer, files are examined without it: a signature is read without any database.
"""

import logging
from typing import Final

from provenance import Report, Verifier
from provenance.sentences import Message

from ..storage import StorageError
from ..workers import Unsigned
from .evidence import findings_of, not_looked_up
from .registry import Registry

_log: Final = logging.getLogger(__name__)


def is_worth_a_look(registry: Registry) -> bool:
    """Whether there is any picture that a file could be a copy of."""
    try:
        return registry.has_pictures()
    except StorageError as error:
        _log.warning("%s", error)
        return False


def looked_up(found: Unsigned, registry: Registry, verifier: Verifier) -> Report:
    """The report, with the registered picture that the file is a copy of, or that there is none."""
    report = Report.model_validate_json(found.report)
    if isinstance(found.asked, Message):
        return verifier.joined(report, [not_looked_up(found.asked)])
    try:
        return verifier.joined(report, [findings_of(registry.copies_of(found.asked))])
    except StorageError as error:
        _log.warning("%s", error)
        return report
