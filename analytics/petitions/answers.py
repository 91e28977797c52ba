"""How well petitions are answered: the rates, always together, how long acceptance and closing take, reviews and re-reviews."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import measures
from analytics.figures import Figure, Line, Period, Sentence
from analytics.petitions.answer import Asked
from data import deadlines, queries
from data.errors import NotReady

RATES = ("accepted_in_time", "on_time", "answered", "satisfied")
OF_ANSWERS = ("answered", "satisfied")  # a closing counts once people had time to answer
STEPS = ("accept", "close")


@dataclass(frozen=True, eq=False)
class Decided:
    """Numerators and denominators of the rates, day by day from `start`: `running[name]` has one more row than days, each the sums so far."""

    start: date
    running: Mapping[str, np.ndarray]

    def count(self, name: str, period: Period) -> tuple[int, int]:
        """Numerator and denominator of a rate in a period."""
        sums = self.running[name]
        first, end = (
            min(max((day - self.start).days, 0), len(sums) - 1)
            for day in (period.first, period.last + timedelta(days=1))
        )
        met, whole = sums[end] - sums[first]
        return int(met), int(whole)


def decided(ask: Asked) -> Decided:
    """Numerators and denominators by measure and day, over all periods shown and those they are compared with."""
    first = min(ask.windows[0].first, ask.year_before.first, ask.previous.first)
    found = queries.read_decided(ask.mart, ask.scope, ask.select("new", first, ask.day))
    running = {}
    for name in RATES:
        rows = found[found["measure"] == name]
        days = (rows["day"] - pd.Timestamp(first)).dt.days.to_numpy()
        sums = np.zeros(((ask.day - first).days + 2, 2), dtype=np.int64)
        np.add.at(sums, days + 1, rows[["met", "whole"]].to_numpy())
        running[name] = sums.cumsum(axis=0)
    return Decided(first, running)


def answerable(ask: Asked, name: str, period: Period) -> Period | None:
    """The part of a period that can be judged: closings count for the public's answers after `answer_days`. None where none can."""
    if name not in OF_ANSWERS:
        return period
    last = min(period.last, ask.day - timedelta(days=ask.rules.answer_days))
    return Period(period.first, last, period.complete and last == period.last) if last >= period.first else None


def rates(ask: Asked, found: Decided) -> tuple[Figure, ...]:
    """The three rates and the participation rate of the period judged, each with what it was before, in percentage points."""
    return tuple(_rate(ask, found, name) for name in RATES)


def _rate(ask: Asked, found: Decided, name: str) -> Figure:
    span = answerable(ask, name, ask.period)
    if span is None:
        return Figure(
            name,
            None,
            "pct",
            ask.period,
            ask.day,
            missing=Sentence("missing.too_early", {"days": ask.rules.answer_days}),
        )
    met, whole = found.count(name, span)
    missing = _why_missing(ask, found, name, met, whole)
    chosen = ask.select(name, span.first, span.last)
    if missing is not None:
        return Figure(
            name, None, "pct", span, ask.day, numerator=met, denominator=whole, missing=missing, selection=chosen
        )
    compared = []
    for kind, base in (("previous_period", ask.previous), ("year_on_year", ask.year_before)):
        base_met, base_whole = found.count(name, base)
        if base_whole >= ask.rules.minimum_denominator:
            value = measures.rate(base_met, base_whole)
            compared.append(measures.compare(measures.rate(met, whole), value, kind=kind, period=base, in_points=True))
    return Figure(
        name, measures.rate(met, whole), "pct", span, ask.day, numerator=met, denominator=whole,
        interval=measures.wilson_interval(met, whole), comparisons=tuple(compared), selection=chosen,
    )  # fmt: skip


def _why_missing(ask: Asked, found: Decided, name: str, met: int, whole: int) -> Sentence | None:
    if name in OF_ANSWERS and not found.running["answered"][-1, 0]:
        return Sentence("missing.not_recorded")
    if whole == 0:
        return Sentence("missing.no_denominator")
    if whole < ask.rules.minimum_denominator:
        return Sentence(
            "missing.small_denominator", {"met": met, "count": whole, "needed": ask.rules.minimum_denominator}
        )
    return None


