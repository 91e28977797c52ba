"""The picture of a week: sums against expected sums, the week before and the year before, by kind, by place, and over half a year."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from analytics import measures, periods
from analytics.briefs.answer import Line
from analytics.briefs.counts import most_unusual_first, widest_categories
from analytics.briefs.weekly_answer import WeekQuestion
from analytics.expected_periods import expect_course, expect_span, history_from
from analytics.figures import Comparison, Expected, Figure, Period, Sentence
from analytics.sums import AlikeWeeks, alike_weeks, expect_sum, expect_sums
from data import queries
from data.workdays import lunar_new_year

FLOWS = ("new", "closed")


@dataclass(frozen=True, eq=False)
class Counted:
    """New and closed by day and kind since the first whole week on record, and the weeks that this one is compared with.

    `by_day` has a row for each day from `since` on, columns (kind, flow).
    """

    by_day: pd.DataFrame
    since: date | None
    alike: AlikeWeeks | None

    @property
    def is_empty(self) -> bool:
        return self.since is None

    @cached_property
    def run(self) -> np.ndarray:
        """Running sums: row n holds the first n days, columns as in `by_day`."""
        return np.vstack([np.zeros(self.by_day.shape[1], dtype=np.int64), self.by_day.to_numpy().cumsum(axis=0)])

    def sums(self, firsts: tuple[date, ...], days: int, name: str) -> np.ndarray:
        """The sum of a flow over so many days from each of `firsts`, by kind: rows are spans, columns `kinds`."""
        at = np.array([(first - self.since).days for first in firsts])
        own = self.by_day.columns.get_level_values(1) == name
        return self.run[at + days][:, own] - self.run[at][:, own]

    def daily(self, name: str, kind: str | None = None) -> pd.Series:
        """One flow by day, of one kind or of all."""
        own = self.by_day.xs(name, axis=1, level=1)
        return own.sum(axis=1) if kind is None else own[kind]

    @property
    def kinds(self) -> list[str]:
        """The kinds on record, in the order of `sums`."""
        return [kind for kind, name in self.by_day.columns if name == FLOWS[0]]

    def total(self, name: str, first: date, days: int) -> int:
        """The sum of a flow over so many days from one day on, all kinds together."""
        return int(self.sums((first,), days, name).sum())


def count_days(ask: WeekQuestion) -> Counted:
    """The flows the picture rests on. Records begin with the first whole week in them."""
    first = history_from(ask.week.last)
    flows = queries.read_flows(ask.mart, ask.scope, first, ask.day, **ask.where)
    if flows.empty:
        return Counted(flows, None, None)
    flows["day"] = pd.to_datetime(flows["day"])
    began = flows["day"].min().date()
    since = min(began + timedelta(days=-began.weekday() % 7), ask.week.first)
    wide = flows.pivot_table(index="day", columns="kind", values=list(FLOWS), aggfunc="sum", fill_value=0)
    wide = wide.swaplevel(axis=1).reindex(pd.date_range(since, ask.day), fill_value=0).astype("int64")
    return Counted(wide, since, alike_weeks(ask.week, ask.calendar, since=since))


def flow_figures(ask: WeekQuestion, counted: Counted, shares: np.ndarray | None) -> tuple[tuple[Figure, Figure], str]:
    """New and closed in the week against their expected sums, the week before and the year before; and how the years were aligned.

    `shares` is how much of each day of the week has been entered so far.
    """
    if counted.is_empty:
        missing = Sentence("missing.no_records")
        return tuple(ask.figure(name, None, name, period=ask.week, missing=missing) for name in FLOWS), "calendar"
    aligned = periods.year_on_year(ask.week, "week", lunar_new_year)
    base_selections = tuple(ask.select(name, aligned.base.first, aligned.base.last) for name in FLOWS)
    bases = queries.read_counts(ask.mart, ask.scope, base_selections)
    recorded = any(bases)  # a week without one record lies before the records, not in a quiet year
    figures = []
    for name, base in zip(FLOWS, bases, strict=True):
        value = counted.total(name, ask.week.first, ask.week.days)
        expected = _expected(ask, counted, name)
        if name == "new" and expected is not None and shares is not None:
            expected = measures.thin_expected(expected, entered_share(ask, counted, shares))
        compared = _previous(ask, counted, name, value)
        if recorded:
            compared += (measures.compare(value, base, kind="year_on_year", period=aligned.base),)
        figures.append(ask.figure(name, value, name, period=ask.week, expected=expected, comparisons=compared))
    return tuple(figures), aligned.alignment


def _expected(
    ask: WeekQuestion, counted: Counted, name: str, kind: str | None = None, interval_pct: int = 95
) -> Expected | None:
    """A whole week as on every page; the part of a week that is over, by the same part of weeks worked alike."""
    if counted.alike is None:
        return None
    if ask.week.complete:
        history = counted.daily(name, kind)
        return expect_span(history, "week", ask.week.last, ask.calendar, interval_pct=interval_pct)
    sums = counted.sums(counted.alike.firsts, ask.week.days, name)
    own = sums.sum(axis=1) if kind is None else sums[:, counted.kinds.index(kind)]
    return expect_sum(own, counted.alike, interval_pct=interval_pct)


def _previous(ask: WeekQuestion, counted: Counted, name: str, value: int) -> tuple[Comparison, ...]:
    before = periods.previous(ask.week, "week")
    if before.first < counted.since:
        return ()
    base = counted.total(name, before.first, before.days)
    return (measures.compare(value, base, kind="previous_week", period=before),)


def entered_share(ask: WeekQuestion, counted: Counted, shares: np.ndarray) -> float:
    """The share of the week's registrations that has been entered so far, days weighted as they usually fill a week."""
    firsts = counted.alike.firsts if counted.alike else (ask.week.first,)
    usual = [
        sum(counted.total("new", first + timedelta(days=place), 1) for first in firsts) for place in range(len(shares))
    ]
    return float(np.average(shares, weights=usual)) if any(usual) else float(shares.mean())


