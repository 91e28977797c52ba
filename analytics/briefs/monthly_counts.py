"""The overall situation of a month: how much against what was to be expected, its structure, and how well it was handled."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import measures, periods
from analytics.briefs import work
from analytics.briefs.answer import Line
from analytics.briefs.monthly_answer import Month
from analytics.errors import HistoryTooShort
from analytics.expected_months import expect_spans, share_of_rest_days
from analytics.expected_periods import expect_span, history_from
from analytics.figures import Comparison, Expected, Figure, Period, Sentence
from data import queries
from data.queries import Selection

DIMENSIONS = ("kind", "type", "place", "channel", "source_system")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Counted:
    """New matters of the last thirteen months, or of their like spans.

    `tables` has a frame for each of kind, type, fine, channel, source_system and place: a row a month, a column a code, "" for one not
    recorded. `weights` are the weighed days of each month in the order of `months`, oldest first, the month itself last. `daily` has new
    and closed matters by day, as far back as anything rests on them.
    """

    months: tuple[Period, ...]
    weights: np.ndarray
    tables: dict[str, pd.DataFrame]
    area_counts: pd.DataFrame  # a row a month, a column an area's own position
    daily: pd.DataFrame

    @property
    def total(self) -> pd.Series:
        return self.tables["kind"].sum(axis=1)


def count_months(month: Month) -> Counted:
    """The last thirteen months of new matters by every property, in one read."""
    spans = like_spans(month, month.rules.history_months + 1)
    rows = queries.read_months(
        month.ask.mart, month.ask.scope, spans[0].first, month.period.last, until=month.until, **month.here
    )
    tables = {}
    for dimension, columns in queries.DIMENSIONS.items():
        own = rows[(rows["dimension"] == dimension).to_numpy()]
        tables |= {name: _wide(own, name, spans) for name in columns}
    own = tables.pop("category_code")
    own.columns = pd.Index(["" if code in month.hidden else code for code in own.columns], dtype=object)
    fine = [code in month.fine for code in own.columns]
    positions = tables.pop("area_pos")
    tables["type"] = _rolled(own, [month.tops.get(code, code) for code in own.columns])
    tables["fine"] = _rolled(own.loc[:, fine], [month.fine[code] for code in own.columns[fine]])
    tables["place"] = _rolled(positions, _places(month, positions.columns))
    daily = _daily(month, spans[0].first)
    return Counted(spans, _weights(month, daily["new"], spans), tables, positions, daily)


def _weights(month: Month, daily: pd.Series, spans: tuple[Period, ...]) -> np.ndarray:
    """The weighed days of each span; what a day of rest weighs rests on the days before the month alone."""
    days = pd.DatetimeIndex([day for span in spans for day in periods.days_of(span)])
    works = np.array([_is_worked(month, day) for day in days.date], dtype=bool)
    earlier = days < pd.Timestamp(month.period.first)
    counts = daily.reindex(days, fill_value=0)
    weighed = pd.Series(np.where(works, 1.0, share_of_rest_days(counts[earlier], works[earlier])), index=days)
    return np.array([float(_within(weighed, span).sum()) for span in spans])


def _within(by_day: pd.Series, span: Period) -> pd.Series:
    """The days of a span."""
    return by_day[span.first.isoformat() : span.last.isoformat()]


def like_spans(month: Month, count: int) -> tuple[Period, ...]:
    """The month and those before it, oldest first; of an unfinished month the same days of each."""
    found = [month.period]
    while len(found) < count:
        earlier = periods.month(found[0].first - _ONE_DAY)
        last = min(earlier.last, earlier.first + timedelta(days=month.until - 1))
        found.insert(0, Period(earlier.first, last, month.period.complete))
    return tuple(found)


def _wide(rows: pd.DataFrame, name: str, spans: tuple[Period, ...]) -> pd.DataFrame:
    """The rows of one dimension, a row a month and a column a code of `name`; months without any matter are rows of zeros."""
    column, codes = pd.factorize(rows[name], use_na_sentinel=False)
    labels = pd.Series(codes, dtype=object)
    months = pd.DatetimeIndex([span.first for span in spans])
    counts = np.zeros((len(spans), len(labels)), dtype=np.int64)
    np.add.at(counts, (months.get_indexer(rows["month"]), column), rows["new"].to_numpy(dtype=np.int64))
    return pd.DataFrame(counts, index=months, columns=pd.Index(labels.where(labels.notna(), ""), dtype=object))


def _rolled(wide: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Columns added up into the groups they belong to, in the order of their names."""
    place, labels = pd.factorize(np.array(groups, dtype=object), sort=True)
    belongs = (place[:, None] == np.arange(len(labels))).astype(np.int64)
    return pd.DataFrame(wide.to_numpy() @ belongs, index=wide.index, columns=pd.Index(labels, dtype=object))


