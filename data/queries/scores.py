"""What scorecards count: units, matters by what they count for, and the records of deliberation, pairing, activities and terms.

Peers are compared across the whole city, so the counts here are of every unit and name nobody; the facade narrows what is named to the
reader's scope. The lists of single items (`read_score_matters`) take a `Scope` like any other list.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, names_of, with_names
from data.queries.score_states import ANSWERING, LEVELS, answered_by, state_of
from data.queries.selection import may_show, read_reach
from data.scope import Scope

m = t.matter.c
PARTY_KINDS = ("party_committee", "general_branch", "branch")  # the leading one of a place first
Window = tuple[
    date, date, int | None
]  # first and last day of the indicator's own window, and the days its cohort is followed


def read_score_units(mart: Reader, scorecard: str, first: date, last: date) -> pd.DataFrame:
    """Every unit of a scorecard that existed in first..last: `unit_id, name, area_code, level, type_code, size`.

    A Party organisation is the leading one of a community or wider place; a team is a volunteer team; an alliance one that has a term.
    `size` is households, volunteers or member units.
    """
    read = {"party": _party, "volunteer": _teams, "alliance": _alliances}[scorecard]
    return read(mart, first, last).sort_values("unit_id", ignore_index=True)


def _party(mart: Reader, first: date, last: date) -> pd.DataFrame:
    unit, tree, area = t.others["organisation"].c, t.area_tree.c, t.others["area"].c
    found = mart.read(
        sa.select(unit.org_id.label("unit_id"), unit.name, unit.kind, unit.area_code, tree.level_code.label("level"), area.type_code,
                  sa.func.coalesce(area.households, tree.households).label("size"))
        .select_from(t.others["organisation"].join(t.area_tree, tree.area_code == unit.area_code)
                     .outerjoin(t.others["area"], area.area_code == unit.area_code))
        .where(unit.kind.in_(PARTY_KINDS), tree.level_code.in_(LEVELS), _existed(unit.valid_from, unit.valid_to, first, last))
    )  # fmt: skip
    found["order"] = found["kind"].map({kind: place for place, kind in enumerate(PARTY_KINDS)}).astype("int64")
    leading = found.sort_values(["order", "unit_id"]).drop_duplicates("area_code")
    return leading.drop(columns=["order", "kind"]).astype({"size": "float64"})


def _teams(mart: Reader, first: date, last: date) -> pd.DataFrame:
    team, area = t.others["volunteer_team"].c, t.others["area"].c
    return mart.read(
        sa.select(team.team_id.label("unit_id"), team.name, team.area_code, sa.literal("team").label("level"), area.type_code,
                  sa.cast(team.volunteers, sa.Float).label("size"))
        .select_from(t.others["volunteer_team"].outerjoin(t.others["area"], area.area_code == team.area_code))
        .where(_existed(team.founded_on, team.dissolved_on, first, last))
    )  # fmt: skip


def _alliances(mart: Reader, first: date, last: date) -> pd.DataFrame:
    terms = read_terms(mart, first, last)
    unit = names_of(mart).units
    return pd.DataFrame({
        "unit_id": terms["alliance_org_id"], "name": terms["alliance_org_id"].map(unit["name"]),
        "area_code": terms["alliance_org_id"].map(unit["area_code"]), "level": "alliance", "type_code": None,
        "size": terms["members_total"].astype("float64"),
    })  # fmt: skip


def _existed(begin: sa.ColumnElement, end: sa.ColumnElement, first: date, last: date) -> sa.ColumnElement:
    return sa.and_(sa.or_(begin.is_(None), begin <= last), sa.or_(end.is_(None), end >= first))


def read_score_counts(mart: Reader, windows: Mapping[str, Window]) -> pd.DataFrame:
    """The matters of every place's own units by what they count for: `area_code, indicator, state, kind, category_code, items`.

    `windows` holds each indicator's own window. Kind and category are there where the indicator is adjusted for them, else empty.
    """
    unit, tree = t.others["organisation"].c, t.area_tree.c
    parts = []
    for indicator, (first, last, days) in windows.items():
        looked_at, state = state_of(indicator, first, last, days)
        subject = (
            (m.kind, m.category_code)
            if indicator == "local_resolution"
            else (sa.null().label("kind"), sa.null().label("category_code"))
        )
        rows = (
            sa.select(unit.area_code, state.label("state"), *subject)
            .select_from(t.matter.join(t.others["organisation"], unit.org_id == m.responsible_org_id)
                         .join(t.area_tree, tree.area_code == unit.area_code))
            .where(looked_at, unit.kind.in_(ANSWERING), tree.level_code.in_(LEVELS))
            .subquery().c
        )  # fmt: skip
        by = (rows.area_code, rows.state, rows.kind, rows.category_code)
        parts.append(
            sa.select(sa.literal(indicator).label("indicator"), *by, sa.func.count().label("items")).group_by(*by)
        )
    found = mart.read(sa.union_all(*parts))
    return found.astype({"items": "int64"})


def read_workload(mart: Reader, first: date, last: date, as_of: date) -> pd.DataFrame:
    """How many matters came to the units of each place, shown and never weighed: `area_code, new, new_year_before, open`."""
    unit = t.others["organisation"].c
    before = (_year_before(first), _year_before(last))
    new, earlier = m.registered_on.between(first, last), m.registered_on.between(*before)
    standing = sa.and_(m.registered_on <= as_of, m.standing_until > as_of)
    counted = ((new, "new"), (earlier, "new_year_before"), (standing, "open"))
    return mart.read(
        sa.select(unit.area_code, *(sa.func.count().filter(one).label(name) for one, name in counted))
        .select_from(t.matter.join(t.others["organisation"], unit.org_id == m.responsible_org_id))
        .where(sa.or_(new, earlier, standing), unit.kind.in_(ANSWERING), unit.area_code.is_not(None))
        .group_by(unit.area_code)
    )


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


# --- records beside matters ----------------------------------------------------------------------------------------------------


def _rows(mart: Reader, table: str, *where: sa.ColumnElement) -> pd.DataFrame:
    own = t.others[table]
    shown = [column for column in own.c if column.name not in ("updated_at", "name")]
    return mart.read(sa.select(*shown).where(*where).order_by(*(own.c[name] for name in _KEYS[table])))


_KEYS = {
    "deliberation_item": ("item_id",), "pairing_project": ("project_id",), "livelihood_project": ("project_id",),
    "team_activity": ("activity_id",), "team_month": ("team_id", "month"), "public_rating": ("org_id", "wave"),
    "alliance_term": ("alliance_org_id", "starts_on"), "area_profile": ("area_code", "valued_on"), "organisation": ("org_id",),
    "deliberation_venue": ("venue_id",),
}  # fmt: skip


def read_deliberations(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The items of deliberation raised, decided or due in first..last, columns of `deliberation_item`."""
    c = t.others["deliberation_item"].c
    return _rows(
        mart, "deliberation_item", sa.or_(*(day.between(first, last) for day in (c.raised_on, c.decided_on, c.due_on)))
    )


