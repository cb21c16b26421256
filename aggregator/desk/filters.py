"""The filter of the queue as its address says it: parsed, changed, written back.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

VIEWS = (
    "kantor",
    "saya",
    "belum",
    "tenggat",
    "darurat",
    "mungkin",
    "kembar",
    "menunggu",
    "bantuan",
    "insiden",
    "semua",
)
ORDERS = ("prioritas", "tenggat", "usia", "terbaru", "pelapor")
STATUSES = ("terbuka", "baru", "dijawab", "selesai", "semua")
LONGEST_WORDS = 200


PARAMETERS = {
    "view": "tampilan",
    "agency": "kantor",
    "channel": "kanal",
    "account": "akun",
    "kind": "jenis",
    "klass": "golongan",
    "ward": "wilayah",
    "language": "bahasa",
    "status": "status",
    "reporters": "pelapor",
    "words": "cari",
    "order": "urut",
}
"""What each field of a filter is called in addresses and forms, which people keep."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of cases shows.

    `view`: one of VIEWS; `agency`: only cases of this one; `account`: its id; `ward`:
    its code; `reporters`: at least so many; `words`: or a number; `order`: one of
    ORDERS.
    """

    view: str = "kantor"
    agency: str = ""
    channel: str = ""
    account: int = 0
    kind: str = ""
    klass: str = ""
    ward: str = ""
    language: str = ""
    status: str = "terbuka"
    reporters: int = 0
    words: str = ""
    order: str = "prioritas"

    @property
    def narrowed(self) -> dict[str, str]:
        """What narrows the view, by field; neither the view itself nor the order."""
        return {
            name: value
            for name, value in self._given().items()
            if name not in ("view", "order")
        }

    def _given(self) -> dict[str, str]:
        """The view, and what differs from its plain list."""
        return {"view": self.view} | {
            field.name: str(getattr(self, field.name))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }

    def query(self, **changes: str | int) -> str:
        """As the query of an address, with some fields changed."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        given = changed._given()
        return urlencode({PARAMETERS[name]: given[name] for name in given})


def parse(asked: Mapping[str, str], view: str = "kantor") -> Filter:
    """The filter of an address; what it does not know or cannot mean is left out.

    `view`: what is shown where the address names none.
    """
    plain = Filter()
    said = {name: asked.get(parameter, "") for name, parameter in PARAMETERS.items()}
    return Filter(
        view=_one_of(VIEWS, said["view"], view),
        agency=_code(said["agency"]),
        channel=_code(said["channel"]),
        account=_number(said["account"]),
        kind=_code(said["kind"]),
        klass=_code(said["klass"]),
        ward=_code(said["ward"]),
        language=_code(said["language"]),
        status=_one_of(STATUSES, said["status"], plain.status),
        reporters=_number(said["reporters"]),
        words=" ".join(said["words"].split())[:LONGEST_WORDS],
        order=_one_of(ORDERS, said["order"], plain.order),
    )


def _one_of(known: tuple[str, ...], value: str, otherwise: str) -> str:
    return value if value in known else otherwise


def _code(value: str) -> str:
    value = value.strip()
    return (
        value
        if len(value) <= 64 and value.replace("-", "").replace("_", "").isalnum()
        else ""
    )


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 9 else 0
