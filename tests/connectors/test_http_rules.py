"""Addresses that come from outside lead to public machines only."""

from __future__ import annotations

import pytest

from connectors._shared import http
from connectors.errors import Refused


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "http://[::1]/x",
        "http://10.1.2.3/x",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
    ],
)
def test_a_file_in_a_private_network_is_not_fetched(url: str) -> None:
    with http.session() as client, pytest.raises(Refused) as refusal:
        http.download(client, url, platform="X")
    assert refusal.value.code == "private_address"
    assert url not in str(refusal.value)


def test_the_host_of_the_settings_may_be_anywhere() -> None:
    with http.session() as client, pytest.raises(Exception, match="cannot be reached"):
        http.download(
            client, "http://127.0.0.1:9/x", platform="X", home="http://127.0.0.1:9"
        )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "soon"},
        {"Retry-After": "-5"},
        {"Retry-After": "²"},
        {"Retry-After": "99999999999"},
        {"x-rate-limit-reset": "never"},
        {"x-rate-limit-reset": "1772430000000"},
    ],
)
def test_a_header_that_cannot_be_right_is_no_time_to_wait(
    headers: dict[str, str],
) -> None:
    assert http.retry_after(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "30"},
        {"x-rate-limit-reset": "1"},
        {"Retry-After": "Mon, 02 Mar 2026 06:00:00 GMT"},
    ],
)
def test_seconds_a_date_and_the_end_of_a_window_are_understood(
    headers: dict[str, str],
) -> None:
    waited = http.retry_after(headers)
    assert waited is not None
    assert 0 <= waited <= 30
