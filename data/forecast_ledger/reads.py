"""What the ledger says: forecasts and risks as they were issued, beside what then came; and the notes on misses."""

import json
from collections.abc import Collection
from datetime import date, datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data.desk import Desk
from data.forecast_ledger.tables import (
    NODE,
    ONLY_ADDED_TO,
    forecast_issued,
    forecast_truth,
    miss_note,
    risk_issued,
    risk_truth,
)

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
SHOWN, NAIVE = tuple(f"q{level}" for level in QUANTILES), tuple(f"n{level}" for level in QUANTILES)
ISSUED = ("freq", "as_of", *NODE, "state", "step", "first_on", *SHOWN, *NAIVE, "observed", "known_at")
RISKS = ("ahead", "as_of", "first_on", "last_on", *NODE, "level_code", "points", "numbers", "outcome")
NOTES = ("note_id", "freq", "first_on", *NODE, "text", "recorded_at", "post", "role", "verified")


def ledger_mark(desk: Desk) -> str:
    """A text that changes with every row of the ledger, for the keys of what is cached."""
    return desk.mark(ONLY_ADDED_TO)


def read_issued(
    desk: Desk,
    first: date,
    last: date,
    *,
    freq: str | None = None,
    levels: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    known_by: datetime | None = None,
) -> pd.DataFrame:
    """Forecasts as they were issued for days first … last (`as_of`), a row a series and period ahead, beside what came.

    Columns: freq, as_of, level, area_code, kind and category_code (None: all), state, step, first_on (of the period), q0.025 … q0.975 as
    shown, n0.025 … n0.975 of the naive forecast, observed (the last count known, NaN while the period is not complete), known_at.
    `areas` are codes of places themselves, not of what lies in them. `known_by` leaves out what was recorded later.
    """
    table = forecast_issued
    wanted = [table.c.as_of.between(first, last)]
    wanted += [table.c.freq == freq] if freq else []
    wanted += [table.c.level.in_(list(levels))] if levels is not None else []
    wanted += [table.c.area_code.in_(list(areas))] if areas is not None else []
    wanted += [table.c.recorded_at <= known_by] if known_by else []
    with desk.engine.connect() as connection:
        columns = [table.c[name] for name in ("freq", "as_of", "first_on", *NODE, "state", "steps", "known_at")]
        rows = connection.execute(
            sa.select(*columns, table.c.quantiles, table.c.naive).where(*wanted).order_by(table.c.issue_id)
        ).all()
        counts = _counts(connection, {row.freq for row in rows}, known_by) if rows else {}
    if not rows:
        return pd.DataFrame(columns=list(ISSUED))
    steps = np.array([row.steps for row in rows])
    series = pd.DataFrame(
        {name: [getattr(row, name) for row in rows] for name in ("freq", "as_of", *NODE, "state", "known_at")}
    )
    frame = _all_as_none(series).take(np.repeat(np.arange(len(rows)), steps)).reset_index(drop=True)
    frame["step"] = np.concatenate([np.arange(1, count + 1) for count in steps])
    frame["first_on"] = _periods(
        frame["freq"].to_numpy(), np.repeat([row.first_on for row in rows], steps), frame["step"].to_numpy()
    )
    frame[list(SHOWN)] = _unpacked([row.quantiles for row in rows])
    frame[list(NAIVE)] = _unpacked([row.naive for row in rows])
    keys = np.repeat(np.array(["|".join(getattr(row, name) for name in NODE) for row in rows], dtype=object), steps)
    days = frame["first_on"].to_numpy().astype("datetime64[D]").astype(object)
    freqs = np.repeat(np.array([row.freq for row in rows], dtype=object), steps)
    known = zip(freqs.tolist(), days.tolist(), keys.tolist(), strict=True)
    frame["observed"] = np.array([counts.get((one, day), {}).get(key, np.nan) for one, day, key in known], dtype=float)
    return frame[list(ISSUED)]


