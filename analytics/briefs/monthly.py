"""The monthly brief: what the month was like, what moved and why in parts that sum, what recurs, what was done about it."""

from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from analytics import pathways, periods
from analytics.briefs import counts, monthly_counts, monthly_moves, monthly_parts, monthly_wording, wording
from analytics.briefs.answer import BRIEF_RULES, BriefRules, Question
from analytics.briefs.monthly_answer import MONTHLY_RULES, Month, MonthlyBrief, MonthlyRules
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
    ask = month.ask
    own = month.areas[month.areas["area_code"] == area_code]
    if area_code is not None and own.empty:
        raise NotReady("brief.area_unknown", area=area_code)
    counted = monthly_counts.count_months(month)
    completeness = _completeness(month)
    by_unit = queries.read_open_by_unit(mart, scope, ask.day, rules.soon_days, **month.here)
    missing = counts.what_is_missing(ask, by_unit)
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
        area_code=area_code,
        area_name=str(own["name"].iloc[0]) if len(own) else None,
        kind=kind,
        version=mart.version,
        published_at=mart.published_at,
        read_at=mart.read_at,
        state=monthly_wording.state_of(flows, rising, recurring),
        headline=(),
        notices=(
            *wording.refresh_notices(ask, attempt, now),
            *monthly_wording.notices(month, flows, change, completeness, on_record),
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
        is_below_street=isinstance(street, str) and street != area_code,
        by_community=month.by_community,
    )
    brief = replace(brief, headline=monthly_wording.headline(month, brief))
    return with_its_ways(mart, scope, brief) if with_ways else brief


def with_its_ways(mart: Mart, scope: Scope, brief: MonthlyBrief) -> MonthlyBrief:
    """The same brief with the ways of its matters: the four stages, from dispute to petition, before and after a policy."""
    where, as_of = {"area_code": brief.area_code}, brief.period.last
    return replace(
        brief,
        funnel=pathways.funnel(mart, scope, brief.period, as_of, kind=brief.kind, **where),
        petition_link=pathways.petition_link(mart, scope, as_of, **where),
        policy=pathways.policy_effects(mart, scope, as_of, kind=brief.kind, **where),
    )


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


def _completeness(month: Month) -> float | None:
    """The share of the month's matters entered by now, by the site's own delay curve; None where too little is recorded."""
    delay = counts.delay_of(month.ask)
    if delay is None:
        return None
    known_on = month.ask.mart.read_at.date()
    shares = [delay.completeness(known_on, day) for day in periods.days_of(month.period)]
    return sum(shares) / len(shares)
