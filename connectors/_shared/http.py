"""One way to speak HTTP for connectors that need no client library of their own.

Errors become those of `connectors.errors`. No message quotes a URL: on some platforms
the URL holds the token.
"""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from connectors._shared import outside
from connectors._shared.deadline import Deadline
from connectors.base import LARGEST_DOWNLOAD
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
DOWNLOAD_SECONDS = 150.0
_MOST_REDIRECTS = 5
_NUMBER = re.compile(r"[0-9]{1,15}")
_LONGEST_WAIT = 24 * 3600.0
"""Nobody is asked to wait longer; such a header holds something else (milliseconds, a
year)."""


def session() -> requests.Session:
    """A session without the machine's proxies and netrc: only what the settings name is
    reached."""
    made = requests.Session()
    made.trust_env = False
    made.headers["User-Agent"] = "Sahut/0.1"
    return made


def request(
    client: requests.Session,
    method: str,
    url: str,
    *,
    platform: str,
    sends: bool = False,
    read_seconds: float = READ_SECONDS,
    **options: Any,
) -> requests.Response:
    """Any answer of the platform, whatever its status. TryLater; Unknown where `sends`
    may have been carried out although no answer came."""
    try:
        return client.request(
            method, url, timeout=(CONNECT_SECONDS, read_seconds), **options
        )
    except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
        raise TryLater(
            f"{platform} cannot be reached ({type(error).__name__})"
        ) from None
    except requests.ConnectionError as error:
        if sends and not _never_connected(error):
            raise Unknown(f"{platform} broke off before it answered") from None
        raise TryLater(f"{platform} cannot be reached or broke off") from None
    except requests.RequestException as error:
        if sends:
            raise Unknown(
                f"{platform} gave no full answer ({type(error).__name__})"
            ) from None
        raise TryLater(
            f"{platform} gave no full answer ({type(error).__name__})"
        ) from None


def _never_connected(error: requests.ConnectionError) -> bool:
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def decoded(response: requests.Response, platform: str, *, sends: bool = False) -> Any:
    """The JSON of an answer. Something else (a proxy's HTML page, half an answer) is an
    outage."""
    try:
        return json.loads(
            response.content
        )  # strict: JSON is UTF-8, whatever a header claims
    except ValueError:
        message = f"{platform} answered {response.status_code} without JSON"
        if sends and response.ok:
            raise Unknown(message) from None
        raise TryLater(message, retry_after=retry_after(response.headers)) from None


def raise_for_status(
    response: requests.Response, platform: str, *, sends: bool = False
) -> None:
    """The common meaning of status codes, for platforms without codes of their own."""
    status = response.status_code
    if status < 400:
        return
    raise error_for(status, platform, response.headers, sends=sends)


def error_for(
    status: int, platform: str, headers: Mapping[str, str], *, sends: bool = False
) -> ConnectorError:
    if status == 401:
        return NeedsLogin(f"{platform} does not accept the credentials (401)")
    if status == 429 or (status >= 500 and not sends):
        return TryLater(
            f"{platform} answers {status}", retry_after=retry_after(headers)
        )
    if status >= 500:
        return Unknown(
            f"{platform} answers {status}; the answer may have been published"
        )
    return Refused(f"{platform} refuses the request ({status})")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After` (seconds or a date) or `x-rate-limit-reset` (epoch
    seconds).

    None where there is neither, or something that cannot be right: what counts is the
    status.
    """
    value, reset = headers.get("Retry-After", ""), headers.get("x-rate-limit-reset", "")
    if _NUMBER.fullmatch(value):
        seconds = float(value)
    elif value:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    elif _NUMBER.fullmatch(reset):
        seconds = max(1.0, float(reset) - time.time())
    else:
        return None
    return max(0.0, seconds) if seconds <= _LONGEST_WAIT else None


@dataclass(frozen=True, slots=True)
class Fetched:
    """`address`: where it was found after all redirects."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    address: str


def download(
    client: requests.Session,
    url: str,
    *,
    platform: str,
    home: str = "",
    headers: Mapping[str, str] | None = None,
    largest: int = LARGEST_DOWNLOAD,
) -> tuple[bytes, str | None]:
    """A file and its media type, as `fetch_outside` gets it."""
    found = fetch_outside(
        client,
        url,
        platform=platform,
        home=home,
        headers=headers,
        largest=largest,
        seconds=DOWNLOAD_SECONDS,
    )
    return found.content, found.headers.get("Content-Type")


def fetch_outside(
    client: requests.Session,
    url: str,
    *,
    platform: str,
    home: str = "",
    headers: Mapping[str, str] | None = None,
    largest: int = LARGEST_DOWNLOAD,
    seconds: float,
) -> Fetched:
    """What stands at an address, of at most `largest` bytes, within `seconds` for all
    of it.

    The address comes from outside, so it may lead only to public machines, at every
    redirect (Refused `private_address`), or to the host of `home`, the base address of
    the settings. `client` and `headers` (a token) speak to the first address's host
    alone; other hosts are asked by a session that knows nothing.
    """
    until = time.monotonic() + seconds
    first = urlsplit(url).netloc
    with Deadline(seconds) as deadline:
        for _ in range(_MOST_REDIRECTS):
            there = urlsplit(url)
            if there.scheme not in ("http", "https") or not there.hostname:
                raise _private(platform)
            at_home = bool(home) and there.netloc == urlsplit(home).netloc
            stranger = outside.confined(session(), deadline)
            with nullcontext(client) if at_home else stranger as asking:
                try:
                    response = request(
                        asking,
                        "GET",
                        url,
                        platform=platform,
                        stream=True,
                        allow_redirects=False,
                        headers=headers if there.netloc == first else None,
                    )
                except outside.PrivateAddress:
                    raise _private(platform) from None
                target = (
                    response.headers.get("Location") if response.is_redirect else None
                )
                if target is None:
                    content = _content(response, platform, until, largest)
                    return Fetched(response.status_code, response.headers, content, url)
                response.close()
            url = urljoin(url, target)
    raise Refused(f"a file of {platform} is forwarded too often", code="not_kept")


def _private(platform: str) -> Refused:
    return Refused(
        f"the address of a file of {platform} leads into a private network; it is not"
        " fetched",
        code="private_address",
    )


def _content(
    response: requests.Response, platform: str, until: float, largest: int
) -> bytes:
    with response:
        raise_for_status(response, platform)
        _check_size(response.headers.get("Content-Length", ""), platform, largest)
        content = bytearray()
        try:
            # read1 comes back with what there is: a host that drips is noticed in time
            while chunk := response.raw.read1(64 * 1024, decode_content=True):
                content += chunk
                if time.monotonic() > until:
                    raise TryLater(f"{platform} sends a file too slowly")
                _check_size(str(len(content)), platform, largest)
        except (HTTPError, OSError):
            raise TryLater(f"{platform} broke off while sending a file") from None
    return bytes(content)


def _check_size(told: str, platform: str, largest: int) -> None:
    if _NUMBER.fullmatch(told) and int(told) > largest:
        raise Refused(
            f"a file of {platform} is larger than {largest // 1024**2} MB",
            code="too_large",
        )
