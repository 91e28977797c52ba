"""Which part of a history a forecast may stand on: what lies before a silence, a late start or a new level is shown, and not used.

Breaks are those of the signals (analytics/signals/breaks.py), looked for against the series' own course over the year. A silence that
lasts to the end is a recording that stopped: no forecast is made of it.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from analytics.forecasts.contract import FEWEST, Panel
from analytics.forecasts.fitting import fit_effects
from analytics.signals.breaks import NONE, REASONS, SHIFT, find_breaks

USABLE, SHORTENED, REFUSED = "usable", "shortened", "refused"
NO_HISTORY, TOO_SHORT, STOPPED = "no_history", "history_too_short", "recording_stopped"
BLOCK = {"D": 7, "W": 1, "M": 1, "Q": 1}
PER_YEAR = {"D": 365.25 / 7, "W": 365.25 / 7, "M": 12.0, "Q": 4.0}  # blocks
LARGEST_LEFT_OUT = 3  # changes from block to block that no dispersion is told by: a break makes two, and its return
NEAR, ABRUPT = 13, 2.0  # blocks on either side of a shift, and how far at least they lie apart: a trend is no shift
LASTING = 26  # blocks a new level must have lasted: a surge is no shift, and the level of late follows either
WAVE_SPREAD = 0.4


@dataclass(frozen=True)
class History:
    """What can be said of one series' past: `state` (`usable`, `shortened`: from a later day on; `refused`), the `reason` where it is not
    all usable, and the day from which it is.
    """

    state: str
    reason: str | None
    usable_from: date | None


def read_histories(panel: Panel) -> tuple[History, ...]:
    """What can be said of the past of each series of a panel, in its order."""
    known = np.isfinite(panel.counts)
    first, reason, stopped = _breaks(panel)
    starts = panel.starts.astype("datetime64[D]")
    found = []
    for own, begin, why, is_silent in zip(known, first, reason, stopped, strict=True):
        begins = max(int(begin), int(own.argmax()))
        if not own.any():
            found.append(History(REFUSED, NO_HISTORY, None))
        elif is_silent:
            found.append(History(REFUSED, STOPPED, None))
        elif own[begins:].sum() < FEWEST[panel.freq]:
            found.append(History(REFUSED, REASONS[why] or TOO_SHORT, None))
        else:
            state = USABLE if why == NONE else SHORTENED
            found.append(History(state, REASONS[why], starts[begins].astype(object)))
    return tuple(found)


def usable(panel: Panel, histories: tuple[History, ...]) -> Panel:
    """The panel without what its series cannot stand on: NaN before the day each is usable from, and all of a refused one.

    >>> from analytics.signals.calendar_effects import day_features
    >>> days = np.arange("2026-01-05", "2026-01-08", dtype="datetime64[D]")
    >>> panel = Panel("D", days, ("a", "b"), ("city", "city"), np.ones((2, 3)), days, day_features(days, np.ones(3), [None] * 3, []))
    >>> told = History(SHORTENED, "level_shift", date(2026, 1, 6)), History(REFUSED, "no_history", None)
    >>> usable(panel, told).counts.tolist()
    [[nan, 1.0, 1.0], [nan, nan, nan]]
    """
    if all(one.state == USABLE for one in histories):
        return panel
    begins = np.array([one.usable_from or date.max for one in histories], dtype="datetime64[D]")
    early = panel.starts.astype("datetime64[D]")[None] < begins[:, None]
    return replace(panel, counts=np.where(early, np.nan, panel.counts))


def _breaks(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first usable period of each series, why (a position in `REASONS`), and whether it is silent still."""
    block, (series, length) = BLOCK[panel.freq], panel.counts.shape
    first, reason, stopped = np.zeros(series, dtype=int), np.zeros(series, dtype=int), np.zeros(series, dtype=bool)
    number = length // block
    if not series or number < 2:
        return first, reason, stopped
    late = length - number * block
    known = np.isfinite(panel.counts)
    blocks = np.where(known, panel.counts, 0.0)[:, late:].reshape(series, number, block).sum(axis=2)
    exposure = known[:, late:].reshape(series, number, block).mean(axis=2)
    curve = _course(blocks, exposure, PER_YEAR[panel.freq])
    rate = blocks.sum(axis=1) / np.maximum(curve.sum(axis=1), 1e-9)
    found = find_breaks(blocks[None], rate[None], curve, _dispersion(blocks, rate[:, None] * curve))
    reason, begins = found.reason[0].astype(int), found.usable_from[0]
    unsure = (reason == SHIFT) & ~(_is_step(blocks, curve, begins) & (begins <= number - LASTING))
    reason, begins = np.where(unsure, NONE, reason), np.where(unsure, 0, begins)
    return np.where(begins > 0, late + begins * block, 0), reason, found.is_silent[0]


def _course(blocks: np.ndarray, exposure: np.ndarray, per_year: float) -> np.ndarray:
    """Each series' course over the year, two waves of it, where there are two years to tell it from; flat where there are not."""
    number = blocks.shape[1]
    if number < 2 * per_year:
        return exposure
    phase = 2 * np.pi * np.arange(number) / per_year
    rows = np.column_stack([np.ones(number), *(turn(n * phase) for n in (1, 2) for turn in (np.cos, np.sin))])
    precision = np.tile([0.0, *[1 / WAVE_SPREAD**2] * 4], (len(blocks), 1))
    dispersion = _dispersion(blocks, blocks.mean(axis=1, keepdims=True) * np.ones(number))
    weights = np.maximum(exposure, 0.0)
    seen = np.where(weights > 0, blocks / np.maximum(weights, 1e-9), 0.0)
    effects = fit_effects(seen, rows, np.zeros((len(blocks), 5)), precision, dispersion, weights)
    return exposure * np.exp(effects[:, 1:] @ rows[:, 1:].T)


def _dispersion(blocks: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Variance over mean from changes between neighbours, the largest few left out; 1 at least."""
    squares = np.sort(np.diff(blocks, axis=1) ** 2 / 2, axis=1)
    kept = max(squares.shape[1] - LARGEST_LEFT_OUT, 1)
    return np.maximum(squares[:, :kept].mean(axis=1) / np.maximum(mean.mean(axis=1), 1e-9), 1.0)


def _is_step(blocks: np.ndarray, curve: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether the level right after a shift, and the last one, lie as far from the one right before it as a step's would."""
    number = blocks.shape[1]
    place = np.arange(number)[None] - at[:, None]
    before = _log_level(blocks, curve, (place >= -NEAR) & (place < 0))
    after = _log_level(blocks, curve, (place >= 0) & (place < NEAR)) - before
    now = _log_level(blocks, curve, np.broadcast_to(np.arange(number) >= number - NEAR, blocks.shape)) - before
    limit = np.log(ABRUPT)
    return (np.abs(after) >= limit) & (np.abs(now) >= limit) & (np.sign(after) == np.sign(now))


def _log_level(blocks: np.ndarray, curve: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.log(((blocks * at).sum(axis=1) + 0.5) / ((curve * at).sum(axis=1) + 1e-9))
