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
    earlier = [_baseline(counts, judged - back, "C2", points, least_sd) for back in (1, 2)]
    with np.errstate(all="ignore"):
        above = sum(
            np.maximum((counts[:, judged - back] - centre) / spread - 1, 0)
            for back, (centre, spread) in zip((1, 2), earlier, strict=True)
        )
        return np.maximum(counts[:, judged] + sd * (z - above), 0)


def _baseline(
    counts: np.ndarray, judged: int, method: str, points: int, least_sd: float
) -> tuple[np.ndarray, np.ndarray]:
    last = judged - LAG[method]
    if last - points < 0:
        nothing = np.full(len(counts), np.nan)
        return nothing, nothing
    window = counts[:, last - points : last]
    return window.mean(axis=1), np.maximum(window.std(axis=1, ddof=1), least_sd)
