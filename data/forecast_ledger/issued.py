"""What is written to the ledger: forecasts and risks as they were issued, each once, and what then came, corrected by further rows."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.desk import Desk, log_act, signed
from data.errors import Refused
from data.forecast_ledger.tables import NODE, forecast_issued, forecast_truth, risk_issued, risk_truth
from data.handling.keys import check_may
from data.issuing.keys import writing
from data.scope import Actor

DIGITS = 2  # of a quantile that is not a whole number


def issue_forecasts(
    desk: Desk,
    issued: pd.DataFrame,
    *,
    as_of: date,
    version: str,
    known_at: datetime,
    actor: Actor,
    at: datetime,
    weights_made_on: Mapping[str, date] | None = None,
) -> int:
    """Write the forecasts of a night that stand for periods not issued before, all or none; returns how many series.

    A row of `issued` is a series: freq, level, area_code, kind and category_code (None: all), state, first_on (first day of the first
    period ahead), quantiles and naive (arrays [step, quantile]). Nothing is written of a frequency that was issued for a later day: the
    past is not issued again.
    """
    check_may(actor, "issue")
    rows = [_plain_node(row) for row in issued.to_dict("records")]
    with writing(desk) as connection:
        later = _later(connection, forecast_issued, as_of, forecast_issued.c.freq)
        known = _known(connection, forecast_issued, "freq", rows)
        fresh = [row for row in rows if row["freq"] not in later and _identity(row, "freq") not in known]
        marks = {"as_of": as_of, "version": version, "known_at": known_at.replace(microsecond=0)} | signed(actor, at)
        made = weights_made_on or {}
        values = [
            {name: row[name] for name in ("freq", "first_on", *NODE, "state")}
            | {"steps": len(row["quantiles"]), "quantiles": _packed(row["quantiles"]), "naive": _packed(row["naive"])}
            | {"weights_made_on": made.get(row["freq"])}
            | marks
            for row in fresh
        ]
        if values:
            connection.execute(sa.insert(forecast_issued), values)
            detail = {"series": len(values), "version": version}
            log_act(connection, "forecasts_issued", str(as_of), detail, actor, at)
    return len(values)


def write_truth(
    desk: Desk, freq: str, first_on: date, counts: Mapping[str, int], *, as_of: date, version: str, known_at: datetime,
    actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Write what a complete period counted, by series; of a period written before only what is another count by now. Returns how many series."""
    periods = [(freq, first_on, counts)]
    return write_truths(desk, periods, as_of=as_of, version=version, known_at=known_at, actor=actor, at=at)


