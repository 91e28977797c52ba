"""What is kept of a night: frames for the tables of the results, in plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from analytics.signals import nightly
from analytics.signals.cube import Cube
from analytics.signals.night_frames import JUDGED_COLUMNS, NODE_COLUMNS
from analytics.signals.nightly import Night
from analytics.signals.settings import SignalRules
from analytics.signals.shortlist import NODE, on_one_path
from analytics.warnings.around import NEIGHBOURS, Places
from data.issuing import selection_text
from data.queries import Selection

JUDGED = [name for name in NODE_COLUMNS if name not in NODE]
ITEM = [
    "rank", "episode", "tier", "level_code", "because", *NODE, *JUDGED, "sources", "persistence_weeks", "highest_since", "watched_since",
    "opened_on", "state", "origin", "selection", "rules", "context", "is_severe",
]  # fmt: skip
SHORT = 1  # days of the window from which the course by day speaks, else the course by week


@dataclass(frozen=True)
class RunFacts:
    """What a detection says of itself."""

    as_of: date
    judged_through: date
    ran_at: datetime
    published_at: datetime
    matters_version: str
    seconds: float
    rules: SignalRules
    matters: int
    without_place: int
    without_subject: int
    digest: int
    is_replayed: bool = False


def run_frame(facts: RunFacts, levels: Sequence[str], kinds: Sequence[str]) -> pd.DataFrame:
    """The one row of `run`."""
    row = {name: value for name, value in asdict(facts).items() if name != "rules"}
    row |= {"settings": as_json(asdict(facts.rules)), "levels": as_json(list(levels)), "kinds": as_json(list(kinds))}
    row["is_replayed"] = int(facts.is_replayed)
    return plain(pd.DataFrame([row]))


def items_frame(
    listed: pd.DataFrame,
    episodes: pd.DataFrame,
    former: pd.DataFrame,
    day: date,
    *,
    is_whole: Mapping[str, bool],
    replayed: set[str],
) -> pd.DataFrame:
    """The list in its order: every candidate with the episode it belongs to, then episodes that stand without one, as they last were.

    `listed` is the short list with sources, highest_since and watched_since; `episodes` those after the night; `former` the items
    kept of the night before. `is_whole` says of a subject whether its code opens just its matters (else it has others below it);
    `replayed` are the keys of episodes that were never issued.
    """
    standing = [one for one in episodes.to_dict("records") if one["state"] != "closed"]
    rows, told = [], set()
    for row in listed.to_dict("records"):
        own = _episode_of(row, standing)
        key = own["episode"] if own else None
        told.add(key)
        rows.append(
            {
                **{name: row.get(name) for name in (*NODE, *JUDGED)},
                "rank": row["rank"],
                "episode": key,
                "tier": row["tier"],
                "level_code": row["level_code"],
                "because": as_json(row["level_because"]),
                "sources": row.get("sources"),
                "persistence_weeks": row["weeks"],
                "highest_since": row.get("highest_since"),
                "watched_since": row.get("watched_since"),
                "opened_on": own["opened_on"] if own else day,
                "state": own["state"] if own else None,
                "origin": "candidate" if own is None else "replayed" if key in replayed else "issued",
                "selection": selection_text(selection_of_node(row, day, is_whole)),
                "rules": as_json(list(row["rules"])),
                "context": as_json(list(row["context"])),
                "is_severe": int(row["is_severe"]),
            }
        )
    lasting = {one["episode"]: one for one in standing if one["episode"] not in told}
    gone = former[former["episode"].isin(list(lasting))] if len(former) else former
    for row in gone.to_dict("records"):
        own = lasting[row["episode"]]
        weeks = (day - own["opened_on"]).days // 7 + 1
        rows.append(
            {
                **{name: row.get(name) for name in ITEM},
                "state": own["state"],
                "persistence_weeks": weeks,
                "rank": len(rows) + 1,
            }
        )
    return plain(pd.DataFrame(rows, columns=ITEM))


def _episode_of(row: Mapping[str, object], standing: list[dict]) -> dict | None:
    """The episode a candidate belongs to: its own node's before one along its path."""
    own = [one for one in standing if on_one_path(row, one)]
    return min(own, key=lambda one: (one["area_code"] != row["area_code"], one["opened_on"]), default=None)