def kinds(ask: WeekQuestion, counted: Counted, late: pd.DataFrame) -> tuple[Line, ...]:
    """Each kind of matter: new in the week against its expected sum, closed; open and overdue at the end."""
    if counted.is_empty:
        return ()
    now = {name: counted.sums((ask.week.first,), ask.week.days, name)[0] for name in FLOWS}
    standing = late.groupby("kind")[["open", "overdue"]].sum()
    lines = []
    for kind in sorted({*counted.kinds, *standing.index}):
        at = counted.kinds.index(kind) if kind in counted.kinds else None
        new, closed = (0 if at is None else int(now[name][at]) for name in FLOWS)
        expected = None
        if at is not None:
            expected = _expected(ask, counted, "new", kind, ask.rules.place_interval_pct)
        row = standing.loc[kind] if kind in standing.index else {"open": 0, "overdue": 0}
        values = {"kind": kind, "new": new, **_range(ask, new, expected), "closed": closed}
        values |= {"open": int(row["open"]), "overdue": int(row["overdue"])}
        lines.append(Line(values, ask.select("new", ask.week.first, ask.week.last, kind=kind)))
    return tuple(lines)


def _range(ask: WeekQuestion, value: int, expected: Expected | None) -> dict[str, object]:
    """Range and state of one of many series; above counts from so many matters on."""
    if expected is None:
        return {"expected": None, "lower": None, "upper": None, "state": "unknown"}
    state = expected.state(value)
    if state == "above" and value < ask.rules.place_minimum:
        state = "within"
    return {"expected": expected.mean, "lower": expected.lower, "upper": expected.upper, "state": state}


def places(ask: WeekQuestion, counted: Counted, areas: pd.DataFrame, share: float | None) -> tuple[Line, ...]:
    """Each area right below the one chosen: new in the week against its expected sum, open and overdue; the most unusual first."""
    firsts = counted.alike.firsts if counted.alike else ()
    since = firsts[0] if firsts else ask.week.first
    new = queries.read_by_place(ask.mart, ask.scope, since, ask.day, ask.area_code, kind=ask.kind)
    standing = queries.read_stock_by_place(ask.mart, ask.scope, ask.day, ask.area_code, kind=ask.kind)
    standing = standing.set_index("area_code")
    codes = sorted({*new["area_code"], *standing.index})
    wide = week_sums(new, "area_code", codes, (*firsts, ask.week.first), ask.week.days)
    ranges = _ranges(ask, wide.to_numpy()[:-1], codes, counted.alike, share)
    tree = areas.set_index("area_code")
    below_street = tree["street_code"].notna() & (tree["street_code"] != tree.index)
    lines = []
    for code in codes:
        value = int(wide[code].iloc[-1])
        row = standing.loc[code] if code in standing.index else {"open": 0, "overdue": 0}
        values = {
            "area_code": code,
            "area": str(tree["name"].get(code, code)),
            "is_below_street": bool(below_street.get(code, False)),
            "new": value,
            **_range(ask, value, ranges.get(code)),
            "open": int(row["open"]),
            "overdue": int(row["overdue"]),
        }
        lines.append(Line(values, ask.select("new", ask.week.first, ask.week.last, area_code=code)))
    return tuple(sorted(lines, key=most_unusual_first))


