"""What is stuck and what comes next: larger matters, deadlines by unit, leader-assigned matters, coordination, tomorrow."""

from datetime import timedelta

import pandas as pd

from analytics import measures
from analytics.briefs.answer import Line, Question
from analytics.briefs.counts import widest_categories
from analytics.figures import Figure, Period, Sentence
from data import queries
from data.errors import NotReady


def major(ask: Question, *, near: bool) -> tuple[Line, ...]:
    """New larger and collective matters of the day by type and place, the most people first.

    Places are streets; `near` names the community where a street or less is looked at, on the handling unit's own screen.
    """
    found = queries.read_matters(ask.mart, ask.scope, ask.select("major", ask.day, ask.day), limit=1000)
    if found.empty:
        return ()
    categories = queries.read_categories(ask.mart)
    found["top"] = found["category_code"].map(widest_categories(categories))
    names = dict(zip(categories["category_code"], categories["name"], strict=True))
    found["people"] = found["people_involved"].fillna(0).astype(int)
    found["collective"] = found["people"] >= queries.COLLECTIVE_PEOPLE
    found["place"] = found["area"] if near else found["street"].fillna(found["area"])
    found["place_code"] = (found["community_code"] if near else found["street_code"]).fillna(found["street_code"])
    grouped = found.groupby(["top", "place"], dropna=False, sort=True).agg(
        matters=("matter_no", "size"),
        people=("people", "sum"),
        collective=("collective", "sum"),
        place_code=("place_code", "first"),
    )
    lines = []
    for row in grouped.reset_index().itertuples():
        code = _text(row.top)
        values = {
            "category": None if code is None else str(names.get(code, code)),
            "category_code": code,
            "area": _text(row.place),
            "matters": int(row.matters),
            "people": int(row.people),
            "collective": int(row.collective),
        }
        area_code = _text(row.place_code) or ask.area_code
        lines.append(Line(values, ask.select("major", ask.day, ask.day, category_code=code, area_code=area_code)))
    return tuple(
        sorted(lines, key=lambda line: (-line.values["people"], -line.values["matters"], str(line.values["area"])))
    )


def deadline_figures(ask: Question, by_unit: pd.DataFrame, missing: Sentence | None) -> tuple[Figure, ...]:
    """Open matters past their deadline, due on the day itself, and due within the next days; `missing` says why not."""
    soon = Period(ask.day + timedelta(days=1), ask.day + timedelta(days=ask.rules.soon_days))
    spans = {
        "overdue": ("overdue", ask.today),
        "due_on_day": ("due", ask.today),
        "due_soon": ("due", soon),
    }
    return tuple(
        ask.figure(name, None if missing else int(by_unit[name].sum()), measure, period=period, missing=missing)
        for name, (measure, period) in spans.items()
    )


def unit_lines(ask: Question, by_unit: pd.DataFrame) -> tuple[Line, ...]:
    """Units with something overdue or falling due, the most overdue first; `oldest_days` is how long the oldest is overdue.

    Listed by urgency of the work, which is no ranking of the units.
    """
    counted = ["open", "overdue", "due_on_day", "due_soon"]
    units = by_unit.groupby("org_id", dropna=False)[counted].sum()
    units["oldest"] = pd.to_datetime(by_unit.groupby("org_id", dropna=False)["oldest_due_on"].min())
    units = units[units[["overdue", "due_on_day", "due_soon"]].sum(axis=1) > 0]
    names = queries.names_of(ask.mart).by_code["unit"]
    units = units.sort_values(["overdue", "due_on_day", "due_soon"], ascending=False, kind="stable")
    lines = []
    for org_id, row in zip(units.index, units.to_dict("records"), strict=True):
        code = "" if pd.isna(org_id) else str(org_id)
        late = (pd.Timestamp(ask.day) - row["oldest"]).days if row["overdue"] else None
        lines.append(
            Line(
                {
                    "org_id": code or None,
                    "unit": names.get(code, code) if code else None,
                    **{name: int(row[name]) for name in counted},
                    "oldest_days": late,
                },
                ask.select("overdue" if row["overdue"] else "open", org_id=code),
            )
        )
    return tuple(lines)


