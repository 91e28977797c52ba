"""The expected curve of each subject over the whole site: season, weekday, calendar and trend, told together where few years tell them.

All subjects of a kind give one common set of effects; each subject departs from it as far as its own counts carry (a random effect whose
size is estimated). Places below inherit the curve, so a community never fits a festival of its own.
"""

from dataclasses import dataclass

import numpy as np

from analytics.signals.breaks import find_step
from analytics.signals.combining import tail

ROUNDS, NEWTON, CAPPED = 4, 12, 3
MOST_STEPS = 2
FREE = 1e3  # spread of an effect that is drawn to nothing
MEMORIES = (6, 13, 26, 52)  # blocks after which the recent level counts half; the alternative is no memory at all
START = 13  # blocks before the level is first tried
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
    `covariance` [subject, effect, effect] of the log curve; `steps` the times at which a whole kind changed its level for good.
    """

    expected: np.ndarray
    dispersion: np.ndarray
    covariance: np.ndarray
    design: Design
    steps: tuple[int, ...] = ()

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
    counts, seen = totals[:, :fitted].astype(float), exposure[:, :fitted]
    counts = np.where(seen > 0, counts, 0.0)
    together = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    found = _steps(design, counts, seen, together, block)
    design = _stepped(design, found)
    width = design.rows.shape[1]
    effects, dispersion = np.zeros((len(counts), width)), np.ones(len(counts))
    covariance = np.zeros((len(counts), width, width))
    for own in together:
        common, spread, _, mean = _fit_common(counts[own], seen[own], design.until(fitted))
        effects[own], dispersion[own], inverse = _fit_each(counts[own], seen[own], design.rows[:fitted], common)
        # The common effects count by how far a day is from the usual one: each subject has a level of its own.
        apart = np.eye(width)
        apart[:, 0] -= mean[0] @ design.rows[:fitted] / max(mean.sum(), 1e-9)
        covariance[own] = inverse + apart.T @ spread[0] @ apart
    expected = np.exp(effects @ design.rows.T)
    level, doubt = _moving_level(counts, expected[:, :fitted] * seen, dispersion, block)
    late = fitted - level.shape[1] * block  # steps of an unfinished first block
    steps = np.clip((np.arange(expected.shape[1]) - late) // block, 0, level.shape[1] - 1)
    covariance[:, 0, 0] += doubt
    return Curves(expected * level[:, steps], dispersion, covariance, design, tuple(sorted(found)))


def _fit_common(
    counts: np.ndarray, seen: np.ndarray, design: Design
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The effects that a kind's subjects share, from their sum: effects, their covariance, the sum without outbreaks and its mean."""
    exposure = np.average(seen, axis=0, weights=np.maximum(counts.sum(axis=1), 1e-9))[None]
    held, rows = counts.sum(axis=0, keepdims=True), design.rows
    loose = np.where(np.isfinite(design.spread), 1 / design.spread**2, 1e-6)
    centre, scale = np.zeros((1, rows.shape[1])), np.ones(1)
    for _ in range(CAPPED):
        common, inverse = _fit(held, exposure, rows, centre, loose, scale)
        mean = exposure * np.exp(common @ rows.T)
        scale = np.minimum(_dispersion(held, mean, rows.shape[1]), _usual_dispersion(held, mean))
        held = cap_counts(held, mean, scale[:, None])
    scale = _dispersion(held, mean, rows.shape[1])
    common, inverse = _fit(held, exposure, rows, centre, loose, scale, start=common)
    return common, inverse, held, exposure * np.exp(common @ rows.T)


