"""How the issued risk levels and chances did: after each level how often the line was passed, and whether stated chances came true.

Before any issued month is over, the levels are those that past months would have been given, kept with the last night.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.figures import Line
from analytics.measures import wilson_interval
from analytics.risk.settings import LEVEL_CODES, LINES
from data.desk import Desk
from data.forecast_ledger import read_risks

LOOKS_BACK = timedelta(days=800)
LINE = "usual"  # the line that levels are held against
BANDS = np.array([0, 5, 20, 40, 60, 80, 95, 100])  # percents stated
FEWEST = 20  # levels or chances with a known outcome before they say more than the past judged again


def risk_record(
    desk: Desk, day: date, sees: Callable[[str], bool], stored: pd.DataFrame
) -> tuple[tuple[Line, ...], tuple[Line, ...], str]:
    """Levels (line, level_code, issued, passed, share_pct, low_pct, high_pct, months, first_on, last_on), chances (stated_pct, happened_pct,
    lower_pct, upper_pct, count) and whether the levels come from the ledger or from past months judged again (backtest). `stored` are the
    rows of `risk_reliability`.
    """
    issued = read_risks(desk, day - LOOKS_BACK, day)
    known = [row for row in issued.to_dict("records") if row["outcome"] is not None and sees(row["area_code"])]
    judged = [row for row in known if row["level_code"] and LINE in row["outcome"]["passed"]]
    chances = _chances(known)
    if len(judged) < FEWEST:
        return _stored_levels(stored), chances, "backtest"
    firsts = {row["first_on"] for row in judged}
    span = {
        "line": LINE,
        "months": len(firsts),
        "first_on": min(firsts),
        "last_on": max(row["last_on"] for row in judged),
    }
    lines = []
    for code in LEVEL_CODES:
        own = [row["outcome"]["passed"][LINE] for row in judged if row["level_code"] == code]
        lines.append(Line(span | {"level_code": code} | _share(sum(own), len(own))))
    return tuple(lines), chances, "ledger"


def _stored_levels(frame: pd.DataFrame) -> tuple[Line, ...]:
    names = ("line", "level_code", "months", "first_on", "last_on")
    return tuple(
        Line({name: row[name] for name in names} | _share(int(row["passed"]), int(row["issued"])))
        for row in frame.to_dict("records")
        if row["line"] == LINE
    )


def _share(passed: int, issued: int) -> dict[str, object]:
    low, high = wilson_interval(passed, issued) if issued else (None, None)
    share = 100 * passed / issued if issued else None
    return {"issued": issued, "passed": passed, "share_pct": share, "low_pct": low, "high_pct": high}


def _chances(known: list[Mapping]) -> tuple[Line, ...]:
    """Every chance given of passing a line, in bands, beside how often it was passed."""
    pairs = [
        (100 * row["numbers"]["lines"][line]["chance"], row["outcome"]["passed"][line])
        for row in known
        for line in LINES
        if line in row["outcome"]["passed"] and row["numbers"]["lines"].get(line, {}).get("chance") is not None
    ]
    if len(pairs) < FEWEST:
        return ()
    stated, passed = (np.array(one, dtype=float) for one in zip(*pairs, strict=True))
    band = np.clip(np.searchsorted(BANDS, stated, side="right") - 1, 0, len(BANDS) - 2)
    lines = []
    for place in np.unique(band):
        own = band == place
        share = _share(int(passed[own].sum()), int(own.sum()))
        values = {"stated_pct": float(stated[own].mean()), "happened_pct": share["share_pct"], "count": share["issued"]}
        lines.append(Line(values | {"lower_pct": share["low_pct"], "upper_pct": share["high_pct"]}))
    return tuple(lines)
