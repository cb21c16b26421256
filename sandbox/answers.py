"""The city's web site, where the answer to a report from the web form is published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.state import Core


@dataclass(frozen=True, slots=True)
class Answer:
    id: str
    number: str
    answer_id: str
    text: str
    contact: str


class Answers:
    """`tokens` maps a token to the account it belongs to; `refused` are contacts whose
    reports were withdrawn, so that no answer is taken for them."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.tokens: dict[str, str] = {}
        self.received: list[Answer] = []
        self.refused: set[str] = set()
        self._by_key: dict[tuple[str, str], tuple[Any, str]] = {}

    def routes(self) -> list[Route]:
        return [Route("/web/answers", self._receive, methods=["POST"])]

    def add_account(self, account: str, token: str) -> None:
        with self.core.lock:
            self.tokens[token] = account

    def revoke(self, token: str) -> None:
        with self.core.lock:
            del self.tokens[token]

    async def _receive(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        body = await request.body()
        with self.core.lock:
            account = self.tokens.get(token)
            if account is None:
                return _problem(401, "the token is not known")
            try:
                given = json.loads(body)
                answer = {
                    name: str(given.get(name) or "")
                    for name in ("number", "answer_id", "text", "contact")
                }
            except (ValueError, AttributeError):
                return _problem(400, "the body is not a JSON object")
            if not answer["number"] or not answer["text"]:
                return _problem(422, "number and text are required")
            if answer["contact"] in self.refused:
                return _problem(410, "the report was withdrawn")
            return self._store(
                account, token, request.headers.get("idempotency-key"), answer
            )

    def _store(
        self, account: str, token: str, key: str | None, answer: dict[str, str]
    ) -> Response:
        """The same key with the same body gives the first id again and stores
        nothing."""
        known = self._by_key.get((token, key)) if key else None
        if known is not None and known[0] != answer:
            return _problem(422, "the idempotency key was used for another answer")
        if known is not None:
            return JSONResponse({"id": known[1]})
        made = f"jawaban-{len(self.received) + 1}"
        self.received.append(Answer(made, **answer))
        if key:
            self._by_key[token, key] = (answer, made)
        self.core.record("webform", account, answer["number"], answer["text"], made)
        return JSONResponse({"id": made}, 201)


def _problem(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"status": status, "detail": detail}, status)
