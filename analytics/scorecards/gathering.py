"""What is counted for every unit of a scorecard in a period: read once from the mart, with what is left out and what is shown beside."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from analytics.figures import Period
from analytics.scores import counting, item_states, windows
from analytics.scores.indicators import of
from analytics.scores.peers import peer_groups
from analytics.scores.rules import ScoreRules
from data import queries
from data.mart import Mart
from data.queries import score_states
from data.queries import scores as reads

DAYS_OF = {  # the rule that says how long an indicator's items are followed
    "resolution": "windows.resolution_days", "no_rebound": "windows.rebound_days", "deliberation_stages": "windows.stages_days",
    "pairing_claimed": "windows.claim_days", "timely_records": "windows.record_workdays",
}  # fmt: skip
ADJUSTED = "local_resolution"


@dataclass(frozen=True, eq=False)
class Gathered:
    """The units with their peer groups; `counts`, `left` and `mix` as the methods take them; `items` by indicator where single items stand
    behind it; `windows` of each indicator (first, last, days followed); `places` each unit holds; `workload` by unit."""

    units: pd.DataFrame
    counts: pd.DataFrame
    left: pd.DataFrame
    mix: dict[str, pd.DataFrame]
    items: dict[str, pd.DataFrame]
    windows: dict[str, tuple[date, date, int | None]]
    places: pd.DataFrame
    workload: pd.Series
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def gather(mart: Mart, scorecard: str, period: Period, as_of: date, rules: ScoreRules) -> Gathered:
    """Everything that counts for the units of a scorecard, across the whole city: peers are the same whoever asks."""
    last = min(period.last, as_of)
    units = reads.read_score_units(mart, scorecard, period.first, last)
    cuts = dict(rules.size_cuts)
    units = peer_groups(units, cuts, rules.whole("peers.minimum"))
    spans = {one.name: _window(one.name, period, as_of, rules) for one in of(scorecard)}
    read = {"party": _party, "volunteer": _teams, "alliance": _alliances}[scorecard]
    return read(mart, units, spans, period, last, rules)


def _window(name: str, period: Period, as_of: date, rules: ScoreRules) -> tuple[date, date, int | None]:
    """An indicator's own window: for cohorts of matters it is moved back by the days they are followed."""
    first, last = windows.window(period, rules.of(name).months, as_of)
    days = rules.whole(DAYS_OF[name]) if name in DAYS_OF else None
    if name in score_states.MATTER_INDICATORS:
        first, last = score_states.window_of(name, first, last, days)
    return first, last, days


def _party(mart: Mart, units: pd.DataFrame, spans: dict, period: Period, last: date, rules: ScoreRules) -> Gathered:
    tree = queries.names_of(mart).areas
    places = counting.units_of_places(units, tree)
    by_area = units.set_index("area_code")["unit_id"]
    matters = reads.read_score_counts(mart, {name: spans[name] for name in score_states.MATTER_INDICATORS})
    matters = matters.assign(unit_id=matters["area_code"].map(by_area)).dropna(subset="unit_id")
    counts, left = counting.tally(matters)
    found, beside = [counts], [left]
    items = _party_items(mart, spans)
    for name, rows in items.items():
        counts, left = counting.count_items(rows, places, name)
        found.append(counts)
        beside.append(left)
    venues = reads.read_venues(mart, last)
    profiles = counting.with_mechanisms(reads.read_profiles(mart, *spans["coverage"][:2]), venues, tree)
    ratings = reads.read_ratings(mart, *spans["public_rating"][:2])
    organisations = reads.read_brands(mart)
    found += [
        counting.profile_counts(profiles, places),
        counting.brand_counts(organisations, places),
        counting.social_counts(organisations, places),
        counting.rating_counts(ratings, units),
    ]
    workload = reads.read_workload(mart, period.first, last, last)
    workload = workload.assign(unit_id=workload["area_code"].map(by_area)).dropna(subset="unit_id").set_index("unit_id")
    subjects = subject_of(mart, matters)
    mixed = matters[matters["state"].isin(("met", "not_met")) & (matters["indicator"] == ADJUSTED)].assign(
        subject=subjects
    )
    mixed = mixed.assign(met=mixed["items"].where(mixed["state"] == "met", 0), whole=mixed["items"])
    mix = mixed.groupby(["unit_id", "subject"])[["met", "whole"]].sum().astype("float64").reset_index()
    return Gathered(
        units, _together(found), _together(beside), {ADJUSTED: mix}, items, spans, places, workload["new"].astype("float64"),
        {"workload": workload, "profiles": profiles, "venues": venues, "ratings": ratings, "organisations": organisations,
         "categories": queries.names_of(mart).categories},
    )  # fmt: skip