def _places(month: Month, positions: pd.Index) -> list[str]:
    """The place that each position of the tree counts for: its street or community, else the very area, marked ^; "" for none."""
    known = month.names.areas
    wanted, own = (
        known[column].to_numpy(dtype=object)
        for column in ("community_code" if month.by_community else "street_code", "area_code")
    )
    return [
        "" if position == "" else wanted[position] if isinstance(wanted[position], str) else f"^{own[position]}"
        for position in positions
    ]


def _is_worked(month: Month, day: date) -> bool:
    return bool(month.ask.calendar.usually_worked(day, 1)[0])


# --- figures -----------------------------------------------------------------------------------------------------------------


def flow_figures(
    month: Month, counted: Counted, missing: tuple[Sentence | None, Sentence | None], completeness: float | None
) -> tuple[tuple[Figure, ...], pd.DataFrame]:
    """New, closed, open and overdue with what was to be expected and what they stand against; and the months they rest on."""
    spans = (*counted.months, month.last_year.now, month.last_year.base)
    figures, table = [], pd.DataFrame({"month": [span.first for span in counted.months]})
    for name in ("new", "closed"):
        if name == "closed" and missing[0]:
            figures.append(month.ask.figure(name, None, name, period=month.period, missing=missing[0]))
            continue
        values = [int(_within(counted.daily[name], span).sum()) for span in spans]
        course = values[: len(counted.months)]
        expected = _expected(month, counted, name, course)
        if name == "new" and expected is not None and completeness is not None:
            expected = measures.thin_expected(expected, completeness)
        comparisons = _comparisons(month, values[-3], values[-4], values[-2], values[-1])
        figures.append(
            month.ask.figure(name, values[-3], name, period=month.period, expected=expected, comparisons=comparisons)
        )
        table[name] = course
    figures += _stock_figures(month, missing)
    known = table["month"] >= (month.first_on or month.period.first)
    table = table[known | (table.get("new", 0) > 0)].reset_index(drop=True)
    return tuple(figures), table


def _daily(month: Month, since: date) -> pd.DataFrame:
    """New and closed by day since a day, or as far back as the range of a whole month rests on; zeros filled from the first record on."""
    ask = month.ask
    first = history_from(month.period.last) if month.period.complete else min(since, month.last_year.base.first)
    flows = queries.read_flows(ask.mart, ask.scope, first, month.period.last, **month.here, by_kind=False)
    if flows.empty:
        return pd.DataFrame({"new": 0, "closed": 0}, index=pd.DatetimeIndex([], name="day"))
    by_day = flows.set_index("day")[["new", "closed"]].astype("int64")
    by_day.index = pd.to_datetime(by_day.index)
    return by_day.reindex(pd.date_range(by_day.index[0], month.period.last, name="day"), fill_value=0)


def _expected(month: Month, counted: Counted, name: str, course: list[int]) -> Expected | None:
    """A whole month as on every page; the part of a month that is over, by the same part of the months before."""
    pct = month.rules.interval_pct
    if month.period.complete:
        return expect_span(counted.daily[name], "month", month.period.last, month.ask.calendar, interval_pct=pct)
    return expected_counts(month, counted, pd.DataFrame({name: course}), pct).get(name)


