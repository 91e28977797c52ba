"""A night of judging: every place and subject against its past, on the day, the week and the build-up of four weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.signals.cube import Cube

CHANNELS = ("day", "week", "build_up")
STATES = ("judged", "short_history", "broken", "no_data", "sensitive")


@dataclass(frozen=True)
class NightSettings:
    """How a night is judged.

    `keep_p` is the largest p kept as a row; `half_life_days` after which the past counts half; `cold_days` of history below which a
    node has only its parent's profile; `complete_share` from which a day counts as complete; `busy_mean` matters a week from which a
    street is fitted by itself; `range_pct` of the range shown.
    """

    keep_p: float = 0.05
    half_life_days: int = 730
    cold_days: int = 365
    complete_share: float = 0.95
    busy_mean: float = 1.0
    range_pct: int = 95


@dataclass(frozen=True, eq=False)
class Night:
    """What was judged on one day, from what was known by then.

    `nodes` has one row a node and channel with p ≤ `keep_p` in some channel: level, area_code, kind, category_code, channel,
    window_days, first_on, last_on, method, observed, expected, lower, upper, p, p_node (the node's one calibrated number), correction,
    confidence, reason. `judged` counts nodes by level, method and state; `grey` lists kind, level, area_code and reason where there is
    no data, which is not the same as nothing unusual.
    """

    judged_on: date
    nodes: pd.DataFrame
    judged: pd.DataFrame
    grey: pd.DataFrame


NODE_COLUMNS = (
    "level area_code kind category_code channel window_days first_on last_on method observed expected lower upper p p_node "
    "correction confidence reason"
).split()
JUDGED_COLUMNS = ["level", "method", "state", "nodes"]
GREY_COLUMNS = ["kind", "level", "area_code", "reason"]
SERIES_COLUMNS = ["unit", "on", "observed", "expected", "lower", "upper"]


def judge_night(cube: Cube, *, settings: NightSettings = NightSettings(), judged: int = -1) -> Night:
    """Judge day `judged` of the cube, looking at no later day."""
    raise NotImplementedError


def judge_nights(cube: Cube, days: Sequence[date], *, settings: NightSettings = NightSettings()) -> Iterator[Night]:
    """Judge several days of the cube one after the other, each from what came before it."""
    raise NotImplementedError


def series_of(
    cube: Cube, level: str, area_code: str, kind: str, category_code: str, *, settings: NightSettings = NightSettings()
) -> pd.DataFrame:
    """One node's last 104 weeks and 90 days: unit ("day" or "week"), on (the last day), observed, expected, lower, upper."""
    raise NotImplementedError
