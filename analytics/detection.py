"""The detection of a night: what is unusual, which few of it are shown, what is issued, and what the pages will read.

Counts become nodes with a calibrated p (`analytics.signals.nightly`), rules and the scan stand beside them, the short list is cut to the
alarm budget, episodes advance by the desk's ledger, and all of it is published as the results of the version. Run again for a day, it
issues nothing twice; matters that came late re-score what was sent and never take it back.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analytics.signals.episodes import NUMBERS, STATE_COLUMNS, advance, heed_steps, rename, rescored
from analytics.signals.nightly import Night, judge_night, judge_nights
from analytics.signals.rules import asked_by, judge_rules
from analytics.signals.settings import SignalRules, rules_from
from analytics.signals.shortlist import anchor_clusters
from analytics.warnings import keeping
from analytics.warnings.around import NODE, Places
from analytics.warnings.behind import sources_of, unlinked_of
from analytics.warnings.clusters import find_clusters
from analytics.warnings.nights import (
    City,
    ReplayedNight,
    as_days,
    city_of,
    first_budget,
    first_issue,
    listed_of,
    places_of,
    replay_weeks,
)
from analytics.warnings.reading import CITY, Reading, read_cube
from data import handling, queries, results_tables
from data.boundaries import boundaries_path, read_boundaries
from data.desk import Desk
from data.errors import Refused
from data.in_force import signal_rules_in_force
from data.mart import Mart, open_mart
from data.results import publish_results, results_of
from data.scope import Actor, Scope
from data.site import Site
from data.workdays import WorkCalendar

NIGHT = Actor("detection", Scope())  # what issues: no post did
RESCORED_DAYS = 14  # alarms not older than this are held against what came late
COMPLETE = 0.95
ARCHIVE_DAYS = 28  # without any matter: what is judged is an archive, up to its last day

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class DetectionReport:
    """What a detection did: nodes judged, signals listed by tier, episodes issued (their keys), events written, weeks replayed."""

    as_of: date
    judged: int
    listed: dict[str, int]
    issued: tuple[str, ...]
    events: int
    replayed_weeks: int
    seconds: float


def detect(
    folder: Path,
    desk: Desk,
    day: date,
    *,
    calendar: WorkCalendar,
    now: datetime,
    rules: SignalRules | None = None,
    centres: Mapping[str, tuple[float, float]] | None = None,
    actor: Actor = NIGHT,
    progress: Progress = lambda stage, share: None,
) -> DetectionReport:
    """Judge `day` by the version that serves, issue what is new to the desk's ledger, publish the results beside the matters.

    `rules` are those in force on `day` unless given; `centres` say where areas lie, for the scan. The caller holds the one writer's place.
    Raises NotReady where nothing was registered by `day`, Refused when another detection wrote to the ledger meanwhile.
    """
    began = time.monotonic()
    rules = rules_from(signal_rules_in_force(desk, day)) if rules is None else rules
    mart = open_mart(folder)
    seen = handling.ledger_mark(desk)
    progress("counting", 0.0)
    reading = read_cube(mart, day, calendar)
    places = Places(reading.cube)
    subjects = queries.subjects_of(mart)
    city = city_of(places, subjects.severe)
    is_first = not seen and results_of(mart) is None
    progress("judging", 0.2)
    replayed = replay_weeks(places, day, city, rules) if is_first else []
    night = as_days(judge_night(reading.cube))
    progress("listing", 0.6)
    episodes = replayed[-1].episodes if replayed else heed_steps(handling.open_episodes(desk), rules)
    matches = judge_rules(queries.read_rules(mart, CITY, day, asked_by(rules)), rules)
    clusters, scanned = find_clusters(reading.cube, queries.names_of(mart).areas, centres)
    clusters = _enough(clusters, rules)
    anchored = anchor_clusters(clusters, city.parents, city.level_of, day, scanned, rules) if len(clusters) else None
    listed = listed_of(
        night, day, city, places, rules, episodes=episodes, matches=matches, clusters=anchored,
        unlinked=unlinked_of(mart, night, day, subjects, rules),
    )  # fmt: skip
    listed = listed.assign(sources=sources_of(mart, listed, day, subjects))
    progress("issuing", 0.8)
    if replayed:
        listed = first_budget(listed, rules)
        episodes, events = first_issue(episodes, listed, day, rules)
    else:
        episodes, events = advance(episodes, listed, day, rules)
        late = _late(desk, day, places, night)
        events = pd.concat([events, late], ignore_index=True) if len(late) else events
    keys = handling.issue(
        desk, events, version=mart.version, known_at=mart.published_at, actor=actor, at=now, seen=seen
    )
    episodes = rename(episodes, keys)
    progress("writing", 0.9)
    kept = _Kept(mart, reading, places, city, rules, now, is_whole_of(mart))
    runs = [kept.replayed(one) for one in replayed]
    former = runs[-1]["item"] if runs else _former_items(mart)
    frames = kept.tonight(
        day, night, listed, episodes, former, matches, clusters, time.monotonic() - began, _replayed_keys(desk)
    )
    publish_results(folder, [*runs, frames])
    tiers = {str(tier): int(count) for tier, count in listed["tier"].value_counts().items()}
    judged = int(night.judged.loc[night.judged["state"].isin(("judged", "short_history")), "nodes"].sum())
    return DetectionReport(
        day, judged, tiers, tuple(keys.values()), len(events), len(replayed), round(time.monotonic() - began, 2)
    )


def detect_site(
    site: Site, desk: Desk, *, calendar: WorkCalendar, now: datetime, progress: Progress = lambda stage, share: None
) -> DetectionReport:
    """`detect` for the day that is due at a site, by its own map."""
    day = day_to_judge(open_mart(site.mart_folder), now.date() - timedelta(days=1))
    return detect(
        site.mart_folder, desk, day, calendar=calendar, now=now, centres=_centres(site.home), progress=progress
    )  # fmt: skip


def _centres(home: Path) -> dict[str, tuple[float, float]] | None:
    """Where areas lie; None without a map, or with one that cannot be read: the page that shows it says why."""
    try:
        found = read_boundaries(boundaries_path(home))
    except Refused:
        return None
    return {code: found.centre(code) for code in found.rings} if found else None


def day_to_judge(mart: Mart, yesterday: date) -> date:
    """The day that a detection judges: yesterday; where nothing was registered for four weeks, the last day of what is an archive."""
    last = queries.read_span(mart, CITY).iloc[0]["last_on"]
    last_on = yesterday if pd.isna(last) else last.date()
    return last_on if (yesterday - last_on).days > ARCHIVE_DAYS else yesterday


def is_whole_of(mart: Mart) -> dict[str, bool]:
    """Whether the code of a subject opens just its own matters: not where further subjects lie below it."""
    subjects = queries.subjects_of(mart)
    parents = queries.names_of(mart).categories["parent_code"]
    above = {
        parent
        for code, parent in parents.items()
        if isinstance(parent, str) and subjects.of[code] != subjects.of.get(parent)
    }
    return {code: code not in above for code in subjects.codes}


def _enough(clusters: pd.DataFrame, rules: SignalRules) -> pd.DataFrame:
    return clusters if clusters.empty else clusters[clusters["observed"] >= rules.minimum_count].reset_index(drop=True)


# --- what was issued before ----------------------------------------------------------------------------------------------------


def _replayed_keys(desk: Desk) -> set[str]:
    """Episodes in the ledger that began before they were issued: a replay had found them."""
    episodes = handling.open_episodes(desk, with_closed=True)
    keys = {str(row["episode"]): row for row in episodes.to_dict("records")}
    return {key for key, row in keys.items() if f"{row['opened_on']:%Y%m%d}" < key[2:10]}


def _late(desk: Desk, day: date, places: Places, night: Night) -> pd.DataFrame:
    """Events that re-score the alarms of the last days whose counts are others by now; each once."""
    recent = [
        event
        for event in handling.read_events(desk)
        if (event.event in handling.ALARMING or event.event == "rescored")
        and (day - event.as_of).days <= RESCORED_DAYS
        and event.channel != "scan"
    ]
    known: dict[tuple, dict] = {}
    for event in recent:
        numbers = dict(event.numbers)
        alarm = {
            **event.state,
            "episode": event.episode,
            "event": event.event,
            **{name: numbers.get(name) for name in NUMBERS},
        }
        key = (event.episode, alarm["channel"], alarm["last_on"])
        known[key] = alarm | {"as_of": known[key]["as_of"] if key in known else event.as_of}
    changed = [alarm for alarm in known.values() if alarm["last_on"] and _counted(places, alarm) != alarm["observed"]]
    rows = []
    days = sorted({alarm["as_of"] for alarm in changed} - {day})
    nights = dict(zip(days, judge_nights(places.cube, days), strict=True)) if days else {}
    for on in sorted({alarm["as_of"] for alarm in changed}):
        nodes = night.nodes if on == day else as_days(nights[on]).nodes
        own = [alarm for alarm in changed if alarm["as_of"] == on]
        for event in rescored(pd.DataFrame(own), nodes, day).to_dict("records"):
            rows.append(event | {"observed": _counted(places, event)})
    return pd.DataFrame(rows, columns=[*STATE_COLUMNS, "event", "as_of", *NUMBERS])


def _counted(places: Places, alarm: Mapping[str, object]) -> int | None:
    """What the node of an alarm counts now in the alarm's window; None where the place or subject is no longer there."""
    try:
        counts = places.counts(*(alarm[name] for name in NODE))
    except KeyError:
        return None
    low, high = (places.day(pd.Timestamp(alarm[name]).date()) for name in ("first_on", "last_on"))
    return int(counts[max(low, 0) : high + 1].sum())