def expected_counts(month: Month, counted: Counted, wide: pd.DataFrame, interval_pct: int) -> dict[str, Expected]:
    """What was to be expected of the month for each column of `wide`, from the complete months before it that are on record."""
    known = _on_record(month, counted)
    months = [span.first for span, use in zip(counted.months[:-1], known, strict=True) if use]
    try:
        found = expect_spans(
            wide.iloc[:-1][known], counted.weights[:-1][known], counted.weights[-1], interval_pct=interval_pct
        )
    except HistoryTooShort:
        return {}
    return {
        row.Index: Expected(float(row.mean), int(row.lower), int(row.upper), interval_pct, "month_rates", tuple(months))
        for row in found[["mean", "lower", "upper"]].itertuples()
    }


def _on_record(month: Month, counted: Counted) -> np.ndarray:
    """Which of the months before lie wholly within the record."""
    return np.array([month.first_on is not None and span.first >= month.first_on for span in counted.months[:-1]])


def _comparisons(month: Month, now: int, before: int, year_now: int, year_base: int) -> tuple[Comparison, ...]:
    found = []
    if month.is_on_record(month.before):
        kind = month.previous_kind
        found.append(measures.compare(now, before, kind=kind, period=month.before))
    year = month.last_year
    if month.is_on_record(year.base):
        kind = month.year_kind
        found.append(measures.compare(year_now, year_base, kind=kind, period=year.base))
    return tuple(found)


def _stock_figures(month: Month, missing: tuple[Sentence | None, Sentence | None]) -> list[Figure]:
    """Open and overdue at the close of the span, against the changes from one such day to the next in the months before."""
    spans = like_spans(month, month.rules.level_months + 1)
    days = tuple(span.last for span in spans)
    levels = queries.read_levels(month.ask.mart, month.ask.scope, days, **month.here)
    at = Period(days[-1], days[-1])
    figures = []
    for name, why in zip(("open", "overdue"), missing, strict=True):
        if why is not None:
            figures.append(month.ask.figure(name, None, name, period=at, missing=why))
            continue
        values = levels[name].to_list()
        start = sum(day < (month.first_on or day) for day in days)
        expected = measures.expect_level(values[start:], days[start:])
        if expected is not None:
            expected = replace(expected, method="monthly_change")
        comparisons = ()
        if month.is_on_record(month.before):
            period = Period(days[-2], days[-2])
            kind = month.previous_kind
            comparisons = (measures.compare(values[-1], values[-2], kind=kind, period=period),)
        figures.append(month.ask.figure(name, values[-1], name, period=at, expected=expected, comparisons=comparisons))
    return figures


def rates(month: Month) -> tuple[Figure, ...]:
    """On time, accepted in time; and of those closed as long ago as people are given to answer: answered, satisfied, solved.

    Each is compared with the span before in percentage points; both periods are counted in one pass.
    """
    ask = month.ask
    back = timedelta(days=ask.rules.answer_days)
    windows = (month.period, month.before)
    answerable = tuple(Period(one.first - back, one.last - back) for one in windows)
    reach = queries.read_reach(ask.mart, ask.scope, ask.area_code)
    figures = []
    for names, spans in (
        (("on_time",), windows),
        (("accepted_in_time",), windows),
        (("answered", "satisfied", "solved"), answerable),
    ):
        whole = ask.select(names[0], spans[1].first, spans[0].last)
        wholes = [ask.select(name, span.first, span.last) for name in names for span in spans]
        parts = [one.narrowed(measure=f"{one.measure}_met") for one in wholes]
        found = queries.read_among(ask.mart, whole, (*wholes, *parts), reach)[1:]
        for place, name in enumerate(names):
            pair = [
                work.rate_figure(
                    ask, name, found[len(wholes) + 2 * place + n], found[2 * place + n], spans[n], wholes[2 * place + n]
                )
                for n in (0, 1)
            ]
            figures.append(_against(month, *pair))
    return tuple(figures)


def _against(month: Month, now: Figure, before: Figure) -> Figure:
    if now.value is None or before.value is None or not month.is_on_record(month.before):
        return now
    kind = month.previous_kind
    compared = measures.compare(now.value, before.value, kind=kind, period=before.period, in_points=True)
    return replace(now, comparisons=(compared,))


