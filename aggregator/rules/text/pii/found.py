"""What a finding is."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPES = (
    "nik",
    "kk",
    "bpjs",
    "npwp",
    "nip",
    "nisn",
    "sim",
    "passport",
    "bank_account",
    "phone",
    "plate",
    "customer_number",
    "email",
    "address",
    "birthdate",
    "child",
    "health",
    "name",
)
"""`child`: a child's name, or a sentence that tells of one; `health`: an illness of
somebody."""


@dataclass(frozen=True, slots=True)
class Found:
    """`span` is (begin, end) in the text as given. `sure`: harms whoever it is about
    and is hardly anything else: an identity number, an account, a child's name, an
    illness beside a name."""

    type: str
    span: tuple[int, int]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Words that tell people from places and offices, in small letters
    (`config/words/people.yaml`): parts of names, their endings, and words that are
    written large and name nobody."""

    given: frozenset[str]
    endings: tuple[str, ...]
    not_people: frozenset[str]


@dataclass(slots=True)
class Taken:
    """Spans that have been found; of overlapping ones the first counts.

    Kept by place, a bit a sign: asking costs what the span is long.
    """

    signs: bytearray = field(default_factory=bytearray)

    def take(self, begin: int, end: int) -> bool:
        """Whether the span was free; it no longer is."""
        if any(self.signs[begin:end]):
            return False
        self.signs[begin:end] = b"\1" * (end - begin)
        return True
