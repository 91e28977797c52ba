"""The work of a week: meetings of three tiers, committees and methods, assessments, projects, receptions; and what the next week holds."""

from datetime import date, timedelta

import pandas as pd

from analytics import measures
from analytics.briefs.answer import Line
from analytics.briefs.weekly_answer import WeekQuestion
from analytics.briefs.weekly_dispatch import text
from analytics.briefs.work import rate_figure
from analytics.figures import Figure, Period, Sentence
from data import queries

TIER_LEVELS = dict(zip(queries.TIERS, ("1", "2", "3"), strict=True))
_TALLIES = ("closed", "settled", "concluded")


def tiers(ask: WeekQuestion, ways: pd.DataFrame, standing: pd.DataFrame) -> tuple[Line, ...]:
    """The three tiers of meetings: held in the week with their items, and the matters that were closed at each or stand there.

    Matters whose tier no source wrote down are counted at none.
    """
    found = queries.read_meetings(ask.mart, ask.scope, ask.week.first, ask.week.last, area_code=ask.area_code)
    held = found.set_index("kind")
    closed = ways.groupby("meeting_level")[list(_TALLIES)].sum()
    waiting = standing.groupby("meeting_level")["open"].sum()
    lines = []
    for kind, level in TIER_LEVELS.items():
        row = held.loc[kind] if kind in held.index else dict.fromkeys(("meetings", "items", "decided", "done"), 0)
        counts = closed.loc[level] if level in closed.index else dict.fromkeys(_TALLIES, 0)
        values = {
            "tier": kind,
            "level": level,
            **{name: int(row[name]) for name in ("meetings", "items", "decided", "done")},
            **_tallies(counts),
            "open": int(waiting.get(level, 0)),
        }
        lines.append(Line(values, _closed(ask).also(meeting_level=level)))
    return tuple(lines)


def _closed(ask: WeekQuestion) -> queries.Selection:
    return ask.select("closed", ask.week.first, ask.week.last)


def _tallies(counts: object) -> dict[str, object]:
    """Closed, with an outcome recorded, settled, and the share settled of those with an outcome; None without any."""
    closed, settled, concluded = (int(counts[name]) for name in _TALLIES)
    return {
        "closed": closed,
        "concluded": concluded,
        "settled": settled,
        "settled_pct": measures.rate(settled, concluded),
    }


def stepped_up(ask: WeekQuestion, lines: tuple[Line, ...]) -> Figure:
    """Of the matters closed in the week after a meeting, those that went beyond the first tier."""
    whole = sum(line.values["closed"] for line in lines)
    beyond = sum(line.values["closed"] for line in lines if line.values["level"] != "1")
    return rate_figure(ask, "met", beyond, whole, ask.week, ask.select("met", ask.week.first, ask.week.last))


def committees(ask: WeekQuestion, ways: pd.DataFrame, standing: pd.DataFrame) -> tuple[Line, ...]:
    """Specialised committees with a matter open at the end or closed in the week, the fullest first; load, not merit."""
    closed = ways.groupby("committee_code")[list(_TALLIES)].sum()
    waiting = standing.groupby("committee_code")["open"].sum().rename("open")
    both = closed.join(waiting, how="outer").fillna(0).astype(int).sort_values("open", ascending=False, kind="stable")
    names = queries.names_of(ask.mart).by_code["unit"]
    return tuple(
        Line(
            {"committee_code": code, "committee": names.get(code, code), "open": int(row["open"]), **_tallies(row)},
            ask.select("open").also(committee_code=code),
        )
        for code, row in zip(both.index, both.to_dict("records"), strict=True)
    )


def methods(ask: WeekQuestion, ways: pd.DataFrame) -> tuple[Line, ...]:
    """Ways of resolution of the matters closed in the week, by the four-way roll-up and within it (DOMAIN 3.5)."""
    known = ways[ways["resolution_method"].notna()]
    summed = known.groupby(["resolution_group", "resolution_method"])[list(_TALLIES)].sum().reset_index()
    whole = summed.groupby("resolution_group")["closed"].transform("sum")
    summed = summed.assign(whole=whole).sort_values(
        ["whole", "resolution_group", "closed"], ascending=[False, True, False], kind="stable"
    )
    return tuple(
        Line(
            {
                "resolution_group": row["resolution_group"],
                "resolution_method": row["resolution_method"],
                "group_closed": int(row["whole"]),
                **_tallies(row),
            },
            _closed(ask).also(resolution_method=row["resolution_method"]),
        )
        for row in summed.to_dict("records")
    )


