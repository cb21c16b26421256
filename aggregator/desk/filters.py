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
    "kembar",
    "menunggu",
    "bantuan",
    "insiden",
    "semua",
)
SORTS = ("prioritas", "tenggat", "usia", "terbaru", "pelapor")
STATUSES = ("terbuka", "baru", "dijawab", "selesai", "semua")
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of cases shows. Names of fields are the address's parameters.

    `tampilan`: one of VIEWS; `kantor`: only cases of this agency; `akun`: an account's
    id; `wilayah`: a ward's code; `pelapor`: at least so many reporters; `cari`: words
    or a number.
    """

    tampilan: str = "kantor"
    kantor: str = ""
    kanal: str = ""
    akun: int = 0
    jenis: str = ""
    golongan: str = ""
    wilayah: str = ""
    bahasa: str = ""
    status: str = "terbuka"
    pelapor: int = 0
    cari: str = ""
    urut: str = "prioritas"

    @property
    def narrowed(self) -> dict[str, str]:
        """What narrows the view, by parameter; neither the view itself nor the
        order."""
        given = self.parameters()
        return {name: given[name] for name in given if name not in ("tampilan", "urut")}

    def parameters(self) -> dict[str, str]:
        """The view, and what differs from its plain list."""
        return {"tampilan": self.tampilan} | {
            field.name: str(getattr(self, field.name))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }

    def query(self, **changes: str | int) -> str:
        """As the query of an address, with some parameters changed."""
        return urlencode(replace(self, **changes).parameters())  # type: ignore[arg-type]


def parse(asked: Mapping[str, str], view: str = "kantor") -> Filter:
    """The filter of an address; what it does not know or cannot mean is left out.

    `view`: what is shown where the address names none.
    """
    plain = Filter()
    return Filter(
        tampilan=_one_of(asked, "tampilan", VIEWS, view),
        kantor=_code(asked, "kantor"),
        kanal=_code(asked, "kanal"),
        akun=_number(asked, "akun"),
        jenis=_code(asked, "jenis"),
        golongan=_code(asked, "golongan"),
        wilayah=_code(asked, "wilayah"),
        bahasa=_code(asked, "bahasa"),
        status=_one_of(asked, "status", STATUSES, plain.status),
        pelapor=_number(asked, "pelapor"),
        cari=" ".join(asked.get("cari", "").split())[:LONGEST_WORDS],
        urut=_one_of(asked, "urut", SORTS, plain.urut),
    )


def _one_of(
    asked: Mapping[str, str], name: str, known: tuple[str, ...], otherwise: str
) -> str:
    value = asked.get(name, "")
    return value if value in known else otherwise


def _code(asked: Mapping[str, str], name: str) -> str:
    value = asked.get(name, "").strip()
    return (
        value
        if len(value) <= 64 and value.replace("-", "").replace("_", "").isalnum()
        else ""
    )


def _number(asked: Mapping[str, str], name: str) -> int:
    value = asked.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 9 else 0
