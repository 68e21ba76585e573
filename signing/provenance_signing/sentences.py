"""The sentences of signing, in the reader's language."""

from pathlib import Path
from typing import Final

from provenance.sentences import Catalogue

from .locale.catalogue import SENTENCES

CATALOGUE: Final = Catalogue("provenance_signing", Path(__file__).parent / "locale", SENTENCES)