def subject_of(mart: Mart, rows: pd.DataFrame) -> pd.Series:
    """What a matter counts under where an indicator is adjusted: its kind and the widest category above its own."""
    parents = queries.names_of(mart).categories["parent_code"]
    top = {}
    for code in rows["category_code"].dropna().unique():
        above, seen = code, set()
        while isinstance(parents.get(above), str) and above not in seen:
            seen.add(above)
            above = parents[above]
        top[code] = above
    return rows["kind"].fillna("").astype(str) + ":" + rows["category_code"].map(top).fillna("?").astype(str)


def _party_items(mart: Mart, spans: dict) -> dict[str, pd.DataFrame]:
    """The single items behind the indicators that are not about matters."""
    names = (
        "deliberation",
        "deliberation_stages",
        "deliberation_three",
        "deliberation_disclosed",
        "pairing",
        "pairing_claimed",
        "co_creation",
    )
    firsts = {name: _reach_back(spans[name]) for name in names}
    lasts = {name: spans[name][1] for name in names}
    items_of = (name for name in names if name.startswith("deliberation"))
    pairs_of = ("pairing", "pairing_claimed")
    deliberations = reads.read_deliberations(mart, *_widest(items_of, firsts, lasts))
    pairings = reads.read_pairings(mart, *_widest(pairs_of, firsts, lasts))
    projects = reads.read_joint_projects(mart, firsts["co_creation"], lasts["co_creation"])
    tables = {"pairing": pairings, "pairing_claimed": pairings, "co_creation": projects}
    found = {}
    for name in names:
        first, last, days = spans[name]
        more = () if days is None else (days,)
        found[name] = item_states.ITEMS[name](tables.get(name, deliberations), (first, last), *more)
    return found


def _reach_back(span: tuple[date, date, int | None]) -> date:
    first, _, days = span
    return first if days is None else first - pd.Timedelta(days=days).to_pytimedelta()


def _widest(names: object, firsts: dict, lasts: dict) -> tuple[date, date]:
    named = tuple(names)
    return min(firsts[name] for name in named), max(lasts[name] for name in named)


def _teams(mart: Mart, units: pd.DataFrame, spans: dict, period: Period, last: date, rules: ScoreRules) -> Gathered:
    records = spans["timely_records"]
    both = (records, spans["active_months"])
    activities = reads.read_activities(mart, min(one[0] for one in both), max(one[1] for one in both))
    months = reads.read_team_months(mart, *spans["need_response"][:2])
    items = {
        "timely_records": item_states.timely_records(
            activities, records[:2], records[2], reads.read_score_workdays(mart)
        ),
        "active_months": item_states.active_months(activities, reads.read_team_spans(mart), spans["active_months"][:2]),
    }
    places = pd.DataFrame({"place": units["unit_id"], "unit_id": units["unit_id"]})
    found, beside = [], []
    for name, rows in items.items():
        counts, left = counting.count_items(rows, places, name)
        found.append(counts)
        beside.append(left)
    by_month = counting.month_counts(months)
    found.append(by_month[by_month["unit_id"].isin(units["unit_id"])])
    in_period = months[pd.to_datetime(months["month"]).between(pd.Timestamp(period.first), pd.Timestamp(last))]
    workload = in_period.groupby("team_id")["requests_accepted"].sum().astype("float64")
    return Gathered(
        units,
        _together(found),
        _together(beside),
        {},
        items,
        spans,
        places,
        workload,
        {"activities": activities, "months": months},
    )


def _alliances(mart: Mart, units: pd.DataFrame, spans: dict, period: Period, last: date, rules: ScoreRules) -> Gathered:
    terms = reads.read_terms(mart, period.first, last)
    counts = counting.term_counts(terms, last, rules)
    places = pd.DataFrame({"place": units["unit_id"], "unit_id": units["unit_id"]})
    nothing = pd.DataFrame(columns=counting.LEFT_OUT)
    begun = min((pd.Timestamp(day).date() for day in terms["starts_on"]), default=period.first)
    spans = dict.fromkeys(spans, (begun, last, None))  # the term so far, not a window of months
    return Gathered(units, counts, nothing, {}, {}, spans, places, pd.Series(dtype="float64"), {"terms": terms})


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    kept = [frame for frame in frames if len(frame)]
    return pd.concat(kept, ignore_index=True) if kept else frames[0]


def not_applicable(gathered: Gathered, scorecard: str) -> pd.DataFrame:
    """Counts with what does not apply to a unit marked: coverage of compounds where there are none."""
    counts = gathered.counts
    if scorecard != "party":
        return counts
    about = counts["indicator"].isin(
        (
            "coverage",
            "branch_coverage",
            "committee_coverage",
            "team_coverage",
            "committees_with_members",
            "committee_party_seats",
        )
    )
    return counts.assign(applies=np.where(about & (counts["whole"] == 0), False, counts["applies"]).astype(bool))
