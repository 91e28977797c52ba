"""Log-linear count models: calendar, season and trend, drawn towards what all series share, times the level of late; negative binomial.

Every series is fitted on the same columns. What moves from year to year or is too rare for one series (festivals, days off) is learned
from the sum of all series of the panel; each departs from it as far as the series are seen to differ. How fast the recent level is
followed, and how wide the range is at each distance, is found by replaying the past: from many past ends, what would have been foretold.
The forecast is the geometric mean of models with few and many waves of the year.

Sources: McCullagh & Nelder 1989, chapter 9; Breslow & Clayton 1993, JASA 88:9 (effects that differ by series); Efron & Morris 1975, JASA
70:311 (how far they differ, from the series themselves); Hoeting et al. 1999, Statistical Science 14:382 (weighing models by likelihood).
"""

from dataclasses import dataclass

import numpy as np

from analytics.forecasts.contract import FEWEST, FREQS, HORIZONS, Model, Panel
from analytics.forecasts.distributions import is_whole, log_likelihood, quantiles_of
from analytics.forecasts.features import Design, design_of
from analytics.forecasts.fitting import fit_effects, leverages
from analytics.forecasts.levels import MEMORIES, level_ratios
from analytics.forecasts.pooling import common_effects, dispersion_of, in_own_unit

WAVES = {"D": (0, 1, 3), "W": (1, 3), "M": (2, 5), "Q": (1, 2)}  # of the year, by model
# Past ends from which is replayed: step between them, how many at most, periods before the first.
REPLAYS = {"D": (7, 52, 180), "W": (1, 78, 30), "M": (1, 36, 12), "Q": (1, 16, 6)}
# The last step of each stretch of the horizon with a dispersion of its own.
BANDS = {"D": (7, 14, 28), "W": (4, 12), "M": (2, 6), "Q": (4,)}
FACTORS = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0])  # on what the dispersion exceeds 1 by
OTHERS = 4.0  # how many series the record of a level counts for, beside a series' own
MOST_LEVERAGE = 0.9  # of a period that was fitted
MOST_SERIES = 40  # of a level, from which is learned what they share
FIRST_APART, LEAST_APART, MOST_APART = 0.2, 0.05, 1.0  # shares of an effect's spread


@dataclass(frozen=True, eq=False)
class Learned:
    """Of one number of waves: what the series share (`centre` and `apart` by column), and of each level the `weights` of the memories and
    the `gains` [band, factor] in log-likelihood of each dispersion."""

    centre: dict[str, float]
    apart: dict[str, float]
    weights: dict[str, np.ndarray]
    gains: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class _Fits:
    mean: np.ndarray  # series × periods, those ahead included
    dispersion: np.ndarray
    effects: np.ndarray
    leverage: np.ndarray  # series × periods, those ahead included

    def of(self, own: np.ndarray) -> "_Fits":
        return _Fits(self.mean[own], self.dispersion[own], self.effects[own], self.leverage[own])


def prepare(panel: Panel) -> tuple[Learned, ...]:
    """What all series of a panel together know, for each number of waves."""
    panel, _ = in_own_unit(panel)
    some = np.concatenate(
        [_spaced(np.flatnonzero(np.array(panel.levels) == level)) for level in dict.fromkeys(panel.levels)]
    )
    return tuple(_learn(panel, some, waves) for waves in WAVES[panel.freq])


def _spaced(at: np.ndarray) -> np.ndarray:
    return at[np.unique(np.linspace(0, len(at) - 1, min(len(at), MOST_SERIES)).astype(int))]


