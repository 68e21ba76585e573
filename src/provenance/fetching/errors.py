"""Why something could not be fetched."""

from ..errors import ProvenanceError
from ..sentences import Message


class FetchError(ProvenanceError):
    """Something that was to be fetched and could not be; `why` says it in a sentence that can be translated."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.text)
        self.why = why
