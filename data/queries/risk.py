"""Grouped counts that the risk outlook learns from: how long matters took against their deadline, what is open, what petitions followed.

Time is counted in working days of the mart's calendar; a day off counts with the next working day. Beyond the calendar five of seven days are
taken as working days: for an estimate alone, a deadline itself is never guessed. The place of a matter is the smallest judged one it is
known by (community, street …), a sensitive subject's the street.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader
from data.queries.pathways import first_petitions
from data.queries.selection import is_open, read_reach
from data.queries.series import Subjects, numbered_subjects, placed_areas
from data.scope import Scope

m = t.matter.c
MOST_STEPS = 250  # a year of working days: beyond it a matter is only open


@dataclass(frozen=True)
class Steps:
    """The edges of the mart's calendar: `first` and `last` day with the working days counted by then; without a calendar any day will do."""

    first: date
    first_no: int
    last: date
    last_no: int

    def at(self, day: sa.ColumnElement, known: sa.FromClause) -> sa.ColumnElement:
        """The working day that a day counts with, as a number; `known` is its row of the calendar, if it has one."""
        after = self.last_no + sa.cast(sa.func.ceil((day - sa.literal(self.last, sa.Date)) * 5 / 7.0), sa.Integer)
        before = self.first_no - sa.cast(sa.func.floor((sa.literal(self.first, sa.Date) - day) * 5 / 7.0), sa.Integer)
        own = known.c.workday_no + 1 - known.c.is_workday
        return sa.func.coalesce(own, sa.case((day > self.last, after), else_=before))


def read_steps(mart: Reader) -> Steps:
    """The edges of the calendar that the mart was made with."""
    day = t.calendar_day.c
    found = mart.read(
        sa.select(
            sa.func.min(day.day).label("first"),
            sa.func.max(day.day).label("last"),
            sa.func.min(day.workday_no).label("first_no"),
            sa.func.max(day.workday_no).label("last_no"),
        )
    ).iloc[0]
    if pd.isna(found["first"]):
        return Steps(date(2020, 1, 1), 0, date(2020, 1, 1), 0)
    first, last = (pd.Timestamp(found[name]).date() for name in ("first", "last"))
    return Steps(first, int(found["first_no"]), last, int(found["last_no"]))


def steps_done(mart: Reader, days: tuple[date, ...]) -> list[int]:
    """How many working days were over at the close of each day, in the numbers of `Steps`."""
    steps, calendar = read_steps(mart), t.calendar_day.c
    found = mart.read(sa.select(calendar.day, calendar.workday_no).where(calendar.day.in_(days)))
    known = {pd.Timestamp(row.day).date(): int(row.workday_no) for row in found.itertuples()}
    return [known[one] if one in known else _beyond(steps, one) for one in days]