def write_truths(
    desk: Desk, periods: Sequence[tuple[str, date, Mapping[str, int]]], *, as_of: date, version: str, known_at: datetime,
    actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """`write_truth` for several periods (freq, first day, counts), all or none."""
    given = [(freq, first, {key: int(count) for key, count in counts.items()}) for freq, first, counts in periods]
    return _write_truths(desk, forecast_truth, "freq", given, "counts", as_of, version, known_at, actor, at)


def issue_risks(
    desk: Desk, issued: pd.DataFrame, *, as_of: date, version: str, known_at: datetime, actor: Actor, at: datetime
) -> int:
    """Write the risk levels of a night for periods not issued before, all or none; returns how many.

    A row of `issued` is a place × subject and a period: ahead (week or month), first_on, last_on, level, area_code, kind and category_code (None:
    all), level_code (None: no data), points, numbers (a mapping: the parts, the probabilities). As with forecasts the past is not issued
    again.
    """
    check_may(actor, "issue")
    rows = [_plain_node(row) for row in issued.to_dict("records")]
    with writing(desk) as connection:
        later = _later(connection, risk_issued, as_of, risk_issued.c.ahead)
        known = _known(connection, risk_issued, "ahead", rows)
        fresh = [row for row in rows if row["ahead"] not in later and _identity(row, "ahead") not in known]
        marks = {"as_of": as_of, "version": version, "known_at": known_at.replace(microsecond=0)} | signed(actor, at)
        values = [
            {name: row[name] for name in ("ahead", "first_on", "last_on", *NODE)}
            | {"level_code": _none(row["level_code"]), "points": _none(row["points"])}
            | {"numbers": json.dumps(_plain(row["numbers"]), ensure_ascii=False, sort_keys=True)}
            | marks
            for row in fresh
        ]
        if values:
            connection.execute(sa.insert(risk_issued), values)
            detail = {"items": len(values), "version": version}
            log_act(connection, "risks_issued", str(as_of), detail, actor, at)
    return len(values)


def write_risk_truth(
    desk: Desk, ahead: str, first_on: date, outcomes: Mapping[str, Mapping[str, object]], *, as_of: date, version: str,
    known_at: datetime, actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Write what happened in a period whose risk was issued, by series; later only what is otherwise by now. Returns how many series."""
    given = [(ahead, first_on, {key: _plain(one) for key, one in outcomes.items()})]
    return _write_truths(desk, risk_truth, "ahead", given, "outcomes", as_of, version, known_at, actor, at)


def truth_so_far(
    connection: sa.Connection, table: sa.Table, by: str, value: str, first_on: date, held: str
) -> tuple[int, dict]:
    """The number of the last row of a period, 0 before the first, and what stands of it: each row over the one before."""
    rows = connection.execute(
        sa.select(table.c.truth_no, table.c[held])
        .where(table.c[by] == value, table.c.first_on == first_on)
        .order_by(table.c.truth_no)
    ).all()
    stands: dict = {}
    for _, text in rows:
        stands |= json.loads(text)
    return (rows[-1][0] if rows else 0), stands


def _write_truths(
    desk: Desk, table: sa.Table, by: str, periods: Sequence[tuple[str, date, dict]], held: str, as_of: date, version: str,
    known_at: datetime, actor: Actor, at: datetime,
) -> int:  # fmt: skip
    check_may(actor, "issue")
    written = 0
    with writing(desk) as connection:
        for value, first_on, found in periods:
            number, stands = truth_so_far(connection, table, by, value, first_on, held)
            changed = {key: one for key, one in found.items() if key not in stands or stands[key] != one}
            if changed:
                row = {by: value, "first_on": first_on, "truth_no": number + 1, "as_of": as_of, "version": version}
                row |= {held: json.dumps(changed, ensure_ascii=False, sort_keys=True)}
                row |= {"known_at": known_at.replace(microsecond=0)} | signed(actor, at)
                connection.execute(sa.insert(table).values(row))
            written += len(changed)
    return written


def _later(connection: sa.Connection, table: sa.Table, as_of: date, by: sa.Column) -> set[str]:
    """What was issued for a later day."""
    return set(connection.scalars(sa.select(by).where(table.c.as_of > as_of).distinct()))


def _known(connection: sa.Connection, table: sa.Table, by: str, rows: list[dict]) -> set[tuple]:
    """Which of these periods were issued before, series by series."""
    days = {row["first_on"] for row in rows}
    if not days:
        return set()
    columns = [table.c[name] for name in (by, "first_on", *NODE)]
    found = connection.execute(sa.select(*columns).where(table.c.first_on.in_(days)))
    return {tuple(row) for row in found}


def _identity(row: Mapping[str, object], by: str) -> tuple:
    return tuple(row[name] for name in (by, "first_on", *NODE))


def _plain_node(row: Mapping[str, object]) -> dict:
    """A row with empty text where a kind or subject is all of them, and plain days."""
    days = {name: pd.Timestamp(row[name]).date() for name in ("first_on", "last_on") if name in row}
    names = {name: row[name] if isinstance(row[name], str) else "" for name in NODE}
    if not names["level"] or not names["area_code"]:
        raise Refused("desk.text_empty")
    return {**row, **days, **names}


def _packed(quantiles: np.ndarray) -> str:
    """Quantiles as short text: whole numbers as such."""
    return json.dumps(
        [
            [int(one) if one == int(one) else round(float(one), DIGITS) for one in step]
            for step in np.asarray(quantiles)
        ],
        separators=(",", ":"),
    )


def _none(value: object) -> object:
    return None if value is None or value != value else value


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    value = value.item() if hasattr(value, "item") else value
    return _none(value)
