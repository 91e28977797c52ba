"""Is a count far above the mean of the last few points? EARS C1, C2 and C3, for series too short for anything better."""

import numpy as np
from scipy import special

LAG = {"C1": 0, "C2": 2, "C3": 2}  # points between the baseline and the judged point
USUAL_ALPHA = {"C1": 0.001, "C2": 0.001, "C3": 0.025}


def ears_limit(
    counts: np.ndarray,
    judged: int,
    method: str = "C1",
    *,
    points: int = 7,
    alpha: float | None = None,
    least_sd: float = 0.0,
) -> np.ndarray:
    """The upper limit of point `judged` of every series (series × points); NaN where the baseline does not reach back far enough.

    C1 takes mean and standard deviation of the `points` just before, C2 of those two earlier; C3 lowers the limit by what C2 exceeded
    its mean, above one standard deviation, on the two points before. Source: Hutwagner et al. 2003, J. Urban Health 80:i89; Fricker,
    Hegler & Dunfee 2008, Stat. Med. 27:3407.

    >>> ears_limit(np.array([[1.0, 2, 3, 2, 1, 2, 3, 9]]), 7).round(3).tolist()
    [4.523]
    """
    alpha = USUAL_ALPHA[method] if alpha is None else alpha
    z = special.ndtri(1 - alpha)
    mean, sd = _baseline(counts, judged, method, points, least_sd)
    if method != "C3":
        return mean + z * sd
    with np.errstate(all="ignore"):
        return np.maximum(counts[:, judged] + sd * (z - _above(counts, judged, points, least_sd)), 0)


def ears_score(
    counts: np.ndarray, judged: int, method: str = "C1", *, points: int = 7, least_sd: float = 0.0
) -> np.ndarray:
    """What EARS compares with the normal quantile of its alpha: how many standard deviations above; NaN where it cannot be known.

    >>> ears_score(np.array([[1.0, 2, 3, 2, 1, 2, 3, 9]]), 7).round(2).tolist()
    [8.57]
    """
    mean, sd = _baseline(counts, judged, method, points, least_sd)
    with np.errstate(all="ignore"):
        if method == "C3":
            return np.where(sd > 0, _above(counts, judged, points, least_sd), np.where(np.isnan(sd), np.nan, 0.0))
        away = counts[:, judged] - mean
        return np.where(away == 0, 0.0, away / sd)


def _above(counts: np.ndarray, judged: int, points: int, least_sd: float) -> np.ndarray:
    """By how much the two points before exceeded their means, beyond one standard deviation each."""
    earlier = [(back, *_baseline(counts, judged - back, "C2", points, least_sd)) for back in (1, 2)]
    return sum(np.maximum((counts[:, judged - back] - centre) / spread - 1, 0) for back, centre, spread in earlier)


def _baseline(
    counts: np.ndarray, judged: int, method: str, points: int, least_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    last = judged - LAG[method]
    if last - points < 0:
        nothing = np.full(len(counts), np.nan)
        return nothing, nothing
    window = counts[:, last - points : last]
    return window.mean(axis=1), np.maximum(window.std(axis=1, ddof=1), least_sd)
