"""What arrived and what stands: counts against their expected range, by day, kind, place and source."""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from analytics import measures, periods
from analytics.briefs.answer import Line, Question
from analytics.errors import HistoryTooShort
from analytics.figures import Comparison, Expected, Figure, Period, Sentence
from data import queries
from data.categories import widest_categories
from data.queries import Selection
from data.workdays import WorkCalendar

DISPERSION_DAYS = 57  # the scatter of a count is judged on the eight weeks before the day
STOCK_WEEKS = 8


def history_from(ask: Question, day: date) -> date:
    """The first day that the expected range of `day` rests on: more than eight weeks back where festivals intervene."""
    first = day - timedelta(days=DISPERSION_DAYS)
    return min(first, *_reference_days(day, ask.calendar, None).days)


def daily_counts(ask: Question) -> pd.DataFrame:
    """New and closed by day and kind, zeros filled between the first record and the brief's day; empty before any record."""
    first = history_from(ask, ask.day - timedelta(days=ask.rules.series_days))
    flows = queries.read_flows(ask.mart, ask.scope, first, ask.day, **ask.where)
    if flows.empty:
        return flows
    flows["day"] = pd.to_datetime(flows["day"])
    days = pd.date_range(flows["day"].min(), pd.Timestamp(ask.day), name="day")
    kinds = sorted(flows["kind"].unique())
    index = pd.MultiIndex.from_product([days, kinds], names=["day", "kind"])
    return flows.set_index(["day", "kind"]).reindex(index, fill_value=0).astype("int64").reset_index()


def totals(counts: pd.DataFrame) -> pd.DataFrame:
    """The same by day alone: index `day`, columns `new, closed`."""
    return counts.groupby("day")[["new", "closed"]].sum()


def expected_count(ask: Question, history: pd.Series, day: date | None = None) -> Expected | None:
    """Expected count of a day (the brief's own by default) from days of the same kind before it.

    None when the history is too short or the calendar lacks the year.
    """
    day = day or ask.day
    known = history[history.index < pd.Timestamp(day)]
    reference = _reference(ask, day, known)
    if reference is None:
        return None
    return measures.expect_count(known, reference.days, day_kinds=_day_kinds(ask, known), method=reference.kind)


def _day_kinds(ask: Question, known: pd.Series | pd.DataFrame) -> list[int]:
    """Weekday and working status of each day, so that a festival week does not pass for scatter around ordinary weekdays."""
    return [_day_kind(day, ask.calendar) for day in known.index.date]


@lru_cache(maxsize=4096)
def _day_kind(day: date, calendar: WorkCalendar) -> int:
    return day.weekday() + 7 * bool(calendar.usually_worked(day, 1)[0])


def _reference(ask: Question, day: date, known: pd.Series | pd.DataFrame) -> periods.ReferenceDays | None:
    return None if known.empty else _reference_days(day, ask.calendar, known.index[0].date())


@lru_cache(maxsize=4096)
def _reference_days(day: date, calendar: WorkCalendar, since: date | None) -> periods.ReferenceDays:
    return periods.reference_days(day, calendar, since=since)


def flow_figures(ask: Question, counts: pd.DataFrame, completeness: float | None) -> tuple[Figure, ...]:
    """New and closed on the day, against their expected range and the days before."""
    if counts.empty:
        return tuple(ask.figure(name, None, name, missing=Sentence("missing.no_records")) for name in ("new", "closed"))
    by_day = totals(counts)
    return tuple(_flow_figure(ask, by_day[name], name, completeness) for name in ("new", "closed"))


def what_is_missing(ask: Question, still_open: int, undated: int) -> tuple[Sentence | None, Sentence | None]:
    """Why closings and the backlog cannot be counted, and why overdue cannot; None where they can. Of those open, `undated` have no deadline.

    Closing times are missing when more matters ended at an unknown time than are open; deadlines when no open matter has one.
    """
    ended = ask.select("ended_undated")
    (ended_undated,) = queries.read_counts(ask.mart, ask.scope, (ended,))
    if ended_undated > still_open:
        times = Sentence("missing.closing_times", {"count": ended_undated}, ended)
        return times, times
    if still_open and undated == still_open:
        return None, Sentence("missing.deadlines", {"count": undated}, ask.select("undated"))
    return None, None


