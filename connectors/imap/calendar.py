"""The words of an invitation (iCalendar, RFC 5545), for mails that say nothing else."""

from __future__ import annotations

import re

_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(
    r"^(?P<name>SUMMARY|DTSTART|DTEND|LOCATION|DESCRIPTION)(?:;[^:\r\n]*)?:(?P<said>.*)$",
    re.M | re.I,
)
_MOMENT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?$")
_ESCAPED = {r"\n": "\n", r"\N": "\n", r"\,": ",", r"\;": ";", r"\\": "\\"}
_ESCAPE = re.compile(r"\\[nN,;\\]")
_REPLY = re.compile(r"^METHOD:\s*(?:REPLY|COUNTER|REFRESH)\b", re.M | re.I)


def words(invitation: str) -> str:
    """What is invited to, when, where and why, a line each; of the first event."""
    event = _FOLDED.sub("", invitation).partition("BEGIN:VEVENT")[2]
    found: dict[str, str] = {}
    for line in _LINE.finditer(event.partition("END:VEVENT")[0]):
        said = _ESCAPE.sub(lambda one: _ESCAPED[one[0]], line["said"]).strip()
        found.setdefault(line["name"].upper(), _readable(said))
    times = " – ".join(filter(None, (found.get("DTSTART"), found.get("DTEND"))))
    order = (found.get("SUMMARY"), times, found.get("LOCATION"))
    return "\n".join(filter(None, (*order, found.get("DESCRIPTION"))))


def answers(invitation: str) -> bool:
    """Whether a calendar accepts or declines here, instead of inviting."""
    return bool(_REPLY.search(invitation))


def _readable(said: str) -> str:
    moment = _MOMENT.match(said)
    if not moment:
        return said
    year, month, day, hour, minute, utc = moment.groups()
    clock = f" {hour}:{minute}" + (" UTC" if utc else "") if hour else ""
    return f"{year}-{month}-{day}{clock}"