def read_pairings(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The pairing projects posted or due in first..last, columns of `pairing_project`."""
    c = t.others["pairing_project"].c
    return _rows(mart, "pairing_project", sa.or_(c.posted_on.between(first, last), c.due_on.between(first, last)))


def read_joint_projects(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The livelihood projects of joint creation that fell due in first..last, columns of `livelihood_project`."""
    c = t.others["livelihood_project"].c
    return _rows(mart, "livelihood_project", c.due_on.between(first, last), c.stage_code.is_not(None))


def read_profiles(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """What each place has, as last valued in first..last, columns of `area_profile`."""
    c = t.others["area_profile"].c
    found = _rows(mart, "area_profile", c.valued_on.between(first, last))
    return found.drop_duplicates("area_code", keep="last").reset_index(drop=True)


def read_ratings(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The public ratings of waves that ended in first..last, with the place of the organisation: columns of `public_rating`, `area_code`."""
    c, unit = t.others["public_rating"].c, t.others["organisation"].c
    return mart.read(
        sa.select(c.org_id, c.wave, c.surveyed_on, c.sampled, c.answered, c.mean, c.sd, unit.area_code)
        .join_from(t.others["public_rating"], t.others["organisation"], unit.org_id == c.org_id)
        .where(c.surveyed_on.between(first, last), unit.kind.in_(("community", "street_office", *PARTY_KINDS)))
        .order_by(c.org_id, c.wave)
    )


def read_brands(mart: Reader) -> pd.DataFrame:
    """The Party organisations with their place and whether they run a brand: `area_code, has_brand`; and the social ones."""
    c = t.others["organisation"].c
    shown = (c.org_id, c.kind, c.area_code, c.has_brand, c.social_category, c.sponsor_org_id, c.is_registered)
    return mart.read(sa.select(*shown).where(c.kind.in_((*PARTY_KINDS, "social_org"))).order_by(c.org_id))


def read_venues(mart: Reader, on: date) -> pd.DataFrame:
    """The venues open on a day: columns of `deliberation_venue`."""
    c = t.others["deliberation_venue"].c
    open_then = sa.and_(
        sa.or_(c.opened_on.is_(None), c.opened_on <= on), sa.or_(c.closed_on.is_(None), c.closed_on > on)
    )
    return _rows(mart, "deliberation_venue", open_then)


def read_effort(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """Patrols and visits by place in first..last: `area_code, patrol_hours, patrol_reports, households_visited`."""
    patrol, visit, contact = (t.others[name].c for name in ("grid_patrol_day", "outreach_visit", "office_contact"))
    nothing = sa.literal_column("0")
    parts = (
        sa.select(patrol.area_code, sa.func.sum(patrol.hours).label("patrol_hours"), sa.func.sum(patrol.reports).label("patrol_reports"),
                  nothing.label("households_visited"), nothing.label("office_contacts"))
        .where(patrol.day.between(first, last)).group_by(patrol.area_code),
        sa.select(visit.area_code, nothing, nothing, sa.func.sum(visit.households), nothing)
        .where(visit.day.between(first, last)).group_by(visit.area_code),
        sa.select(contact.area_code, nothing, nothing, nothing, sa.func.sum(contact.contacts))
        .where(contact.quarter.between(first, last)).group_by(contact.area_code),
    )  # fmt: skip
    found = mart.read(sa.union_all(*parts))
    return found.set_index("area_code").astype("float64").groupby(level=0).sum().reset_index()


def read_activities(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The activities of teams that ended in first..last, columns of `team_activity`."""
    c = t.others["team_activity"].c
    return _rows(mart, "team_activity", sa.cast(c.ended_at, sa.Date).between(first, last))


def read_team_months(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The months of teams that began in first..last, columns of `team_month`."""
    c = t.others["team_month"].c
    return _rows(mart, "team_month", c.month.between(first, last))


def read_team_spans(mart: Reader) -> pd.DataFrame:
    """When each team was founded and dissolved: `team_id, founded_on, dissolved_on`."""
    c = t.others["volunteer_team"].c
    return mart.read(sa.select(c.team_id, c.founded_on, c.dissolved_on).order_by(c.team_id))


def read_terms(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """The latest term of each alliance that touches first..last, columns of `alliance_term`."""
    c = t.others["alliance_term"].c
    found = _rows(mart, "alliance_term", c.starts_on <= last, sa.or_(c.ends_on.is_(None), c.ends_on >= first))
    return found.drop_duplicates("alliance_org_id", keep="last").reset_index(drop=True)


def read_score_workdays(mart: Reader) -> pd.DataFrame:
    """The calendar of the version: `day, is_workday, workday_no`."""
    c = t.calendar_day.c
    return mart.read(sa.select(c.day, c.is_workday, c.workday_no).order_by(c.day))


# --- single matters ------------------------------------------------------------------------------------------------------------


def read_score_matters(
    mart: Reader, scope: Scope, indicator: str, window: Window, area_code: str
) -> tuple[pd.DataFrame, int]:
    """The matters behind one indicator of one place's units, and how many more count that are not listed.

    A row is a matter: `matter_no, kind, category_code, category, registered_on, deadline_on, closed_on, rebounded_on, state`. A sensitive
    category is not listed below the street. Nothing of a place outside the scope.
    """
    tree = names_of(mart).area(area_code)
    first, last, days = window
    looked_at, state = state_of(indicator, first, last, days)
    mine = sa.and_(looked_at, answered_by(area_code))
    days_of = (m.registered_on, m.deadline_on, m.closed_on, m.rebounded_on)
    shown = may_show(mart, m.category_code, scope, area_code)
    admitted = tree is not None and _within_scope(mart, scope, int(tree["pos"]))
    statement = sa.select(m.matter_no, m.kind, m.category_code, *days_of, m.area_pos, state.label("state")).where(
        mine, shown if admitted else sa.false()
    )
    found = with_names(mart, mart.read(statement.order_by(m.registered_on, m.matter_no)))
    hidden = mart.read(sa.select(sa.func.count().label("n")).where(mine, sa.not_(shown) if admitted else sa.false()))[
        "n"
    ].iloc[0]
    columns = ["matter_no", "kind", "category_code", "category", *(column.name for column in days_of), "state"]
    return found[columns], int(hidden)


def _within_scope(mart: Reader, scope: Scope, position: int) -> bool:
    ranges = read_reach(mart, scope).ranges
    return ranges is None or any(first <= position <= last for first, last in ranges)


def read_score_due(mart: Reader, area_code: str, as_of: date, days: int) -> pd.DataFrame:
    """The matters of a place's units that are overdue or fall due within so many days: `matter_no, category_code, deadline_on`."""
    standing = sa.and_(m.registered_on <= as_of, m.standing_until > as_of)
    statement = sa.select(m.matter_no, m.category_code, m.deadline_on).where(
        standing, m.deadline_on <= as_of + timedelta(days=days), answered_by(area_code)
    )
    return mart.read(statement.order_by(m.deadline_on, m.matter_no))
