"""What the matters of a month consist of: months by each property, places and categories, times, topics, what recurs; and the other domains."""

from datetime import date

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, names_of
from data.queries.selection import only, read_reach
from data.scope import Scope

m = t.matter.c
# What matters are counted by, each on its own; how one arrived takes few values, so that its columns are counted together.
DIMENSIONS = {
    "category": {"category_code": m.category_code},
    "place": {"area_pos": m.area_pos},
    "arrival": {"kind": m.kind, "channel": m.channel, "source_system": m.source_system},
}
Span = tuple[date, date]


def read_months(
    mart: Reader,
    scope: Scope,
    first: date,
    last: date,
    *,
    until: int = 31,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """New matters by month and, one after the other, by each of `DIMENSIONS`; in one pass.

    A row is a month and a value of one dimension: `month` (its first day), `dimension`, its columns (those of the others are empty), `new`;
    each dimension adds up to the whole. Only days of the month up to `until` are counted, so that an unfinished month meets like ones.
    """
    columns = {name: column for own in DIMENSIONS.values() for name, column in own.items()}
    year, month = (sa.cast(sa.extract(part, m.registered_on), sa.Integer) for part in ("year", "month"))
    rows = (
        sa.select((12 * year + month - 1).label("month_no"), *(column.label(name) for name, column in columns.items()))
        .where(
            m.registered_on.between(first, last),
            sa.true() if until >= 31 else sa.extract("day", m.registered_on) <= until,
            only(kind),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .subquery()
        .c
    )
    sets = [sa.tuple_(rows.month_no, *(rows[name] for name in own)) for own in DIMENSIONS.values()]
    left_out = sa.func.grouping(*(rows[name] for name in columns)).label(
        "left_out"
    )  # a bit a column, the first the highest
    statement = sa.select(
        rows.month_no, left_out, *(rows[name] for name in columns), sa.func.count().label("new")
    ).group_by(sa.func.grouping_sets(*sets))
    found = mart.read(statement)
    named = {
        sum(2 ** (len(columns) - 1 - place) for place, name in enumerate(columns) if name not in own): dimension
        for dimension, own in DIMENSIONS.items()
    }
    found["dimension"] = found.pop("left_out").astype("int64").map(named)
    number = found.pop("month_no").astype("int64")
    found["month"] = pd.to_datetime({"year": number // 12, "month": number % 12 + 1, "day": 1})
    return found


def read_cells(
    mart: Reader,
    scope: Scope,
    spans: tuple[Span, ...],
    *,
    by_community: bool = False,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """New matters by place and category in spans of days that do not overlap.

    A row is a cell: `span` (its number), `place`, `own_area`, `category_code`, `is_hidden`, `new`. `place` is the street, or with
    `by_community` the community; where a matter lies above it, `place` is empty and `own_area` says where (both empty: unknown). Below a
    street a sensitive category is not said: its cells have no category and `is_hidden` 1.
    """
    tree = t.area_tree.c
    place = tree.community_code if by_community else tree.street_code
    sensitive = names_of(mart).sensitive if by_community else []
    hidden = sa.case((m.category_code.in_(sensitive), 1), else_=0) if sensitive else sa.literal_column("0")
    rows = (
        sa.select(
            _span_no(spans).label("span"),
            place.label("place"),
            sa.case((place.is_(None), tree.area_code)).label("own_area"),
            (sa.case((hidden == 0, m.category_code)) if sensitive else m.category_code).label("category_code"),
            hidden.label("is_hidden"),
        )
        .select_from(t.matter.outerjoin(t.area_tree, m.area_pos == tree.pos))
        .where(_within(spans), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    columns = (rows.span, rows.place, rows.own_area, rows.category_code, rows.is_hidden)
    return mart.read(sa.select(*columns, sa.func.count().label("new")).group_by(*columns))


def read_times(
    mart: Reader, scope: Scope, spans: tuple[Span, ...], *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """New matters by weekday (1 is Monday) and hour of registration: `span, weekday, hour, new`."""
    rows = (
        sa.select(
            _span_no(spans).label("span"),
            sa.cast(sa.extract("isodow", m.registered_on), sa.Integer).label("weekday"),
            sa.cast(sa.extract("hour", m.registered_at), sa.Integer).label("hour"),
        )
        .where(_within(spans), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    return mart.read(
        sa.select(rows.span, rows.weekday, rows.hour, sa.func.count().label("new")).group_by(
            rows.span, rows.weekday, rows.hour
        )
    )


def read_topics(
    mart: Reader, scope: Scope, spans: tuple[Span, ...], *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """New matters by topic tag: `span, topic_code, topic, new`; a matter with two topics counts for both."""
    tagged, topic = t.others["matter_topic"].c, t.others["topic_tag"].c
    mine = (
        sa.select(_span_no(spans).label("span"), m.matter_no)
        .where(_within(spans), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    counted = (
        sa.select(mine.span, tagged.topic_code, sa.func.count().label("new"))
        .join_from(mine.matter_no.table, t.others["matter_topic"], tagged.matter_no == mine.matter_no)
        .group_by(mine.span, tagged.topic_code)
        .subquery()
        .c
    )
    return mart.read(
        sa.select(counted.span, counted.topic_code, topic.name.label("topic"), counted.new)
        .select_from(counted.new.table.outerjoin(t.others["topic_tag"], topic.topic_code == counted.topic_code))
        .order_by(counted.topic_code, counted.span)
    )


def read_recurring(
    mart: Reader,
    scope: Scope,
    spans: tuple[Span, ...],
    least: int,
    *,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """Matters of one kind in one place: `community_code, category_code` and `n0, n1 …`, the new ones in each span.

    Categories are those of the second level, with all below them, and of the first where a matter has no finer one. Only cells with at
    least `least` in the first span; never a sensitive category. By matter and place alone.
    """
    tree, own, above = t.area_tree.c, t.others["category"].alias("own"), t.others["category"].alias("above")
    names = [f"n{place}" for place in range(len(spans))]
    in_span = [
        sa.func.count().filter(m.registered_on.between(*span)).label(name)
        for name, span in zip(names, spans, strict=True)
    ]
    cells = (  # counted by position and category first, so that few rows are given a place and a wider category
        sa.select(m.area_pos, m.category_code, *in_span)
        .where(
            _within(spans),
            only(kind),
            read_reach(mart, scope, area_code).admits(m.area_pos),
            m.area_pos.is_not(None),
            m.category_code.is_not(None),
        )
        .group_by(m.area_pos, m.category_code)
        .subquery()
        .c
    )
    fine = sa.case((above.c.parent_code.is_not(None), above.c.category_code), else_=cells.category_code)
    rows = (
        sa.select(tree.community_code, fine.label("category_code"), *(cells[name] for name in names))
        .select_from(
            cells.n0.table.join(t.area_tree, cells.area_pos == tree.pos)
            .outerjoin(own, own.c.category_code == cells.category_code)
            .outerjoin(above, above.c.category_code == own.c.parent_code)
        )
        .where(tree.community_code.is_not(None))
        .subquery()
        .c
    )
    hidden = names_of(mart).sensitive
    statement = (
        sa.select(rows.community_code, rows.category_code, *(sa.func.sum(rows[name]).label(name) for name in names))
        .where(rows.category_code.not_in(hidden) if hidden else sa.true())
        .group_by(rows.community_code, rows.category_code)
        .having(sa.func.sum(rows.n0) >= least)
        .order_by(rows.community_code, rows.category_code)
    )
    return mart.read(statement)


def read_safety(mart: Reader, scope: Scope, months: tuple[date, ...], *, area_code: str | None = None) -> pd.DataFrame:
    """Public-safety incidents by month and kind, numbers only: `month, kind, incidents`; months without a record are absent."""
    c, tree = t.others["safety_month"].c, t.area_tree.c
    return mart.read(
        sa.select(c.month, c.kind, sa.func.sum(c.incidents).label("incidents"))
        .join_from(t.others["safety_month"], t.area_tree, c.area_code == tree.area_code)
        .where(c.month.in_(months), read_reach(mart, scope, area_code).admits(tree.pos))
        .group_by(c.month, c.kind)
        .order_by(c.kind, c.month)
    )


def read_inspections(
    mart: Reader, scope: Scope, spans: tuple[Span, ...], *, area_code: str | None = None
) -> pd.DataFrame:
    """The four inspections in spans that do not overlap: `span, field_code, rounds, found, rectified`."""
    c, tree = t.others["inspection"].c, t.area_tree.c
    which = _span_no(spans, c.inspected_on)
    rows = (
        sa.select(which.label("span"), c.field_code, c.found, c.rectified)
        .join_from(t.others["inspection"], t.area_tree, c.area_code == tree.area_code)
        .where(_within(spans, c.inspected_on), read_reach(mart, scope, area_code).admits(tree.pos))
        .subquery()
        .c
    )
    return mart.read(
        sa.select(
            rows.span,
            rows.field_code,
            sa.func.count().label("rounds"),
            sa.func.sum(rows.found).label("found"),
            sa.func.sum(rows.rectified).label("rectified"),
        )
        .group_by(rows.span, rows.field_code)
        .order_by(rows.field_code, rows.span)
    )


def _within(spans: tuple[Span, ...], day: sa.ColumnElement = m.registered_on) -> sa.ColumnElement:
    """A day that lies in one of the spans."""
    return sa.or_(*(day.between(*span) for span in spans))


def _span_no(spans: tuple[Span, ...], day: sa.ColumnElement = m.registered_on) -> sa.ColumnElement:
    """The number of the span a day lies in."""
    whens = [(day.between(*span), sa.literal_column(str(number))) for number, span in enumerate(spans)]
    return sa.case(*whens)


def read_levels(
    mart: Reader, scope: Scope, days: tuple[date, ...], *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Open and overdue matters at the close of each of a few days: `day, open, overdue`; for days far apart, counted one by one."""
    steps = sorted(days)

    def place(day: sa.ColumnElement, *, counts_itself: bool) -> sa.ColumnElement:
        """The first of the days that a column's day lies before, or on which it lies where that counts; one more than there are for none."""
        reached = [(day <= step if counts_itself else day < step, number) for number, step in enumerate(steps)]
        return sa.case(*((which, sa.literal_column(str(number))) for which, number in reached), else_=len(steps))

    places = {
        "opened": place(m.registered_on, counts_itself=True),
        "ended": place(m.standing_until, counts_itself=True),
        "overdue": place(m.deadline_on, counts_itself=False),
    }
    reach = read_reach(mart, scope, area_code)
    wanted = (m.registered_on <= steps[-1], m.standing_until > steps[0], only(kind), reach.admits(m.area_pos))
    rows = sa.select(*(column.label(name) for name, column in places.items())).where(*wanted).subquery().c
    found = mart.read(sa.select(*rows, sa.func.count().label("matters")).group_by(*rows)).astype("int64")
    open_on = [(found["opened"] <= number) & (found["ended"] > number) for number in range(len(steps))]
    counts = {
        day: (
            int(found.loc[is_open, "matters"].sum()),
            int(found.loc[is_open & (found["overdue"] <= number), "matters"].sum()),
        )
        for number, (day, is_open) in enumerate(zip(steps, open_on, strict=True))
    }
    return pd.DataFrame(
        {"day": list(days), "open": [counts[day][0] for day in days], "overdue": [counts[day][1] for day in days]}
    )
