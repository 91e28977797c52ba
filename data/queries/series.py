"""Daily counts of every judged place and subject: what the detection of a night looks at, in one statement.

The smallest judged place is the community; what lies below it counts in it, what is known by its street only in the street. A subject
is a category at the second step of its tree where it has one, else at the first, so that each matter counts in exactly one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, names_of
from data.queries.selection import read_reach
from data.scope import Scope

m = t.matter.c
LEVELS = ("community", "street", "district", "city")  # the judged levels, leaf first
BELOW = ("compound", "hamlet", "grid")  # registered by some sites, judged by none
JUDGED_DEPTH = 1  # of the category tree


@dataclass(frozen=True, eq=False)
class Subjects:
    """The judged subject of every category: `of` by category code, `codes` in order, `sensitive` those judged at the street and above."""

    of: Mapping[str, str]
    sensitive: frozenset[str]
    severe: frozenset[str]

    @cached_property
    def codes(self) -> list[str]:
        return sorted(set(self.of.values()))


def subjects_of(mart: Reader) -> Subjects:
    """The subjects of a version. A subject is sensitive when it, what it lies in or anything below it is."""
    known = names_of(mart).categories
    parents = dict(zip(known["category_code"], known["parent_code"], strict=True))
    lines = {code: _line(code, parents) for code in parents}
    of = {code: line[min(JUDGED_DEPTH, len(line) - 1)] for code, line in lines.items()}
    marked = {name: set(known.index[known[name] == 1]) for name in ("is_sensitive", "is_severe")}
    sensitive = {of[code] for code, line in lines.items() if marked["is_sensitive"] & set(line)}
    severe = {of[code] for code in marked["is_severe"] if of[code] == code}
    return Subjects(of, frozenset(sensitive), frozenset(severe))


def _line(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """The categories a category lies in, from the top down, itself last."""
    line = [code]
    while isinstance(parents.get(line[0]), str) and parents[line[0]] in parents and parents[line[0]] not in line:
        line.insert(0, parents[line[0]])
    return line


def judged_places(mart: Reader) -> pd.DataFrame:
    """The judged places in pre-order: `pos, last_pos, area_code, level`. Without level codes in the tree its first three steps are judged."""
    tree = names_of(mart).areas
    level = tree["level_code"].where(tree["level_code"].isin(LEVELS))
    if level.isna().all():
        level = tree["depth"].map({0: "city", 1: "district", 2: "street"})
    return tree[["pos", "last_pos", "area_code"]].assign(level=level).dropna(subset="level").reset_index(drop=True)


def read_day_counts(mart: Reader, scope: Scope, first: date, last: date, subjects: Subjects) -> pd.DataFrame:
    """New matters by judged place, kind, subject and day; days without any are absent.

    A row is `pos` (of the community a matter lies in, else the street, else the area itself; NA when its place is unknown), `kind`, `subject` (a
    place in `subjects.codes`), `day` (from `first`, which is 0) and `matters`. Matters without a known category are in none.
    """
    if not subjects.of:
        return pd.DataFrame(columns=["pos", "kind", "subject", "day", "matters"])
    of, placed = numbered_subjects(subjects), placed_areas()
    day = (m.registered_on - sa.literal(first, sa.Date)).label("day")
    rows = (
        sa.select(placed.c.judged_pos.label("pos"), m.kind, of.c.subject, day, sa.func.count().label("matters"))
        .select_from(t.matter.join(of, m.category_code == of.c.code).outerjoin(placed, m.area_pos == placed.c.pos))
        .where(m.registered_on.between(first, last), read_reach(mart, scope).admits(m.area_pos))
        .group_by(placed.c.judged_pos, m.kind, of.c.subject, day)
    )
    return mart.read(rows)


def numbered_subjects(subjects: Subjects) -> sa.Values:
    """The number of its subject (a place in `codes`) for every category."""
    number = {code: place for place, code in enumerate(subjects.codes)}
    pairs = [(code, number[subject]) for code, subject in subjects.of.items()]
    return sa.values(sa.column("code", sa.String), sa.column("subject", sa.Integer), name="subject_of").data(pairs)


def placed_areas() -> sa.Subquery:
    """Every area with the judged place that its matters count in (`judged_pos`), and with the street, else itself (`wide_pos`)."""
    tree, near, wide = t.area_tree, t.area_tree.alias("near"), t.area_tree.alias("wide")
    judged = sa.func.coalesce(near.c.pos, wide.c.pos, tree.c.pos).label("judged_pos")
    both = tree.outerjoin(near, near.c.area_code == tree.c.community_code).outerjoin(
        wide, wide.c.area_code == tree.c.street_code
    )
    far = sa.func.coalesce(wide.c.pos, tree.c.pos).label("wide_pos")
    return sa.select(tree.c.pos, judged, far).select_from(both).subquery("placed")


def read_left_out(mart: Reader, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """One row: `matters` registered first..last, of them `without_place` and `without_subject`."""
    known = t.others["category"].c.category_code
    statement = sa.select(
        sa.func.count().label("matters"),
        sa.func.count().filter(m.area_pos.is_(None)).label("without_place"),
        sa.func.count()
        .filter(sa.or_(m.category_code.is_(None), m.category_code.not_in(sa.select(known))))
        .label("without_subject"),
    )
    return mart.read(statement.where(m.registered_on.between(first, last), read_reach(mart, scope).admits(m.area_pos)))


def read_entry_delays(mart: Reader, scope: Scope, first: date, last: date) -> pd.DataFrame:
    """Days from registration to entry, by kind: `kind, registered_on, lag_days, matters`; only matters whose entry day is known."""
    lag = (m.entered_on - m.registered_on).label("lag_days")
    statement = (
        sa.select(m.kind, m.registered_on, lag, sa.func.count().label("matters"))
        .where(
            m.registered_on.between(first, last),
            m.entered_on.between(m.registered_on, last),
            read_reach(mart, scope).admits(m.area_pos),
        )
        .group_by(m.kind, m.registered_on, lag)
        .order_by(m.kind, m.registered_on, lag)
    )
    return mart.read(statement)


def read_sources_behind(mart: Reader, scope: Scope, first: date, last: date, subjects: Subjects) -> pd.DataFrame:
    """Which source systems the matters registered first..last came from: `pos, kind, subject, day, source_system`, one row each.

    Columns as in `read_day_counts`; few days are asked for.
    """
    if not subjects.of:
        return pd.DataFrame(columns=["pos", "kind", "subject", "day", "source_system"])
    of, placed = numbered_subjects(subjects), placed_areas()
    day = (m.registered_on - sa.literal(first, sa.Date)).label("day")
    rows = (
        sa.select(placed.c.judged_pos.label("pos"), m.kind, of.c.subject, day, m.source_system)
        .distinct()
        .select_from(t.matter.join(of, m.category_code == of.c.code).outerjoin(placed, m.area_pos == placed.c.pos))
        .where(m.registered_on.between(first, last), read_reach(mart, scope).admits(m.area_pos))
    )
    return mart.read(rows)


def read_linked(mart: Reader, scope: Scope, first: date, last: date, subjects: Subjects) -> pd.DataFrame:
    """The matters registered first..last that are linked to another of them or file an earlier one again: `pos, kind, subject, day, root`.

    Columns as in `read_day_counts`; `root` is the number of the first filing, so that rows of one root are one matter filed again. A source
    may name the first filing or the one before: one step further back serves both.
    """
    if not subjects.of:
        return pd.DataFrame(columns=["pos", "kind", "subject", "day", "root"])
    of, placed = numbered_subjects(subjects), placed_areas()
    before, again = t.matter.alias("before"), t.matter.alias("again")
    filed_again = sa.select(again.c.repeat_of).where(
        again.c.registered_on.between(first, last), again.c.repeat_of.is_not(None)
    )
    root = sa.func.coalesce(before.c.repeat_of, m.repeat_of, m.matter_no).label("root")
    day = (m.registered_on - sa.literal(first, sa.Date)).label("day")
    rows = (
        sa.select(placed.c.judged_pos.label("pos"), m.kind, of.c.subject, day, root)
        .select_from(
            t.matter.join(of, m.category_code == of.c.code)
            .outerjoin(placed, m.area_pos == placed.c.pos)
            .outerjoin(before, before.c.matter_no == m.repeat_of)
        )
        .where(
            m.registered_on.between(first, last),
            sa.or_(m.repeat_of.is_not(None), m.matter_no.in_(filed_again)),
            read_reach(mart, scope).admits(m.area_pos),
        )
    )
    return mart.read(rows)
