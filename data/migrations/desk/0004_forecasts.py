# ruff: noqa: S608 - the statements are put together from our own tables' names; no value enters them
"""Issued forecasts and risks, what came of them, and notes on misses; all only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Each table that is only added to, and what tells its rows apart: the columns of every key of it.
_SERIES = ("level", "area_code", "kind", "category_code")
_ONLY_ADDED_TO = {
    "forecast_issued": (("issue_id",), ("freq", "first_on", *_SERIES)),
    "forecast_truth": (("truth_id",), ("freq", "first_on", "truth_no")),
    "risk_issued": (("issue_id",), ("ahead", "first_on", *_SERIES)),
    "risk_truth": (("truth_id",), ("ahead", "first_on", "truth_no")),
    "miss_note": (("note_id",),),
}
_REFUSAL = "what is recorded here is only ever added to"


def _by() -> list[sa.Column]:
    return [
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("post", sa.String(60), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("areas", sa.Text),
        sa.Column("verified", sa.SmallInteger, nullable=False),
    ]


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=True)


def _series() -> list[sa.Column]:
    return [
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("area_code", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("category_code", sa.String(40), nullable=False),
    ]


def _known() -> list[sa.Column]:
    return [
        sa.Column("known_at", sa.DateTime, nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
    ]


def upgrade() -> None:
    """Make the tables, then keep their rows from being changed."""
    op.create_table(
        "forecast_issued",
        _number("issue_id"),
        sa.Column("freq", sa.String(1), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        *_series(),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("quantiles", sa.Text, nullable=False),
        sa.Column("naive", sa.Text, nullable=False),
        sa.Column("weights_made_on", sa.Date),
        *_known(),
        *_by(),
        sa.UniqueConstraint("freq", "first_on", *_SERIES, name="forecast_issued_once"),
    )
    op.create_index("forecast_issued_as_of", "forecast_issued", ["freq", "as_of"])
    op.create_table(
        "forecast_truth",
        _number("truth_id"),
        sa.Column("freq", sa.String(1), nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("truth_no", sa.Integer, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        *_known(),
        *_by(),
        sa.UniqueConstraint("freq", "first_on", "truth_no", name="forecast_truth_number"),
    )
    op.create_table(
        "risk_issued",
        _number("issue_id"),
        sa.Column("ahead", sa.String(10), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("last_on", sa.Date, nullable=False),
        *_series(),
        sa.Column("level_code", sa.String(4)),
        sa.Column("points", sa.Float),
        sa.Column("numbers", sa.Text, nullable=False),
        *_known(),
        *_by(),
        sa.UniqueConstraint("ahead", "first_on", *_SERIES, name="risk_issued_once"),
    )
    op.create_table(
        "risk_truth",
        _number("truth_id"),
        sa.Column("ahead", sa.String(10), nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("truth_no", sa.Integer, nullable=False),
        sa.Column("outcomes", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        *_known(),
        *_by(),
        sa.UniqueConstraint("ahead", "first_on", "truth_no", name="risk_truth_number"),
    )
    op.create_table(
        "miss_note",
        _number("note_id"),
        sa.Column("freq", sa.String(1), nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        *_series(),
        sa.Column("text", sa.String(500), nullable=False),
        *_by(),
    )
    op.create_index("miss_note_period", "miss_note", ["freq", "first_on"])
    for statement in _append_only(op.get_bind().dialect.name):
        op.execute(statement)


def _append_only(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [statement for table, keys in _ONLY_ADDED_TO.items() for statement in _sqlite_triggers(table, keys)]
    if dialect == "postgresql":  # the function is that of 0002
        return [
            f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()"
            for table in _ONLY_ADDED_TO
        ]
    return []


def _sqlite_triggers(table: str, keys: tuple[tuple[str, ...], ...]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    same = " OR ".join("(" + " AND ".join(f"{name} = NEW.{name}" for name in columns) + ")" for columns in keys)
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE deletes without calling the trigger for it
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}",
    ]
