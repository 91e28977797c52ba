"""The count model and exponential smoothing as one: the geometric mean of their means, with the spread that the count model learned
(for months and quarters, the geometric mean of both spreads).

Counts are averaged before their distribution is taken, not after: a mean of two quantiles of small counts is no quantile of a count.
Source of averaging at all: Bates & Granger 1969, Operational Research Quarterly 20:451; of the geometric mean for rates that multiply,
Genest & Zidek 1986, Statistical Science 1:114 (logarithmic pool).
"""

import numpy as np

from analytics.forecasts.contract import FREQS, Model, Panel
from analytics.forecasts.distributions import is_whole, quantiles_of
from analytics.forecasts.models import count_glm, ets

SMOOTHING_SHARE = {"D": 1 / 3, "W": 1 / 2, "M": 1 / 2, "Q": 1 / 2}

OWN_SPREAD = "MQ"  # where the past is too short to replay, both say how wide


def prepare(panel: Panel) -> tuple[object, object]:
    """What either model learns from all series of the panel."""
    return count_glm.prepare(panel), ets.prepare(panel)


def forecast(panel: Panel, horizon: int, shared: tuple[object, object]) -> np.ndarray:
    """Quantiles of the coming periods; where smoothing refuses a series, the count model stands alone."""
    mean, dispersion = count_glm.moments(panel, horizon, shared[0])
    other, wide = ets.moments(panel, horizon, shared[1])
    share = SMOOTHING_SHARE[panel.freq]
    both = np.isfinite(mean) & np.isfinite(other)
    with np.errstate(all="ignore"):
        blended = np.exp((1 - share) * np.log(mean) + share * np.log(other))
        if panel.freq in OWN_SPREAD:
            dispersion = np.where(both, np.sqrt(dispersion * wide), dispersion)
    return quantiles_of(np.where(both, blended, mean), dispersion, is_whole(panel.counts))


BLEND = Model("blend", FREQS, forecast, prepare)
