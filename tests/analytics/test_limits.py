"""Other hotline limits: what would change is what a matter-by-matter reading of the rules says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.limits import LimitsPreview, preview_limits
from data import operational
from data.deadlines import matter_deadlines, rules_from, shipped_rules
from data.mart import Mart
from data.scope import Scope
from data.workdays import build_calendar

AS_OF = date(2026, 11, 20)
ALL = Scope(None, "office")
OTHERS = rules_from({"hotline": {"profile": "D"}})  # seven days for four natures; none for urgent
PURPOSES = ("enquiry", "help", "complaint", "suggestion", "thanks", "urgent", None)


def _matters() -> list[dict]:
    """Hotline matters of every nature over forty days; and decoys: closed, stated by the source, a dispute, another area."""
    day = datetime(2026, 10, 12, 9)
    plain = [
        {"matter_no": f"m{n}", "registered_at": day + timedelta(days=n), "purpose": PURPOSES[n % 7], "area_code": "A1"}
        for n in range(40)
    ]
    plain[10] |= {"extension_approved_on": date(2026, 10, 23), "extended_to": date(2026, 12, 1)}
    decoys = [
        {"matter_no": "closed", "registered_at": day, "purpose": "help", "closed_at": day, "area_code": "A1"},
        {
            "matter_no": "stated",
            "registered_at": day,
            "purpose": "help",
            "due_on": date(2026, 12, 24),
            "area_code": "A1",
        },
        {"matter_no": "dispute", "registered_at": day, "kind": "dispute", "area_code": "A1"},
        {"matter_no": "elsewhere", "registered_at": day, "purpose": "help", "area_code": "B"},
    ]
    return [{"kind": "hotline", "source_system": "s", "status": "handling"} | row for row in (*plain, *decoys)]


@pytest.fixture(scope="module")
def mart(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    def fill(connection: sa.Connection) -> None:
        areas = [("A", "district", None), ("A1", "street", "A"), ("B", "district", None)]
        rows = [{"area_code": code, "name": code, "level_code": level, "parent_code": up} for code, level, up in areas]
        for row in rows:
            connection.execute(sa.insert(operational.area).values(row))
        columns = {column.name for column in operational.matter.columns}
        for row in _matters():
            connection.execute(
                sa.insert(operational.matter).values({name: row.get(name) for name in columns if name in row})
            )

    return publish(tmp_path_factory.mktemp("limits"), fill, now=datetime(2026, 11, 21, 6))


@pytest.fixture(scope="module")
def found(mart: Mart) -> LimitsPreview:
    return preview_limits(mart, Scope(("A",), "office"), AS_OF, rules=OTHERS, calendar=build_calendar(None))


def _slowly() -> pd.DataFrame:
    calendar, rows = build_calendar(None), []
    for row in _matters()[:40]:
        now, then = (matter_deadlines(row, rules, calendar).deadline_on for rules in (shipped_rules(), OTHERS))
        rows.append({**row, "now": now, "then": then})
    return pd.DataFrame(rows)


def test_the_counts_are_those_of_a_slow_reading(found: LimitsPreview) -> None:
    slow = _slowly()
    for line in found.by_purpose.to_dict("records"):
        own = slow[slow["purpose"].isna()] if line["purpose"] == "" else slow[slow["purpose"] == line["purpose"]]
        pairs = list(zip(own["now"], own["then"], strict=True))
        both = [(now, then) for now, then in pairs if pd.notna(now) and pd.notna(then)]
        assert line["open"] == len(own)
        assert line["earlier"] == sum(then < now for now, then in both)
        assert line["later"] == sum(then > now for now, then in both)
        assert line["gained"] == sum(pd.isna(now) and pd.notna(then) for now, then in pairs)
        assert line["lost"] == sum(pd.notna(now) and pd.isna(then) for now, then in pairs)
        assert line["overdue_now"] == sum(pd.notna(now) and now < AS_OF for now, _ in pairs)
        assert line["overdue_then"] == sum(pd.notna(then) and then < AS_OF for _, then in pairs)
    assert found.open == 40
    assert found.stated == 1  # the one its source dates; the scope does not see the other area


def test_the_listed_matters_are_those_that_change(found: LimitsPreview) -> None:
    slow = _slowly()
    differs = slow[(slow["now"] != slow["then"]) & ~(slow["now"].isna() & slow["then"].isna())]
    assert set(found.matters["matter_no"]) == set(differs["matter_no"])
    assert found.changed == len(differs)


def test_the_limits_in_force_change_nothing(mart: Mart) -> None:
    same = preview_limits(mart, ALL, AS_OF, rules=shipped_rules(), calendar=build_calendar(None))
    assert same.changed == 0
    assert same.matters.empty


def test_a_scope_that_sees_nothing_has_an_empty_preview(mart: Mart) -> None:
    nothing = preview_limits(mart, Scope(("none",), "office"), AS_OF, rules=OTHERS, calendar=build_calendar(None))
    assert (nothing.open, nothing.changed, nothing.stated) == (0, 0, 0)
