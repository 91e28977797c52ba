"""Quasi-Poisson regressions of many series at once: a seasonal period each, and a common slope in time.

All series share their design, so that weighted least squares is an analysis of covariance with sums per period in closed form; what is
iterated are whole matrices (series × points). Source of the fit: iteratively reweighted least squares, McCullagh & Nelder 1989, chapter 2.
"""

from dataclasses import dataclass

import numpy as np

TINIEST_MEAN = np.finfo(float).eps
LOWEST_PREDICTOR = np.log(TINIEST_MEAN)
MOST_STEPS = 25
TOLERANCE = 1e-8  # relative change of the deviance at which a fit has settled


@dataclass(frozen=True)
class Design:
    """Points of the baseline: time of each, its period as columns of ones and zeros (points × periods), and whether time has a slope."""

    time: np.ndarray
    periods: np.ndarray
    trend: bool

    @property
    def parameters(self) -> int:
        return self.periods.shape[1] + self.trend


@dataclass
class Fits:
    """Fits of many series: a row a series. `settled` is False where the iteration did not converge."""

    mean: np.ndarray  # series × points
    level: np.ndarray  # series × periods: log mean at time 0
    slope: np.ndarray
    working: np.ndarray  # weights of the last step
    weight: np.ndarray  # their sum by period
    centre: np.ndarray  # weighted mean time by period
    spread: np.ndarray  # weighted sum of squares of time around it
    settled: np.ndarray

    def predict(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Log mean at a time in period 0, and its variance for a dispersion of 1."""
        variance = 1 / self.weight[:, 0]
        with np.errstate(all="ignore"):
            away = np.where(self.spread > 0, (time - self.centre[:, 0]) ** 2 / self.spread, 0.0)
        return self.level[:, 0] + self.slope * time, variance + away

    def leverage(self, design: Design) -> np.ndarray:
        """The leverage of each point."""
        own = self.working * ((1 / self.weight) @ design.periods.T)
        if design.trend:
            away = design.time - self.centre @ design.periods.T
            with np.errstate(all="ignore"):
                own = own + self.working * away**2 / self.spread[:, None]
        return own


def fit(counts: np.ndarray, design: Design, prior: np.ndarray | None = None, offset: np.ndarray | None = None) -> Fits:
    """Fit every series: `counts` (series × points), with prior weights and an offset of the same shape."""
    series, periods = len(counts), design.periods.shape[1]
    found = Fits(
        mean=np.full_like(counts, np.nan),
        level=np.full((series, periods), np.nan),
        slope=np.zeros(series),
        working=np.full_like(counts, np.nan),
        weight=np.full((series, periods), np.nan),
        centre=np.zeros((series, periods)),
        spread=np.zeros(series),
        settled=np.zeros(series, dtype=bool),
    )
    state = _State(counts, prior, offset)
    active = np.arange(series)
    for number in range(1, MOST_STEPS + 1):
        step, done = state.step(design)
        found.settled[active[done]] = True
        going = ~done & np.isfinite(state.deviance) & (number < MOST_STEPS)
        if going.all():
            continue
        left = ~going
        for name, values in step.items():
            getattr(found, name)[active[left]] = values[left]
        if left.all():
            break
        active, state = active[going], state.only(going)
    return found


class _State:
    """The iteration of those series that have not settled."""

    def __init__(self, counts: np.ndarray, prior: np.ndarray | None, offset: np.ndarray | None) -> None:
        self.prior, self.offset = prior, offset
        self.seen = counts if prior is None else prior * counts
        with np.errstate(all="ignore"):
            own = np.where(counts > 0, counts * np.log(counts), 0.0) - counts
        self.saturated = own.sum(axis=1) if prior is None else np.einsum("sp,sp->s", prior, own)
        mean = counts + 0.1
        self.predictor = np.log(mean)
        self.working = mean if prior is None else prior * mean
        self.deviance = self._deviance()

    def only(self, kept: np.ndarray) -> "_State":
        """The same for fewer series."""
        other = object.__new__(_State)
        for name, values in vars(self).items():
            setattr(other, name, None if values is None else values[kept])
        return other

    def step(self, design: Design) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """One weighted least-squares step; what it found, and which series settled by it."""
        with np.errstate(all="ignore"):
            working = self.working
            moved = self.predictor - 1 if self.offset is None else self.predictor - (self.offset + 1)
            moved *= working
            moved += self.seen
            found = _least_squares(working, moved, design)
            linear = found["level"] @ design.periods.T
            if design.trend:
                linear += found["slope"][:, None] * design.time
            if self.offset is not None:
                linear += self.offset
            mean = np.exp(linear)
            np.maximum(mean, TINIEST_MEAN, out=mean)
            self.predictor, self.working = linear, mean if self.prior is None else self.prior * mean
            before, self.deviance = self.deviance, self._deviance()
            done = np.abs(self.deviance - before) / (np.abs(self.deviance) + 0.1) < TOLERANCE
        return {**found, "mean": mean, "working": working}, done

    def _deviance(self) -> np.ndarray:
        with np.errstate(all="ignore"):
            floored = self.predictor
            if not floored.min() >= LOWEST_PREDICTOR:
                floored = np.maximum(floored, LOWEST_PREDICTOR)
            return 2 * (self.saturated - np.einsum("sp,sp->s", self.seen, floored) + self.working.sum(axis=1))


def _least_squares(working: np.ndarray, moved: np.ndarray, design: Design) -> dict[str, np.ndarray]:
    """Levels and slope from sums per period."""
    weight, total = working @ design.periods, moved @ design.periods
    if not design.trend:
        return {"level": total / weight, "weight": weight}
    timed = working @ (design.periods * design.time[:, None])
    centre = timed / weight
    spread = working @ design.time**2 - np.einsum("sg,sg->s", timed, centre)
    slope = (moved @ design.time - np.einsum("sg,sg->s", total, centre)) / spread
    level = total / weight - slope[:, None] * centre
    return {"level": level, "slope": slope, "weight": weight, "centre": centre, "spread": spread}
