"""Is a count higher than the same weeks of past years imply? Farrington 1996, and its flexible form of Noufaily 2013."""

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
from scipy import special

from analytics.errors import HistoryTooShort
from analytics.quantiles import count_at_least, count_quantile
from analytics.signals import loglinear
from analytics.signals.reference import reference_points

ENOUGH_YEARS = 3  # a slope needs this many years
CELLS = 150_000  # series × points judged at a time, to stay in the processor's cache


@dataclass(frozen=True)
class FarringtonControl:
    """How a count is judged.

    `years` back (b), `half_window` (w), `periods` of the year (noPeriods), the latest points left out, `alpha` of the upper limit;
    `trend` is tried and kept at `p_trend` (1: always); past outbreaks above `weights_threshold` weigh less; `method` of the limit is
    delta, nbPlugin or muan; a limit is given for at least `least_count` in the last `least_points` points. `classic` is the form of 1996.
    """

    years: int = 5
    half_window: int = 3
    periods: int = 1
    excluded: int | None = None
    alpha: float = 0.05
    trend: bool = True
    p_trend: float = 0.05
    reweight: bool = True
    weights_threshold: float = 2.58
    method: str = "delta"
    power: str = "2/3"
    least_count: int = 5
    least_points: int = 4
    per_year: int = 52
    classic: bool = False

    @property
    def tail(self) -> float:
        """The probability above the limit; the classic form gives `alpha` to both sides."""
        return self.alpha / 2 if self.classic else self.alpha


IMPROVED = FarringtonControl(periods=10, excluded=26, alpha=0.01, p_trend=1, method="nbPlugin")


@dataclass(frozen=True)
class Judgement:
    """What one point of many series was judged: arrays over series. NaN where it could not be judged.

    `expected` and `upper` count; `p` is the probability of so many or more; `predictor` the log mean; `has_trend` whether a slope was
    kept; `enough` whether the last points hold enough for a limit to be given.
    """

    observed: np.ndarray
    expected: np.ndarray
    upper: np.ndarray
    p: np.ndarray
    dispersion: np.ndarray
    predictor: np.ndarray
    slope: np.ndarray
    has_trend: np.ndarray
    enough: np.ndarray

    @property
    def is_signal(self) -> np.ndarray:
        """Above the limit, and enough to be given one."""
        with np.errstate(invalid="ignore"):
            return self.enough & (self.observed > self.upper)


def judge_farrington(
    counts: np.ndarray,
    judged: int,
    control: FarringtonControl = IMPROVED,
    *,
    dates: tuple[date, ...] | None = None,
    population: np.ndarray | None = None,
) -> Judgement:
    """Judge point `judged` of every series from points before it alone.

    `counts` is series × points, whole numbers; `dates` of the points, where years are calendar years; `population` of the same shape is
    an offset. Points without a count leave the baseline. Raises HistoryTooShort where no past
    year reaches to the same period.

    Sources: Farrington et al. 1996, J. R. Stat. Soc. A 159:547; Noufaily et al. 2013, Stat. Med. 32:1206; Salmon et al. 2016, J. Stat.
    Softw. 70(10).

    >>> weeks = np.full((1, 300), 4.0); weeks[0, 299] = 15
    >>> bool(judge_farrington(weeks, 299).is_signal[0])
    True
    """
    size = max(CELLS // max(judged, 1), 64)
    if len(counts) > size:
        parts = [
            judge_farrington(
                counts[first : first + size],
                judged,
                control,
                dates=dates,
                population=None if population is None else population[first : first + size],
            )
            for first in range(0, len(counts), size)
        ]
        return Judgement(
            **{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Judgement)}
        )
    past = reference_points(
        judged,
        years=control.years,
        half_window=control.half_window,
        periods=control.periods,
        excluded=control.excluded,
        per_year=control.per_year,
        dates=dates,
    )
    if not (past.period == 0).any():
        raise HistoryTooShort(judged, control.per_year + control.half_window, "points")
    baseline = counts[:, past.points].astype(float)
    shift = None if population is None else np.log(population[:, past.points])
    periods = (past.period[:, None] == np.arange(control.periods)).astype(float)
    design = loglinear.Design(_time(past.points, judged, dates), periods, trend=True)
    fits = _Fitted(baseline, design, control, shift) if control.trend else None
    kept = np.zeros(len(counts), dtype=bool)
    own = 0.0 if population is None else np.log(population[:, judged])
    if fits is not None:
        kept = fits.keeps_trend(own)
    flat = np.flatnonzero(~kept)
    found = {name: np.full(len(counts), np.nan) for name in ("predictor", "variance", "dispersion", "slope")}
    if fits is not None:
        fits.lay_into(found, kept, own)
    if len(flat):
        level = _Fitted(baseline[flat], replace(design, trend=False), control, None if shift is None else shift[flat])
        level.lay_into(found, flat, own if population is None else own[flat])
    found["slope"][~kept] = np.nan
    return _judgement(counts, judged, control, kept, **found)


def _time(points: np.ndarray, judged: int, dates: tuple[date, ...] | None) -> np.ndarray:
    """Time of past points before the judged one, in points; with dates, in days over those between the first two points."""
    if dates is None:
        return points - float(judged)
    days = np.array([day.toordinal() for day in dates], dtype=float)
    return (days[points] - days[judged]) / (days[1] - days[0])


