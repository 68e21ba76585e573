"""Which responses of a service are signed, and how: rules by route."""

import re
from collections.abc import Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from provenance.errors import SettingError

from ..signer import SignArguments, Signer

Scope = MutableMapping[str, Any]  # Any: ASGI says what is in it

# What is said of one response: plain facts, or a function of the request's scope and of the response's headers.
ResponseFacts = SignArguments | Callable[[Scope, Mapping[str, str]], SignArguments]


class IfUnsigned(StrEnum):
    """What happens to a response that cannot be signed."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - no password


@dataclass(frozen=True)
class SigningRule:
    """How the responses of a route are signed.

    `facts` are the other arguments of `Signer.sign`: the model, the prompt. A function is called in a worker thread; it
    finds in the scope's `state` what the application left there, and the response's headers by their lower-case names.
    `leave_out` are media types that go out unsigned, such as application/json for the state of a job.

    Raises `SettingError` for another value of `if_unsigned`.
    """

    signer: Signer
    facts: ResponseFacts = field(default_factory=SignArguments)
    if_unsigned: IfUnsigned | str = IfUnsigned.FAIL
    leave_out: Collection[str] = ()

    def __post_init__(self) -> None:
        if self.if_unsigned not in list(IfUnsigned):
            raise SettingError(f"if_unsigned is {' or '.join(IfUnsigned)}, and not {self.if_unsigned}")


class Routes:
    """Rules by path."""

    def __init__(self, rules: list[tuple[re.Pattern[str], SigningRule]]) -> None:
        self._rules = rules

    @classmethod
    def of(cls, routes: Mapping[str, Signer | SigningRule]) -> Self:
        """The rules, the most specific first. Raises `SettingError` for a route that is none."""
        patterns = {route: _pattern(route) for route in routes}
        ordered = sorted(routes, key=_plain_letters, reverse=True)
        return cls([(patterns[route], _rule(routes[route])) for route in ordered])

    def rule_for(self, scope: Scope) -> SigningRule | None:
        """The rule for a request; None where its response is not signed."""
        path = _path_below(str(scope["path"]), str(scope.get("root_path") or ""))
        return next((rule for pattern, rule in self._rules if pattern.fullmatch(path)), None)


def _rule(given: Signer | SigningRule) -> SigningRule:
    return given if isinstance(given, SigningRule) else SigningRule(given)


def _pattern(route: str) -> re.Pattern[str]:
    pieces = _pieces(route)
    if not route.startswith("/") or re.search(r"[{}*?#]", "".join(pieces)):
        raise SettingError(f"{route!r}: a route begins with a slash, and each {{part}} of it is one segment of a path")
    if len(pieces) == 1:
        return re.compile(re.escape(route.rstrip("/")) + "(/.*)?", re.DOTALL)
    return re.compile("[^/]+".join(map(re.escape, pieces)) + "/?")


def _plain_letters(route: str) -> int:
    return sum(map(len, _pieces(route)))


def _pieces(route: str) -> list[str]:
    return re.split(r"\{\w+\}", route)


def _path_below(path: str, root: str) -> str:
    """The path as the application's routes have it: without the place where the application is mounted."""
    root = root.rstrip("/")
    return path[len(root) :] if path == root or path.startswith(root + "/") else path
