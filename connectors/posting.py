"""One POST to an address that a person chose, not the settings: it reaches public
machines alone, follows nowhere, and ends in time."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from connectors._shared import http, outside
from connectors._shared.deadline import Deadline


class Unreachable(Exception):
    """No answer came; the message says why, and never where."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> int:
    """The status of the answer, within `seconds` from the first byte to the last.
    Unreachable."""
    with (
        Deadline(seconds) as deadline,
        outside.confined(http.session(), deadline) as client,
    ):
        try:
            with client.post(
                url,
                data=body,
                headers=dict(headers),
                timeout=seconds,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code
        except outside.PrivateAddress as error:
            raise Unreachable("is no public machine") from error
        except requests.RequestException as error:
            said = "is too slow" if deadline.passed else "cannot be reached"
            raise Unreachable(f"{said} ({type(error).__name__})") from error
