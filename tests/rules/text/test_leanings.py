"""What a text leans to, on weights that are small enough to follow by hand."""

from __future__ import annotations

import json

import pytest

from aggregator import city
from aggregator.lab import leaning_lessons
from aggregator.lab.leaning_lessons import Message
from aggregator.rules.text import leanings
from aggregator.rules.text.leanings import Leanings

LABELS = ("class:pengaduan", "kind:pasar")


def told(word: str, weight: float) -> Leanings:
    """A model that knows one word, and that it speaks for the second label."""
    rows = {bucket: [0.0, weight] for bucket in leanings.pieces(word)}
    rows[leanings.whole_word(word)] = [-weight, weight]
    return leanings.packed(LABELS, [0.25, -0.5], rows)


def test_a_text_without_known_pieces_leaves_the_bias() -> None:
    assert told("cabai", 1.0).scores("zzz") == dict(
        zip(LABELS, (0.25, -0.5), strict=True)
    )


def test_every_piece_counts_by_the_length_of_the_text() -> None:
    model = told("cabai", 1.0)
    many = len(leanings.pieces("cabai"))
    found = model.scores("cabai")
    pieces, whole = many * leanings.share(many), leanings.share(1)
    assert found["kind:pasar"] == pytest.approx(-0.5 + pieces + whole, abs=0.02)
    assert found["class:pengaduan"] == pytest.approx(0.25 - whole, abs=0.02)
    assert found["kind:pasar"] > model.scores("cabai di rumah")["kind:pasar"] > -0.5


def test_the_words_that_told_are_named_in_the_order_of_the_text() -> None:
    model = told("cabai", 1.0)
    assert model.telling("harga CABAI naik", "kind:pasar") == ("cabai",)
    assert model.telling("harga naik", "kind:pasar") == ()


def test_votes_and_usual_words_have_pieces_of_their_own() -> None:
    parts = [*leanings.parts("cabe", ("cabai",), ("private",))]
    alone = [*leanings.parts("cabe")]
    assert parts[:2] == alone[:2]
    assert [len(part) for part in parts[2:]] == [1, 1]
    assert alone[2:] == [[], []]


def test_what_is_written_is_read_again() -> None:
    model = told("cabai", 1.0)
    stored = json.loads(json.dumps(leanings.to_json(model)))
    again = leanings.from_json(stored)
    assert again.weights == model.weights
    assert again.scores("cabai") == pytest.approx(model.scores("cabai"), abs=1e-4)
    stored["bias"] = [0.0]
    with pytest.raises(ValueError, match="for 2 labels"):
        leanings.from_json(stored)


def test_a_city_that_knows_fewer_kinds_keeps_the_rest() -> None:
    model = told("cabai", 1.0)
    fewer = leanings.limited(model, ["kind:pasar"])
    assert fewer.labels == ("kind:pasar",)
    assert fewer.scores("cabai")["kind:pasar"] == model.scores("cabai")["kind:pasar"]
    assert leanings.limited(model, LABELS) is model


def test_a_very_long_text_overflows_nothing() -> None:
    model = told("cabai", 1.0)
    long = model.scores(" ".join(f"cabai{number}" for number in range(900)))
    assert -50 < long["kind:pasar"] < 50


MESSAGES = [
    Message("harga cabai naik", ("pengaduan",), ("pasar",), True),
    Message("cabai mahal sekali", ("pengaduan",), ("pasar",), None),
    Message("jam buka kantor sampai kapan", ("permintaan_informasi",), (), True),
    Message("kantor buka kapan ya", ("permintaan_informasi",), (), None),
    Message("terserah saja", ("aspirasi", "bukan_aduan"), (), False),
]


def test_training_learns_what_the_lists_do_not_know_and_gives_the_same_bytes() -> None:
    here = city.here()
    kinds = ["pasar", "taman"]
    model = leaning_lessons.train(MESSAGES, here.lexicon, kinds)
    assert leaning_lessons.train(MESSAGES, here.lexicon, kinds) == model
    heard = model.scores("cabai")
    assert heard["kind:pasar"] > heard["kind:taman"]
    asked = model.scores("kantor buka kapan")
    assert asked["class:permintaan_informasi"] > asked["class:pengaduan"]
    assert leaning_lessons.met(model, MESSAGES, here.lexicon) == (4, 4, 2, 2)


def test_what_may_be_one_of_several_is_pushed_to_none_of_them() -> None:
    here = city.here()
    unclear = [Message("zzz yyy xxx", ("aspirasi", "bukan_aduan"), (), False)]
    model = leaning_lessons.train(unclear, here.lexicon, ["pasar"])
    heard = model.scores("zzz yyy xxx", ("zzz", "yyy", "xxx"), ("public",))
    assert heard["class:bukan_aduan"] > 0 > heard["class:pengaduan"]


def test_recorded_texts_and_corrections_become_messages() -> None:
    stream = [{"text": "macet", "label": "keluhan"}, {"text": "x", "label": "?"}]
    complaints = [
        {"text": "banjir", "cat_norm": "saluran_air_banjir", "source": "a"},
        {"text": "lain", "cat_norm": None, "source": "a"},
    ]
    heard = leaning_lessons.recorded(stream, complaints, ["banjir_longsor"])
    assert [(one.text, one.kinds) for one in heard] == [
        ("macet", ()),
        ("banjir", ("banjir_longsor",)),
    ]
    rows = [{"text": "a", "class": "spam"}, {"text": "b", "class": "darurat"}]
    (only,) = leaning_lessons.corrected(rows, [])
    assert (only.text, only.klasses) == ("a", ("spam",))


def test_the_texts_that_ship_are_of_many_writers() -> None:
    shipped = leaning_lessons.corpus()
    assert len({one.sitting for one in shipped}) >= 8
    assert len(shipped) > 2_000
    assert all(one.klasses or one.kinds for one in shipped)
