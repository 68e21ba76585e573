"""The package's sentences; `locale` has them in French and Japanese."""

from pathlib import Path

from provenance.extend import Catalogue

CATALOGUE = Catalogue(
    domain="newsroom-archive",
    folder=Path(__file__).parent / "locale",
    sentences={
        "newsroom.archived": "This exact file is in the archive since {date}, from {author}.",
        "newsroom.headline.archived": "The file is in our archive. Nothing else says where it comes from.",
    },
)
