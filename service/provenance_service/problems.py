"""Refusals and errors as problem details (RFC 9457), in the client's language, never with a traceback."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from provenance.errors import RefusedTypeError
from provenance.sentences import LANGUAGES

from .content_negotiation import preferred_language
from .request_id import request_id
from .security_headers import PAGE_HEADERS
from .sentences import phrase, readable_size
from .storage.errors import StorageError

MEDIA_TYPE: Final = "application/problem+json"

_log: Final = logging.getLogger(__name__)

STATUS: Final = {
    "malformed": 400,
    "bad-query": 400,
    "interrupted": 400,
    "no-key": 401,
    "key-expired": 401,
    "key-revoked": 401,
    "not-allowed": 403,
    "fetching-off": 403,
    "not-found": 404,
    "method": 405,
    "too-slow": 408,
    "in-progress": 409,
    "id-taken": 409,
    "too-large": 413,
    "not-a-form": 415,
    "refused-type": 415,
    "no-file": 422,
    "several-files": 422,
    "bad-parameter": 422,
    "no-such-credential": 422,
    "key-reused": 422,
    "bad-archive": 422,
    "too-many-items": 422,
    "not-signed": 422,
    "not-registered": 422,
    "not-detected": 422,
    "not-fetched": 422,
    "quota": 429,
    "internal": 500,
    "busy": 503,
    "no-credentials": 503,
    "no-detectors": 503,
    "stopped": 503,
    "signing-stopped": 503,
    "signing-unavailable": 503,
    "storage-unavailable": 503,
    "issuer-unavailable": 503,
}


_BEARER: Final = {"WWW-Authenticate": "Bearer"}
_HEADERS: Final = {
    "busy": {"Retry-After": "10"},
    "storage-unavailable": {"Retry-After": "10"},
    "issuer-unavailable": {"Retry-After": "10"},
    "in-progress": {"Retry-After": "5"},
    "no-key": _BEARER,
    "key-expired": _BEARER,
    "key-revoked": _BEARER,
}


class Problem(BaseModel):
    """Why there is no report (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Stable; clients may act on it.", examples=["urn:provenance:problem:too-large"])
    title: str
    status: int
    detail: str
    instance: str | None = Field(default=None, description="The number of the request, as in the log.")


class RefusedError(HTTPException):
    """A request that cannot be answered with a report, and which of the known problems it has.

    The framework hands on an `HTTPException` from wherever it is raised, also while it reads a body itself.
    """

    def __init__(self, problem: str, *, size: int = 0, retry_after: int | None = None, **values: str) -> None:
        headers = dict(_HEADERS.get(problem, {}))
        super().__init__(STATUS[problem], problem, headers)
        self.problem = problem
        self.size = size
        self.values = values
        self.headers: dict[str, str] = headers
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


def problem(name: str, language: str, /, **values: str) -> Problem:
    """One of the known problems, in words."""
    return Problem(
        type=f"urn:provenance:problem:{name}",
        title=phrase(f"problem.{name}.title", language),
        status=STATUS[name],
        detail=phrase(f"problem.{name}.detail", language, **values),
    )


def handle_problems(app: FastAPI) -> None:
    """Makes the app answer every error as problem details."""

    @app.exception_handler(RefusedError)
    async def refused(request: Request, error: RefusedError) -> Response:
        language = _language(request)
        size = readable_size(error.size, language)
        return _response(problem(error.problem, language, size=size, **error.values), error.headers)

    @app.exception_handler(StorageError)
    async def not_kept(request: Request, error: StorageError) -> Response:
        _log.error("%s", error)
        refusal = RefusedError("storage-unavailable")
        return _response(problem(refusal.problem, _language(request)), refusal.headers)

    @app.exception_handler(RefusedTypeError)
    async def refused_type(request: Request, error: RefusedTypeError) -> Response:
        return _response(problem("refused-type", _language(request), type=error.media_type))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return _wrong(request, ", ".join(str(fault["loc"][-1]) for fault in error.errors()))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        name = next((name for name, status in STATUS.items() if status == error.status_code), None)
        headers = error.headers
        if error.status_code == HTTPStatus.BAD_REQUEST:
            return _wrong(request, "body")  # FastAPI's own, for JSON in bytes that are no text
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = {"Allow": ", ".join(sorted(_methods(app, request)))}
        if name in {"not-found", "method"}:
            answer = problem(name, _language(request), path=request.url.path, method=request.method)
        else:
            title = HTTPStatus(error.status_code).phrase
            answer = Problem(type="about:blank", title=title, status=error.status_code, detail=str(error.detail))
        return _response(answer, headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the server logs the error
        return _response(problem("internal", _language(request)))


def named_for_parameters(path: str) -> str:
    """The problem of a wrong parameter: the Soft Binding Resolution API has a status of its own for it."""
    return "bad-query" if path.startswith(("/v1/matches/", "/v1/manifests/")) else "bad-parameter"


def _wrong(request: Request, names: str) -> Response:
    return _response(problem(named_for_parameters(request.url.path), _language(request), names=names))


def _methods(app: FastAPI, request: Request) -> set[str]:
    """The methods of all routes of this address; Starlette names those of the first one alone."""
    routes = [route for route in app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in routes for method in getattr(route, "methods", None) or ()}


def _language(request: Request) -> str:
    language = request.query_params.get("lang")
    return language if language in LANGUAGES else preferred_language(request.headers.get("accept-language", ""))


def _response(answer: Problem, headers: Mapping[str, str] | None = None) -> Response:
    # The answer to a failure of the app itself does not pass the middleware that sets these headers.
    if number := request_id.get():
        answer = answer.model_copy(update={"instance": f"urn:uuid:{number}"})
    return Response(
        answer.model_dump_json(exclude_none=True), answer.status, {**PAGE_HEADERS, **(headers or {})}, MEDIA_TYPE
    )
