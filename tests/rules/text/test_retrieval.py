"""Which text of the library answers a question, as residents ask it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from reading import LEXICON

from aggregator.rules.text import retrieval

_DATA = Path(__file__).parents[2] / "data" / "library_questions.yaml"


def _asked() -> tuple[list[tuple[str, str]], dict[str, Any]]:
    told = yaml.safe_load(_DATA.read_text("utf-8"))
    return [(fact["title"], fact["text"]) for fact in told["facts"]], told


def _best(question: str, facts: list[tuple[str, str]]) -> tuple[float, str]:
    ranked = zip(retrieval.scores(question, facts, LEXICON), facts, strict=True)
    score, (title, _) = max(ranked, key=lambda one: one[0])
    return score, title


def test_the_fact_that_answers_a_question_comes_first() -> None:
    facts, told = _asked()
    missed = [
        (one["asks"], found)
        for one in told["questions"]
        if (found := _best(one["asks"], facts))[1] != one["answer"]
    ]
    assert len(told["questions"]) >= 20 and missed == []


def test_a_question_that_no_fact_answers_finds_none() -> None:
    facts, told = _asked()
    assert [ask for ask in told["unanswered"] if _best(ask, facts)[0] >= 0.27] == []


def test_spelling_and_affixes_do_not_count_and_rare_words_do() -> None:
    facts = [
        ("Akta kelahiran", "Dibuat di loket."),
        ("Kartu keluarga", "Dibuat di loket."),
    ]
    assert _best("mau bikin akte lahiran di loket", facts)[1] == "Akta kelahiran"
    assert retrieval.scores("", facts, LEXICON) == [0.0, 0.0]
