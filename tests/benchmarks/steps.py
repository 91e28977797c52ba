"""One measured step in a process of its own, so that its peak memory is its own: prints one line of JSON."""

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from data.site import Site, read_site

TOWN_DAY = date(2026, 11, 20)
MORNING = datetime(2026, 11, 21, 6)
CHANGES = 1_000


def build(site: Site, matters: int) -> dict:
    """Write a fictional city of so many matters."""
    from data import operational, town
    from data.migrations import upgrade_operational

    upgrade_operational(site.database_url)
    engine = operational.create_engine(site.database_url)
    town.write_town(town.build_town(seed=1, through=TOWN_DAY, matters=matters), engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = connection.scalar(sa.select(sa.func.count()).select_from(operational.matter))
    engine.dispose()
    return {"matters": rows, "bytes": (site.home / "operational.db").stat().st_size}


def full(site: Site, hours: float) -> dict:
    """A refresh that reads the whole source."""
    return _refresh(site, hours, full=True)


def incremental(site: Site, hours: float) -> dict:
    """A refresh after 1,000 changes: edits, new matters and deletions, most of them recent as they are in life."""
    _change(site, MORNING + timedelta(hours=hours))
    return _refresh(site, hours, full=False)


def brief(site: Site) -> dict:
    """The daily brief of the whole city."""
    from analytics.briefs import daily_brief

    return _page(site, daily_brief, attempt=True)


def weekly(site: Site) -> dict:
    """The weekly brief of the whole city."""
    from analytics.briefs.weekly import weekly_brief

    return _page(site, weekly_brief, attempt=True)


def monthly(site: Site) -> dict:
    """The monthly brief of the whole city."""
    from analytics.briefs.monthly import monthly_brief

    return _page(site, monthly_brief, attempt=True)


def annual(site: Site) -> dict:
    """The annual report of the whole city."""
    from analytics.briefs.annual import annual_brief

    return _page(site, annual_brief, attempt=True)


def trends(site: Site) -> dict:
    """Petition trends of the whole city by month."""
    from analytics.petitions import petition_trends

    return _page(site, petition_trends)


def detect(site: Site) -> dict:
    """The detection of a night on this city: the first one, which replays the weeks before, and the next."""
    from analytics.detection import detect_site
    from data.desk import open_desk
    from data.workdays import build_calendar

    desk, calendar = open_desk(site.desk_url), build_calendar()
    first, second = (detect_site(site, desk, calendar=calendar, now=MORNING).seconds for _ in range(2))
    return {"first": first, "again": second}


def forecast(site: Site) -> dict:
    """The forecasts of a night on this city, in two processes: about 400 series by day, week and month, with the weights that are kept."""
    return _forecast(site, backtests=False)


def forecast_backtest(site: Site) -> dict:
    """The same after a backtest of all models at ten origins, which the weights are learned from."""
    return _forecast(site, backtests=True)


def _forecast(site: Site, *, backtests: bool) -> dict:
    from analytics.forecasting import Workers, forecast_site
    from data.desk import open_desk
    from data.workdays import build_calendar

    report = forecast_site(
        site, open_desk(site.desk_url), calendar=build_calendar(), now=MORNING, backtests=backtests, workers=Workers(2)
    )
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(one.ru_utime + one.ru_stime for one in used)
    return {"forecast": report.seconds, "processor": processor, "series": sum(report.series.values())}


def signals(site: Site) -> dict:
    """The warnings of the whole city, as stored by the detection."""
    from analytics.warnings import signal_list
    from data.desk import open_desk
    from data.mart import open_mart
    from data.scope import Scope

    desk = open_desk(site.desk_url)
    seconds = _timed(lambda: signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY))
    return {"cold": seconds[0], "warm": statistics.median(seconds[1:])}


def risk(site: Site) -> dict:
    """The risk outlook of the whole city, as stored by the night of forecasts."""
    from analytics.outlook import risk_outlook
    from data.mart import open_mart
    from data.scope import Scope

    seconds = _timed(lambda: risk_outlook(open_mart(site.mart_folder), Scope(), TOWN_DAY))
    return {"cold": seconds[0], "warm": statistics.median(seconds[1:])}


def record(site: Site) -> dict:
    """The track record of the forecasts of the whole city, from the ledger and the stored backtest."""
    from analytics.forecast_record import forecast_record
    from data.desk import open_desk
    from data.mart import open_mart
    from data.scope import Scope

    desk = open_desk(site.desk_url)
    seconds = _timed(lambda: forecast_record(desk, open_mart(site.mart_folder), Scope(), TOWN_DAY))
    return {"cold": seconds[0], "warm": statistics.median(seconds[1:])}


def detectors(_site: Site) -> dict:
    """Series a second of each detector, on one core."""
    from tests.benchmarks import detectors as measured

    return {
        "farrington": measured.farrington_per_second(),
        "weekly": measured.weekly_per_second(),
        "daily": measured.daily_per_second(),
    }


