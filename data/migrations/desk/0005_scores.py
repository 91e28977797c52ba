# ruff: noqa: S608 - the statements are put together from our own tables' names; no value enters them
"""Rules of scorecards and their approval, objections and their decisions; all only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# Each table that is only added to, and what tells its rows apart: the columns of every key of it.
_ONLY_ADDED_TO = {
    "score_rules": (("version_id",),),
    "score_rules_approval": (("approval_id",), ("version_id",)),
    "score_objection": (("objection_id",),),
    "score_decision": (("decision_id",), ("objection_id",)),
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


def upgrade() -> None:
    """Make the tables, then keep their rows from being changed."""
    op.create_table(
        "score_rules",
        _number("version_id"),
        sa.Column("scorecard", sa.String(20), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("content", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        *_by(),
    )
    op.create_index("score_rules_scorecard", "score_rules", ["scorecard", "valid_from"])
    op.create_table(
        "score_rules_approval",
        _number("approval_id"),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("score_rules.version_id"), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        *_by(),
        sa.UniqueConstraint("version_id", name="score_rules_approved_once"),
    )
    op.create_table(
        "score_objection",
        _number("objection_id"),
        sa.Column("scorecard", sa.String(20), nullable=False),
        sa.Column("unit_id", sa.String(60), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("indicator", sa.String(40), nullable=False),
        sa.Column("item", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(60)),
        sa.Column("reason", sa.String(500), nullable=False),
        *_by(),
    )
    op.create_index("score_objection_unit", "score_objection", ["scorecard", "period", "unit_id"])
    op.create_table(
        "score_decision",
        _number("decision_id"),
        sa.Column("objection_id", sa.Integer, sa.ForeignKey("score_objection.objection_id"), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("effect", sa.String(10)),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("score_before", sa.Float),
        sa.Column("score_after", sa.Float),
        *_by(),
        sa.UniqueConstraint("objection_id", name="score_decided_once"),
    )
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
