"""A mapping profile over a database: the same profile that reads a file becomes SELECTs with the contract's column names.

Only SELECT is used. Places, subjects and units are resolved by the same code as in a file: their distinct combinations are read
first and joined back as a list of values, so that file and database give the same codes.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from data import operational
from data.errors import Refused
from data.intake.personal import find_personal, header_is_personal
from data.intake.profiles import CODES, REPORT, AreaRule, ColumnRule, Headers, Profile, fold
from data.intake.registry import Entry, Found, Registry
from data.intake.values import FALSE_WORDS, TRUE_WORDS

_TREES = {
    "area": ("area_code", "name", "parent_code", "level_code"),
    "category": ("category_code", "name", "parent_code", "scheme_code"),
    "organisation": ("org_id", "name", "parent_org_id", "kind"),
}


def mapped_select(engine: sa.Engine, profile: Profile, table: str) -> sa.Select | None:
    """The rows of a contract table in a foreign database, under the contract's column names; None to take the table as it stands.

    `matter` is translated by the whole profile when the profile names its table; other tables are renamed. Areas, categories,
    units and counts of reports that the database has no table for are made from the matters. Columns the database lacks are absent.
    Raises `Refused` `contract.table_missing`, `contract.personal_column`, `contract.time_zone`.
    """
    reader = _Reader(engine, profile)
    if table in profile.tables:
        return reader.matters() if table == "matter" else reader.renamed(table)
    if "matter" not in profile.tables or reader.has(table):
        return None
    if table in _TREES:
        return reader.tree(table)
    return reader.reports() if table == "report_count" and reader.counts_reports else None


class _Reader:
    """One foreign database seen through one profile."""

    def __init__(self, engine: sa.Engine, profile: Profile) -> None:
        self.engine, self.profile = engine, profile
        self._inspector = sa.inspect(engine)
        self._resolved: tuple[Registry, dict[str, list[tuple]]] | None = None

    # --- what is there ---

    def has(self, name: str) -> bool:
        schema, plain = _split(name)
        known = {*self._inspector.get_table_names(schema=schema), *self._inspector.get_view_names(schema=schema)}
        return plain in known

    def source(self, table: str) -> sa.TableClause:
        """The foreign table or view of a contract table, with its columns and types."""
        name = self.profile.tables[table].name if table in self.profile.tables else table
        if not self.has(name):
            raise Refused("contract.table_missing", table=table, name=name)
        schema, plain = _split(name)
        columns = [sa.column(each["name"], each["type"]) for each in self._inspector.get_columns(plain, schema=schema)]
        return sa.table(plain, *columns, schema=schema)

    def renamed(self, table: str) -> sa.Select:
        source, renames = self.source(table), self.profile.tables[table].columns
        known = {fold(column.name): column for column in source.c}
        chosen = []
        for column in operational.contract.tables[table].columns:
            found = known.get(fold(renames.get(column.name, column.name)))
            if found is not None:
                chosen.append(found.label(column.name))
        return sa.select(*chosen)

    # --- matters ---

    @property
    def counts_reports(self) -> bool:
        rule = self.profile.columns.get("purpose")
        return bool(rule) and REPORT in (*rule.codes.values(), *(() if rule.codes else CODES["purpose"]))

    def matters(self) -> sa.Select:
        source = self.source("matter")
        columns, trees = self._expressions(source)
        statement = sa.select(*(expression.label(name) for name, expression in columns.items()))
        joined: sa.FromClause = source
        for values, condition in trees:
            joined = joined.outerjoin(values, condition)
        statement = statement.select_from(joined)
        if "purpose" in columns:  # reports against officials are never matters
            statement = statement.where(sa.func.coalesce(columns["purpose"], "") != REPORT)
        return statement

    def reports(self) -> sa.Select:
        """Reports against officials as month, street, number."""
        source = self.source("matter")
        purpose, registered = (self._rule(source, column) for column in ("purpose", "registered_at"))
        registry, _ = self._trees(source)
        top = registry.top(self.profile.area)
        place, joined = sa.literal(top), source
        if self.profile.area:
            rule = self.profile.area.to_street()
            headers = _area_headers(rule)
            rows = self._resolve(source, headers, lambda *v: registry.area(_pairs(v), rule), purpose == REPORT)
            if rows:
                streets = [(*row[:-1], registry.street_of(row[-1]) or top) for row in rows]
                values, condition = self._joined(source, "report_place", headers, streets)
                place, joined = sa.func.coalesce(values.c.code, top), source.outerjoin(values, condition)
        month = self._month(registered).label("month")
        chosen = sa.select(month, place.label("area_code")).select_from(joined)
        rows = chosen.where(purpose == REPORT, registered.is_not(None)).subquery("report")
        count = sa.func.count().label("reports")
        return sa.select(rows.c.month, rows.c.area_code, count).group_by(rows.c.month, rows.c.area_code)

    def _rule(self, source: sa.TableClause, column: str) -> sa.ColumnElement | None:
        rule = self.profile.columns.get(column)
        found = self._find(source, rule.headers) if rule else None
        return None if found is None else self._column(column, rule, found)

    def _expressions(
        self, source: sa.TableClause
    ) -> tuple[dict[str, sa.ColumnElement], list[tuple[sa.CTE, sa.ColumnElement]]]:
        profile = self.profile
        out: dict[str, sa.ColumnElement] = {"source_system": sa.literal(profile.source_system)}
        if profile.kind:
            out["kind"] = sa.literal(profile.kind)
        for name, value in profile.constants.items():
            out[name] = sa.literal(value)
        for name in profile.columns:
            found = self._rule(source, name)
            if found is not None:
                out[name] = found
        if profile.verdict:
            out |= self._verdict(source, has_status="status" in out)
        trees = []
        for table, name in (
            ("area", "area_code"),
            ("category", "category_code"),
            ("organisation", "responsible_org_id"),
        ):
            rows = self._trees(source)[1].get(table)
            if name not in out and rows:
                values, condition = self._joined(source, f"known_{table}", self._headers(table), rows)
                out[name] = values.c.code
                trees.append((values, condition))
        return out, trees

    def _find(self, source: sa.TableClause, headers: Headers) -> sa.ColumnElement | None:
        dropped = {fold(header) for header in self.profile.drop}
        known = {fold(column.name): column for column in source.c if fold(column.name) not in dropped}
        found = next((known[fold(header)] for header in headers if fold(header) in known), None)
        if found is not None and header_is_personal(found.name):
            raise Refused("contract.personal_column", table="matter", column=found.name)
        return found

    def _text(self, column: sa.ColumnElement) -> sa.ColumnElement:
        text = sa.func.trim(sa.cast(column, sa.Text))
        return sa.case((text.in_([null for null in self.profile.nulls if null]), None), (text == "", None), else_=text)

    def _column(self, name: str, rule: ColumnRule, column: sa.ColumnElement) -> sa.ColumnElement:
        kind = operational.matter.columns[name].type
        if isinstance(kind, sa.SmallInteger):
            return self._flag(column)
        if isinstance(kind, sa.Integer):
            return column
        if isinstance(kind, (sa.Date, sa.DateTime)):
            return self._moment(column)
        text = self._text(column)
        if rule.codes or (name in CODES and rule.otherwise != "keep"):
            own = {code: code for code in CODES.get(name, ())}
            otherwise = text if rule.otherwise == "keep" else sa.null()
            text = sa.case({**own, **rule.codes}, value=text, else_=otherwise)
        return sa.cast(sa.literal(rule.prefix) + text if rule.prefix else text, sa.Text)

    def _flag(self, column: sa.ColumnElement) -> sa.ColumnElement:
        if isinstance(column.type, sa.Boolean):
            return sa.case((column.is_(True), 1), (column.is_(False), 0))
        text = sa.func.lower(sa.func.trim(sa.cast(column, sa.Text)))
        return sa.case((text.in_(sorted(TRUE_WORDS)), 1), (text.in_(sorted(FALSE_WORDS)), 0))

    def _moment(self, column: sa.ColumnElement) -> sa.ColumnElement:
        zone = self.profile.time_zone
        if zone is None or isinstance(column.type, sa.Date):
            return column
        if self.engine.dialect.name != "postgresql":
            raise Refused("contract.time_zone", zone=zone, database=self.engine.dialect.name)
        return sa.func.timezone(zone, column, type_=sa.DateTime(timezone=True))

    def _month(self, moment: sa.ColumnElement) -> sa.ColumnElement:
        if self.engine.dialect.name == "sqlite":
            return sa.func.date(moment, "start of month")
        return sa.cast(sa.func.date_trunc("month", moment), sa.Date)

    def _verdict(self, source: sa.TableClause, *, has_status: bool) -> dict[str, sa.ColumnElement]:
        rule = self.profile.verdict
        in_time, overdue = self._find(source, rule.in_time), self._find(source, rule.overdue)
        if in_time is None or overdue is None:
            return {}
        yes, late = self._flag(in_time) == 1, self._flag(overdue) == 1
        out = {"closed_in_time": sa.case((sa.and_(yes, late), None), (yes, 1), (late, 0))}
        return out if has_status else out | {"status": sa.case((sa.or_(yes, late), sa.literal(rule.status)))}

    # --- trees ---

    def tree(self, table: str) -> sa.Select | None:
        """The areas, categories or units that the matters bring along, where the profile registers them."""
        registry = self._trees(self.source("matter"))[0]
        entries = {"area": registry.areas, "category": registry.categories, "organisation": registry.units}[table]
        if not entries:
            return None
        names = _TREES[table]
        rows = [(code, entry.name, entry.parent, entry.sort) for code, entry in entries.items()]
        values = sa.values(
            *(sa.column(name, sa.Text) for name in names), name=f"made_{table}", literal_binds=True
        ).data(rows)
        return sa.select(*values.cte(f"made_{table}").c)

    def _headers(self, table: str) -> list[Headers]:
        profile = self.profile
        if table == "area":
            return [
                side for level in (profile.area.levels if profile.area else ()) for side in (level.code, level.name)
            ]
        if table == "category":
            return list(profile.category.levels) if profile.category else []
        return [profile.unit.code, profile.unit.name] if profile.unit else []

    def _trees(self, source: sa.TableClause) -> tuple[Registry, dict[str, list[tuple]]]:
        """The distinct combinations of places, subjects and units, each with the code it leads to."""
        if self._resolved is None:
            registry = Registry(*(self._known(table) for table in _TREES))
            area, category, unit = self.profile.area, self.profile.category, self.profile.unit
            finders: dict[str, Callable[..., Found]] = {
                "area": lambda *v: registry.area(_pairs(v), area),
                "category": lambda *v: registry.category(v, category),
                "organisation": lambda *v: registry.unit(*v, unit),
            }
            purpose = self._rule(source, "purpose")
            matters = sa.true() if purpose is None else sa.func.coalesce(purpose, "") != REPORT
            rows = {
                table: self._resolve(source, self._headers(table), find, matters) for table, find in finders.items()
            }
            self._resolved = registry, {table: found for table, found in rows.items() if found}
        return self._resolved

    def _known(self, table: str) -> dict[str, Entry]:
        names = _TREES[table]
        if table in self.profile.tables:
            statement = self.renamed(table)
        elif self.has(table):
            present = {column["name"] for column in self._inspector.get_columns(table)}
            statement = sa.select(*(sa.column(name) for name in names if name in present)).select_from(sa.table(table))
        else:
            return {}
        with self.engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        return {row[names[0]]: Entry(*(row.get(name) for name in names[1:])) for row in rows}

    def _resolve(
        self, source: sa.TableClause, headers: Sequence[Headers], find: Callable[..., Found], of: sa.ColumnElement
    ) -> list[tuple]:
        """Each distinct combination of the headers' values among the rows meant, and the code it leads to."""
        found = [self._find(source, each) if each else None for each in headers]
        present = [column for column in found if column is not None]
        if not present:
            return []
        labels = [self._text(column).label(f"k{place}") for place, column in enumerate(present)]
        with self.engine.connect() as connection:
            distinct = connection.execute(sa.select(*labels).where(of).distinct()).all()
        rows = []
        for row in sorted(distinct, key=lambda row: tuple(value or "" for value in row)):
            values = iter(row)
            given = [next(values) if column is not None else None for column in found]
            fit = [None if value is None or find_personal(value) else value for value in given]
            rows.append((*(value or "" for value in row), find(*fit).code))
        return rows

    def _joined(
        self, source: sa.TableClause, name: str, headers: Sequence[Headers], rows: list[tuple]
    ) -> tuple[sa.CTE, sa.ColumnElement]:
        found = [self._find(source, each) for each in headers if each]
        present = [column for column in found if column is not None]
        columns = [sa.column(f"k{place}", sa.Text) for place in range(len(present))]
        values = sa.values(*columns, sa.column("code", sa.Text), name=name, literal_binds=True).data(rows).cte(name)
        conditions = [
            values.c[f"k{place}"] == sa.func.coalesce(self._text(column), "") for place, column in enumerate(present)
        ]
        return values, sa.and_(*conditions)


def _area_headers(rule: AreaRule) -> list[Headers]:
    return [side for level in rule.levels for side in (level.code, level.name)]


def _pairs(values: Sequence[str | None]) -> list[tuple[str | None, str | None]]:
    return list(zip(values[::2], values[1::2], strict=True))


def _split(name: str) -> tuple[str | None, str]:
    schema, _, plain = name.rpartition(".")
    return schema or None, plain
