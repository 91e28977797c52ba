"""Signals that last are one episode, sent once: opened, escalated, recovered, muted, re-armed, closed.

The state of an episode changes by events, one row each, and from its last event all that the next night needs can be read, so that a
ledger of events is all that has to be kept. What alarms is opened, escalated and rearmed; the other events are silent.

- opened: a new candidate within the budget, where no episode stands on its path and subject. It is silent for `mute_weeks` from then.
- muted: it goes on, silently.
- escalated: p has fallen to a tenth (`escalate_ratio`) of what it was at the last alarm, or the work level has risen with
  surprise or scale, not by lasting alone. Breaks the silence, which begins anew.
- recovered: a night without a candidate on its path. When candidates return within the silence it is muted again.
- rearmed: it still stands, or returns, after the silence; it alarms again, unless a known event explains it.
- closed: clear for `close_after_clear_weeks`; one that people dismissed not before its silence is over. What comes later is a new episode.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from analytics.signals.settings import LEVEL_CODES, SIGNAL_RULES, SignalRules
from analytics.signals.shortlist import NODE, is_due_again, node_of, on_one_path

EVENTS = ("opened", "escalated", "recovered", "muted", "rearmed", "closed")
ALARMING = ("opened", "escalated", "rearmed")
STATES = ("opened", "escalated", "recovered", "muted", "rearmed", "closed")  # the state is the last event
# What an episode is, as it stands in each event: its key, its node, and what the next night decides by.
STATE_COLUMNS = (
    "episode", *NODE, "path", "tier", "state", "opened_on", "issued_on", "mute_until", "clear_since", "p_alarmed", "level_alarmed",
    "points_alarmed", "note_id", "is_dismissed", "since",
)  # fmt: skip
NUMBERS = (
    "observed", "expected", "lower", "upper", "p", "p_node", "channel", "window_days", "first_on", "last_on", "method", "correction",
    "confidence", "reason", "level_code", "level_because", "weeks", "context",
)  # fmt: skip
PROVISIONAL = "new-"  # keys of episodes that no ledger has numbered yet begin with this


def no_episodes() -> pd.DataFrame:
    """Before the first night."""
    return pd.DataFrame(columns=list(STATE_COLUMNS))


def advance(
    episodes: pd.DataFrame, candidates: pd.DataFrame, day: date, rules: SignalRules = SIGNAL_RULES
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One night: the episodes after it, and its events in the order they are to be kept.

    `episodes` as the night before left them (`STATE_COLUMNS`; closed ones may be among them and stay as they are), `candidates` from
    `shortlist`. Two candidates that continue one episode count as the one with the smaller p; one candidate may continue several
    episodes below it. An event has what the episode is after it, the numbers of its candidate (`NUMBERS`, empty where there is none),
    event and as_of. Episodes opened this night have the provisional keys new-1,
    new-2 … until a ledger numbers them (`rename`). The same night run again brings no further event.
    """
    standing = [dict(row) for row in episodes.to_dict("records")]
    found = sorted(candidates.to_dict("records"), key=lambda row: row["rank"]) if len(candidates) else []
    standing, events = step(standing, found, day, rules)
    return (
        pd.DataFrame(standing, columns=list(STATE_COLUMNS)),
        pd.DataFrame(events, columns=[*STATE_COLUMNS, "event", "as_of", *NUMBERS]),
    )


def step(
    standing: list[dict], candidates: list[dict], day: date, rules: SignalRules = SIGNAL_RULES
) -> tuple[list[dict], list[dict]]:
    """The same on rows, for replays of many nights. `standing` is not changed."""
    after, events, taken = [], [], set()
    for episode in standing:
        if episode["state"] == "closed":
            after.append(episode)
            continue
        own = [place for place, row in enumerate(candidates) if on_one_path(episode, row)]
        taken |= set(own)
        best = min((candidates[place] for place in own), key=lambda row: row["p_node"], default=None)
        moved = _move(episode, best, day, rules)
        after.append(moved or episode)
        if moved:
            events.append(_event(moved, best, day))
    for place, row in enumerate(candidates):
        if place in taken or row["tier"] == "digest" or any(on_one_path(row, one) for one in _open(after)):
            continue
        opened = _open_episode(
            row, f"{PROVISIONAL}{1 + sum(event['event'] == 'opened' for event in events)}", day, rules
        )
        after.append(opened)
        events.append(_event(opened, row, day))
    return after, events


def rename(episodes: pd.DataFrame, keys: Mapping[str, str]) -> pd.DataFrame:
    """The episodes with the keys that a ledger gave them in the place of the provisional ones."""
    return episodes.assign(episode=[keys.get(key, key) for key in episodes["episode"]])


def dismiss(episode: Mapping[str, object], on: date, rules: SignalRules = SIGNAL_RULES) -> dict:
    """The episode after people dismissed it: silent for `mute_weeks` from then, even when it is clear in between."""
    until = max(episode["mute_until"], on + timedelta(weeks=rules.mute_weeks))
    return dict(episode) | {"is_dismissed": True, "mute_until": until}


