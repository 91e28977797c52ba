"""Matters that a rule looks at beside the statistics, by place and subject, each number with the selection that opens what it counts.

The place is the smallest known one down to the community, never less; what is sensitive stands with its street. The thresholds are
arguments; `analytics.signals.rules` holds them against the numbers.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, names_of
from data.queries.nodes import NODE, by_node, by_place, within_reach
from data.queries.selection import OFTEN, Selection, condition, may_show, read_reach
from data.scope import Scope

m = t.matter.c
ONE_DAY = timedelta(days=1)
_GROUP = (m.area_pos, m.kind, m.category_code)


def read_topic_counts(
    mart: Reader,
    scope: Scope,
    day: date,
    *,
    days: int,
    least: int,
    least_in_street: int,
    before_days: int,
    area_code: str | None = None,
) -> pd.DataFrame:
    """Topics of which at least `least` new matters came to one community, or `least_in_street` to one street, in `days` days up to `day`.

    A row is a place and a topic: `level, area_code, topic, name, first_on, last_on, observed`, `before` (how many came in the
    `before_days` days before those), `selection`. All kinds together; a matter of two topics counts for both. Matters of sensitive
    categories, and those placed no nearer than a street, count for the street alone.
    """
    first = day - timedelta(days=days - 1)
    tagged, topic = t.others["matter_topic"].c, t.others["topic_tag"].c
    hidden = names_of(mart).sensitive
    mine = (
        sa.select(
            m.matter_no,
            m.area_pos,
            (m.category_code.in_(hidden) if hidden else sa.false()).label("is_hidden"),
            (m.registered_on >= first).label("is_new"),
        )
        .where(
            m.registered_on.between(first - timedelta(days=before_days), day),
            m.area_pos.is_not(None),
            read_reach(mart, scope, area_code).admits(m.area_pos),
            may_show(mart, m.category_code, scope, area_code),
        )
        .subquery()
        .c
    )
    tree = t.area_tree.c
    # Counted by place first, so that what is added up afterwards is short.
    counted = (
        sa.select(mine.area_pos, mine.is_hidden, tagged.topic_code, *_new_and_before(mine.is_new))
        .join_from(mine.matter_no.table, t.others["matter_topic"], tagged.matter_no == mine.matter_no)
        .group_by(mine.area_pos, mine.is_hidden, tagged.topic_code)
        .subquery()
        .c
    )
    near = sa.case((sa.func.coalesce(counted.is_hidden, sa.false()), None), else_=tree.community_code)
    statement = (
        sa.select(
            near.label("community_code"), tree.street_code, counted.topic_code, topic.name, counted.observed, counted.before
        )
        .select_from(
            counted.observed.table.join(t.area_tree, counted.area_pos == tree.pos).outerjoin(
                t.others["topic_tag"], topic.topic_code == counted.topic_code
            )
        )
    )  # fmt: skip
    found = mart.read(statement).rename(columns={"topic_code": "topic"})
    base = Selection("new", day, first, day)
    parts = []
    for level, least_here in (("community", least), ("street", least_in_street)):
        here = found.rename(columns={f"{level}_code": "area_code"})
        here = here.groupby(["area_code", "topic"], as_index=False).agg(
            name=("name", "first"), observed=("observed", "sum"), before=("before", "sum")
        )
        here = here[here["observed"] >= least_here]
        rest = {"not_sensitive": "1"} if level == "community" and hidden else {}
        chosen = [
            base.narrowed(area_code=row.area_code).also(topic=row.topic, **rest) for row in here.itertuples(index=False)
        ]
        parts.append(here.assign(level=level, selection=pd.Series(chosen, index=here.index, dtype=object)))
    rows = within_reach(mart, scope, area_code, pd.concat(parts, ignore_index=True))
    rows = _dated(rows, first, day).sort_values(["observed", "area_code", "topic"], ascending=[False, True, True])
    columns = ["level", "area_code", "topic", "name", "first_on", "last_on", "observed", "before", "selection"]
    return rows[columns].reset_index(drop=True)


def read_active_days(
    mart: Reader, scope: Scope, day: date, *, days: int, least: int, before_days: int, area_code: str | None = None
) -> pd.DataFrame:
    """Nodes with new matters on at least `least` of the `days` days up to `day`.

    A row is a place and a subject (see `data.queries.nodes`): `observed`, `daily` (a tuple of the number on each day, the earliest
    first), `before` (how many came in the `before_days` days before those), `selection`.
    """
    first = day - timedelta(days=days - 1)
    is_new = m.registered_on >= first
    on = sa.case((is_new, m.registered_on)).label("on")
    statement = (
        sa.select(*_GROUP, on, sa.func.count().label("matters"))
        .where(
            m.registered_on.between(first - timedelta(days=before_days), day),
            m.area_pos.is_not(None),
            m.category_code.is_not(None),
            read_reach(mart, scope, area_code).admits(m.area_pos),
            may_show(mart, m.category_code, scope, area_code),
        )
        .group_by(*_GROUP, on)
    )
    found = mart.read(statement)
    number = (found["on"] - pd.Timestamp(first)).dt.days.astype("Int64")
    numbers = found["matters"].astype("int64")
    wide = pd.DataFrame({f"d{place}": numbers.where(number.eq(place).fillna(False), 0) for place in range(days)})
    wide["before"] = numbers.where(found["on"].isna(), 0)
    sums = dict.fromkeys(wide, "sum")
    rows = by_node(
        mart, scope, pd.concat([found[["area_pos", "kind", "category_code"]], wide], axis=1), sums,
        Selection("new", day, first, day), area_code=area_code, keep=lambda rows: (rows[list(sums)[:-1]] > 0).sum(axis=1) >= least,
    )  # fmt: skip
    daily = rows[[f"d{place}" for place in range(days)]]
    rows["daily"] = pd.Series([tuple(one) for one in daily.to_numpy().tolist()], index=rows.index, dtype=object)
    rows["observed"] = daily.sum(axis=1).astype("int64")
    rows = _dated(rows, first, day)[[*NODE, "first_on", "last_on", "observed", "daily", "before", "selection"]]
    return rows.sort_values("observed", ascending=False, kind="stable", ignore_index=True)


def read_filed_often(
    mart: Reader, scope: Scope, day: date, *, what: str, least: int, days: int, area_code: str | None = None
) -> pd.DataFrame:
    """New matters of `days` days up to `day` that came often or with many, by node.

    `what` is `filed_times` (at least `least` pieces or groups of the one matter), `with_people` (as many people or person-times in one)
    or `refiled` (one of at least `least` re-filings in these days of the same earlier matter). A row is a node: `observed`, `most` (the
    largest number found; for re-filings how many there were), `selection`.
    """
    first = day - timedelta(days=days - 1)
    base = Selection("new", day, first, day).also(**{what: str(least)})
    counted = OFTEN[what]
    value = sa.func.greatest(*(m[name] for name in counted)) if counted else sa.literal_column("1")
    most = sa.func.max(value) if counted else sa.func.count()
    return _matched(mart, scope, base, area_code, most, "max" if counted else "sum")


def read_not_started(mart: Reader, scope: Scope, day: date, *, days: int, area_code: str | None = None) -> pd.DataFrame:
    """Matters of high severity, registered at least `days` days before `day`, open and not begun (`major.is_unstarted`), by node.

    A row is a node: `observed`, `most` (days that the oldest has waited), `selection`; `first_on` is the day the oldest was registered.
    """
    base = Selection("not_started", day, None, day - timedelta(days=days))
    rows = _matched(mart, scope, base, area_code, sa.func.min(m.registered_on), "min")
    oldest = pd.to_datetime(rows["most"])
    rows["first_on"] = oldest.astype("datetime64[s]")
    rows["most"] = (pd.Timestamp(day) - oldest).dt.days.astype("int64")
    return rows.sort_values(["most", "observed"], ascending=False, kind="stable", ignore_index=True)


def read_due_soon(mart: Reader, scope: Scope, day: date, *, days: int, area_code: str | None = None) -> pd.DataFrame:
    """Open matters whose deadline falls in the `days` days after `day`, by street and kind.

    A row is a street (for a reader below a street a community; else the place itself) and a kind: `observed`, `most` (days until the
    first deadline), `selection`; `first_on` is the first deadline.
    """
    base = Selection("due", day, day + ONE_DAY, day + timedelta(days=days))
    rows = _matched(mart, scope, base, area_code, sa.func.min(m.deadline_on), "min", by_subject=False)
    soonest = pd.to_datetime(rows["most"])
    rows["first_on"] = soonest.astype("datetime64[s]")
    rows["most"] = (soonest - pd.Timestamp(day)).dt.days.astype("int64")
    return rows


def read_collective(mart: Reader, scope: Scope, day: date, *, days: int, area_code: str | None = None) -> pd.DataFrame:
    """New collective matters (five people or more) of `days` days up to `day`, by node: `observed`, `most` people in one, `selection`."""
    base = Selection("collective", day, day - timedelta(days=days - 1), day)
    return _matched(mart, scope, base, area_code, sa.func.max(m.people_involved), "max")


def read_severe(mart: Reader, scope: Scope, day: date, *, days: int, area_code: str | None = None) -> pd.DataFrame:
    """New matters of `days` days up to `day` of a category that the site's table marks as severe, by place and that very category."""
    category = t.others["category"].c
    severe = sa.select(category.category_code).where(category.is_severe == 1)
    base = Selection("new", day, day - timedelta(days=days - 1), day)
    return _matched(mart, scope, base, area_code, sa.func.count(), "sum", m.category_code.in_(severe), own=True)


