"""Beside the people's words: what recurs in one place, topics, compounds, public safety, inspections, and what comes next."""

from datetime import date

import pandas as pd

from analytics import measures
from analytics.briefs.answer import Line
from analytics.briefs.monthly_answer import Month
from analytics.briefs.monthly_counts import Counted, like_spans
from analytics.figures import Comparison, Period
from data import queries


def recurring(month: Month) -> tuple[tuple[Line, ...], int]:
    """Matters of one fine type in one community, again and again, the most first, and in how many cases; never by person.

    A line counts the month, the month before and the one before that (whole months, the last one as far as it goes).
    """
    rules = month.rules
    spans = _whole_months(month, rules.recurring_months)
    wanted = tuple((one.first, one.last) for one in spans)
    cells = queries.read_recurring(month.ask.mart, month.ask.scope, wanted, rules.recurring_least, **month.here)
    counted = [f"n{number}" for number in range(len(spans))]
    cells[counted] = cells[counted].astype("int64")
    cells["months"] = (cells[counted] >= rules.recurring_least).sum(axis=1)
    found = cells[cells["months"] >= rules.recurring_of].sort_values(
        ["n0", "months", "community_code", "category_code"], ascending=[False, False, True, True]
    )
    listed = found.head(rules.listed)
    return tuple(_recurring_line(month, row, len(spans)) for row in listed.itertuples()), len(found)


def _whole_months(month: Month, count: int) -> tuple[Period, ...]:
    """The month as far as it goes, and the whole months before it, the latest first."""
    earlier = [Period(one.first, _end_of(one.first)) for one in like_spans(month, count)[:-1]]
    return (month.period, *earlier[::-1])


def _end_of(first: date) -> date:
    return (pd.Timestamp(first) + pd.offsets.MonthEnd(1)).date()


def _recurring_line(month: Month, row: object, months: int) -> Line:
    area, code = month.names.area(row.community_code), row.category_code
    chosen = month.now(area_code=row.community_code)
    chosen = chosen.narrowed(category_code=code) if code in month.fine else chosen.also(own_category=code)
    street = None if area is None else month.names.area(area["street_code"])
    values = {
        "area_code": row.community_code,
        "area": row.community_code if area is None else str(area["name"]),
        "street": None if street is None else str(street["name"]),
        "category_code": code,
        "category": month.names.by_code["category"].get(code, code),
        "now": row.n0,
        "before": row.n1 if months > 1 else None,
        "before_that": row.n2 if months > 2 else None,
        "months": int(row.months),
    }
    return Line(values, chosen)


def topics(month: Month) -> tuple[Line, ...]:
    """Topic tags of the month and the span before, the most frequent first; a matter with two tags counts for both."""
    rows = queries.read_topics(month.ask.mart, month.ask.scope, month.spans, **month.here)
    counted = {(row["topic_code"], row["span"]): row["new"] for row in rows.to_dict("records")}
    names, lines = dict(zip(rows["topic_code"], rows["topic"], strict=True)), []
    for code, name in names.items():
        now, before = (counted.get((code, span), 0) for span in (0, 1))
        values = {
            "topic_code": code,
            "topic": name if isinstance(name, str) else code,
            "now": now,
            "before": before,
        }
        values["previous"] = _previous(month, now, before)
        lines.append(Line(values, month.now().also(topic=code)))
    return tuple(sorted(lines, key=lambda line: (-line.values["now"], line.values["topic_code"])))


def _previous(month: Month, now: float, before: float, *, in_points: bool = False) -> Comparison | None:
    if not month.is_on_record(month.before):
        return None
    return measures.compare(now, before, kind=month.previous_kind, period=month.before, in_points=in_points)


def compounds(month: Month, counted: Counted) -> tuple[Line, ...]:
    """New matters by residential compound, the most first: where to look, never a judgement."""
    tree = month.names.areas
    levels, table = tree["level_code"].to_numpy(), counted.area_counts
    mine = [position for position in table.columns if position != "" and levels[int(position)] == "compound"]
    order = table[sorted(mine, key=int)].iloc[-1].sort_values(ascending=False, kind="stable")
    lines = []
    for position, now in order[order > 0].head(month.rules.listed).items():
        area = tree.iloc[int(position)]
        street = month.names.area(area["street_code"]) if isinstance(area["street_code"], str) else None
        values = {
            "area_code": str(area["area_code"]), "area": str(area["name"]), "street": None if street is None else str(street["name"]),
            "now": int(now), "before": int(table[position].iloc[-2]),
        }  # fmt: skip
        lines.append(Line(values, month.now(area_code=str(area["area_code"]))))
    return tuple(lines)


def safety(month: Month) -> tuple[Line, ...]:
    """Public-safety incidents by kind: the month, the one before, the same month a year ago; None for a month not reported."""
    first = month.period.first
    last_year = first.replace(year=first.year - 1)
    rows = queries.read_safety(
        month.ask.mart, month.ask.scope, (first, month.before.first, last_year), area_code=month.ask.area_code
    )
    rows["month"] = pd.to_datetime(rows["month"]).dt.date
    lines = []
    for kind, mine in rows.groupby("kind", sort=True):
        by_month = dict(zip(mine["month"], mine["incidents"].astype(int), strict=True))
        now, before, year_ago = (by_month.get(day) for day in (first, month.before.first, last_year))
        whole = Period(month.before.first, _end_of(month.before.first))
        values = {"safety_kind": str(kind), "now": now, "before": before, "year_ago": year_ago}
        values["previous"] = measures.compare(now, before, kind="previous_month", period=whole)
        lines.append(Line(values))
    return tuple(lines)


def inspections(month: Month) -> tuple[Line, ...]:
    """The four inspections: rounds, problems found, put right, and the share put right, against the span before in points."""
    rows = queries.read_inspections(month.ask.mart, month.ask.scope, month.spans, area_code=month.ask.area_code)
    names = ["rounds", "found", "rectified"]
    rows[names] = rows[names].fillna(0)
    counted = {(row["field_code"], row["span"]): row for row in rows.to_dict("records")}
    nothing, lines = dict.fromkeys(names, 0), []
    for field in rows["field_code"].dropna().unique():
        now, before = (counted.get((field, span), nothing) for span in (0, 1))
        share, share_before = (measures.rate(one["rectified"], one["found"]) for one in (now, before))
        values = {
            "field_code": field, "rounds": now["rounds"], "found": now["found"], "rectified": now["rectified"],
            "rectified_pct": share, "before_found": before["found"], "before_pct": share_before,
            "previous": _previous(month, share, share_before, in_points=True),
        }  # fmt: skip
        lines.append(Line(values))
    return tuple(lines)
