"""Errors of the storage."""

from provenance.errors import ProvenanceError


class StorageError(ProvenanceError):
    """The database or the object store cannot be reached, or is full."""