def rate_series(ask: Asked, found: Decided) -> pd.DataFrame:
    """The same rates by period: `first, last, complete` and for each rate its name, `_lower, _upper, _met, _whole`.

    A rate on fewer than ten matters, or too early to tell, is empty; its numbers stand beside it all the same.
    """
    rows = []
    for period in ask.windows:
        row: dict[str, object] = {"first": period.first, "last": period.last, "complete": period.complete}
        for name in RATES:
            span = answerable(ask, name, period)
            met, whole = found.count(name, span) if span else (0, 0)
            enough = span is not None and _why_missing(ask, found, name, met, whole) is None
            low, high = measures.wilson_interval(met, whole) if enough else (np.nan, np.nan)
            row |= {name: measures.rate(met, whole) if enough else np.nan, f"{name}_lower": low, f"{name}_upper": high}
            row |= {f"{name}_met": met, f"{name}_whole": whole}
        rows.append(row)
    return pd.DataFrame(rows).astype(dict.fromkeys(RATES, float))


def waiting(ask: Asked) -> pd.DataFrame:
    """Days until half and nine in ten of a period's new matters were accepted and closed, what still waits censored.

    `first, last, complete` and for accept and close `_median, _p90` (empty while not reached, or on fewer than ten), `_matters, _ended`.
    """
    rows = queries.read_waiting(ask.mart, ask.scope, ask.select("new", ask.windows[0].first, ask.day), ask.unit)
    found = measures.closing_times(rows, ["step", "period"])
    shown = pd.DataFrame([{"first": one.first, "last": one.last, "complete": one.complete} for one in ask.windows])
    keys = pd.to_datetime(shown["first"]).astype("datetime64[s]")
    for step in STEPS:
        own = found.loc[step] if step in found.index.get_level_values("step") else found.droplevel("step").iloc[:0]
        own = own.reindex(keys)
        enough = (own["ended"] >= ask.rules.minimum_denominator).to_numpy()
        shown[f"{step}_median"] = own["median_days"].where(enough).to_numpy(dtype=float)
        shown[f"{step}_p90"] = own["p90_days"].where(enough).to_numpy(dtype=float)
        shown[f"{step}_matters"] = own["matters"].fillna(0).astype("int64").to_numpy()
        shown[f"{step}_ended"] = own["ended"].fillna(0).astype("int64").to_numpy()
    return shown


def reviews(ask: Asked) -> tuple[Line, ...]:
    """Reviews and re-reviews of the period judged: `stage, requested, decided, in_time, in_time_pct, lower, upper`.

    In time is decided by the last day the regulation allows (articles 35, 36), rolled off rest days. Empty where none was requested or
    decided.
    """
    period = ask.period
    rows = queries.read_reviews(ask.mart, ask.scope, ask.select("new", period.first, period.last))
    if rows.empty:
        return ()
    found = []
    for stage in ("review", "re_review"):
        own = rows[rows["stage"] == stage]
        requested = own[_within(own["requested_on"], period)]["matters"].sum()
        done = own[_within(own["decided_on"], period)]
        known = done[done["requested_on"].notna()]
        due = [_due(ask, stage, day.date()) for day in known["requested_on"]]
        counts, ended = known["matters"].tolist(), known["decided_on"].dt.date.tolist()
        dated = [
            (count, day <= limit) for count, day, limit in zip(counts, ended, due, strict=True) if limit is not None
        ]
        met, whole = sum(count for count, in_time in dated if in_time), sum(count for count, _ in dated)
        enough = whole >= ask.rules.minimum_denominator
        low, high = measures.wilson_interval(met, whole) if enough else (None, None)
        values = {
            "stage": stage, "requested": int(requested), "decided": int(done["matters"].sum()), "in_time": met,
            "in_time_pct": measures.rate(met, whole) if enough else None, "lower": low, "upper": high,
        }  # fmt: skip
        found.append(Line(values, ask.select(f"{stage}_decided", period.first, period.last)))
    return tuple(found)


def _within(days: pd.Series, period: Period) -> pd.Series:
    return days.between(pd.Timestamp(period.first), pd.Timestamp(period.last))


def _due(ask: Asked, stage: str, requested: date) -> date | None:
    try:
        return deadlines.due_on(
            requested, ask.clocks.petition[stage], ask.calendar, roll=ask.clocks.roll_due_to_working_day
        )
    except NotReady:
        return None
