"""Several neighbouring places each a little high: the expectation-based Poisson scan, its chance told by draws that vary more than Poisson.

Methods: expectation-based Poisson scan statistic (Neill, 2009, International Journal of Forecasting 25:498–517), prospective windows
that end on the judged day (Kulldorff, 2001, JRSS A 164:61–72), sequential Monte Carlo that stops once the answer is plain (Besag and
Clifford, 1991, Biometrika 78:301–304), Gumbel fit of the null (Abrams, Kulldorff and Kleinman, 2010, International Journal of Health
Geographics 9:61).
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from analytics.signals.zones import Zones

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WINDOWS = tuple(range(1, 15))  # days; from a sudden surge to a fortnight's rise (DETECTION, section 4)
COLUMNS = {
    "subject": "object", "order": "int64", "basis": "str", "area_code": "str", "places": "object", "window_days": "int64",
    "observed": "int64", "expected": "float64", "score": "float64", "p": "float64", "method": "str", "draws": "int64",
}  # fmt: skip
_LEAST_EXPECTED = 1e-9  # matters; below it a zone is taken to have none, so that nothing is divided by zero
_TIE = 1e-5  # relative; draws are scored in single precision
_EULER = 0.5772156649015329


@dataclass(frozen=True)
class ScanSettings:
    """How a scan is done.

    `windows` in days; `draws` of the null, so that p is at least 1 / (draws + 1); a subject whose score was reached `stop_after` times is
    not drawn further (0: draw all); `keep_p` is the largest p kept and `most` the number of clusters of one subject. `gumbel` reads small
    p from a Gumbel distribution fitted to the draws. `seed` makes the same night give the same answer.
    """

    windows: tuple[int, ...] = WINDOWS
    draws: int = 999
    stop_after: int = 10
    keep_p: float = 0.05
    most: int = 3
    gumbel: bool = False
    seed: int = 20260101


SCAN_SETTINGS = ScanSettings()


def scan(
    observed: np.ndarray,
    expected: np.ndarray,
    zones: Zones,
    *,
    subjects: Sequence[Hashable] | None = None,
    dispersion: float | np.ndarray = 1.0,
    common: float | np.ndarray = 0.0,
    settings: ScanSettings = SCAN_SETTINGS,
) -> pd.DataFrame:
    """The clusters of each subject in the days up to the last: which places together, for how many days, how far above what is expected.

    `observed` are counts and `expected` their means, both [place, subject, day] with the places of `zones`, the last day the one judged
    and at least as many days as the longest window; a day whose mean is NaN or 0 counts on neither side: there is no data, or nothing to
    measure it by. `dispersion`
    is the variance of a place's count over its mean (1: Poisson), a number or [subject] or [place, subject]; `common` the variance of a
    factor, mean 1, by which all places of a day rise and fall together, a number or [subject] (see `spread_of`).

    A row is a cluster: `subject`; `order`, 1 for the highest, then the highest that shares no place with those before it; `basis` and
    `area_code` (see `Zones`); `places`, their codes; `window_days`, `observed`, `expected`, `score` (the log likelihood ratio); `p`, the
    chance that nothing but chance gives so high a score anywhere in this subject; `method` (monte_carlo or gumbel); `draws` it rests on.
    Subjects are told apart and not corrected for each other.

    Raises ValueError for shapes that do not meet.
    """
    windows = np.array(sorted(settings.windows))
    _check(observed, expected, zones, windows)
    places, count, days = observed.shape
    names = list(range(count)) if subjects is None else list(subjects)
    last = slice(days - int(windows.max()), None)
    means = np.asarray(expected, dtype=np.float64)[:, :, last]
    is_known = means > 0
    means, counts = np.where(is_known, means, 0.0), np.where(is_known, np.asarray(observed)[:, :, last], 0)
    spread = np.broadcast_to(np.asarray(dispersion, dtype=np.float64), (places, count))
    shared = np.broadcast_to(np.asarray(common, dtype=np.float64), (count,))
    matrix = zones.matrix()
    found = [
        _of_subject(
            names[number], counts[:, number], means[:, number], spread[:, number], shared[number], zones, matrix, windows, settings
        )
        for number in range(count)
    ]  # fmt: skip
    rows = [row for own in found for row in own]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({name: kind for name, kind in COLUMNS.items() if kind != "object"})


def score_of(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """How much better a raised mean explains a count than the expected one does: C log(C / B) − (C − B) above B, else 0 (Neill, 2009).

    >>> score_of(np.array([2.0, 5.0, 0.0]), np.array([2.0, 2.0, 2.0])).round(3).tolist()
    [0.0, 1.581, 0.0]
    """
    mean = np.maximum(expected, _LEAST_EXPECTED)
    ratio = np.maximum(observed / mean, 1.0)  # at or below the expected: log 1, and nothing
    return np.where(observed > mean, observed * np.log(ratio) - (observed - mean), 0.0)


def spread_of(observed: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `scan` takes as `dispersion` and `common`, [subject], by moments from past days [place, subject, day].

    The squared errors of single places and those of the sum of all places give two equations in the two; neither falls below that of
    Poisson counts. Days whose mean is NaN or 0 are left out; a subject of which nothing is expected is taken for Poisson.

    >>> spread_of(np.array([[[0.0, 2.0]]]), np.array([[[1.0, 1.0]]]))[0].tolist()
    [1.0]
    """
    sums = [
        _squares(observed[:, one], expected[:, one]) for one in range(observed.shape[1])
    ]  # one by one: days are many
    first, second, total, single, city = np.array(sums, dtype=np.float64).reshape(-1, 5).T
    with np.errstate(divide="ignore", invalid="ignore"):
        common = np.where(city > single, (second - first) / (city - single), 0.0)
        common = np.clip(np.nan_to_num(common), 0.0, None)
        dispersion = np.where(total > 0, (first - common * single) / total, 1.0)
    return np.clip(np.nan_to_num(dispersion, nan=1.0), 1.0, None), common