def _learn(panel: Panel, some: np.ndarray, waves: int) -> Learned:
    length, horizon = panel.counts.shape[1], HORIZONS[panel.freq]
    design = design_of(panel, 0, waves)
    centre = common_effects(panel, design)
    counts, levels, whole = panel.counts[some], np.array(panel.levels)[some], is_whole(panel.counts[some])
    apart = np.full(len(centre), FIRST_APART)
    fits = _fit(counts, design, centre, apart)
    limit = np.where(np.isfinite(design.spread), design.spread, 1.0)
    apart = np.clip(np.sqrt(((fits.effects - centre) ** 2).mean(axis=0)) / limit, LEAST_APART, MOST_APART)
    fits = _fit(counts, design, centre, apart)
    ends = _ends(panel.freq, length, horizon)
    weights, gains = {}, {}
    for level in dict.fromkeys(levels):
        own = np.flatnonzero(levels == level)
        held = fits.of(own)
        weights[level] = _weigh(panel.freq, counts[own], held, ends, horizon)
        gains[level] = _gains(panel.freq, counts[own], held, ends, horizon, weights[level], whole[own]).mean(axis=0)
    return Learned(
        dict(zip(design.names, centre, strict=True)), dict(zip(design.names, apart, strict=True)), weights, gains
    )


def _fit(counts: np.ndarray, design: Design, centre: np.ndarray, apart: np.ndarray) -> _Fits:
    length = counts.shape[1]
    known = np.isfinite(counts).astype(float)
    spread = np.where(np.isfinite(design.spread), np.maximum(apart, LEAST_APART) * design.spread, np.inf)
    centres, precision = np.tile(centre, (len(counts), 1)), np.tile(1 / spread**2, (len(counts), 1))
    dispersion = np.ones(len(counts))
    for _ in range(2):
        effects = fit_effects(counts, design.rows[:length], centres, precision, dispersion, known)
        mean = np.exp(np.clip(effects @ design.rows.T, -25, 25))
        spent = (leverages(effects, design.rows[:length], precision, dispersion, known) * known).sum(axis=1)
        dispersion = dispersion_of(counts, mean[:, :length], known, spent)
    return _Fits(mean, dispersion, effects, leverages(effects, design.rows, precision, dispersion, known))


def _ends(freq: str, length: int, horizon: int) -> np.ndarray:
    """The past periods from which the forecast is replayed."""
    step, most, first = REPLAYS[freq]
    ends = length - 1 - horizon - step * np.arange(most)
    return ends[ends >= first][::-1]


