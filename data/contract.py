"""Does a database meet the contract? Table by table: what is there, what is missing, what that switches off. Only SELECT is used.

A view is as good as a table; a mapping profile works on a database as it does on a file. The sentences live in the words under
`contract.warnings` and `contract.features`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pandas as pd
import sqlalchemy as sa

from data import operational
from data.errors import Refused, XianshouError
from data.intake.mapped import mapped_select
from data.intake.personal import find_personal_values, header_is_personal, looks_like_numbering
from data.intake.profiles import REPORT, Profile, fold
from data.intake.values import parse_moments

__all__ = ["FEATURES", "ContractReport", "Note", "TableReport", "check_database", "mapped_select"]

SAMPLED_ROWS = 2_000

FEATURES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "matters": (("matter", ("matter_no", "source_system", "kind", "registered_at")),),
    "places": (("matter", ("area_code",)), ("area", ("area_code", "name", "parent_code", "level_code"))),
    "subjects": (("matter", ("category_code",)), ("category", ("category_code", "name"))),
    "units": (("matter", ("responsible_org_id",)), ("organisation", ("org_id", "name"))),
    "closing": (("matter", ("closed_at",)),),
    "deadlines": (("matter", ("due_on",)),),
    "timeliness": (("matter", ("accepted_at", "notified_at")),),
    "delays": (("matter", ("entered_at",)),),
    "scale": (("matter", ("people_involved",)),),
    "returns": (("matter", ("returned_count", "rebounded_at")),),
    "evaluation": (("matter", ("evaluation",)),),
    "escalation": (("matter", ("is_repeat", "escalated_from")),),
    "reports": (("report_count", ("month", "area_code", "reports")),),
    "leader_cases": (("leader_case", ("case_id", "due_on", "progress_pct")),),
    "receptions": (("leader_reception", ("planned_on",)),),
    "events": (("planned_event", ("starts_on", "name")),),
    "teams": (("volunteer_team", ("team_id",)), ("team_month", ("team_id", "month"))),
    "party": (
        ("area_profile", ("area_code",)),
        ("deliberation_item", ("item_id",)),
        ("alliance_term", ("alliance_org_id",)),
    ),
    "grid_effort": (("grid_patrol_day", ("area_code", "day")),),
    "ratings": (("public_rating", ("org_id", "wave", "mean")),),
    "safety": (("safety_month", ("area_code", "month", "incidents")),),
    "incremental": (("matter", ("updated_at",)),),
}
"""What the product offers, and the tables and columns without which it is switched off."""


@dataclass(frozen=True)
class Note:
    """Something a person should know about a table: `key` under `contract.warnings`, `values` that fill it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    is_blocking: bool = False


@dataclass(frozen=True)
class TableReport:
    """One table of the contract: `state` table, view, mapped, or missing.

    `columns` are present, `missing` absent; `empty` are those present in which no row of the table has a value.
    """

    table: str
    state: str
    rows: int | None = None
    columns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class ContractReport:
    """A database against the contract; `on` and `off` are keys of `FEATURES`; `why_off` says what each lacks."""

    database: str
    tables: tuple[TableReport, ...]
    on: tuple[str, ...]
    off: tuple[str, ...]
    why_off: Mapping[str, tuple[str, ...]]

    @property
    def is_usable(self) -> bool:
        """The matters are there with the columns no figure can do without, and nothing personal among them."""
        needed = set(operational.REQUIRED["matter"]) - {"updated_at"}
        return needed <= set(self.table("matter").columns) and not any(
            note.is_blocking for table in self.tables for note in table.notes
        )

    def table(self, name: str) -> TableReport:
        return next(each for each in self.tables if each.table == name)


def check_database(engine: sa.Engine, profile: Profile | None = None) -> ContractReport:
    """Look at every table of the contract in a database, through `profile` where one is given. Writes nothing.

    Raises `Refused` `contract.unreachable` when there is no connection.
    """
    try:
        inspector = sa.inspect(engine)
        views = set(inspector.get_view_names())
        names = set(inspector.get_table_names()) | views
    except sa.exc.DBAPIError as error:
        raise Refused("contract.unreachable", database=_shown(engine), detail=type(error.orig).__name__) from error
    tables = tuple(_check_table(engine, inspector, profile, name, names, views) for name in operational.TABLES)
    tables = tuple(_with_places(engine, profile, table, tables) for table in tables)
    present = {table.table: set(table.columns) - set(table.empty) for table in tables if table.rows}
    why_off = {}
    for feature, needs in FEATURES.items():
        lacking = [
            f"{table}.{column}" if table in present else table
            for table, columns in needs
            for column in columns
            if column not in present.get(table, ())
        ]
        if lacking:
            why_off[feature] = tuple(dict.fromkeys(lacking))
    on = tuple(feature for feature in FEATURES if feature not in why_off)
    return ContractReport(_shown(engine), tables, on, tuple(why_off), why_off)


