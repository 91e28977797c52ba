"""From a judged night to its short list and episodes: the same steps for tonight and for the weeks that a first run replays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from analytics.signals.episodes import NUMBERS, STATE_COLUMNS, advance, no_episodes, points_of, rename
from analytics.signals.multiplicity import count_tested
from analytics.signals.nightly import Night, judge_nights
from analytics.signals.settings import SignalRules
from analytics.signals.shortlist import NODE, on_one_path, rank, shortlist, within_budget
from analytics.warnings.around import STANDING, Places, add_history, count_places, places_above_chance

REPLAYED_WEEKS = 8  # that a first run plays through, so that what lasts is seen to last
LEAST_HISTORY = 182  # days before a night that is replayed
SHOWN_TIERS = ("found", "watch")


@dataclass(frozen=True, eq=False)
class City:
    """What a night needs to know of the city: the area above each area, the level of each, the severe subjects."""

    parents: Mapping[str, str | None]
    level_of: Mapping[str, str]
    severe: frozenset[str]


def city_of(places: Places, severe: frozenset[str]) -> City:
    """The judged tree of a cube."""
    cube = places.cube
    parents: dict[str, str | None] = {}
    level_of: dict[str, str] = {}
    for level in reversed(cube.levels):  # a place that stands in for the level above keeps its own
        for code in cube.areas[level]:
            above = [wider for _, wider in places.above(level, str(code)) if wider != code]
            parents[str(code)] = above[0] if above else None
            level_of[str(code)] = level
    return City(parents, level_of, severe)


def as_days(night: Night) -> Night:
    """The night with its days as plain dates."""
    nodes = night.nodes
    days = {
        name: pd.Series([pd.Timestamp(one).date() for one in nodes[name]], index=nodes.index, dtype=object)
        for name in ("first_on", "last_on")
    }
    return replace(night, nodes=nodes.assign(**days))


def listed_of(
    night: Night,
    day: date,
    city: City,
    places: Places,
    rules: SignalRules,
    *,
    episodes: pd.DataFrame,
    matches: pd.DataFrame | None = None,
    clusters: pd.DataFrame | None = None,
    unlinked: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The short list of a night with highest_since and watched_since."""
    listed = shortlist(
        night.nodes, night.judged, city.parents, day, rules, episodes=episodes, matches=matches, clusters=clusters, unlinked=unlinked,
        severe=city.severe,
    )  # fmt: skip
    return add_history(listed, places)


def places_of(
    night: Night, episodes: pd.DataFrame, city: City, places: Places, rules: SignalRules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The places in alert (an episode stands there) or rising (above chance, none stands): level, area_code, state; and how many."""
    standing = episodes[episodes["state"].isin(STANDING)]
    alert = set(standing[["level", "area_code"]].itertuples(index=False, name=None))
    judged = count_tested(night.judged)
    single = night.nodes.sort_values("observed").drop_duplicates(NODE, keep="last")
    rising = places_above_chance(single, judged, places, rules) - alert
    rows = [(*one, "alert") for one in sorted(alert)] + [(*one, "rising") for one in sorted(rising)]
    counted = {level: len(places.cube.areas[level]) if judged.get(level) else 0 for level in places.cube.levels}
    return pd.DataFrame(rows, columns=["level", "area_code", "state"]), count_places(
        places.cube.levels, alert, rising, counted
    )


@dataclass(frozen=True, eq=False)
class ReplayedNight:
    """One night of the past, judged after the fact."""

    day: date
    night: Night
    listed: pd.DataFrame
    episodes: pd.DataFrame


def replay_weeks(places: Places, day: date, city: City, rules: SignalRules) -> list[ReplayedNight]:
    """The weeks before `day`, one night a week, the oldest first: what they would have listed. Nights without half a year of history
    are left out. Episodes have keys of their own (R-yyyymmdd-nn), since no ledger has them.
    """
    cube = places.cube
    first = cube.days[0].astype(object) + timedelta(days=LEAST_HISTORY)
    days = [day - timedelta(weeks=week) for week in range(REPLAYED_WEEKS, 0, -1)]
    days = [one for one in days if one >= first]
    episodes, replayed = no_episodes(), []
    for one, night in zip(days, judge_nights(cube, days), strict=True) if days else ():
        judged = as_days(night)
        listed = listed_of(judged, one, city, places, rules, episodes=episodes)
        episodes, _ = advance(episodes, listed, one, rules)
        new = [key for key in episodes["episode"] if not key.startswith("R-")]
        episodes = rename(episodes, {key: f"R-{one:%Y%m%d}-{place:02d}" for place, key in enumerate(new, start=1)})
        replayed.append(ReplayedNight(one, judged, listed, episodes))
    return replayed


def first_budget(listed: pd.DataFrame, rules: SignalRules) -> pd.DataFrame:
    """The short list of the first night: nobody has verified anything yet, so what a replay found uses the budget like what is new."""
    return rank(within_budget(listed.assign(needs_room=True), 0, 0, rules))


def first_issue(
    replayed: pd.DataFrame, listed: pd.DataFrame, day: date, rules: SignalRules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first night of a ledger: the episodes after it and the events to be issued.

    What a replay found and still stands tonight is issued tonight, as what it is: opened by the ledger today, begun (`opened_on`) when
    the replay found it. What no longer stands, or is over the budget, is not issued.
    """
    after, _ = advance(replayed, listed, day, rules)
    candidates = [row for row in listed.to_dict("records") if row["tier"] in SHOWN_TIERS]
    kept, issued = [], []
    for episode in after.to_dict("records"):
        row = min((one for one in candidates if on_one_path(one, episode)), key=lambda one: one["p_node"], default=None)
        if episode["state"] == "closed" or row is None:
            continue
        issued_now = episode | {name: row[name] for name in (*NODE, "path", "tier")} | {
            "state": "opened", "issued_on": day, "since": day, "mute_until": day + timedelta(weeks=rules.mute_weeks), "clear_since": None,
            "p_alarmed": row["p_node"], "level_alarmed": row["level_code"], "points_alarmed": points_of(row),
        }  # fmt: skip
        if any(on_one_path(issued_now, one) for one in kept):
            continue
        kept.append(issued_now)
        numbers = {name: row.get(name) for name in NUMBERS}
        issued.append({**issued_now, "event": "opened", "as_of": day, **numbers})
    episodes = pd.DataFrame(kept, columns=list(STATE_COLUMNS))
    return episodes, pd.DataFrame(issued, columns=[*STATE_COLUMNS, "event", "as_of", *NUMBERS])
