"""The expected curve of each subject over the whole site: season, weekday, calendar and trend, told together where few years tell them.

All subjects of a kind give one common set of effects; each subject departs from it as far as its own counts carry (a random effect whose
size is estimated). Places below inherit the curve, so a community never fits a festival of its own.
"""

from dataclasses import dataclass

import numpy as np

from analytics.signals.combining import tail

ROUNDS, NEWTON = 4, 12
MEMORIES = (13, 26, 52)  # blocks after which the recent level counts half; the alternative is no memory at all
LAG = 5  # blocks between the level's last block and the one it is tried on
MEDIAN_SQUARE = 0.455  # of a squared standard normal
GAIN = 3.0  # log-likelihood a moving level must gain
CAP_P = 1e-4  # a past count less likely than this is taken down to a limit


@dataclass(frozen=True, eq=False)
class Design:
    """One row a time step, one column an effect; the first column is the level. `spread` is how far an effect may reasonably go (one
    standard deviation, on the log scale; infinite for the level).
    """

    rows: np.ndarray
    spread: np.ndarray

    def until(self, stop: int) -> "Design":
        return Design(self.rows[:stop], self.spread)


@dataclass(frozen=True, eq=False)
class Curves:
    """`expected` [subject, time] at full exposure, also of the steps not fitted; `dispersion` [subject] of the site's own counts;
    `covariance` [subject, effect, effect] of the log curve.
    """

    expected: np.ndarray
    dispersion: np.ndarray
    covariance: np.ndarray
    design: Design

    def relative_variance(self, exposure: np.ndarray) -> np.ndarray:
        """The squared coefficient of variation of a sum with these exposures [subject, time], from the fit's uncertainty alone."""
        weight = self.expected[:, -exposure.shape[1] :] * exposure
        mean = weight @ self.design.rows[-exposure.shape[1] :] / np.maximum(weight.sum(axis=1), 1e-12)[:, None]
        return np.maximum(np.einsum("kp,kpq,kq->k", mean, self.covariance, mean), 0)


def fit_curves(
    totals: np.ndarray, exposure: np.ndarray, design: Design, groups: np.ndarray, *, fitted: int, block: int = 1
) -> Curves:
    """The curves of subjects from the site's totals [subject, time] up to step `fitted` (not included).

    `exposure` is what share of a step could be counted (0: closed or no data); `groups` says which subjects share their effects;
    `block` steps make one block (7 days, or 1 week) for the dispersion and the recent level. `design` may reach beyond `fitted`; what
    lies there is expected, never used.

    Source: penalised quasi-likelihood, Breslow & Clayton 1993, JASA 88:9; past outbreaks taken down to a limit in the spirit of
    Noufaily et al. 2013, Stat. Med. 32:1206.
    """
    rows = design.rows[:fitted]
    counts, seen = totals[:, :fitted].astype(float), exposure[:, :fitted]
    counts = np.where(seen > 0, counts, 0.0)
    effects = np.zeros((len(counts), rows.shape[1]))
    covariance = np.zeros((len(counts), rows.shape[1], rows.shape[1]))
    dispersion = np.ones(len(counts))
    loose = np.where(np.isfinite(design.spread), 1 / design.spread**2, 1e-6)
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        seen_by_all = np.average(seen[own], axis=0, weights=np.maximum(counts[own].sum(axis=1), 1e-9))
        held = counts[own].sum(axis=0, keepdims=True)
        for _ in range(3):
            common, scale, spread = _fit(held, seen_by_all[None], rows, np.zeros((1, rows.shape[1])), loose, np.ones(1))
            scale = _dispersion(held, seen_by_all * np.exp(common @ rows.T), rows.shape[1])
            common, scale, spread = _fit(held, seen_by_all[None], rows, np.zeros((1, rows.shape[1])), loose, scale)
            mean = seen_by_all[None] * np.exp(common @ rows.T)
            held = cap_counts(held, mean, np.minimum(scale, _usual_dispersion(held, mean))[:, None])
        size = np.full(rows.shape[1], 0.2)
        size[0] = 1e3
        mine, phi = counts[own].copy(), np.full(len(own), 1.2)
        start = np.repeat(common, len(own), axis=0)
        start[:, 0] += np.log(np.maximum(mine.sum(axis=1), 0.1) / max(held.sum(), 0.1))
        centre = start.copy()
        for at in range(ROUNDS):
            start, _, inverse = _fit(mine, seen[own], rows, centre, 1 / size**2, phi, start=start)
            mean = seen[own] * np.exp(start @ rows.T)
            phi = _dispersion(mine, mean, rows.shape[1] / 2)
            if at < ROUNDS - 1:
                mine = cap_counts(counts[own], mean, np.minimum(phi, _usual_dispersion(mine, mean))[:, None])
            if len(own) > 1:
                apart = (start - centre) ** 2 + np.einsum("kpp->kp", inverse)
                size = np.sqrt(np.maximum(apart.mean(axis=0), 1e-4))
                size[0] = 1e3
        effects[own], dispersion[own] = start, phi
        covariance[own] = inverse + spread
        covariance[own, 0, 0] -= spread[0, 0, 0]
    expected = np.exp(effects @ design.rows.T)
    level = _recent_level(counts, expected[:, :fitted] * seen, dispersion, block)
    return Curves(expected * level[:, None], dispersion, covariance, design)


