"""The outlook of a night in the ledger: issued once, held against what came, proved once a month."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics.outlook.night import issue_outlook, outlook_of_night, wants_past, write_outcomes
from analytics.risk.settings import rules_from
from data import forecast_ledger as ledger
from data import forecast_tables, risk_tables
from data.desk import Desk, open_desk
from data.mart import Mart
from data.results import forecasts_of
from data.scope import Actor, Scope
from data.site import read_site
from data.workdays import build_calendar

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 21, 6, 0)
OFFICE = Actor("综治办", Scope())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(read_site(tmp_path).desk_url)


@pytest.fixture(scope="module")
def made(outlook_mart: Mart) -> dict[str, pd.DataFrame]:
    """The frames of the outlook of the last night, as they are stored."""
    results, tables = forecasts_of(outlook_mart), risk_tables.tables()
    found = {name: results.read(table.select()) for name, table in tables.items()}
    return {name: one[one["run_no"] == one["run_no"].max()].drop(columns="run_no") for name, one in found.items()}


def known(day: date = DAY) -> dict:
    at = datetime.combine(day, AT.time()) + timedelta(days=1)
    return {"as_of": day, "version": "20261121T060000", "known_at": at, "actor": OFFICE, "at": at}


def test_a_level_is_issued_once_with_its_parts_and_lines(desk: Desk, made: dict) -> None:
    assert issue_outlook(desk, made, **known()) == len(made["risk_level"])
    assert issue_outlook(desk, made, **known()) == 0
    found = ledger.read_risks(desk, DAY, DAY)
    assert set(found["first_on"]) == {date(2026, 12, 1)}
    first = found.iloc[0]
    parts = sum(part["points"] for part in first["numbers"]["parts"].values())
    assert parts == pytest.approx(first["points"], abs=0.01)
    assert set(first["numbers"]["lines"]) == {"usual", "last_year", "capacity"}


def test_what_came_is_written_when_the_month_is_complete(desk: Desk, made: dict) -> None:
    issue_outlook(desk, made, **known())
    nodes = made["risk_level"][["level", "area_code", "kind", "category_code"]]
    counts = [0 if number % 2 else 10_000 for number in range(len(nodes))]
    past = nodes.assign(freq="M", first_on=date(2026, 12, 1), observed=counts, is_complete=0)
    later = known(date(2027, 1, 2))
    assert write_outcomes(desk, {"forecast_past": past}, **later) == 0
    assert write_outcomes(desk, {"forecast_past": past.assign(is_complete=1)}, **later) == len(nodes)
    found = ledger.read_risks(desk, DAY, DAY)
    for row, count in zip(found.to_dict("records"), found["outcome"], strict=True):
        line = row["numbers"]["lines"]["usual"]["value"]
        assert count["passed"]["usual"] == (count["matters"] > line)
    assert {one["matters"] for one in found["outcome"]} == {0, 10_000}


def test_the_methods_are_proved_again_when_a_month_has_ended_or_the_rules_change(
    outlook_mart: Mart, desk: Desk
) -> None:
    before = forecasts_of(outlook_mart)
    assert wants_past(None, desk, DAY)
    assert not wants_past(before, desk, DAY + timedelta(days=3))
    assert wants_past(before, desk, date(2026, 12, 1))
    value = {"pending_days": 90}
    rules_from(value)
    desk.save_setting("risk_rules", value, DAY, OFFICE, AT)
    assert wants_past(before, desk, DAY + timedelta(days=3))


def test_between_proofs_the_last_one_stands(outlook_mart: Mart, desk: Desk) -> None:
    before = forecasts_of(outlook_mart)
    frames = {
        name: before.read(table.select()).query("run_no == run_no.max()").drop(columns="run_no")
        for name, table in forecast_tables.forecasts.tables.items()
        if name in ("forecast", "forecast_series", "forecast_past")
    }
    found = outlook_of_night(outlook_mart, desk, DAY, frames, calendar=build_calendar(None), before=before)
    kept = before.read(risk_tables.model.select()).drop(columns="run_no")
    pd.testing.assert_frame_equal(found["risk_model"], kept, check_dtype=False)
    stored = before.read(risk_tables.cell.select())
    assert len(found["risk_cell"]) == (stored["run_no"] == stored["run_no"].max()).sum()
