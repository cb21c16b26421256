"""For the people who run a demonstration or a test: see what happened, make something
happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox import demo, page
from sandbox.world import World


class Control:
    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/control/sent", self._sent, methods=["GET"]),
            Route("/control/accounts", self._accounts, methods=["GET"]),
            Route("/control/reads", self._reads, methods=["GET"]),
            Route("/control/forms", self._forms, methods=["GET"]),
            self._order("/control/post", self._post),
            self._order("/control/revoke", self._revoke),
            self._order("/control/faults", self._fault),
            self._order("/control/form-url", self._form_url),
        ]

    def _order(self, path: str, do: Callable[[dict[str, Any]], Any]) -> Route:
        async def answer(request: Request) -> Response:
            try:
                given = json.loads(await request.body())
                with self.world.core.lock:
                    return JSONResponse(do(given))
            except (ValueError, KeyError, TypeError) as error:
                return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

        return Route(path, answer, methods=["POST"])

    async def _page(self, _: Request) -> Response:
        with self.world.core.lock:
            return HTMLResponse(page.render(self.world))

    async def _sent(self, _: Request) -> Response:
        with self.world.core.lock:
            return JSONResponse([entry.as_json() for entry in self.world.core.sent])

    async def _accounts(self, request: Request) -> Response:
        here = str(request.base_url).rstrip("/")
        with self.world.core.lock:
            others = [
                entry
                for other in self.world.platforms
                for entry in other.accounts(here)
            ]
            return JSONResponse([*demo.accounts(self.world.x, here), *others])

    async def _reads(self, _: Request) -> Response:
        """Billed reads of today, by handle."""
        with self.world.core.lock:
            tokens = [t for t in self.world.x.tokens.values() if t.user]
            return JSONResponse(
                {
                    t.user.username: self.world.x.billed_reads(t.key)
                    for t in tokens
                    if t.user
                }
            )

    async def _forms(self, _: Request) -> Response:
        return JSONResponse(self.world.residents.form_outcomes)

    def _post(self, given: dict[str, Any]) -> Any:
        return {"id": self.world.residents.act(given)}

    def _revoke(self, given: dict[str, Any]) -> Any:
        self.world.revoke(given["token"])
        return {}

    def _fault(self, given: dict[str, Any]) -> Any:
        self.world.core.plan_fault(**given)
        return {}

    def _form_url(self, given: dict[str, Any]) -> Any:
        self.world.residents.use_form(given["url"])
        return {}
