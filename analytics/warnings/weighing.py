"""What other judgements of the warnings would have done: to what the last detection kept, and to the nights of two years."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from analytics.signals.budget import GRID, Budget, weigh_budget, widest
from analytics.signals.nightly import judge_nights
from analytics.signals.settings import LEVEL_CODES, SignalRules
from analytics.signals.shortlist import TIERS, path_of, shortlist
from analytics.warnings.around import Places
from analytics.warnings.nights import LEAST_HISTORY, as_days, city_of
from analytics.warnings.reading import read_cube
from data import handling, queries, results_tables
from data.desk import Desk
from data.evaluations import keep_evaluation, read_evaluations
from data.mart import Mart
from data.results import results_of
from data.workdays import WorkCalendar

WEEKS = 104  # that a budget is weighed by, where the history allows
KEPT = ("watch_p", "alarms_a_week", "p95_a_week", "most_a_week", "episodes", "marked", "missed")
SUBJECT = "budget"  # of the evaluations kept beside the stores

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class RulesPreview:
    """How the nodes that the detection of `as_of` kept would be listed by the judgements in force and by others, all taken as new: `now`
    and `then` count the signals by tier and by work level.
    """

    as_of: date
    now: dict[str, int]
    then: dict[str, int]


def preview_rules(mart: Mart, now: SignalRules, then: SignalRules) -> RulesPreview | None:
    """What other judgements would change; None before the first detection. Only those of the short list and the levels show here: what
    rules beside statistics would match is asked of the matters by the next detection.
    """
    results = results_of(mart)
    if results is None:
        return None
    run = results_tables.run
    last = results.read(sa.select(run).order_by(run.c.run_no.desc()).limit(1)).iloc[0]
    frames = {}
    for table in (results_tables.node, results_tables.coverage):
        found = results.read(sa.select(table).where(table.c.run_no == int(last["run_no"])))
        frames[table.name] = found.drop(columns="run_no")
    areas = queries.names_of(mart).areas
    parents = {
        code: above if isinstance(above, str) else None
        for code, above in zip(areas["area_code"], areas["parent_code"], strict=True)
    }
    severe = queries.subjects_of(mart).severe
    as_of = pd.Timestamp(last["as_of"]).date()

    def counts(rules: SignalRules) -> dict[str, int]:
        listed = shortlist(frames["node"], frames["coverage"], parents, as_of, rules, severe=severe)
        by_tier, by_level = listed["tier"].value_counts(), listed["level_code"].value_counts()
        return {tier: int(by_tier.get(tier, 0)) for tier in TIERS} | {
            code: int(by_level.get(code, 0)) for code in LEVEL_CODES
        }

    return RulesPreview(as_of, counts(now), counts(then))


def replay_budget(
    mart: Mart,
    desk: Desk,
    day: date,
    *,
    calendar: WorkCalendar,
    rules: SignalRules,
    budget_a_week: int | None = None,
    weeks: int = WEEKS,
    every_days: int = 1,
    progress: Progress = lambda stage, share: None,
) -> Budget:
    """The alarm budget weighed by replaying the nights of the weeks before `day`, each judged from what came before it. By `every_days`
    7 it takes a seventh of the time and understates the alarms: in the demo town 1.2 a week at p ≤ .001 where every night brings 2.2.

    Counted as missed is what the office knows: signals it marked a hit, and events that its reviews say no signal met.
    """
    reading = read_cube(mart, day, calendar)
    cube = reading.cube
    city = city_of(Places(cube), queries.subjects_of(mart).severe)
    first = cube.days[0].astype(object) + timedelta(days=LEAST_HISTORY)
    days = [one for back in range(7 * weeks, -1, -every_days) if (one := day - timedelta(days=back)) >= first]
    wide = widest(rules, GRID)
    nights = []
    for one, night in zip(days, judge_nights(cube, days), strict=True) if days else ():
        progress("replaying", len(nights) / len(days))
        judged = as_days(night)
        nights.append((one, shortlist(judged.nodes, judged.judged, city.parents, one, wide, severe=city.severe)))
    marked = known_events(desk, city.parents, days[0] if days else day, day)
    progress("weighing", 1.0)
    return weigh_budget(nights, rules, budget_a_week=budget_a_week, marked=marked if len(marked) else None)


def keep_budget(found: Budget, home: Path, as_of: date, at: datetime) -> Path:
    """Write a budget down beside the stores, to be shown with the settings; earlier ones stay."""
    rows = [
        {name: None if pd.isna(row[name]) else row[name] for name in KEPT} | {"missed_keys": list(row["missed_keys"])}
        for row in found.table.astype(object).to_dict("records")
    ]
    content = {"as_of": as_of.isoformat(), "ran_at": at.isoformat(timespec="seconds"), "rows": rows}
    content |= {name: getattr(found, name) for name in ("budget_a_week", "weeks", "nights", "watch_p", "over_weeks")}
    return keep_evaluation(home, SUBJECT, content, at)


def last_budget(home: Path) -> tuple[date, Budget] | None:
    """The last budget that was weighed here, and the day it was weighed on; None before the first."""
    found, _ = read_evaluations(home, SUBJECT)
    if not found:
        return None
    last = found[0]
    table = pd.DataFrame(last["rows"], columns=[*KEPT, "missed_keys"])
    facts = {name: last[name] for name in ("budget_a_week", "weeks", "nights", "watch_p", "over_weeks")}
    return date.fromisoformat(last["as_of"]), Budget(table=table, **facts)


def known_events(desk: Desk, parents: dict, first: date, last: date) -> pd.DataFrame:
    """What the office knows to have happened in first … last: key, area_code, kind, category_code, path, first_on, last_on.

    A hit counts from a month before it was issued, so that a later alarm of a replay is not taken for a miss.
    """
    columns = ["key", "area_code", "kind", "category_code", "path", "first_on", "last_on"]
    found = handling.list_episodes(desk, first, last)
    rows = [
        {name: row[name] for name in columns[1:4]}
        | {"key": row["episode"], "path": path_of(row["area_code"], parents)}
        | {"first_on": row["opened_on"] - timedelta(days=28), "last_on": row["last_event_on"]}
        for row in found.to_dict("records")
        if row["outcome"] == "hit"
    ]
    rows += [
        {
            "key": f"review {one.review_id}",
            "area_code": one.area_code,
            "kind": one.kind,
            "category_code": one.category_code,
        }
        | {"path": path_of(one.area_code, parents)}
        | {"first_on": one.happened_on - timedelta(days=28), "last_on": one.happened_on}
        for one in handling.reviews(desk)
        if one.verdict == "miss" and first <= one.happened_on <= last
    ]
    return pd.DataFrame(rows, columns=columns)