def settlement(ask: WeekQuestion, ways: pd.DataFrame) -> tuple[Figure, ...]:
    """How many of the matters concluded in the week were settled, and how many of the agreements due in it were fulfilled."""
    concluded, settled = int(ways["concluded"].sum()), int(ways["settled"].sum())
    chosen = ask.select("concluded", ask.week.first, ask.week.last)
    due = chosen.narrowed(measure="agreement_due")
    reach = queries.read_reach(ask.mart, ask.scope, ask.area_code)
    whole, met = queries.read_among(ask.mart, due, (due.narrowed(measure="agreement_due_met"),), reach)
    return (
        rate_figure(ask, "concluded", settled, concluded, ask.week, chosen),
        rate_figure(ask, "agreement_due", met, whole, ask.week, due),
    )


def assessments(ask: WeekQuestion) -> tuple[Line, ...]:
    """Stability assessments not decided yet: four scores, their sum, the risk and how long they have stood, the riskiest first."""
    found = queries.read_assessments(ask.mart, ask.scope, ask.day, area_code=ask.area_code)
    lines = []
    for row in found.to_dict("records"):
        scores = {name: _whole(row[name]) for name in ("legality", "reasonableness", "feasibility", "controllability")}
        total = None if None in scores.values() else sum(scores.values())
        risk = text(row["risk_code"]) or _risk(ask, total)
        days = (ask.day - pd.Timestamp(row["assessed_on"]).date()).days
        lines.append(Line({**_placed(row), **scores, "total": total, "risk": risk, "days": days}))
    order = {"high": 0, "medium": 1, "low": 2}
    return tuple(sorted(lines, key=lambda line: (order.get(line.values["risk"], 3), -line.values["days"])))


def _risk(ask: WeekQuestion, total: int | None) -> str | None:
    if total is None:
        return None
    if total <= ask.own.high_total:
        return "high"
    return "medium" if total <= ask.own.medium_total else "low"


def projects(ask: WeekQuestion) -> tuple[Line, ...]:
    """Livelihood projects under way: progress against the time that has passed; those late and behind first."""
    found = queries.read_projects(ask.mart, ask.scope, ask.day, area_code=ask.area_code)
    lines = []
    for row in found.to_dict("records"):
        starts, due = (
            None if pd.isna(row[name]) else pd.Timestamp(row[name]).date() for name in ("starts_on", "due_on")
        )
        progress = _whole(row["progress_pct"])
        elapsed = None
        if due is not None and due > starts:
            elapsed = min(100.0, 100 * (ask.day - starts).days / (due - starts).days)
        values = {
            "name": text(row["name"]),
            **_placed(row),
            "stage": text(row["stage_code"]),
            "progress_pct": progress,
            "elapsed_pct": elapsed,
            "due_on": due,
            "days_left": None if due is None else (due - ask.day).days,
            "pace": _pace(ask, due, progress, elapsed),
        }
        lines.append(Line(values))
    order = ("late", "behind", "on_track", "unknown")
    return tuple(sorted(lines, key=lambda line: (order.index(line.values["pace"]), line.values["due_on"] or date.max)))


def _pace(ask: WeekQuestion, due: date | None, progress: int | None, elapsed: float | None) -> str:
    if due is not None and due < ask.day:
        return "late"
    if progress is None or elapsed is None:
        return "unknown"
    return "behind" if progress < elapsed - ask.own.behind_points else "on_track"


def _placed(row: dict) -> dict[str, object]:
    return {"area": text(row["area"]), "street": text(row["street"]), "unit": text(row["unit"])}


