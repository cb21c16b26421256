"""What became of a file that is not there to be opened."""

from __future__ import annotations

from aggregator.web.words.i18n import N_

_WHY = {
    "too_large": N_("Too large to be kept here."),
    "broken": N_("The file is broken and cannot be shown."),
    "too_heavy": N_("Opening the file takes more time or memory than a file may."),
    "empty": N_("The file is empty."),
    "gone": N_("The platform does not have the file any more."),
    "not_kept": N_("The platform gives no file for this."),
    "private_address": N_("The file's address leads into a private network."),
    "removed": N_("The account was removed before the file was fetched."),
    "unavailable": N_("The channel cannot be used on this server."),
}
_ELSE = N_("The file could not be fetched.")
ASK = frozenset({"broken", "too_heavy", "empty", "gone", "failed"})
"""The sender can be asked for it again."""
ELSEWHERE = frozenset({"too_large", "not_kept", "private_address", "unavailable"})
"""It can be looked at on the platform."""


def why(code: str | None) -> str:
    """To be translated."""
    return _WHY.get(code or "", _ELSE)
