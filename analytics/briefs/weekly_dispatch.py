"""The dispatch table of major matters, what became of last week's, and the ladder of overdue matters."""

from datetime import date, timedelta

import pandas as pd

from analytics.briefs.answer import Line
from analytics.briefs.weekly_answer import WeekQuestion
from analytics.figures import Figure, Period
from data import queries
from data.queries import Selection


def dispatch_figures(ask: WeekQuestion, found: pd.DataFrame) -> tuple[Figure, ...]:
    """How many matters stand on the table, how many of them have a step overdue, and how many have one due within the next days."""
    now = found[found["on_now"]]
    soon = Period(ask.day, ask.day + timedelta(days=ask.own.soon_days))
    late = now["is_overdue"]
    counts = {
        "dispatch": (len(now), ask.today),
        "dispatch_overdue": (int(late.sum()), ask.today),
        "dispatch_due": (int(_falls_due(now, soon).sum()), soon),
    }
    return tuple(ask.figure(name, count, name, period=span) for name, (count, span) in counts.items())


def _falls_due(now: pd.DataFrame, soon: Period) -> pd.Series:
    """No step is overdue, and one falls due in the period: then it is the first of them."""
    first = pd.to_datetime(now["next_on"])
    return ~now["is_overdue"].astype(bool) & first.between(pd.Timestamp(soon.first), pd.Timestamp(soon.last))


def dispatch_lines(ask: WeekQuestion, found: pd.DataFrame, cases: pd.DataFrame) -> tuple[Line, ...]:
    """The table itself: matters and the leader-assigned cases that stand for no single one, overdue first, then by days left.

    Progress, post level and next step are those of the leader-assigned case of a matter.
    """
    shown = found[found["on_now"] & found["may_list"]].head(ask.own.listed)
    of_matter = _by_matter(cases, ask.day)
    lines = [_matter_line(ask, row, of_matter.get(row["matter_no"])) for row in shown.to_dict("records")]
    lines += [_case_line(ask, row) for row in _without_matter(ask, cases, ask.day)]
    return tuple(sorted(lines, key=_urgency)[: ask.own.listed])


def _by_matter(cases: pd.DataFrame, as_of: date) -> dict[str, dict]:
    """The case of each matter: the one that is open and was taken on last."""
    known = cases[cases["matter_no"].notna() & _open_on(cases, as_of)].sort_values(["opened_on", "case_id"])
    return {row["matter_no"]: row for row in known.to_dict("records")}


def _open_on(cases: pd.DataFrame, as_of: date) -> pd.Series:
    day = pd.Timestamp(as_of)
    closed = pd.to_datetime(cases["closed_on"])
    return (pd.to_datetime(cases["opened_on"]) <= day) & (closed.isna() | (closed > day))


def _without_matter(ask: WeekQuestion, cases: pd.DataFrame, as_of: date) -> list[dict]:
    """Cases of a place and a subject; they have no kind, so they are left out where one is chosen."""
    if ask.kind is not None:
        return []
    return cases[cases["matter_no"].isna() & _open_on(cases, as_of)].to_dict("records")


def _matter_line(ask: WeekQuestion, row: dict, case: dict | None) -> Line:
    due = {step: _day(row[f"{step}_on"]) for step in (*queries.STEPS, "case")}
    first = _day(row["next_on"])
    case = case or {}
    values = {
        "matter_no": row["matter_no"],
        "kind": row["kind"],
        "reasons": tuple(name for name in queries.REASONS if row[name]),
        **_where(row),
        "post_level": text(case.get("post_level")) or text(row["leader_case_post"]),
        **_whose(ask, row),
        "age_days": (ask.day - _day(row["registered_on"])).days,
        "people": _whole(row["people_involved"]),
        "progress_pct": _whole(case.get("progress_pct")),
        "reported_on": _day(case.get("reported_on")),
        "step": next((step for step, on in due.items() if on is not None and on == first), None),
        "next_on": first,
        "days_left": None if first is None else (first - ask.day).days,
        "next_step": text(case.get("next_step")),
        "matters": 1,
    }
    return Line(values, ask.select("dispatch").also(matter_no=row["matter_no"]))


