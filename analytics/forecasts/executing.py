"""Fits on whatever is there: this process, a pool of processes, or a cluster behind the same interface (`concurrent.futures`).

Results are handed to a keeper as they finish, so that a run that was killed goes on where it stopped; when a worker dies, its pool is built
anew and only what is missing is run again. The same jobs give the same numbers wherever they run.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Protocol

import numpy as np

from analytics.forecasts.contract import Model, Panel, nothing_shared, part

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
CHUNK = 24  # series a task
MOST_REBUILDS = 5


class Keeper(Protocol):
    """Where finished tasks are kept between runs."""

    def read(self, name: str) -> dict[str, np.ndarray] | None: ...

    def keep(self, name: str, found: dict[str, np.ndarray]) -> None: ...


@dataclass(frozen=True)
class Runner:
    """How tasks are run: `open_executor` gives a new executor (None: in this process), `keeper` keeps what is finished."""

    open_executor: Callable[[], Executor] | None = None
    keeper: Keeper | None = None
    mark: str = ""  # of the code: what other code found is not taken up


@dataclass(frozen=True, eq=False)
class Job:
    """One model on one panel as it stood; it learns from all series and forecasts those `at` the given positions (None: all)."""

    model: Model
    panel: Panel
    horizon: int
    at: np.ndarray | None = None


def process_pool(workers: int) -> Executor:
    """A pool of new processes, one thread each."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with _environment(ONE_THREAD):
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
        for _ in range(workers):  # the workers are born with the environment as it is now
            pool.submit(os.getpid).result()
    return pool


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


class ClusterExecutor(Executor):
    """A Dask cluster at `address` (tcp://…) behind the interface of a pool; its connection ends with it."""

    def __init__(self, address: str) -> None:
        from distributed import Client

        self._client = Client(address, set_as_default=False)
        self._inner = self._client.get_executor(pure=False)

    def submit(self, task: Callable, /, *values: object, **named: object) -> Future:
        return self._inner.submit(task, *values, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait=wait)
        self._client.close()


@dataclass
class _Plan:
    job: Job
    at: list[np.ndarray]
    names: list[str]
    found: list[dict | None] = field(default_factory=list)


def forecast_all(
    jobs: Sequence[Job], runner: Runner, progress: Callable[[float], None] = lambda share: None
) -> tuple[list[np.ndarray], list[float]]:
    """The quantiles [series, horizon, quantile] of each job, for the series it forecasts, and the processor seconds each took."""
    plans = [_planned(job, runner) for job in jobs]
    lacking = [place for place, plan in enumerate(plans) if any(one is None for one in plan.found)]
    total = sum(len(plan.at) for plan in plans)
    done = sum(one is not None for plan in plans for one in plan.found)
    progress(done / max(total, 1))
    shared = {place: (None, 0.0) for place in lacking if plans[place].job.model.prepare is nothing_shared}
    first = {
        place: (_prepare, plans[place].job.model, plans[place].job.panel) for place in lacking if place not in shared
    }
    with _Workers(runner.open_executor) as workers:
        shared |= dict(workers.run(first))
        for (place, number), result in workers.run(_second(plans, shared)):
            plans[place].found[number] = result
            if runner.keeper is not None:
                runner.keeper.keep(plans[place].names[number], result)
            done += 1
            progress(done / total)
    quantiles = [np.concatenate([one["quantiles"] for one in plan.found]) for plan in plans]
    return quantiles, [float(sum(one["seconds"] for one in plan.found)) for plan in plans]


def _second(plans: Sequence[_Plan], shared: Mapping[int, tuple[object, float]]) -> dict[tuple[int, int], tuple]:
    """The forecasts still lacking, each with what its model learned from all series; that time is shared among its parts."""
    tasks = {}
    for place, (known, seconds) in shared.items():
        plan = plans[place]
        for number, at in enumerate(plan.at):
            if plan.found[number] is None:
                own = (plan.job.model, part(plan.job.panel, at), plan.job.horizon, known, seconds / len(plan.at))
                tasks[place, number] = (_forecast, *own)
    return tasks


def _planned(job: Job, runner: Runner) -> _Plan:
    wanted = np.arange(len(job.panel.keys)) if job.at is None else job.at
    at = np.array_split(wanted, max(1, -(-len(wanted) // CHUNK)))
    if runner.keeper is None:
        return _Plan(job, at, [""] * len(at), [None] * len(at))
    digest = _digest((runner.mark, job.model.name, job.horizon, CHUNK, wanted, job.panel))
    names = [f"{job.model.name}-{digest}-{number}" for number in range(len(at))]
    return _Plan(job, at, names, [runner.keeper.read(name) for name in names])


def _digest(value: object) -> str:
    """A name for a value made of numbers, words, arrays, tuples, mappings and dataclasses: equal ones have the same in every process."""
    found = hashlib.sha256()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if is_dataclass(one):
            one = {field.name: getattr(one, field.name) for field in fields(one)}
        if isinstance(one, Mapping):
            one = tuple(one.items())
        found.update(type(one).__name__.encode())
        if isinstance(one, np.ndarray):
            found.update(repr((one.shape, str(one.dtype))).encode() + np.ascontiguousarray(one).tobytes())
        elif isinstance(one, tuple | list):
            found.update(str(len(one)).encode())
            waiting += reversed(one)
        else:
            found.update(repr(one).encode() + b";")
    return found.hexdigest()[:24]


def _prepare(model: Model, panel: Panel) -> tuple[object, float]:
    began = time.process_time()
    return model.prepare(panel), time.process_time() - began


def _forecast(model: Model, panel: Panel, horizon: int, shared: object, before: float) -> dict[str, np.ndarray]:
    began = time.process_time()
    quantiles = model.forecast(panel, horizon, shared)
    return {"quantiles": quantiles, "seconds": np.array(time.process_time() - began + before)}


class _Workers:
    """One executor for several rounds of tasks, opened with the first and opened anew when it breaks; in this process without one."""

    def __init__(self, open_executor: Callable[[], Executor] | None) -> None:
        self._open, self._executor = open_executor, None

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, tasks: Mapping[object, tuple]) -> Iterator[tuple[object, object]]:
        """What each task gives, as they finish; in this process in their order. After a break only what is missing is run again."""
        if self._open is None:
            yield from ((name, task[0](*task[1:])) for name, task in tasks.items())
            return
        missing = dict(tasks)
        for left in reversed(range(MOST_REBUILDS + 1)):
            if not missing:
                return
            try:
                self._executor = self._executor or self._open()
                waiting = {self._executor.submit(*task): name for name, task in missing.items()}
                for done in as_completed(waiting):
                    result = done.result()
                    missing.pop(waiting[done])
                    yield waiting[done], result
            except (BrokenExecutor, CancelledError):
                self._close()
                if not left:
                    raise

    def _close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = None
