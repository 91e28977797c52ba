# ruff: noqa: S608 - the statements are put together from our own tables' names; no value of a matter enters them
"""Keeping personal values out of the mart: every text of a table is looked at before anything is published."""

import duckdb
import sqlalchemy as sa

from data.errors import Refused
from data.intake.personal import find_personal, looks_like_numbering

# Anything that `find_personal` could find has ten digits close together, or an at sign.
WORTH_A_LOOK = "(?:[0-9０-９][^0-9０-９]{0,3}){10}|[@＠]"
ID_SHAPE = "(?:^|[^0-9])([0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx])(?:[^0-9A-Za-z]|$)"
SHORTEST = {WORTH_A_LOOK: 6, ID_SHAPE: 18}
KEYS = ("repeat_of", "escalated_from", "project_code")


def check_table(connection: duckdb.DuckDBPyConnection, table: sa.Table, relation: str | None = None) -> None:
    """Look at every text column of a table for ID numbers, and outside its keys for numbers to call and addresses to write to.

    A key is allowed to look like a telephone number. Raises Refused with table, column, kind and count; never the value.
    """
    relation = relation or table.name
    shapes = {
        c.name: ID_SHAPE if is_key(c.name) else WORTH_A_LOOK for c in table.columns if isinstance(c.type, sa.String)
    }
    if not shapes:
        return
    # Keys differ in every row; words repeat, so that their distinct values are looked at.
    seen = {name: relation if is_key(name) else f"(SELECT DISTINCT {name} FROM {relation})" for name in shapes}
    tests = ", ".join(f"(SELECT bool_or({_is_suspect(name, shapes[name])}) FROM {seen[name]})" for name in shapes)
    suspected = connection.execute(f"SELECT {tests}").fetchone()
    for name, suspect in zip(shapes, suspected, strict=True):
        if suspect:
            _look_closely(connection, table.name, relation, name, shapes[name])


def is_key(name: str) -> bool:
    """Whether a column holds numbers given by a system: the key of a row or a reference to one."""
    return name.endswith(("_id", "_no")) or name in KEYS


def _is_suspect(name: str, shape: str) -> str:
    """The condition that a text is worth a look; most keys are too short for an ID number, which is cheaper to see."""
    return f"length({name}) >= {SHORTEST[shape]} AND regexp_matches({name}, '{shape}')"


def _look_closely(connection: duckdb.DuckDBPyConnection, table: str, relation: str, name: str, shape: str) -> None:
    found = connection.execute(
        f"SELECT {name} AS text, count(*) AS n FROM {relation} WHERE {_is_suspect(name, shape)} GROUP BY 1"
    ).df()
    kinds = found["text"].map(find_personal)
    if is_key(name):
        kinds = kinds.where(kinds == "id_number", None)
    if kinds.notna().any() and not looks_like_numbering(found["text"], kinds):
        kind = kinds.dropna().iloc[0]
        count = int(found["n"][kinds == kind].sum())
        raise Refused(f"refresh.personal_values.{kind}", table=table, column=name, kind=kind, count=count)
