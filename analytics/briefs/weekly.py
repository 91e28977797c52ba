"""The weekly brief: the facade that asks every part once and lays the answers in the order of a dispatch meeting."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from analytics import periods
from analytics.briefs import counts, wording
from analytics.briefs import weekly_counts as picture
from analytics.briefs import weekly_dispatch as dispatch
from analytics.briefs import weekly_wording as weekly
from analytics.briefs import weekly_work as work
from analytics.briefs.answer import BRIEF_RULES, BriefRules
from analytics.briefs.daily import chosen_area, street_of
from analytics.briefs.weekly_answer import WEEKLY_RULES, WeeklyBrief, WeeklyRules, WeekQuestion
from analytics.figures import Figure, Sentence
from data import queries
from data.mart import Attempt, Mart
from data.scope import Scope
from data.workdays import WorkCalendar


def weekly_brief(
    mart: Mart,
    scope: Scope,
    day: date,
    *,
    calendar: WorkCalendar,
    area_code: str | None = None,
    kind: str | None = None,
    attempt: Attempt | None = None,
    now: datetime | None = None,
    rules: BriefRules = BRIEF_RULES,
    own: WeeklyRules = WEEKLY_RULES,
) -> WeeklyBrief:
    """The ISO week that holds `day`, as of the close of `day`, for one area and kind within `scope`.

    `attempt` is the last refresh attempt and `now` the reader's wall clock: with them a failed or late refresh is said first. Raises
    NotReady when the area lies outside the scope.
    """
    area_code = area_code or scope.only_area
    week = periods.iso_week(day, as_of=day)
    ask = WeekQuestion(mart, scope, day, area_code, kind, calendar, rules, week, own)
    areas = queries.read_areas(mart, scope)
    here = chosen_area(areas, area_code)
    counted = picture.count_days(ask)
    delay = counts.delay_of(ask)
    shares = (
        None
        if delay is None
        else np.array([delay.completeness(mart.read_at.date(), one) for one in periods.days_of(week)])
    )
    share = None if shares is None or counted.is_empty else picture.entered_share(ask, counted, shares)
    late = queries.read_late(mart, scope, day, **ask.where)
    undated = int(late["undated"].sum())
    absent = counts.what_is_missing(ask, int(late["open"].sum()), undated)
    arrived, alignment = picture.flow_figures(ask, counted, shares)
    flows = (*_closings(arrived, absent[0]), *counts.stock_figures(ask, absent))
    places = counts.without_stock(picture.places(ask, counted, areas, share), absent)
    dispatched = _dispatch(ask, absent)
    ladder_units, ladder_lines = ((), ()) if absent[1] else dispatch.ladder(ask, late)
    settled = _settled(ask, absent[0])
    ahead = work.ahead(ask, deadlines_known=absent[1] is None)
    receptions, reception_plan = work.receptions(ask)
    brief = WeeklyBrief(
        day=day,
        period=week,
        area_code=area_code,
        area_name=None if here is None else str(here["name"]),
        area_names=queries.names_of_scope(mart, scope, area_code),
        kind=kind,
        version=mart.version,
        published_at=mart.published_at,
        read_at=mart.read_at,
        state=weekly.state_of(flows, places, dispatched["looked_back"]),
        headline=(),
        notices=(
            *wording.refresh_notices(ask.mart, ask.day, attempt, now, stale_hours=ask.rules.stale_hours),
            *weekly.record_notices(ask, counted, flows, share, alignment),
            *counts.beyond_the_calendar(ask, undated),
        ),
        flows=flows,
        weeks=picture.weeks(ask, counted, arrived[0].expected),
        kinds=counts.without_stock(picture.kinds(ask, counted, late), absent),
        places=places,
        **dispatched,
        ladder_units=ladder_units,
        ladder_lines=ladder_lines,
        **settled,
        assessments=work.assessments(ask),
        projects=work.projects(ask),
        receptions=receptions,
        reception_plan=reception_plan,
        ahead=ahead,
        ahead_lines=work.said_ahead(ask, ahead),
        alignment=alignment,
        missing=_missing(ask, absent, dispatched, settled),
        concerns=wording.concerns(flows, places, ()),
        street=street_of(areas, here),
        is_below_street=here is not None and isinstance(here["street_code"], str) and here["street_code"] != area_code,
    )
    return replace(brief, headline=weekly.headline(ask, counted, brief))


def _closings(arrived: tuple[Figure, Figure], missing: Sentence | None) -> tuple[Figure, Figure]:
    """New and closed, closed without a number where closing times are not recorded."""
    new, closed = arrived
    if missing is not None and closed.missing is None:
        closed = replace(closed, value=None, expected=None, comparisons=(), missing=missing)
    return new, closed


def _dispatch(ask: WeekQuestion, absent: tuple[Sentence | None, Sentence | None]) -> dict[str, tuple]:
    """The dispatch table, its sums by line, and last week's table looked back at; empty where nobody knows what is open."""
    parts = ("dispatch_figures", "dispatch", "dispatch_lines", "looked_back", "looked_back_lines")
    if absent[0] is not None:
        return dict.fromkeys(parts, ())
    found = queries.read_dispatch(ask.mart, ask.scope, ask.day, ask.before, **ask.where)
    found = found.assign(is_overdue=found["is_overdue"].astype(bool))
    cases = queries.read_dispatch_cases(ask.mart, ask.scope, ask.day, area_code=ask.area_code)
    return dict(
        zip(
            parts,
            (
                dispatch.dispatch_figures(ask, found),
                dispatch.dispatch_lines(ask, found, cases),
                dispatch.lines_by_line(ask, found),
                dispatch.looked_back(ask, found),
                dispatch.looked_back_lines(ask, found, cases),
            ),
            strict=True,
        )
    )


def _settled(ask: WeekQuestion, missing: Sentence | None) -> dict[str, object]:
    """Meetings, committees, methods and agreements; what rests on closing times is empty where they are not recorded."""
    span = (ask.week.first, ask.week.last)
    ways = queries.read_closing_ways(ask.mart, ask.scope, *span, **ask.where)
    standing = queries.read_open_ways(ask.mart, ask.scope, ask.day, **ask.where)
    tiers = work.tiers(ask, ways, standing)
    return {
        "meetings": tiers,
        "stepped_up": work.stepped_up(ask, tiers),
        "committees": () if missing else work.committees(ask, ways, standing),
        "methods": () if missing else work.methods(ask, ways),
        "settlement": () if missing else work.settlement(ask, ways),
    }


def _missing(
    ask: WeekQuestion, absent: tuple[Sentence | None, Sentence | None], dispatched: Mapping, settled: Mapping
) -> dict[str, Sentence]:
    """What the sources do not record, by section. Whether they do is judged over all they ever brought, not over this week."""
    recorded = queries.read_recorded(ask.mart)
    found = {
        section: Sentence(f"missing.{section}")
        for section in ("meetings", "receptions", "assessments", "projects")
        if not recorded[section]
    }
    if recorded["tiers"]:
        found.pop("meetings", None)
    if not recorded["cases"]:
        found["cases"] = Sentence("missing.cases")
    if absent[0] is not None:
        found |= dict.fromkeys(("dispatch", "looked_back", "committees", "methods"), absent[0])
    else:
        if not recorded["committees"]:
            found["committees"] = Sentence("missing.committees")
        if not recorded["methods"]:
            found["methods"] = Sentence("missing.methods")
    if absent[1] is not None:
        found["ladder"] = absent[1]
    return found