def beyond_the_calendar(ask: Question, undated: int) -> tuple[Sentence, ...]:
    """That some open matters fall due in a year without a calendar, so that they count neither as due nor as overdue; `undated` are those open
    without a deadline."""
    chosen = ask.select("open").also(basis="calendar_missing")
    found = queries.read_counts(ask.mart, ask.scope, (chosen,))[0] if undated else 0
    return (Sentence("notice.beyond_the_calendar", {"count": found}, chosen),) if found else ()


def _flow_figure(ask: Question, history: pd.Series, name: str, completeness: float | None) -> Figure:
    value = int(history.get(pd.Timestamp(ask.day), 0))
    expected = expected_count(ask, history)
    if name == "new" and expected is not None and completeness is not None:
        expected = measures.thin_expected(expected, completeness)
    return ask.figure(name, value, name, expected=expected, comparisons=_comparisons(ask, history, value))


def _comparisons(ask: Question, history: pd.Series, value: int) -> tuple[Comparison, ...]:
    found = []
    for kind, days_back in (("previous_day", 1), ("same_weekday", 7)):
        day = ask.day - timedelta(days=days_back)
        if pd.Timestamp(day) in history.index:
            found.append(measures.compare(value, int(history[pd.Timestamp(day)]), kind=kind, period=Period(day, day)))
    return tuple(found)


def stock_figures(ask: Question, missing: tuple[Sentence | None, Sentence | None]) -> tuple[Figure, ...]:
    """Open and overdue at the close of the day, against what the same weekday of past weeks leads one to expect."""
    days = tuple(ask.day - timedelta(weeks=week) for week in range(STOCK_WEEKS, -1, -1))
    stock = queries.read_stock(ask.mart, ask.scope, days, **ask.where)
    return tuple(
        _stock_figure(ask, stock[name].to_list(), days, name, why)
        for name, why in zip(("open", "overdue"), missing, strict=True)
    )


def _stock_figure(
    ask: Question, values: list[int], days: tuple[date, ...], name: str, missing: Sentence | None
) -> Figure:
    if missing is not None:
        return ask.figure(name, None, name, missing=missing)
    comparison = measures.compare(values[-1], values[-2], kind="same_weekday", period=Period(days[-2], days[-2]))
    # Weeks before the first record are no weeks of an empty backlog.
    first = next((number for number, value in enumerate(values) if value), len(values))
    expected = measures.expect_level(values[first:], days[first:])
    return ask.figure(name, values[-1], name, expected=expected, comparisons=(comparison,))


def without_stock(lines: tuple[Line, ...], missing: tuple[Sentence | None, Sentence | None]) -> tuple[Line, ...]:
    """Lines whose closed, open and overdue are None where they cannot be counted."""
    closed, overdue = missing
    unknown = (("closed", "open") if closed else ()) + (("overdue",) if overdue else ())
    return tuple(
        replace(line, values={**line.values, **{name: None for name in unknown if name in line.values}})
        for line in lines
    )


def series(ask: Question, counts: pd.DataFrame, delay: measures.DelayCurve | None) -> pd.DataFrame:
    """The last eight weeks by day: `day, new, closed, expected, lower, upper, completeness_pct`.

    Each day's range rests only on days before it.
    """
    columns = ["day", "new", "closed", "expected", "lower", "upper", "completeness_pct"]
    if counts.empty:
        return pd.DataFrame(columns=columns)
    by_day = totals(counts)
    shown = by_day.iloc[-ask.rules.series_days :].copy()
    history = by_day["new"]
    references = [_reference(ask, day.date(), history[:1]) for day in shown.index]
    reference_days = [reference.days if reference else () for reference in references]
    ranges = measures.expect_days(history, reference_days, day_kinds=_day_kinds(ask, history))
    shown[["expected", "lower", "upper"]] = ranges[["mean", "lower", "upper"]].to_numpy()
    known_on = ask.mart.read_at.date()
    shown["completeness_pct"] = [
        100 * delay.completeness(known_on, day.date()) if delay else np.nan for day in shown.index
    ]
    return shown.reset_index()[columns]