def _squares(observed: np.ndarray, expected: np.ndarray) -> tuple[float, ...]:
    """Of one subject [place, day]: squared errors of places and of their sum, the mean in all, squared means of places and of their sum."""
    known = expected > 0
    mean = np.where(known, expected, 0.0)
    error = np.where(known, observed - mean, 0.0)
    whole = mean.sum(axis=0)
    return (error**2).sum(), (error.sum(axis=0) ** 2).sum(), whole.sum(), (mean**2).sum(), (whole**2).sum()


# --- one subject -------------------------------------------------------------------------------------------------------------


def _of_subject(
    name: Hashable,
    counts: np.ndarray,
    means: np.ndarray,
    spread: np.ndarray,
    shared: float,
    zones: Zones,
    matrix: "csr_matrix",
    windows: np.ndarray,
    settings: ScanSettings,
) -> list[tuple]:
    """The clusters of one subject, from counts and means [place, day]."""
    seen, due = matrix @ _trailing(counts, windows).astype(np.float64), matrix @ _trailing(means, windows)
    scores = score_of(seen, due)
    if not scores.size or scores.max() <= 0:
        return []
    highest = _highest(name, means, spread, shared, zones.places, matrix, windows, settings)
    null = _draw_until_plain(highest, float(scores.max()), settings)
    rows, taken = [], np.zeros(len(zones.places), dtype=bool)
    for order in range(1, settings.most + 1):
        zone, window = np.unravel_index(int(scores.argmax()), scores.shape)
        score = float(scores[zone, window])
        p, method = _chance(score, null, settings)
        if score <= 0 or p > settings.keep_p:
            break
        codes = tuple(sorted(zones.places[place] for place in zones.members[zone]))
        about = (name, order, zones.basis[zone], zones.area_code[zone], codes, int(windows[window]))
        rows.append((*about, round(seen[zone, window]), float(due[zone, window]), score, p, method, len(null)))
        taken[zones.members[zone]] = True
        scores[(matrix @ taken.astype(np.float32)) > 0] = 0.0
    return rows


