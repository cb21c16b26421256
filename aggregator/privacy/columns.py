"""What becomes of every column that can hold words when what a resident said is erased.

A column without an answer is refused by a test: whoever adds one says what it holds.
`RULES` is by table and column. Rows hang on what is erased by a reference
(`message_id`, `case_id`); what hangs on nothing is looked through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from aggregator.rules.reports import findings
from aggregator.rules.text.quotes import ERASED, Said
from aggregator.store.marks import Marks


@dataclass(frozen=True)
class Erased:
    """What is being erased. `alone`: nobody else has said anything in its case, so
    that whatever is written there is about it."""

    said: Said
    marks: Marks
    channel: str
    alone: bool


Rule = Callable[[Any, Erased], Any]


def stays(value: Any, erased: Erased) -> Any:
    """Codes, numbers, states, times: the official skeleton."""
    return value


def ours(value: Any, erased: Erased) -> Any:
    """The city's own: its people, accounts and files, no resident."""
    return value


def trail(value: Any, erased: Erased) -> Any:
    """A line of the trail, which cannot be changed; it holds no words."""
    return value


def sealed(value: Any, erased: Erased) -> Any:
    """Texts of the trail go, their digests stay (`audit.blank`)."""
    return value


def fades(value: Any, erased: Erased) -> Any:
    """Gone by itself within hours."""
    return value


def emptied(value: Any, erased: Erased) -> Any:
    """Nothing is left. A text that must be there becomes an empty one."""
    return type(value)() if isinstance(value, dict | list) else None


def let_go(value: Any, erased: Erased) -> Any:
    """Files that go with what they answered."""
    return [] if erased.alone else value


def gone(value: Any, erased: Erased) -> Any:
    """The state of what was erased."""
    return "erased"


def signs(value: Any, erased: Erased) -> Any:
    """What a channel noted of a message: only that it is secret, and whose answer it
    is."""
    return {name: value[name] for name in ("rahasia", "reply_id") if name in value}


def marked(value: Any, erased: Erased) -> Any:
    """An id is known again, but nobody is found by it."""
    return None if value is None else erased.marks.of(erased.channel, value)


def written(value: Any, erased: Erased) -> Any:
    """Words of colleagues in a case: all, or what they repeat."""
    if erased.alone:
        return through(value, lambda text: ERASED if text else text)
    return through(value, lambda text: erased.said.out_of(text, near=True))


def drafted(value: Any, erased: Erased) -> Any:
    """An answer that is being written begins anew."""
    return "" if erased.alone else written(value, erased)


def elsewhere(value: Any, erased: Erased) -> Any:
    """Words of colleagues about anything: what points to the person."""
    return through(value, lambda text: erased.said.out_of(text, near=False))


def asked(value: Any, erased: Erased) -> Any:
    """The words of an address (`q=...`): what points to the person."""
    return out_of_address(value, erased.said) if isinstance(value, str) else value


def out_of_address(value: str, said: Said) -> str:
    """The parameters of an address without what points to the person."""
    plain = unquote_plus(value)
    left = said.out_of(plain, near=False)
    return value if left == plain else quote_plus(left, safe="=&")


_WORDS_OF_NEWS = frozenset({"words", "reason", "text", "statement", "title"})


def told(value: Any, erased: Erased) -> Any:
    """What somebody was told: the number and the office stay."""
    kept = {name: one for name, one in value.items() if name not in _WORDS_OF_NEWS}
    return written(kept, erased) if not erased.alone else kept


def placed(value: Any, erased: Erased) -> Any:
    """A place that was named: gone where nobody else named it."""
    if value is None or erased.alone:
        return None
    left = erased.said.out_of(value, near=True)
    return value if left == value else None


def placed_before(value: Any, erased: Erased) -> Any:
    """What two cases were like before they were joined: their places."""
    if not isinstance(value, dict):
        return value
    return {
        name: placed_before(one, erased)
        if isinstance(one, dict)
        else placed(one, erased)
        if name == "place"
        else one
        for name, one in value.items()
    }


def understood(value: Any, erased: Erased) -> Any:
    """What the rules decided, without the words they read it from."""
    return value.without_words()


def reasoned(value: Any, erased: Erased) -> Any:
    """Reasons for likeness by their codes alone."""
    return [{**reason, "value": "", "against": ""} for reason in value]


_CODE = re.compile(r"[a-z_]+:[\w.-]*")


def coded(value: Any, erased: Erased) -> Any:
    """A reason by its code; the words a rule read are none."""
    known = findings.is_wordless(value) or value.startswith("joined:")
    return value if known and _CODE.fullmatch(value) else ""


