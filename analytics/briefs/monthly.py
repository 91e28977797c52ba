"""The monthly brief: what the month was like, what moved and why in parts that sum, what recurs, what was done about it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from analytics import pathways, periods
from analytics.briefs import counts, monthly_counts, monthly_moves, monthly_parts, monthly_wording, wording
from analytics.briefs.answer import BRIEF_RULES, BriefRules, Question
from analytics.briefs.monthly_answer import MONTHLY_RULES, Month, MonthlyBrief, MonthlyRules
from analytics.figures import Period
from data import queries
from data.errors import NotReady
from data.mart import Attempt, Mart
from data.scope import Scope
from data.workdays import WorkCalendar, lunar_new_year


def monthly_brief(
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
    monthly_rules: MonthlyRules = MONTHLY_RULES,
    with_ways: bool = True,
) -> MonthlyBrief:
    """The month that holds `day`, up to `day`: a whole month on its last day, else one that is unfinished and compared with like spans.

    `attempt` is the last refresh attempt and `now` the reader's wall clock: with them a failed or late refresh is said first. Without
    `with_ways` the ways of matters are left out, to be added by `with_its_ways`. Raises NotReady when the area lies outside the scope.
    """
    area_code = area_code or scope.only_area
    month = _month(Question(mart, scope, day, area_code, kind, calendar, rules), monthly_rules)
    own = month.areas[month.areas["area_code"] == area_code]
    if area_code is not None and own.empty:
        raise NotReady("brief.area_unknown", area=area_code)
    if not with_ways:
        return _without_ways(month, own, attempt, now)
    with ThreadPoolExecutor(1) as beside:  # its reads need nothing of the rest, and either leaves a core idle at times
        ways = beside.submit(_ways, mart, scope, month.period, area_code=area_code, kind=kind)
        return replace(_without_ways(month, own, attempt, now), **ways.result())


def _without_ways(month: Month, own: pd.DataFrame, attempt: Attempt | None, now: datetime | None) -> MonthlyBrief:
    """All but the ways of matters; `own` has the row of the chosen area, if one was chosen."""
    ask = month.ask
    counted = monthly_counts.count_months(month)
    completeness = counts.completeness_of(ask, month.period)
    standing = queries.read_counts(ask.mart, ask.scope, (ask.select("open"), ask.select("undated")))
    missing = counts.what_is_missing(ask, *standing)
    flows, months = monthly_counts.flow_figures(month, counted, missing, completeness)
    times = monthly_moves.read_times(month)
    change, change_by_place = monthly_moves.explain(month)
    rising, falling = monthly_moves.moves(month, counted, times)
    peaks = monthly_moves.peaks(month, times)
    recurring, recurring_count = monthly_parts.recurring(month)
    on_record = sum(month.is_on_record(span) for span in counted.months[:-1])
    street = own["street_code"].iloc[0] if len(own) else None
    brief = MonthlyBrief(
        period=month.period,
        before=month.before,
        last_year=month.last_year,
        area_code=ask.area_code,
        area_name=str(own["name"].iloc[0]) if len(own) else None,
        area_names=queries.names_of_scope(ask.mart, ask.scope, ask.area_code),
        kind=ask.kind,
        version=ask.mart.version,
        published_at=ask.mart.published_at,
        read_at=ask.mart.read_at,
        state=monthly_wording.state_of(flows, rising, recurring),
        headline=(),
        notices=(
            *wording.refresh_notices(ask.mart, ask.day, attempt, now, stale_hours=ask.rules.stale_hours),
            *monthly_wording.notices(month, flows, change, completeness, on_record),
            *counts.beyond_the_calendar(ask, standing[1]),
        ),
        flows=flows,
        rates=monthly_counts.rates(month),
        months=months if counted.total.sum() else months.iloc[:0],
        structure=monthly_counts.structure(month, counted),
        change=change,
        change_by_place=change_by_place,
        rising=rising,
        falling=falling,
        peaks=peaks,
        summary=monthly_wording.summary(rising, peaks) if month.is_on_record(month.before) else (),
        recurring=recurring,
        recurring_count=recurring_count,
        topics=monthly_parts.topics(month),
        compounds=monthly_parts.compounds(month, counted),
        safety=monthly_parts.safety(month),
        inspections=monthly_parts.inspections(month),
        concerns=monthly_wording.concerns(ask, flows, rising),
        street=str(month.names.area(street)["name"]) if isinstance(street, str) else None,
        is_below_street=isinstance(street, str) and street != ask.area_code,
        by_community=month.by_community,
    )
    return replace(brief, headline=monthly_wording.headline(month, brief))


def with_its_ways(mart: Mart, scope: Scope, brief: MonthlyBrief) -> MonthlyBrief:
    """The same brief with the ways of its matters: the four stages, from dispute to petition, before and after a policy."""
    return replace(brief, **_ways(mart, scope, brief.period, area_code=brief.area_code, kind=brief.kind))


def _ways(mart: Mart, scope: Scope, period: Period, *, area_code: str | None, kind: str | None) -> dict[str, object]:
    """The ways of the matters of a month, by the fields of its brief."""
    where, as_of = {"area_code": area_code}, period.last
    return {
        "funnel": pathways.funnel(mart, scope, period, as_of, kind=kind, **where),
        "petition_link": pathways.petition_link(mart, scope, as_of, **where),
        "policy": pathways.policy_effects(mart, scope, as_of, kind=kind, **where),
    }


def _month(ask: Question, rules: MonthlyRules) -> Month:
    """The question with the spans it compares."""
    period = periods.month(ask.day, as_of=ask.day)
    names = queries.names_of(ask.mart)
    roots = [code for code in (*(ask.scope.areas or ()), ask.area_code) if code]
    hidden = names.sensitive if any(names.lies_below_street(code) for code in roots) else ()
    first = queries.read_span(ask.mart, ask.scope)["first_on"].iloc[0]
    return Month(
        ask,
        period,
        periods.previous(period, "month"),
        periods.year_on_year(period, "month", lunar_new_year),
        names,
        queries.read_areas(ask.mart, ask.scope),
        rules,
        None if pd.isna(first) else pd.Timestamp(first).date(),
        frozenset(hidden),
    )
