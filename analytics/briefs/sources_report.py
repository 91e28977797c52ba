"""The one-table form of the monthly assessment: one overall table, one table a source (DOMAIN 3.10: 1张总表+分表).

The overall table follows the four groups of the published index system: initial signal, spread, intense, handling, as far as the data
carry them. Every count stands beside the period before, the same period last year, and the range to expect.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import expected_months, measures, periods
from analytics.briefs.answer import Question
from analytics.briefs.counts import completeness_of
from analytics.briefs.rules import BRIEF_RULES
from analytics.errors import HistoryTooShort
from analytics.expected_periods import SEASON, expect_span, history_from
from analytics.figures import Expected, Line, Period, Sentence
from data import queries
from data.categories import widest_categories
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope
from data.workdays import WorkCalendar, lunar_new_year

ONE_DAY = timedelta(days=1)
PAST_SPANS = 12
INTERVAL_PCT = 95
# What each group of the overall table counts: the row's name, and how the matters differ from all that are new.
ROWS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("initial", "hotline", {"kind": "hotline"}),
    ("initial", "police_110", {"channel": "police_110_nonpolice"}),
    ("initial", "grid_patrol", {"channel": "grid_patrol"}),
    ("initial", "grid_app", {"channel": "grid_app"}),
    ("initial", "early_sign", {}),
    ("spread", "petition", {"kind": "petition"}),
    ("spread", "petition_online", {"kind": "petition", "form": "online"}),
    ("spread", "petition_repeat", {"kind": "petition", "is_repeat": "1"}),
    ("spread", "petition_grown", {"kind": "petition", "is_escalated": "1"}),
    ("intense", "collective", {"measure": "collective"}),
    ("intense", "larger", {"measure": "larger"}),
    ("intense", "public_order", {}),
    ("intense", "criminal", {}),
    ("handling", "dispute", {"kind": "dispute"}),
    ("handling", "closed", {"measure": "closed"}),
    ("handling", "supervised", {"measure": "supervised"}),
    ("handling", "to_court", {"diverted_to": "court"}),
    ("handling", "to_arbitration", {"diverted_to": "arbitration"}),
    ("handling", "to_reconsideration", {"diverted_to": "reconsideration"}),
)
MONTHLY_ONLY = ("public_order", "criminal")  # kept by whole months
KINDS = ("hotline", "petition", "dispute")
ALWAYS = ("hotline", "petition", "dispute", "closed")  # rows whose zero is a zero from the first record on


@dataclass(frozen=True)
class SourceTable:
    """One source system's own table.

    Lines: category_code, category (the widest categories, the most matters first, the unknown last, and a last line with `is_total`), new,
    previous, year_ago, expected, lower, upper, state, previous_change, year_change (`Comparison`); the selection opens `new`.
    """

    source_system: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class SourcesReport:
    """The overall table and the tables of the sources, for a period.

    `overall` lines: group (initial, spread, intense, handling), name (a word of `names.signal`), new, previous, year_ago, expected, lower,
    upper, state, previous_change, year_change; `new` is None where the data do not carry the row, then `missing` says why. What is taken
    together with January for the year's comparison stands in `year_change` alone.
    """

    period: Period
    previous: Period
    year_ago: Period
    alignment: str
    area_code: str | None
    overall: tuple[Line, ...]
    sources: tuple[SourceTable, ...]
    sentence: Sentence
    is_below_street: bool = False


def sources_report(
    mart: Mart,
    scope: Scope,
    day: date,
    *,
    calendar: WorkCalendar,
    unit: str = "month",
    area_code: str | None = None,
) -> SourcesReport:
    """What every source and every group of signals brought in the period (month) that holds `day`, as of its close."""
    table = _Table(mart, scope, day, calendar, unit, area_code)
    ranges = _ranges_elsewhere(table)
    overall = tuple(_overall(table, ranges))
    sources = tuple(_sources(table, ranges))
    new = sum(one.lines[-1].values["new"] for one in sources)
    outside = [line for line in overall if line.values["state"] == "above"]
    values = {
        "new": new,
        "sources": len(sources),
        "above": len(outside),
        "names": tuple(_name(line) for line in outside),
    }
    return SourcesReport(
        period=table.period,
        previous=table.previous,
        year_ago=table.year.base,
        alignment=table.year.alignment,
        area_code=area_code,
        overall=overall,
        sources=sources,
        sentence=Sentence(f"pathways.sources.{'said_above' if outside else 'said'}", values, table.select({})),
        is_below_street=area_code is not None and queries.names_of(mart).lies_below_street(area_code),
    )


def _name(line: Line) -> Sentence:
    return Sentence(f"names.signal.{line.values['name']}")


class _Table:
    """The periods of one report, cut into spans that do not overlap, and how a row of span counts is judged."""

    def __init__(
        self, mart: Mart, scope: Scope, day: date, calendar: WorkCalendar, unit: str, area_code: str | None
    ) -> None:
        self.mart, self.scope, self.day, self.area_code = mart, scope, day, area_code
        self.calendar, self.unit = calendar, unit
        self.period = periods.period_of(unit, day, as_of=day)
        self.previous = periods.previous(self.period, unit)
        self.year = periods.year_on_year(self.period, unit, lunar_new_year)
        first_on = queries.read_span(mart, scope)["first_on"].iloc[0]
        self.since = None if pd.isna(first_on) else pd.Timestamp(first_on).date()
        self.past = self._past(unit)
        wanted = [self.period, self.previous, self.year.now, self.year.base, *self.past]
        self.cuts = sorted({end for one in wanted for end in (one.first, one.last + ONE_DAY)})
        self.weights = self._weights()

    def _past(self, unit: str) -> list[Period]:
        """Up to twelve like spans before the period, the latest first, none that began before the records did."""
        found, first = [], self.period.first
        while len(found) < PAST_SPANS and self.since is not None:
            own = Period(first, first + timedelta(days=self.period.days - 1), self.period.complete)
            like = periods.previous(own, unit)
            if like.first < self.since:
                break
            found.append(like)
            first = like.first
        return found

    @property
    def plain(self) -> tuple[list[float], float]:
        """The days of the past spans, and of the period, all weighing the same."""
        return [float(one.days) for one in self.past], float(self.period.days)

    def _weights(self) -> tuple[list[float], float]:
        """The weighed days of the past spans, and of the period."""
        if not self.past:
            return self.plain
        first, last = self.past[-1].first, self.period.last
        flows = queries.read_flows(self.mart, self.scope, first, last, area_code=self.area_code)
        days = pd.date_range(first, last)
        counts = (
            flows.assign(day=pd.to_datetime(flows["day"])).groupby("day")["new"].sum()
            if len(flows)
            else pd.Series(dtype=float)
        )
        daily = counts.reindex(days, fill_value=0)
        works = self.calendar.usually_worked(first, len(days))
        before = days < pd.Timestamp(self.period.first)
        rest = expected_months.share_of_rest_days(daily[before], works[before])
        weighed = pd.Series(np.where(works, 1.0, rest), index=days)
        sums = [
            float(weighed[pd.Timestamp(one.first) : pd.Timestamp(one.last)].sum()) for one in (*self.past, self.period)
        ]
        return sums[:-1], sums[-1]

    def select(self, differs: Mapping[str, str]) -> Selection:
        """The matters of the period that differ from all in these: fields of a selection, else properties."""
        own = {
            name: value
            for name, value in differs.items()
            if name in ("measure", "kind", "source_system", "category_code")
        }
        having = {name: value for name, value in differs.items() if name not in own}
        base = Selection("new", self.day, self.period.first, self.period.last, area_code=self.area_code)
        return base.narrowed(**own).also(**having)

    def arranged(self, rows: pd.DataFrame, counts: str) -> np.ndarray:
        """Matters up to the beginning of each span, from rows of `span` and their number."""
        by_span = np.bincount(rows["span"].to_numpy(dtype=int), rows[counts].to_numpy(dtype=float), len(self.cuts) - 1)
        return np.concatenate(([0], np.cumsum(by_span))).astype(np.int64)

    def count(self, summed: np.ndarray, period: Period) -> int:
        """The matters of a period."""
        low, high = bisect_left(self.cuts, period.first), bisect_left(self.cuts, period.last + ONE_DAY)
        return int(summed[high] - summed[low])

    def since_of(self, summed: np.ndarray, *, always: bool = False) -> date | None:
        """From when on a row is on record: the first span that has any, or from the first record where a zero is a zero."""
        if self.since is None or always:
            return self.since
        return max(self.since, self.cuts[int(np.argmax(summed > 0)) - 1]) if summed[-1] else None

    def judged(self, rows: list[tuple[np.ndarray, date | None]], *, plain: bool = False) -> list[dict[str, object]]:
        """Each row: new beside the period before, last year and the range to expect; nothing is compared with days before its own first.

        `plain`: every day weighs the same, worked or not.
        """
        weights, now = self.plain if plain else self.weights
        expected: dict[int, Expected] = {}
        past = [
            [self.count(summed, one) for one in self.past if since and one.first >= since] for summed, since in rows
        ]
        for length in {len(one) for one in past}:
            places = [place for place, one in enumerate(past) if len(one) == length]
            frame = pd.DataFrame({place: past[place] for place in places}, index=range(length))
            expected |= self._expected(frame, weights[:length], now)
        return [self._row(*row, expected.get(place)) for place, row in enumerate(rows)]

    def _row(self, summed: np.ndarray, since: date | None, expected: Expected | None) -> dict[str, object]:
        new, year_now = self.count(summed, self.period), self.count(summed, self.year.now)
        previous, year_ago = (
            self.count(summed, one) if since and one.first >= since else None for one in (self.previous, self.year.base)
        )
        return {
            "new": new,
            "previous": previous,
            "year_ago": year_ago,
            "expected": expected.mean if expected else None,
            "lower": expected.lower if expected else None,
            "upper": expected.upper if expected else None,
            "state": expected.state(new) if expected else "unknown",
            "previous_change": measures.compare(new, previous, kind="previous_period", period=self.previous),
            "year_change": measures.compare(year_now, year_ago, kind="year_on_year", period=self.year.base),
        }

    def _expected(self, past: pd.DataFrame, weights: list[float], now: float) -> dict[int, Expected]:
        try:
            found = expected_months.expect_spans(past, weights, now, interval_pct=INTERVAL_PCT)
        except HistoryTooShort:
            return {}
        days = tuple(one.first for one in self.past[: len(past)])
        return {
            row.Index: Expected(float(row.mean), int(row.lower), int(row.upper), INTERVAL_PCT, "like_months", days)
            for row in found[["mean", "lower", "upper"]].itertuples()
        }


@dataclass(frozen=True)
class _Ranges:
    """What the briefs and trends expect of a whole week or month: of all that is new, of what is closed and of each kind.

    `of` has a range, or None where the history is too short, by `new`, `closed` and kind; it is empty for a part of a period, which is
    compared here as there. `by_day` are the new matters of each by day.
    """

    of: Mapping[str, Expected | None]
    by_day: Mapping[str, pd.Series]

    def put(self, values: dict[str, object], name: str | None) -> dict[str, object]:
        """The values of a row with the range that its count has elsewhere, if it has one."""
        if name not in self.of:
            return values
        expected = self.of[name]
        found = {
            "expected": expected.mean if expected else None,
            "lower": expected.lower if expected else None,
            "upper": expected.upper if expected else None,
            "state": expected.state(values["new"]) if expected else "unknown",
        }
        return values | found


def _ranges_elsewhere(table: _Table) -> _Ranges:
    if not table.period.complete or table.unit not in SEASON:
        return _Ranges({}, {})
    first, last = history_from(table.period.last), table.period.last
    flows = queries.read_flows(table.mart, table.scope, first, last, area_code=table.area_code)
    flows["day"] = pd.to_datetime(flows["day"])
    ask = Question(table.mart, table.scope, table.day, table.area_code, None, table.calendar, BRIEF_RULES)
    share = completeness_of(ask, table.period)
    of, by_day = {}, {}
    for name in ("new", "closed", *KINDS):
        rows = flows[flows["kind"] == name] if name in KINDS else flows
        if rows.empty:
            continue
        counted = rows.groupby("day")["closed" if name == "closed" else "new"].sum().astype("int64")
        by_day[name] = counted.reindex(pd.date_range(counted.index[0], last), fill_value=0)
        of[name] = expect_span(by_day[name], table.unit, last, table.calendar, interval_pct=INTERVAL_PCT)
        if of[name] is not None and share is not None and name != "closed":
            of[name] = measures.thin_expected(of[name], share)
    return _Ranges(of, by_day)


def _overall(table: _Table, ranges: _Ranges) -> list[Line]:
    of_matters = {name: table.select(differs) for _, name, differs in ROWS if differs}
    counted = queries.read_signals(table.mart, table.scope, table.cuts, of_matters, area_code=table.area_code)
    others = queries.read_other_signals(table.mart, table.scope, table.cuts, area_code=table.area_code)
    found = pd.concat([counted, others])
    summed = {name: table.arranged(found[found["name"] == name], "matters") for _, name, _ in ROWS}
    judged = {}
    for names, plain in ((MONTHLY_ONLY, True), ([name for _, name, _ in ROWS if name not in MONTHLY_ONLY], False)):
        rows = [(summed[name], table.since_of(summed[name], always=name in ALWAYS)) for name in names]
        judged |= dict(zip(names, table.judged(rows, plain=plain), strict=True))
    lines = []
    for group, name, _ in ROWS:
        missing = _missing(table, name, summed[name])
        values = (
            ranges.put(judged[name], name) if missing is None else dict.fromkeys(judged[name]) | {"state": "unknown"}
        )
        chosen = None if missing else of_matters.get(name)
        lines.append(Line({"group": group, "name": name, **values, "missing": missing}, chosen))
    return lines


def _missing(table: _Table, name: str, summed: np.ndarray) -> Sentence | None:
    """Why a row cannot be told: kept by whole months, or nothing of the kind on record in all that time."""
    if name in MONTHLY_ONLY and not table.period.complete:
        return Sentence("missing.whole_months")
    return None if summed[-1] else Sentence("missing.no_such_record")


def _sources(table: _Table, ranges: _Ranges) -> list[SourceTable]:
    found = queries.read_by_source(table.mart, table.scope, table.cuts, area_code=table.area_code)
    names = queries.names_of(table.mart).categories
    top = found["category_code"].map(widest_categories(names.reset_index(drop=True))).fillna(found["category_code"])
    found = found.assign(top=top.astype(object).where(top.notna(), None))
    tables = []
    for source, rows in found.groupby("source_system"):
        codes = [None if pd.isna(code) else str(code) for code in rows["top"].unique()]
        whole = table.arranged(rows, "new")
        since = table.since_of(whole)
        parts = [
            table.arranged(rows[rows["top"].isna() if code is None else rows["top"] == code], "new") for code in codes
        ]
        *judged, total = table.judged([(one, since) for one in (*parts, whole)])
        total = ranges.put(total, _same_as(table, whole, ranges))
        lines = [
            _category_line(table, str(source), code, names, values) for code, values in zip(codes, judged, strict=True)
        ]
        lines = [line for line in lines if any(line.values[name] for name in ("new", "previous", "year_ago"))]
        lines.sort(key=_most_first)
        last = {"category_code": None, "category": None, **total, "is_total": True}
        tables.append(SourceTable(str(source), (*lines, Line(last, table.select({"source_system": str(source)})))))
    return tables


def _same_as(table: _Table, summed: np.ndarray, ranges: _Ranges) -> str | None:
    """All new matters, or those of a kind, where one source alone brought them: a number that stands elsewhere too."""
    cuts = pd.DatetimeIndex(table.cuts)
    for name in ("new", *KINDS):
        if name in ranges.by_day:
            by_day = ranges.by_day[name]
            running = np.concatenate(([0], by_day.to_numpy().cumsum()))
            there = running[np.searchsorted(by_day.index, cuts)]
            if np.array_equal(there - there[0], summed):
                return name
    return None


def _category_line(table: _Table, source: str, code: str | None, names: pd.DataFrame, values: dict) -> Line:
    differs = {"source_system": source} | ({"category_code": code} if code else {"own_category": ""})
    category = str(names["name"].get(code, code)) if code else None
    return Line({"category_code": code, "category": category, **values, "is_total": False}, table.select(differs))


def _most_first(line: Line) -> tuple:
    code = line.values["category_code"]
    return (code is None, -line.values["new"], str(code))
