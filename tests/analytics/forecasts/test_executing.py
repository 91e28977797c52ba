"""Fits in this process, in a pool and on a cluster: the same numbers, also when a worker dies or a run is killed and taken up again."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from analytics.forecasts import executing
from analytics.forecasts.backtests import Backtest, backtest
from analytics.forecasts.executing import ClusterExecutor, Runner, process_pool
from tests.analytics.forecasts.fits import PATIENT, small_panel

CUTOFFS = (300, 330, 360)


@dataclass
class Kept:
    """Keeps in memory; does something once the second task is kept."""

    then: Callable[[], None] = lambda: None
    found: dict = field(default_factory=dict)
    kept: int = 0

    def read(self, name: str) -> dict | None:
        return self.found.get(name)

    def keep(self, name: str, found: dict) -> None:
        self.found[name] = found
        self.kept += 1
        if self.kept == 2:
            self.then()


@pytest.fixture(autouse=True)
def _one_series_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executing, "CHUNK", 1)


def run(runner: Runner) -> Backtest:
    return backtest(small_panel(), CUTOFFS, 14, [PATIENT], runner=runner)


@pytest.fixture(scope="module")
def here() -> Backtest:
    return run(Runner())


def test_a_pool_that_loses_a_worker_is_built_anew_and_gives_the_same_numbers(here: Backtest) -> None:
    kept = Kept(then=lambda: multiprocessing.active_children()[0].kill())
    found = run(Runner(lambda: process_pool(2), kept))
    np.testing.assert_array_equal(found.quantiles, here.quantiles)
    assert kept.kept == len(kept.found) == len(CUTOFFS) * 3, "nothing was run twice"


def test_a_cluster_that_loses_a_worker_gives_the_same_numbers(here: Backtest) -> None:
    distributed = pytest.importorskip("distributed")
    settings = {"n_workers": 3, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(**settings) as cluster:

        def kill() -> None:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

        kept = Kept(then=kill)
        found = run(Runner(lambda: ClusterExecutor(cluster.scheduler_address), kept))
    np.testing.assert_array_equal(found.quantiles, here.quantiles)
    assert kept.kept == len(CUTOFFS) * 3


def test_a_run_that_was_killed_goes_on_where_it_stopped(here: Backtest) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    kept = Kept(then=stop)
    with pytest.raises(KeyboardInterrupt):
        run(Runner(None, kept))
    assert kept.kept == 2
    found = run(Runner(None, kept))
    assert kept.kept == len(CUTOFFS) * 3, "only what was missing is run"
    np.testing.assert_array_equal(found.quantiles, here.quantiles)


def test_other_code_or_other_counts_take_up_nothing() -> None:
    kept = Kept()
    run(Runner(None, kept, mark="a"))
    before = kept.kept
    run(Runner(None, kept, mark="b"))
    assert kept.kept == 2 * before
    backtest(small_panel(seed=2), CUTOFFS, 14, [PATIENT], runner=Runner(None, kept, mark="b"))
    assert kept.kept == 3 * before
