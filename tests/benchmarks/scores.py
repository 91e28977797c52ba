"""Scorecards in full: how fair they are by simulation, and how long a city of 300 organisations and 320 teams takes (processor time).

`OMP_NUM_THREADS=1 python -m tests.benchmarks.scores simulation` and `… city HOME` (HOME: a folder to build the enlarged city in).
"""

import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from tests.analytics.scores.scored import scored, simulate, units

UNITS = 40
ORGANISATIONS, TEAMS = 300, 320
DAY = date(2026, 11, 20)


def equal_quality(repeats: int = 100) -> dict[str, float]:
    """Equal true quality, sizes from 10 to 600: the share of units in the commonest band, and of small ones at the ends, shrunk and raw."""
    band, ends = [], {"shrunk": [], "raw": []}
    for seed in range(repeats):
        size, _, found = simulate(seed, UNITS, 0.0)
        rows = scored(found, units(UNITS), draws=2000).units
        band.append(rows["band"].value_counts(normalize=True).max())
        small = size <= np.quantile(size, 1 / 3)
        raw = found[found["indicator"] == "timeliness"].set_index("unit_id")
        rate = (raw["met"] / raw["whole"]).reindex(rows["unit_id"]).to_numpy()
        for name, scores in (("shrunk", rows["score"].to_numpy()), ("raw", rate)):
            extreme = np.argsort(np.abs(scores - np.median(scores)))[-UNITS // 5 :]
            ends[name].append(small[extreme].mean())
    return {
        "one_band": float(np.mean(band)),
        **{f"small_at_ends_{name}": float(np.mean(share)) for name, share in ends.items()},
    }


def rank_coverage(spread: float, repeats: int = 150, lacking: float = 0.0) -> float:
    """How often the 95 % range of ranks holds the true rank, with true quality spread so far (log-odds) and so many units lacking the hardest
    indicator."""
    covered = []
    for seed in range(1000, 1000 + repeats):
        _, truth, found = simulate(seed, UNITS, spread, lacking=lacking)
        rows = scored(found, units(UNITS), draws=2000).units
        rank = (-truth).argsort().argsort() + 1
        covered.append(((rows["rank_low"] <= rank) & (rank <= rows["rank_high"])).mean())
    return float(np.mean(covered))


def build_city(home: Path) -> None:
    """The fictional city with so many more communities and teams, copies of its own, published."""
    from analytics.refresh import refresh
    from data import operational, town
    from data.deadlines import shipped_rules
    from data.migrations import upgrade_operational
    from data.site import read_site
    from data.workdays import build_calendar

    site = read_site(home)
    upgrade_operational(site.database_url)
    engine = operational.create_engine(site.database_url)
    town.write_town(town.build_town(through=DAY, matters=60_000), engine)
    with engine.begin() as connection:
        communities = (
            connection.exec_driver_sql("SELECT area_code FROM area WHERE level_code = 'community'").scalars().all()
        )
        for code in communities[: ORGANISATIONS - 191]:
            _copy(connection, "area", "area_code", code)
            for kind in ("community", "party"):
                _copy(connection, "organisation", "org_id", f"{kind}-{code}", area_code=f"{code}9")
            for number in _numbers(connection, "matter", "matter_no", "responsible_org_id", f"community-{code}"):
                _copy(
                    connection,
                    "matter",
                    "matter_no",
                    number,
                    area_code=f"{code}9",
                    responsible_org_id=f"community-{code}9",
                )
            _copy_all(connection, "area_profile", "area_code", code)
        teams = connection.exec_driver_sql("SELECT team_id FROM volunteer_team").scalars().all()
        for team in teams[: TEAMS - 180]:
            _copy(connection, "volunteer_team", "team_id", team)
            _copy_all(connection, "team_month", "team_id", team)
            for number in _numbers(connection, "team_activity", "activity_id", "team_id", team):
                _copy(connection, "team_activity", "activity_id", number, team_id=f"{team}9")
    engine.dispose()
    now = datetime.combine(DAY, datetime.min.time()) + timedelta(days=1, hours=6)
    refresh(site, now=now, calendar=build_calendar(None), rules=shipped_rules())


def _numbers(connection: sa.Connection, table: str, key: str, column: str, value: str) -> list[str]:
    from data.operational import contract

    found = contract.tables[table].c
    return list(connection.scalars(sa.select(found[key]).where(found[column] == value)))


def _copy(connection: sa.Connection, table: str, key: str, value: str, **changed: object) -> None:
    from data.operational import contract

    own = contract.tables[table]
    for row in connection.execute(sa.select(own).where(own.c[key] == value)).mappings().all():
        connection.execute(sa.insert(own).values(dict(row) | {key: f"{value}9"} | changed))


_copy_all = _copy


def time_city(home: Path, repeats: int = 3) -> dict[str, float]:
    """Seconds of processor time for all organisations and all teams, with the period before and the questions; and for one card."""
    from analytics.scorecards import period_from, score_card, score_units
    from data.desk import open_desk
    from data.mart import open_mart
    from data.scope import Scope

    mart, desk = open_mart(home / "mart"), open_desk(f"sqlite:///{home / 'desk.db'}")
    month, found = period_from("2026-10", DAY), {}
    for kind in ("party", "volunteer"):
        used = []
        for _ in range(repeats):
            began = time.process_time()
            listed = score_units(mart, desk, Scope(), month, DAY, kind=kind)
            used.append(time.process_time() - began)
        found |= {f"{kind}_units": len(listed.lines), f"{kind}_seconds": min(used)}
        began = time.process_time()
        score_card(mart, desk, Scope(), month, DAY, listed.lines[-1].unit.unit_id, kind=kind)
        found[f"{kind}_card_seconds"] = time.process_time() - began
    return found


if __name__ == "__main__":
    if sys.argv[1] == "simulation":
        print(equal_quality())
        for lacking in (0.0, 1 / 3):
            print(lacking, {spread: rank_coverage(spread, lacking=lacking) for spread in (0.3, 0.6, 1.0)})
    else:
        folder = Path(sys.argv[2])
        if not (folder / "mart").exists():
            build_city(folder)
        print(time_city(folder))