def leader_cases(ask: Question) -> tuple[Line, ...]:
    """Leader-assigned matters still open, by post level and unit, the most pressing first."""
    found = queries.read_leader_cases(ask.mart, ask.scope, ask.day, area_code=ask.area_code)
    lines = []
    for row in found.itertuples():
        due = None if pd.isna(row.due_on) else pd.Timestamp(row.due_on).date()
        lines.append(
            Line(
                {
                    "case_id": row.case_id,
                    "area": _text(row.area),
                    "street": _text(row.street),
                    "category": _text(row.category),
                    "post_level": _text(row.post_level),
                    "unit": _text(row.unit),
                    "progress_pct": None if pd.isna(row.progress_pct) else int(row.progress_pct),
                    "next_step": _text(row.next_step),
                    "due_on": due,
                    "days_left": None if due is None else (due - ask.day).days,
                }
            )
        )
    return tuple(lines)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def coordination(ask: Question, by_unit: pd.DataFrame) -> tuple[tuple[Figure, ...], tuple[Line, ...]]:
    """Matters that one unit alone does not move: returned again and again, flared up after closing, handled jointly."""
    rebound = Period(ask.day - timedelta(days=queries.REBOUND_DAYS - 1), ask.day)
    spans = {"returned": ask.today, "rebounded": rebound, "joint": ask.today}
    chosen = {name: ask.select(name, span.first, span.last) for name, span in spans.items()}
    (rebounded,) = queries.read_counts(ask.mart, ask.scope, (chosen["rebounded"],))
    counts = (int(by_unit["returned"].sum()), rebounded, int(by_unit["joint"].sum()))
    figures = tuple(
        ask.figure(name, count, name, period=spans[name], selection=chosen[name])
        for name, count in zip(spans, counts, strict=True)
    )
    lines = []
    for name, count in zip(spans, counts, strict=True):
        if count:
            lines += _coordination_lines(ask, name, chosen[name])
    return figures, tuple(lines)


def _coordination_lines(ask: Question, reason: str, chosen: queries.Selection) -> list[Line]:
    found = queries.read_matters(ask.mart, ask.scope, chosen, limit=ask.rules.listed)
    return [
        Line(
            {
                "reason": reason,
                "matter_no": row.matter_no,
                "area": _text(row.area),
                "street": _text(row.street),
                "category": _text(row.category),
                "unit": _text(row.unit),
                "age_days": (pd.Timestamp(ask.day) - pd.Timestamp(row.registered_on)).days,
                "returned_count": None if pd.isna(row.returned_count) else int(row.returned_count),
            },
            chosen,
        )
        for row in found.itertuples()
    ]


def tomorrow(ask: Question, *, deadlines_known: bool) -> tuple[Sentence, ...]:
    """The next day: working or not, what is planned, who receives, what falls due."""
    day = ask.day + timedelta(days=1)
    said = [_day_kind(ask, day)]
    for row in queries.read_events(ask.mart, ask.scope, day, day, area_code=ask.area_code).itertuples():
        said.append(
            Sentence(
                "brief.tomorrow.event", {"name": row.name, "area": _text(row.area) or Sentence("brief.whole_city")}
            )
        )
    receptions = queries.read_receptions(ask.mart, ask.scope, day, area_code=ask.area_code)
    if len(receptions):
        said.append(Sentence("brief.tomorrow.receptions", {"count": len(receptions)}))
    chosen = ask.select("due", day, day)
    (due,) = queries.read_counts(ask.mart, ask.scope, (chosen,)) if deadlines_known else (0,)
    if due:
        said.append(Sentence("brief.tomorrow.due", {"count": due}, chosen))
    return tuple(said)


