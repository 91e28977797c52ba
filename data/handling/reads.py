"""What stands: episodes as the next night needs them, where people are with each, and which verification is late."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from data.desk import Desk
from data.handling.keys import ALARMING, SETTLED, next_steps
from data.handling.ledger import STATE, Event, event_of, read_events
from data.handling.tables import ONLY_ADDED_TO, signal_issued, signal_step

HANDLING = [
    "episode", "handling", "step_id", "step_at", "reason", "outcome", "note_id", "due_on", "happened_on", "verified_at", "needs_verifying",
    "verify_due_on", "next_steps",
]  # fmt: skip
OVERDUE = [
    "episode",
    "level",
    "area_code",
    "kind",
    "category_code",
    "level_code",
    "path",
    "alarmed_on",
    "due_on",
    "overdue_days",
]


def mark(desk: Desk) -> str:
    """A text that changes with every event, step and review, for the keys of what is cached."""
    return desk.mark(ONLY_ADDED_TO)


def open_episodes(desk: Desk, *, with_closed: bool = False) -> pd.DataFrame:
    """The episodes not closed, as `analytics.signals.episodes.advance` takes them, and what people decided about each.

    One row an episode: episode, the state after its last event, and from the steps dismissed_on (the last day it was dismissed, or its
    outcome was a false alarm or a known event, since it last was issued), note_id (the known event linked to it), last_event_on, and
    event (its last event; a re-score is none). `analytics.signals.episodes.heed_steps` lays the steps over the state.
    """
    ranked = sa.select(
        signal_issued,
        sa.func.row_number()
        .over(partition_by=signal_issued.c.episode, order_by=signal_issued.c.event_no.desc())
        .label("back"),
    ).where(signal_issued.c.event != "rescored")
    last = ranked.subquery()
    with desk.engine.connect() as connection:
        found = connection.execute(sa.select(last).where(last.c.back == 1).order_by(last.c.event_id)).mappings()
        events = [event_of(row) for row in found]
    kept = [event for event in events if with_closed or event.state["state"] != "closed"]
    decided = _decided(desk, [event.episode for event in kept])
    rows = [
        {
            "episode": event.episode,
            **event.state,
            "note_id": decided.get(event.episode, {}).get("note_id"),
            "dismissed_on": _since(decided.get(event.episode, {}).get("dismissed_on"), event.state["issued_on"]),
            "last_event_on": event.as_of,
            "event": event.event,
        }
        for event in kept
    ]
    columns = ["episode", *STATE, "dismissed_on", "last_event_on", "event"]
    frame = pd.DataFrame(rows, columns=columns)
    notes = [row["note_id"] for row in rows]
    return frame.assign(note_id=pd.Series(notes, index=frame.index, dtype=object))


def episode_history(desk: Desk, episode: str) -> tuple[Event, ...]:
    """Every event of an episode, oldest first."""
    return read_events(desk, signal_issued.c.episode == episode)


def list_episodes(
    desk: Desk, first: date, last: date, *, kind: str | None = None, category_code: str | None = None
) -> pd.DataFrame:
    """Episodes that opened in first … last, the newest first, and where people are with each: one row an episode with the columns of
    its opening event (episode, opened_on, level, area_code, kind, category_code, method, channel), its gravest level_code, state,
    last_event_on, closed_on and those of `handling`. For similar past episodes and what was done.
    """
    opened = (signal_issued.c.event == "opened") & signal_issued.c.as_of.between(first, last)
    for column, value in ((signal_issued.c.kind, kind), (signal_issued.c.category_code, category_code)):
        if value is not None:
            opened &= column == value
    keys = sa.select(signal_issued.c.episode).where(opened)
    rows = [_episode_row(events) for events in _by_episode(read_events(desk, signal_issued.c.episode.in_(keys)))]
    columns = [
        "episode",
        "opened_on",
        "issued_at",
        "level",
        "area_code",
        "kind",
        "category_code",
        "method",
        "channel",
        "level_code",
        "state",
        "last_event_on",
        "closed_on",
        "path",
    ]
    frame = pd.DataFrame(rows, columns=columns).sort_values("episode", ascending=False, ignore_index=True)
    return frame.merge(handling(desk, frame["episode"].tolist()), on="episode", how="left")


def handling(desk: Desk, episodes: Collection[str], verify_days: Callable[[str], int] | None = None) -> pd.DataFrame:
    """Where people are with each of these episodes, one row an episode.

    handling (none, or the last step), step_id (0: none) to be handed back as `seen`, step_at, reason, outcome, note_id (the last one
    linked), due_on (of the next step), happened_on, verified_at (the first verification), needs_verifying (nobody verified it since it
    alarmed), next_steps, and verify_due_on, where `verify_days` (by work level, `SignalRules.verify_days`) is given.
    """
    keys = list(dict.fromkeys(episodes))
    alarms = _group(_alarms(desk, keys))
    steps = _group(_steps(desk, keys))
    rows = [_handling_row(key, alarms.get(key, []), steps.get(key, []), verify_days) for key in keys]
    return pd.DataFrame(rows, columns=HANDLING, dtype=object)


def overdue_verifications(
    desk: Desk, day: date, verify_days: Callable[[str], int], areas: Collection[str] | None = None
) -> pd.DataFrame:
    """Signals whose verification is late on `day`, the longest first; none of a post, only of the signal.

    By what was recorded by the end of that day. A signal is to be verified within `verify_days` of each alarm's work level, and the
    earliest such day counts; one that was dismissed or settled, when it alarms again. `areas` limits them to places within these areas.
    """
    alarms = _group(row for row in _alarms(desk) if row["recorded_at"].date() <= day)
    steps = _group(row for row in _steps(desk, list(alarms)) if row["recorded_at"].date() <= day)
    rows = []
    for key, own in alarms.items():
        due = _verify_due(own, steps.get(key, []), verify_days)
        path = own[-1]["path"]
        if due is None or due >= day or (areas is not None and not set(areas) & set(path)):
            continue
        last = {name: own[-1][name] for name in ("level", "area_code", "kind", "category_code", "level_code")}
        row = {"episode": key, **last, "path": path, "alarmed_on": _unverified(own, steps.get(key, []))[0]["as_of"]}
        rows.append(row | {"due_on": due, "overdue_days": (day - due).days})
    return pd.DataFrame(sorted(rows, key=lambda row: (-row["overdue_days"], row["episode"])), columns=OVERDUE)


def _handling_row(key: str, alarms: list[dict], steps: list[dict], verify_days: Callable[[str], int] | None) -> dict:
    last = steps[-1] if steps else {}
    waiting = _unverified(alarms, steps)
    stands_at = last.get("step", "none")
    return {
        "episode": key,
        "handling": stands_at,
        "step_id": last.get("step_id", 0),
        "step_at": last.get("recorded_at"),
        **{name: last.get(name) for name in ("reason", "outcome", "due_on", "happened_on")},
        "note_id": next((one["note_id"] for one in reversed(steps) if one["note_id"] is not None), None),
        "verified_at": next((one["recorded_at"] for one in steps if one["step"] == "verify"), None),
        "needs_verifying": bool(waiting),
        "verify_due_on": _verify_due(alarms, steps, verify_days) if verify_days else None,
        "next_steps": next_steps(stands_at, bool(waiting)),
    }


def _unverified(alarms: list[dict], steps: list[dict]) -> list[dict]:
    """The alarms that nobody has verified: all while there is no step, those after it where the last step settled the signal."""
    if not steps:
        return alarms
    if steps[-1]["step"] not in SETTLED:
        return []
    return [one for one in alarms if one["recorded_at"] > steps[-1]["recorded_at"]]


def _verify_due(alarms: list[dict], steps: list[dict], verify_days: Callable[[str], int]) -> date | None:
    waiting = _unverified(alarms, steps)
    return min(
        (_day(one["recorded_at"]) + timedelta(days=verify_days(one["level_code"])) for one in waiting), default=None
    )


def _alarms(desk: Desk, episodes: Collection[str] | None = None) -> list[dict]:
    wanted = signal_issued.c.event.in_(ALARMING)
    if episodes is not None:
        wanted &= signal_issued.c.episode.in_(list(episodes))
    shown = ("episode", "as_of", "recorded_at", "level", "area_code", "kind", "category_code", "level_code")
    return [
        {name: getattr(event, name) for name in shown} | {"path": event.state["path"]}
        for event in read_events(desk, wanted)
    ]


def _steps(desk: Desk, episodes: Collection[str]) -> list[dict]:
    statement = sa.select(signal_step).where(signal_step.c.episode.in_(list(episodes))).order_by(signal_step.c.step_id)
    with desk.engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def _group(rows: object) -> dict[str, list[dict]]:
    grouped: dict[str, list[dict]] = {}
    for row in rows:
        grouped.setdefault(row["episode"], []).append(row)
    return grouped


def _by_episode(events: Collection[Event]) -> list[list[Event]]:
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.episode, []).append(event)
    return list(grouped.values())


def _episode_row(events: list[Event]) -> dict:
    first, moves = events[0], [event for event in events if event.event != "rescored"]
    order = ("I", "II", "III", "IV")
    closed = moves[-1].as_of if moves[-1].event == "closed" else None
    return {
        "episode": first.episode,
        "opened_on": first.as_of,
        "issued_at": first.recorded_at,
        **{name: getattr(first, name) for name in ("level", "area_code", "kind", "category_code", "method", "channel")},
        "level_code": min((one.level_code for one in moves if one.event in ALARMING), key=order.index),
        "state": moves[-1].event,
        "last_event_on": moves[-1].as_of,
        "closed_on": closed,
        "path": first.state["path"],
    }


def _decided(desk: Desk, episodes: list[str]) -> dict[str, dict]:
    """The note linked to each episode and the day it was last dismissed."""
    decided: dict[str, dict] = {}
    for step in _steps(desk, episodes):
        own = decided.setdefault(step["episode"], {})
        if step["note_id"] is not None:
            own["note_id"] = step["note_id"]
        own["dismissed_on"] = _day(step["recorded_at"]) if step["outcome"] in ("false_alarm", "known_event") else None
    return decided


def _since(on: date | None, issued_on: date) -> date | None:
    return on if on is not None and on >= issued_on else None


def _day(moment: datetime) -> date:
    return moment.date()
