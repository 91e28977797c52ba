"""A wholly fictional city for demo and tests: invented names, codes no real place has, one seed, any size.

Nothing in it is a person or a real place. What was planted in it can be listed, so that what detectors find can be
checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from data.categories import shipped_categories
from data.town.arrivals import Plan, build_plan
from data.town.days import build_days
from data.town.matters import Block, list_planted, stream_blocks
from data.town.organisations import build_organisations
from data.town.places import build_places
from data.town.store import write_town
from data.town.subjects import read_subjects
from data.town.work import build_work

__all__ = ["Town", "build_town", "write_town"]

TRUTH = (
    "surge_no", "kind", "area_code", "level_code", "category_code", "first_on", "last_on", "expected", "extra",
)  # fmt: skip


@dataclass(frozen=True)
class Town:
    """One fictional city.

    `tables` holds every small table of the contract by name; matters, their topics and the leader cases that belong
    to one matter are streamed. `truth` has one row a planted surge: `surge_no, kind, area_code, level_code,
    category_code, first_on, last_on, expected, extra`, where `extra` matters, all of them in the stream, lie on top
    of the `expected` ones. `matters` is how many were asked for: those that reach the database only after `through`
    are not in the stream.
    """

    seed: int
    first_on: date
    through: date
    matters: int
    tables: dict[str, pd.DataFrame] = field(repr=False)
    truth: pd.DataFrame = field(repr=False)
    plan: Plan = field(repr=False)

    @property
    def moment(self) -> datetime:
        """The close of `through`: nothing later is known."""
        return datetime.combine(self.through + timedelta(days=1), time())

    def blocks(self) -> Iterator[Block]:
        """Matters, topics and leader cases together, block after block of days; each call begins anew."""
        return stream_blocks(self.plan)

    def matter_batches(self) -> Iterator[pa.RecordBatch]:
        """The matters in order of registration, with exactly the columns of `operational.matter`."""
        return (block.matter for block in self.blocks())

    def topic_batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of `operational.matter_topic`."""
        return (block.matter_topic for block in self.blocks())

    def case_batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of `operational.leader_case` with one matter; `tables` has those of a whole place."""
        return (block.leader_case for block in self.blocks())

    def planted(self) -> pd.DataFrame:
        """The matters of the planted surges: `surge_no`, `matter_no`."""
        return list_planted(self.plan)


def build_town(*, seed: int = 20260101, through: date, matters: int = 60_000, years: int = 3) -> Town:
    """A city with `years` years of matters up to the close of `through`; the same arguments give the same rows.

    Raises ValueError when there is nothing to build (`matters` or `years` below 1).
    """
    if matters < 1 or years < 1:
        raise ValueError("a town needs at least one matter and one year")
    first_on = (pd.Timestamp(through) - pd.DateOffset(years=years)).date() + timedelta(days=1)
    days = build_days(first_on, through)
    streams = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, part))) for part in range(2)]
    places = build_places(streams[0], first_on)
    organisations = build_organisations(streams[1], places, first_on)
    plan = build_plan(seed, matters, days, places, organisations, read_subjects(shipped_categories()))
    return Town(
        seed=seed,
        first_on=first_on,
        through=through,
        matters=matters,
        tables={"area": places.areas, "organisation": organisations.table, **build_work(plan)},
        truth=plan.surges.reindex(columns=list(TRUTH)),
        plan=plan,
    )
