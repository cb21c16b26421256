"""Addresses that come from outside lead to public machines only."""

from __future__ import annotations

import pytest

from connectors import _http
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
    with _http.session() as client, pytest.raises(Refused) as refusal:
        _http.download(client, url, platform="X")
    assert refusal.value.code == "private_address"
    assert url not in str(refusal.value)


def test_the_host_of_the_settings_may_be_anywhere() -> None:
    with _http.session() as client, pytest.raises(Exception, match="cannot be reached"):
        _http.download(client, "http://127.0.0.1:9/x", platform="X", home="http://127.0.0.1:9")
