"""The gate of the alarm: texts that no list and no weight has learnt from.

220 dangers and 330 calm texts in forty voices and four languages, written without sight
of lists, rules and other texts (tests/data/alarm_judge.jsonl).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from reading import LEXICON

from aggregator.lab import alarm_lessons
from aggregator.lab.alarm_lessons import Cry
from aggregator.rules.reports import urgency
from aggregator.rules.text.hashed import BUCKETS, Hashed, buckets

JUDGE = Path(__file__).resolve().parents[1] / "data" / "alarm_judge.jsonl"


def test_cries_for_help_ring_however_they_are_put() -> None:
    told: Counter[tuple[bool, str]] = Counter()
    for line in JUDGE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = urgency.alarm(row["text"], LEXICON)
        how = "rings" if found.rings else "maybe" if found.maybe else "calm"
        told[row["urgent"], how] += 1
    assert sum(told.values()) == 550
    assert told[True, "rings"] >= 0.89 * 220
    assert told[True, "rings"] + told[True, "maybe"] >= 0.99 * 220
    assert told[False, "rings"] <= 0.02 * 330


def test_nothing_of_the_gate_is_among_what_is_learnt() -> None:
    learnt = {cry.text for cry in alarm_lessons.corpus()}
    judged = {
        json.loads(line)["text"]
        for line in JUDGE.read_text(encoding="utf-8").splitlines()
    }
    assert len(learnt) > 4_400 and not learnt & judged


@pytest.mark.parametrize(
    "text",
    [
        "rumah tetangga kebakar, kapan damkar datang??",
        "kakek saya tidak bernapas, ambulans nomor berapa ya",
        "my neighbour's house is burning, when does the fire brigade come?",
        "imah tatangga kahuruan, iraha damkar datang?",
    ],
)
def test_a_question_quiets_no_alarm(text: str) -> None:
    assert urgency.alarm(text, LEXICON).rings


@pytest.mark.parametrize(
    "text",
    [
        "Apakah asuransi kebakaran rumah bisa diurus di kelurahan?",
        "Jadwal simulasi gempa di sekolah kapan ya min",
        "Film tentang gunung meletus itu tayang di mana",
    ],
)
def test_another_topic_does(text: str) -> None:
    assert not urgency.alarm(text, LEXICON).rings


def test_the_same_texts_give_the_same_weights_and_the_words_that_told() -> None:
    cries = [Cry("tolong ada api besar", True), Cry("jalan rusak berlubang", False)] * 8
    model = alarm_lessons.train(cries)
    assert model == alarm_lessons.train(cries)
    assert model.chance("api besar tolong") > 0.5 > model.chance("jalan berlubang")
    assert "api" in model.telling("ada api besar di jalan rusak")


def test_a_text_without_words_and_a_very_long_one_are_read() -> None:
    flat = Hashed(bytes(BUCKETS), 1.0, 0.0, 0.6, 0.4, 0.1)
    assert flat.chance("") == 0.5 == flat.chance("!!! ???")
    assert buckets("a" * 50_000) == buckets("a" * 2)


def test_what_lists_say_is_heard_beside_the_words_and_does_not_ring_alone() -> None:
    told = Cry("api", True, votes=("life", "=rings"))
    calm = Cry("api", False, votes=("topic", "=calm"))
    model = alarm_lessons.train([told, calm] * 20)
    assert model.chance("api", votes=told.votes) > 0.5
    assert model.chance("api", votes=calm.votes) < 0.5
    found = urgency.alarm("Lomba ketangkasan damkar: kebakaran pura-pura", LEXICON)
    assert not found.rings
