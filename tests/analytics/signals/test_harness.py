"""The doors for the shared harnesses keep their protocols and see nothing later than the week they judge."""

import numpy as np
import pytest

from analytics.signals import harness, scenarios
from analytics.signals.evaluation import found_and_wait, limit_at_rate

WEEKS = np.arange(scenarios.FIRST_JUDGED_WEEK + 1, scenarios.WEEKS + 1)  # 1-based, as the harness counts


def test_a_week_is_judged_the_same_when_nothing_follows_it() -> None:
    counts = scenarios.simulate_weeks(seeds=[100]).counts
    together = harness.weekly(counts, WEEKS[:12:4])
    alone = harness.weekly(counts[:, : WEEKS[8]], WEEKS[8:9])
    for every, last in zip(together, alone, strict=True):
        assert every[:, 2] == pytest.approx(last[:, 0], rel=1e-7, nan_ok=True)
    assert harness.weekly.multi


def test_more_surges_are_found_at_a_fixed_rate_than_the_published_method_finds() -> None:
    drawn = scenarios.simulate_weeks(seeds=range(102, 106))
    quiet, loud = (harness.weekly(one, WEEKS)[3] for one in (drawn.quiet, drawn.counts))
    judged = WEEKS - 1
    limit = limit_at_rate(quiet[drawn.past[:, judged] == 0], 0.02)
    found, _ = found_and_wait(loud <= limit, drawn.surge[:, judged] > 0)
    assert found > 60  # improved Farrington 60.3 % over all seeds; these four hold 168 surges


def test_daily_p_are_series_by_judged_days() -> None:
    drawn = scenarios.simulate_days(seeds=[100], years=4)
    last = drawn.quiet.shape[1] - 1
    p = harness.daily(drawn.quiet, np.array([last - 1, last]))
    assert p.shape == (16, 2)
    assert np.isfinite(p).all()