def night(_site: Site) -> dict:
    """A whole night for 1,000 communities and 40 subjects, on one core."""
    from tests.benchmarks.detection import night_seconds

    return night_seconds()


def replay(site: Site) -> dict:
    """The daily brief as it was before the last refreshes: opened once, then as often as today's."""
    from analytics.briefs import daily_brief
    from data.in_force import calendar_of
    from data.replay import open_mart_as_known
    from data.scope import Scope

    began = time.perf_counter()
    then = open_mart_as_known(site.mart_folder, MORNING)
    opened = time.perf_counter() - began
    calendar = calendar_of(then)
    seconds = _timed(lambda: daily_brief(then, Scope(), TOWN_DAY, calendar=calendar, now=MORNING))
    return {"open": opened, "cold": seconds[0], "warm": statistics.median(seconds[1:])}


def papers(site: Site) -> dict:
    """The daily brief as Word and as PDF, figures included: the first in a process, as the terminal makes it, and the median of the next."""
    from data.desk import open_desk
    from data.mart import open_mart
    from data.scope import Scope
    from data.workdays import build_calendar
    from pages.paper.making import Asked, make

    kept = open_desk(site.desk_url)
    ask = Asked(open_mart(site.mart_folder), Scope(), TOWN_DAY, build_calendar(), "zh", MORNING, kept)
    found = {}
    for form in ("docx", "pdf"):
        seconds = _timed(lambda form=form: make("daily", ask).file(form))
        found |= {f"{form}_cold": seconds[0], f"{form}_warm": statistics.median(seconds[1:])}
    return found


def _page(site: Site, facade: Callable, *, attempt: bool = False) -> dict:
    """A page's data: the first answer of a process, and the median of the next."""
    from data.mart import last_attempt, open_mart
    from data.scope import Scope
    from data.workdays import build_calendar

    calendar = build_calendar()

    def answer() -> None:
        known = {"attempt": last_attempt(site.mart_folder), "now": MORNING} if attempt else {}
        facade(open_mart(site.mart_folder), Scope(), TOWN_DAY, calendar=calendar, **known)

    seconds = _timed(answer)
    return {"cold": seconds[0], "warm": statistics.median(seconds[1:])}


def _timed(run: Callable, times: int = 8) -> list[float]:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return seconds


def reads(site: Site) -> dict:
    """Grouped reads on the mart and on SQLite."""
    from data.mart import open_mart
    from tests.benchmarks.reads import compare

    return {"reads": compare(open_mart(site.mart_folder), site.home / "operational.db", TOWN_DAY)}


def _refresh(site: Site, hours: float, *, full: bool) -> dict:
    from analytics.refresh import refresh
    from data.deadlines import shipped_rules
    from data.workdays import build_calendar

    report = refresh(
        site, now=MORNING + timedelta(hours=hours), calendar=build_calendar(), rules=shipped_rules(), full=full
    )
    assert report.full == full, report.reason
    return {"refresh": report.seconds, "bytes": report.bytes, "changes": report.changes}


def _change(site: Site, at: datetime) -> None:
    """Edit 700 matters, add 200 and delete 100; four in five among the latest tenth."""
    from data import operational

    chance, stamp = random.Random(at.toordinal() * 24 + at.hour), f"{at:%Y-%m-%d %H:%M:%S}.000000"
    columns = ", ".join(c.name for c in operational.matter.columns if c.name not in ("matter_no", "updated_at"))
    edit = "UPDATE matter SET returned_count = coalesce(returned_count, 0) + 1, updated_at = ? WHERE rowid = ?"
    add = (
        f"INSERT OR IGNORE INTO matter (matter_no, updated_at, {columns}) "
        f"SELECT matter_no || '-{at:%H%M}', ?, {columns} FROM matter WHERE rowid = ?"
    )
    referred = "(SELECT matter_no FROM leader_case WHERE matter_no IS NOT NULL)"
    delete = f"DELETE FROM matter WHERE ? IS NOT NULL AND rowid = ? AND matter_no NOT IN {referred}"
    engine = operational.create_engine(site.database_url)
    with engine.begin() as connection:
        (last,) = connection.exec_driver_sql("SELECT max(rowid) FROM matter").one()
        start = int(last * 0.9)
        for n in range(CHANGES):
            place = chance.randint(start, last) if n % 5 else chance.randint(1, start)
            statement = edit if n < 0.7 * CHANGES else add if n < 0.9 * CHANGES else delete
            connection.exec_driver_sql(statement, (stamp, place))
    engine.dispose()


def main() -> None:
    name, home, *arguments = sys.argv[1:]
    began = time.perf_counter()
    found = globals()[name](read_site(Path(home)), *(json.loads(argument) for argument in arguments))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - began, "peak_mb": round(peak), **found}))


if __name__ == "__main__":
    main()
