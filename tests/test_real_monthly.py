"""Both sets of real records, from the raw file to the monthly brief, every figure against a count made from the raw file alone."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics.briefs.monthly import monthly_brief
from analytics.briefs.monthly_answer import ExplainedChange, MonthlyBrief, MonthlyRules
from analytics.changes import split_by_days
from data.mart import open_mart
from data.scope import Scope
from data.workdays import build_calendar

DAY = date(2018, 11, 30)
NOW, BEFORE, YEAR_AGO = "2018-11", "2018-10", "2017-11"
CALENDAR = build_calendar()
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def pingshan(real_homes: Callable[[str], Path], real_records: Path) -> tuple[Path, pd.DataFrame]:
    raw = pd.read_csv(real_records / "pingshan_minsheng" / "cases.csv.gz", dtype=str, keep_default_na=False)
    opened = pd.to_datetime(raw["created_at"])
    return real_homes("pingshan") / "mart", _timed(raw.replace("", None), opened)


@pytest.fixture(scope="module")
def sp156(real_homes: Callable[[str], Path], real_records: Path) -> tuple[Path, pd.DataFrame]:
    raw = pd.read_parquet(real_records / "sp156" / "cases_open_2015_2018.parquet")
    return real_homes("sp156") / "mart", _timed(raw.astype({"theme": object}), raw["opened_at"])


def _timed(raw: pd.DataFrame, opened: pd.Series) -> pd.DataFrame:
    return raw.assign(
        month=opened.dt.strftime("%Y-%m"), day=opened.dt.date, weekday=opened.dt.day_of_week + 1, hour=opened.dt.hour
    )


def brief_of(folder: Path, day: date = DAY, **asked: object) -> MonthlyBrief:
    return monthly_brief(open_mart(folder), Scope(), day, calendar=CALENDAR, **({"with_ways": False} | asked))


def counts(raw: pd.DataFrame, column: str, month: str) -> dict[str, int]:
    own = raw.loc[raw["month"] == month, column]
    return {str(name): int(count) for name, count in own.value_counts().items() if count}


def lines_of(brief: MonthlyBrief, dimension: str, column: str) -> dict[str, int]:
    """The named lines of one dimension; those not recorded are left out."""
    return {
        line.values["name"]: line.values[column]
        for line in brief.structure
        if line.values["dimension"] == dimension and line.values["code"] and line.values[column]
    }


def agree_on_structure(brief: MonthlyBrief, raw: pd.DataFrame, columns: dict[str, str]) -> None:
    for dimension, column in columns.items():
        assert lines_of(brief, dimension, "now") == counts(raw, column, NOW), dimension
        assert lines_of(brief, dimension, "before") == {
            name: count
            for name, count in counts(raw, column, BEFORE).items()
            if name in lines_of(brief, dimension, "before")
        }
        of_lines = [line for line in brief.structure if line.values["dimension"] == dimension]
        for column_, month in (("now", NOW), ("before", BEFORE)):
            assert sum(line.values[column_] for line in of_lines) == (raw["month"] == month).sum(), (dimension, month)
        for line in of_lines:
            if line.values["year_ago"] is not None and line.values["code"]:
                assert line.values["year_ago"].base == counts(raw, column, YEAR_AGO).get(line.values["name"], 0)


def agree_on_change(change: ExplainedChange, raw: pd.DataFrame, outer: str, inner: str) -> None:
    """Every named part and everything within it, against a count over the raw file; and the parts sum to the whole."""
    both = [raw[raw["month"] == month] for month in (NOW, BEFORE)]
    assert [change.now, change.before] == [len(rows) for rows in both]
    assert sum(part.change for part in change.parts) == change.change
    checked = 0
    for part in change.parts:
        if part.kind != "one":
            continue
        mine = [rows[rows[outer] == part.name] for rows in both]
        assert [part.now, part.before] == [len(rows) for rows in mine], part.name
        assert sum(one.change for one in part.parts) == part.change
        for one in part.parts:
            if one.kind == "one":
                assert [one.now, one.before] == [int((rows[inner] == one.name).sum()) for rows in mine], (
                    part.name,
                    one.name,
                )
                checked += 1
    assert checked > 20


def agree_on_volume(brief: MonthlyBrief, raw: pd.DataFrame) -> None:
    new = brief.flows[0]
    assert new.value == (raw["month"] == NOW).sum()
    known = [month for month in (BEFORE, YEAR_AGO) if month >= raw["month"].min()]
    assert [one.base for one in new.comparisons] == [(raw["month"] == month).sum() for month in known]
    by_month = raw.groupby("month").size()
    for row in brief.months.itertuples():
        assert row.new == by_month.get(f"{row.month:%Y-%m}", 0)


def agree_on_times(brief: MonthlyBrief, raw: pd.DataFrame) -> None:
    assert brief.peaks
    for line in brief.peaks:
        column, code = line.values["level"], int(line.values["code"])
        assert line.values["now"] == ((raw["month"] == NOW) & (raw[column] == code)).sum()


def agree_on_moves(brief: MonthlyBrief, raw: pd.DataFrame, columns: dict[str, str]) -> None:
    for line in (*brief.rising, *brief.falling):
        level = line.values["level"]
        column = columns.get(level, level)
        key = line.values["name"] if level in columns else int(line.values["code"])
        found = [int(((raw["month"] == month) & (raw[column] == key)).sum()) for month in (NOW, BEFORE)]
        assert [line.values["now"], line.values["before"]] == found, line


def test_pingshan_s_month_is_that_of_the_raw_file(pingshan: tuple) -> None:
    brief, raw = brief_of(pingshan[0]), pingshan[1]
    agree_on_volume(brief, raw)
    agree_on_structure(brief, raw, {"type": "event_type", "place": "street"})
    agree_on_times(brief, raw)
    agree_on_moves(brief, raw, {"type": "event_type", "place": "street"} | {"fine": "main_type"})


def test_pingshan_s_change_is_that_of_the_raw_file(pingshan: tuple) -> None:
    brief, raw = brief_of(pingshan[0]), pingshan[1]
    agree_on_change(brief.change, raw, "event_type", "street")
    agree_on_change(brief.change_by_place, raw, "street", "event_type")
    assert brief.change.of_days == split_by_days(brief.change.now, brief.change.before, 30, 31)[0]


def test_pingshan_says_why_closings_are_missing(pingshan: tuple) -> None:
    brief = brief_of(pingshan[0])
    assert [figure.value for figure in brief.flows[1:]] == [None, None, None]
    assert {figure.missing.key for figure in brief.flows[1:]} == {"missing.closing_times"}


def test_what_recurs_in_pingshan_is_counted_from_the_raw_file(pingshan: tuple) -> None:
    brief, raw = brief_of(pingshan[0], monthly_rules=MonthlyRules(listed=1000)), pingshan[1]
    cells = raw.groupby(["month", "community_id", "event_type", "main_type"]).size()
    recent = [cells.get(month, pd.Series(dtype=int)) for month in (NOW, BEFORE, "2018-09")]
    wanted = {
        (community, main): int(count)
        for (community, _, main), count in recent[0].items()
        if count >= 3 and sum(one.get((community, event, main), 0) >= 3 for one in recent for event in [_]) >= 2
    }
    found = {
        (line.values["area_code"].removeprefix("440310-"), line.values["category"]): line.values["now"]
        for line in brief.recurring
    }
    assert found == wanted
    assert brief.recurring_count == len(wanted) > 0


def test_pingshan_s_street_tells_its_communities_apart(pingshan: tuple) -> None:
    folder, raw = pingshan
    street = next(line.values for line in brief_of(folder).structure if line.values["dimension"] == "place")
    brief, own = brief_of(folder, area_code=street["code"]), raw[raw["street"] == street["name"]]
    agree_on_volume(brief, own)
    agree_on_structure(brief, own, {"type": "event_type", "place": "community"})
    agree_on_change(brief.change, own, "event_type", "community")


def test_an_unfinished_pingshan_month_meets_the_same_days(pingshan: tuple) -> None:
    folder, raw = pingshan
    brief = brief_of(folder, date(2018, 11, 12))
    early = raw[[day.day <= 12 for day in raw["day"]]]
    agree_on_volume(brief, early)
    agree_on_structure(brief, early, {"type": "event_type", "place": "street"})
    assert brief.before.last == date(2018, 10, 12)


def test_sp156_s_month_is_that_of_the_raw_file(sp156: tuple) -> None:
    brief, raw = brief_of(sp156[0]), sp156[1]
    agree_on_volume(brief, raw)
    closed = raw["closed_at"].dt.strftime("%Y-%m")
    assert brief.flows[1].value == (closed == NOW).sum()
    assert [one.base for one in brief.flows[1].comparisons] == [(closed == month).sum() for month in (BEFORE, YEAR_AGO)]
    agree_on_structure(brief, raw, {"type": "theme"})
    agree_on_times(brief, raw)
    agree_on_moves(brief, raw, {"type": "theme", "fine": "subject", "place": "district"})


def test_sp156_s_backlog_is_that_of_the_raw_file_at_both_month_ends(sp156: tuple) -> None:
    brief, raw = brief_of(sp156[0]), sp156[1]
    opened, closed = raw["opened_at"].dt.date, raw["closed_at"].dt.date
    ends = [((opened <= end) & ~(closed <= end)).sum() for end in (DAY, date(2018, 10, 31))]
    still_open = brief.flows[2]
    assert [still_open.value, still_open.comparisons[0].base] == ends
    assert brief.flows[3].value is None, "the source gives no deadlines"


def test_sp156_s_change_is_that_of_the_raw_file(sp156: tuple) -> None:
    brief, raw = brief_of(sp156[0]), sp156[1]
    agree_on_change(brief.change, raw, "theme", "district")


def test_sp156_january_is_aligned_with_the_lunar_year_or_says_otherwise(sp156: tuple) -> None:
    """The days a year before lie as far from their lunar new year; the base is counted over exactly those days."""
    folder, raw = sp156
    brief = brief_of(folder, date(2018, 1, 31))
    base = brief.last_year.base
    new = brief.flows[0]
    days = raw["day"]
    assert new.comparisons[1].base == ((days >= base.first) & (days <= base.last)).sum()
    assert brief.last_year.alignment == "lunar_aligned"
