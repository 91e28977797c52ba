"""The risk outlook of a night: what its forecasts imply, as frames of `data.risk_tables`."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.outlook.ahead import past_counts, volumes
from analytics.outlook.levels import levels
from analytics.outlook.proof import Proof, past_levels, past_reliability, prove
from analytics.outlook.standing import (
    EVERYWHERE,
    MONTH,
    WEEKS,
    Closing,
    backlog_rows,
    cells,
    judge_standing,
    learn_closing,
    read_standing,
)
from analytics.outlook.tree import NODE, Tree, tree_of
from analytics.risk.rising import usual_rises
from analytics.risk.settings import RISK_RULES, RiskRules
from data import queries, risk_tables
from data.errors import NotReady
from data.mart import Mart
from data.workdays import WorkCalendar, lunar_new_year

LEAST_A_YEAR = 24  # matters a year without which a subject has no months to speak of
Progress = Callable[[str, float], None]


def outlook_frames(
    mart: Mart,
    as_of: date,
    frames: Mapping[str, pd.DataFrame],
    *,
    calendar: WorkCalendar,
    rules: RiskRules = RISK_RULES,
    past: Mapping[date, Mapping[str, pd.DataFrame]] | None = None,
    proven: Mapping[str, pd.DataFrame] | None = None,
    progress: Progress = lambda stage, share: None,
) -> dict[str, pd.DataFrame]:
    """What the forecasts of a night imply: frames by table name of `data.risk_tables`, all of them, without `run_no`.

    `frames` are those of the night, of the tables forecast, forecast_series and forecast_past (the last with a year of weeks and three of months, where
    there are so many). `past` are the same of earlier month ends, by their day, made from what was known then (a backtest): levels are
    given by them and held against what came; without it there is no reliability yet. `proven` are the tables of `risk_tables.LAST_RUN` as an earlier
    night proved the methods: given, they stand, and nothing is proved anew.
    """
    began = time.perf_counter()
    tree = tree_of(mart)
    progress("deadlines", 0.0)
    if not tree.levels:
        return {name: _empty(name) for name in risk_tables.tables()}
    closing = learn_closing(mart, tree, as_of)
    proof = Proof.kept(proven) if proven is not None else prove(mart, tree, as_of, rules)
    progress("standing", 0.5)
    series = frames["forecast_series"][NODE].drop_duplicates()
    found, weekly, steps = _standing(mart, tree, as_of, closing, proof.stray_missed, frames, series, rules)
    ahead = volumes(frames, as_of, found["closed_a_week"], rules, _new_year)
    progress("rising", 0.8)
    if proven is None:
        issued = _past_levels(mart, tree, past or {}, proof.learned, frames, rules)
        reliability = past_reliability(issued, "usual")
    else:
        reliability = proven["risk_reliability"]
    made = {
        "risk_facts": pd.DataFrame(
            [
                {
                    "settings": json.dumps(asdict(rules)),
                    "seconds": time.perf_counter() - began,
                    "calendar_through": _through(calendar),
                    "spells": closing.spells,
                }
            ]
        ),
        "risk_cell": _as_cells(found),
        "risk_volume": ahead,
        "risk_level": levels(found, ahead, series, rules),
        "risk_backlog": backlog_rows(weekly, found, closing, as_of, steps, proof.stray_open),
        "risk_rising": rising_rows(mart, tree, as_of, rules),
        "risk_reliability": reliability,
        "risk_model": proof.models,
        "risk_calibration": proof.calibration,
    }
    progress("outlook", 1.0)
    return {name: _fitting(name, frame) for name, frame in made.items()}


def _standing(
    mart: Mart,
    tree: Tree,
    as_of: date,
    closing: Closing,
    stray: float,
    frames: Mapping[str, pd.DataFrame],
    series: pd.DataFrame,
    rules: RiskRules,
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """The cells with what is expected of them, the weeks ahead, and the working days that will be over by each day ahead."""
    weekly = frames["forecast"]
    weekly = weekly[(weekly["freq"] == "W") & (pd.to_datetime(weekly["last_on"]) > pd.Timestamp(as_of))]
    ends = sorted({pd.Timestamp(one).date() for one in weekly["last_on"]})[:WEEKS]
    last = max([*ends, as_of + timedelta(days=MONTH)])
    days = tuple(as_of + timedelta(days=number) for number in range((last - as_of).days + 1))
    over = np.array(queries.steps_done(mart, days))
    week_steps = [int(over[(one - as_of).days] - over[0]) for one in ends]
    rows = read_standing(mart, tree, as_of, as_of, rules)
    judged = judge_standing(rows, closing, week_steps, int(over[MONTH] - over[0]), rules)
    known = closing.hazards is not None
    return cells(mart, tree, as_of, judged, stray, rules, series, is_known=known), weekly, over


def _as_cells(found: pd.DataFrame) -> pd.DataFrame:
    whole = [
        "open", "overdue", "due", "undated", "soon", "pending", "pending_before", "disputes", "followed", "open_disputes",
    ]  # fmt: skip
    out = found.drop(columns=[name for name in found if name.startswith("stays_") or name == "scatter"])
    return out.assign(**{name: out[name].astype(float).round().astype("Int64") for name in whole})


def _fitting(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        return _empty(name)
    return frame.reset_index(drop=True)


def _empty(name: str) -> pd.DataFrame:
    columns = [column.name for column in risk_tables.tables()[name].columns if column.name != "run_no"]
    return pd.DataFrame(columns=columns)


def _new_year(year: int) -> date | None:
    try:
        return lunar_new_year(year)
    except NotReady:
        return None


def _through(calendar: WorkCalendar) -> date:
    return calendar.first + timedelta(days=int(np.flatnonzero(calendar.status >= 0)[-1]))


# --- what usually rises -------------------------------------------------------------------------------------------------------------


def rising_rows(mart: Mart, tree: Tree, as_of: date, rules: RiskRules) -> pd.DataFrame:
    """The rows of `risk_rising`: every subject of the whole place with enough matters, in every part of the year."""
    last = as_of + timedelta(days=1)
    last = last.replace(day=1) - timedelta(days=1)  # the end of the last month that is over
    counts = queries.read_month_counts(mart, EVERYWHERE, last, tree.subjects)
    if counts.empty or tree.root is None:
        return pd.DataFrame()
    counts = counts.assign(month=pd.to_datetime(counts["month"]))
    months = pd.date_range(counts["month"].min(), pd.Timestamp(last).replace(day=1), freq="MS")[1:]
    wide = counts.pivot_table(index=["kind", "subject"], columns="month", values="matters", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=months, fill_value=0)
    kinds = wide.groupby(level="kind").sum()
    kinds.index = pd.MultiIndex.from_arrays([kinds.index, [-1] * len(kinds)], names=["kind", "subject"])
    both = pd.concat([wide, kinds])
    both = both[both.sum(axis=1) >= LEAST_A_YEAR * len(months) / 12]
    if both.empty or len(months) < 12 * rules.rising_years - 1:
        return pd.DataFrame()
    found = usual_rises(both.to_numpy(dtype=float), months.to_numpy().astype("datetime64[M]"), pct=rules.rising_pct)
    if found.empty:
        return found
    at = found["series"].to_numpy()
    codes = tree.subject_codes(pd.Series(both.index.get_level_values("subject")))
    node = {
        "level": tree.levels[0],
        "area_code": tree.root,
        "kind": both.index.get_level_values("kind").to_numpy(dtype=object)[at],
        "category_code": codes[at],
    }
    evidence = [json.dumps(one) for one in found["evidence"]]
    return found.drop(columns=["series", "evidence"]).assign(**node, evidence=evidence)


# --- levels of past months ----------------------------------------------------------------------------------------------------------


def _past_levels(
    mart: Mart,
    tree: Tree,
    past: Mapping[date, Mapping[str, pd.DataFrame]],
    learned: Mapping[date, Closing],
    frames: Mapping[str, pd.DataFrame],
    rules: RiskRules,
) -> pd.DataFrame:
    """Levels as they would have been given on past days, each by what was known then."""
    ahead, standing = {}, {}
    for day, then in past.items():
        before = [one for one in learned if one <= day]
        if not before:
            continue
        series = then["forecast_series"][NODE].drop_duplicates()
        found, _, _ = _standing(mart, tree, day, learned[max(before)], 0.0, then, series, rules)
        standing[day] = found
        ahead[day] = volumes(then, day, found["closed_a_week"], rules, _new_year)
    return past_levels(ahead, standing, past_counts(frames["forecast_past"], "M"), rules)
