"""What texts are read by in tests: the words and numbers that come with the program."""

from __future__ import annotations

from aggregator import city
from aggregator.store.settings import PROGRAMS_CONFIG

HERE = city.load(PROGRAMS_CONFIG)
LEXICON = HERE.lexicon
