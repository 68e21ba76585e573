"""docs/decisions/README.md: the decisions, by their titles."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "decisions"

_BEGINNING: Final = """\
# Decisions

Why things are as they are, one page for each decision that others would ask about. This list is written by
`make docs-pages`.

"""


def page() -> str:
    """The page, in Markdown."""
    return _BEGINNING + "".join(f"- [{title(path)}]({path.name})\n" for path in sorted(FOLDER.glob("0*.md")))


def title(path: Path) -> str:
    """The heading of a page, without its hash sign."""
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
