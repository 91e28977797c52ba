"""A site's own PostgreSQL, read-only: check, refresh and brief give what the embedded store gives."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cli import xianshou
from data import operational, town
from data.site import Site
from tests.conftest import TOWN_DAY
from tests.postgres_server import running_server

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def reader_url() -> Iterator[str]:
    """The same fictional city in PostgreSQL, by an account that may only read."""
    with running_server() as url:
        engine = operational.create_engine(url)
        operational.contract.create_all(engine)
        town.write_town(town.build_town(seed=1, through=TOWN_DAY, matters=6_000), engine)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE ROLE reader LOGIN"))
            connection.execute(sa.text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        engine.dispose()
        yield sa.make_url(url).set(username="reader").render_as_string()


def run(home: Path, *said: str) -> str:
    result = CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(xianshou, ["--home", str(home), "--lang", "en", *said])
    assert result.exit_code == 0, result.output
    return result.stdout


def daily(home: Path) -> dict:
    """The brief's numbers; what rests on the moment of the reading (days still filling) differs, since a server has its own clock."""
    brief = json.loads(run(home, "brief", "daily", "--as-of", TOWN_DAY.isoformat(), "--format", "json"))
    tables = ("kinds", "major", "deadlines_by_unit", "leader_cases", "coordination_lines", "tomorrow")
    figures = [(one["name"], one["value"]) for name in ("flows", "deadlines", "coordination") for one in brief[name]]
    return {"figures": figures, "rates": brief["rates"], **{name: brief[name] for name in tables}}


def test_a_read_only_postgresql_gives_the_same_brief(reader_url: str, town_site: Site, tmp_path: Path) -> None:
    checked = run(tmp_path, "check", "--database-url", reader_url)
    assert "It can be used." in checked
    assert "  off " not in checked
    run(tmp_path, "refresh", "--no-forecasts", "--database-url", reader_url)
    assert daily(tmp_path) == daily(town_site.home)


def test_a_second_refresh_finds_nothing_changed(reader_url: str, tmp_path: Path) -> None:
    run(tmp_path, "refresh", "--no-forecasts", "--database-url", reader_url)
    assert "0 new, 0 changed, 0 gone" in run(tmp_path, "refresh", "--no-forecasts", "--database-url", reader_url)


def test_the_demo_cannot_be_written_there(reader_url: str, tmp_path: Path) -> None:
    result = CliRunner(env={"XIANSHOU_DATABASE_URL": reader_url}).invoke(xianshou, ["--home", str(tmp_path), "demo"])
    assert result.exit_code == 1
