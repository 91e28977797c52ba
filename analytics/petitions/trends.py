"""Petition trends: the facade that asks every part once and lays the answers side by side."""

from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from analytics.briefs.answer import BRIEF_RULES
from analytics.briefs.wording import refresh_notices
from analytics.petitions import answers, parts, places, seasons, volume, wording
from analytics.petitions.answer import TREND_RULES, UNITS, Asked, PetitionTrends, TrendRules
from data import queries
from data.deadlines import DeadlineRules, shipped_rules
from data.errors import NotReady
from data.mart import Attempt, Mart
from data.scope import Scope
from data.workdays import WorkCalendar

NOTES = ["first_on", "last_on", "kind", "text"]


def petition_trends(
    mart: Mart,
    scope: Scope,
    day: date,
    *,
    calendar: WorkCalendar,
    area_code: str | None = None,
    category_code: str | None = None,
    unit: str = "month",
    kind: str | None = "petition",
    having: tuple[tuple[str, str], ...] = (),
    notes: pd.DataFrame | None = None,
    rules: TrendRules = TREND_RULES,
    clocks: DeadlineRules | None = None,
    attempt: Attempt | None = None,
    now: datetime | None = None,
    stale_hours: int = BRIEF_RULES.stale_hours,
) -> PetitionTrends:
    """What happened with petitions up to the close of `day`, and why, in days, weeks or months, within `scope`.

    Narrowed to an area, a category with all below it, a kind and further properties (`having`, see `Selection`). `notes` are the desk's
    event notes (`first_on, last_on, kind, text`). `attempt` is the last refresh attempt and `now` the reader's wall clock: with them a
    failed refresh, or one longer ago than `stale_hours`, is said first. Raises ValueError for another unit, and NotReady when the area lies outside the scope
    or the category may not be shown there.
    """
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r} is none of {', '.join(UNITS)}")
    area_code = area_code or scope.only_area
    here = _area(mart, scope, area_code)
    names = queries.names_of(mart)
    roots = {*(scope.areas or ()), *([area_code] if area_code else [])}
    ask = Asked(
        mart, scope, day, area_code, category_code, unit, kind, tuple(sorted(having)), calendar, rules, clocks or shipped_rules(),
        names.by_code["category"], is_below_street=any(names.lies_below_street(root) for root in roots),
    )  # fmt: skip
    _refuse_hidden(ask)
    late = refresh_notices(mart, day, attempt, now, stale_hours=stale_hours)
    by_day = volume.daily(ask)
    if by_day.empty:
        nothing = pd.DataFrame(columns=["first", "last", "complete", "matters"])
        return _answer(ask, here, notes, series=nothing, notices=(*late, *wording.notices(ask, nothing, ())))
    shown = volume.shown_periods(ask, by_day)
    ask = replace(ask, windows=shown, period=volume.judged(shown), since=by_day.index[0].date())
    rows = volume.series(ask, by_day)
    counted = volume.figures(ask, by_day, rows)
    shares = volume.shares(ask, by_day)
    found = parts.read(ask)
    by_category = parts.categories(ask, found)
    by_place = places.lines(ask)
    decided = answers.decided(ask)
    rates = answers.rates(ask, decided)
    return _answer(
        ask, here, notes, series=rows, state=counted[0].state,
        headline=wording.headline(ask, counted, rows, by_category, by_place, rates, shares),
        notices=(*late, *wording.notices(ask, rows, counted)), volume=counted, parts=parts.lines(ask, found), categories=by_category,
        properties=shares, reviews=answers.reviews(ask), rates=rates, rate_series=answers.rate_series(ask, decided),
        waiting=answers.waiting(ask), places=by_place, weekdays=seasons.weekdays(ask, by_day), months=seasons.months(ask, by_day),
        festival=seasons.festival(ask, by_day), concerns=wording.concerns(counted, by_place), selections=volume.selections(ask),
    )  # fmt: skip


def _area(mart: Mart, scope: Scope, area_code: str | None) -> pd.Series | None:
    if area_code is None:
        return None
    areas = queries.read_areas(mart, scope)
    found = areas[areas["area_code"] == area_code]
    if found.empty:
        raise NotReady("brief.area_unknown", area=area_code)
    return found.iloc[0]


def _refuse_hidden(ask: Asked) -> None:
    """A sensitive subject, or one below it, is not looked at below a street, by itself or by a property."""
    asked = {ask.category_code, dict(ask.having).get("own_category")} - {None, ""}
    above = {code for one in asked for code, _ in parts.path(replace(ask, category_code=one))}
    if ask.is_below_street and above & set(queries.names_of(ask.mart).sensitive):
        raise NotReady("petitions.category_hidden")


def _answer(ask: Asked, here: pd.Series | None, notes: pd.DataFrame | None, **found: object) -> PetitionTrends:
    """The frozen answer; what was not found is empty."""
    nothing = pd.DataFrame()
    first = ask.windows[0].first if ask.windows else ask.day
    empty = {
        "state": "unknown", "headline": (), "volume": (), "parts": {}, "categories": (), "properties": (), "reviews": (), "rates": (),
        "rate_series": nothing, "waiting": nothing, "places": (), "weekdays": nothing, "months": nothing, "festival": nothing,
    }  # fmt: skip
    street = None if here is None or not isinstance(here["street_code"], str) else here["street_code"]
    return PetitionTrends(
        day=ask.day, unit=ask.unit, period=ask.period or volume.period_holding(ask), area_code=ask.area_code,
        area_name=None if here is None else str(here["name"]),
        area_names=queries.names_of_scope(ask.mart, ask.scope, ask.area_code), category_code=ask.category_code,
        category_name=ask.names.get(ask.category_code, ask.category_code), kind=ask.kind, having=ask.having,
        version=ask.mart.version, published_at=ask.mart.published_at, read_at=ask.mart.read_at,
        notes=_notes(ask, notes, first), area_path=places.path(ask), category_path=parts.path(ask),
        street=None if street is None else queries.names_of(ask.mart).area(street)["name"],
        is_below_street=ask.is_below_street, **(empty | found),
    )  # fmt: skip


def _notes(ask: Asked, notes: pd.DataFrame | None, first: date) -> pd.DataFrame:
    """Event notes and festivals that touch the window, by their first day."""
    own = pd.DataFrame(columns=NOTES) if notes is None or notes.empty else notes[NOTES].copy()
    for name in ("first_on", "last_on"):
        own[name] = pd.to_datetime(own[name]).dt.date
    own = own[(own["first_on"] <= ask.day) & (own["last_on"] >= first)] if len(own) else own
    festivals = seasons.marks(ask.calendar, first, ask.day)
    both = [one for one in (own, festivals) if len(one)]
    if not both:
        return pd.DataFrame(columns=NOTES)
    return pd.concat(both).sort_values(["first_on", "last_on", "text"], ignore_index=True)
