"""The HTTP `Link` header. RFC 8288."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

_TARGET: Final = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER: Final = re.compile(r"""\s*;\s*([^\s=;,"<>]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?""")
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Link:
    """One link that a server names in its answer."""

    url: str
    relations: frozenset[str]  # in lower case


def links_in(header: str, base: str) -> tuple[Link, ...]:
    """The links in a header's value, with targets relative to `base` resolved.

    Reading ends at the first thing that is not a link. A link with an `anchor` speaks of something else than what was
    asked for, and is left out, as section 3.2 allows.
    """
    return tuple(_links(header, base))


def _links(header: str, base: str) -> Iterator[Link]:
    position = 0
    while target := _TARGET.match(header, position):
        parameters: dict[str, str] = {}
        position = target.end()
        while parameter := _PARAMETER.match(header, position):
            name, quoted, token = parameter.groups()
            value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else token or ""
            parameters.setdefault(name.lower(), value)  # the first one counts, section 3.3
            position = parameter.end()
        try:
            url = urljoin(base, target.group(1).strip())
        except ValueError:
            continue
        if "anchor" not in parameters:
            yield Link(url, frozenset(parameters.get("rel", "").lower().split()))
        if not header[position:].lstrip().startswith(","):
            return