def _trailing(values: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Sums of [..., day] over the last days, [..., window]."""
    return np.cumsum(values[..., ::-1], axis=-1)[..., windows - 1]


def _highest(
    name: Hashable,
    means: np.ndarray,
    spread: np.ndarray,
    shared: float,
    places: Sequence[str],
    matrix: "csr_matrix",
    windows: np.ndarray,
    settings: ScanSettings,
) -> Iterator[np.ndarray]:
    """The highest score anywhere, for batch after batch of draws of the null.

    Drawn place by place in the order of their codes and from a seed of the subject's own, so that neither the order of the places nor
    which other subjects there are changes anything.
    """
    rng = np.random.default_rng([settings.seed, crc32(repr(name).encode())])
    order = np.argsort(np.array(places))
    back = np.argsort(order)
    due = np.maximum((matrix @ _trailing(means, windows)).astype(np.float32), np.float32(_LEAST_EXPECTED))
    log_due = np.log(due) + 1
    left, size = settings.draws, min(settings.draws, max(2 * settings.stop_after - 1, 19))
    while left > 0:
        size = min(size, left)
        drawn = _draw(rng, means[order], spread[order, None], shared, size)[:, back]  # [draw, place, day]
        sums = _trailing(drawn.astype(np.float32), windows)
        wide = np.ascontiguousarray(sums.transpose(1, 0, 2)).reshape(len(places), -1)
        seen = (matrix @ wide).reshape(-1, size, len(windows))
        scores = np.log(
            seen + np.float32(1e-30)
        )  # C (log C − log B − 1) + B, in place: these arrays are what takes the time
        scores -= log_due[:, None]
        scores *= seen
        scores += due[:, None]
        scores *= seen > due[:, None]
        yield scores.max(axis=0).max(axis=1).astype(np.float64)
        left -= size


def _draw(rng: np.random.Generator, means: np.ndarray, spread: np.ndarray, shared: float, size: int) -> np.ndarray:
    """Negative binomial counts [draw, place, day] of these means, of variance `spread` times the mean, Poisson where that is 1."""
    wanted = np.broadcast_to(means, (size, *means.shape))
    if shared > 0:
        days = means.shape[1]
        wanted = wanted * rng.gamma(1 / shared, shared, size=(size, 1, days))
    extra = np.maximum(spread - 1.0, 0.0)
    if (extra > 0).any():
        wide = np.where(extra > 0, extra, 1.0)
        wanted = np.where(extra > 0, rng.gamma(wanted / wide) * wide, wanted)
    return rng.poisson(wanted)


def _draw_until_plain(highest: Iterator[np.ndarray], score: float, settings: ScanSettings) -> np.ndarray:
    """The null's highest scores, drawn until the score was reached often enough to be nothing, or to the end."""
    drawn: list[np.ndarray] = []
    reached = 0
    for batch in highest:
        drawn.append(batch)
        reached += int((batch >= score * (1 - _TIE)).sum())
        if settings.stop_after and reached >= settings.stop_after:
            break
    null = np.concatenate(drawn)
    if settings.stop_after and reached >= settings.stop_after:  # cut where the last that was needed came
        null = null[: int(np.flatnonzero(null >= score * (1 - _TIE))[settings.stop_after - 1]) + 1]
    return null


def _chance(score: float, null: np.ndarray, settings: ScanSettings) -> tuple[float, str]:
    """The chance of so high a score, and how it was told."""
    reached = int((null >= score * (1 - _TIE)).sum())
    if settings.stop_after and reached >= settings.stop_after and len(null) < settings.draws:
        return reached / len(null), "monte_carlo"
    p = (reached + 1) / (len(null) + 1)
    spread = float(null.std(ddof=1)) * np.sqrt(6) / np.pi if len(null) > 1 else 0.0
    if not settings.gumbel or spread <= 0:
        return p, "monte_carlo"
    place = float(null.mean()) - _EULER * spread
    return max(float(-np.expm1(-np.exp(-(score - place) / spread))), 1e-300), "gumbel"


# --- checks --------------------------------------------------------------------------------------------------------------------


def _check(observed: np.ndarray, expected: np.ndarray, zones: Zones, windows: np.ndarray) -> None:
    if observed.shape != expected.shape or observed.ndim != 3:
        raise ValueError(f"observed is {observed.shape}, expected {expected.shape}; both must be [place, subject, day]")
    if observed.shape[0] != len(zones.places):
        raise ValueError(f"{observed.shape[0]} places are counted, the zones have {len(zones.places)}")
    if not len(windows) or windows.min() < 1 or windows.max() > observed.shape[2]:
        raise ValueError(f"windows of {windows.tolist()} days need as many days; there are {observed.shape[2]}")