def through(value: Any, change: Callable[[str], str]) -> Any:
    """Every text inside a value, changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: through(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [through(one, change) for one in value]
    return value


def _all(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


RULES: Mapping[str, Mapping[str, Rule]] = {
    "absence": {},
    "account": _all(
        ours,
        "channel external_id handle display_name agency_code sealed cursor status"
        " lease_owner last_error last_error_code facts",
    ),
    "agency": _all(ours, "code name kind parent_code"),
    "assignment": {
        **_all(stays, "agency_code role status"),
        "reason": coded,
        "waived_reason": written,
    },
    "attachment": {
        **_all(stays, "type mime kind code"),
        **_all(emptied, "native_id ref name description sha256 previews reason"),
        "part_id": marked,
        "status": gone,
    },
    "audit_entry": {
        **_all(trail, "actor action subject proof salts"),
        "detail": sealed,
    },
    "audit_link": _all(trail, "key digest"),
    "author_alias": _all(stays, "channel alias author_id"),
    "bounce": {**_all(stays, "kind agency_code to_agency"), "reason": written},
    "brake": {"key": fades},
    "bulk_act": {"act": stays, "query": asked, "before": elsewhere},
    "case": {
        **_all(
            stays,
            "number status channel klass kind kinds language authority ward sop_type"
            " waiting outcome",
        ),
        "place": placed,
        "understood": understood,
    },
    "case_link": {"kind": stays, "moved": stays, "before": placed_before},
    "case_concern": _all(stays, "agency_code named_by"),
    "case_pause": {"reason": stays},
    "case_reader": {"reason": written},
    "correction": {"field": stays, "before": stays, "after": stays},
    "delivery": {
        **_all(stays, "channel state"),
        "external_id": marked,
        "detail": emptied,
    },
    "device": _all(ours, "token_hash name"),
    "draft": {"state": stays, "text": drafted, "files": let_go, "remark": written},
    "breach": _all(ours, "what data measures actor"),
    "erasure": _all(stays, "actor subject salt rows left"),
    "escalation": _all(stays, "key agency_code role step recipients"),
    "gap": _all(ours, "stream reason"),
    "handover": {"agency_code": stays, "text": elsewhere, "state": elsewhere},
    "help_request": {"agency_code": stays, "asked": written},
    "incident": {
        **_all(stays, "kind state"),
        **_all(ours, "spot place"),
        "statement": elsewhere,
    },
    "incident_case": {},
    "library_entry": {
        **_all(ours, "sort agency_code kind klass"),
        **_all(elsewhere, "title texts source"),
    },
    "message": {
        **_all(stays, "channel kind direction"),
        **_all(marked, "scope native_id group_id"),
        **_all(
            emptied,
            "parent_id conversation_id target_id author_id author_name author_handle"
            " text words_key place contact permalink reply_to",
        ),
        "extra": signs,
    },
    "message_account": {},
    "message_event": {},
    "message_traits": {"traits": emptied},
    "message_version": {"native_id": marked, "text": emptied},
    "note": {"text": written},
    "notice": {"key": stays, "text": written},
    "notice_recipient": {"left_out": stays},
    "notification": {**_all(stays, "kind via"), "data": told, "error": emptied},
    "person": _all(
        ours,
        "login name email agency_code role language speaks position telegram totp"
        " recovery_codes preferences status password_hash invite_hash",
    ),
    "photo_band": {},
    "photo_hash": {},
    "presence": {},
    "passkey": _all(ours, "credential_id public_key name"),
    "passkey_challenge": _all(fades, "challenge_hash purpose holder"),
    "push_subscription": _all(ours, "endpoint p256dh auth"),
    "raw_event": {
        **_all(stays, "channel kind"),
        "key": marked,
        **_all(emptied, "payload reason"),
        "status": gone,
    },
    "reminder": {"state": stays, "words": written},
    "reply": {
        **_all(stays, "key state delivery outcome error_code"),
        "text": written,
        "external_id": marked,
        **_all(emptied, "permalink error"),
        "files": let_go,
        "waives": written,
    },
    "salt": _all(ours, "purpose value"),
    "saved_view": {"agency_code": stays, "name": elsewhere, "query": asked},
    "setting": _all(ours, "name value"),
    "shift": {"agency_code": ours},
    "stream": {"name": ours},
    "suggestion": {"state": stays, "reasons": reasoned},
    "usage": {},
    "worker_beat": {"name": ours},
    "user_session": _all(ours, "token_hash name source"),
    "word_count": {"recent": stays},
}
