"""What tests of reads share: a version in both places that the statements must run in, and its matters as plain values."""

from collections.abc import Iterator

import pandas as pd
import pytest
import sqlalchemy as sa

from data import mart_tables
from data.mart import Mart, PostgresMart
from data.mart_copy import publish_to_postgres
from tests.postgres_server import running_server


@pytest.fixture(scope="module", params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgres)])
def mart(published: Mart, request: pytest.FixtureRequest) -> Iterator[Mart | PostgresMart]:
    """The same version in both places that the statements must run in; `published` is the module's own."""
    if request.param == "duckdb":
        yield published
        return
    with running_server() as url:
        copy = publish_to_postgres(published, sa.create_engine(url))
        yield copy
        copy.close()


@pytest.fixture(scope="module")
def everything(mart: Mart) -> pd.DataFrame:
    """Every matter as plain values: days as days, blanks as None."""
    rows = mart.read(sa.select(mart_tables.matter))
    days = [name for name in rows if name.endswith("_on")]
    rows[days] = rows[days].apply(lambda column: pd.to_datetime(column).dt.date.where(column.notna(), None))
    return rows.astype(object).where(rows.notna(), None)
