"""The figures of `sahut eval duplicates`, on pairs small enough to count by hand."""

from __future__ import annotations

from aggregator.lab.evaluate_duplicates import moment, pairs, partners, score_pairs

LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati sejak lima hari yang lalu"
ROWS = [
    {"id": "1", "kind": "repost", "label": "dup", "a": LAMP, "b": f"RT @warga: {LAMP}"},
    {
        "id": "2",
        "kind": "repost",
        "label": "dup",
        "a": LAMP,
        "b": "Sampah menumpuk di pasar",
    },
    {
        "id": "3",
        "kind": "other_rw",
        "label": "different",
        "a": LAMP,
        "b": LAMP.replace("RW 4", "RW 9"),
    },
]


def test_each_kind_has_its_own_precision_and_recall_and_the_share_among_three() -> None:
    found = partners(ROWS)
    assert found == {0: True, 1: False}
    other, repost = score_pairs(ROWS, list(pairs(ROWS)), found)
    assert (repost.n, repost.same, repost.joined, repost.joined_right, repost.top3) == (
        2,
        2,
        1,
        1,
        1,
    )
    assert "joined    1 P 1.000 R 0.500" in str(repost) and "in three 0.500" in str(
        repost
    )
    assert (other.same, other.joined) == (0, 0)
    assert "P     - R     -" in str(other)


def test_a_row_of_a_stream_with_an_odd_time_is_at_the_beginning_of_time() -> None:
    odd = [
        None,
        "",
        "kemarin",
        {"y": 1},
        "0001-01-01 00:00:00",
        "9999-12-31T23:59:59-12:00",
    ]
    assert {moment(ts) for ts in odd} == {moment("1970-01-01T00:00:00Z")}
    assert moment("2026-03-01 07:00:00") == moment("2026-03-01T00:00:00Z")
