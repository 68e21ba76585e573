"""Quotas: a number of files in a period."""

import re
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_WRITTEN: Final = re.compile(r"(\d{1,9})/(second|minute|hour|day)")


class Quota(BaseModel):
    """So many files in a period; written as in `600/hour`. Raises a validation error for anything else."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(ge=0)
    period: str

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _WRITTEN.fullmatch(value)
        if match is None:
            raise ValueError("write a quota as in 600/hour: a number, and second, minute, hour or day")
        return {"count": int(match[1]), "period": match[2]}

    @classmethod
    def parse(cls, text: str) -> Self:
        """From its text. Raises a validation error."""
        return cls.model_validate(text)

    @property
    def seconds(self) -> int:
        """The length of the period."""
        return _SECONDS[self.period]

    def __str__(self) -> str:
        return f"{self.count}/{self.period}"
