"""The words of the queue: views, orders, classes, languages, and what people are
told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aggregator.web.words import Translate
from aggregator.web.words.i18n import N_

VIEW = {
    "kantor": N_("My office"),
    "saya": N_("Mine"),
    "belum": N_("Unclaimed"),
    "tenggat": N_("Near deadline"),
    "darurat": N_("Emergencies"),
    "mungkin": N_("Perhaps an emergency"),
    "kembar": N_("Possible duplicates"),
    "menunggu": N_("Waiting"),
    "bantuan": N_("We help"),
    "insiden": N_("Incidents"),
    "semua": N_("All"),
}
VIEW_KEYS = {
    "kantor": "k",
    "saya": "s",
    "belum": "u",
    "tenggat": "t",
    "darurat": "d",
    "mungkin": "p",
    "kembar": "m",
    "menunggu": "w",
    "bantuan": "l",
    "insiden": "i",
    "semua": "a",
}
"""The letter after "g" that opens a view."""
SORT = {
    "prioritas": N_("By priority"),
    "tenggat": N_("Next deadline"),
    "usia": N_("Oldest"),
    "terbaru": N_("Newest"),
    "pelapor": N_("Most reporters"),
}
STATUS = {
    "terbuka": N_("Open cases"),
    "baru": N_("New"),
    "dijawab": N_("Answered"),
    "selesai": N_("Closed"),
    "semua": N_("Any status"),
}
MISSED = {
    "refused": N_("Answer did not arrive"),
    "unknown": N_("Answer perhaps not arrived"),
}
"""Of an answer that has not arrived, as a row says it."""
KLASS = {
    "pengaduan": N_("Complaint"),
    "permintaan_informasi": N_("Question"),
    "aspirasi": N_("Suggestion"),
    "wbs": N_("Report of misconduct"),
    "darurat": N_("Emergency"),
    "apresiasi": N_("Thanks"),
    "cek_hoaks": N_("Hoax check"),
    "spam": N_("Spam"),
    "bukan_aduan": N_("Not a report"),
}
LANGUAGE = {
    "id": "Bahasa Indonesia",
    "su": "Basa Sunda",
    "jv": "Basa Jawa",
    "en": "English",
    "id-su": N_("Indonesian and Sundanese"),
    "id-jv": N_("Indonesian and Javanese"),
    "mixed": N_("Mixed"),
    "other": N_("Another language"),
}
WAITING = {
    "menunggu_pelapor": N_("Waiting for the resident"),
    "menunggu_anggaran": N_("Waiting for a budget"),
}
FILTER = {
    "agency": N_("Office"),
    "channel": N_("Channel"),
    "account": N_("Account"),
    "kind": N_("Kind"),
    "klass": N_("Class"),
    "ward": N_("Ward"),
    "language": N_("Language"),
    "status": N_("Status"),
    "reporters": N_("Reporters"),
    "words": N_("Words"),
}
ACT = {
    "ambil": N_("Claim"),
    "tugaskan": N_("Assign"),
    "selesai": N_("Close"),
    "golongan": N_("Confirm class"),
}
TOLD = {
    "escalation": N_("Case %(number)s at %(agency)s is past its deadline."),
    "digest": N_("Several cases at %(agency)s are past their deadline."),
    "emergency": N_("Emergency: case %(number)s at %(agency)s."),
    "reader": N_("You are a reader of the confidential case %(number)s."),
    "reader_added": N_("%(who)s reads the confidential case %(number)s too now."),
    "reader_removed": N_("%(who)s reads the confidential case %(number)s no more."),
    "glass_broken": N_(
        "%(who)s opened the confidential case %(number)s in an emergency: %(reason)s"
    ),
    "no_reader": N_(
        "A confidential report waits, and nobody is named to read it. Whoever runs the"
        " program names readers."
    ),
    "mention": N_("%(who)s mentioned you in case %(number)s."),
    "reminder": N_("A promise is due today in case %(number)s: %(words)s"),
    "claim": N_("%(who)s took over case %(number)s: %(reason)s"),
    "waived": N_("%(who)s ended your office's part in case %(number)s: %(reason)s"),
    "language": N_("Case %(number)s needs an answer in another language."),
    "handover": N_("Handover of the shift at %(agency)s by %(who)s."),
    "succession": N_("You take over from %(who)s. These cases wait for you:"),
    "incident": N_("Incident %(what)s: the promised time of news has come."),
    "incident_proposed": N_("Proposed incident: %(what)s. Confirm or dismiss it."),
    "incident_taken": N_("%(who)s took over the incident %(what)s."),
    "help_asked": N_(
        "%(who)s asks your office to help with an answer (case %(number)s)."
    ),
    "help_proposed": N_("%(who)s proposes an answer to case %(number)s."),
    "help_used": N_(
        "%(who)s used your proposal in case %(number)s. Thank you for helping."
    ),
    "account": N_("The login of %(account)s ends in %(days)s days."),
    "account_lost": N_(
        "%(account)s needs a new login. Nothing is read or sent there until then."
    ),
    "reply_refused": N_(
        "An answer to case %(number)s has not arrived. Look why and what to do."
    ),
    "reply_unknown": N_(
        "Nobody knows whether the answer to case %(number)s arrived. Look there."
    ),
    "breach": N_(
        "Breach of personal data no. %(breach)s: those concerned have to be told by"
        " %(due)s."
    ),
    "retention": N_(
        "%(rows)s rows with personal data will be erased within %(days)s days, as the"
        " city has decided."
    ),
    "approval_asked": N_("%(who)s asks you to approve an answer to case %(number)s."),
    "draft_approved": N_(
        "%(who)s approved your answer to case %(number)s. You can send it."
    ),
    "draft_returned": N_(
        "%(who)s returned your answer to case %(number)s with a remark."
    ),
}
ANY_NEWS = N_("There is news in case %(number)s.")


def told(translate: Translate, kind: str, data: Mapping[str, Any]) -> str:
    """A notification as a sentence; what its data does not say is left out."""
    return translate(TOLD.get(kind, ANY_NEWS)) % _Known(data)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def clock(translate: Translate, due: datetime, now: datetime) -> str:
    """A deadline in words: "2 h left", "3 h late"."""
    minutes = int((due - now).total_seconds() // 60)
    words = N_("%s left") if minutes >= 0 else N_("%s late")
    return translate(words) % _span(translate, abs(minutes))


def _span(translate: Translate, minutes: int) -> str:
    for size, words in ((2880, N_("%d d")), (60, N_("%d h"))):
        if minutes >= size:
            return translate(words) % (minutes // (1440 if size > 60 else 60))
    return translate(N_("%d min")) % minutes
