"""What a server says in HTTP of a signed asset that it sends: that AI took part, and where its manifest is.

`AI-Disclosure` is an individual Internet-Draft (draft-abaris-aicdh), a dictionary of structured fields (RFC 9651); the
`Link` header with `c2pa-manifest` is C2PA 2.4, section 15.5. Both are said by whoever sends them, and prove nothing.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from provenance import Origin
from provenance.digital_source_type import origin_of_source_type

_MODES: Final = {Origin.AI_GENERATED: "ai-originated", Origin.AI_EDITED: "ai-modified"}

# RFC 9651 strings have printable ASCII alone; a name in another script is left out rather than spelt wrongly.
_MAX_NAME: Final = 200


def ai_disclosure(digital_source_type: str | None, facts: Mapping[str, Any]) -> str | None:
    """The value of `AI-Disclosure`; nothing where AI took no part, or nobody said so.

    `facts` are those that the asset was signed with: `model`, as text or with a name, and `human_oversight`.
    """
    mode = _MODES.get(origin_of_source_type(digital_source_type or "") or Origin.UNKNOWN)
    if mode is None:
        return None
    if facts.get("human_oversight") == "fully_autonomous" and mode == "ai-originated":
        mode = "machine-generated"
    model = facts.get("model")
    name = model.get("name") if isinstance(model, Mapping) else model
    members = [f"mode={mode}"]
    if isinstance(name, str) and name.isascii() and name.isprintable() and len(name) <= _MAX_NAME:
        members.append('model="{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"')))
    return ", ".join(members)


def manifest_link(address: str) -> str:
    """The value of `Link` that names the manifest at an address, from which all but the path is as it was given."""
    return f'<{quote(address, safe="/:?&=%@~+,;")}>; rel="c2pa-manifest"'
