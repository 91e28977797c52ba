"""Exported lists: weeks for days, bands for people, streets for places."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import MissingColumns
from analytics.privacy import exportable


def matters(**columns: list) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    base = {
        "area": ["柳岸社区"] * size,
        "street": ["柳岸街道"] * size,
        "community_code": ["c1"] * size,
        "registered_on": [pd.Timestamp("2026-11-19")] * size,
        "closed_on": [pd.NaT] * size,
        "people_involved": pd.array([None] * size, dtype="Int64"),
    }
    return pd.DataFrame(base | columns)


def test_a_place_is_no_nearer_than_its_street() -> None:
    out = exportable(matters(area=["柳岸社区", "云溪市"], street=["柳岸街道", None]))
    assert out["area"].tolist() == ["柳岸街道", "云溪市"]
    assert "community_code" not in out


@given(st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2030-01-01").date()))
def test_every_day_of_a_week_gives_the_same_monday(day: object) -> None:
    (monday,) = exportable(matters(registered_on=[pd.Timestamp(day)]))["registered_week"]
    assert monday.weekday() == 0
    assert 0 <= (pd.Timestamp(day) - monday).days <= 6


@pytest.mark.parametrize(
    ("people", "band"), [(1, "1"), (2, "2-4"), (4, "2-4"), (5, "5-9"), (10, "10-29"), (99, "30-99"), (100, "100+")]
)
def test_people_are_given_as_a_band(people: int, band: str) -> None:
    out = exportable(matters(people_involved=pd.array([people], dtype="Int64")))
    assert out["people_band"].tolist() == [band]
    assert "people_involved" not in out


def test_unknown_people_stay_unknown_and_the_input_is_untouched() -> None:
    rows = matters(area=["柳岸社区"])
    before = rows.copy()
    assert exportable(rows)["people_band"].isna().all()
    pd.testing.assert_frame_equal(rows, before)


def test_a_list_without_its_columns_is_refused() -> None:
    with pytest.raises(MissingColumns):
        exportable(pd.DataFrame({"area": ["x"]}))
