"""The pages people move between; a new page adds its line here and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.web.words.i18n import N_

_ADMIN = frozenset({"admin"})
_ACTING = frozenset({"admin", "verifikator", "koordinator", "juru_bicara"})


@dataclass(frozen=True, slots=True)
class Entry:
    """`roles`: who is shown it, empty for everybody. `thumb`: also in the bar at the
    bottom of phones, which holds four besides the menu. `key`: what opens it after
    "g"."""

    path: str
    label: str
    icon: str
    roles: frozenset[str] = frozenset()
    thumb: bool = False
    key: str = ""

    def shown_to(self, role: str) -> bool:
        return not self.roles or role in self.roles


ENTRIES = (
    Entry("/", N_("Queue"), "queue", thumb=True, key="q"),
    Entry("/catat", N_("Write down a report"), "pen", _ACTING, thumb=True, key="c"),
    Entry("/kabar", N_("News"), "bell", thumb=True, key="n"),
    Entry("/naskah", N_("Texts"), "book", key="s"),
    Entry("/bantu-jawab", N_("Help to answer"), "message"),
    Entry("/papan", N_("Board"), "chart", thumb=True, key="p"),
    Entry("/insiden", N_("Incidents"), "sibadra", key="k"),
    Entry("/berulang", N_("Chronic spots"), "list", key="l"),
    Entry("/piket", N_("Duty"), "people", key="t"),
    Entry("/kesehatan", N_("Account health"), "pulse", key="h"),
    Entry("/orang", N_("People"), "people", _ADMIN),
    Entry("/mentah", N_("Raw events"), "inbox", _ADMIN),
    Entry("/audit", N_("Audit trail"), "list", _ADMIN),
    Entry("/pengaturan", N_("Settings"), "gear", _ADMIN),
    Entry("/saya", N_("My preferences"), "person"),
    Entry("/keamanan", N_("Security"), "lock"),
    Entry("/bantuan", N_("Help"), "help", key="b"),
)


def entries(role: str) -> list[Entry]:
    return [entry for entry in ENTRIES if entry.shown_to(role)]


def current(path: str) -> str:
    """The entry a page belongs to: cases belong to the queue."""
    if path == "/" or path.startswith(("/aduan/", "/antrean")):
        return "/"
    found = [
        entry.path
        for entry in ENTRIES
        if entry.path != "/" and path.startswith(entry.path)
    ]
    return max(found, key=len, default="")
