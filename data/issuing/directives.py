"""Directives (批示) on an item of a brief: given once, open until an outcome is recorded."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

import sqlalchemy as sa

from data.desk import Desk, log_act, signed, typed
from data.errors import Refused
from data.issuing.keys import BriefKey, check_may, writing
from data.issuing.tables import directive, directive_outcome
from data.queries import Selection
from data.scope import Actor

POST_LEVELS = ("city", "district", "street", "community")
LONGEST_LABEL = 200
_PLAIN = (
    "directive_id", "as_of", "item_key", "label", "item_area", "item_category", "post_level", "org_id", "due_on", "text", "post",
    "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """What a directive is about: a key that stays the same from brief to brief, a short label, place, subject, and what opens it."""

    key: str
    label: str
    area_code: str | None = None
    category_code: str | None = None
    selection: Selection | None = None


@dataclass(frozen=True)
class Directive:
    """A directive as given in the brief `key`, which stood at the close of `as_of`; `closed_on` and `outcome` once it is settled."""

    directive_id: int
    key: BriefKey
    as_of: date
    item_key: str
    label: str
    item_area: str | None
    item_category: str | None
    selection: Selection | None
    post_level: str
    org_id: str | None
    due_on: date | None
    text: str
    post: str
    verified: bool
    recorded_at: datetime
    outcome: str | None = None
    closed_on: date | None = None

    def age_days(self, on: date) -> int:
        """Days since it was given; 0 on the day itself."""
        return max(0, (on - self.recorded_at.date()).days)

    def days_left(self, on: date) -> int | None:
        """Days until an outcome is due, negative once it is overdue; None without a due day."""
        return None if self.due_on is None else (self.due_on - on).days


def give_directive(
    desk: Desk,
    key: BriefKey,
    item: Item,
    text: str,
    actor: Actor,
    at: datetime,
    *,
    as_of: date,
    post_level: str,
    org_id: str | None = None,
    due_on: date | None = None,
) -> int:
    """Record a directive on an item of a brief that stood at `as_of`; returns its number.

    `Refused` for an empty or personal text, an unknown post level, and a due day that is over.
    """
    check_may(actor, "directive", key)
    if post_level not in POST_LEVELS:
        raise Refused("desk.unknown_choice", given=post_level, allowed=", ".join(POST_LEVELS))
    if due_on is not None and due_on < at.date():
        raise Refused("issuing.due_over", due_on=due_on)
    row = {
        "as_of": as_of,
        "item_key": item.key,
        "label": typed(item.label, needed=True, longest=LONGEST_LABEL),
        "item_area": item.area_code or key.area_code,
        "item_category": item.category_code,
        "selection": selection_text(item.selection),
        "post_level": post_level,
        "org_id": org_id,
        "due_on": due_on,
        "text": typed(text, needed=True),
    }
    with writing(desk) as connection:
        made = connection.execute(sa.insert(directive).values(key.columns | row | signed(actor, at)))
        number = made.inserted_primary_key[0]
        log_act(connection, "directive_given", key.text, {"directive": number, "due_on": due_on}, actor, at)
    return number


def close_directive(desk: Desk, directive_id: int, outcome: str, closed_on: date, actor: Actor, at: datetime) -> None:
    """Record what came of a directive and when it was settled, which closes it for good.

    `Refused` for one that is unknown or closed, without an outcome, and for a day before it was given or still to come.
    """
    check_may(actor, "outcome")
    said = typed(outcome, needed=True)
    with writing(desk) as connection:
        given = connection.scalar(sa.select(directive.c.recorded_at).where(directive.c.directive_id == directive_id))
        closed = sa.select(directive_outcome.c.directive_id).where(directive_outcome.c.directive_id == directive_id)
        if given is None or connection.scalar(closed) is not None:
            raise Refused("issuing.directive_unknown", number=directive_id)
        if not given.date() <= closed_on <= at.date():
            raise Refused("issuing.closed_when", first=given.date(), last=at.date())
        row = {"directive_id": directive_id, "outcome": said, "closed_on": closed_on} | signed(actor, at)
        connection.execute(sa.insert(directive_outcome).values(row))
        log_act(connection, "directive_closed", str(directive_id), {"closed_on": closed_on}, actor, at)


def open_directives(desk: Desk, on: date, areas: Collection[str] | None = None) -> tuple[Directive, ...]:
    """Directives that a brief standing at `on` shows: given in a brief no later, and not settled by then; the most pressing first.

    `areas` limits them to items of these places (the caller names the subtree), those of the whole city then left out.
    """
    return tuple(one for one in list_directives(desk, on, areas) if one.closed_on is None or one.closed_on > on)


def list_directives(
    desk: Desk, on: date, areas: Collection[str] | None = None, *, key: BriefKey | None = None
) -> tuple[Directive, ...]:
    """The same with those that are settled; `key` limits them to those given in one brief."""
    both = directive.outerjoin(directive_outcome, directive.c.directive_id == directive_outcome.c.directive_id)
    outcome = (directive_outcome.c.outcome, directive_outcome.c.closed_on)
    statement = sa.select(directive, *outcome).select_from(both).where(directive.c.as_of <= on)
    if areas is not None:
        statement = statement.where(directive.c.item_area.in_(list(areas)))
    if key is not None:
        statement = statement.where(directive.c.brief_key == key.text)
    order = (directive.c.due_on.nulls_last(), directive.c.directive_id)
    with desk.engine.connect() as connection:
        return tuple(_directive(row) for row in connection.execute(statement.order_by(*order)).mappings())


def selection_text(selection: Selection | None) -> str | None:
    """A selection as JSON."""
    return None if selection is None else json.dumps(asdict(selection), default=str, sort_keys=True, ensure_ascii=False)


def selection_of(values: dict | None) -> Selection | None:
    """A selection from what its JSON holds; None where there is none.

    >>> selection_of(json.loads(selection_text(Selection("new", date(2026, 11, 20), having=(("form", "visit"),))))).having
    (('form', 'visit'),)
    """
    if not values:
        return None
    days = {name: date.fromisoformat(values[name]) for name in ("as_of", "first", "last") if values.get(name)}
    having = tuple((name, value) for name, value in values.get("having") or ())
    return Selection(**{**values, **days, "having": having})


def _directive(row: sa.RowMapping) -> Directive:
    return Directive(
        key=BriefKey(row["brief"], row["first_on"], row["area_code"], row["matter_kind"]),
        **{name: row[name] for name in _PLAIN},
        selection=selection_of(json.loads(row["selection"]) if row["selection"] else None),
        verified=bool(row["verified"]),
        outcome=row["outcome"],
        closed_on=row["closed_on"],
    )
