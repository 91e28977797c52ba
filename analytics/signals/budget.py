"""The alarm budget: what the last two years would have brought at other thresholds, and which threshold keeps to N signals a week.

A replay hands over each night's candidates as they were found then, the nights in order. Every threshold of the watch list is then
played through the same episodes (open, mute, close …), since a lasting signal is sent once and not every night. The first threshold,
0, is no watch list: only what passed the error rate of its level.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.signals.episodes import step
from analytics.signals.settings import SIGNAL_RULES, SignalRules
from analytics.signals.shortlist import on_one_path

GRID = (0.0, 1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)  # thresholds of p that are played through
SENT = ("opened", "rearmed")  # events that somebody has to verify
CAUGHT_DAYS = 7  # an alarm so long after the last day of what happened still counts for it


@dataclass(frozen=True)
class Budget:
    """What a replay says of a budget.

    `table` has a row a threshold: watch_p, alarms_a_week (mean), p95_a_week, most_a_week, episodes, marked and missed (of the episodes
    that the office marked a hit, or that were planted), missed_keys. `watch_p` is the largest threshold that keeps to `budget_a_week`
    on average, None where even those that pass the error rate are more; `over_weeks` is the share of weeks in which the hard cap
    would push some of them to the digest. `nights` were played in these weeks: where they are fewer than seven a week, alarms are
    understated, for each night is a chance of its own.
    """

    budget_a_week: int
    weeks: int
    nights: int
    table: pd.DataFrame
    watch_p: float | None
    over_weeks: float | None


def widest(rules: SignalRules, thresholds: Sequence[float] = GRID) -> SignalRules:
    """The judgements by which a replay lists its candidates: the widest threshold, and no cap.

    >>> widest(SIGNAL_RULES).watch_p
    0.01
    """
    return replace(rules, watch_p=max(thresholds), budget_a_week=10**6, found_reserve=0)


def play(
    nights: Iterable[tuple[date, pd.DataFrame]], threshold: float, rules: SignalRules = SIGNAL_RULES
) -> pd.DataFrame:
    """The events that nights of candidates bring when the watch list reaches to `threshold`, without a cap.

    `nights` are (day, short list by `widest` judgements), in order. One row an event: episode, event, as_of, level, area_code, kind,
    category_code, path, p_alarmed.
    """
    standing: list[dict] = []
    played: list[dict] = []
    count = 0
    for day, listed in nights:
        rows = listed.to_dict("records") if isinstance(listed, pd.DataFrame) else listed
        kept = [row | {"tier": "found" if row["is_found"] else "watch"} for row in rows]
        kept = [row for row in kept if row["is_found"] or row["p_node"] <= threshold]
        standing, events = step(standing, kept, day, rules)
        named = {}
        for event in events:
            if event["event"] == "opened":
                count += 1
                named[event["episode"]] = f"{count}"
        standing = [
            one | {"episode": named.get(one["episode"], one["episode"])} for one in standing if one["state"] != "closed"
        ]
        played += [event | {"episode": named.get(event["episode"], event["episode"])} for event in events]
    shown = ["episode", "event", "as_of", "level", "area_code", "kind", "category_code", "path", "p_alarmed"]
    return pd.DataFrame(played, columns=shown)


def weigh_budget(
    nights: Iterable[tuple[date, pd.DataFrame]],
    rules: SignalRules = SIGNAL_RULES,
    *,
    budget_a_week: int | None = None,
    thresholds: Sequence[float] = GRID,
    marked: pd.DataFrame | None = None,
) -> Budget:
    """Alarms a week and what would have been missed at each threshold, and the threshold to propose.

    `marked` has a row for each thing that happened: key, area_code, kind, category_code, path, first_on, last_on. It is caught by an
    alarm on its path and subject from first_on to a week after last_on.
    """
    wanted = rules.budget_a_week if budget_a_week is None else budget_a_week
    given = [(day, listed.to_dict("records")) for day, listed in nights]
    days = [day for day, _ in given]
    rows, weekly = [], {}
    for threshold in sorted(thresholds):
        events = play(given, threshold, rules)
        weekly[threshold] = count_weeks(events, days)
        rows.append(_row(threshold, events, weekly[threshold], marked))
    table = pd.DataFrame(rows)
    fitting = table[table["alarms_a_week"] <= wanted]
    proposed = float(fitting["watch_p"].max()) if len(fitting) else None
    over = None if proposed is None or not len(weekly[proposed]) else float((weekly[proposed] > wanted).mean())
    return Budget(wanted, len(next(iter(weekly.values()))), len(days), table, proposed, over)


def count_weeks(events: pd.DataFrame, days: Sequence[date]) -> np.ndarray:
    """Alarms in each whole week (seven days on end) of a replay, counted back from its last day; quiet weeks are 0."""
    if not days:
        return np.zeros(0, dtype=int)
    weeks = ((max(days) - min(days)).days + 1) // 7
    ago = [
        (max(days) - on).days // 7 for on, event in zip(events["as_of"], events["event"], strict=True) if event in SENT
    ]
    return np.bincount([week for week in ago if week < weeks], minlength=weeks)[:weeks]


def missed(events: pd.DataFrame, marked: pd.DataFrame) -> tuple[str, ...]:
    """Keys of the marked episodes that no alarm met."""
    alarms = [row for row in events.to_dict("records") if row["event"] in (*SENT, "escalated")]
    return tuple(
        str(one["key"])
        for one in marked.to_dict("records")
        if not any(
            one["first_on"] <= alarm["as_of"] <= one["last_on"] + timedelta(days=CAUGHT_DAYS)
            and on_one_path(one, alarm)
            for alarm in alarms
        )
    )


def _row(threshold: float, events: pd.DataFrame, weekly: np.ndarray, marked: pd.DataFrame | None) -> dict:
    lost = None if marked is None else missed(events, marked)
    return {
        "watch_p": threshold,
        "alarms_a_week": float(weekly.mean()) if len(weekly) else np.nan,
        "p95_a_week": float(np.percentile(weekly, 95)) if len(weekly) else np.nan,
        "most_a_week": int(weekly.max()) if len(weekly) else 0,
        "episodes": int((events["event"] == "opened").sum()),
        "marked": None if marked is None else len(marked),
        "missed": None if lost is None else len(lost),
        "missed_keys": lost or (),
    }
