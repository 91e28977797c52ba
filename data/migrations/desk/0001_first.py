"""The first tables of the desk; the list of acts is kept from being changed by the database itself."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _by() -> list[sa.Column]:
    return [
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("post", sa.String(60), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("areas", sa.Text),
        sa.Column("verified", sa.SmallInteger, nullable=False),
    ]


def upgrade() -> None:
    """Make the tables of the desk."""
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("is_workday", sa.SmallInteger, nullable=False),
        sa.Column("name", sa.String(60)),
        *_by(),
    )
    op.create_table(
        "event_note",
        sa.Column("note_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("last_on", sa.Date, nullable=False),
        sa.Column("area_code", sa.String(40)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        *_by(),
        sa.Column("removed_at", sa.DateTime),
    )
    op.create_table(
        "duty_mode",
        sa.Column("change_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500)),
        *_by(),
    )
    op.create_table(
        "setting_version",
        sa.Column("version_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        *_by(),
    )
    op.create_index("setting_version_name", "setting_version", ["name", "valid_from"])
    op.create_table(
        "act",
        sa.Column("act_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(120)),
        sa.Column("detail", sa.Text),
        *_by(),
    )
    for statement in _append_only(op.get_bind().dialect.name):
        op.execute(statement)


def _append_only(dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the list of acts is only ever added to'); END"
        return [
            "CREATE TRIGGER act_no_update BEFORE UPDATE ON act " + refuse,
            "CREATE TRIGGER act_no_delete BEFORE DELETE ON act " + refuse,
            # INSERT OR REPLACE deletes without calling the trigger for it
            "CREATE TRIGGER act_no_replace BEFORE INSERT ON act WHEN NEW.act_id IN (SELECT act_id FROM act) "
            "BEGIN SELECT RAISE(ABORT, 'the list of acts is only ever added to'); END",
        ]
    if dialect == "postgresql":
        return [
            "CREATE FUNCTION act_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the list of acts is only ever added to'; END $$",
            "CREATE TRIGGER act_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON act "
            "FOR EACH STATEMENT EXECUTE FUNCTION act_only_added_to()",
        ]
    return []
