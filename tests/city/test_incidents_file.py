from __future__ import annotations

from pathlib import Path

import pytest

from aggregator import city
from aggregator.city import incidents
from aggregator.store.configfile import ConfigError


def test_limits_of_a_kind_go_before_those_of_all() -> None:
    assert city.here().incidents.of("kebakaran").reports == 2


def test_a_kind_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "incidents.yaml").write_text(
        "otherwise: {reports: 1, minutes: 60, times_usual: 3}\n"
        "kinds:\n  - {code: kebakarn, reports: 2, minutes: 20, times_usual: 2}\n"
    )
    with pytest.raises(
        ConfigError, match=r"incidents.yaml:1(.|\n)*did you mean 'kebakaran'"
    ):
        incidents.load(tmp_path, city.here().catalog)
