"""Tables of the mart: the contract's columns as published, with what `refresh` adds so that reads stay short.

Statements over these tables are compiled with the PostgreSQL dialect and run on DuckDB and PostgreSQL alike.
"""

import hashlib
from functools import cache

import sqlalchemy as sa

from data import operational

SCHEMA = "main"

mart = sa.MetaData()


def _column(name: str, type_: object, comment: str) -> sa.Column:
    return sa.Column(name, type_, comment=comment)


def _added_to_matter() -> list[sa.Column]:
    """The derived columns of one version of a matter."""
    return [
        _column("registered_on", sa.Date, "date of registered_at: the day the matter counts on"),
        _column("accepted_on", sa.Date, "date of accepted_at"),
        _column("closed_on", sa.Date, "date of closed_at"),
        _column("rebounded_on", sa.Date, "date of rebounded_at"),
        _column("entered_on", sa.Date, "date of entered_at, else of first_known_at when later than the first refresh"),
        _column(
            "deadline_on", sa.Date, "last day on time: as extended, else as the source states it, else by its clock"
        ),
        _column(
            "deadline_basis", sa.String, "extension, source, statute, profile; else calendar_missing, no_rule, diverted"
        ),
        _column("route_due_on", sa.Date, "petitions: to be registered and routed by (article 22)"),
        _column("notify_due_on", sa.Date, "petitions: written notice due by (article 23)"),
        _column("review_due_on", sa.Date, "petitions under review or re-review: decision due by (articles 35, 36)"),
        _column(
            "is_ended",
            sa.SmallInteger,
            "1: closed, judged closed, or in an end state (diverted included) although no closing time was given",
        ),
        _column(
            "standing_until",
            sa.Date,
            "open before this day: closed_on, 9999-12-31 while open, registered_on when it ended on a day nobody wrote down",
        ),
        _column(
            "area_pos", sa.Integer, "place of area_code in the pre-order of the tree; empty when the place is unknown"
        ),
        _column("first_known_at", sa.DateTime, "the first refresh that saw the matter at all"),
        _column("known_at", sa.DateTime, "the first refresh that saw this version of it"),
    ]


def _copy(table: sa.Table, *extra: sa.Column, name: str | None = None) -> sa.Table:
    own = [sa.Column(column.name, column.type, comment=column.comment) for column in table.columns]
    return sa.Table(name or table.name, mart, *own, *extra, schema=SCHEMA, comment=table.comment)


matter = _copy(operational.matter, *_added_to_matter())
matter_past = _copy(
    operational.matter,
    *_added_to_matter(),
    _column("superseded_at", sa.DateTime, "the refresh that first saw another version, or none"),
    name="matter_past",
)

area_tree = sa.Table(
    "area_tree",
    mart,
    _column("area_code", sa.String, "code"),
    _column("name", sa.String, "name"),
    _column("level_code", sa.String, "level in the tree"),
    _column("parent_code", sa.String, "the area it lies in"),
    _column("street_code", sa.String, "the street it is or lies in; empty above street level"),
    _column("community_code", sa.String, "the community it is or lies in; empty above community level"),
    _column("depth", sa.Integer, "0 at the top"),
    _column("pos", sa.Integer, "place in the pre-order of the tree"),
    _column("last_pos", sa.Integer, "place of the last area below it: a subtree is pos..last_pos"),
    _column("households", sa.Integer, "households"),
    schema=SCHEMA,
    comment="The area tree in pre-order, so that a subtree is one range of numbers.",
)

calendar_day = sa.Table(
    "calendar_day",
    mart,
    _column("day", sa.Date, "day"),
    _column("is_workday", sa.SmallInteger, "1: a working day, make-up workdays included"),
    _column("name", sa.String, "name of the festival or day"),
    _column("source", sa.String, "published, or site"),
    _column("workday_no", sa.Integer, "how many working days up to and including this day since the calendar begins"),
    schema=SCHEMA,
    comment="The dated calendar as it stood at the refresh.",
)

publication = sa.Table(
    "publication",
    mart,
    _column("version", sa.String, "name of the version"),
    _column("published_at", sa.DateTime, "when it was published, by the site's clock"),
    _column("read_at", sa.DateTime, "when the source was read, by the source's clock"),
    _column("first_refresh_at", sa.DateTime, "the first refresh of this mart: before it nothing is known"),
    _column("known_since", sa.DateTime, "the earliest moment of which 'as then known' can be answered"),
    schema=SCHEMA,
    comment="One row: which version this is.",
)

grown_petition = sa.Table(
    "grown_petition",
    mart,
    _column("matter_no", sa.String, "number of the dispute"),
    _column("registered_on", sa.Date, "day the dispute counts on"),
    _column("deadline_on", sa.Date, "last day on time of the dispute"),
    _column("petition_on", sa.Date, "day the petition counts on"),
    schema=SCHEMA,
    comment="One row a petition that grew out of a dispute, so that no read need look for it among all matters.",
)

others = {name: _copy(table) for name, table in operational.contract.tables.items() if name != "matter"}

# What only a replay reads (`data.replay`): for each table but the matters', which keep their own past, what came and went.
history = sa.MetaData()
HISTORY_SCHEMA = "past"


def _history_of(table: sa.Table, *extra: sa.Column) -> sa.Table:
    own = [sa.Column(column.name, column.type, comment=column.comment) for column in table.columns]
    return sa.Table(
        table.name, history, *own, *extra, schema=HISTORY_SCHEMA, comment=f"What came and went: {table.name}"
    )


logged = (area_tree, calendar_day, *others.values())
logs = {
    table.name: _history_of(
        table,
        _column("change", sa.Integer, "how many such rows came (above 0) or went (below)"),
        _column("changed_at", sa.DateTime, "the refresh that first saw it so"),
    )
    for table in logged
}
past_publication = _history_of(publication)


@cache
def shape() -> str:
    """A mark of the mart's tables and columns: a file with another mark was made by another edition and does not fit."""
    described = [(table.name, [(c.name, str(c.type)) for c in table.columns]) for table in mart.tables.values()]
    return hashlib.sha256(repr(described).encode()).hexdigest()[:16]
