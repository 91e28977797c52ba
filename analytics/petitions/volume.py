"""How many: matters, pieces, batches and person-times by period, against what the past leads one to expect."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import expected_periods, measures, periods
from analytics.figures import Comparison, Expected, Figure, Period, Sentence
from analytics.petitions.answer import Asked
from data import queries
from data.errors import NotReady
from data.queries import Selection
from data.workdays import lunar_new_year

SUMS = {"pieces": "filings", "batches": "batches", "person_times": "person_times"}
SHARES = ("repeat", "collective", "diverted")
EARLIER_DAYS = 182  # days before the first one shown on which the range of a day may rest


def daily(ask: Asked) -> pd.DataFrame:
    """Everything counted by day, zeros filled from the first record to `ask.day`; empty before any record.

    Index `day`; columns of `queries.read_daily`.
    """
    found = queries.read_daily(ask.mart, ask.scope, ask.select("new", last=ask.day)).set_index("day")
    if found.empty:
        return found
    days = pd.date_range(found.index[0], pd.Timestamp(ask.day), name="day")
    return found.reindex(days, fill_value=0).astype("int64")


def shown_periods(ask: Asked, by_day: pd.DataFrame) -> tuple[Period, ...]:
    """The periods of the window that the records reach into, the last one cut at `ask.day`."""
    last = periods.period_of(ask.unit, ask.day)
    found = [last]
    while len(found) < ask.rules.window[ask.unit] and found[-1].first > by_day.index[0].date():
        found.append(periods.period_of(ask.unit, found[-1].first - timedelta(days=1)))
    return tuple(_cut(one, ask.day) for one in reversed(found))


def _cut(period: Period, day: date) -> Period:
    return period if period.last <= day else Period(period.first, day, complete=False)


def judged(shown: tuple[Period, ...]) -> Period:
    """The last complete period, or the unfinished one where there is no other."""
    return next((one for one in reversed(shown) if one.complete), shown[-1])


def series(ask: Asked, by_day: pd.DataFrame) -> pd.DataFrame:
    """One row a period of the window: its days, everything counted, `expected, lower, upper, method, state`.

    A period that began before the first record is not whole, and no other's range rests on it. What was never recorded is empty.
    """
    everything = _all_periods(ask, by_day)
    totals = by_period(by_day, everything)
    ranges = _day_ranges(ask, by_day) if ask.unit == "day" else _period_ranges(ask, by_day, totals)
    found = pd.concat([totals, ranges], axis=1).iloc[-len(ask.windows) :].reset_index(drop=True)
    found["state"] = [
        "unknown" if np.isnan(row.upper) else "above" if row.matters > row.upper else "below" if row.matters < row.lower else "within"
        for row in found.itertuples()
    ]  # fmt: skip
    found[[name for name in (*SUMS.values(), *SHARES) if not is_kept(ask, by_day, name)]] = np.nan
    return found


def is_kept(ask: Asked, by_day: pd.DataFrame, name: str) -> bool:
    """Whether any matter ever recorded a sum or a property; where petitions go is theirs alone."""
    return ask.kind in (None, "petition") if name == "diverted" else int(by_day[f"with_{name}"].sum()) > 0


def _all_periods(ask: Asked, by_day: pd.DataFrame) -> list[Period]:
    """Every period since the first record, the first one cut where the records begin, the last one at `ask.day`."""
    first = by_day.index[0].date()
    found = periods.periods_between(ask.unit, first, ask.day)
    if found[0].first < first:
        found[0] = Period(first, found[0].last, complete=False)
    return found


def by_period(by_day: pd.DataFrame, shown: list[Period] | tuple[Period, ...]) -> pd.DataFrame:
    """Sums over periods: `first, last, complete` and the columns of `by_day`, one row a period. Days on no record count nothing."""
    running = np.vstack([np.zeros(by_day.shape[1], dtype="int64"), by_day.to_numpy().cumsum(axis=0)])
    start = by_day.index[0]
    ends = np.array(
        [[(pd.Timestamp(one.first) - start).days, (pd.Timestamp(one.last) - start).days + 1] for one in shown]
    )
    ends = ends.clip(0, len(by_day))
    sums = pd.DataFrame(running[ends[:, 1]] - running[ends[:, 0]], columns=by_day.columns)
    days = pd.DataFrame(
        {
            "first": [one.first for one in shown],
            "last": [one.last for one in shown],
            "complete": [one.complete for one in shown],
        }
    )
    return pd.concat([days, sums], axis=1)


def _period_ranges(ask: Asked, by_day: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    shown = len(ask.windows)
    course = expected_periods.expect_course(by_day["matters"], ask.unit, ask.day, ask.calendar, judged=shown)
    course.index += len(totals) - len(course)
    return course[["expected", "lower", "upper", "method"]].reindex(totals.index)


def _day_ranges(ask: Asked, by_day: pd.DataFrame) -> pd.DataFrame:
    shown = by_day.iloc[-len(ask.windows) :]
    history = by_day["matters"].iloc[-len(shown) - EARLIER_DAYS :]
    alike = [_alike(ask, day.date(), history) for day in shown.index]
    kinds = periods.day_kinds(history.index.date, ask.calendar)
    found = measures.expect_days(history, alike, day_kinds=kinds).rename(columns={"mean": "expected"})
    found["method"] = "same_weekday"
    return (
        found.reset_index(drop=True).set_axis(range(len(by_day) - len(shown), len(by_day))).reindex(range(len(by_day)))
    )


def _alike(ask: Asked, day: date, history: pd.Series | pd.DataFrame) -> tuple[date, ...]:
    """The days before that the range of a day rests on."""
    return periods.reference_days(day, ask.calendar, since=history.index[0].date()).days


# --- figures -----------------------------------------------------------------------------------------------------------------


def figures(ask: Asked, by_day: pd.DataFrame, rows: pd.DataFrame) -> tuple[Figure, ...]:
    """Matters, pieces, batches and person-times of the period judged, each against the period before and the year before."""
    row = rows[rows["first"] == ask.period.first].iloc[0]
    expected = None
    if not np.isnan(row["upper"]):
        limits = float(row["expected"]), int(row["lower"]), int(row["upper"])
        alike = _alike(ask, ask.period.first, by_day) if ask.unit == "day" else ()
        expected = Expected(*limits, 95, str(row["method"]), alike)
    matters = Figure(
        "new", int(row["matters"]), "matters", ask.period, ask.day, expected=expected,
        comparisons=_comparisons(ask, by_day, "matters"), selection=ask.new_in(ask.period),
    )  # fmt: skip
    return matters, *(_sum(ask, by_day, name, column) for name, column in SUMS.items())


def _sum(ask: Asked, by_day: pd.DataFrame, name: str, column: str) -> Figure:
    """A sum over the matters that record it, which are what it opens."""
    totals = by_period(by_day, ask.spans).iloc[0]
    recorded = int(totals[f"with_{column}"])
    chosen = ask.new_in(ask.period, **{f"has_{column}": "1"})
    if not recorded:
        return Figure(name, None, name, ask.period, ask.day, missing=Sentence("missing.not_kept"), selection=chosen)
    return Figure(
        name, int(totals[column]), name, ask.period, ask.day, denominator=recorded,
        comparisons=_comparisons(ask, by_day, column), selection=chosen,
    )  # fmt: skip


def _comparisons(ask: Asked, by_day: pd.DataFrame, column: str) -> tuple[Comparison, ...]:
    """Against the period before and the year before (the festival aligned), where the records reach back so far."""
    found = []
    year = periods.year_on_year(ask.period, ask.unit, _lunar(ask.period))
    for kind, now, base in (("previous_period", ask.period, ask.previous), ("year_on_year", year.now, year.base)):
        if pd.Timestamp(base.first) >= by_day.index[0]:
            value, before = by_period(by_day, (now, base))[column]
            found.append(measures.compare(int(value), int(before), kind=kind, period=base))
    return tuple(found)


def _lunar(period: Period):
    try:
        lunar_new_year(period.first.year - 1), lunar_new_year(period.first.year + 1)
    except NotReady:
        return None
    return lunar_new_year


def shares(ask: Asked, by_day: pd.DataFrame) -> tuple[Figure, ...]:
    """The share of repeat, collective and diverted matters in the period judged, with interval and what it was before."""
    now, before, year = (row for _, row in by_period(by_day, ask.spans).iterrows())
    found = []
    for name in SHARES:
        whole, met = int(now["matters"]), int(now[name])
        chosen = ask.new_in(ask.period, **{f"is_{name}": "1"})
        missing = None
        if not is_kept(ask, by_day, name):
            missing = Sentence("missing.not_kept")
        elif whole == 0:
            missing = Sentence("missing.no_denominator")
        figure = Figure(
            f"{name}_share", None if missing else measures.rate(met, whole), "pct", ask.period, ask.day, numerator=met,
            denominator=whole, missing=missing, selection=chosen,
        )  # fmt: skip
        if missing is None:
            compared = tuple(
                measures.compare(figure.value, measures.rate(base[name], base["matters"]), kind=kind, period=span, in_points=True)
                for kind, base, span in (("previous_period", before, ask.previous), ("year_on_year", year, ask.year_before))
                if base["matters"] and pd.Timestamp(span.first) >= by_day.index[0]
            )  # fmt: skip
            figure = replace(figure, interval=measures.wilson_interval(met, whole), comparisons=compared)
        found.append(figure)
    return tuple(found)


def selections(ask: Asked) -> tuple[Selection, ...]:
    """What each row of the series opens."""
    return tuple(ask.new_in(one) for one in ask.windows)


def period_holding(ask: Asked) -> Period:
    """The period that holds the day asked for, cut there."""
    return periods.period_of(ask.unit, ask.day, as_of=ask.day)