def _day_kind(ask: Question, day: object) -> Sentence:
    try:
        working = ask.calendar.is_workday(day)
    except NotReady:
        return Sentence("brief.tomorrow.no_calendar", {"day": day, "year": day.year})
    name = ask.calendar.day_name(day)
    if not working and name:
        return Sentence("brief.tomorrow.festival", {"day": day, "name": Sentence(f"names.festival.{name}")})
    if not working:
        return Sentence("brief.tomorrow.rest", {"day": day})
    if day.weekday() >= 5:
        return Sentence("brief.tomorrow.makeup", {"day": day})
    return Sentence("brief.tomorrow.work", {"day": day})


def rates(ask: Question) -> tuple[Figure, ...]:
    """Rates with numerator, denominator and interval, and the closing times with open matters censored.

    Petition rates are defined in DOMAIN 2.6. A closing counts for the public's answers once people had `answer_days` to give one.
    """
    window = Period(ask.day - timedelta(days=ask.rules.rate_days - 1), ask.day)
    last_answerable = ask.day - timedelta(days=ask.rules.answer_days)
    answerable = Period(last_answerable - timedelta(days=ask.rules.rate_days - 1), last_answerable)
    reach = queries.read_reach(ask.mart, ask.scope, ask.area_code)
    figures = []
    for measures_of, span in (
        (("on_time",), window),
        (("accepted_in_time",), window),
        (("answered", "satisfied", "solved"), answerable),  # of one cohort, so counted in one pass
    ):
        wholes = [ask.select(measure, span.first, span.last) for measure in measures_of]
        parts = [one.narrowed(measure=f"{one.measure}_met") for one in wholes]
        counted = queries.read_among(ask.mart, wholes[0], (*wholes, *parts), reach)[1:]
        for place, whole in enumerate(wholes):
            figures.append(rate_figure(ask, whole.measure, counted[len(wholes) + place], counted[place], span, whole))
    return (*figures, *_closing_times(ask))


def rate_figure(ask: Question, name: str, met: int, whole: int, span: Period, chosen: queries.Selection) -> Figure:
    """A rate as it may be said: with its interval, or with the reason why it is not."""
    missing = None
    if whole == 0:
        missing = Sentence("missing.no_denominator")
    elif met == 0 and name == "answered":
        missing = Sentence("missing.not_recorded")  # thousands of closings and not one answer: nobody was asked
    elif whole < ask.rules.minimum_denominator:
        missing = Sentence(
            "missing.small_denominator", {"met": met, "count": whole, "needed": ask.rules.minimum_denominator}
        )
    return Figure(
        name=name,
        value=None if missing else measures.rate(met, whole),
        unit="pct",
        period=span,
        as_of=ask.day,
        numerator=met,
        denominator=whole,
        interval=None if missing else measures.wilson_interval(met, whole),
        missing=missing,
        selection=chosen,
    )


def _closing_times(ask: Question) -> tuple[Figure, ...]:
    first = ask.day - timedelta(days=ask.rules.closing_days - 1)
    span = Period(first, ask.day)
    rows = queries.read_closing_times(ask.mart, ask.scope, first, ask.day, **ask.where)
    matters, ended = int(rows["matters"].sum()), int(rows.loc[rows["ended"] == 1, "matters"].sum())
    chosen = ask.select("new", first, ask.day)
    names = {"median_days_to_close": 0.5, "p90_days_to_close": 0.9}
    if ended < ask.rules.minimum_denominator:
        missing = Sentence("missing.few_closings", {"count": ended, "needed": ask.rules.minimum_denominator})
        return tuple(Figure(name, None, "days", span, ask.day, missing=missing, selection=chosen) for name in names)
    curve = measures.kaplan_meier(rows["days"].to_numpy(), rows["ended"].to_numpy(), rows["matters"].to_numpy())
    figures = []
    for name, share in names.items():
        days = curve.quantile(share)
        missing = Sentence("missing.not_reached", {"share_pct": 100 * share}) if days is None else None
        figures.append(
            Figure(
                name,
                days,
                "days",
                span,
                ask.day,
                numerator=ended,
                denominator=matters,
                missing=missing,
                selection=chosen,
            )
        )
    return tuple(figures)
