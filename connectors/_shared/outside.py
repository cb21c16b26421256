"""Fetching from addresses that strangers chose: only public machines are reached.

The name is looked up once, all its addresses are checked, and the connection goes to
one of those that were checked. A name that answers differently a moment later (DNS
rebinding) therefore leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util.connection import create_connection

from connectors._shared.deadline import Deadline

_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_WRAPPED = tuple(
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Blocks of 2000::/3 for documentation, or that carry an IPv4 address (Teredo, 6to4),
by RFC 6890 and the IANA registry of special addresses, 2026."""
_SPECIAL_4 = tuple(
    ipaddress.ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24")
)


class PrivateAddress(Exception):
    """A name leads to a machine that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet and of nothing else."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # all else may be a private IPv4 address in disguise (64:ff9b::7f00:1)
        return found in _GLOBAL_6 and not any(found in net for net in _WRAPPED)
    return not any(found in net for net in _SPECIAL_4)


def public_addresses(host: str, port: int) -> list[str]:
    """Where a name leads. PrivateAddress if any of it is not public; OSError."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    if not addresses or not all(map(is_public, addresses)):
        raise PrivateAddress(host)
    return addresses


def _connect(connection: HTTPConnection) -> socket.socket:
    """As urllib3 connects, but to the addresses that were checked."""
    host = connection.host
    try:
        addresses = public_addresses(host, connection.port)
    except (socket.gaierror, UnicodeError) as error:
        gone = socket.gaierror(str(error))
        raise NameResolutionError(host, connection, gone) from error
    failed: OSError = OSError("no address")
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port),
                connection.timeout,
                source_address=connection.source_address,
                socket_options=connection.socket_options,
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, "connecting took long") from error
        except OSError as error:
            failed = error
    raise NewConnectionError(connection, "cannot connect") from failed


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Tls(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _PublicOnly(HTTPAdapter):
    def __init__(self, deadline: Deadline | None) -> None:
        self._deadline = deadline
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._watched(_PlainPool),
            "https": self._watched(_TlsPool),
        }

    def _watched(self, kind: Any) -> Any:
        """Pools of a kind whose connections end when the deadline passes."""
        deadline = self._deadline
        if deadline is None:
            return kind

        def pool(*args: Any, **options: Any) -> Any:
            made = kind(*args, **options)

            def connection(**options: Any) -> HTTPConnection:
                opened: HTTPConnection = kind.ConnectionCls(**options)
                deadline.watch(opened)
                return opened

            made.ConnectionCls = connection
            return made

        return pool


def confined(
    client: requests.Session, deadline: Deadline | None = None
) -> requests.Session:
    """The same session, no longer able to reach a machine that is not public, nor to
    wait longer than `deadline` for one that drips."""
    for scheme in ("http://", "https://"):
        client.mount(scheme, _PublicOnly(deadline))
    return client
