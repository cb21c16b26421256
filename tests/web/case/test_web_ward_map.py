"""The plan of the wards: outlines from centres alone."""

from __future__ import annotations

from aggregator.web.case._ward_map import WIDTH, plan

CENTRES = {
    "Empang": (-6.60, 106.79),
    "Sempur": (-6.59, 106.80),
    "Bubulak": (-6.57, 106.75),
}


def corners(outline: str) -> list[tuple[float, float]]:
    return [
        (float(x), float(y)) for x, y in (pair.split(",") for pair in outline.split())
    ]


def test_a_ward_is_what_lies_nearest_to_its_centre() -> None:
    drawn = plan(CENTRES, "Empang")
    assert drawn is not None and drawn.name == "Empang"
    marks = {name: plan(CENTRES, name) for name in CENTRES}
    for ward in drawn.wards:
        for x, y in corners(ward.outline):
            far = {
                name: (x - mark.x) ** 2 + (y - mark.y) ** 2
                for name, mark in marks.items()
                if mark
            }
            assert far[ward.name] <= min(far.values()) + 5, ward.name
            assert 0 <= x <= WIDTH


def test_a_point_is_marked_where_it_is_and_one_outside_the_city_is_not() -> None:
    west, east = (plan(CENTRES, "Empang", (-6.59, lon)) for lon in (106.77, 106.79))
    assert (
        west is not None and east is not None and west.x < east.x and west.y == east.y
    )
    assert plan(CENTRES, "Empang", (-6.2, 106.8)) is None
    assert plan(CENTRES, "Cibinong") is None
