# ruff: noqa: S608 - the statements are put together from our own tables' names; no value enters them
"""Issued signals, the steps people take on them, and the review after an event; all only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Each table that is only added to, and what tells its rows apart: the columns of every key of it.
_ONLY_ADDED_TO = {
    "signal_issued": (("event_id",), ("episode", "event_no")),
    "signal_step": (("step_id",),),
    "signal_review": (("review_id",),),
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


def upgrade() -> None:
    """Make the tables, then keep their rows from being changed."""
    op.create_table(
        "signal_issued",
        sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("episode", sa.String(20), nullable=False),
        sa.Column("event_no", sa.Integer, nullable=False),
        sa.Column("event", sa.String(12), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("known_at", sa.DateTime, nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("area_code", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("category_code", sa.String(40)),
        sa.Column("tier", sa.String(10)),
        sa.Column("level_code", sa.String(4)),
        sa.Column("method", sa.String(40)),
        sa.Column("channel", sa.String(20)),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("numbers", sa.Text, nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        *_by(),
        sa.UniqueConstraint("episode", "event_no", name="signal_issued_number"),
    )
    op.create_index("signal_issued_as_of", "signal_issued", ["as_of"])
    op.create_table(
        "signal_step",
        sa.Column("step_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("episode", sa.String(20), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(12)),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("event_note.note_id")),
        sa.Column("due_on", sa.Date),
        sa.Column("happened_on", sa.Date),
        *_by(),
    )
    op.create_index("signal_step_episode", "signal_step", ["episode", "step_id"])
    op.create_table(
        "signal_review",
        sa.Column("review_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("episode", sa.String(20)),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("area_code", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("category_code", sa.String(40)),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("was_acted_on", sa.SmallInteger, nullable=False),
        sa.Column("not_foreseen", sa.String(500), nullable=False),
        sa.Column("not_warned", sa.String(500), nullable=False),
        sa.Column("not_prevented", sa.String(500), nullable=False),
        *_by(),
    )
    op.create_index("signal_review_episode", "signal_review", ["episode"])
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