RULE_READS: dict[str, Callable[..., pd.DataFrame]] = {
    "same_topic": read_topic_counts,
    "m_of_n": read_active_days,
    "filed_times": lambda *given, **asked: read_filed_often(*given, what="filed_times", **asked),
    "with_people": lambda *given, **asked: read_filed_often(*given, what="with_people", **asked),
    "refiled": lambda *given, **asked: read_filed_often(*given, what="refiled", **asked),
    "not_started": read_not_started,
    "due_soon": read_due_soon,
    "collective": read_collective,
    "severe": read_severe,
}


def read_rules(
    mart: Reader, scope: Scope, day: date, asked: Mapping[str, Mapping[str, int]], *, area_code: str | None = None
) -> dict[str, pd.DataFrame]:
    """What each rule of `asked` (a name of `RULE_READS` and its arguments) looks at on `day`, by the name of the rule."""
    return {name: RULE_READS[name](mart, scope, day, area_code=area_code, **given) for name, given in asked.items()}


# --- what they share -------------------------------------------------------------------------------------------------------


def _matched(
    mart: Reader,
    scope: Scope,
    base: Selection,
    area_code: str | None,
    most: sa.ColumnElement,
    together: str,
    *also: sa.ColumnElement,
    by_subject: bool = True,
    own: bool = False,
) -> pd.DataFrame:
    """The matters of a selection by node, and the largest, least or added-up value of them."""
    statement = (
        sa.select(*_GROUP, sa.func.count().label("observed"), most.label("most"))
        .where(
            condition(base),
            *also,
            read_reach(mart, scope, area_code).admits(m.area_pos),
            may_show(mart, m.category_code, scope, area_code),
        )
        .group_by(*_GROUP)
    )
    found = mart.read(statement)
    sums = {"observed": "sum", "most": together}
    if by_subject:
        rows = by_node(mart, scope, found, sums, base, area_code=area_code, own=own)
    else:
        rows = by_place(mart, scope, found, sums, base, area_code=area_code)
    return _dated(rows, base.first or base.last, base.last)[
        [*NODE, "first_on", "last_on", "observed", "most", "selection"]
    ]


def _new_and_before(is_new: sa.ColumnElement) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    return sa.func.count().filter(is_new).label("observed"), sa.func.count().filter(sa.not_(is_new)).label("before")


def _dated(rows: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    days = {name: pd.Timestamp(on).as_unit("s") for name, on in (("first_on", first), ("last_on", last))}
    return rows.assign(**days)
