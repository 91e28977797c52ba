"""One measured step in a process of its own, so that its peak memory is its own: prints one line of JSON."""

import json
import random
import resource
import statistics
import sys
import time
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
    """The daily brief of the whole city: the first in a process, and the median of the next."""
    from analytics.briefs import daily_brief
    from data.mart import last_attempt, open_mart
    from data.scope import Scope
    from data.workdays import build_calendar

    calendar, seconds = build_calendar(), []
    for _ in range(8):
        began = time.perf_counter()
        mart = open_mart(site.mart_folder)
        daily_brief(mart, Scope(), TOWN_DAY, calendar=calendar, attempt=last_attempt(site.mart_folder), now=MORNING)
        seconds.append(time.perf_counter() - began)
    return {"cold": seconds[0], "warm": statistics.median(seconds[1:])}


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