def _former_items(mart: Mart) -> pd.DataFrame:
    """The items of the run before."""
    results = results_of(mart)
    item, run = results_tables.item, results_tables.run
    if results is None:
        return pd.DataFrame(columns=[column.name for column in item.columns])
    last = sa.select(sa.func.max(run.c.run_no)).scalar_subquery()
    found = results.read(sa.select(item).where(item.c.run_no == last).order_by(item.c.rank))
    return keeping.plain(found.drop(columns="run_no"))


# --- what is kept ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Kept:
    """Makes the frames of the results."""

    mart: Mart
    reading: Reading
    places: Places
    city: City
    rules: SignalRules
    now: datetime
    is_whole: Mapping[str, bool]

    def tonight(
        self,
        day: date,
        night: Night,
        listed: pd.DataFrame,
        episodes: pd.DataFrame,
        former: pd.DataFrame,
        matches: pd.DataFrame,
        clusters: pd.DataFrame,
        seconds: float,
        replayed: set[str],
    ) -> dict[str, pd.DataFrame]:
        """The frames of the night that was judged."""
        items = keeping.items_frame(listed, episodes, former, day, is_whole=self.is_whole, replayed=replayed)
        state, counted = places_of(night, episodes, self.city, self.places, self.rules)
        return {
            **keeping.night_frames(night),
            **keeping.courses(self.reading.cube, items, self.places),
            "item": items,
            "rule_match": keeping.rules_frame(matches),
            "cluster": keeping.clusters_frame(clusters, day, self.reading.cube.levels[0]),
            "place": state,
            "alert_places": counted,
            "run": self._run(day, int((listed["tier"] == "digest").sum()), seconds, is_replayed=False),
        }

    def replayed(self, past: ReplayedNight) -> dict[str, pd.DataFrame]:
        """The frames of a night of the past."""
        keys = set(past.episodes["episode"])
        items = keeping.items_frame(
            past.listed, past.episodes, pd.DataFrame(), past.day, is_whole=self.is_whole, replayed=keys
        )
        state, counted = places_of(past.night, past.episodes, self.city, self.places, self.rules)
        frames = keeping.night_frames(past.night)
        return {
            **{name: frames[name] for name in ("coverage", "grey")},
            "item": items,
            "place": state,
            "alert_places": counted,
            "run": self._run(past.day, int((past.listed["tier"] == "digest").sum()), 0.0, is_replayed=True),
        }

    def _run(self, day: date, digest: int, seconds: float, *, is_replayed: bool) -> pd.DataFrame:
        reading = self.reading
        facts = keeping.RunFacts(
            as_of=day, judged_through=_complete_through(reading, day), ran_at=self.now, published_at=self.mart.published_at,
            matters_version=self.mart.version, seconds=round(seconds, 2), rules=self.rules, matters=reading.matters,
            without_place=reading.without_place, without_subject=reading.without_subject, digest=digest, is_replayed=is_replayed,
        )  # fmt: skip
        return keeping.run_frame(facts, reading.cube.levels, sorted({kind for kind, _ in reading.cube.subjects}))


def _complete_through(reading: Reading, day: date) -> date:
    """The last day up to `day` whose matters of every kind are all but complete."""
    cube = reading.cube
    place = int((np.datetime64(day, "D") - cube.days[0]).astype(int))
    whole = (np.nan_to_num(cube.completeness[:, : place + 1], nan=1.0) >= COMPLETE).all(axis=0)
    return cube.days[int(np.flatnonzero(whole)[-1])].astype(object) if whole.any() else cube.days[0].astype(object)
