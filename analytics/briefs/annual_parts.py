"""The parts of the annual report: counts of two years side by side, and what was done with the matters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from analytics import measures, periods
from analytics.briefs.answer import Line, Question
from analytics.briefs.counts import what_is_missing
from analytics.briefs.work import rate_figure
from analytics.figures import Comparison, Figure, Period, Sentence
from analytics.pathways import PolicyEffects
from data import queries
from data.categories import widest_categories
from data.queries import Selection

STEPS = ("routed", "supervised", "closed")
NOTHING = dict.fromkeys(STEPS, 0)
LONGEST_BESIDE = 300  # characters of area codes in one link


@dataclass(frozen=True)
class Year:
    """The question with the two spans it compares, and what is read of them once."""

    ask: Question
    period: Period
    before: Period
    areas: pd.DataFrame

    @cached_property
    def first_on(self) -> date | None:
        """The first day on record for this scope."""
        first = queries.read_span(self.ask.mart, self.ask.scope)["first_on"].iloc[0]
        return None if pd.isna(first) else pd.Timestamp(first).date()

    def is_on_record(self, period: Period) -> bool:
        """Whether the records reach back to the first day of a period."""
        return self.first_on is not None and period.first >= self.first_on

    @property
    def spans(self) -> tuple[tuple[date, date], tuple[date, date]]:
        return (self.period.first, self.period.last), (self.before.first, self.before.last)

    @cached_property
    def counted(self) -> pd.DataFrame:
        return queries.read_year(self.ask.mart, self.ask.scope, self.spans, **self.ask.where)

    @cached_property
    def sums(self) -> pd.DataFrame:
        found = queries.read_year_sums(self.ask.mart, self.ask.scope, self.spans, **self.ask.where)
        return found.set_index("span").reindex([0, 1])

    @cached_property
    def work(self) -> pd.DataFrame:
        """Steps by unit, with the unit's name and functional line."""
        span = self.period.first, self.period.last
        found = queries.read_year_work(self.ask.mart, self.ask.scope, *span, **self.ask.where)
        return self.with_units(found)

    def with_units(self, rows: pd.DataFrame) -> pd.DataFrame:
        units = queries.names_of(self.ask.mart).units
        return rows.assign(
            unit=rows["org_id"].map(units["name"]),
            line=_blank_to_none(rows["org_id"].map(units["functional_line"])),
            org_id=_blank_to_none(rows["org_id"]),
        )

    def of(self, dimension: str, column: str | None = None) -> pd.DataFrame:
        """The rows of one dimension with a column `code`."""
        rows = self.counted[self.counted["dimension"] == dimension]
        return rows.assign(code=_blank_to_none(rows[column or dimension]))

    def select(self, measure: str = "new", **narrower: object) -> Selection:
        """The matters of the year."""
        return self.ask.select(measure, self.period.first, self.period.last, **narrower)

    def compared(self, value: float | None, base: float | None, *, in_points: bool = False) -> tuple[Comparison, ...]:
        """Against the same span of the year before, where the records reach back to it."""
        if value is None or base is None or not self.is_on_record(self.before):
            return ()
        return (measures.compare(value, base, kind="year_on_year", period=self.before, in_points=in_points),)


def _blank_to_none(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), None)


# --- item 1: statistics, fields, organs --------------------------------------------------------------------------------------


