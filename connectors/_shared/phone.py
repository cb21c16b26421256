"""Telephone numbers as residents of Indonesia type them."""

from __future__ import annotations

import re

import phonenumbers

_PHONE = re.compile(r"^[\d\s+().-]{7,}$")


def tidy_contact(typed: str | None) -> str | None:
    """A phone number as +62..., anything else as typed."""
    if not typed or not _PHONE.match(typed):
        return typed
    digits = re.sub(r"[^\d+]", "", typed)
    if digits.startswith("62"):
        digits = (
            "+" + digits
        )  # without the plus it would be read as a landline of Indonesia
    try:
        number = phonenumbers.parse(digits, "ID")
    except phonenumbers.NumberParseException:
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
