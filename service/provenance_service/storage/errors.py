"""What goes wrong with what is kept."""

from provenance.errors import ProvenanceError


class StorageError(ProvenanceError):
    """The database or the object store cannot be reached, or is full."""