def received(year: Year) -> tuple[Figure, ...]:
    """Matters, pieces, batches and person-times kept apart; repeat, collective, grown out of a dispute."""
    having = {
        "repeated": {"is_repeat": "1"},
        "collective": {"is_collective": "1"},
        "grown": {"is_escalated": "1"},
        **{name: {f"has_{name}": "1"} for name in ("filings", "batches", "person_times")},
    }
    names = {
        "matters": "year_matters",
        "repeated": "year_repeated",
        "collective": "year_collective",
        "grown": "year_grown",
    }
    figures = []
    for name in ("matters", "filings", "batches", "person_times", "repeated", "collective", "grown"):
        now, base = (None if pd.isna(year.sums[name][span]) else int(year.sums[name][span]) for span in (0, 1))
        absent = now is None and name in ("filings", "batches", "person_times")
        figures.append(
            Figure(
                names.get(name, f"year_{name}"),
                None if absent else now or 0,
                {"filings": "pieces", "batches": "batches", "person_times": "person_times"}.get(name, "matters"),
                year.period,
                year.ask.day,
                comparisons=year.compared(now or 0, base or 0) if not absent else (),
                missing=Sentence("missing.no_such_record") if absent else None,
                selection=year.select().also(**having.get(name, {})),
            )
        )
    return tuple(figures)


def months(year: Year) -> tuple[Line, ...]:
    """Each month of the year up to the last day counted, beside the same month of the year before."""
    counts = _two(year, year.of("month"))
    lines = []
    for one in periods.periods_between("month", year.period.first, year.period.last):
        now, base = counts.get(one.first.month, (0, 0))
        values = {"month": one.first, "new": now, "before": base if year.is_on_record(year.before) else None}
        lines.append(Line(values, year.select().narrowed(first=one.first, last=one.last)))
    return tuple(lines)


def by_property(year: Year, name: str) -> tuple[Line, ...]:
    """The matters by a property such as form or purpose, the most frequent first, not recorded last."""
    return _lines(
        year, _two(year, year.of(name)), lambda code: ({"code": code}, year.select().also(**{name: code or ""}))
    )


def fields(year: Year) -> tuple[Line, ...]:
    """What the matters are about: the widest categories, the most frequent first."""
    names = queries.names_of(year.ask.mart)
    rows = year.of("category_code")
    widest = widest_categories(names.categories.reset_index(drop=True))
    hidden = set(names.sensitive) if _lies_low(year) else set()
    code = rows["code"].map(lambda one: None if one is None or one in hidden else widest.get(one, one))
    plain = not (rows["code"].isin(hidden)).any()

    def described(code: str | None) -> tuple[dict, Selection | None]:
        if code is None:
            chosen = year.select().also(own_category="") if plain else None
            return {"category_code": None, "category": None}, chosen
        chosen = None if hidden & set(_below(names, code)) else year.select(category_code=code)
        return {"category_code": code, "category": str(names.categories["name"].get(code, code))}, chosen

    return _lines(year, _two(year, rows.assign(code=_blank_to_none(code))), described)


def _below(names: queries.Names, code: str) -> list[str]:
    parents = names.categories["parent_code"]
    return [code, *parents.index[parents == code]]


def _lies_low(year: Year) -> bool:
    """Whether scope or area lie below a street, where no sensitive category is said."""
    names = queries.names_of(year.ask.mart)
    roots = (*(year.ask.scope.areas or ()), *([year.ask.area_code] if year.ask.area_code else ()))
    return any(names.lies_below_street(root) for root in roots)


def regions(year: Year) -> tuple[Line, ...]:
    """The areas right below the chosen one in the order of the tree, with matters per 10,000 households; elsewhere last."""
    tree, names = year.areas, queries.names_of(year.ask.mart)
    parent = year.ask.area_code
    top = tree["depth"].min() if len(tree) else 0
    if parent:
        children = tree[tree["parent_code"] == parent]
    elif year.ask.scope.sees_all:
        children = tree[tree["depth"] == 1]
    else:
        children = tree[tree["depth"] == top]
    rows = year.of("area_pos")
    position = rows["area_pos"].astype("float64")
    lines, left = [], pd.Series(True, index=rows.index)
    for child in children.itertuples():
        own = position.between(child.pos, child.last_pos)
        left &= ~own
        now, base = (int(rows.loc[own & (rows["span"] == span), "new"].sum()) for span in (0, 1))
        values = {
            "area_code": child.area_code,
            "area": str(child.name) if isinstance(child.name, str) else str(child.area_code),
            "is_below_street": names.lies_below_street(child.area_code),
            **_pair(year, now, base),
            "per_10k": float(10_000 * now / child.households)
            if pd.notna(child.households) and child.households
            else None,
        }
        lines.append(Line(values, year.select(area_code=child.area_code)))
    now, base = (int(rows.loc[left & (rows["span"] == span), "new"].sum()) for span in (0, 1))
    if now or base:
        rest = {"area_code": None, "area": None, "is_below_street": False, **_pair(year, now, base), "per_10k": None}
        beside = queries.BESIDE.join(children["area_code"])
        lines.append(Line(rest, year.select().also(beside_area=beside) if len(beside) <= LONGEST_BESIDE else None))
    return tuple(_with_shares(lines))