def _fit(
    counts: np.ndarray,
    exposure: np.ndarray,
    rows: np.ndarray,
    centre: np.ndarray,
    precision: np.ndarray,
    dispersion: np.ndarray,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Penalised log-linear fits, many at once: effects, dispersion as given, inverse of the information."""
    effects = centre.copy() if start is None else start.copy()
    if start is None:
        total = np.maximum(exposure.sum(axis=1), 1e-9)
        effects[:, 0] = np.log(np.maximum(counts.sum(axis=1), 0.1) / total)
    products = (rows[:, :, None] * rows[:, None, :]).reshape(len(rows), -1)
    penalty = np.broadcast_to(precision, effects.shape)
    width = rows.shape[1]
    for _ in range(NEWTON):
        mean = exposure * np.exp(np.minimum(effects @ rows.T, 30))
        score = (counts - mean) @ rows / dispersion[:, None] - penalty * (effects - centre)
        information = (mean @ products).reshape(-1, width, width) / dispersion[:, None, None]
        information = information + penalty[:, :, None] * np.eye(width)
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        step /= np.maximum(np.abs(step).max(axis=1, keepdims=True) / 2, 1)
        effects += step
        if np.abs(step).max() < 1e-6:
            break
    return effects, dispersion, np.linalg.inv(information)


def _dispersion(counts: np.ndarray, mean: np.ndarray, parameters: float) -> np.ndarray:
    """Variance over mean, by squared residuals over expected counts; 1 at least."""
    used = np.maximum((mean > 0).sum(axis=1) - parameters, 1)
    share = used / np.maximum((mean > 0).sum(axis=1), 1)
    squares = ((counts - mean) ** 2).sum(axis=1)
    return np.maximum(squares / np.maximum(mean.sum(axis=1), 1e-9) / share, 1.0)


def _usual_dispersion(counts: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """A generous dispersion from the middle residual, which outbreaks do not reach; 2 at least, as sparse counts have no middle."""
    squares = np.where(mean > 0, (counts - mean) ** 2 / np.maximum(mean, 1e-9), np.nan)
    with np.errstate(all="ignore"):
        middle = np.nanmedian(np.where(np.isfinite(squares).any(axis=1, keepdims=True), squares, 0.0), axis=1)
    return np.maximum(1.5 * middle / MEDIAN_SQUARE, 2.0)


def cap_counts(counts: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Past counts that are less likely than 1 in 10,000 are taken down to mean + 4 standard deviations, but never below 3.

    >>> cap_counts(np.array([[3.0, 40.0]]), np.array([[4.0, 4.0]]), np.array([[1.0]])).tolist()
    [[3.0, 12.0]]
    """
    limit = np.maximum(np.ceil(mean + 4 * np.sqrt(mean * dispersion)), 3.0)
    at = np.nonzero(counts > limit)
    if not len(at[0]):
        return counts
    capped = counts.copy()
    unlikely = tail(counts[at], mean[at], np.broadcast_to(dispersion, counts.shape)[at]) < CAP_P
    capped[at] = np.where(unlikely, limit[at], counts[at])
    return capped


def _recent_level(counts: np.ndarray, expected: np.ndarray, dispersion: np.ndarray, block: int) -> np.ndarray:
    """How far the latest blocks stand from the curve, where following them foretold the past better than not to.

    A discounted ratio of counts to expected; its memory is chosen per subject by what it would have foretold a month ahead. Source:
    discounted gamma–Poisson filtering, West & Harrison 1997, Bayesian Forecasting and Dynamic Models.
    """
    observed, mean = blocks_of(counts, block), blocks_of(expected, block)
    if observed.shape[1] < 2 * MEMORIES[-1]:
        return np.ones(len(counts))
    observed = cap_counts(observed, mean, dispersion[:, None])
    best, level = np.full(len(counts), GAIN), np.ones(len(counts))
    for memory in MEMORIES:
        held, known = np.zeros_like(observed), np.zeros_like(mean)
        keep = 0.5 ** (1 / memory)
        o, m = np.zeros(len(counts)), np.zeros(len(counts))
        for at in range(observed.shape[1]):
            o, m = keep * o + observed[:, at], keep * m + mean[:, at]
            held[:, at], known[:, at] = o, m
        prior = 10 * dispersion[:, None]
        ratio = (held + prior) / (known + prior)
        before, after = ratio[:, MEMORIES[0] : -LAG], slice(MEMORIES[0] + LAG, None)
        gain = (observed[:, after] * np.log(before) - (before - 1) * mean[:, after]).sum(axis=1) / dispersion
        better = gain > best
        best, level = np.where(better, gain, best), np.where(better, ratio[:, -1], level)
    return level


def blocks_of(series: np.ndarray, block: int) -> np.ndarray:
    """Sums over the last axis in blocks that end with the last step; an unfinished first block is left out.

    >>> blocks_of(np.array([[1, 2, 3, 4, 5]]), 2).tolist()
    [[5, 9]]
    """
    if block == 1:
        return series
    whole = series.shape[-1] // block
    return series[..., series.shape[-1] - whole * block :].reshape(*series.shape[:-1], whole, block).sum(axis=-1)
