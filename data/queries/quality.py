"""Reads about the records themselves: how complete, how prompt, what was filed twice. A row never speaks of a person."""

from datetime import date

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, with_names
from data.queries.selection import may_show, read_reach
from data.scope import Scope

m = t.matter.c

CLOSED_STATES = ("closed", "called_back", "evaluated", "archived")
PROMPT_DAYS = 1  # days from registration to entry that still count as prompt
GROUPS = {"source": m.source_system, "unit": m.responsible_org_id}


def read_completeness(mart: Reader, scope: Scope, by: str, first: date, last: date) -> pd.DataFrame:
    """How complete and prompt the records registered first..last are, by `source` or by `unit`.

    A row is a source or unit: `code, new, with_area, with_category, with_unit, with_deadline, closed, closed_dated, entered,
    entered_promptly, last_registered_on`. `closed` counts those that the status, the verdict or a date calls closed, `closed_dated`
    those with a closing day; `entered` those whose entry day is known, `entered_promptly` those entered at most a day late.
    """
    group = GROUPS[by]
    closed = sa.or_(m.closed_on.is_not(None), m.closed_in_time.is_not(None), m.status.in_(CLOSED_STATES))
    entered = sa.and_(m.entered_on.is_not(None), m.entered_on >= m.registered_on)
    prompt = sa.and_(entered, m.entered_on - m.registered_on <= PROMPT_DAYS)

    def counted(condition: sa.ColumnElement, name: str) -> sa.Label:
        return sa.func.count().filter(condition).label(name)

    statement = (
        sa.select(
            group.label("code"),
            sa.func.count().label("new"),
            sa.func.count(m.area_pos).label("with_area"),
            sa.func.count(m.category_code).label("with_category"),
            sa.func.count(m.responsible_org_id).label("with_unit"),
            sa.func.count(m.deadline_on).label("with_deadline"),
            counted(closed, "closed"),
            counted(m.closed_on.is_not(None), "closed_dated"),
            counted(entered, "entered"),
            counted(prompt, "entered_promptly"),
            sa.func.max(m.registered_on).label("last_registered_on"),
        )
        .where(m.registered_on.between(first, last), read_reach(mart, scope).admits(m.area_pos))
        .group_by(group)
        .order_by(group.nulls_last())
    )
    return mart.read(statement)


def read_repeats(mart: Reader, scope: Scope, first: date, last: date, *, limit: int = 200) -> pd.DataFrame:
    """Matters that are, or may be, counted again: marked duplicate, filed again, grown out of a dispute, or flared up after closing.

    A row is a matter registered, or flared up, in first..last: `matter_no, reason, earlier_no, kind, area, category, unit, happened_on`;
    the latest first. `reason` is duplicate, repeat, escalated or reopened. Places are communities; those
    of sensitive categories stay at street level, and below one these are not listed.
    """
    reason = sa.case(
        (m.status == "duplicate", "duplicate"),
        (sa.or_(m.repeat_of.is_not(None), m.is_repeat == 1), "repeat"),
        (m.escalated_from.is_not(None), "escalated"),
        else_="reopened",
    )
    happened = sa.case((m.rebounded_on.between(first, last), m.rebounded_on), else_=m.registered_on)
    filed_again = sa.or_(
        m.status == "duplicate", m.repeat_of.is_not(None), m.is_repeat == 1, m.escalated_from.is_not(None)
    )
    statement = (
        sa.select(
            m.matter_no,
            reason.label("reason"),
            sa.func.coalesce(m.repeat_of, m.escalated_from).label("earlier_no"),
            m.kind,
            m.area_pos,
            m.category_code,
            m.responsible_org_id.label("org_id"),
            happened.label("happened_on"),
        )
        .where(
            sa.or_(
                sa.and_(m.registered_on.between(first, last), filed_again),
                m.rebounded_on.between(first, last),
            ),
            read_reach(mart, scope).admits(m.area_pos),
            may_show(mart, m.category_code, scope, None),
        )
        .order_by(happened.desc(), m.matter_no)
        .limit(limit)
    )
    shown = ["matter_no", "reason", "earlier_no", "kind", "area", "category", "unit", "happened_on"]
    return with_names(mart, mart.read(statement))[shown]