def issued_keys(desk: Desk, freq: str, since: date) -> tuple[set[str], date | None]:
    """The series issued for days from `since` on, by their keys, and the first day of the first period of them; None where there is none."""
    table = forecast_issued
    with desk.engine.connect() as connection:
        rows = connection.execute(
            sa.select(*(table.c[name] for name in NODE)).where(table.c.freq == freq, table.c.as_of >= since).distinct()
        ).all()
        first = connection.scalar(sa.select(sa.func.min(table.c.first_on)).where(table.c.freq == freq))
    return {"|".join(row) for row in rows}, first


def last_issued(desk: Desk, freq: str, levels: Collection[str]) -> date | None:
    """The first day of the last period that a series of these levels was issued from."""
    table = forecast_issued
    with desk.engine.connect() as connection:
        wanted = (table.c.freq == freq, table.c.level.in_(list(levels)))
        return connection.scalar(sa.select(sa.func.max(table.c.first_on)).where(*wanted))


def read_risks(desk: Desk, first: date, last: date, *, known_by: datetime | None = None) -> pd.DataFrame:
    """Risk levels as they were issued for days first … last, a row a place × subject and period, beside what happened.

    Columns: ahead, as_of, first_on, last_on, level, area_code, kind, category_code (None: all), level_code, points, numbers and outcome (mappings;
    outcome None while the period is not complete).
    """
    table = risk_issued
    wanted = [table.c.as_of.between(first, last)] + ([table.c.recorded_at <= known_by] if known_by else [])
    with desk.engine.connect() as connection:
        names = ("ahead", "as_of", "first_on", "last_on", *NODE, "level_code", "points", "numbers")
        rows = connection.execute(
            sa.select(*(table.c[name] for name in names)).where(*wanted).order_by(table.c.issue_id)
        ).mappings()
        found = [dict(row) for row in rows]
        happened = _stands(connection, risk_truth, "ahead", "outcomes", {row["ahead"] for row in found}, known_by)
    for row in found:
        key = "|".join(row[name] for name in NODE)
        row["outcome"] = happened.get((row["ahead"], row["first_on"]), {}).get(key)
        row["numbers"] = json.loads(row["numbers"])
        row |= {name: row[name] or None for name in ("kind", "category_code")}
    return pd.DataFrame(found, columns=list(RISKS), dtype=object)


def miss_notes(desk: Desk, first: date, last: date) -> pd.DataFrame:
    """Notes on misses of periods that began first … last, oldest first; of two on the same the last stands."""
    table = miss_note
    found = desk.read(
        sa.select(*(table.c[name] for name in NOTES))
        .where(table.c.first_on.between(first, last))
        .order_by(table.c.note_id)
    )
    return _all_as_none(found)


def _counts(connection: sa.Connection, freqs: Collection[str], known_by: datetime | None) -> dict[tuple, dict]:
    return _stands(connection, forecast_truth, "freq", "counts", freqs, known_by)


def _stands(
    connection: sa.Connection, table: sa.Table, by: str, held: str, values: Collection[str], known_by: datetime | None
) -> dict[tuple, dict]:
    """What stands of each period: each row over the one before."""
    wanted = [table.c[by].in_(list(values))] + ([table.c.recorded_at <= known_by] if known_by else [])
    rows = connection.execute(
        sa.select(table.c[by], table.c.first_on, table.c[held]).where(*wanted).order_by(table.c.truth_id)
    )
    found: dict[tuple, dict] = {}
    for value, first_on, text in rows:
        found.setdefault((value, first_on), {}).update(json.loads(text))
    return found


def _all_as_none(frame: pd.DataFrame) -> pd.DataFrame:
    """An empty kind or subject as None."""
    named = {name: frame[name].astype(object) for name in ("kind", "category_code")}
    return frame.assign(**{name: held.where(held != "", None) for name, held in named.items()})


def _periods(freqs: np.ndarray, firsts: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The first day of each period ahead."""
    days = firsts.astype("datetime64[D]")
    found = days + (steps - 1) * np.where(freqs == "W", 7, 1)
    months = freqs == "M"
    found[months] = (days[months].astype("datetime64[M]") + (steps[months] - 1)).astype("datetime64[D]")
    return found.astype("datetime64[s]")


def _unpacked(texts: list[str]) -> np.ndarray:
    """Packed quantiles of several rows, one below the other."""
    return np.array(json.loads("[" + ",".join(text[1:-1] for text in texts) + "]"), dtype=float)
