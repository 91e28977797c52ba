"""Is this week's count higher than the series' own past implies? The production detector of weekly counts.

A log-linear regression of the whole past: level, trend and two annual harmonics, weights that halve every 1.5 years, past outbreaks left
out. This week and the week before become normal deviations by their exact negative binomial middle p, the uncertainty of the fit included,
and are summed with weights 1 and 0.7: an outbreak leaves about half of its matters in its first week and two fifths in the second.
Spread evenly over two weeks, an excess is less likely chance than the same sum in one week of a scattered series, which the sum of
deviations knows and the sum of counts does not. Weeks that run together by themselves widen the sum's variance.

Chosen on seeds 100–149 of the scenarios and on the weekly counts of a real hotline (sp156): the half-life (1, 1.5, 3 years, none:
scenarios prefer longer, real counts shorter ones), the weight 0.7 (0.6, 0.7, 1), `outbreak_p` (.0005–.006: what stays of past outbreaks
makes p too large, what is taken from the tail too small). The last was chosen for calibration after seeds 0–49 had been looked at once.

Sources: Noufaily et al. 2013, Stat. Med. 32:1206; Bédubourg & Le Strat 2017, PLoS ONE 12:e0181227 (spread of an outbreak); Stouffer
1949; Lancaster 1961, JASA 56:223; others in `counts_glm`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.signals import judgement
from analytics.signals.counts_glm import LEAST_INFORMATION, fit_baseline, surprise
from analytics.signals.judgement import SeriesJudgement

WINDOWS = (1, 2)


@dataclass(frozen=True)
class WeeklyControl:
    """How weeks are judged: every value with its unit.

    `per_year` weeks a year; `harmonics` of the year; `half_life` in years, of a past week's weight; `before_weight` of the week before
    against this week's 1; `outbreak_p` below which a past week is an outbreak; `season_sd` and `trend_sd` of the effects' priors (log units,
    the trend's a year); `least_years` of history and `least_count` of matters in it, below which nothing is judged; `range_pct` of the
    expected range, None to leave it out.
    """

    per_year: float = 365.25 / 7
    harmonics: int = 2
    half_life: float = 1.5
    before_weight: float = 0.7
    outbreak_p: float = 0.005
    season_sd: float = 1.0
    trend_sd: float = 0.3
    least_years: float = 2.0
    least_count: int = 5
    range_pct: float | None = 95.0


PRODUCTION = WeeklyControl()


def judge_weekly(
    counts: np.ndarray, judged: int, control: WeeklyControl = PRODUCTION, *, start: np.ndarray | None = None
) -> SeriesJudgement:
    """Judge week `judged` of every series (series × weeks) from the weeks before it; nothing later is looked at.

    Counts are whole, NaN where a week was not recorded. A series whose recorded past is shorter than two years is not judged, and says so.
    `start` are the coefficients of an earlier judgement of the same series: faster, the answer is the same.

    >>> weeks = np.random.default_rng(3).poisson(4.0, (1, 200)).astype(float)
    >>> weeks[0, 199] = 15
    >>> found = judge_weekly(weeks, 199)
    >>> bool(found.p[0] < 0.001), found.observed[0].tolist()[0], judge_weekly(weeks, 60).reason[0]
    (True, 15.0, 'short_history')
    """
    series, least = len(counts), int(np.ceil(control.least_years * control.per_year))
    if judged - 1 < least or not series:
        return judgement.not_judged(series, WINDOWS, judgement.SHORT_HISTORY)
    past, latest = counts[:, : judged - 1].astype(float), counts[:, [judged, judged - 1]].astype(float)
    reason = judgement.reasons(past, latest[:, 0], least, control.least_count)
    columns = _columns(np.arange(judged + 1) - float(judged), control)
    age = np.arange(judged - 1, 0, -1) / control.per_year
    prior = np.full(columns.shape[1], control.season_sd**-2)
    prior[:2] = LEAST_INFORMATION, control.trend_sd**-2
    baseline = fit_baseline(
        past,
        columns[: judged - 1],
        columns[[judged, judged - 1]],
        weights=0.5 ** (age / control.half_life),
        prior=prior,
        outbreak_p=control.outbreak_p,
        start=start,
    )
    own = surprise(latest, baseline.mean, baseline.each)
    pair = np.array([1.0, control.before_weight])
    p = judgement.weigh_surprises(own, pair, baseline.residual_run, baseline.freedom)
    return judgement.by_windows(latest, baseline, WINDOWS, p, reason, control.range_pct)


def judge_weeks(
    counts: np.ndarray, judged: Sequence[int], control: WeeklyControl = PRODUCTION
) -> Iterator[SeriesJudgement]:
    """The same for several weeks, each from its own past, every fit starting from the one before."""
    start = None
    for week in judged:
        found = judge_weekly(counts, int(week), control, start=start)
        start = found.coefficients
        yield found


def _columns(time: np.ndarray, control: WeeklyControl) -> np.ndarray:
    """Level, trend in years, and the year's harmonics."""
    years = time / control.per_year
    waves = [wave(2 * np.pi * order * years) for order in range(1, control.harmonics + 1) for wave in (np.cos, np.sin)]
    return np.column_stack([np.ones_like(years), years, *waves])