# --- structure ---------------------------------------------------------------------------------------------------------------


def structure(month: Month, counted: Counted) -> tuple[Line, ...]:
    """New matters by kind, type, place, channel and source, with shares and what they stand against; the most first."""
    lines = []
    for dimension in DIMENSIONS:
        table = counted.tables[dimension]
        if dimension == "place" and month.is_one_place:
            continue
        year = _year_ago(month, counted, dimension)
        order = (
            table.iloc[-1].sort_index(key=lambda codes: codes.astype(str)).sort_values(ascending=False, kind="stable")
        )
        whole = int(order.sum())
        for code, now in order.items():
            before = int(table[code].iloc[-2])
            if now or before:
                lines.append(_line(month, dimension, str(code), int(now), before, whole, year))
    return tuple(lines)


def _line(
    month: Month, dimension: str, code: str, now: int, before: int, whole: int, year: pd.DataFrame | None
) -> Line:
    previous = year_ago = None
    if month.is_on_record(month.before):
        previous = measures.compare(now, before, kind=month.previous_kind, period=month.before)
    if year is not None:
        pair = year.loc[code] if code in year.index else pd.Series({"now": 0, "base": 0})
        kind = month.year_kind
        year_ago = measures.compare(int(pair["now"]), int(pair["base"]), kind=kind, period=month.last_year.base)
    values = {
        "dimension": dimension, "code": code or None, "name": name_of(month, dimension, code), "now": now,
        "share_pct": measures.rate(now, whole), "before": before, "previous": previous, "year_ago": year_ago,
    }  # fmt: skip
    return Line(values, selection_of(month, dimension, code))


def _year_ago(month: Month, counted: Counted, dimension: str) -> pd.DataFrame | None:
    """`now, base` by code for the year-on-year periods, where they are months counted already and on record."""
    if month.last_year.alignment != "calendar" or not month.is_on_record(month.last_year.base):
        return None
    table = counted.tables[dimension]
    return pd.DataFrame({"now": table.iloc[-1], "base": table.iloc[0]})


def selection_of(month: Month, dimension: str, code: str) -> Selection | None:
    """The matters of the month that one code of a dimension counts; None for those that may not be said here."""
    chosen = month.now()
    if dimension in ("type", "fine"):
        if code:
            return chosen.narrowed(category_code=code)
        return None if month.hidden else chosen.also(own_category="")
    if dimension == "place":
        if code.startswith("^") or not code:
            return chosen.also(own_area=code.removeprefix("^"))
        return chosen.narrowed(area_code=code)
    if dimension in ("kind", "source_system"):
        return chosen.narrowed(**{dimension: code})
    return chosen.also(**{dimension: code})


def name_of(month: Month, dimension: str, code: str) -> str | Sentence:
    """The name of a code as it stands in the records, or a sentence for one that has none; two types of one name say their list."""
    if dimension in ("type", "fine"):
        return _category_name(month, code)
    if dimension == "place":
        return _place_name(month, code)
    if not code:
        return Sentence("monthly.not_recorded")
    group = {"source_system": "source"}.get(dimension, dimension)
    return Sentence(f"names.{group}.{code}")


def _category_name(month: Month, code: str) -> str | Sentence:
    if not code:
        return Sentence("monthly.unlisted" if month.hidden else "brief.category_unknown")
    name = month.names.by_code["category"].get(code, code)
    if month.ask.kind is None and name in month.ambiguous:
        scheme = month.names.categories["scheme_code"].get(code)
        if isinstance(scheme, str):
            return Sentence("monthly.of_list", {"name": name, "list": Sentence(f"names.scheme.{scheme}")})
    return name


def _place_name(month: Month, code: str) -> str | Sentence:
    if not code:
        return Sentence("brief.place_unknown")
    own = month.names.area(code.removeprefix("^"))
    name = code if own is None else str(own["name"])
    return Sentence("monthly.itself", {"area": name}) if code.startswith("^") else name
