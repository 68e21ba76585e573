"""The id of the request that is being answered: in the answer's header, in its problem, and in the log."""

from contextvars import ContextVar
from typing import Final

HEADER: Final = "Request-Id"

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
