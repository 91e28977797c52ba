"""`python -m analytics.signals.oracle FOLDER`: do the reference methods agree with outputs of the reference implementation?

The folder holds `series.json` and `cases.json` (see the README beside them). Prints agreement per function; exit code 1 on any
disagreement of an implemented function beyond a relative 1e-6.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np

from analytics.signals.ears import ears_limit
from analytics.signals.farrington import FarringtonControl, Judgement, judge_farrington

RELATIVE, ABSOLUTE = 1e-6, 1e-11


def compare(folder: Path) -> tuple[Counter, list[str]]:
    """Points by function and verdict (`agrees`, `differs`), and one line for each case that differs."""
    series = json.loads((folder / "series.json").read_text(encoding="utf-8"))
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    tally, differing = Counter(), []
    for case in cases:
        run = FUNCTIONS.get(case["function"])
        if run is None or case["status"] != "ok":
            tally[case["function"], "not run"] += 1
            continue
        wrong = [
            f"{name} at {point + 1}: {ours!r}, reference {theirs!r}"
            for point, name, ours, theirs in run(case, series[case["series"]])
            if not _agree(ours, theirs)
        ]
        tally[case["function"], "differs" if wrong else "agrees"] += 1
        if wrong:
            differing.append(f"{case['id']}: {len(wrong)} values, the first {wrong[0]}")
    return tally, differing


def _agree(ours: float, theirs: float | None) -> bool:
    if theirs is None:
        return not np.isfinite(ours)
    return bool(np.isclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE))


def _points(case: dict) -> Iterator[tuple[int, int]]:
    """Each judged point with its place in the outputs."""
    first, last = case["range"]
    yield from ((point, point - first + 1) for point in range(first - 1, last))


def _run_ears(case: dict, series: dict) -> Iterator[tuple[int, str, float, float | None]]:
    asked, counts = case["control"], np.array([series["observed"]], dtype=float)
    options = {"points": asked.get("baseline", 7), "alpha": asked.get("alpha"), "least_sd": asked.get("minSigma", 0.0)}
    for point, place in _points(case):
        (limit,) = ears_limit(counts, point, asked["method"], **options)
        yield point, "upperbound", limit, case["upperbound"][place]
        if np.isfinite(limit):
            yield point, "alarm", float(counts[0, point] > limit), case["alarm"][place]


def _run_farrington(case: dict, series: dict) -> Iterator[tuple[int, str, float, float | None]]:
    control = _control(case, series)
    counts = np.array([series["observed"]], dtype=float)
    dates = tuple(date.fromisoformat(day) for day in series["dates"]) if series["epochAsDate"] else None
    population = np.array([series["population"]], dtype=float) if case["control"].get("populationOffset") else None
    for point, place in _points(case):
        found = judge_farrington(counts, point, control, dates=dates, population=population)
        for name, ours in _outputs(found, control).items():
            if name in case:
                yield point, name, ours, case[name][place]


def _outputs(found: Judgement, control: FarringtonControl) -> dict[str, float]:
    """Our judgement in the reference's conventions, which are not all ours.

    The classic form gives the limit 0 where too little happened of late, and its probability is that of fewer; the flexible form gives no
    limit there, and with a quantile as the limit its score counts from the log mean.
    """
    expected, upper, observed = found.expected[0], found.upper[0], found.observed[0]
    enough, p = bool(found.enough[0]), found.p[0]
    if control.classic:
        return {
            "expected": expected,
            "upperbound": upper if enough else 0.0,
            "pvalue": 1 - p,
            "alarm": float(found.is_signal[0]),
        }
    if np.isnan(found.dispersion[0]):  # neither form of the model settled
        return {"expected": 0.0} | dict.fromkeys(
            ("upperbound", "phi", "trend", "trendCoef", "pvalue", "score", "alarm"), np.nan
        )
    origin = expected if control.method == "delta" else found.predictor[0]
    return {
        "expected": expected if enough and np.isfinite(upper) else np.nan,
        "upperbound": upper if enough else np.nan,
        "phi": found.dispersion[0],
        "trend": float(found.has_trend[0]),
        "trendCoef": found.slope[0],
        "pvalue": p,
        "score": (observed - origin) / (upper - origin),
        "alarm": float(found.is_signal[0]),
    }


def _control(case: dict, series: dict) -> FarringtonControl:
    asked, classic = case["control"], case["function"] == "farrington"
    least_count, least_points = asked.get("limit54", (5, 4))
    return FarringtonControl(
        years=asked["b"],
        half_window=asked["w"],
        periods=asked.get("noPeriods", 1),
        excluded=0 if classic else asked.get("pastWeeksNotIncluded"),
        alpha=asked.get("alpha", 0.05),
        trend=asked.get("trend", True),
        p_trend=asked.get("pThresholdTrend", 0.05),
        reweight=asked.get("reweight", True),
        weights_threshold=asked.get("weightsThreshold", 2.58),
        method=asked.get("thresholdMethod", "delta"),
        power=asked.get("powertrans", "2/3"),
        least_count=least_count,
        least_points=least_points,
        per_year=series["freq"],
        classic=classic,
    )


FUNCTIONS: dict[str, Callable] = {
    "earsC": _run_ears,
    "farrington": _run_farrington,
    "farringtonFlexible": _run_farrington,
}


def main(arguments: list[str]) -> int:
    """Print the agreement; 0 when everything implemented agrees."""
    tally, differing = compare(Path(arguments[0]))
    for function in sorted({name for name, _ in tally}):
        parts = ", ".join(f"{count} {verdict}" for (name, verdict), count in sorted(tally.items()) if name == function)
        sys.stdout.write(f"{function:20} {parts}\n")
    for line in differing:
        sys.stdout.write(f"  {line}\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
