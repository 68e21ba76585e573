"""What the service keeps: rows in a database, and files in a folder or an object store."""

from .database import Database
from .errors import StorageError
from .objects import Objects
from .storage import Storage

__all__ = ["Database", "Objects", "Storage", "StorageError"]
