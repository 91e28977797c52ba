"""Signals on the desk: the ledger of what was issued, what people do about each, and how the detectors did. Tables of the desk."""

from data.handling.keys import (
    ALARMING,
    DISMISSED_AS,
    FOLLOWS,
    OUTCOMES,
    SETTLED,
    STEPS,
    VERDICTS,
    may,
    may_handle,
    next_steps,
)
from data.handling.ledger import EVENTS, Event, issue, ledger_mark, read_events
from data.handling.reads import episode_history, handling, list_episodes, mark, open_episodes, overdue_verifications
from data.handling.record import record_by_detector, rolling_record
from data.handling.steps import Review, Step, reviews, save_review, steps_of, take_step

__all__ = [
    "ALARMING", "DISMISSED_AS", "EVENTS", "FOLLOWS", "OUTCOMES", "SETTLED", "STEPS", "VERDICTS", "Event", "Review", "Step",
    "episode_history", "handling", "issue", "ledger_mark", "list_episodes", "mark", "may", "may_handle", "next_steps",
    "open_episodes", "overdue_verifications", "read_events", "record_by_detector", "reviews", "rolling_record", "save_review",
    "steps_of", "take_step",
]  # fmt: skip
