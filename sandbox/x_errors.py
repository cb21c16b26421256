"""Refusals of X, as problem documents."""

from __future__ import annotations


class XError(Exception):
    """Becomes a problem document; `extra` is merged into it."""

    def __init__(self, status: int, title: str, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.extra = status, title, detail, extra


def forbidden(detail: str) -> XError:
    return XError(403, "Forbidden", detail)


def invalid(parameter: str, value: object, rule: str) -> XError:
    message = f"The `{parameter}` query parameter value [{value}] {rule}"
    return XError(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        type="https://api.twitter.com/2/problems/invalid-request",
        errors=[{"parameters": {parameter: [str(value)]}, "message": message}],
    )
