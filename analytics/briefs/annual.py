"""The annual report on petitions (信访工作条例, article 41): the facade that asks every part once."""

from datetime import date, datetime

import pandas as pd

from analytics import pathways, periods
from analytics.briefs import annual_parts, wording
from analytics.briefs.annual_answer import AnnualBrief
from analytics.briefs.answer import BRIEF_RULES, BriefRules, Question
from analytics.figures import Comparison, Figure, Period, Sentence
from data import queries
from data.errors import NotReady
from data.mart import Attempt, Mart
from data.scope import Scope
from data.workdays import WorkCalendar

__all__ = ["AnnualBrief", "annual_brief"]


def annual_brief(
    mart: Mart,
    scope: Scope,
    day: date,
    *,
    calendar: WorkCalendar,
    area_code: str | None = None,
    kind: str | None = "petition",
    attempt: Attempt | None = None,
    now: datetime | None = None,
    rules: BriefRules = BRIEF_RULES,
) -> AnnualBrief:
    """The calendar year that holds `day`, up to `day`; petitions unless another kind is asked for.

    `attempt` is the last refresh attempt and `now` the reader's wall clock: with them a failed or late refresh is said first. Raises
    NotReady when the area lies outside the scope.
    """
    area_code, kind = area_code or scope.only_area, kind or "petition"
    areas = queries.read_areas(mart, scope)
    own = areas[areas["area_code"] == area_code]
    if area_code is not None and own.empty:
        raise NotReady("brief.area_unknown", area=area_code)
    period = periods.period_of("year", day, as_of=day)
    ask = Question(mart, scope, period.last, area_code, kind, calendar, rules)
    year = annual_parts.Year(ask, period, periods.year_on_year(period, "year").base, areas)
    received, handling = annual_parts.received(year), annual_parts.handling(year)
    policy = pathways.policy_effects(mart, scope, period.last, area_code=area_code)
    street = own["street_code"].iloc[0] if len(own) else None
    fields, regions = annual_parts.fields(year), annual_parts.regions(year)
    return AnnualBrief(
        period=period,
        before=year.before,
        area_code=area_code,
        area_name=str(own["name"].iloc[0]) if len(own) else None,
        area_names=queries.names_of_scope(mart, scope, area_code),
        kind=kind,
        version=mart.version,
        published_at=mart.published_at,
        read_at=mart.read_at,
        headline=_headline(received, handling, fields, period),
        notices=(
            *wording.refresh_notices(ask.mart, ask.day, attempt, now, stale_hours=ask.rules.stale_hours),
            *_notices(year, received),
        ),
        received=received,
        months=annual_parts.months(year),
        forms=annual_parts.by_property(year, "form"),
        purposes=annual_parts.by_property(year, "purpose"),
        fields=fields,
        regions=regions,
        lines=annual_parts.functional_lines(year),
        units=annual_parts.units(year),
        handling=handling,
        rates=annual_parts.rates(year),
        suggestions=annual_parts.suggestions(year, policy),
        policy=policy,
        funnel=pathways.funnel(mart, scope, period, period.last, area_code=area_code, kind=kind),
        petition_link=pathways.petition_link(mart, scope, period.last, area_code=area_code),
        street=str(queries.names_of(mart).area(street)["name"]) if isinstance(street, str) else None,
        is_below_street=isinstance(street, str) and street != area_code,
    )


def _headline(
    received: tuple[Figure, ...], handling: tuple[Figure, ...], fields: tuple, period: Period
) -> tuple[Sentence, ...]:
    """The year in at most three lines: how many and about what; what was done; what stands."""
    by_name = {figure.name: figure for figure in (*received, *handling)}
    new = received[0]
    if not new.value:
        return (Sentence("annual.headline.none"),)
    named = tuple(str(line.values["category"]) for line in fields if line.values["category_code"] is not None)[:3]
    span = Sentence(f"annual.span.{'whole' if period.complete else 'so_far'}", {"last": period.last})
    values = {"span": span, "count": new.value, "fields": named or (Sentence("brief.category_unknown"),)}
    moved = _moved(new.comparisons[0], new.value) if new.comparisons else None
    key = "arrived_alone" if moved is None else "arrived"
    said = [Sentence(f"annual.headline.{key}", values if moved is None else {**values, "moved": moved}, new.selection)]
    done = {name: by_name[name].value for name in ("routed", "supervised", "closed")}
    if done["closed"] is not None:
        said.append(Sentence("annual.headline.done", done, by_name["closed"].selection))
    standing = {name: by_name[name].value for name in ("open", "overdue")} | {"day": period.last}
    if standing["overdue"] is not None:
        said.append(Sentence("annual.headline.standing", standing, by_name["open"].selection))
    return tuple(said)


def _moved(comparison: Comparison, value: float) -> Sentence | None:
    """How a count stands against the year before, by the wording rules; None where it cannot be compared."""
    if comparison.reason is not None:
        return None
    if not comparison.change:
        return Sentence("figure.comparison.flat")
    way = "up" if comparison.change > 0 else "down"
    if comparison.change_pct is not None:
        return Sentence(f"figure.comparison.{way}_pct", {"pct": abs(comparison.change_pct)})
    return Sentence(f"figure.comparison.counts_{way}", {"base": comparison.base, "value": value})


def _notices(year: annual_parts.Year, received: tuple[Figure, ...]) -> tuple[Sentence, ...]:
    """An unfinished year, no records, or records that begin within the year before."""
    said = []
    if not year.period.complete:
        said.append(Sentence("annual.notice.unfinished", {"last": year.period.last}))
    if not received[0].value:
        return (*said, Sentence("notice.no_records", {"day": year.period.last}))
    if not year.is_on_record(year.before):
        first_on = None if pd.isna(year.first_on) else year.first_on
        said.append(Sentence("annual.notice.no_year_before", {"first": first_on}))
    return tuple(said)
