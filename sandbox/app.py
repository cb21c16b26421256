"""One application for all platforms of the sandbox."""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Scope

from sandbox.control import Control
from sandbox.faults import FaultMiddleware
from sandbox.telegram import TelegramApi
from sandbox.world import World
from sandbox.x import XApi
from sandbox.x_auth import told_token
from sandbox.x_http import endpoint_of

TELEGRAM_PATH = re.compile(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<method>.+)")


def application(world: World) -> Starlette:
    routes = [
        *TelegramApi(world.telegram).routes(),
        *XApi(world.x).routes(),
        *world.answers.routes(),
        *world.identity.routes(),
        *(route for platform in world.platforms for route in platform.routes()),
        *Control(world).routes(),
    ]
    faults = Middleware(
        FaultMiddleware,
        faults=world.core.faults,
        lock=world.core.lock,
        stopping=world.core.stopping,
        identify=lambda scope: identify(world, scope),
    )
    return Starlette(routes=routes, middleware=[faults])


def identify(world: World, scope: Scope) -> tuple[str | None, str | None]:
    """Token and endpoint of a request, for planned faults; (None, None) for anything
    else."""
    path: str = scope["path"]
    for platform in world.platforms:
        known = platform.identify(scope)
        if known is not None:
            return known
    telegram = TELEGRAM_PATH.fullmatch(path)
    if telegram:
        return telegram["token"], "file" if telegram["file"] else telegram["method"]
    headers = dict(scope["headers"])
    token = told_token(headers.get(b"authorization", b"").decode("latin-1"))
    if path == "/web/answers":
        return token, f"{scope['method']} /web/answers"
    return token, endpoint_of(scope["method"], path)
