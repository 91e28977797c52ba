"""What people note on a forecast that missed."""

from datetime import date, datetime

import sqlalchemy as sa

from data.desk import Desk, log_act, signed, typed
from data.errors import Refused
from data.forecast_ledger.tables import forecast_issued, miss_note
from data.handling.keys import check_may
from data.issuing.keys import writing
from data.scope import Actor


def note_miss(
    desk: Desk,
    text: str,
    actor: Actor,
    at: datetime,
    *,
    freq: str,
    first_on: date,
    level: str,
    path: tuple[str, ...],
    kind: str | None = None,
    category_code: str | None = None,
) -> int:
    """Record what explains the miss of a period that began on `first_on`; returns the number of the note. Noted again, the last stands.

    `path` is the place and the areas above it. Raises `Refused` for a role or place that may not, an empty or personal text, and a series
    that was never issued for a period so early.
    """
    check_may(actor, "review", path)
    node = {"level": level, "area_code": path[0], "kind": kind or "", "category_code": category_code or ""}
    row = {"freq": freq, "first_on": first_on, **node, "text": typed(text, needed=True)}
    there = [forecast_issued.c[name] == value for name, value in ({"freq": freq} | node).items()]
    with writing(desk) as connection:
        known = (
            sa.select(sa.func.count())
            .select_from(forecast_issued)
            .where(*there, forecast_issued.c.first_on <= first_on)
        )
        if not connection.scalar(known):
            raise Refused("forecasts.never_issued", day=first_on)
        number = connection.execute(sa.insert(miss_note).values(row | signed(actor, at))).inserted_primary_key[0]
        log_act(
            connection, "miss_noted", "|".join(node.values()), {"note": number, "first_on": str(first_on)}, actor, at
        )
    return number
