"""What all tests share: a fixed day, a clock that stands still, the real records' folder, and a wall around the network."""

import socket
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import settings

from analytics.refresh import refresh
from cli import xianshou
from data import operational, town
from data.deadlines import shipped_rules
from data.mart import Mart, open_mart
from data.migrations import upgrade_operational
from data.site import Site, read_site
from data.workdays import build_calendar

ROOT = Path(__file__).resolve().parents[1]
REAL_RECORDS = ROOT.parent / "shared" / "data"
settings.register_profile("exploring", deadline=None)  # cores are shared here: a slow example proves nothing
settings.register_profile("repeatable", deadline=None, derandomize=True)  # the same commit is judged alike every time
settings.load_profile("repeatable")
TOWN_DAY = date(2026, 11, 20)
_NINE_NEXT_MORNING = datetime.combine(TOWN_DAY + timedelta(days=1), time(9))
_LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")
_connect = socket.socket.connect


def _connect_here_only(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
        raise AssertionError(f"the product tried to reach {address}: nothing may leave this machine")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _connect_here_only)


@pytest.fixture(autouse=True, scope="session")
def _stopped_clock() -> Iterator[None]:
    """No test's result depends on when it runs, nor on an hour that ends while it runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Site, "now", lambda _site: _NINE_NEXT_MORNING)
        yield


@pytest.fixture
def as_of() -> date:
    return TOWN_DAY


@pytest.fixture(scope="session")
def real_records() -> Path:
    if not REAL_RECORDS.is_dir():
        pytest.skip("the real records do not lie beside the project (../shared/data)")
    return REAL_RECORDS


@pytest.fixture(scope="session")
def publish() -> Callable[..., Mart]:
    """A way to publish a small city: `publish(home, fill, now=…)` fills the embedded store, refreshes, and opens the version."""

    def make(home: Path, fill: Callable[[sa.Connection], None], *, now: datetime) -> Mart:
        site = read_site(home)
        upgrade_operational(site.database_url)
        engine = operational.create_engine(site.database_url)
        with engine.begin() as connection:
            fill(connection)
        engine.dispose()
        refresh(site, now=now, calendar=build_calendar(None), rules=shipped_rules())
        return open_mart(site.mart_folder)

    return make


@pytest.fixture(scope="session")
def town_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A small fictional city, published as of the morning after its last day."""
    site = read_site(tmp_path_factory.mktemp("town"))
    upgrade_operational(site.database_url)
    engine = operational.create_engine(site.database_url)
    town.write_town(town.build_town(seed=1, through=TOWN_DAY, matters=6_000), engine)
    engine.dispose()
    now = datetime.combine(TOWN_DAY, time(6)) + timedelta(days=1)
    refresh(site, now=now, calendar=build_calendar(None), rules=shipped_rules())
    return site


@pytest.fixture(scope="session")
def real_homes(real_records: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A way to a home with one set of the real records (`pingshan` or `sp156`), imported and published once for all tests that only read."""
    files = {
        "pingshan": real_records / "pingshan_minsheng" / "cases.csv.gz",
        "sp156": real_records / "sp156" / "cases_open_2015_2018.parquet",
    }

    @cache
    def home_of(profile: str) -> Path:
        home = tmp_path_factory.mktemp(f"real_{profile}")
        for words in (
            ("import", str(files[profile]), "--profile", profile),
            ("refresh", "--no-signals", "--no-forecasts"),
        ):
            result = CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(
                xianshou, ["--home", str(home), *words], catch_exceptions=False
            )
            assert result.exit_code == 0, result.output
        return home

    return home_of