def delay_of(ask: Question) -> measures.DelayCurve | None:
    """The site's own delay curve from registration to entry, where it has recorded enough."""
    known_on = ask.mart.read_at.date()
    delays = queries.read_delays(ask.mart, ask.scope, known_on - timedelta(days=120), known_on, area_code=ask.area_code)
    return measures.delay_curve(delays, known_on)


def completeness_of(ask: Question, period: Period) -> float | None:
    """The share of the matters of a period entered by now, by the site's own delay curve; None where too little is recorded."""
    delay = delay_of(ask)
    if delay is None:
        return None
    known_on = ask.mart.read_at.date()
    shares = [delay.completeness(known_on, day) for day in periods.days_of(period)]
    return sum(shares) / len(shares)


def filling(ask: Question, shown: pd.DataFrame) -> tuple[Line, ...]:
    """Recent days that are still filling by the delay curve, the latest first."""
    recent = shown[shown["completeness_pct"] < ask.rules.filled_pct].sort_values("day", ascending=False)
    return tuple(
        Line(
            {"day": row.day.date(), "matters": int(row.new), "completeness_pct": float(row.completeness_pct)},
            ask.select("new", row.day.date(), row.day.date()),
        )
        for row in recent.itertuples()
    )


def kinds(ask: Question, counts: pd.DataFrame, by_unit: pd.DataFrame) -> tuple[Line, ...]:
    """Each kind of matter: new and closed on the day, open and overdue at its close."""
    if counts.empty:
        return ()
    today = counts[counts["day"] == pd.Timestamp(ask.day)].set_index("kind")[["new", "closed"]]
    standing = by_unit.groupby("kind")[["open", "overdue"]].sum()
    both = today.join(standing, how="outer").fillna(0).astype(int)
    return tuple(
        Line({"kind": kind, **row.to_dict()}, ask.select("new", ask.day, ask.day, kind=kind))
        for kind, row in both.iterrows()
    )


def places(ask: Question, areas: pd.DataFrame, completeness: float | None) -> tuple[Line, ...]:
    """Each area right below the one chosen: new against its expected range, open and overdue; the most unusual first."""
    first = history_from(ask, ask.day)
    new = queries.read_by_place(ask.mart, ask.scope, first, ask.day, ask.area_code, kind=ask.kind)
    standing = queries.read_stock_by_place(ask.mart, ask.scope, ask.day, ask.area_code, kind=ask.kind).set_index(
        "area_code"
    )
    if new.empty and standing.empty:
        return ()
    new["day"] = pd.to_datetime(new["day"])
    codes = sorted({*new["area_code"], *standing.index})
    wide = new.pivot_table(index="day", columns="area_code", values="new", aggfunc="sum", fill_value=0)
    days = pd.date_range(wide.index.min() if len(wide) else pd.Timestamp(ask.day), pd.Timestamp(ask.day))
    wide = wide.reindex(index=days, columns=codes, fill_value=0)
    ranges = _ranges(ask, wide, completeness)
    tree = areas.set_index("area_code")
    below_street = tree["street_code"].notna() & (tree["street_code"] != tree.index)
    lines = []
    for code in codes:
        value = int(wide[code].iloc[-1])
        expected = ranges.get(code)
        state = expected.state(value) if expected else "unknown"
        if state == "above" and value < ask.rules.place_minimum:
            state = "within"
        row = standing.loc[code] if code in standing.index else {"open": 0, "overdue": 0}
        lines.append(
            Line(
                {
                    "area_code": code,
                    "area": str(tree["name"].get(code, code)),
                    "is_below_street": bool(below_street.get(code, False)),
                    "new": value,
                    "expected": expected.mean if expected else None,
                    "lower": expected.lower if expected else None,
                    "upper": expected.upper if expected else None,
                    "open": int(row["open"]),
                    "overdue": int(row["overdue"]),
                    "state": state,
                },
                ask.select("new", ask.day, ask.day, area_code=code),
            )
        )
    return tuple(sorted(lines, key=most_unusual_first))


