"""Is today's count, or that of the last seven days, higher than the series' own past implies? The production detector of daily counts.

A log-linear regression of the last four years of days: level, trend, three waves of the year, the weekday and, where the calendar is
given, what the Chinese year does to a day (`calendar_effects.day_design`); weights that halve every 1.5 years, past outbreaks left out.
Today by itself answers the same day; the trailing seven days find what builds up. Both are exact negative binomial middle p with the
uncertainty of the fit, that of the week wider where days run together by themselves, and are joined by a weighted harmonic mean.

Chosen on seeds 100–107 of the daily signals, never on the seeds reported: weights .3 and .7, and the sum of counts rather than a sum of
deviations, which finds no more and is dull where a day holds less than one matter.

Sources: Noufaily et al. 2019, Bioinformatics 35:3110 (trailing sums of daily counts, the signals); Wilson 2019, PNAS 116:1195 (harmonic
mean of dependent p); Lancaster 1961, JASA 56:223 (middle p); others in `counts_glm`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.signals import judgement
from analytics.signals.calendar_effects import DayFeatures, day_design
from analytics.signals.counts_glm import LEAST_INFORMATION, fit_baseline, middle_p
from analytics.signals.judgement import SeriesJudgement

WINDOWS = (1, 7)


@dataclass(frozen=True)
class DailyControl:
    """How days are judged: every value with its unit.

    `per_year` days a year; `harmonics` of it; `half_life` in years of a past day's weight, and `most_years` looked back; `today_weight`
    against 1 minus it for the trailing week; `outbreak_p` below which a past day is an outbreak; `season_sd`, `weekday_sd` and `trend_sd` of the
    effects' priors (log units, the trend's a year); `least_years` and `least_count` (matters) of history below which nothing is judged;
    `range_pct` of the expected range, None to leave it out.
    """

    per_year: float = 365.25
    harmonics: int = 3
    half_life: float = 1.5
    most_years: float = 4.0
    today_weight: float = 0.3
    outbreak_p: float = 0.001
    season_sd: float = 1.0
    weekday_sd: float = 1.5
    trend_sd: float = 0.3
    least_years: float = 2.0
    least_count: int = 5
    range_pct: float | None = 95.0


PRODUCTION = DailyControl()


def judge_daily(
    counts: np.ndarray,
    judged: int,
    control: DailyControl = PRODUCTION,
    *,
    days: np.ndarray | None = None,
    features: DayFeatures | None = None,
    start: np.ndarray | None = None,
) -> SeriesJudgement:
    """Judge day `judged` of every series (series × days) from the days before the seven it ends; nothing later is looked at.

    Counts are whole, NaN where a day was not recorded (an office closed is no count of 0). `days` (datetime64[D]) and `features` of the
    same days add the calendar; without them a week has seven kinds of days and nothing else. A series whose recorded past
    is shorter than two years is not judged, and says so. `start` are the coefficients of an earlier judgement of the same series.

    >>> counts = np.random.default_rng(3).poisson(4.0, (1, 1000)).astype(float)
    >>> counts[0, 999] = 16
    >>> found = judge_daily(counts, 999)
    >>> bool(found.p[0] < 0.001), int(found.window[0]), judge_daily(counts, 300).reason[0]
    (True, 1, 'short_history')
    """
    series, longest = len(counts), WINDOWS[-1]
    stop = judged - longest + 1
    least = int(np.ceil(control.least_years * control.per_year))
    if stop < least or not series:
        return judgement.not_judged(series, WINDOWS, judgement.SHORT_HISTORY)
    first = max(stop - int(control.most_years * control.per_year), 0)
    past = counts[:, first:stop].astype(float)
    latest = counts[:, stop : judged + 1][:, ::-1].astype(float)
    reason = judgement.reasons(past, latest[:, 0], least, control.least_count)
    if features is None or days is None:
        design, prior = _plain(first, judged, control)
    else:
        own = day_design(days[: judged + 1], features.until(judged + 1))
        design, prior = own.rows[first:], np.where(np.isinf(own.spread), LEAST_INFORMATION, own.spread**-2.0)
    age = np.arange(stop - first, 0, -1) / control.per_year
    baseline = fit_baseline(
        past,
        design[: stop - first],
        design[stop - first :][::-1],
        weights=0.5 ** (age / control.half_life),
        prior=prior,
        outbreak_p=control.outbreak_p,
        start=start,
    )
    own_p = np.stack([middle_p(*judgement.sums(latest[:, :points], baseline)) for points in WINDOWS], axis=1)
    p = judgement.harmonic_mean(own_p, np.array([control.today_weight, 1 - control.today_weight]))
    return judgement.by_windows(latest, baseline, WINDOWS, p, reason, control.range_pct)


def judge_days(
    counts: np.ndarray,
    judged: Sequence[int],
    control: DailyControl = PRODUCTION,
    *,
    days: np.ndarray | None = None,
    features: DayFeatures | None = None,
) -> Iterator[SeriesJudgement]:
    """The same for several days, each from its own past, every fit starting from the one before."""
    start = None
    for day in judged:
        found = judge_daily(counts, int(day), control, days=days, features=features, start=start)
        start = found.coefficients
        yield found


def _plain(first: int, judged: int, control: DailyControl) -> tuple[np.ndarray, np.ndarray]:
    """Level, trend in years, the year's harmonics and six weekdays; and the information of each prior."""
    place = np.arange(first, judged + 1)
    years = (place - judged) / control.per_year
    waves = [wave(2 * np.pi * order * years) for order in range(1, control.harmonics + 1) for wave in (np.cos, np.sin)]
    weekdays = [place % 7 == day for day in range(1, 7)]
    prior = [LEAST_INFORMATION, control.trend_sd**-2]
    prior += [control.season_sd**-2] * len(waves) + [control.weekday_sd**-2] * 6
    return np.column_stack([np.ones_like(years), years, *waves, *weekdays]).astype(float), np.array(prior)
