# ruff: noqa: S608 - the statements are put together from our own tables' names; no value enters them
"""Issued briefs, drafts, people's words, directives and openings; all but the openings are only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Each table that is only added to, and what tells its rows apart: the columns of every key of it.
_ONLY_ADDED_TO = {
    "brief_step": (("step_id",),),
    "issued_brief": (("issued_id",), ("brief", "year", "number")),
    "issued_file": (("issued_id", "form"),),
    "brief_words": (("words_id",),),
    "directive": (("directive_id",),),
    "directive_outcome": (("directive_id",),),
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


def _of_brief() -> list[sa.Column]:
    return [
        sa.Column("brief_key", sa.String(120), nullable=False),
        sa.Column("brief", sa.String(20), nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("area_code", sa.String(40)),
        sa.Column("matter_kind", sa.String(20)),
    ]


def upgrade() -> None:
    """Make the tables, then keep their rows from being changed."""
    op.create_table(
        "brief_step",
        sa.Column("step_id", sa.Integer, primary_key=True, autoincrement=True),
        *_of_brief(),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("composed", sa.Text),
        sa.Column("document", sa.Text),
        sa.Column("record", sa.Text),
        sa.Column("version", sa.String(60)),
        sa.Column("known_at", sa.DateTime),
        sa.Column("reason", sa.String(500)),
        *_by(),
    )
    op.create_index("brief_step_brief", "brief_step", ["brief_key", "step_id"])
    op.create_table(
        "issued_brief",
        sa.Column("issued_id", sa.Integer, primary_key=True, autoincrement=True),
        *_of_brief(),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("step_id", sa.Integer, sa.ForeignKey("brief_step.step_id"), nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("issued_brief.issued_id")),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("document_sha256", sa.String(64), nullable=False),
        sa.Column("record_sha256", sa.String(64), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("known_at", sa.DateTime, nullable=False),
        *_by(),
        sa.UniqueConstraint("brief", "year", "number", name="issued_brief_number"),
    )
    op.create_index("issued_brief_brief", "issued_brief", ["brief_key", "issued_id"])
    op.create_table(
        "issued_file",
        sa.Column("issued_id", sa.Integer, sa.ForeignKey("issued_brief.issued_id"), primary_key=True),
        sa.Column("form", sa.String(8), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "brief_words",
        sa.Column("words_id", sa.Integer, primary_key=True, autoincrement=True),
        *_of_brief(),
        sa.Column("section", sa.String(60), nullable=False),
        sa.Column("text", sa.Text),
        *_by(),
    )
    op.create_index("brief_words_brief", "brief_words", ["brief_key", "words_id"])
    op.create_table(
        "directive",
        sa.Column("directive_id", sa.Integer, primary_key=True, autoincrement=True),
        *_of_brief(),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("item_key", sa.String(160), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("item_area", sa.String(40)),
        sa.Column("item_category", sa.String(40)),
        sa.Column("selection", sa.Text),
        sa.Column("post_level", sa.String(20), nullable=False),
        sa.Column("org_id", sa.String(60)),
        sa.Column("due_on", sa.Date),
        sa.Column("text", sa.String(500), nullable=False),
        *_by(),
    )
    op.create_table(
        "directive_outcome",
        sa.Column(
            "directive_id", sa.Integer, sa.ForeignKey("directive.directive_id"), primary_key=True, autoincrement=False
        ),
        sa.Column("outcome", sa.String(500), nullable=False),
        sa.Column("closed_on", sa.Date, nullable=False),
        *_by(),
    )
    op.create_table(
        "brief_opening",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("brief_key", sa.String(120), primary_key=True),
        sa.Column("issued_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("role", sa.String(20), primary_key=True),
        sa.Column("opened", sa.Integer, nullable=False),
    )
    for statement in _append_only(op.get_bind().dialect.name):
        op.execute(statement)


def _append_only(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [statement for table, keys in _ONLY_ADDED_TO.items() for statement in _sqlite_triggers(table, keys)]
    if dialect == "postgresql":
        return [
            "CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
            *(
                f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()"
                for table in _ONLY_ADDED_TO
            ),
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
