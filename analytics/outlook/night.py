"""The outlook as a part of the night of forecasts: its frames beside theirs, its levels in the ledger, and what came of earlier ones."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

import pandas as pd

from analytics.forecast_keeping import past_frame, shown_frames
from analytics.forecast_panels import last_days
from analytics.forecasts.combining import Weights
from analytics.forecasts.contract import Model, Panel, until
from analytics.forecasts.executing import Runner
from analytics.forecasts.nightly import forecast_night
from analytics.outlook.ahead import past_counts
from analytics.outlook.nightly import outlook_frames
from analytics.outlook.tree import NODE, keys_of
from analytics.risk.settings import LINES, rules_from
from data import forecast_ledger as ledger
from data import risk_tables
from data.desk import Desk
from data.in_force import risk_rules_in_force
from data.mart import Mart
from data.results import Results
from data.workdays import WorkCalendar

PAST_MONTHS = 9  # judged again after a backtest, each from what was known before it
LOOKED_BACK = timedelta(days=190)  # issued levels whose outcome is counted again for what came late
Progress = Callable[[str, float], None]


def past_nights(
    panel: Panel, weights: Weights, models: Sequence[Model], sums: Sequence, runner: Runner
) -> dict[date, dict[str, pd.DataFrame]]:
    """What would have been forecast at the ends of past months, for the month after each, by today's weights; tables by name."""
    found = {}
    for periods in range(max(len(panel.starts) - PAST_MONTHS, 13), len(panel.starts)):
        then = until(panel, periods)
        night = forecast_night(then, 1, weights, list(models), sums=sums, runner=runner)
        series, ahead = shown_frames(night, then)
        day = last_days(then.freq, then.starts[-1:])[0].astype(object)
        found[day] = {"forecast": ahead, "forecast_series": series, "forecast_past": past_frame(then)}
    return found


def wants_past(before: Results | None, desk: Desk, day: date) -> bool:
    """Whether the methods are to be proved and past months judged again: never were, by other rules, or a month has ended since."""
    if before is None:
        return True
    facts, kept = before.read(risk_tables.facts.select()), _kept(before)["risk_model"]
    if facts.empty or kept.empty:
        return True
    judged = pd.Timestamp(kept["last_on"].max())
    rules = rules_from(risk_rules_in_force(desk, day))
    by = json.loads(facts.sort_values("run_no")["settings"].iloc[-1])
    return by != asdict(rules) or (judged.year, judged.month) != (day.year, day.month) or judged.date() > day


def _kept(before: Results) -> dict[str, pd.DataFrame]:
    """What the last run kept of its proof, by table."""
    tables = risk_tables.tables()
    return {name: before.read(tables[name].select()).drop(columns="run_no") for name in risk_tables.LAST_RUN}


def outlook_of_night(
    mart: Mart,
    desk: Desk,
    day: date,
    frames: Mapping[str, pd.DataFrame],
    *,
    calendar: WorkCalendar,
    past: Mapping[date, Mapping[str, pd.DataFrame]] | None = None,
    before: Results | None = None,
    progress: Progress = lambda stage, share: None,
) -> dict[str, pd.DataFrame]:
    """The frames of the outlook by the rules in force; without `past` the proof of the night before (`before`) stays."""
    rules = rules_from(risk_rules_in_force(desk, day))
    proven = _kept(before) if past is None and before is not None else None
    if proven is not None and proven["risk_model"].empty:
        proven = None
    about = {"calendar": calendar, "rules": rules, "past": past, "proven": proven, "progress": progress}
    return outlook_frames(mart, day, frames, **about)


def issue_outlook(desk: Desk, made: Mapping[str, pd.DataFrame], **known: object) -> int:
    """Write the levels of the coming month to the ledger, with their parts and lines; each once. `known` as `issue_risks` takes it."""
    levels, months = made["risk_level"], made["risk_volume"]
    if levels.empty:
        return 0
    months = months[months["ahead"] == "month"] if len(months) else months
    known_months = dict(zip(keys_of(months), months.to_dict("records"), strict=True)) if len(months) else {}
    rows = []
    for key, level in zip(keys_of(levels), levels.to_dict("records"), strict=True):
        month = known_months.get(key)
        if month is None:
            continue
        lines = {name: {"value": _plain(month[name]), "chance": _plain(month[f"{name}_chance"])} for name in LINES}
        numbers = {"parts": json.loads(level["parts"]), "lines": lines, "median": _plain(month["median"])}
        own = {name: level[name] for name in (*NODE, "level_code", "points")}
        rows.append(
            own | {"ahead": "month", "first_on": month["first_on"], "last_on": month["last_on"], "numbers": numbers}
        )
    return ledger.issue_risks(desk, pd.DataFrame(rows), **known) if rows else 0


def write_outcomes(desk: Desk, frames: Mapping[str, pd.DataFrame], **known: object) -> int:
    """Write what came of the months whose levels were issued: how many matters, and which lines were passed. `known` as above."""
    day = known["as_of"]
    issued = ledger.read_risks(desk, day - LOOKED_BACK, day)
    counts = past_counts(frames["forecast_past"], "M")
    written = 0
    for first_on, rows in issued.groupby("first_on") if len(issued) else ():
        on = pd.Timestamp(first_on)
        if on not in counts:
            continue
        outcomes = {}
        for key, row in zip(keys_of(rows), rows.to_dict("records"), strict=True):
            came = counts[on].get(key)
            if came is None or pd.isna(came):
                continue
            lines = {name: one["value"] for name, one in row["numbers"]["lines"].items()}
            passed = {name: int(came > value) for name, value in lines.items() if value is not None}
            outcomes[key] = {"matters": int(came), "passed": passed}
        if outcomes:
            written += ledger.write_risk_truth(desk, "month", first_on, outcomes, **known)
    return written


def _plain(value: object) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 4)