def heed_steps(episodes: pd.DataFrame, rules: SignalRules = SIGNAL_RULES) -> pd.DataFrame:
    """The episodes as `advance` takes them, from those of the ledger with what people decided: dismissed_on (None: not) silences."""
    rows = [
        row if pd.isna(row["dismissed_on"]) else dismiss(row, row["dismissed_on"], rules)
        for row in episodes.to_dict("records")
    ]
    heeded = pd.DataFrame(rows, columns=list(STATE_COLUMNS))
    return heeded.assign(note_id=pd.Series(heeded["note_id"].tolist(), index=heeded.index, dtype=object))


def points_of(row: Mapping[str, object]) -> int:
    """Points of surprise times points of scale: what the work level would be if the signal were of this week."""
    points = row["level_because"]["points"]
    return points["surprise"] * points["scale"]


def rescored(alarms: pd.DataFrame, nodes: pd.DataFrame, day: date) -> pd.DataFrame:
    """Alarms whose numbers are others by what is known on `day`, as silent events: what was sent stays sent.

    `alarms` are events of `advance`, `nodes` those of the same night judged again. A row an alarm whose observed changed:
    the state as it was, event "rescored", as_of `day`, and the new numbers, empty where the node is no longer above chance.
    """
    now = {(*node_of(row), row["channel"], row["last_on"]): row for row in nodes.to_dict("records")}
    rows = []
    for alarm in alarms.to_dict("records"):
        row = now.get((*node_of(alarm), alarm["channel"], alarm["last_on"]))
        if row is None or row["observed"] != alarm["observed"]:
            numbers = {name: row.get(name) if row else None for name in NUMBERS}
            frame = {name: alarm[name] for name in ("channel", "window_days", "first_on", "last_on")}
            rows.append(alarm | numbers | frame | {"event": "rescored", "as_of": day})
    return pd.DataFrame(rows, columns=[*STATE_COLUMNS, "event", "as_of", *NUMBERS])


def is_silent(episode: Mapping[str, object], day: date) -> bool:
    """Whether an episode that still stands on a day is shown without alarming."""
    return episode["state"] == "muted" or not is_due_again(episode, day)


def _move(episode: dict, row: dict | None, day: date, rules: SignalRules) -> dict | None:
    """The episode after an event of this night; None where there is none."""
    if row is None:
        return _clear(episode, day, rules)
    if _is_graver(episode, row, rules):
        return _alarmed(episode, "escalated", row, day, rules)
    if is_due_again(episode, day) and row["tier"] != "digest":
        return _alarmed(episode, "rearmed", row, day, rules)
    if episode["state"] == "muted" or episode["since"] == day:
        return None
    return episode | {"state": "muted", "clear_since": None, "since": day}


def _clear(episode: dict, day: date, rules: SignalRules) -> dict | None:
    if episode["state"] != "recovered":
        return episode | {"state": "recovered", "clear_since": day, "since": day} if episode["since"] < day else None
    held = episode["is_dismissed"] and day < episode["mute_until"]
    if held or (day - episode["clear_since"]).days < 7 * rules.close_after_clear_weeks:
        return None
    return episode | {"state": "closed", "since": day}


def _is_graver(episode: dict, row: dict, rules: SignalRules) -> bool:
    fell = row["p_node"] * rules.escalate_ratio <= episode["p_alarmed"] * (1 + 1e-9)
    rose = LEVEL_CODES.index(row["level_code"]) < LEVEL_CODES.index(episode["level_alarmed"])
    return bool(fell or (rose and points_of(row) > episode["points_alarmed"]))


def _alarmed(episode: dict, event: str, row: dict, day: date, rules: SignalRules) -> dict:
    """After an alarm. A level once reached is kept, so that a fall and rise of it does not alarm twice."""
    level = min(episode["level_alarmed"], row["level_code"], key=LEVEL_CODES.index)
    kept = {"level_alarmed": level}
    if event == "rearmed":
        kept = {"issued_on": day, "level_alarmed": row["level_code"], "is_dismissed": False, "tier": row["tier"]}
    changed = {
        "state": event,
        "p_alarmed": row["p_node"],
        "points_alarmed": points_of(row),
        "clear_since": None,
        "since": day,
    }
    return episode | changed | kept | {"mute_until": day + timedelta(weeks=rules.mute_weeks)}


def _open_episode(row: dict, key: str, day: date, rules: SignalRules) -> dict:
    return {
        "episode": key,
        **{name: row[name] for name in (*NODE, "path", "tier")},
        "state": "opened",
        "opened_on": day,
        "issued_on": day,
        "mute_until": day + timedelta(weeks=rules.mute_weeks),
        "clear_since": None,
        "p_alarmed": row["p_node"],
        "level_alarmed": row["level_code"],
        "points_alarmed": points_of(row),
        "note_id": None,
        "is_dismissed": False,
        "since": day,
    }


def _event(episode: dict, row: dict | None, day: date) -> dict:
    numbers = {name: row.get(name) if row else None for name in NUMBERS}
    return {**{name: episode[name] for name in STATE_COLUMNS}, "event": episode["state"], "as_of": day, **numbers}


def _open(episodes: list[dict]) -> list[dict]:
    return [one for one in episodes if one["state"] != "closed"]
