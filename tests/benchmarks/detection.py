"""How long a whole night takes for a large city, in processor seconds of one core (OMP_NUM_THREADS=1): the machine may be shared."""

import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from analytics.signals.cube import Cube, sum_up
from analytics.signals.episodes import advance, no_episodes
from analytics.signals.nightly import judge_night
from analytics.signals.shortlist import shortlist
from analytics.warnings.clusters import find_clusters
from analytics.warnings.reading import features_of
from data.workdays import build_calendar

COMMUNITIES, PER_STREET, PER_DISTRICT, SUBJECTS, DAYS = 1_000, 10, 10, 40, 3 * 365
A_DAY = 400  # matters in the whole city
LEVELS = ("community", "street", "district", "city")
KINDS = ("dispute", "hotline", "petition")
LAST = np.datetime64("2025-12-31")


def simulated_cube(seed: int = 1) -> Cube:
    """Three years of a city of 1,000 communities and 40 subjects: weekday, season, places and subjects of very different size."""
    chance = np.random.default_rng(seed)
    days = LAST - np.arange(DAYS)[::-1]
    features = features_of(days, build_calendar())
    by_day = np.where(features.is_workday, 1.1, 0.7) * (1 + 0.2 * np.sin(2 * np.pi * np.arange(DAYS) / 365.25))
    place = chance.gamma(2, 0.5, COMMUNITIES)
    subject = np.exp(chance.normal(0, 1, SUBJECTS))
    mean = A_DAY * np.outer(place / place.sum(), subject / subject.sum())
    counts = {"community": np.stack([chance.poisson(row[:, None] * by_day).astype(np.int32) for row in mean])}
    sizes = (COMMUNITIES, COMMUNITIES // PER_STREET, COMMUNITIES // PER_STREET // PER_DISTRICT, 1)
    steps = (PER_STREET, PER_DISTRICT, sizes[2])
    parents = {level: np.arange(size) // step for level, size, step in zip(LEVELS, sizes, steps, strict=False)}
    for below, above, size in zip(LEVELS, LEVELS[1:], sizes[1:], strict=False):
        counts[above] = sum_up(counts[below], parents[below], size)
    areas = {
        level: np.array([f"{level[0]}{n:04d}" for n in range(size)]) for level, size in zip(LEVELS, sizes, strict=True)
    }
    subjects = tuple((KINDS[n % 3], f"S{n:02d}") for n in range(SUBJECTS))
    return Cube(
        days, LEVELS, areas, parents, subjects, np.zeros(SUBJECTS, dtype=bool), counts, np.ones((SUBJECTS, DAYS)), features
    )  # fmt: skip


def tree_of(cube: Cube) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """The areas in pre-order, as the mart holds them, and the area above each."""
    rows: list[dict] = []
    above: dict[str, str | None] = {}

    def lay(level: int, place: int, parent: str | None) -> None:
        row = {"area_code": str(cube.areas[LEVELS[level]][place]), "level_code": LEVELS[level], "pos": len(rows)}
        above[row["area_code"]] = parent
        rows.append(row)
        if level:
            for child in np.flatnonzero(cube.parents[LEVELS[level - 1]] == place):
                lay(level - 1, int(child), row["area_code"])
        row["last_pos"] = len(rows) - 1

    lay(len(LEVELS) - 1, 0, None)
    return pd.DataFrame(rows), above


def night_seconds() -> dict[str, float]:
    """Processor seconds of a night's parts: judging every node, the scan over neighbours, short list and episodes; and of all."""
    cube = simulated_cube()
    tree, above = tree_of(cube)
    chance = np.random.default_rng(2)
    centres = {
        code: (float(x), float(y))
        for code, (x, y) in zip(tree["area_code"], chance.random((len(tree), 2)), strict=True)
    }
    day: date = cube.days[-1].astype(object)
    judge, night = _used(lambda: judge_night(cube))
    scan, _ = _used(lambda: find_clusters(cube, tree, centres))
    listing, _ = _used(lambda: advance(no_episodes(), shortlist(night.nodes, night.judged, above, day), day))
    nodes = int(night.judged["nodes"].sum())
    return {"nodes": nodes, "judge": judge, "scan": scan, "listing": listing, "night": judge + scan + listing}


def _used(run: Callable[[], object]) -> tuple[float, object]:
    began = time.process_time()
    found = run()
    return time.process_time() - began, found
