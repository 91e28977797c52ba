"""What a night found, as rows: one a node and channel, and how many nodes were judged in which way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.signals.breaks import REASONS
from analytics.signals.busy import Busy, count_range
from analytics.signals.cube import Cube
from analytics.signals.night_settings import NightSettings

STATES = ("judged", "short_history", "broken", "no_data", "sensitive")
JUDGED, SHORT, BROKEN, NO_DATA, SENSITIVE = range(5)
NODE_COLUMNS = [
    *("level", "area_code", "kind", "category_code", "channel", "window_days", "first_on", "last_on", "method"),
    *("observed", "expected", "lower", "upper", "p", "p_node", "correction", "confidence", "reason"),
]
JUDGED_COLUMNS = ["level", "method", "state", "nodes"]
GREY_COLUMNS = ["kind", "level", "area_code", "reason"]
REASON_KEYS = {None: "short_history", "cold_start": "cold_start", "gap_in_history": "broken", "level_shift": "broken"}
DAY, WEEK = 0, 1


@dataclass(frozen=True, eq=False)
class LevelJudged:
    """One level of a night: arrays [place, subject, window] of the judged subjects; `back` and `complete` [subject(, window)]."""

    level: str
    subjects: np.ndarray
    observed: np.ndarray
    mean: np.ndarray
    dispersion: np.ndarray
    p: np.ndarray
    p_node: np.ndarray
    windows: Sequence[int]
    back: np.ndarray
    complete: np.ndarray
    state: np.ndarray
    reason: np.ndarray
    busy: Busy | None


def node_rows(cube: Cube, one: LevelJudged, settings: NightSettings) -> pd.DataFrame:
    """Rows of the nodes with a p of `keep_p` or less in some channel: day, week and the more surprising build-up."""
    p = np.where(np.isnan(one.p), 1.0, one.p)
    place, subject = np.nonzero((p <= settings.keep_p).any(axis=2))
    built = 2 + (p[place, subject, 2:]).argmin(axis=1)
    parts = [
        _channel(cube, one, settings, name, place, subject, window)
        for name, window in (
            ("day", np.full(len(place), DAY)),
            ("week", np.full(len(place), WEEK)),
            ("build_up", built),
        )
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values(["node", "order"], kind="stable")[NODE_COLUMNS].reset_index(drop=True)


def _channel(
    cube: Cube,
    one: LevelJudged,
    settings: NightSettings,
    channel: str,
    place: np.ndarray,
    subject: np.ndarray,
    window: np.ndarray,
) -> pd.DataFrame:
    node = np.arange(len(place))
    judged = ~np.isnan(one.p[place, subject, window])
    place, subject, window, node = place[judged], subject[judged], window[judged], node[judged]
    at = place, subject, window
    mean, dispersion = one.mean[at], one.dispersion[at]
    is_top = one.level == cube.levels[-1]
    method = np.full(len(place), "count_glm" if is_top else "pooled", dtype=object)
    if channel == "week" and one.busy is not None:
        own = one.busy.own[place, subject]
        method[own] = "farrington_improved"
        mean = np.where(own, one.busy.expected[place, subject], mean)
        dispersion = np.where(own, one.busy.dispersion[place, subject], dispersion)
    lower, upper = count_range(mean, dispersion, settings.range_pct)
    back = one.back[subject] if channel == "day" else np.zeros(len(place), dtype=int)
    days = np.array(one.windows)[window]
    last = cube.days[-1] - back.astype("timedelta64[D]")
    complete = one.complete[subject, window]
    short = one.state[place, subject] == SHORT
    why = np.array([REASON_KEYS[reason] for reason in REASONS], dtype=object)[one.reason[place, subject]]
    pairs = np.array(cube.subjects, dtype=object)[one.subjects[subject]].reshape(-1, 2)
    return pd.DataFrame(
        {
            "node": node,
            "order": ("day", "week", "build_up").index(channel),
            "level": one.level,
            "area_code": cube.areas[one.level][place],
            "kind": pairs[:, 0],
            "category_code": pairs[:, 1],
            "channel": channel,
            "window_days": days,
            "first_on": (last - (days - 1).astype("timedelta64[D]")).astype("datetime64[us]"),
            "last_on": last.astype("datetime64[us]"),
            "method": method,
            "observed": one.observed[at],
            "expected": mean,
            "lower": np.minimum(lower, np.floor(mean)).astype(np.int64),
            "upper": np.maximum(upper, np.ceil(mean)).astype(np.int64),
            "p": one.p[at],
            "p_node": one.p_node[place, subject],
            "correction": np.where(back > 0, "earlier_day", np.where(complete, "complete", "delay_corrected")),
            "confidence": np.where(short, "low", "normal"),
            "reason": np.where(short, why, None),
        }
    )


def coverage_rows(cube: Cube, one: LevelJudged) -> list[tuple[str, str, str, int]]:
    """How many nodes of a level were judged by which method, and why the others were not."""
    usual = "count_glm" if one.level == cube.levels[-1] else "pooled"
    busy = np.zeros(one.state.shape, bool) if one.busy is None else one.busy.is_busy
    rows = []
    for method, where in ((usual, ~busy), ("farrington_improved", busy)):
        for number, state in enumerate(STATES[:SENSITIVE]):
            nodes = int(((one.state == number) & where).sum())
            rows += [(one.level, method, state, nodes)] if nodes else []
    left_out = (len(cube.subjects) - len(one.subjects)) * len(cube.areas[one.level])
    return rows + ([(one.level, usual, STATES[SENSITIVE], left_out)] if left_out else [])