def _fit_each(
    counts: np.ndarray, seen: np.ndarray, rows: np.ndarray, common: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each subject's departure from the common effects, as wide as the subjects differ: effects, dispersion, covariance."""
    size = np.full(rows.shape[1], 0.2)
    size[0] = FREE
    mine, dispersion = counts.copy(), np.full(len(counts), 1.2)
    effects = np.repeat(common, len(counts), axis=0)
    effects[:, 0] += np.log(np.maximum(mine.sum(axis=1), 0.1) / max(mine.sum(), 0.1))
    centre = effects.copy()
    for _ in range(ROUNDS):
        effects, inverse = _fit(mine, seen, rows, centre, 1 / size**2, dispersion, start=effects)
        mean = seen * np.exp(effects @ rows.T)
        dispersion = _dispersion(mine, mean, rows.shape[1] / 2)
        mine = cap_counts(counts, mean, np.minimum(dispersion, _usual_dispersion(mine, mean))[:, None])
        if len(counts) > 1:
            apart = (effects - centre) ** 2 + np.einsum("kpp->kp", inverse)
            size = np.sqrt(np.maximum(apart.mean(axis=0), 1e-4))
            size[0] = FREE
    return effects, dispersion, inverse


def _steps(design: Design, counts: np.ndarray, seen: np.ndarray, together: list[np.ndarray], block: int) -> set[int]:
    """Where the sum of a kind changes its level for good: a new channel, a new way of recording."""
    fitted = counts.shape[1]
    late = fitted % block
    found: set[int] = set()
    for own in together:
        stepped = design
        for _ in range(MOST_STEPS):
            _, _, held, mean = _fit_common(counts[own], seen[own], stepped.until(fitted))
            at = find_step(blocks_of(held, block)[0], blocks_of(mean, block)[0])
            if at is None or late + at * block in found:
                break
            found.add(late + at * block)
            stepped = _stepped(design, found)
    return found


def _stepped(design: Design, steps: set[int]) -> Design:
    time = np.arange(len(design.rows))
    columns = [(time < step).astype(float) for step in sorted(steps)]
    return Design(np.column_stack([design.rows, *columns]), np.append(design.spread, np.ones(len(steps))))


def _fit(
    counts: np.ndarray,
    exposure: np.ndarray,
    rows: np.ndarray,
    centre: np.ndarray,
    precision: np.ndarray,
    dispersion: np.ndarray,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Penalised log-linear fits, many at once: effects and the inverse of their information."""
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
    return effects, np.linalg.inv(information)


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


def _moving_level(
    counts: np.ndarray, expected: np.ndarray, dispersion: np.ndarray, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """How far each block stands from the curve, where following the level foretold the past better than not to: [subject, block], and
    the relative variance of the last one.

    A discounted ratio of counts to expected; its memory is chosen per subject by what it would have foretold a month ahead. Source:
    discounted gamma–Poisson filtering, West & Harrison 1997, Bayesian Forecasting and Dynamic Models.
    """
    observed, mean = blocks_of(counts, block), blocks_of(expected, block)
    level, doubt = np.ones((len(counts), max(observed.shape[1], 1))), np.zeros(len(counts))
    if observed.shape[1] < 2 * MEMORIES[-1]:
        return level, doubt
    best = np.full(len(counts), GAIN)
    for memory in MEMORIES:
        held, known = np.zeros_like(mean), np.zeros_like(mean)
        keep, prior = 0.5 ** (1 / memory), 10 * dispersion
        o, m = np.zeros(len(counts)), np.zeros(len(counts))
        for at in range(observed.shape[1]):
            usual = (o + prior) / (m + prior) * mean[:, at]
            capped = cap_counts(observed[:, at, None], usual[:, None], 2 * dispersion[:, None])[:, 0]
            o, m = keep * o + capped, keep * m + mean[:, at]
            held[:, at], known[:, at] = o, m
        ratio = (held + prior[:, None]) / (known + prior[:, None])
        before, after = ratio[:, START:-LAG], slice(START + LAG, None)
        gain = (observed[:, after] * np.log(before) - (before - 1) * mean[:, after]).sum(axis=1) / dispersion
        better = gain > best
        best, level = np.where(better, gain, best), np.where(better[:, None], ratio, level)
        doubt = np.where(better, dispersion / (known[:, -1] + prior), doubt)
    return level, doubt


def blocks_of(series: np.ndarray, block: int) -> np.ndarray:
    """Sums over the last axis in blocks that end with the last step; an unfinished first block is left out.

    >>> blocks_of(np.array([[1, 2, 3, 4, 5]]), 2).tolist()
    [[5, 9]]
    """
    if block == 1:
        return series
    whole = series.shape[-1] // block
    return series[..., series.shape[-1] - whole * block :].reshape(*series.shape[:-1], whole, block).sum(axis=-1)
