"""Who may do what about a signal, and which step may follow which."""

from collections.abc import Collection

from data.errors import Refused
from data.scope import Actor

STEPS = ("verify", "dismiss", "watch", "assess", "act", "outcome")
OUTCOMES = ("hit", "false_alarm", "known_event")
DISMISSED_AS = ("false_alarm", "known_event")
VERDICTS = ("hit", "miss", "false_alarm")
ALARMING = ("opened", "escalated", "rearmed")  # events that are sent
SETTLED = ("none", "dismiss", "outcome")  # from here a further alarm is to be verified anew

# What may follow each step; a settled signal that alarms again begins with verify.
FOLLOWS = {
    "none": ("verify",),
    "verify": ("dismiss", "watch", "assess"),
    "watch": ("assess", "act", "dismiss", "outcome"),
    "assess": ("act", "watch", "dismiss", "outcome"),
    "act": ("outcome", "assess"),
    "dismiss": ("outcome",),
    "outcome": ("outcome",),
}

_OFFICE = ("office", "admin")
MAY = {
    "issue": _OFFICE,
    "verify": ("community", *_OFFICE),
    "watch": ("community", *_OFFICE),
    "act": ("community", "leader", *_OFFICE),
    "dismiss": _OFFICE,
    "assess": _OFFICE,
    "outcome": ("leader", *_OFFICE),
    "review": ("leader", *_OFFICE),
}


def may(role: str, what: str) -> bool:
    """Whether a role may do something: a step, issue or review."""
    return role in MAY[what]


def in_scope(actor: Actor, path: Collection[str]) -> bool:
    """Whether an actor's areas hold a place, given by its own code and those of the areas above it."""
    return actor.scope.sees_all or any(area in path for area in actor.scope.areas)


def may_handle(actor: Actor, path: Collection[str]) -> bool:
    """Whether an actor may take any step at all on a signal of this place."""
    return in_scope(actor, path) and any(may(actor.scope.role, step) for step in STEPS)


def check_may(actor: Actor, what: str, path: Collection[str] | None = None) -> None:
    """Raise `Refused` where the role may not act, or the place lies outside the actor's areas (None: the whole city)."""
    if not may(actor.scope.role, what):
        raise Refused("handling.role_may_not")
    if path is None and not actor.scope.sees_all:
        raise Refused("handling.whole_city_only")
    if path is not None and not in_scope(actor, path):
        raise Refused("handling.outside_scope")


def next_steps(stands_at: str, alarmed_since: bool = False) -> tuple[str, ...]:
    """Which steps may follow the one a signal stands at; `alarmed_since`: it alarmed again after it.

    >>> next_steps("dismiss"), next_steps("dismiss", alarmed_since=True)
    (('outcome',), ('verify', 'outcome'))
    """
    again = ("verify",) if alarmed_since and stands_at in SETTLED else ()
    return tuple(dict.fromkeys((*again, *FOLLOWS[stands_at])))
