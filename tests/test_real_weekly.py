"""The weekly brief of both sets of real records, from the raw file through import and refresh, against a count of the raw file alone."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from analytics.briefs.weekly import weekly_brief
from analytics.briefs.weekly_answer import WeeklyBrief
from analytics.expected_periods import expect_span
from data.mart import Mart, open_mart
from data.scope import Scope
from data.workdays import build_calendar

SUNDAY = date(2018, 11, 25)
MONDAY = SUNDAY - timedelta(days=6)
CALENDAR = build_calendar(None)
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def pingshan(real_records: Path, real_homes: Callable[[str], Path]) -> tuple[Mart, pd.DataFrame]:
    file = real_records / "pingshan_minsheng" / "cases.csv.gz"
    raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    raw["day"] = pd.to_datetime(raw["created_at"].str[:10])
    return open_mart(real_homes("pingshan") / "mart"), raw


@pytest.fixture(scope="module")
def sp156(real_records: Path, real_homes: Callable[[str], Path]) -> tuple[Mart, pd.DataFrame]:
    file = real_records / "sp156" / "cases_open_2015_2018.parquet"
    raw = pd.read_parquet(file)
    raw["day"], raw["ended"] = raw["opened_at"].dt.normalize(), raw["closed_at"].dt.normalize()
    return open_mart(real_homes("sp156") / "mart"), raw


def brief_of(mart: Mart, day: date = SUNDAY, **options: object) -> WeeklyBrief:
    return weekly_brief(mart, Scope(), day, calendar=CALENDAR, **options)


def within(days: pd.Series, first: date, last: date) -> int:
    return int(days.between(pd.Timestamp(first), pd.Timestamp(last)).sum())


def figures(brief: WeeklyBrief) -> dict:
    return {figure.name: figure for figure in brief.flows}


def expected_by_hand(days: pd.Series, first: date, last: date) -> tuple[float, int, int]:
    """The twelve weeks before that were worked alike, and the central 95 % of a negative binomial with their mean and scatter.

    Weeks count from the first whole one on record, 40 weeks back at most.
    """
    since = max(days.min().date(), MONDAY - timedelta(weeks=40))
    span = (last - first).days + 1
    worked = [CALENDAR.is_workday(first + timedelta(days=at)) for at in range(span)]
    sums = []
    for back in range(1, 41):
        monday = first - timedelta(weeks=back)
        if (
            monday >= since
            and len(sums) < 12
            and [CALENDAR.is_workday(monday + timedelta(days=at)) for at in range(span)] == worked
        ):
            sums.append(within(days, monday, monday + timedelta(days=span - 1)))
    count, mean = len(sums), float(np.mean(sums))
    phi = float(np.sum((np.array(sums) - mean) ** 2) / mean / (count - 1))
    wider = (special.stdtrit(count - 1, 0.975) / special.ndtri(0.975)) ** 2
    ratio = (1 + (phi - 1) * wider if phi > 1 else 1.0) * (1 + 1 / count)
    size = mean / (ratio - 1)
    lower, upper = (stats.nbinom.ppf(share, size, size / (size + mean)) for share in (0.025, 0.975))
    return mean, int(lower), int(upper)


def by_day(days: pd.Series, last: date, began: pd.Timestamp) -> pd.Series:
    """The raw file's days counted, zeros filled from the first record to `last`."""
    return days.value_counts().reindex(pd.date_range(began, last), fill_value=0)


def check_flow(brief: WeeklyBrief, name: str, days: pd.Series, began: pd.Timestamp) -> None:
    """Value, expected sum, the week before and the year before of one flow."""
    figure, period = figures(brief)[name], brief.period
    assert figure.value == within(days, period.first, period.last)
    if period.complete:  # as on every page, see tests/analytics/test_expected_periods.py
        assert figure.expected == expect_span(by_day(days, period.last, began), "week", period.last, CALENDAR)
    else:
        mean, lower, upper = expected_by_hand(days, period.first, period.last)
        assert figure.expected.mean == pytest.approx(mean)
        assert (figure.expected.lower, figure.expected.upper) == (lower, upper)
    bases = {one.kind: one for one in figure.comparisons}
    for kind, weeks in (("previous_week", 1), ("year_on_year", 52)):
        back = timedelta(weeks=weeks)
        base = within(days, period.first - back, period.last - back)
        if base:
            assert bases[kind].base == base
            assert bases[kind].change_pct == pytest.approx(100 * (figure.value - base) / base)


# --- Pingshan: verdicts, but no closing times ------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [SUNDAY, SUNDAY - timedelta(days=3)])
def test_pingshan_the_week_is_that_of_the_raw_file(pingshan: tuple, day: date) -> None:
    mart, raw = pingshan
    brief = brief_of(mart, day)
    assert brief.period.complete == (day == SUNDAY)
    check_flow(brief, "new", raw["day"], raw["day"].min())


def test_pingshan_every_week_of_the_chart_is_that_of_the_raw_file(pingshan: tuple) -> None:
    mart, raw = pingshan
    weeks = brief_of(mart).weeks
    assert len(weeks) == 26
    for row in weeks.itertuples():
        assert row.new == within(raw["day"], row.week.date(), row.last.date())
        last = row.last.date()
        expected = expect_span(by_day(raw["day"], last, raw["day"].min()), "week", last, CALENDAR)
        assert (expected is None) == np.isnan(row.upper)
        if expected is not None:
            assert (row.lower, row.upper) == (expected.lower, expected.upper)


