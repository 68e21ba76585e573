"""The pages that follow from the code and from the results.

They are not edited by hand, the README but for its figures; a test fails where one is out of date.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import commands
import decisions
import figures
import report_fields
import service_settings

ROOT: Final = Path(__file__).parents[2]

PAGES: Final[dict[str, Callable[[], str]]] = {
    "README.md": figures.readme,
    "docs/cli.md": commands.page,
    "docs/decisions/README.md": decisions.page,
    "docs/figures.md": figures.page,
    "docs/report.md": report_fields.page,
    "docs/settings.md": service_settings.page,
}
