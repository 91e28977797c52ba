"""Before and after a policy: matters of its category and area on both sides of the day it came into force. Description, not proof."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics import contrasts
from analytics.figures import Figure, Period, Sentence
from analytics.pathways.answers import PATHWAY_RULES, PathwayRules, PolicyEffect, PolicyEffects, Ratio
from data import queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

STATES = ("suggested", "adopted", "in_force", "declined")
SIDES = ((0).__gt__, (0).__le__)  # of a span's first day: before the day in force, or from it on
ONE_DAY, ONE_YEAR_OF_WEEKS = timedelta(days=1), timedelta(weeks=52)


def policy_effects(
    mart: Mart,
    scope: Scope,
    as_of: date,
    *,
    area_code: str | None = None,
    kind: str | None = None,
    rules: PathwayRules = PATHWAY_RULES,
) -> PolicyEffects:
    """The policy actions that touch the chosen area, and for those in force what was counted before and after.

    Before and after are compared over spans of up to `policy_days`, each set against the same days a year (52 weeks) earlier, so that a
    season does not pass for an effect. Whatever else changed in those days is in the numbers too.
    """
    where = {"area_code": area_code}
    actions = queries.read_policy_actions(mart, scope, as_of, **where)
    plain = [_plain(row, as_of) for row in actions.to_dict("records")]
    judged = actions[actions["action_id"].isin([one.action_id for one in plain if one.state == "compared"])]
    days = rules.policy_days
    around = queries.read_around_policies(mart, scope, judged, as_of, days, kind=kind, **where)
    by_action = {action: _Course.of(rows) for action, rows in around.groupby("action_id")}
    first_on = queries.read_span(mart, scope)["first_on"].iloc[0]
    since = None if pd.isna(first_on) else pd.Timestamp(first_on).date()
    inside = _inside(mart, area_code)
    effects = tuple(
        _compared(one, by_action.get(one.action_id, _NOTHING), since, as_of, kind, area_code, inside, rules)
        if one.state == "compared"
        else one
        for one in plain
    )
    low = area_code is not None and queries.names_of(mart).lies_below_street(area_code)
    return PolicyEffects(as_of, area_code, _counts(effects, as_of), effects, _sentence(effects), low)


def _plain(row: dict, as_of: date) -> PolicyEffect:
    """An action as it stood at the close of `as_of`: what is dated later had not happened yet."""
    days = {name: _day(row[name], as_of) for name in ("suggested_on", "adopted_on", "effective_on")}
    text = {
        name: None if pd.isna(row[name]) else str(row[name])
        for name in ("kind", "area_code", "area", "category_code", "category")
    }
    if days["effective_on"]:
        state = "compared" if text["category_code"] else "no_category"
    elif days["adopted_on"]:
        state = "adopted"
    else:
        state = "declined" if row["status"] == "declined" else "suggested"
    return PolicyEffect(str(row["action_id"]), state=state, **text, **days)


def _day(value: object, as_of: date) -> date | None:
    day = None if pd.isna(value) else pd.Timestamp(value).date()
    return day if day is not None and day <= as_of else None


def _inside(mart: Mart, area_code: str | None) -> frozenset[str] | None:
    """The areas that lie in the chosen one, itself included; None when none was chosen."""
    if area_code is None:
        return None
    names = queries.names_of(mart)
    here = names.area(area_code)
    if here is None:
        return frozenset()
    within = names.areas["pos"].between(here["pos"], here["last_pos"])
    return frozenset(names.areas.loc[within, "area_code"])


@dataclass(frozen=True)
class _Course:
    """Matters by day: the days in order, and how many there were before each and after the last."""

    days: np.ndarray
    before: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "_Course":
        rows = rows.sort_values("day")
        counts = rows["matters"].to_numpy(dtype=np.int64)
        return cls(rows["day"].to_numpy(dtype="datetime64[D]"), np.concatenate([[0], counts.cumsum()]))

    def within(self, period: Period) -> int:
        """How many matters a period has."""
        first, last = np.array([period.first, period.last + ONE_DAY], dtype="datetime64[D]")
        return int(self.before[self.days.searchsorted(last)] - self.before[self.days.searchsorted(first)])


_NOTHING = _Course(np.array([], dtype="datetime64[D]"), np.array([0]))


def _compared(
    one: PolicyEffect,
    counts: _Course,
    since: date | None,
    as_of: date,
    kind: str | None,
    area_code: str | None,
    inside: frozenset[str] | None,
    rules: PathwayRules,
) -> PolicyEffect:
    """The counts on both sides, and the ratios where enough days have passed and the records reach back."""
    effective = one.effective_on
    after = Period(effective, min(effective + timedelta(days=rules.policy_days) - ONE_DAY, as_of))
    before = Period(effective - timedelta(days=rules.policy_days), effective - ONE_DAY)
    if since is None or since > before.first:
        before = Period(min(since or effective, before.last), before.last)
    where = one.area_code if inside is None or one.area_code in inside else area_code
    chosen = Selection("new", as_of, kind=kind, area_code=where, category_code=one.category_code)
    found = replace(
        one,
        days_before=before.days,
        days_after=after.days,
        before=counts.within(before),
        after=counts.within(after),
        before_selection=chosen.narrowed(first=before.first, last=before.last),
        after_selection=chosen.narrowed(first=after.first, last=after.last),
        spans=_spans(counts, effective, before, after, rules.policy_span),
    )
    found = replace(
        found,
        per_30_before=30 * found.before / before.days,
        per_30_after=30 * found.after / after.days,
    )
    if after.days < rules.policy_least or before.days < rules.policy_least:
        return replace(found, state="too_recent" if after.days < rules.policy_least else "short_history")
    whole = [[count for start, count, is_whole in found.spans if is_whole and side(start)] for side in SIDES]
    scatter = contrasts.scatter_within(*whole)
    change = contrasts.rate_ratio(found.after, after.days, found.before, before.days, scatter=scatter)
    found = replace(found, change=Ratio(*change))
    earlier = [Period(one_.first - ONE_YEAR_OF_WEEKS, one_.last - ONE_YEAR_OF_WEEKS) for one_ in (before, after)]
    if since is None or earlier[0].first < since:
        return found
    season_before, season_after = (counts.within(period) for period in earlier)
    season = contrasts.rate_ratio(season_after, after.days, season_before, before.days, scatter=scatter)
    against = contrasts.ratio_of_ratios((found.after, found.before), (season_after, season_before), scatter=scatter)
    return replace(
        found,
        season_before=season_before,
        season_after=season_after,
        season=Ratio(*season),
        against_season=Ratio(*against),
    )


def _spans(
    counts: _Course, effective: date, before: Period, after: Period, length: int
) -> tuple[tuple[int, int, bool], ...]:
    """Matters in spans of `length` days, by how many days after the day in force each begins; the last may be cut short."""
    spans = []
    starts = [*range(-(before.days // length) * length, 0, length), *range(0, after.days, length)]
    for start in starts:
        first = effective + timedelta(days=start)
        whole = first + timedelta(days=length) - ONE_DAY
        period = Period(first, min(whole, after.last))
        spans.append((start, counts.within(period), whole <= after.last))
    return tuple(spans)


def _counts(effects: tuple[PolicyEffect, ...], as_of: date) -> tuple[Figure, ...]:
    """How many actions stand where, over the whole record; an action in force is not counted as adopted again."""
    standing = ["in_force" if one.effective_on else one.state for one in effects]
    whole = Period(min((one.suggested_on for one in effects if one.suggested_on), default=as_of), as_of)
    return tuple(Figure(f"policy_{state}", standing.count(state), "actions", whole, as_of) for state in STATES)


def _sentence(effects: tuple[PolicyEffect, ...]) -> Sentence:
    if not effects:
        return Sentence("pathways.policy.none")
    compared = [one for one in effects if one.change is not None and one.change.value is not None]
    fell = [one for one in compared if one.change.upper is not None and one.change.upper < 1]
    rose = [one for one in compared if one.change.lower is not None and one.change.lower > 1]
    values = {"count": len(effects), "compared": len(compared), "fell": len(fell), "rose": len(rose)}
    return Sentence("pathways.policy.said" if compared else "pathways.policy.uncompared", values)
