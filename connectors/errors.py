"""What a connector raises, named after what happens next.

ConnectorError ├── TryLater wait (retry_after seconds, if the platform said so), keep
the cursor, try again ├── NeedsLogin a person must authorise the account again: stop
polling it and say so ├── Refused this one request is refused for good; the account is
fine ├── Unknown the request may have been carried out: look it up, never repeat it
blindly ├── BadItem one item cannot be read: set it aside, go on with the rest └──
Untrusted a webhook's signature or secret is wrong: answer 403, store nothing

Messages are written for the person who operates the account and never contain a secret:
clients raise these without quoting URLs, because the URLs of some platforms carry a
token.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """`code` is a stable word for screens; the message is the detail, in English."""

    code = "connector_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code


class TryLater(ConnectorError):
    """`retry_after` is in seconds from now, or None where the platform gave no hint."""

    code = "try_later"

    def __init__(
        self, message: str, *, retry_after: float | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class NeedsLogin(ConnectorError):
    code = "needs_login"


class Refused(ConnectorError):
    code = "refused"


class Unknown(ConnectorError):
    code = "unknown"


class BadItem(ConnectorError):
    code = "bad_item"


class Untrusted(ConnectorError):
    code = "untrusted"
