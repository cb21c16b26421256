"""Case numbers that survive being dictated over the telephone.

Digits only (they are said alike in Indonesian, Sundanese and English), the last one a
check digit by Damm (2004), whose quasigroup catches every wrong digit and every swap of
neighbours.
"""

from __future__ import annotations

from stdnum import damm
from stdnum.exceptions import ValidationError

_FIRST = 10_000


def number_of(case_id: int) -> str:
    """The number of the case with this row id; at least six digits."""
    body = str(_FIRST + case_id)
    return body + str(damm.calc_check_digit(body))


def is_valid(number: str) -> bool:
    """Whether a number can have been given out, as typed: no spaces, no hyphens."""
    if not (
        number.isascii() and number.isdigit() and len(number) >= len(str(_FIRST)) + 1
    ):
        return False
    try:
        damm.validate(number)
    except ValidationError:
        return False
    return True


def tidy(typed: str) -> str:
    """What a person typed or pasted, without the blanks, dots and hyphens people
    add."""
    return "".join(character for character in typed if character not in " .-#\t\u00a0")
