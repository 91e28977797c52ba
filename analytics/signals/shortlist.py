"""From the p of every node to the few that a night shows: found, watched within the alarm budget, or counted in the digest.

In this order, for a minimum applied before would spoil the error rate: one row a node; false-discovery rate within each level; minimum
count; one node on each path of the tree and subject, the others its context; work level; budget.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import pandas as pd

from analytics.signals.levels import score_levels
from analytics.signals.multiplicity import flag_found
from analytics.signals.settings import LEVEL_CODES, LEVELS, SIGNAL_RULES, SignalRules

NODE = ["level", "area_code", "kind", "category_code"]
TIERS = ("found", "watch", "digest")
BUDGET_DAYS = 7  # the budget is of any seven days that follow each other
ADDED_COLUMNS = (
    "rank", "tier", "p_adjusted", "is_found", "weeks", "excess", "level_code", "level_because", "context", "channels", "rules", "path",
    "is_severe", "is_standing", "needs_room",
)  # fmt: skip


def shortlist(
    nodes: pd.DataFrame,
    judged: pd.DataFrame,
    parents: Mapping[str, str | None],
    day: date,
    rules: SignalRules = SIGNAL_RULES,
    *,
    episodes: pd.DataFrame | None = None,
    matches: pd.DataFrame | None = None,
    clusters: pd.DataFrame | None = None,
    unlinked: pd.DataFrame | None = None,
    severe: Collection[str] = (),
) -> pd.DataFrame:
    """The short list of a night, one row a candidate, in order of need.

    `nodes` and `judged` are those of a `Night`; `parents` the area above each area. `episodes` are those not closed (see `episodes`):
    a candidate that continues one uses no budget. `matches` are rules that fired (rule and the node's columns), `clusters` nodes made
    by `anchor_clusters`, `unlinked` the matters of a node that are not linked to each other (the node's columns and unlinked). A
    category that is `severe` needs no minimum count.

    Adds to the node's columns: rank; tier (found: passed the error rate of its level; watch: p ≤ `watch_p`; digest: either, over the
    budget); p_adjusted, is_found; weeks (since its episode opened, 1 for a new one); excess; level_code and level_because; context
    (the other nodes on its path: level, area_code, p_node); channels (the node's other windows); rules (names of those that fired on
    it); path (its area and those above it); is_severe; is_standing (it continues an episode), needs_room (it would be sent, as a
    new episode or one that alarms again, and so takes a place of the budget).
    """
    listed = flag_found(one_row_a_node(nodes, rules, severe), judged, rules)
    if clusters is not None and len(clusters):
        listed = pd.concat([listed, clusters], ignore_index=True)
    listed = listed[_is_enough(listed, unlinked, rules, severe)].reset_index(drop=True)
    listed = one_node_a_path(listed, parents)
    listed = listed[listed["is_found"] | (listed["p_node"] <= rules.watch_p)].reset_index(drop=True)
    standing = [_standing(row, episodes) for row in listed.to_dict("records")]
    listed["is_standing"] = [bool(one) for one in standing]
    listed["needs_room"] = [not one or any(is_due_again(episode, day) for episode in one) for one in standing]
    opened = [min((episode["opened_on"] for episode in one), default=day) for one in standing]
    listed["weeks"] = [(day - first).days // 7 + 1 for first in opened]
    listed["excess"] = listed["observed"] - listed["expected"]
    listed["is_severe"] = listed["category_code"].isin(list(severe))
    listed["rules"] = _rules_of(listed, matches)
    listed = score_levels(listed, rules)
    return rank(within_budget(listed, *used(episodes, day), rules))


def one_row_a_node(
    nodes: pd.DataFrame, rules: SignalRules = SIGNAL_RULES, severe: Collection[str] = ()
) -> pd.DataFrame:
    """Each node once, by the channel of smallest p among those that hold the minimum count, where one does; of equals the shortest
    window. Adds channels: the node's other rows, as a tuple of dicts.
    """
    short = (nodes["observed"] < rules.minimum_count) & ~nodes["category_code"].isin(list(severe))
    order = nodes.assign(_short=short).sort_values([*NODE, "_short", "p", "window_days"], kind="stable")
    order = order.drop(columns="_short")
    first = ~order.duplicated(NODE)
    shown = ["channel", "window_days", "first_on", "last_on", "method", "observed", "expected", "lower", "upper", "p"]
    others: dict[tuple, list[dict]] = {}
    for row in order.loc[~first, [*NODE, *shown]].to_dict("records"):
        others.setdefault(node_of(row), []).append({name: row[name] for name in shown})
    kept = order[first].reset_index(drop=True)
    kept["channels"] = pd.Series(
        [tuple(others.get(node_of(row), ())) for row in kept[NODE].to_dict("records")], index=kept.index, dtype=object
    )
    return kept


def one_node_a_path(nodes: pd.DataFrame, parents: Mapping[str, str | None]) -> pd.DataFrame:
    """On each path from root to leaf and subject the node with the smallest p_node, of equals the smaller place; the others become its
    context and hand on to it that they were found, so that nothing found is lost. Adds path and context.
    """
    depth = {level: place for place, level in enumerate(LEVELS)}
    order = nodes.assign(_depth=nodes["level"].map(depth).fillna(len(LEVELS)))
    order = order.sort_values(["p_node", "_depth", *NODE], kind="stable").drop(columns="_depth")
    kept: list[dict] = []
    by_subject: dict[tuple, list[dict]] = {}
    for row in order.to_dict("records"):
        row |= {"path": path_of(row["area_code"], parents), "context": ()}
        same = by_subject.setdefault((row["kind"], row["category_code"]), [])
        over = next((one for one in same if on_one_path(one, row)), None)
        if over is None:
            same.append(row)
            kept.append(row)
            continue
        over["context"] += ({name: row[name] for name in ("level", "area_code", "p_node")},)
        over["is_found"] = bool(over["is_found"] or row["is_found"])
    return pd.DataFrame(kept, columns=[*order.columns, "path", "context"])


def within_budget(listed: pd.DataFrame, opened: int, watched: int, rules: SignalRules = SIGNAL_RULES) -> pd.DataFrame:
    """Adds tier. In these seven days `opened` signals were issued already, `watched` of them from the watch list.

    What is new takes what is left of the budget, found ones first, then by p; the watch list never takes the `found_reserve`, so that
    Monday's doubtful ones leave room for Thursday's clear one. What continues an episode in silence takes none. The rest is the digest.
    """
    room = max(0, rules.budget_a_week - opened)
    for_watch = max(0, rules.budget_a_week - rules.found_reserve - watched)
    tiers = pd.Series("digest", index=listed.index, dtype=object)
    order = listed.sort_values(["is_found", "p_node", *NODE], ascending=[False, True, True, True, True, True])
    for row in order.index:
        tier = "found" if listed.at[row, "is_found"] else "watch"
        if not listed.at[row, "needs_room"]:
            tiers[row] = tier
        elif room and (tier == "found" or for_watch):
            tiers[row] = tier
            room -= 1
            for_watch -= tier == "watch"
    return listed.assign(tier=tiers)


def used(episodes: pd.DataFrame | None, day: date) -> tuple[int, int]:
    """How many signals were issued in the seven days up to `day`, and how many of them from the watch list."""
    if episodes is None or episodes.empty:
        return 0, 0
    recent = [
        row["tier"]
        for row in episodes[["issued_on", "tier"]].to_dict("records")
        if day - timedelta(days=BUDGET_DAYS) < row["issued_on"] <= day
    ]
    return len(recent), recent.count("watch")


def rank(listed: pd.DataFrame) -> pd.DataFrame:
    """In order of need: what is over the budget last, then by work level, then by p; adds rank, from 1."""
    need = listed.assign(
        _digest=listed["tier"] == "digest",
        _level=listed["level_code"].map({one: n for n, one in enumerate(LEVEL_CODES)}),
    )
    need = need.sort_values(["_digest", "_level", "p_node", *NODE], kind="stable").drop(columns=["_digest", "_level"])
    need = need.reset_index(drop=True)
    return need.assign(rank=range(1, len(need) + 1))


def anchor_clusters(
    clusters: pd.DataFrame,
    parents: Mapping[str, str | None],
    level_of: Mapping[str, str],
    day: date,
    scanned: int,
    rules: SignalRules = SIGNAL_RULES,
) -> pd.DataFrame:
    """Clusters of a scan as nodes: each at the nearest area that holds all its places, by the p of the scan.

    `clusters` has kind, category_code, places (codes), window_days, observed, expected, p; `level_of` the level of each area; `scanned`
    how many subjects were scanned, each of which carries one p. Found at the rate of the street. The 95 % range is not known (None).
    A cluster whose places meet only in the whole city is none of them: as a node of the city it would hide every place of its subject.
    """
    rows = [
        {
            "area_code": common_area(tuple(row["places"]), parents),
            "kind": row["kind"],
            "category_code": row["category_code"],
            "channel": "scan",
            "window_days": row["window_days"],
            "first_on": day - timedelta(days=int(row["window_days"]) - 1),
            "last_on": day,
            "method": "scan",
            **{name: row[name] for name in ("observed", "expected", "p")},
            "p_node": row["p"],
            "confidence": "normal",
            "channels": (),
        }
        for row in clusters.to_dict("records")
    ]
    anchored = pd.DataFrame(
        [row | {"level": level_of[row["area_code"]]} for row in rows if parents.get(row["area_code"])]
    )
    if anchored.empty:
        return anchored
    judged = pd.DataFrame({"level": ["scan"], "state": ["judged"], "nodes": [scanned]})
    flagged = flag_found(anchored.assign(level="scan"), judged, rules)
    return flagged.assign(level=anchored["level"])


def path_of(area: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """An area and those above it, up to the root.

    >>> path_of("c", {"c": "s", "s": "d", "d": None})
    ('c', 's', 'd')
    """
    path = [area]
    while (above := parents.get(path[-1])) is not None and above not in path:
        path.append(above)
    return tuple(path)


def common_area(places: tuple[str, ...], parents: Mapping[str, str | None]) -> str | None:
    """The nearest area that holds all the places; None where the tree has none.

    >>> common_area(("a", "b"), {"a": "s", "b": "s", "s": None})
    's'
    """
    paths = [path_of(place, parents) for place in places]
    return next((area for area in paths[0] if all(area in path for path in paths)), None) if paths else None


def on_one_path(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two rows (area_code, kind, category_code, path) concern one subject on one path of the tree."""
    if (one["kind"], one["category_code"]) != (other["kind"], other["category_code"]):
        return False
    return one["area_code"] in other["path"] or other["area_code"] in one["path"]


def is_due_again(episode: Mapping[str, object], day: date) -> bool:
    """Whether an episode that still stands would alarm again on a day: its mute is over and no known event explains it."""
    return day >= episode["mute_until"] and pd.isna(episode["note_id"])


def node_of(row: Mapping[str, object]) -> tuple:
    """The node a row is about."""
    return tuple(row[name] for name in NODE)


def _is_enough(
    nodes: pd.DataFrame, unlinked: pd.DataFrame | None, rules: SignalRules, severe: Collection[str]
) -> pd.Series:
    enough = nodes["observed"] >= rules.minimum_count
    if unlinked is not None and len(unlinked):
        apart = {node_of(row): row["unlinked"] for row in unlinked.to_dict("records")}
        known = [apart.get(node_of(row), rules.minimum_unlinked) for row in nodes[NODE].to_dict("records")]
        enough &= pd.Series(known, index=nodes.index, dtype=float) >= rules.minimum_unlinked
    return enough | nodes["category_code"].isin(list(severe))


def _standing(row: Mapping[str, object], episodes: pd.DataFrame | None) -> list[dict]:
    """The episodes that a candidate continues; none where it is new."""
    if episodes is None or episodes.empty:
        return []
    open_ones = episodes[episodes["state"] != "closed"].to_dict("records")
    return [one for one in open_ones if on_one_path(row, one)]


def _rules_of(listed: pd.DataFrame, matches: pd.DataFrame | None) -> pd.Series:
    names: dict[tuple, tuple[str, ...]] = {}
    if matches is not None and len(matches):
        names = {node: tuple(sorted(set(rows["rule"]))) for node, rows in matches.groupby(NODE)}
    found = [names.get(node_of(row), ()) for row in listed[NODE].to_dict("records")]
    return pd.Series(found, index=listed.index, dtype=object)
