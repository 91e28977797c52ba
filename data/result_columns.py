"""The columns that tables of results share, and the mark that tells one edition's tables from another's."""

import hashlib

import sqlalchemy as sa

NODE = ("level", "area_code", "kind", "category_code")


def results_table(tables: sa.MetaData, name: str, comment: str, *columns: sa.Column) -> sa.Table:
    """A table of results: each row belongs to a run."""
    return sa.Table(name, tables, sa.Column("run_no", sa.Integer), *columns, comment=comment)


def text(*names: str) -> list[sa.Column]:
    """Columns of text."""
    return [sa.Column(name, sa.String) for name in names]


def whole(*names: str) -> list[sa.Column]:
    """Columns of whole numbers."""
    return [sa.Column(name, sa.Integer) for name in names]


def fraction(*names: str) -> list[sa.Column]:
    """Columns of fractions."""
    return [sa.Column(name, sa.Float) for name in names]


def day(*names: str) -> list[sa.Column]:
    """Columns of days."""
    return [sa.Column(name, sa.Date) for name in names]


def shape_of(tables: sa.MetaData) -> str:
    """A mark of these tables: a file with another mark was made by another edition and is begun anew."""
    described = [(table.name, [(c.name, str(c.type)) for c in table.columns]) for table in tables.tables.values()]
    return hashlib.sha256(repr(described).encode()).hexdigest()[:16]