def _replayed(
    counts: np.ndarray, fits: _Fits, ends: np.ndarray, horizon: int, freq: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts and fitted means [series, end, period ahead], and the level ratios by memory [memory, series, end, period ahead]."""
    at = ends[:, None] + 1 + np.arange(horizon)
    known, length = np.isfinite(counts), counts.shape[1]
    held = np.where(known, counts, 0.0), np.where(known, fits.mean[:, :length], 0.0)
    ratios = [level_ratios(*held, fits.dispersion, ends, horizon, memory) for memory in MEMORIES[freq]]
    return counts[:, at], fits.mean[:, at], np.stack(ratios)


def _weigh(freq: str, counts: np.ndarray, fits: _Fits, ends: np.ndarray, horizon: int) -> np.ndarray:
    """Weights of the memories of one level, by the quasi-likelihood of what they would have foretold; alike without a past to replay."""
    number = len(MEMORIES[freq])
    if not len(ends):
        return np.full(number, 1 / number)
    seen, mean, ratios = _replayed(counts, fits, ends, horizon, freq)
    known = np.isfinite(seen)
    with np.errstate(all="ignore"):
        foretold = np.log(mean)[None] + ratios
        loss = np.where(known, np.exp(foretold) - seen * foretold, 0.0).sum(axis=(2, 3))
    loss = (loss / fits.dispersion).mean(axis=1) * min(len(counts), OTHERS) / horizon
    weight = np.exp(loss.min() - loss)
    return weight / weight.sum()


def _gains(
    freq: str, counts: np.ndarray, fits: _Fits, ends: np.ndarray, horizon: int, weights: np.ndarray, whole: np.ndarray
) -> np.ndarray:
    """Log-likelihood [series, band, factor] of what would have been foretold with each dispersion; days of one band tell of each other."""
    bands = BANDS[freq]
    found = np.zeros((len(counts), len(bands), len(FACTORS)))
    if not len(ends):
        return found - np.abs(np.log(np.maximum(FACTORS, 0.01)))
    seen, mean, ratios = _replayed(counts, fits, ends, horizon, freq)
    mean = mean * np.exp(np.tensordot(weights, ratios, 1))
    left = 1 - np.minimum(fits.leverage[:, ends[:, None] + 1 + np.arange(horizon)], MOST_LEVERAGE)  # the fit saw them
    for place, factor in enumerate(FACTORS):
        spread = _widened(fits.dispersion, factor, whole)[:, None, None] * left
        likely = np.where(np.isfinite(seen), log_likelihood(seen, mean, spread, whole), 0.0)
        for number, (first, last) in enumerate(zip((0, *bands), bands, strict=False)):
            found[:, number, place] = likely[:, :, first:last].sum(axis=(1, 2)) / np.sqrt(last - first)
    return found


def _widened(dispersion: np.ndarray, factor: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole, 1 + factor * (dispersion - 1), np.maximum(factor, 0.05) * dispersion)


def forecast(panel: Panel, horizon: int, shared: tuple[Learned, ...]) -> np.ndarray:
    """Quantiles of the coming periods; a series with too few known periods is refused."""
    return quantiles_of(*moments(panel, horizon, shared), is_whole(panel.counts))


def moments(panel: Panel, horizon: int, shared: tuple[Learned, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Means and dispersions (variance over mean) [series, horizon] of the coming periods: geometric means over the numbers of waves."""
    whole, levels = is_whole(panel.counts), np.array(panel.levels)
    panel, unit = in_own_unit(panel)
    usable = np.isfinite(panel.counts).sum(axis=1) >= FEWEST[panel.freq]
    found = [
        _one(panel, horizon, one, waves, whole, levels) for one, waves in zip(shared, WAVES[panel.freq], strict=True)
    ]
    mean = unit * np.exp(np.mean([log_mean for log_mean, _ in found], axis=0))
    return np.where(usable[:, None], mean, np.nan), unit * np.exp(np.mean([np.log(one) for _, one in found], axis=0))


def _one(
    panel: Panel, horizon: int, learned: Learned, waves: int, whole: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log means and dispersions [series, horizon] with so many waves of the year."""
    freq, counts, length = panel.freq, panel.counts, panel.counts.shape[1]
    design = design_of(panel, horizon, waves)
    centre = np.array([learned.centre.get(name, 0.0) for name in design.names])
    fits = _fit(counts, design, centre, np.array([learned.apart.get(name, LEAST_APART) for name in design.names]))
    now, ends = np.array([length - 1]), _ends(freq, length, HORIZONS[freq])
    log_mean = np.log(fits.mean[:, length:])
    spread = np.ones((len(counts), horizon))
    edges = np.searchsorted(BANDS[freq], np.arange(1, horizon + 1))
    bands = np.minimum(edges, len(BANDS[freq]) - 1)
    for level in dict.fromkeys(panel.levels):
        own = np.flatnonzero(levels == level)
        held = fits.of(own)
        weights = learned.weights.get(level, next(iter(learned.weights.values())))
        gains = _gains(freq, counts[own], held, ends, HORIZONS[freq], weights, whole[own])
        gains = gains + OTHERS * learned.gains.get(level, next(iter(learned.gains.values())))
        factor = FACTORS[gains.argmax(axis=2)]
        spread[own] = _widened(held.dispersion[:, None], factor[:, bands], whole[own, None])
        spread[own] *= 1 + held.leverage[:, length:]
        known = np.isfinite(counts[own])
        past = np.where(known, counts[own], 0.0), np.where(known, held.mean[:, :length], 0.0)
        ratios = [level_ratios(*past, held.dispersion, now, horizon, memory)[:, 0] for memory in MEMORIES[freq]]
        log_mean[own] += np.tensordot(weights, np.stack(ratios), 1)
    return log_mean, spread


COUNT_GLM = Model("count_glm", FREQS, forecast, prepare)
