"""The daily brief: the facade that asks every part once and lays the answers in the customary order."""

from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from analytics.briefs import counts, wording, work
from analytics.briefs.answer import BRIEF_RULES, BriefRules, DailyBrief, Question
from data import queries
from data.errors import NotReady
from data.mart import Attempt, Mart
from data.scope import Scope
from data.workdays import WorkCalendar


def daily_brief(
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
) -> DailyBrief:
    """What happened on `day`, what stands at its close and what comes next, for one area and kind within `scope`.

    `attempt` is the last refresh attempt and `now` the reader's wall clock: with them a failed or late refresh is said first. Raises
    NotReady when the area lies outside the scope.
    """
    area_code = area_code or scope.only_area
    ask = Question(mart, scope, day, area_code, kind, calendar, rules)
    areas = queries.read_areas(mart, scope)
    here = chosen_area(areas, area_code)
    by_day = counts.daily_counts(ask)
    delay = counts.delay_of(ask)
    completeness = delay.completeness(mart.read_at.date(), day) if delay else None
    by_unit = queries.read_open_by_unit(mart, scope, day, rules.soon_days, kind=kind, area_code=area_code)
    undated = int(by_unit["undated"].sum())
    missing = counts.what_is_missing(ask, int(by_unit["open"].sum()), undated)
    new, closed = counts.flow_figures(ask, by_day, completeness)
    if missing[0] and closed.missing is None:
        closed = replace(closed, value=None, expected=None, comparisons=(), missing=missing[0])
    flows = (new, closed, *counts.stock_figures(ask, missing))
    series = counts.series(ask, by_day, delay)
    deadlines = work.deadline_figures(ask, by_unit, missing[1])
    major = work.major(ask, near=street_of(areas, here) is not None)
    places = counts.without_stock(counts.places(ask, areas, completeness), missing)
    coordination, coordination_lines = work.coordination(ask, by_unit)
    brief = DailyBrief(
        day=day,
        area_code=area_code,
        area_name=None if here is None else str(here["name"]),
        area_names=queries.names_of_scope(mart, scope, area_code),
        kind=kind,
        version=mart.version,
        published_at=mart.published_at,
        read_at=mart.read_at,
        state=wording.state_of(flows, places, major),
        headline=(),
        notices=(
            *wording.refresh_notices(ask.mart, ask.day, attempt, now, stale_hours=ask.rules.stale_hours),
            *wording.record_notices(ask, by_day, flows, deadlines, completeness),
            *counts.beyond_the_calendar(ask, undated),
        ),
        flows=flows,
        series=series,
        major=major,
        deadlines=deadlines,
        deadlines_by_unit=() if missing[1] else work.unit_lines(ask, by_unit),
        leader_cases=work.leader_cases(ask),
        coordination=coordination,
        coordination_lines=coordination_lines,
        tomorrow=work.tomorrow(ask, deadlines_known=missing[1] is None),
        rates=work.rates(ask),
        sources=counts.sources(ask),
        filling=counts.filling(ask, series),
        kinds=counts.without_stock(counts.kinds(ask, by_day, by_unit), missing),
        places=places,
        street=street_of(areas, here),
        is_below_street=here is not None and isinstance(here["street_code"], str) and here["street_code"] != area_code,
        concerns=wording.concerns(flows, places, major),
    )
    return replace(brief, headline=wording.headline(ask, brief))


def chosen_area(areas: pd.DataFrame, area_code: str | None) -> pd.Series | None:
    """The chosen area's row of the tree, None when none is chosen. Raises NotReady for one outside the scope."""
    if area_code is None:
        return None
    found = areas[areas["area_code"] == area_code]
    if found.empty:
        raise NotReady("brief.area_unknown", area=area_code)
    return found.iloc[0]


def street_of(areas: pd.DataFrame, here: pd.Series | None) -> str | None:
    """The name of the street that the chosen area is or lies in; None above street level."""
    if here is None or not isinstance(here["street_code"], str):
        return None
    found = areas.loc[areas["area_code"] == here["street_code"], "name"]
    return str(found.iloc[0]) if len(found) else str(here["street_code"])
