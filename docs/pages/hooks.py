"""What the site has beyond docs/: the documents of the repository, so that one link serves there and here.

mkdocs takes pages from one folder. The documents that stand beside the code come in under their paths in the
repository, and docs/ is laid over it: SECURITY.md is SECURITY.html, docs/signing.md is signing.html. Links are written
as they work in the repository. A link to a file that is no page (a table of scores, a module) brings a copy of it into
the site; a link to a folder of code becomes plain text.
"""

import posixpath
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[2]

_DOCUMENTS: Final = (
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/README.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("benchmarks/results/*.md")),
    "detectors/README.md",
    "detectors/training/README.md",
    "samples/README.md",
    "service/README.md",
    "service/deploy/BACKUP.md",
    "src/provenance/trust/data/README.md",
)

# A Markdown link or picture, outside of code: its text, and its address without a title.
_LINK: Final = re.compile(r"(?P<code>`[^`]*`)|(?P<text>!?\[(?:[^\[\]]|\[[^\]]*\])*\])\((?P<address>[^)\s]+)\)")
_FENCE: Final = re.compile(r"^(```.*?^```)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the documents, and the files that any document leads to."""
    for name in _DOCUMENTS:
        files.append(_file(name, config))
    for file in list(files.documentation_pages()):
        for _, address in _links(file.content_string):
            target = _target(address, _in_repository(file.src_uri))
            if target and (ROOT / target).is_file() and files.get_file_from_path(_in_site(target)) is None:
                files.append(_file(target, config))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Rewrites the links of one page from the repository to the site."""
    here = _in_repository(page.file.src_uri)

    def rewritten(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        target = _target(found["address"], here)
        if target is None:
            return found[0]
        anchor = found["address"].partition("#")[2]
        site = _in_site(target)
        if (ROOT / target).is_dir():
            site = posixpath.join(site, "README.md")
            if files.get_file_from_path(site) is None:
                return f"{found['text'][1:-1]} (`{target}`)" if target not in found["text"] else found["text"][1:-1]
        back = posixpath.relpath(site, posixpath.dirname(page.file.src_uri) or ".")
        return f"{found['text']}({back}{'#' + anchor if anchor else ''})"

    parts = _FENCE.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(rewritten, part) for part in parts)


def _file(name: str, config: MkDocsConfig) -> File:
    return File.generated(config, _in_site(name), abs_src_path=str(ROOT / name))


def _links(markdown: str) -> list[tuple[str, str]]:
    text = _FENCE.sub("", markdown)
    return [(found["text"], found["address"]) for found in _LINK.finditer(text) if not found["code"]]


def _target(address: str, here: str) -> str | None:
    """The path in the repository that an address on this page leads to; None for other sites and the page itself."""
    path = address.partition("#")[0]
    if not path or re.match(r"[a-z][a-z0-9+.-]*:", address):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(here), path))


def _in_site(name: str) -> str:
    """The path in the site of a file of the repository. Of the README that is the first page."""
    return "index.md" if name == "README.md" else name.removeprefix("docs/")


def _in_repository(src_uri: str) -> str:
    """The path in the repository of a page of the site."""
    own = f"docs/{src_uri}"
    return own if (ROOT / own).is_file() else src_uri
