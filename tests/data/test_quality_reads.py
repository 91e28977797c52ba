"""Reads about the records: each count agrees with a slow loop, nothing outside the scope returns."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational, queries
from data.mart import Mart
from data.scope import Scope

DAY = date(2026, 3, 20)
FIRST = DAY - timedelta(days=27)
AT = datetime(2026, 3, 19, 9)
BASE = {
    "kind": "hotline", "updated_at": AT, "source_system": "s1", "area_code": "A1", "category_code": "c", "responsible_org_id": "u1",
    "registered_at": AT, "entered_at": AT + timedelta(hours=1), "closed_at": None, "status": "handling",
}  # fmt: skip
ROWS = [
    {"matter_no": "1"},
    {"matter_no": "2", "area_code": None, "status": "closed"},
    {"matter_no": "3", "category_code": None, "closed_at": AT + timedelta(days=1), "status": "closed"},
    {"matter_no": "4", "source_system": "s2", "entered_at": AT + timedelta(days=5), "responsible_org_id": None},
    {"matter_no": "5", "is_repeat": 1, "repeat_of": "1"},
    {"matter_no": "6", "kind": "petition", "escalated_from": "2"},
    {"matter_no": "7", "status": "duplicate", "area_code": "A1x", "category_code": "secret"},
    {
        "matter_no": "8",
        "registered_at": datetime(2026, 1, 5),
        "closed_at": datetime(2026, 1, 9),
        "rebounded_at": AT,
        "status": "closed",
    },
    {"matter_no": "old", "registered_at": datetime(2026, 1, 5), "is_repeat": 1},
    {"matter_no": "decoy", "area_code": "B", "source_system": "decoy", "responsible_org_id": "u2", "is_repeat": 1},
]


def fill(connection: sa.Connection) -> None:
    t = operational
    areas = [("A", "district", None), ("A1", "street", "A"), ("A1x", "community", "A1"), ("B", "district", None)]
    for code, level, parent in areas:
        connection.execute(
            sa.insert(t.area).values(area_code=code, name=f"name {code}", level_code=level, parent_code=parent)
        )
    connection.execute(
        sa.insert(t.category).values(category_code="c", name="noise", scheme_code="hotline", is_sensitive=0)
    )
    connection.execute(
        sa.insert(t.category).values(category_code="secret", name="faith", scheme_code="dispute", is_sensitive=1)
    )
    for unit in ("u1", "u2"):
        connection.execute(sa.insert(t.organisation).values(org_id=unit, name=unit, kind="department"))
    for row in ROWS:
        connection.execute(sa.insert(t.matter).values(BASE | row))


@pytest.fixture(scope="module")
def mart(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., Mart]) -> Mart:
    return publish(Path(tmp_path_factory.mktemp("quality")), fill, now=datetime(2026, 3, 21, 6))


def rows_of(frame: pd.DataFrame) -> dict[object, dict]:
    return {row["code"]: row for row in frame.astype(object).where(frame.notna(), None).to_dict("records")}


def test_each_source_is_counted_as_a_slow_loop_counts_it(mart: Mart) -> None:
    found = rows_of(queries.read_completeness(mart, Scope(("A",)), "source", FIRST, DAY))
    recent = [BASE | row for row in ROWS[:7]]
    placed = [row for row in recent if row["area_code"] is not None]
    assert set(found) == {"s1", "s2"}
    for source in found:
        own = [row for row in placed if row["source_system"] == source]
        assert found[source]["new"] == len(own)
        assert found[source]["with_area"] == len(own)
        assert found[source]["with_category"] == sum(row["category_code"] is not None for row in own)
        assert found[source]["with_unit"] == sum(row["responsible_org_id"] is not None for row in own)
        assert found[source]["closed"] == sum(row["status"] == "closed" for row in own)
        assert found[source]["closed_dated"] == sum(row["closed_at"] is not None for row in own)
        late = sum(row["entered_at"] - row["registered_at"] > timedelta(days=1) for row in own)
        assert found[source]["entered_promptly"] == len(own) - late


def test_the_whole_city_includes_what_has_no_place(mart: Mart) -> None:
    found = rows_of(queries.read_completeness(mart, Scope(), "source", FIRST, DAY))
    assert found["s1"]["new"] == found["s1"]["with_area"] + 1
    assert found["s1"]["closed"] == found["s1"]["closed_dated"] + 1


def test_matters_without_a_unit_stand_in_their_own_row(mart: Mart) -> None:
    found = rows_of(queries.read_completeness(mart, Scope(("A",)), "unit", FIRST, DAY))
    assert found[None]["new"] == 1
    assert "u2" not in found


def test_repeats_are_named_with_their_reason_the_latest_first(mart: Mart) -> None:
    found = queries.read_repeats(mart, Scope(("A",)), FIRST, DAY)
    reasons = dict(zip(found["matter_no"], found["reason"], strict=True))
    assert reasons == {"5": "repeat", "6": "escalated", "7": "duplicate", "8": "reopened"}
    assert found["happened_on"].is_monotonic_decreasing


def test_a_sensitive_category_is_placed_at_its_street(mart: Mart) -> None:
    found = queries.read_repeats(mart, Scope(), FIRST, DAY).set_index("matter_no")
    assert found.loc["7", "area"] == "name A1"


def test_an_empty_scope_sees_nothing(mart: Mart) -> None:
    assert queries.read_completeness(mart, Scope(()), "source", FIRST, DAY).empty
    assert queries.read_repeats(mart, Scope(()), FIRST, DAY).empty