def selection_of_node(row: Mapping[str, object], day: date, is_whole: Mapping[str, bool]) -> Selection:
    """The matters that a node counted in its window."""
    days = (pd.Timestamp(row["first_on"]).date(), pd.Timestamp(row["last_on"]).date())
    chosen = Selection("new", day, *days, kind=row["kind"], area_code=row["area_code"])
    code = row["category_code"]
    return chosen.narrowed(category_code=code) if is_whole.get(code, True) else chosen.also(own_category=code)


def rules_frame(matches: pd.DataFrame) -> pd.DataFrame:
    """The matches of the rules, with their selections as text."""
    kept = matches.drop(columns="selection").assign(
        selection=[selection_text(one) if isinstance(one, Selection) else None for one in matches["selection"]],
        is_above_usual=matches["is_above_usual"].astype(int),
        handling_unit_only=matches["handling_unit_only"].astype(int),
    )
    return plain(kept)


def clusters_frame(clusters: pd.DataFrame, day: date, leaf: str) -> pd.DataFrame:
    """The clusters of the scan, with their places as text."""
    if clusters.empty:
        return pd.DataFrame()
    kept = clusters[["kind", "category_code", "window_days", "observed", "expected", "score", "p"]].assign(
        level=leaf,
        places=[as_json([str(code) for code in places]) for places in clusters["places"]],
        first_on=[day - pd.Timedelta(days=int(days) - 1) for days in clusters["window_days"]],
        last_on=day,
    )
    return plain(kept)


def night_frames(night: Night) -> dict[str, pd.DataFrame]:
    """What the night itself said."""
    return {
        "node": plain(night.nodes[list(NODE_COLUMNS)]),
        "coverage": plain(night.judged[JUDGED_COLUMNS]),
        "grey": plain(night.grey),
    }


def courses(cube: Cube, items: pd.DataFrame, places: Places) -> dict[str, pd.DataFrame]:
    """The course of each listed node, and the same subject in the areas above and beside it over the last week, or day."""
    series, near, known = [], [], {}

    def course(level: str, area_code: str, kind: str, category_code: str) -> pd.DataFrame:
        node = (level, area_code, kind, category_code)
        if node not in known:
            found = nightly.series_of(cube, *node)
            known[node] = found[
                found["expected"].notna()
            ]  # before the record reaches back far enough nothing was expected
        return known[node]

    for row in items.drop_duplicates(NODE).to_dict("records"):
        node = {name: row[name] for name in NODE}
        own = course(**node)
        series.append(own.rename(columns={"on": "on_day"}).assign(**node))
        unit = "day" if int(row["window_days"]) <= SHORT else "week"
        beside = places.beside(row["level"], row["area_code"])
        beside = sorted(beside, key=lambda code: -_recent(places, row, code))[:NEIGHBOURS]
        around = [("parent", *one) for one in places.above(row["level"], row["area_code"])]
        around += [("neighbour", row["level"], code) for code in beside]
        for relation, level, code in around:
            last = course(level, code, row["kind"], row["category_code"])
            last = last[last["unit"] == unit].iloc[-1:]
            for one in last[["observed", "expected", "lower", "upper"]].to_dict("records"):
                days = 1 if unit == "day" else 7
                near.append(
                    {**node, "relation": relation, "near_level": level, "near_area": code, "window_days": days, **one}
                )
    return {
        "series": plain(pd.concat(series, ignore_index=True)) if series else pd.DataFrame(),
        "near": plain(pd.DataFrame(near)),
    }


def _recent(places: Places, row: Mapping[str, object], code: str) -> int:
    return int(places.counts(row["level"], code, row["kind"], row["category_code"])[-7:].sum())


def as_json(value: object) -> str:
    """Plain values as text; days in ISO form."""
    return json.dumps(value, ensure_ascii=False, default=_plain_value, allow_nan=False, sort_keys=True)


def _plain_value(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept")


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose cells are plain values or None, so that it can be stored whatever its types were."""
    out = pd.DataFrame(index=frame.index)
    for name in frame.columns:
        values = [
            None if _is_missing(value) else value.item() if isinstance(value, np.generic) else value
            for value in frame[name]
        ]
        out[name] = pd.Series(values, index=frame.index, dtype=object)
    return out


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value))
