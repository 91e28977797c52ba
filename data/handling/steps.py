"""What people do about a signal: verify, then dismiss, watch or assess, act, and say what came of it. Each step is one row."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from data.desk import Desk, event_note, log_act, signed, typed
from data.errors import Refused
from data.handling.keys import ALARMING, DISMISSED_AS, OUTCOMES, STEPS, VERDICTS, check_may, next_steps
from data.handling.ledger import path_of
from data.handling.tables import signal_issued, signal_review, signal_step
from data.issuing.keys import writing
from data.scope import Actor


@dataclass(frozen=True)
class Step:
    """One step: its reason, the known event (`note_id`) that explains the signal, when the next step is due, and at the end the outcome
    and the day on which what was warned of happened. By a post, never a person.
    """

    step_id: int
    episode: str
    step: str
    outcome: str | None
    reason: str
    note_id: int | None
    due_on: date | None
    happened_on: date | None
    post: str
    role: str
    verified: bool
    recorded_at: datetime


@dataclass(frozen=True)
class Review:
    """The three questions after an event, answered: why it was not foreseen, why no warning came beforehand, why no preventive measures
    were in place. `verdict` says whether a signal had met it (hit), none had (miss), or the event turned out to be none (false_alarm).
    """

    review_id: int
    episode: str | None
    happened_on: date
    area_code: str
    kind: str
    category_code: str | None
    verdict: str
    was_acted_on: bool
    not_foreseen: str
    not_warned: str
    not_prevented: str
    post: str
    role: str
    verified: bool
    recorded_at: datetime


def take_step(
    desk: Desk,
    episode: str,
    step: str,
    reason: str,
    actor: Actor,
    at: datetime,
    *,
    outcome: str | None = None,
    note_id: int | None = None,
    due_on: date | None = None,
    happened_on: date | None = None,
    seen: int | None = None,
) -> int:
    """Record a step on a signal; returns its number.

    `seen` is the number of the last step that the actor saw (0: none): when another came since, the step is refused so that nobody acts
    on what is over. A dismissal and an outcome say which (`outcome`; a dismissal false_alarm or known_event); a known event names its
    note. `happened_on` is for a hit: the day on which what was warned of happened.

    Raises `Refused` for an unknown episode or note, a step that may not follow, a role or place that may not act, an empty or personal
    reason, and a due day that is over.
    """
    _check_choice(step, STEPS)
    _check_outcome(step, outcome, note_id, happened_on, at.date())
    if due_on is not None and due_on < at.date():
        raise Refused("handling.due_over", due_on=due_on)
    row = {
        "episode": episode,
        "step": step,
        "outcome": outcome,
        "reason": typed(reason, needed=True),
        "note_id": note_id,
        "due_on": due_on,
        "happened_on": happened_on,
    }
    with writing(desk) as connection:
        check_may(actor, step, path_of(connection, episode))
        last = _last_step(connection, episode)
        if seen is not None and seen != (last.step_id if last else 0):
            raise Refused("handling.moved_on")
        _check_follows(connection, episode, step, last)
        _check_note(connection, note_id)
        made = connection.execute(sa.insert(signal_step).values(row | signed(actor, at)))
        number = made.inserted_primary_key[0]
        detail = {"step": number, "outcome": outcome, "due_on": due_on, "note": note_id}
        log_act(connection, f"signal_{step}", episode, detail, actor, at)
    return number


def steps_of(desk: Desk, episode: str) -> tuple[Step, ...]:
    """Every step on a signal, oldest first."""
    statement = sa.select(signal_step).where(signal_step.c.episode == episode).order_by(signal_step.c.step_id)
    with desk.engine.connect() as connection:
        return tuple(_step(row) for row in connection.execute(statement).mappings())


def save_review(
    desk: Desk,
    actor: Actor,
    at: datetime,
    *,
    path: tuple[str, ...],
    kind: str,
    happened_on: date,
    verdict: str,
    not_foreseen: str,
    not_warned: str,
    not_prevented: str,
    category_code: str | None = None,
    episode: str | None = None,
    was_acted_on: bool = False,
) -> int:
    """Record the answers to the three questions after an event; returns their number. Answered again, both stay and the last stands.

    `path` is the place and the areas above it. Without an `episode` the event had no signal: the verdict is then miss, and it is what
    a budget weighed by replay counts as missed. `Refused` for an empty or personal answer, an event to come, an unknown episode, or a
    verdict that does not fit.
    """
    check_may(actor, "review", path)
    _check_choice(verdict, VERDICTS)
    if (verdict == "miss") != (episode is None) or (episode is None and was_acted_on):
        raise Refused("handling.verdict_does_not_fit")
    if happened_on > at.date():
        raise Refused("handling.still_to_come", day=happened_on)
    answers = {"not_foreseen": not_foreseen, "not_warned": not_warned, "not_prevented": not_prevented}
    row = {name: typed(text, needed=True) for name, text in answers.items()} | {
        "episode": episode,
        "happened_on": happened_on,
        "area_code": path[0],
        "kind": kind,
        "category_code": category_code,
        "verdict": verdict,
        "was_acted_on": int(was_acted_on),
    }
    with writing(desk) as connection:
        if episode is not None:
            path_of(connection, episode)
        made = connection.execute(sa.insert(signal_review).values(row | signed(actor, at)))
        number = made.inserted_primary_key[0]
        log_act(connection, "signal_reviewed", episode or path[0], {"review": number, "verdict": verdict}, actor, at)
    return number


def reviews(desk: Desk, episode: str | None = None) -> tuple[Review, ...]:
    """Every review, oldest first; `episode` limits them to those of one signal."""
    statement = sa.select(signal_review).order_by(signal_review.c.review_id)
    if episode is not None:
        statement = statement.where(signal_review.c.episode == episode)
    with desk.engine.connect() as connection:
        return tuple(_review(row) for row in connection.execute(statement).mappings())


def _check_choice(given: str | None, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise Refused("desk.unknown_choice", given=given, allowed=", ".join(allowed))


def _check_outcome(step: str, outcome: str | None, note_id: int | None, happened_on: date | None, today: date) -> None:
    if step in ("dismiss", "outcome"):
        _check_choice(outcome, DISMISSED_AS if step == "dismiss" else OUTCOMES)
    elif outcome is not None:
        raise Refused("handling.no_outcome_yet")
    if outcome == "known_event" and note_id is None:
        raise Refused("handling.note_needed")
    if happened_on is not None and outcome != "hit":
        raise Refused("handling.only_a_hit_happened")
    if happened_on is not None and happened_on > today:
        raise Refused("handling.still_to_come", day=happened_on)


def _check_follows(connection: sa.Connection, episode: str, step: str, last: Step | None) -> None:
    alarm = sa.select(sa.func.max(signal_issued.c.recorded_at)).where(
        signal_issued.c.episode == episode, signal_issued.c.event.in_(ALARMING)
    )
    alarmed_at = connection.scalar(alarm)
    stands_at = last.step if last else "none"
    again = last is not None and alarmed_at is not None and alarmed_at > last.recorded_at
    if step not in next_steps(stands_at, again):
        raise Refused("handling.step_does_not_follow", step=step, stands_at=stands_at)


def _check_note(connection: sa.Connection, note_id: int | None) -> None:
    there = (event_note.c.note_id == note_id) & event_note.c.removed_at.is_(None)
    if note_id is not None and connection.scalar(sa.select(event_note.c.note_id).where(there)) is None:
        raise Refused("desk.note_unknown", number=note_id)


def _last_step(connection: sa.Connection, episode: str) -> Step | None:
    newest = sa.select(signal_step).where(signal_step.c.episode == episode).order_by(signal_step.c.step_id.desc())
    row = connection.execute(newest.limit(1)).mappings().first()
    return _step(row) if row else None


def _step(row: sa.RowMapping) -> Step:
    plain = {name: row[name] for name in Step.__dataclass_fields__ if name != "verified"}
    return Step(**plain, verified=bool(row["verified"]))


def _review(row: sa.RowMapping) -> Review:
    flags = {name: bool(row[name]) for name in ("was_acted_on", "verified")}
    return Review(**{name: row[name] for name in Review.__dataclass_fields__ if name not in flags}, **flags)
