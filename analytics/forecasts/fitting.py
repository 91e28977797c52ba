"""Penalised log-linear fits of many series on one shared design, each drawn towards effects that are known beforehand.

Sources: McCullagh & Nelder 1989, chapters 2 and 9 (iterated weighted least squares, quasi-likelihood); Breslow & Clayton 1993, JASA 88:9
(normal effects, penalised); West & Harrison 1997, chapter 6 (older points count less).
"""

import numpy as np

MOST_STEPS = 25
SETTLED = 1e-4  # the last step, in log units
LARGEST_STEP = 2.0
HIGHEST = 25.0  # log mean
CELLS = 150_000  # series × points of a chunk, to stay in the processor's cache


def fit_effects(
    counts: np.ndarray,
    rows: np.ndarray,
    centre: np.ndarray,
    precision: np.ndarray,
    dispersion: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Effects [series, column] of `counts` [series, point] on `rows` [point, column]; the first column is the level.

    `centre` and `precision` [series, column] say what is expected of each effect and how firmly; `dispersion` [series] is variance over
    mean; `weights` [series, point] are 0 where nothing was recorded.

    >>> ones = np.ones((1, 4))
    >>> free, flat = np.zeros((1, 1)), np.full((1, 1), 1e-9)
    >>> np.exp(fit_effects(np.array([[3.0, 5, 4, 4]]), ones.T, free, flat, np.ones(1), ones)).round(3).tolist()
    [[4.0]]
    """
    size = max(CELLS // max(counts.shape[1], 1), 1)
    parts = []
    for first in range(0, len(counts), size):
        some = slice(first, first + size)
        parts.append(_fit_chunk(counts[some], rows, centre[some], precision[some], dispersion[some], weights[some]))
    return np.concatenate(parts) if parts else np.zeros((0, rows.shape[1]))


def leverages(
    effects: np.ndarray,
    rows: np.ndarray,
    precision: np.ndarray,
    dispersion: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """How much of what is not known of each point is the fit's own [series, point]: the variance of the fitted mean over that of a count
    there. `rows` may go on beyond `weights` [series, point], to points that were not fitted; over those that were it sums to the number of
    effects that the data decided. Source: McCullagh & Nelder 1989, section 12.7.1; Hoaglin & Welsch 1978, American Statistician 32:17.

    >>> ones = np.ones((1, 4))
    >>> leverages(np.zeros((1, 1)), np.ones((5, 1)), np.full((1, 1), 1e-9), np.ones(1), ones).round(3).tolist()
    [[0.25, 0.25, 0.25, 0.25, 0.25]]
    """
    size = max(CELLS // len(rows), 1)
    parts = []
    for first in range(0, len(effects), size):
        some = slice(first, first + size)
        mean = np.exp(np.clip(effects[some] @ rows.T, -HIGHEST, HIGHEST)) / dispersion[some, None]
        seen = mean[:, : weights.shape[1]] * weights[some]
        upper, products = _products(rows[: weights.shape[1]])
        covariance = np.linalg.inv(_information(seen @ products, precision[some], upper))
        parts.append(mean * ((rows @ covariance) * rows).sum(axis=2))
    return np.concatenate(parts) if parts else np.zeros((0, len(rows)))


def _products(rows: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Places of the upper half of a matrix of columns, and the products [point, place] of every two columns."""
    upper = np.triu_indices(rows.shape[1])
    return upper, rows[:, upper[0]] * rows[:, upper[1]]


def _information(curved: np.ndarray, precision: np.ndarray, upper: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """What data (`curved` [series, place], the upper half) and expectation together say of the effects [series, column, column]."""
    series, width = precision.shape
    diagonal = np.arange(width)
    found = np.empty((series, width, width))
    found[:, upper[0], upper[1]] = curved
    found[:, upper[1], upper[0]] = curved
    found[:, diagonal, diagonal] += precision + 1e-9
    return found


def _fit_chunk(
    counts: np.ndarray,
    rows: np.ndarray,
    centre: np.ndarray,
    precision: np.ndarray,
    dispersion: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    upper, products = _products(rows)
    effects = centre.copy()
    seen = weights * np.where(weights > 0, counts, 0.0)
    start = weights * np.exp(np.clip(effects[:, 1:] @ rows[:, 1:].T, -HIGHEST, HIGHEST))
    effects[:, 0] = np.log(np.maximum(seen.sum(axis=1), 0.5) / np.maximum(start.sum(axis=1), 1e-9))
    active = np.arange(len(centre))
    for _ in range(MOST_STEPS):
        mean = weights[active] * np.exp(np.clip(effects[active] @ rows.T, -HIGHEST, HIGHEST))
        spread = dispersion[active, None]
        score = (seen[active] - mean) @ rows / spread - precision[active] * (effects[active] - centre[active])
        information = _information(mean @ products / spread, precision[active], upper)
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        step /= np.maximum(np.abs(step).max(axis=1, keepdims=True) / LARGEST_STEP, 1)
        effects[active] += step
        active = active[np.abs(step).max(axis=1) > SETTLED]
        if not len(active):
            break
    return effects
