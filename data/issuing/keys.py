"""Which brief is meant, who may do what to it, and the one writer's place that every step takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from data.desk import Desk
from data.errors import Refused
from data.issuing.tables import ONLY_ADDED_TO
from data.scope import Actor

BRIEFS = ("daily", "weekly", "monthly", "annual")
WRITERS_LOCK = 7_240_003  # any number that only these writes use

_OFFICE = ("office", "admin")
MAY = {
    "words": _OFFICE,
    "draft": _OFFICE,
    "review": _OFFICE,
    "issue": _OFFICE,
    "withdraw": _OFFICE,
    "directive": ("leader",),
    "outcome": ("leader", *_OFFICE),
}


@dataclass(frozen=True)
class BriefKey:
    """One brief: `kind` (daily, weekly, monthly, annual), first day of its period, area (None: whole city), kind of matter (None: all).

    >>> BriefKey("daily", date(2026, 11, 20), "9999").text
    'daily|2026-11-20|9999|'
    """

    kind: str
    first: date
    area_code: str | None = None
    matter_kind: str | None = None

    @property
    def text(self) -> str:
        return f"{self.kind}|{self.first}|{self.area_code or ''}|{self.matter_kind or ''}"

    @property
    def columns(self) -> dict[str, object]:
        """As it stands in a row."""
        return {
            "brief_key": self.text,
            "brief": self.kind,
            "first_on": self.first,
            "area_code": self.area_code,
            "matter_kind": self.matter_kind,
        }


def may(role: str, what: str) -> bool:
    """Whether a role may do something: words, draft, review, issue, withdraw, directive or outcome."""
    return role in MAY[what]


def check_may(actor: Actor, what: str, key: BriefKey | None = None) -> None:
    """Raise `Refused` where the role may not act, or where a reader of some areas would act on the brief of the whole city."""
    if not may(actor.scope.role, what):
        raise Refused("issuing.role_may_not")
    if key is not None and key.kind not in BRIEFS:
        raise Refused("desk.unknown_choice", given=key.kind, allowed=", ".join(BRIEFS))
    if key is not None and key.area_code is None and not actor.scope.sees_all:
        raise Refused("issuing.whole_city_only")


@contextmanager
def writing(desk: Desk) -> Iterator[sa.Connection]:
    """One transaction that no other of these writes can share: what it reads is still so when it writes. All of it, or nothing."""
    with desk.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_LOCK)))
        yield connection


def mark(desk: Desk) -> str:
    """A text that changes with every write, for the keys of what is cached; openings are left out."""
    return desk.mark(ONLY_ADDED_TO)
