"""Routes that identify the caller before they read the body."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from .access import Access, Caller
from .scope import Scope


def admission_route(access: Access, scope: Scope) -> type[APIRoute]:
    """A route that admits the caller before it reads the body; `admitted_caller` says who that is."""

    class AdmissionRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
            handler: Any = super().get_route_handler()

            async def handle(request: Request) -> Response:
                request.state.caller = await access.admit(request, scope)
                response: Response = await handler(request)
                return response

            return handle

    return AdmissionRoute


def admitted_caller(request: Request) -> Caller:
    """Who asks, as the route found out."""
    caller: Caller = request.state.caller
    return caller
