"""Log-linear count models: calendar, season and trend, drawn towards what all series share, times the level of late; negative binomial.

Every series is fitted on the same columns. What moves from year to year or is too rare for one series (festivals, days off) is learned
from the sum of all series of the panel and each series departs from it as far as its own counts carry.
"""

from dataclasses import dataclass

import numpy as np

from analytics.forecasts.contract import FREQS, Model, Panel
from analytics.forecasts.distributions import is_whole, quantiles_of
from analytics.forecasts.features import design_of
from analytics.forecasts.fitting import fit_effects

MEMORY = {"D": 42.0, "W": 8.0, "M": 5.0, "Q": 4.0}  # periods after which the recent level counts half
LEVEL_PRIOR = 10.0  # counts (times the dispersion) that hold the recent level at the fitted one
APART = 0.5  # how far a series departs from the shared effects, as a share of how far an effect may go
FEWEST = {"D": 56, "W": 16, "M": 12, "Q": 6}


@dataclass(frozen=True)
class Shared:
    """The effects that the sum of all series shows, by name of the column."""

    effects: dict[str, float]


def prepare(panel: Panel) -> Shared:
    """What the sum of all series of the panel knows of the calendar."""
    design = design_of(panel, 1)
    total = np.nansum(panel.counts, axis=0)[None]
    weights = np.isfinite(panel.counts).any(axis=0)[None].astype(float)
    length = total.shape[1]
    precision = np.where(np.isfinite(design.spread), 1 / design.spread**2, 0.0)[None]
    dispersion = np.ones(1)
    for _ in range(2):
        effects = fit_effects(
            total, design.rows[:length], np.zeros((1, len(design.spread))), precision, dispersion, weights
        )
        mean = np.exp(effects @ design.rows[:length].T)
        dispersion = np.maximum((weights * (total - mean) ** 2 / mean).sum(axis=1) / max(weights.sum() - 30, 10), 1.0)
    return Shared(dict(zip(design.names, effects[0].tolist(), strict=True)))


def forecast(panel: Panel, horizon: int, shared: Shared) -> np.ndarray:
    """Quantiles of the coming periods."""
    counts, length = panel.counts, panel.counts.shape[1]
    design = design_of(panel, horizon)
    known = np.isfinite(counts)
    weights = known.astype(float)
    usable = known.sum(axis=1) >= FEWEST[panel.freq]
    centre = np.array([shared.effects.get(name, 0.0) if at > 1 else 0.0 for at, name in enumerate(design.names)])
    precision = np.where(np.isfinite(design.spread), 1 / (APART * design.spread) ** 2, 0.0)
    centre, precision = (np.broadcast_to(one, (len(counts), len(centre))).copy() for one in (centre, precision))
    dispersion = np.ones(len(counts))
    for _ in range(2):
        effects = fit_effects(counts, design.rows[:length], centre, precision, dispersion, weights)
        mean = np.exp(np.minimum(effects @ design.rows.T, 25.0))
        squares = np.where(known, (counts - mean[:, :length]) ** 2 / np.maximum(mean[:, :length], 1e-9), 0.0)
        dispersion = np.maximum(squares.sum(axis=1) / np.maximum(known.sum(axis=1) - 15, 5), 1.0)
    age = 0.5 ** (np.arange(length)[::-1] / MEMORY[panel.freq])
    seen = (age * np.where(known, counts, 0.0)).sum(axis=1)
    held = (age * known * mean[:, :length]).sum(axis=1)
    prior = LEVEL_PRIOR * dispersion
    ratio = (seen + prior) / (held + prior)
    ahead = mean[:, length:] * ratio[:, None]
    whole = is_whole(counts)
    spread = np.where(whole, 1 + 0.65 * (dispersion - 1), dispersion)[:, None]
    return quantiles_of(np.where(usable[:, None], ahead, np.nan), np.broadcast_to(spread, ahead.shape), whole)


COUNT_GLM = Model("count_glm", FREQS, forecast, prepare)