def receptions(ask: WeekQuestion) -> tuple[tuple[Line, ...], Figure]:
    """Leaders' receptions of the week by kind, and how many of those planned were held (接访计划完成率)."""
    found = queries.read_reception_counts(ask.mart, ask.scope, ask.week.first, ask.week.last, area_code=ask.area_code)
    names = ("planned", "kept", "held", "batches", "issues", "solved")
    lines = tuple(
        Line({"reception_kind": text(row["kind"]), **{name: int(row[name]) for name in names}})
        for row in found.to_dict("records")
    )
    planned, kept = int(found["planned"].sum()), int(found["kept"].sum())
    figure = Figure(
        name="reception_plan",
        value=measures.rate(kept, planned),
        unit="pct",
        period=ask.week,
        as_of=ask.day,
        numerator=kept,
        denominator=planned,
        missing=None if planned else Sentence("missing.no_receptions"),
    )
    return lines, figure


# --- next week ----------------------------------------------------------------------------------------------------------------


def days_ahead(ask: WeekQuestion) -> Period:
    """From the day after the brief's to the Sunday of the next ISO week."""
    next_monday = ask.week.first + timedelta(weeks=1)
    return Period(ask.day + timedelta(days=1), next_monday + timedelta(days=6))


def ahead(ask: WeekQuestion, *, deadlines_known: bool) -> tuple[Line, ...]:
    """Each day ahead: working or not, the deadlines that fall due on it, receptions planned, events that begin (on the first, also those under way)."""
    span = days_ahead(ask)
    due = queries.read_due_by_day(ask.mart, ask.scope, ask.day, span.first, span.last, **ask.where)
    falling = {pd.Timestamp(row.day).date(): int(row.matters) for row in due.itertuples()}
    plan = queries.read_reception_plan(ask.mart, ask.scope, span.first, span.last, area_code=ask.area_code)
    planned = {pd.Timestamp(on).date(): int(count) for on, count in plan.groupby("day")["receptions"].sum().items()}
    events = queries.read_events(ask.mart, ask.scope, span.first, span.last, area_code=ask.area_code)
    lines = []
    for place in range(span.days):
        on = span.first + timedelta(days=place)
        known = ask.calendar.covers(on)
        values = {
            "day": on,
            "day_kind": ask.calendar.day_kind(on) if known else None,
            "festival": ask.calendar.day_name(on) if known else None,
            "due": falling.get(on, 0) if deadlines_known else None,
            "receptions": planned.get(on, 0),
            "events": tuple(_event(row) for row in events.itertuples() if _begins(row, span) == on),
        }
        lines.append(Line(values, ask.select("due", on, on) if deadlines_known else None))
    return tuple(lines)


def _begins(row: object, span: Period) -> date:
    """The first of these days that an event touches; one under way is met on the first."""
    return max(pd.Timestamp(row.starts_on).date(), span.first)


def _event(row: object) -> Sentence:
    return Sentence("brief.tomorrow.event", {"name": row.name, "area": text(row.area) or Sentence("brief.whole_city")})


def said_ahead(ask: WeekQuestion, lines: tuple[Line, ...]) -> tuple[Sentence, ...]:
    """The days ahead in a few sentences: deadlines and their fullest day, what is no ordinary day, receptions."""
    span = days_ahead(ask)
    said = []
    due = [line for line in lines if line.values["due"]]
    if due:
        fullest = max(due, key=lambda line: line.values["due"])
        values = {
            "count": sum(line.values["due"] for line in due),
            "day": fullest.values["day"],
            "most": fullest.values["due"],
        }
        said.append(
            Sentence("brief.week.ahead_due", {**values, **_span(span)}, ask.select("due", span.first, span.last))
        )
    for line in lines:
        kind, on = line.values["day_kind"], line.values["day"]
        if kind in ("holiday", "makeup"):
            name = Sentence(f"names.festival.{line.values['festival']}") if line.values["festival"] else None
            said.append(Sentence(f"brief.week.ahead_{kind}", {"day": on, "name": name or ""}))
    unknown = [line.values["day"] for line in lines if line.values["day_kind"] is None]
    if unknown:
        said.append(Sentence("brief.week.ahead_no_calendar", {"year": unknown[0].year}))
    planned = sum(line.values["receptions"] for line in lines)
    if planned:
        said.append(Sentence("brief.week.ahead_receptions", {"count": planned}))
    return tuple(said)


def _span(span: Period) -> dict[str, date]:
    return {"first": span.first, "last": span.last}


def _whole(value: object) -> int | None:
    return None if value is None or pd.isna(value) else int(value)