def _case_line(ask: WeekQuestion, row: dict) -> Line:
    due = _day(row["case_due_on"])
    matters = int(row["matters"])
    behind = ask.select("open", area_code=text(row["area_code"]), category_code=text(row["category_code"]))
    values = {
        "matter_no": None,
        "kind": None,
        "reasons": ("leader_case",),
        **_where(row),
        "post_level": text(row["post_level"]),
        **_whose(ask, row),
        "age_days": (ask.day - _day(row["opened_on"])).days,
        "people": None,
        "progress_pct": _whole(row["progress_pct"]),
        "reported_on": _day(row["reported_on"]),
        "step": None if due is None else "case",
        "next_on": due,
        "days_left": None if due is None else (due - ask.day).days,
        "next_step": text(row["next_step"]),
        "matters": matters,
    }
    return Line(values, behind if matters else None)


def _where(row: dict) -> dict[str, object]:
    return {
        "category": text(row["category"]),
        "category_code": text(row["category_code"]),
        "area": text(row["area"]),
        "street": text(row["street"]),
    }


def _whose(ask: WeekQuestion, row: dict) -> dict[str, object]:
    code = text(row["org_id"])
    return {"org_id": code, "unit": text(row["unit"]) or code, "line": line_of(ask, code)}


def line_of(ask: WeekQuestion, org_id: str | None) -> str | None:
    """The functional line of a unit; None for a territorial unit and for an unknown one."""
    return queries.names_of(ask.mart).lines.get(org_id)


def _urgency(line: Line) -> tuple:
    values = line.values
    return (
        values["next_on"] is None,
        values["next_on"] or date.max,
        -(values["people"] or 0),
        str(values["matter_no"]),
    )


def lines_by_line(ask: WeekQuestion, found: pd.DataFrame) -> tuple[Line, ...]:
    """The dispatch table summed by functional line of the responsible unit: those with most overdue first."""
    now = found[found["on_now"]]
    if now.empty:
        return ()
    soon = Period(ask.day, ask.day + timedelta(days=ask.own.soon_days))
    counted = pd.DataFrame(
        {
            "line": _lines_of(ask, now["org_id"]),
            "matters": 1,
            "overdue": now["is_overdue"].astype(int),
            "due": _falls_due(now, soon).astype(int),
            "age": (pd.Timestamp(ask.day) - pd.to_datetime(now["registered_on"])).dt.days,
        }
    ).groupby("line")
    summed = counted[["matters", "overdue", "due"]].sum().join(counted["age"].max().rename("oldest"))
    summed = summed.sort_values(["overdue", "due", "matters"], ascending=False, kind="stable")
    return tuple(
        Line(
            {
                "line": row.Index or None,
                "matters": int(row.matters),
                "overdue": int(row.overdue),
                "due": int(row.due),
                "oldest_days": int(row.oldest),
            },
            ask.select("dispatch").also(line=row.Index),
        )
        for row in summed.itertuples()
    )


def _lines_of(ask: WeekQuestion, org_ids: pd.Series) -> pd.Series:
    """The functional line of each unit, "" for none."""
    known = queries.names_of(ask.mart).lines
    return org_ids.map(known).astype(object).fillna("")


# --- last week's table ------------------------------------------------------------------------------------------------------


def looked_back(ask: WeekQuestion, found: pd.DataFrame) -> tuple[Figure, ...]:
    """How many matters stood on the table a week ago, and what became of how many of them."""
    then = found.loc[found["on_then"], "became"].value_counts()
    span = Period(ask.before, ask.day)

    def figure(name: str, count: int) -> Figure:
        chosen = ask.select(name, ask.before, ask.day)
        return ask.figure(name, count, name, period=span, selection=chosen)

    told = [figure(f"dispatched_{name}", int(then.get(name, 0))) for name in queries.BECAME]
    return (figure("dispatched", int(then.sum())), *(one for one in told if one.value))


def looked_back_lines(ask: WeekQuestion, found: pd.DataFrame, cases: pd.DataFrame) -> tuple[Line, ...]:
    """Last week's matters one by one, what still needs a hand first."""
    order = {name: place for place, name in enumerate(queries.BECAME)}
    then = found[found["on_then"] & found["may_list"]]
    then = then.assign(order=then["became"].map(order)).sort_values("order", kind="stable").head(ask.own.listed)
    of_matter = _by_matter(cases, ask.day)
    lines = [_became_line(ask, row, of_matter.get(row["matter_no"]) or {}) for row in then.to_dict("records")]
    lines += [_became_case(ask, row) for row in _without_matter(ask, cases, ask.before)]
    return tuple(sorted(lines, key=lambda line: order[line.values["became"]])[: ask.own.listed])