class _Fitted:
    """The fit of a baseline, with past outbreaks weighed down."""

    def __init__(
        self, counts: np.ndarray, design: loglinear.Design, control: FarringtonControl, shift: np.ndarray | None
    ) -> None:
        self.counts, self.design, self.control = counts, design, control
        self.freedom = counts.shape[1] - design.parameters
        self.fits = loglinear.fit(counts, design, offset=shift)
        self.settled = self.fits.settled.copy()
        self.dispersion = np.maximum(self._pearson(self.fits.working), 1)
        weights = None
        if control.reweight:
            weights = self._weights()
            self.fits = loglinear.fit(counts, design, weights, shift)
            self.settled &= self.fits.settled
            self.dispersion = np.maximum(self._pearson(self.fits.working), 1)
        # What the reference implementation scales standard errors by, see the oracle.
        own = self.fits.working if weights is None else weights
        self.scale = self.dispersion if control.classic else self._pearson(own)
        self.trend_scale = self._pearson(self.fits.working) if control.classic else self.scale

    def _pearson(self, weights: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.einsum("sp,sp->s", weights, (self.counts / self.fits.mean - 1) ** 2) / self.freedom

    def _weights(self) -> np.ndarray:
        """Anscombe residuals above the threshold lose weight; the sum stays the number of points."""
        mean = self.fits.mean
        with np.errstate(all="ignore"):
            root = np.sqrt(mean)
            residual = 1.5 * (np.cbrt(self.counts * self.counts) / np.cbrt(root) - root)
            residual /= np.sqrt(self.dispersion[:, None] * (1 - self.fits.leverage(self.design)))
            threshold = 1.0 if self.control.classic else self.control.weights_threshold
            weight = np.where(residual > threshold, 1 / (residual * residual), 1.0)
        return weight * (self.counts.shape[1] / weight.sum(axis=1))[:, None]

    def keeps_trend(self, shift: float | np.ndarray) -> np.ndarray:
        """A slope is kept when it is significant, does not lead beyond what was ever seen, and rests on enough years."""
        predictor, _ = self.fits.predict(0.0)
        with np.errstate(all="ignore"):
            t = np.abs(self.fits.slope) / np.sqrt(self.trend_scale / self.fits.spread)
            p = 2 * special.stdtr(self.freedom, -t)
            significant = np.isfinite(p) & (p <= self.control.p_trend) if self.control.p_trend < 1 else True
            plausible = np.exp(predictor + shift) <= self.counts.max(axis=1)
        return self.settled & significant & plausible & (self.control.years >= ENOUGH_YEARS)

    def lay_into(self, found: dict[str, np.ndarray], where: np.ndarray, shift: float | np.ndarray) -> None:
        predictor, variance = self.fits.predict(0.0)
        own = np.full(len(self.counts), True) if where.dtype != bool else where
        settled = np.where(self.settled, 0.0, np.nan)
        for name, values in (
            ("predictor", predictor + shift + settled),
            ("variance", variance * self.scale + settled),
            ("dispersion", self.dispersion + settled),
            ("slope", self.fits.slope + settled),
        ):
            found[name][where] = values[own]


def _judgement(
    counts: np.ndarray,
    judged: int,
    control: FarringtonControl,
    kept: np.ndarray,
    *,
    predictor: np.ndarray,
    variance: np.ndarray,
    dispersion: np.ndarray,
    slope: np.ndarray,
) -> Judgement:
    observed = counts[:, judged].astype(float)
    with np.errstate(all="ignore"):
        expected = np.maximum(np.exp(predictor), loglinear.TINIEST_MEAN)
        expected = np.where(np.isnan(predictor), np.nan, expected)
        upper, p = _LIMITS[control.method](control, observed, expected, variance, dispersion)
    last = counts[:, max(judged - control.least_points + 1, 0) : judged + 1]
    enough = np.nansum(last, axis=1) >= control.least_count
    return Judgement(observed, expected, upper, p, dispersion, predictor, slope, kept, enough)


_POWERS = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}
_Limit = tuple[np.ndarray, np.ndarray]  # the upper limit, and the probability of the count observed or more


def _transformed(
    control: FarringtonControl, observed: np.ndarray, expected: np.ndarray, variance: np.ndarray, dispersion: np.ndarray
) -> _Limit:
    """A symmetric interval after a power transformation, the uncertainty of the mean included."""
    power = _POWERS[control.power]
    away = power * np.sqrt(expected ** (2 * power - 1) * (dispersion + expected * variance))
    upper = np.maximum(expected**power + special.ndtri(1 - control.tail) * away, 0) ** (1 / power)
    return upper, special.ndtr((expected**power - observed**power) / away)


def _plugged_in(
    control: FarringtonControl, observed: np.ndarray, expected: np.ndarray, variance: np.ndarray, dispersion: np.ndarray
) -> _Limit:
    """The quantile of a negative binomial around the mean as estimated."""
    return count_quantile(1 - control.tail, expected, dispersion), count_at_least(observed, expected, dispersion)


def _uncertain(
    control: FarringtonControl, observed: np.ndarray, expected: np.ndarray, variance: np.ndarray, dispersion: np.ndarray
) -> _Limit:
    """The same around the upper end of the mean."""
    high = expected * np.exp(special.ndtri(1 - control.tail) * np.sqrt(variance))
    p = np.where(np.isfinite(high), count_at_least(observed, high, dispersion), np.nan)
    return count_quantile(1 - control.tail, high, dispersion), p


_LIMITS = {"delta": _transformed, "nbPlugin": _plugged_in, "muan": _uncertain}