def test_pingshan_places_are_those_of_the_raw_file(pingshan: tuple) -> None:
    mart, raw = pingshan
    week = raw[raw["day"].between(pd.Timestamp(MONDAY), pd.Timestamp(SUNDAY)) & (raw["street"] != "")]
    found = {line.values["area"]: line.values["new"] for line in brief_of(mart).places if line.values["new"]}
    assert found == week["street"].value_counts().to_dict()


def test_pingshan_says_what_its_source_lacks_instead_of_counting_it(pingshan: tuple) -> None:
    mart, raw = pingshan
    brief = brief_of(mart)
    ended = int(((raw["closed_on_time"] != "") & (raw["day"] <= pd.Timestamp(SUNDAY))).sum())
    for name in ("closed", "open", "overdue"):
        assert figures(brief)[name].value is None
        assert figures(brief)[name].missing.values["count"] == ended
    for section in ("dispatch", "looked_back", "ladder", "committees", "methods"):
        assert brief.missing[section].key == "missing.closing_times"
    for section in ("meetings", "receptions", "assessments", "projects", "cases"):
        assert brief.missing[section].key == f"missing.{section}"
    assert brief.dispatch == brief.looked_back == brief.ladder_units == brief.methods == brief.committees == ()
    assert all(line.values["due"] is None for line in brief.ahead)


# --- São Paulo 156: closing times, but no deadlines ---------------------------------------------------------------------------


@pytest.mark.parametrize("day", [SUNDAY, SUNDAY - timedelta(days=3)])
@pytest.mark.parametrize(("name", "column"), [("new", "day"), ("closed", "ended")])
def test_sp156_the_week_is_that_of_the_raw_file(sp156: tuple, day: date, name: str, column: str) -> None:
    mart, raw = sp156
    check_flow(brief_of(mart, day), name, raw[column], raw["day"].min())


def test_sp156_what_stands_is_that_of_the_raw_file(sp156: tuple) -> None:
    mart, raw = sp156
    brief = brief_of(mart)
    end = pd.Timestamp(SUNDAY)
    standing = raw[(raw["day"] <= end) & ~(raw["ended"] <= end)]
    assert figures(brief)["open"].value == len(standing)
    assert figures(brief)["overdue"].value is None
    assert brief.missing["ladder"].key == "missing.deadlines"
    assert {line.values["area"]: line.values["open"] for line in brief.places if line.values["open"]} == {
        place: count for place, count in standing["subprefecture"].value_counts().items() if count
    }
    before = end - pd.Timedelta(weeks=1)
    (comparison,) = figures(brief)["open"].comparisons
    assert comparison.base == int(((raw["day"] <= before) & ~(raw["ended"] <= before)).sum())


def test_sp156_places_and_their_ranges_are_those_of_the_raw_file(sp156: tuple) -> None:
    mart, raw = sp156
    lines = {line.values["area"]: line.values for line in brief_of(mart).places}
    week = raw[raw["day"].between(pd.Timestamp(MONDAY), pd.Timestamp(SUNDAY))]
    assert {area: values["new"] for area, values in lines.items() if values["new"]} == {
        place: count for place, count in week["subprefecture"].value_counts().items() if count
    }
    for area in list(lines)[:5]:
        mean, _, _ = expected_by_hand(raw.loc[raw["subprefecture"] == area, "day"], MONDAY, SUNDAY)
        assert lines[area]["expected"] == pytest.approx(mean)


def test_sp156_one_subprefecture_is_the_raw_file_s(sp156: tuple) -> None:
    mart, raw = sp156
    code = next(line.values["area_code"] for line in brief_of(mart).places if line.values["area"] == "MOOCA")
    brief = brief_of(mart, area_code=code)
    own = raw[raw["subprefecture"] == "MOOCA"]
    check_flow(brief, "new", own["day"], own["day"].min())
    check_flow(brief, "closed", own["ended"], own["day"].min())


def test_sp156_gives_no_reason_to_dispatch_and_that_is_no_gap(sp156: tuple) -> None:
    """The source knows neither people, scale, supervision nor leaders: nothing is major by its records, and cases are said to be missing."""
    brief = brief_of(sp156[0])
    assert [figure.value for figure in brief.dispatch_figures] == [0, 0, 0]
    assert brief.looked_back[0].value == 0
    assert brief.missing["cases"].key == "missing.cases"
    assert brief.missing["methods"].key == "missing.methods"


@pytest.mark.parametrize("records", ["pingshan", "sp156"])
def test_every_figure_opens_into_the_matters_it_counts(records: str, request: pytest.FixtureRequest) -> None:
    from data import queries

    mart, _ = request.getfixturevalue(records)
    brief = brief_of(mart)
    for figure in (*brief.flows, *brief.dispatch_figures, *brief.looked_back):
        assert figure.period.first <= figure.period.last
        if figure.value is not None:
            assert queries.read_counts(mart, Scope(), (figure.selection,)) == [figure.value]
