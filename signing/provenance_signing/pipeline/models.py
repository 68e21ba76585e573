"""Which model generates: its name as its configuration has it, in the way of Hugging Face's libraries."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from ..errors import ProfileError
from ..facts import AiModel

# An identifier of Hugging Face's hub: a name, or an organisation and a name.
_HUB_NAME: Final = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")


def model_facts(
    given: AiModel | Mapping[str, object] | str | None, config: object, *, argument: str = "model"
) -> AiModel | Mapping[str, object]:
    """The fact “model”: what was given, else what a configuration says. `argument` is by which it is given.

    A model that was loaded from a folder is named by the folder's last part: the rest tells of the machine.
    Raises `ProfileError` where neither names it.
    """
    if given is not None:
        return {"name": given} if isinstance(given, str) else given
    name = _said(config, "_name_or_path") or _said(config, "_class_name")
    if name is None:
        raise ProfileError(f"the model's configuration does not name it: say which it is with {argument}=")
    return {"name": name if _HUB_NAME.fullmatch(name) else PurePath(name).name}


def _said(config: object, key: str) -> str | None:
    value = config.get(key) if isinstance(config, Mapping) else getattr(config, key, None)
    return value if isinstance(value, str) and value else None
