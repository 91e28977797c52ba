"""Small numbers never decide: rates and means drawn towards the peers by as much as their denominators leave open, with draws for ranks.

Rates: the beta–binomial model (Griffiths 1973, Biometrics 29:637), its mean and strength weighed by the marginal likelihood on a fixed grid
under the uniform-shrinkage prior (Christiansen & Morris 1997, JASA 92:618; Daniels 1999, Can. J. Statist. 27:567), so that what is not
known about the peers enters the intervals and ranks too (Laird & Louis 1987, JASA 82:739). Means: the normal model, with the same weighing
of the spread between units (DerSimonian & Laird 1986, Control. Clin. Trials 7:177, has the model). Every array has the same order of units.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

STRENGTHS = np.geomspace(2.0, 2000.0, 16)  # of the peers, in items
STEPS = np.linspace(-3.0, 3.0, 13)  # of the peers' mean, in standard errors around the pooled one
SPREADS = np.concatenate([[0.0], np.geomspace(0.25, 16.0, 15)])  # between units' means, in points


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What the peers' model says of each unit: `point` (0–1), `draws` [draw, unit], and of the peers `mean` and its draws.

    `alpha` and `beta` (rates) or `spread` (means) are what a recount by hand needs; NaN where the model has none.
    """

    point: np.ndarray
    draws: np.ndarray
    mean: float
    mean_draws: np.ndarray
    alpha: float = np.nan
    beta: float = np.nan
    spread: float = np.nan


def beta_binomial_loglik(met: np.ndarray, whole: np.ndarray, mean: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Log marginal likelihood of counts at each mean and strength (α = mean · strength), without the binomial coefficients.

    >>> one = beta_binomial_loglik(np.array([1.0]), np.array([2.0]), np.array([0.5]), np.array([2.0]))
    >>> round(float(np.exp(one[0])) * 2, 4)
    0.3333
    """
    alpha, beta = mean * strength, (1 - mean) * strength
    met, whole = met[:, None], whole[:, None]
    terms = special.betaln(met + alpha, whole - met + beta) - special.betaln(alpha, beta)
    return terms.sum(axis=0)


def shrink_rates(
    met: np.ndarray,
    whole: np.ndarray,
    draws: int,
    seed: int,
    *,
    rated: np.ndarray | bool = True,
    estimate_from: int = 8,
    strength: float = 20.0,
) -> Shrunk:
    """Rates of one peer group, shrunk: (met + α) / (whole + α + β).

    Units without a denominator, and those not `rated`, are drawn from the peers alone. With fewer than `estimate_from` units that have one, the spread cannot be
    estimated: the strength is then the fixed one, at the pooled mean. `draws` may be 0.
    """
    met, whole = np.asarray(met, dtype=float), np.asarray(whole, dtype=float)
    counted = whole > 0
    total = whole.sum()
    pooled = (met.sum() + 0.5) / (total + 1.0)
    if counted.sum() < estimate_from:
        means, strengths, weights = np.array([pooled]), np.array([strength]), np.array([1.0])
    else:
        means, strengths, weights = _weigh_rates(met[counted], whole[counted], pooled)
    typical = float(np.median(whole[counted])) if counted.any() else 1.0
    mean = float(weights @ means)
    kept = float(weights @ (strengths / (strengths + typical)))  # share of the way to the peers, at a usual denominator
    alpha, beta = mean * typical * kept / (1 - kept), (1 - mean) * typical * kept / (1 - kept)
    point = (met + alpha) / (whole + alpha + beta)
    random = np.random.default_rng(seed)
    cell = random.choice(len(weights), size=draws, p=weights)
    a = (means * strengths)[cell][:, None]
    b = ((1 - means) * strengths)[cell][:, None]
    own = np.where(rated, 1.0, 0.0)
    drawn = random.beta(a + own * met, b + own * (whole - met)) if draws else np.empty((0, len(met)))
    return Shrunk(point, drawn, mean, means[cell], alpha, beta)


def _weigh_rates(met: np.ndarray, whole: np.ndarray, pooled: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The grid of peers' means and strengths with the weight of each cell."""
    typical = float(np.median(whole))
    means, strengths, prior = [], [], []
    for one in STRENGTHS:
        each = pooled * (1 - pooled) * (whole + one) / (whole * (one + 1))  # variance of a unit's rate
        error = np.sqrt(1 / np.sum(1 / each))
        spot = pooled + STEPS * error
        means.append(np.clip(spot, 1e-4, 1 - 1e-4))
        strengths.append(np.full(len(STEPS), one))
        # Uniform in shrinkage, on a grid even in the logarithm; and in the mean, by the width of its steps.
        prior.append(np.full(len(STEPS), np.log(one * typical / (one + typical) ** 2) + np.log(error)))
    means, strengths = np.concatenate(means), np.concatenate(strengths)
    height = beta_binomial_loglik(met, whole, means, strengths) + np.concatenate(prior)
    weights = np.exp(height - height.max())
    return means, strengths, weights / weights.sum()


def shrink_means(
    mean: np.ndarray,
    variance: np.ndarray,
    draws: int,
    seed: int,
    *,
    rated: np.ndarray | bool = True,
    estimate_from: int = 8,
    spread: float = 4.0,
) -> Shrunk:
    """Means of answers (points) of one peer group, shrunk by their variances; NaN where there is none.

    Units without one, and those not `rated`, are drawn from the peers alone. With fewer than `estimate_from` units the spread between them is
    the fixed one.
    """
    mean, variance = np.asarray(mean, dtype=float), np.asarray(variance, dtype=float)
    known = np.isfinite(mean) & (variance > 0)
    if not known.any():
        empty = np.full((draws, len(mean)), np.nan)
        return Shrunk(np.full(len(mean), np.nan), empty, np.nan, np.full(draws, np.nan))
    y, v = mean[known], variance[known]
    spreads = SPREADS if known.sum() >= estimate_from else np.array([spread])
    total = v + spreads[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    centre = (y / total).sum(axis=1) / precision
    height = -0.5 * (np.log(total) + (y - centre[:, None]) ** 2 / total).sum(axis=1) - 0.5 * np.log(precision)
    typical = np.median(v)
    # Uniform in shrinkage; the first step stands for all below the second.
    step = np.gradient(spreads) if len(spreads) > 1 else np.ones(1)
    height += np.log(np.maximum(spreads, spreads[min(1, len(spreads) - 1)] / 2) * typical / (typical + spreads**2) ** 2)
    height += np.log(step)
    weights = np.exp(height - height.max())
    weights /= weights.sum()
    middle = float(weights @ centre)
    kept = float(weights @ (typical / (typical + spreads**2)))
    one = np.sqrt(typical * (1 - kept) / kept)
    weight_of_own = np.where(known, one**2 / (one**2 + np.where(known, variance, 1.0)), 0.0)
    point = middle + weight_of_own * np.where(known, mean - middle, 0.0)
    random = np.random.default_rng(seed)
    cell = random.choice(len(weights), size=draws, p=weights)
    middles = centre[cell] + random.standard_normal(draws) / np.sqrt(precision[cell])
    wide = (spreads[cell] ** 2)[:, None]
    own = known & rated
    share = np.where(own, wide / (wide + np.where(own, variance, 1.0)), 0.0)
    place = middles[:, None] + share * np.where(own, mean - middles[:, None], 0.0)
    width = np.sqrt(np.where(own, share * np.where(own, variance, 0.0), wide))
    drawn = place + width * random.standard_normal((draws, len(mean)))
    return Shrunk(np.clip(point, 0, 100), np.clip(drawn, 0, 100), middle, middles, spread=float(one))