def _became_line(ask: WeekQuestion, row: dict, case: dict) -> Line:
    values = {
        "matter_no": row["matter_no"],
        "became": row["became"],
        **_where(row),
        **_whose(ask, row),
        "registered_on": _day(row["registered_on"]),
        "deadline_on": _day(row["deadline_on"]),
        "closed_on": _day(row["closed_on"]),
        "progress_pct": _whole(case.get("progress_pct")),
    }
    chosen = ask.select("dispatched", ask.before, ask.day).also(matter_no=row["matter_no"])
    return Line(values, chosen)


def _became_case(ask: WeekQuestion, row: dict) -> Line:
    due, closed, reported = (_day(row[name]) for name in ("case_due_on", "closed_on", "reported_on"))
    closed = closed if closed is not None and closed <= ask.day else None
    if closed is not None:
        became = "closed" if due is None else "closed_late" if closed > due else "closed_in_time"
    elif due is not None and ask.before <= due < ask.day:
        became = "passed"
    else:
        became = "moved" if reported is not None and ask.before < reported <= ask.day else "unchanged"
    values = {
        "matter_no": None,
        "became": became,
        **_where(row),
        **_whose(ask, row),
        "registered_on": _day(row["opened_on"]),
        "deadline_on": due,
        "closed_on": closed,
        "progress_pct": _whole(row["progress_pct"]),
    }
    return Line(values)


# --- the overdue ladder -----------------------------------------------------------------------------------------------------

RUNGS = tuple(f"late_{first}" for first, _ in queries.LATE_DAYS)


def ladder(ask: WeekQuestion, late: pd.DataFrame) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Overdue matters by how late they are, for each unit and for each functional line; the longest overdue first.

    Listed by urgency of the work, which is no ranking of the units.
    """
    counted = [*RUNGS, "overdue"]
    late = late.assign(org_id=late["org_id"].fillna(""), line=_lines_of(ask, late["org_id"]))
    names = queries.names_of(ask.mart).by_code["unit"]
    by_unit = _summed(late, "org_id", counted)
    units = tuple(
        Line(
            {
                "org_id": code or None,
                "unit": names.get(code, code) if code else None,
                "line": line_of(ask, code),
                **_rungs(ask, row),
            },
            ask.select("overdue", org_id=code),
        )
        for code, row in by_unit
    )
    lines = tuple(
        Line({"line": code or None, **_rungs(ask, row)}, ask.select("overdue").also(line=code))
        for code, row in _summed(late, "line", counted)
    )
    return units, lines


def _summed(late: pd.DataFrame, by: str, counted: list[str]) -> list[tuple[str, dict]]:
    groups = late.groupby(by)
    summed = groups[counted].sum().join(pd.to_datetime(groups["oldest_due_on"].min()).rename("oldest"))
    summed = summed[summed["overdue"] > 0].sort_values([*RUNGS[::-1]], ascending=False, kind="stable")
    return list(zip(summed.index, summed.to_dict("records"), strict=True))


def _rungs(ask: WeekQuestion, row: dict) -> dict[str, int]:
    counts = {name: int(row[name]) for name in (*RUNGS, "overdue")}
    return {**counts, "oldest_days": (pd.Timestamp(ask.day) - row["oldest"]).days}


def rung_selection(chosen: Selection, rung: str) -> Selection:
    """The matters of one rung of the ladder among those a line of it counts.

    >>> chosen = rung_selection(Selection("overdue", date(2026, 11, 20)), "late_8")
    >>> chosen.measure, str(chosen.first), str(chosen.last)
    ('overdue_for', '2026-10-21', '2026-11-12')
    """
    first, last = next(days for days in queries.LATE_DAYS if f"late_{days[0]}" == rung)
    return chosen.narrowed(
        measure="overdue_for",
        first=None if last is None else chosen.as_of - timedelta(days=last),
        last=chosen.as_of - timedelta(days=first),
    )


# --- values -----------------------------------------------------------------------------------------------------------------


def text(value: object) -> str | None:
    """A text, or None where it is not recorded."""
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _day(value: object) -> date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()
