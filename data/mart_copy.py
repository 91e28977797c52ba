"""A copy of a mart version in PostgreSQL, for sites that must keep everything there. Same statements, same answers, slower reads."""

from contextlib import closing

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from data import mart_tables
from data.mart import Mart, PostgresMart

INDEXED = {
    "matter": ("registered_on", "closed_on", "deadline_on", "area_pos", "matter_no"),
    "matter_past": ("matter_no",),
}


def publish_to_postgres(mart: Mart, engine: sa.Engine) -> PostgresMart:
    """Replace the PostgreSQL copy by this version, in one transaction: readers see the old one whole or the new one whole.

    The tables stand in the schema `main`, which is made when it is missing; the account must be allowed to.
    """
    import adbc_driver_postgresql.dbapi as adbc

    uri = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(adbc.connect(uri)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {mart_tables.SCHEMA}")
        for table in mart_tables.mart.tables.values():
            cursor.execute(f"DROP TABLE IF EXISTS {table.fullname}")
            cursor.execute(_text(CreateTable(table)))
            cursor.adbc_ingest(table.name, mart.stream(table), mode="append", db_schema_name=mart_tables.SCHEMA)
            for name in INDEXED.get(table.name, ()):
                cursor.execute(_text(CreateIndex(sa.Index(f"{table.name}_{name}", table.c[name], _table=table))))
            cursor.execute(f"ANALYZE {table.fullname}")
        connection.commit()
    return PostgresMart(engine)


def _text(statement: object) -> str:
    return str(statement.compile(dialect=postgresql.dialect()))