def functional_lines(year: Year) -> tuple[Line, ...]:
    """The functional lines of the responsible units by name: matters received, and what was done; workload, in no order of number."""
    rows = year.with_units(year.of("org_id"))
    done = _steps(year.work, "line")
    lines = []
    for line in _in_order({*rows["line"], *done}):
        own = rows[_is(rows["line"], line)]
        now, base = (int(own.loc[own["span"] == span, "new"].sum()) for span in (0, 1))
        chosen = year.select().also(line=line) if line else None
        lines.append(Line({"line": line, **_pair(year, now, base), **done.get(line, NOTHING)}, chosen))
    return tuple(_with_shares(lines))


def units(year: Year) -> tuple[Line, ...]:
    """The responsible units with matters enough to be named, by line and name; the others of a line together."""
    rows = year.with_units(year.of("org_id"))
    rows, done = rows[rows["span"] == 0], _steps(year.work, "org_id")
    small = rows["new"] < year.ask.rules.minimum_denominator
    few = set(rows.loc[small, "org_id"])
    named = set(rows["org_id"]) - few
    lines = []
    for line in _in_order(set(rows["line"])):
        own = rows[_is(rows["line"], line)]
        for row in own[own["org_id"].isin(named)].sort_values(["unit", "org_id"]).itertuples():
            values = {"line": line, "org_id": row.org_id, "unit": row.unit, "new": int(row.new), "units": 1}
            lines.append(Line({**values, **done.get(row.org_id, NOTHING)}, year.select(org_id=row.org_id or "")))
        rest = own[own["org_id"].isin(few)]
        if len(rest):
            of_rest = [done.get(one, NOTHING) for one in rest["org_id"]]
            steps = {step: sum(one[step] for one in of_rest) for step in STEPS}
            values = {"line": line, "org_id": None, "unit": None, "new": int(rest["new"].sum()), "units": len(rest)}
            lines.append(Line({**values, **steps}))
    return tuple(lines)


def _in_order(codes: set[str | None]) -> list[str | None]:
    return [*sorted(code for code in codes if code is not None), *([None] if None in codes else [])]


def _is(values: pd.Series, one: object) -> pd.Series:
    return values.isna() if one is None else values == one


def _steps(rows: pd.DataFrame, column: str) -> dict[str | None, dict[str, int]]:
    """For each code of a column how many matters took each step."""
    found: dict[str | None, dict[str, int]] = {}
    for code, step, matters in zip(rows[column], rows["step"], rows["matters"], strict=True):
        found.setdefault(code, dict(NOTHING))[step] += int(matters)
    return found


def _two(year: Year, rows: pd.DataFrame) -> dict[object, tuple[int, int]]:
    """This year's and last year's count of each code."""
    counts: dict[object, list[int]] = {}
    for code, span, new in zip(rows["code"], rows["span"], rows["new"], strict=True):
        counts.setdefault(code, [0, 0])[int(span)] += int(new)
    return {code: (now, base) for code, (now, base) in counts.items()}


def _pair(year: Year, now: int, base: int) -> dict[str, object]:
    found = year.compared(now, base)
    return {"new": now, "before": base if found else None, "change": found[0] if found else None}


