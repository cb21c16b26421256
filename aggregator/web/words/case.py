"""What codes on the page of a case mean in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aggregator.cases.deadlines import AgencyClock
from aggregator.rules.time.clocks import Clock
from aggregator.web import words
from aggregator.web.words import queue as words_queue
from aggregator.web.words.i18n import N_

Translate = Callable[[str], str]

CLASS = words_queue.KLASS
WHY_READS = {
    "first_reader": N_("Named first reader of the office"),
    "held": N_("Held the case when readers began to be named"),
}
"""Reasons of the program; people write theirs."""
OUTCOME = {
    "selesai": N_("Dealt with"),
    "bukan_kewenangan": N_("Not the city's to do; the resident was told whom to ask"),
    "arsip": N_("Filed without an answer"),
}
WAITING = words_queue.WAITING
TASK = {
    "waiting": N_("not taken in hand yet"),
    "open": N_("working on it"),
    "done": N_("done"),
    "waived": N_("not needed"),
    "bounced": N_("said it is not theirs"),
}
LEVEL = {
    "kota": N_("City"),
    "kecamatan": N_("District"),
    "kelurahan": N_("Ward"),
    "bumd": N_("City company"),
    "provinsi": N_("Province"),
    "nasional": N_("National"),
    "kabupaten": N_("Another regency or city"),
    "polisi": N_("Police"),
    "pln": "PLN",
    "pengembang": N_("Developer"),
    "lainnya": N_("Somebody else"),
}
POSITION = {
    "kepala_opd": N_("head of the office"),
    "wali_kota": N_("mayor"),
    "sekda": N_("secretary of the city"),
    "verifikator": N_("verifiers"),
}
PART = {
    "lead": N_("acts and answers"),
    "help": N_("acts too"),
    "responsible": N_("must act"),
    "possible": N_("perhaps"),
}
CLOCK = {
    "waiting": N_("has not begun"),
    "running": N_("%s left"),
    "near": N_("only %s left"),
    "paused": N_("stands still"),
    "breached": N_("late by %s"),
    "met": N_("kept"),
    "met_late": N_("done, but late"),
}
WINDOW = N_("Time limit of the platform")
WHY_ALIKE = {
    "same_words": N_("nearly the same words (%s)"),
    "cut_off": N_("one text is a part of the other"),
    "same_place": N_("same place: %s"),
    "same_kind": N_("same matter"),
    "same_numbers": N_("same numbers: %s"),
    "near": N_("%s apart"),
    "same_photo": N_("same photo"),
    "same_author": N_("same reporter"),
    "gap": N_("%s between them"),
}
CAME = {
    "same_words": N_("same words"),
    "cut_off": N_("one text is a part of the other"),
    "same_place": N_("same place"),
    "same_kind": N_("same matter"),
    "same_numbers": N_("same numbers"),
    "same_photo": N_("same photo"),
    "same_author": N_("same reporter"),
}
ACT_INTO = {
    "join": N_("Joined into this case:"),
    "split": N_("Split off from"),
    "move": N_("Messages came from"),
}
ACT_AWAY = {
    "join": N_("Joined into"),
    "split": N_("Split off as"),
    "move": N_("Messages went to"),
}
_OF_THE_TEXTS = frozenset({"same_numbers", "other_number", "same_place", "other_place"})
ALIKE_OTHERWISE = N_("other likenesses")
WHY_APART = {
    "other_place": N_("but another place: %s"),
    "other_number": N_("but another number: %s"),
    "other_words": N_("but each says something more"),
    "other_order": N_("but the words stand in another order"),
    "question": N_("but one of them asks"),
    "negation": N_("but one of them says “not”"),
    "done": N_("but one of them says that it is done"),
    "little_text": N_("but there is little text to tell by"),
    "confidential": N_("but one of them is confidential"),
}
DIFFERS = {
    "date": N_("Day"),
    "office": N_("Office"),
    "status": N_("State of the work"),
    "amount": N_("Amount"),
    "hours": N_("Opening hours"),
    "allowed": N_("Allowed or not"),
}
DIFFERS_OTHERWISE = N_("Otherwise")
DRAFT = {
    "writing": N_("being written"),
    "asked": N_("waiting for approval"),
    "approved": N_("approved"),
    "returned": N_("returned with a remark"),
    "proposed": N_("proposed by another office"),
    "used": N_("proposal used"),
}
PERSONAL = {
    "nik": N_("NIK"),
    "kk": N_("family card number"),
    "bpjs": N_("BPJS number"),
    "npwp": N_("tax number"),
    "nip": N_("civil servant's number"),
    "nisn": N_("pupil's number"),
    "sim": N_("driving licence number"),
    "passport": N_("passport number"),
    "bank_account": N_("bank account number"),
    "phone": N_("telephone number"),
    "plate": N_("number plate"),
    "customer_number": N_("customer number"),
    "email": N_("e-mail address"),
    "address": N_("house address"),
    "birthdate": N_("date of birth"),
    "child": N_("something about a child"),
    "health": N_("something about health"),
    "name": N_("name"),
}
CAUTION = {
    "personal_data": N_("This will be public and holds personal data: %s."),
    "personal_data_stopped": N_(
        "This must not go out: %s. Mask it, or write why it has to be sent."
    ),
    "names_reporter": N_(
        "The reporter asked not to be named, and the text names them."
    ),
    "insult": N_("The wording may hurt: %s."),
    "open_variable": N_("Something is still to be filled in: %s."),
    "alike": N_(
        "Public answers on this channel in the last 24 hours that are nearly the same:"
        " %d. Platforms may take that for spam; vary the words."
    ),
    "promise": N_("A promise: “%(said)s”. You will be reminded on %(day)s."),
}
SORT = {"naskah": N_("Forms of answers"), "jawaban": N_("Facts")}
LANGUAGE = {"id": "Bahasa Indonesia", "su": "Basa Sunda", "en": "English"}


def clock(translate: Translate, entry: Clock, now: datetime, language: str) -> str:
    """What a clock says now, in a few words."""
    sentence = translate(CLOCK[entry.state])
    if "%s" not in sentence or entry.due_at is None:
        return sentence % "" if "%s" in sentence else sentence
    if entry.state == "breached":
        return sentence % words.ago(translate, entry.due_at, now)
    return sentence % words.time_left(translate, entry.due_at, now)


def label(translate: Translate, entry: Clock, language: str) -> str:
    """What the step of a clock is called."""
    if entry.name == "reply_window":
        return translate(WINDOW)
    return (
        entry.label.get(language)
        or entry.label.get("id")
        or entry.name.replace("_", " ")
    )


def first_due(clocks: list[AgencyClock]) -> AgencyClock | None:
    """The clock that matters now: one that is late, else the next to run out."""
    order = {"breached": 0, "near": 1, "running": 1, "paused": 2}
    able = [one for one in clocks if one.clock.state in order and one.clock.due_at]
    return min(
        able, key=lambda one: (order[one.clock.state], one.clock.due_at), default=None
    )


def why_came(translate: Translate, codes: list[str]) -> list[str]:
    """Why a message was put into its case, from the codes in the history."""
    return [translate(CAME[code]) for code in dict.fromkeys(codes) if code in CAME]


def why_alike(
    translate: Translate, reasons: list[dict[str, str]], *, full: bool
) -> list[str]:
    """The likenesses of two cases as short phrases, then what speaks against one
    problem.

    Numbers and places come out of the texts: they are said only to who reads both
    `full`.
    """
    said = []
    for reason in sorted(reasons, key=lambda one: bool(one.get("against"))):
        if reason["code"] in _OF_THE_TEXTS and not full:
            continue
        known = WHY_APART if reason.get("against") else WHY_ALIKE
        phrase, value = (
            translate(known.get(reason["code"], ALIKE_OTHERWISE)),
            reason.get("value", ""),
        )
        if reason["code"] == "gap" and value.isdecimal():
            value = words.hours(translate, int(value) / 60)
        said.append(phrase % value if "%s" in phrase else phrase)
    return list(dict.fromkeys(said))
