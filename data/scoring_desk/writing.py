"""Who may do what about scorecards: propose and approve rules, object, decide."""

from collections.abc import Collection

from data.desk import Desk
from data.errors import Refused
from data.scope import Actor
from data.scoring_desk.tables import ONLY_ADDED_TO

_OFFICE = ("office", "admin")
MAY = {
    "propose": _OFFICE,
    "approve": ("leader", *_OFFICE),
    "object": ("community", *_OFFICE),
    "decide": ("leader", *_OFFICE),
}


def may(role: str, what: str) -> bool:
    """Whether a role may do something about scorecards."""
    return role in MAY[what]


def check_may(actor: Actor, what: str, path: Collection[str] | None = None) -> None:
    """Raise `Refused` where the role may not act, or the unit's place lies outside the actor's areas (None: the whole city)."""
    if not may(actor.scope.role, what):
        raise Refused("scoring.role_may_not")
    if path is None and not actor.scope.sees_all:
        raise Refused("scoring.whole_city_only")
    if path is not None and not actor.scope.sees_all and not any(area in path for area in actor.scope.areas):
        raise Refused("scoring.outside_scope")


def mark(desk: Desk) -> str:
    """A text that changes with every write, for the keys of what is cached."""
    return desk.mark(ONLY_ADDED_TO)