def _beyond(steps: Steps, day: date) -> int:
    if day > steps.last:
        return steps.last_no + (day - steps.last).days * 5 // 7
    return steps.first_no - -((steps.first - day).days * -5 // 7)


def read_spells(mart: Reader, scope: Scope, first: date, as_of: date, subjects: Subjects) -> pd.DataFrame:
    """How long the matters registered first..as_of took, as far as known at the close of `as_of`: one statement, grouped.

    A row: `pos` (of the street, else the wider place; NA when unknown), `kind`, `subject` (a place in `subjects.codes`; −1 for none known),
    `handling_level`, `term` (working days from registration to the deadline; NA without one), `spent` (working days until it was closed, or
    so far; at most `MOST_STEPS`), `is_closed`, `matters`. Matters that ended on a day nobody wrote down are left out.
    """
    (now,) = steps_done(mart, (as_of,))
    of, placed, start, end, due = _joined(subjects)
    steps = read_steps(mart)
    registered, closed = steps.at(m.registered_on, start), steps.at(m.closed_on, end)
    is_closed = sa.and_(m.closed_on.is_not(None), m.closed_on <= as_of, closed - registered <= MOST_STEPS)
    spent = sa.func.least(
        sa.case((is_closed, sa.func.greatest(closed - registered, 0)), else_=now - registered), MOST_STEPS
    )
    rows = (
        sa.select(
            placed.c.wide_pos.label("pos"),
            m.kind,
            sa.func.coalesce(of.c.subject, -1).label("subject"),
            m.handling_level,
            sa.case((m.deadline_on.is_not(None), steps.at(m.deadline_on, due) - registered)).label("term"),
            spent.label("spent"),
            sa.case((is_closed, 1), else_=0).label("is_closed"),
        )
        .select_from(_sources(of, placed, start, end, due))
        .where(
            m.registered_on.between(first, as_of),
            sa.or_(m.closed_on.is_not(None), m.is_ended == 0),
            read_reach(mart, scope).admits(m.area_pos),
        )
        .subquery()
        .c
    )
    by = [rows[name] for name in ("pos", "kind", "subject", "handling_level", "term", "spent", "is_closed")]
    return mart.read(sa.select(*by, sa.func.count().label("matters")).group_by(*by))


def read_open_spells(
    mart: Reader, scope: Scope, as_of: date, subjects: Subjects, *, known_on: date, soon_days: int
) -> pd.DataFrame:
    """The matters open at the close of `as_of` with a place that is known, grouped.

    A row: `pos` (of the judged place), `wide_pos` (of its street, else itself), `kind, subject, handling_level, term` as in `read_spells`, `gone`
    (working days since registration, −1 where registered on a day off since), `age_days` (calendar days), `is_overdue` (deadline before `as_of`), `is_soon`
    (deadline on it or within `soon_days` after), `matters`; and of what was known on `known_on`: `met`, `missed` (closed by the deadline, or not), `still_open`.
    """
    (now,) = steps_done(mart, (as_of,))
    of, placed, start, end, due = _joined(subjects)
    steps = read_steps(mart)
    registered = steps.at(m.registered_on, start)
    later = as_of + timedelta(days=soon_days)
    met = sa.and_(m.closed_on <= known_on, m.closed_on <= m.deadline_on)
    missed = sa.and_(m.deadline_on < known_on, sa.not_(sa.func.coalesce(m.closed_on <= m.deadline_on, sa.false())))
    rows = (
        sa.select(
            placed.c.judged_pos.label("pos"),
            placed.c.wide_pos,
            m.kind,
            sa.func.coalesce(of.c.subject, -1).label("subject"),
            m.handling_level,
            sa.case((m.deadline_on.is_not(None), steps.at(m.deadline_on, due) - registered)).label("term"),
            (now - registered).label("gone"),
            (sa.literal(as_of, sa.Date) - m.registered_on).label("age_days"),
            sa.case((m.deadline_on < as_of, 1), else_=0).label("is_overdue"),
            sa.case((m.deadline_on.between(as_of, later), 1), else_=0).label("is_soon"),
            sa.case((met, 1), else_=0).label("met"),
            sa.case((missed, 1), else_=0).label("missed"),
            sa.case((sa.or_(m.closed_on.is_(None), m.closed_on > known_on), 1), else_=0).label("still_open"),
        )
        .select_from(_sources(of, placed, start, end, due))
        .where(is_open(as_of), m.area_pos.is_not(None), read_reach(mart, scope).admits(m.area_pos))
        .subquery()
        .c
    )
    known = ("met", "missed", "still_open")
    by = [one for name, one in rows.items() if name not in known]
    counted = [sa.func.sum(rows[name]).label(name) for name in known]
    return mart.read(sa.select(*by, sa.func.count().label("matters"), *counted).group_by(*by))


def _joined(subjects: Subjects) -> tuple[sa.FromClause, ...]:
    calendar = t.calendar_day
    return (
        numbered_subjects(subjects),
        placed_areas(),
        *(calendar.alias(name) for name in ("on_start", "on_end", "on_due")),
    )


def _sources(
    of: sa.FromClause, placed: sa.FromClause, start: sa.FromClause, end: sa.FromClause, due: sa.FromClause
) -> sa.FromClause:
    return (
        t.matter.outerjoin(of, m.category_code == of.c.code)
        .outerjoin(placed, m.area_pos == placed.c.pos)
        .outerjoin(start, m.registered_on == start.c.day)
        .outerjoin(end, m.closed_on == end.c.day)
        .outerjoin(due, m.deadline_on == due.c.day)
    )


def read_disputes_followed(
    mart: Reader, scope: Scope, first: date, middle: date, last: date, days: int, subjects: Subjects
) -> pd.DataFrame:
    """Disputes registered first..last by street and subject, and how many a petition followed within `days`.

    A row: `pos` (of the street, else the wider place), `subject`, `is_late` (registered after `middle`), `disputes`, `followed`. Those
    without a known place or subject are left out.
    """
    found = first_petitions(first, last, days)
    of, placed = numbered_subjects(subjects), placed_areas()
    is_late = sa.case((m.registered_on > middle, 1), else_=0).label("is_late")
    statement = (
        sa.select(
            placed.c.wide_pos.label("pos"),
            of.c.subject,
            is_late,
            sa.func.count().label("disputes"),
            sa.func.count(found.c.lead_days).label("followed"),
        )
        .select_from(
            t.matter.join(of, m.category_code == of.c.code)
            .join(placed, m.area_pos == placed.c.pos)
            .outerjoin(found, m.matter_no == found.c.matter_no)
        )
        .where(
            m.kind == "dispute",
            m.registered_on.between(first, last),
            read_reach(mart, scope).admits(m.area_pos),
        )
        .group_by(placed.c.wide_pos, of.c.subject, is_late)
    )
    return mart.read(statement)


def read_month_counts(mart: Reader, scope: Scope, last: date, subjects: Subjects) -> pd.DataFrame:
    """New matters by kind, subject and month through `last`, those with a known place: `kind, subject, month` (its first day), `matters`."""
    of = numbered_subjects(subjects)
    month = sa.cast(sa.func.date_trunc("month", m.registered_on), sa.Date).label("month")
    statement = (
        sa.select(m.kind, of.c.subject, month, sa.func.count().label("matters"))
        .select_from(t.matter.join(of, m.category_code == of.c.code))
        .where(m.registered_on <= last, m.area_pos.is_not(None), read_reach(mart, scope).admits(m.area_pos))
        .group_by(m.kind, of.c.subject, month)
    )
    return mart.read(statement)


def read_closed_counts(mart: Reader, scope: Scope, first: date, last: date, subjects: Subjects) -> pd.DataFrame:
    """Matters closed in first..last by judged place, kind and subject: `pos, kind, subject` (−1 for none known), `matters`."""
    of, placed = numbered_subjects(subjects), placed_areas()
    subject = sa.func.coalesce(of.c.subject, -1).label("subject")
    statement = (
        sa.select(placed.c.judged_pos.label("pos"), m.kind, subject, sa.func.count().label("matters"))
        .select_from(t.matter.outerjoin(of, m.category_code == of.c.code).join(placed, m.area_pos == placed.c.pos))
        .where(m.closed_on.between(first, last), read_reach(mart, scope).admits(m.area_pos))
        .group_by(placed.c.judged_pos, m.kind, subject)
    )
    return mart.read(statement)