def _shown(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def _reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that could not write if it wanted to."""
    options = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _check_table(
    engine: sa.Engine, inspector: sa.Inspector, profile: Profile | None, name: str, names: set[str], views: set[str]
) -> TableReport:
    contract = operational.contract.tables[name]
    wanted = tuple(contract.columns.keys())
    try:
        mapped = mapped_select(engine, profile, name) if profile else None
    except XianshouError as error:
        return TableReport(
            name,
            "missing",
            missing=wanted,
            notes=(Note(error.key.removeprefix("contract."), error.values, name == "matter"),),
        )
    if mapped is None and name not in names:
        return TableReport(name, "missing", missing=wanted)
    notes: list[Note] = []
    if mapped is None:
        found = {column["name"]: column["type"] for column in inspector.get_columns(name)}
        state = "view" if name in views else "table"
        notes += [
            Note("personal_column", {"column": other})
            for other in found
            if other not in wanted and header_is_personal(other)
        ]
        own = [sa.column(column, found[column]) for column in wanted if column in found]
        if not own:
            return TableReport(name, state, missing=wanted)
        mapped = sa.select(*own).select_from(sa.table(name))
    else:
        state = "mapped"
        notes += _personal_behind(inspector, profile, name)
    columns = tuple(mapped.selected_columns.keys())
    try:
        with _reading(engine) as connection:
            rows, empty, found_notes = _look(connection, contract, mapped.subquery("source"))
    except sa.exc.DBAPIError as error:
        notes.append(Note("unreadable", {"detail": type(error.orig).__name__}, name == "matter"))
        return TableReport(name, state, missing=wanted, notes=tuple(notes))
    missing = tuple(column for column in wanted if column not in columns)
    return TableReport(name, state, rows, columns, missing, empty, (*notes, *found_notes))


def _personal_behind(inspector: sa.Inspector, profile: Profile, name: str) -> list[Note]:
    """Personal columns of the foreign table behind a mapping that the profile does not list under `drop`."""
    if name not in profile.tables:
        return []
    schema, _, plain = profile.tables[name].name.rpartition(".")
    dropped = {fold(header) for header in profile.drop}
    known = {fold(column) for column in operational.contract.tables[name].columns.keys()}  # noqa: SIM118
    return [
        Note("personal_column", {"column": column["name"]})
        for column in inspector.get_columns(plain, schema=schema or None)
        if header_is_personal(column["name"]) and fold(column["name"]) not in dropped | known
    ]


# --- one table -------------------------------------------------------------------------------------------------------


def _look(
    connection: sa.Connection, contract: sa.Table, source: sa.Subquery
) -> tuple[int, tuple[str, ...], list[Note]]:
    texts = [column for column in source.c if isinstance(contract.columns[column.name].type, sa.String)]
    lengths = [sa.func.max(sa.func.length(sa.cast(column, sa.Text))).label(column.name) for column in texts]
    keys = [column.name for column in contract.primary_key if column.name in source.c]
    filled = [sa.func.count(column).label(f"filled_{column.name}") for column in source.c]
    row = (
        connection.execute(sa.select(sa.func.count().label("rows"), *lengths, *filled).select_from(source))
        .mappings()
        .one()
    )
    rows = row["rows"]
    if rows == 0:
        return 0, (), [Note("no_rows")]
    empty = tuple(column.name for column in source.c if not row[f"filled_{column.name}"])
    notes = [
        Note(
            "too_long",
            {"column": column.name, "found": row[column.name], "limit": contract.columns[column.name].type.length},
        )
        for column in texts
        if (row[column.name] or 0) > contract.columns[column.name].type.length
    ]
    notes += [
        Note("key_empty", {"count": rows - row[f"filled_{key}"]}, True) for key in keys if row[f"filled_{key}"] < rows
    ]
    notes += _key_notes(connection, source, keys)
    if contract.name == "matter":  # the other tables are read whole every time
        notes += _matter_notes(connection, source)
        if "updated_at" in source.c:
            notes += _updated_notes(connection, source, rows)
    sample = pd.DataFrame(
        connection.execute(sa.select(*source.c).limit(SAMPLED_ROWS)).mappings().all(), columns=list(source.c.keys())
    )
    notes += _type_notes(contract, source, sample) + _personal_notes(sample, [column.name for column in texts])
    return rows, empty, notes


def _count(connection: sa.Connection, statement: sa.Select) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(statement.subquery("counted")))


def _key_notes(connection: sa.Connection, source: sa.Subquery, keys: list[str]) -> list[Note]:
    if not keys:
        return []
    columns = [source.c[key] for key in keys]
    repeated = _count(connection, sa.select(*columns).group_by(*columns).having(sa.func.count() > 1))
    return [Note("key_repeated", {"count": repeated}, is_blocking=True)] if repeated else []


def _updated_notes(connection: sa.Connection, source: sa.Subquery, rows: int) -> list[Note]:
    column = source.c.updated_at
    filled, first, last = connection.execute(
        sa.select(sa.func.count(column), sa.func.min(column), sa.func.max(column))
    ).one()
    notes = [Note("updated_at_empty", {"count": rows - filled})] if filled < rows else []
    if filled > 1 and first == last:
        notes.append(Note("updated_at_constant"))
    return notes


def _matter_notes(connection: sa.Connection, source: sa.Subquery) -> list[Note]:
    notes = []
    if "registered_at" in source.c:
        empty = _count(connection, sa.select(source.c.registered_at).where(source.c.registered_at.is_(None)))
        notes += [Note("registered_at_empty", {"count": empty})] if empty else []
    if "kind" in source.c:
        kinds = connection.scalars(sa.select(source.c.kind).distinct().limit(20)).all()
        strange = sorted(str(kind) for kind in kinds if kind not in operational.KINDS)
        notes += [Note("kind_unknown", {"values": "、".join(strange[:5])})] if strange else []
    if "purpose" in source.c:
        reports = _count(connection, sa.select(source.c.purpose).where(source.c.purpose == REPORT))
        notes += [Note("reports_among_matters", {"count": reports}, is_blocking=True)] if reports else []
    return notes


def _with_places(
    engine: sa.Engine, profile: Profile | None, table: TableReport, tables: tuple[TableReport, ...]
) -> TableReport:
    """Add to the matters how many name an area that the area table lacks."""
    areas = next(each for each in tables if each.table == "area")
    if table.table != "matter" or "area_code" not in table.columns or "area_code" not in areas.columns:
        return table

    def codes(name: str) -> sa.Subquery:
        mapped = mapped_select(engine, profile, name) if profile else None
        if mapped is None:
            return sa.select(sa.column("area_code")).select_from(sa.table(name)).subquery(f"{name}_codes")
        return mapped.subquery(f"{name}_codes")

    matters, known = codes("matter"), codes("area")
    statement = sa.select(matters.c.area_code).where(
        matters.c.area_code.is_not(None),
        sa.cast(matters.c.area_code, sa.Text).not_in(
            sa.select(sa.cast(known.c.area_code, sa.Text)).where(known.c.area_code.is_not(None))
        ),
    )
    with _reading(engine) as connection:
        unknown = _count(connection, statement)
    if not unknown:
        return table
    note = Note("unknown_area", {"count": unknown})
    return replace(table, notes=(*table.notes, note))


# --- types and values --------------------------------------------------------------------------------------------------


def _type_notes(contract: sa.Table, source: sa.Subquery, sample: pd.DataFrame) -> list[Note]:
    notes = []
    for column in source.c:
        needed = contract.columns[column.name].type
        if not _fits(needed, column.type, sample[column.name]):
            notes.append(Note("wrong_type", {"column": column.name, "found": str(column.type), "needed": str(needed)}))
    return notes


def _fits(needed: sa.types.TypeEngine, found: sa.types.TypeEngine, values: pd.Series) -> bool:
    """Texts may stand for dates and numbers when the sample reads as such; anything else must be of the same family."""
    values = values.dropna()
    texts = values[[isinstance(value, str) for value in values]]
    texts = texts[texts.str.strip() != ""] if len(texts) else texts
    if isinstance(needed, (sa.Date, sa.DateTime)):
        if len(texts):
            return bool(parse_moments(pd.Series(texts.to_list(), dtype="str"), (), "UTC").notna().all())
        return isinstance(found, (sa.Date, sa.DateTime, sa.String, sa.types.NullType)) or values.empty
    if isinstance(needed, (sa.Integer, sa.Float)):
        if len(texts):
            return bool(pd.to_numeric(pd.Series(texts.to_list()), errors="coerce").notna().all())
        return isinstance(found, (sa.Integer, sa.Numeric, sa.Float, sa.Boolean, sa.String, sa.types.NullType))
    return isinstance(found, (sa.String, sa.types.NullType)) or all(isinstance(value, str) for value in values)


def _personal_notes(sample: pd.DataFrame, texts: list[str]) -> list[Note]:
    """Personal values among the sampled texts; keys may look like telephone numbers, not like ID numbers."""
    notes = []
    for name in texts:
        values = sample[name].dropna().astype("str")
        kinds = find_personal_values(values)
        if name.endswith(("_id", "_no")) or name in ("repeat_of", "escalated_from", "project_code"):
            kinds = kinds.where(kinds == "id_number", None)
        if kinds.notna().any() and not looks_like_numbering(values, kinds):
            notes.append(Note("personal_values", {"column": name, "kind": kinds.dropna().iloc[0]}, is_blocking=True))
    return notes