def week_sums(rows: pd.DataFrame, by: str, codes: list[str], firsts: tuple[date, ...], days: int) -> pd.DataFrame:
    """Sums of `new` over so many days from each of `firsts` (Mondays): a row a week, a column a code, zeros filled."""
    at = pd.to_datetime(rows["day"])
    weekday = at.dt.day_of_week
    kept = rows.assign(week=at - pd.to_timedelta(weekday, unit="D"))[weekday < days]
    wide = kept.pivot_table(index="week", columns=by, values="new", aggfunc="sum", fill_value=0)
    return wide.reindex(index=pd.DatetimeIndex(firsts), columns=codes, fill_value=0).astype("int64")


def _ranges(
    ask: WeekQuestion, past: np.ndarray, codes: list[str], alike: AlikeWeeks | None, share: float | None
) -> dict[str, Expected]:
    """The expected sum of every series at once; empty when the history is too short."""
    if alike is None or not codes:
        return {}
    pct = ask.rules.place_interval_pct
    mean, lower, upper = expect_sums(past.astype(float), interval_pct=pct)
    found = {
        code: Expected(float(mean[at]), int(lower[at]), int(upper[at]), pct, alike.kind, alike.firsts)
        for at, code in enumerate(codes)
    }
    if share is None:
        return found
    return {code: measures.thin_expected(expected, share) for code, expected in found.items()}


def leading_category(ask: WeekQuestion, counted: Counted, area_code: str | None) -> str | None:
    """The top-level category whose sum of the week exceeds its own expectation the most."""
    if counted.alike is None:
        return None
    firsts = counted.alike.firsts
    found = queries.read_category_counts(ask.mart, ask.scope, firsts[0], ask.day, area_code, kind=ask.kind)
    categories = queries.read_categories(ask.mart)
    found["top"] = found["category_code"].map(widest_categories(categories))
    codes = sorted(found["top"].dropna().unique())
    wide = week_sums(found, "top", codes, (*firsts, ask.week.first), ask.week.days)
    excess = wide.iloc[-1] - wide.iloc[:-1].mean()
    if excess.empty or excess.max() <= 0:
        return None
    code = excess.idxmax()
    return str(categories.set_index("category_code")["name"].get(code, code))


def weeks(ask: WeekQuestion, counted: Counted, now: Expected | None) -> pd.DataFrame:
    """The last half year by week: `week, last, new, closed, expected, lower, upper, complete`; each range rests on earlier weeks alone.

    `now` is what was to be expected of the week asked about, as its figure says it.
    """
    columns = ["week", "last", "new", "closed", "expected", "lower", "upper", "complete"]
    if counted.is_empty:
        return pd.DataFrame(columns=columns)
    shown = min((ask.week.first - counted.since).days // 7, ask.own.chart_weeks - 1)
    course = expect_course(counted.daily("new"), "week", ask.week.last, ask.calendar, judged=shown + 1)
    rows = []
    for row in course.iloc[:-1].itertuples():
        expected = None
        if not np.isnan(row.upper):
            expected = Expected(float(row.expected), int(row.lower), int(row.upper), 95, row.method, ())
        rows.append(_week(counted, Period(row.first, row.last), expected))
    return pd.DataFrame([*rows, _week(counted, ask.week, now)], columns=columns)


def _week(counted: Counted, span: Period, expected: Expected | None) -> tuple:
    bounds = (expected.mean, expected.lower, expected.upper) if expected else (np.nan,) * 3
    counts = (counted.total(name, span.first, span.days) for name in FLOWS)
    return (pd.Timestamp(span.first), pd.Timestamp(span.last), *counts, *bounds, span.complete)
