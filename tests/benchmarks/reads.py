"""The same grouped reads, typical of a brief, on the mart and on the operational SQLite file with its indexes."""

import math
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from data import mart_tables, operational
from data.mart import Mart

INDEXES = ("closed_at", "due_on", "responsible_org_id", "area_code", "category_code")

Day = Callable[[sa.ColumnElement], sa.ColumnElement]


def statements(
    m: sa.FromClause, area: sa.FromClause, day: Day, month: Day, days: Callable, as_of: date
) -> dict[str, sa.Select]:
    """The reads over a table of matters, with the day, the month and the days between as its database writes them."""
    c, n = m.c, sa.func.count().label("n")
    close = datetime.combine(as_of + timedelta(days=1), datetime.min.time())

    def since(count: int) -> sa.ColumnElement:
        return c.registered_at.between(close - timedelta(days=count), close - timedelta(microseconds=1))

    is_open = sa.and_(c.registered_at < close, sa.or_(c.closed_at.is_(None), c.closed_at >= close))
    street = area.alias("street")
    registered, month_of = day(c.registered_at).label("day"), month(c.registered_at).label("month")
    return {
        "new by day and kind, 8 weeks": sa.select(registered, c.kind, n).where(since(56)).group_by(registered, c.kind),
        "closed by day, 8 weeks": sa.select(day(c.closed_at).label("day"), n)
        .where(c.closed_at.between(close - timedelta(days=56), close))
        .group_by(day(c.closed_at).label("day")),
        "open and overdue by unit": sa.select(c.responsible_org_id, n, sa.func.sum(sa.case((c.due_on < as_of, 1), else_=0)).label("late"))
        .where(is_open)
        .group_by(c.responsible_org_id),
        "open by kind and level": sa.select(c.kind, c.handling_level, n, sa.func.max(c.returned_count).label("returns"))
        .where(is_open)
        .group_by(c.kind, c.handling_level),
        "subjects, a month, with people": sa.select(c.category_code, n, sa.func.sum(c.people_involved).label("people"))
        .where(since(30))
        .group_by(c.category_code),
        "streets, a quarter": sa.select(street.c.parent_code, c.kind, n)
        .join_from(m, street, street.c.area_code == c.area_code)
        .where(since(90))
        .group_by(street.c.parent_code, c.kind),
        "months and kinds, all years": sa.select(month_of, c.kind, n, sa.func.sum(c.is_repeat).label("again")).group_by(month_of, c.kind),
        "days to close by subject, a year": sa.select(c.category_code, n, sa.func.round(sa.func.avg(days(c.closed_at, c.registered_at)), 6).label("mean"))
        .where(since(365), c.closed_at.is_not(None))
        .group_by(c.category_code),
    }  # fmt: skip


def compare(mart: Mart, database: Path, as_of: date) -> list[dict[str, object]]:
    """One row a read: its best seconds on both, and their ratio. Raises AssertionError when the answers differ."""
    m, area = mart_tables.matter, mart_tables.others["area"]
    engine = operational.create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        for name in INDEXES:
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS bench_{name} ON matter ({name})")
        connection.exec_driver_sql("ANALYZE")

    def as_date(column: sa.ColumnElement) -> sa.ColumnElement:
        return sa.cast(column, sa.Date)

    here = statements(
        m, area, as_date, lambda c: sa.cast(sa.func.date_trunc("month", c), sa.Date),
        lambda a, b: as_date(a) - as_date(b), as_of,
    )  # fmt: skip
    there = statements(
        operational.matter, operational.area, lambda c: sa.func.substr(sa.cast(c, sa.Text), 1, 10),
        lambda c: sa.func.substr(sa.cast(c, sa.Text), 1, 7) + "-01",
        lambda a, b: sa.func.julianday(sa.func.date(a)) - sa.func.julianday(sa.func.date(b)), as_of,
    )  # fmt: skip
    found = []
    with engine.connect() as connection:
        for name in here:
            duck, first = _best(lambda statement=here[name]: mart.read(statement), 5)
            lite, second = _best(lambda statement=there[name]: connection.execute(statement).fetchall(), 2)
            _check_same(name, first.astype(object).values.tolist(), [list(row) for row in second])
            found.append({"read": name, "duckdb": duck, "sqlite": lite, "ratio": lite / duck})
    engine.dispose()
    return found


def geometric_mean(values: list[float]) -> float:
    """The mean that fits ratios."""
    return math.exp(statistics.fmean(math.log(value) for value in values))


def _best(run: Callable, times: int) -> tuple[float, object]:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        answer = run()
        seconds.append(time.perf_counter() - began)
    return min(seconds), answer


def _check_same(name: str, first: list[list], second: list[list]) -> None:
    plain = [sorted(tuple(_plain(value) for value in row) for row in rows) for rows in (first, second)]
    assert plain[0] == plain[1], f"{name}: DuckDB and SQLite differ"


def _plain(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)