def _lines(
    year: Year, counts: dict[object, tuple[int, int]], described: Callable[[object], tuple[dict, Selection | None]]
) -> tuple[Line, ...]:
    lines = []
    for code, (now, base) in sorted(counts.items(), key=lambda item: (item[0] is None, -item[1][0], str(item[0]))):
        values, chosen = described(code)
        lines.append(Line({**values, **_pair(year, now, base)}, chosen))
    return tuple(_with_shares(lines))


def _with_shares(lines: list[Line]) -> list[Line]:
    whole = sum(line.values["new"] for line in lines)
    return [
        Line({**line.values, "share_pct": measures.rate(line.values["new"], whole)}, line.selection) for line in lines
    ]


# --- item 2: forwarding, assigning, supervising ------------------------------------------------------------------------------


def handling(year: Year) -> tuple[Figure, ...]:
    """What was done in the year, and what stood at its close; None where the source does not give the times for it."""
    ask = year.ask
    by_unit = queries.read_open_by_unit(ask.mart, ask.scope, ask.day, ask.rules.soon_days, **ask.where)
    times, deadlines = what_is_missing(ask, int(by_unit["open"].sum()), int(by_unit["undated"].sum()))
    done = year.work.groupby("step")["matters"].sum()
    before = queries.read_year_steps(ask.mart, ask.scope, year.before.first, year.before.last, **ask.where)
    figures = []
    for step in STEPS:
        why = times if step == "closed" else None
        value = int(done.get(step, 0))
        figures.append(
            ask.figure(
                step,
                None if why else value,
                step,
                period=year.period,
                missing=why,
                comparisons=() if why else year.compared(value, before[step]),
            )
        )
    for name, why in (("open", times), ("overdue", deadlines or times)):
        figures.append(ask.figure(name, None if why else int(by_unit[name].sum()), name, missing=why))
    return tuple(figures)


def rates(year: Year) -> tuple[Figure, ...]:
    """The rates of the year with their intervals, compared in points with the year before."""
    ask = year.ask
    reach = queries.read_reach(ask.mart, ask.scope, ask.area_code)
    figures = []
    for group in (("accepted_in_time",), ("on_time",), ("answered", "satisfied", "solved")):
        now, base = _counted(ask, group, (year.period, year.before), reach)
        for name in group:
            figure = rate_figure(ask, name, *now[name], year.period, year.select(name))
            earlier = rate_figure(ask, name, *base[name], year.before, year.select(name)).value
            more = year.compared(figure.value, earlier, in_points=True)
            figures.append(Figure(**{**figure.__dict__, "comparisons": more}))
    return tuple(figures)


def _counted(
    ask: Question, group: tuple[str, ...], spans: tuple[Period, Period], reach: queries.Reach
) -> list[dict[str, tuple[int, int]]]:
    """Numerator and denominator of rates over one cohort in two spans, the later one first, counted in one pass."""
    around = ask.select(group[0], spans[1].first, spans[0].last)
    wholes = [ask.select(name, span.first, span.last, as_of=span.last) for span in spans for name in group]
    parts = [one.narrowed(measure=f"{one.measure}_met") for one in wholes]  # each as known at the close of its own span
    found = queries.read_among(ask.mart, around, (*wholes, *parts), reach)[1:]
    pairs = [(found[len(wholes) + place], found[place]) for place in range(len(wholes))]
    return [dict(zip(group, pairs[n * len(group) :], strict=False)) for n in range(len(spans))]


# --- item 3: suggestions ----------------------------------------------------------------------------------------------------------


def suggestions(year: Year, policy: PolicyEffects) -> tuple[Figure, ...]:
    """Suggestions made, adopted and put in force in the year, whenever they were made."""
    figures = []
    for name in ("suggested", "adopted", "effective"):
        days = [getattr(one, f"{name}_on") for one in policy.effects]
        now, base = (
            sum(day is not None and span.first <= day <= span.last for day in days)
            for span in (year.period, year.before)
        )
        more = year.compared(now, base)
        figures.append(Figure(f"year_{name}", now, "actions", year.period, year.ask.day, comparisons=more))
    return tuple(figures)