def _ranges(ask: Question, wide: pd.DataFrame, completeness: float | None) -> dict[str, Expected]:
    """The expected range of the brief's day for every place at once; empty when the history is too short."""
    known = wide.iloc[:-1]
    reference = _reference(ask, ask.day, known)
    if reference is None:
        return {}
    pct = ask.rules.place_interval_pct
    try:
        found = measures.expect_counts(known, reference.days, interval_pct=pct, day_kinds=_day_kinds(ask, known))
    except HistoryTooShort:
        return {}
    ranges = {
        row.Index: Expected(float(row.mean), int(row.lower), int(row.upper), pct, reference.kind, reference.days)
        for row in found[["mean", "lower", "upper"]].itertuples()
    }
    if completeness is None:
        return ranges
    return {code: measures.thin_expected(expected, completeness) for code, expected in ranges.items()}


def most_unusual_first(line: Line) -> tuple:
    """The order of places: those above their range, then by how far they exceed what was expected."""
    values = line.values
    excess = values["new"] - (values["expected"] or 0)
    return (values["state"] != "above", -excess, str(values["area_code"]))


def leading_category(ask: Question, area_code: str | None) -> tuple[str, float] | None:
    """The top-level category whose count of the day exceeds its own expectation the most, and by how much."""
    first = history_from(ask, ask.day)
    found = queries.read_category_counts(ask.mart, ask.scope, first, ask.day, area_code, kind=ask.kind)
    if found.empty:
        return None
    categories = queries.read_categories(ask.mart)
    found["top"] = found["category_code"].map(widest_categories(categories))
    found["day"] = pd.to_datetime(found["day"])
    wide = found.pivot_table(index="day", columns="top", values="new", aggfunc="sum", fill_value=0)
    wide = wide.reindex(pd.date_range(wide.index.min(), pd.Timestamp(ask.day)), fill_value=0)
    ranges = _ranges(ask, wide, None)
    excess = {code: float(wide[code].iloc[-1] - expected.mean) for code, expected in ranges.items()}
    most = max(excess, key=excess.get, default=None)
    if most is None or excess[most] <= 0:
        return None
    return str(categories.set_index("category_code")["name"].get(most, most)), excess[most]


def sources(ask: Question) -> tuple[Line, ...]:
    """Each source: when it last brought a matter, the day's count against its range, and how complete its records are."""
    first = history_from(ask, ask.day)
    found = queries.read_sources(ask.mart, ask.scope, first, ask.day, area_code=ask.area_code)
    if found.empty:
        return ()
    found["day"] = pd.to_datetime(found["day"])
    days = pd.date_range(found["day"].min(), pd.Timestamp(ask.day))
    lines = []
    for source, rows in found.groupby("source_system"):
        history = rows.set_index("day")["new"].reindex(days, fill_value=0)
        recent = rows[rows["day"] > pd.Timestamp(ask.day) - pd.Timedelta(days=ask.rules.rate_days)]
        expected = expected_count(ask, history)
        value = int(history.iloc[-1])
        state = expected.state(value) if expected else "unknown"
        if value == 0 and expected is not None and expected.lower > 0:
            state = "silent"
        complete = {
            f"{name}_pct": measures.rate(float(recent[name].sum()), float(recent["new"].sum()))
            for name in ("with_area", "with_category", "with_unit")
        }
        lines.append(
            Line(
                {
                    "source_system": source,
                    "last_registered_on": rows["day"].max().date(),
                    "new": value,
                    "expected": expected.mean if expected else None,
                    "lower": expected.lower if expected else None,
                    "upper": expected.upper if expected else None,
                    **complete,
                    "state": state,
                },
                Selection("new", ask.day, ask.day, ask.day, area_code=ask.area_code, source_system=source),
            )
        )
    return tuple(lines)
