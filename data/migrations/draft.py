"""Drafts the next step of a store: what its tables say beyond what its steps make. `python -m
data.migrations.draft operational`.

The draft goes to standard output, to be read, named and put beside the earlier steps by hand.
"""

import sys

import sqlalchemy as sa

from data.migrations import _run_steps, head


def tables_of(store: str) -> sa.MetaData:
    """The tables a store is to have, without their comments."""
    from data.forecast_ledger.tables import desk  # with those of forecasts
    from data.handling import tables as _signals  # noqa: F401 with those of signals and of issued briefs
    from data.intake.tables import intake
    from data.operational import contract
    from data.scoring_desk import tables as _scores  # noqa: F401 with those of scorecards

    wanted = sa.MetaData()
    for tables in (desk,) if store == "desk" else (contract, intake):
        for table in tables.tables.values():
            copy = table.to_metadata(wanted)
            copy.comment = None
            for column in copy.columns:
                column.comment = None
    return wanted


def differences(store: str, connection: sa.Connection) -> object:
    """The operations that would bring a migrated store to its tables; none when the steps are complete."""
    from alembic.autogenerate import produce_migrations
    from alembic.migration import MigrationContext

    wanted = tables_of(store)
    options = {
        "compare_type": True,
        "include_object": lambda _object, name, kind, *_: kind != "table" or name in wanted.tables,
    }
    return produce_migrations(MigrationContext.configure(connection, opts=options), wanted).upgrade_ops


def draft(store: str) -> str:
    """The text of the next step."""
    from alembic.autogenerate import render_python_code

    with sa.create_engine("sqlite://").connect() as connection:
        try:
            below = head(store)
        except ValueError:
            below = None
        else:
            _run_steps(store, connection)
        body = render_python_code(differences(store, connection))
    number = f"{int(below or 0) + 1:04d}"
    down = f'"{below}"' if below else None
    return (
        f'"""What this step changes."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{number}"\n'
        f'down_revision = {down}\n\n\ndef upgrade() -> None:\n    """Make the change."""\n    {body}\n'
    )


if __name__ == "__main__":
    sys.stdout.write(draft(sys.argv[1]))
