"""The folder of added detectors: one folder each, with its card and the model's files."""

import os
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

FOLDER_VARIABLE: Final = "PROVENANCE_DETECTORS"
CARD: Final = "card.toml"


def detectors_folder() -> Path:
    """From the variable `PROVENANCE_DETECTORS`, else in the folder for the user's data."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else user_data_path("provenance", appauthor=False) / "detectors"


def added_names() -> tuple[str, ...]:
    """The names of the detectors that the user added."""
    try:
        return tuple(sorted(path.parent.name for path in detectors_folder().glob(f"*/{CARD}")))
    except OSError:
        return ()
