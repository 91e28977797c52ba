"""What one item of deliberation, pairing, a project or an activity counts for: met, not met, or left out and why.

Each function takes the recorded rows and the indicator's window, and gives the items it looks at: `item, place, day, due_on, done_on,
state`. `place` is the area code, for activities the team. What is not due by the last day of the window is left out, never missed.
"""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd

COLUMNS = ["item", "place", "day", "due_on", "done_on", "state"]
Window = tuple[date, date]


def _day(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).dt.normalize().astype("datetime64[s]")


def _between(days: pd.Series, window: Window) -> pd.Series:
    return days.between(pd.Timestamp(window[0]), pd.Timestamp(window[1]))


def _items(
    rows: pd.DataFrame, item: str, place: str, day: pd.Series, due: pd.Series, done: pd.Series, state: object
) -> pd.DataFrame:
    return pd.DataFrame(
        {"item": rows[item], "place": rows[place], "day": day, "due_on": due, "done_on": done, "state": state}
    )


def _by_due(rows: pd.DataFrame, item: str, started: str, window: Window, waiting: str) -> pd.DataFrame:
    """Items to be done by their due day, as far as that fell within the window."""
    begun, due, done = (_day(rows[name]) for name in (started, "due_on", "done_on"))
    state = np.select([begun.isna(), due.isna(), done <= due], [waiting, "no_due_date", "met"], "not_met")
    posted = _day(rows["raised_on" if "raised_on" in rows else "posted_on" if "posted_on" in rows else started])
    looked_at = _between(due.fillna(begun).fillna(posted), window)
    return _items(rows, item, "area_code", begun.fillna(posted), due, done, state)[looked_at]


def deliberation(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Decided items carried out by the day the meeting set."""
    return _by_due(rows, "item_id", "decided_on", window, "not_decided")


def pairing(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Claimed needs and offers done by their day."""
    return _by_due(rows, "project_id", "claimed_on", window, "not_claimed")


def co_creation(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Joint-creation projects done by their day."""
    due, done = _day(rows["due_on"]), _day(rows["done_on"])
    found = _items(
        rows, "project_id", "area_code", _day(rows["starts_on"]), due, done, np.where(done <= due, "met", "not_met")
    )
    return found[_between(due, window)]


def deliberation_stages(rows: pd.DataFrame, window: Window, days: int) -> pd.DataFrame:
    """Items that went through all five stages within so many days of being raised; those raised too lately are not looked at."""
    raised, evaluated = _day(rows["raised_on"]), _day(rows["evaluated_on"])
    due = raised + pd.Timedelta(days=days)
    state = np.where(evaluated <= due, "met", "not_met")
    moved = (window[0] - timedelta(days=days), window[1] - timedelta(days=days))
    return _items(rows, "item_id", "area_code", raised, due, evaluated, state)[_between(raised, moved)]


def deliberation_three(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Items raised with government, community and owners' committee at one table."""
    raised = _day(rows["raised_on"])
    flags = rows[["with_government", "with_community", "with_committee"]].astype("Float64")
    state = np.select(
        [flags.isna().any(axis=1), (flags == 1).all(axis=1).fillna(False)], ["not_recorded", "met"], "not_met"
    )
    return _items(rows, "item_id", "area_code", raised, pd.NaT, pd.NaT, state)[_between(raised, window)]


def deliberation_disclosed(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Decided items whose result was made public."""
    decided = _day(rows["decided_on"])
    flag = rows["is_disclosed"].astype("Float64")
    state = np.select([flag.isna(), (flag == 1).fillna(False)], ["not_recorded", "met"], "not_met")
    return _items(rows, "item_id", "area_code", decided, pd.NaT, pd.NaT, state)[_between(decided, window)]


def pairing_claimed(rows: pd.DataFrame, window: Window, days: int) -> pd.DataFrame:
    """Posted needs and offers claimed within so many days."""
    posted, claimed = _day(rows["posted_on"]), _day(rows["claimed_on"])
    due = posted + pd.Timedelta(days=days)
    moved = (window[0] - timedelta(days=days), window[1] - timedelta(days=days))
    found = _items(rows, "project_id", "area_code", posted, due, claimed, np.where(claimed <= due, "met", "not_met"))
    return found[_between(posted, moved)]


def timely_records(rows: pd.DataFrame, window: Window, days: int, calendar: pd.DataFrame) -> pd.DataFrame:
    """Activities entered within so many working days of their end, as far as that day came within the window."""
    ended, recorded = _day(rows["ended_at"]), _day(rows["recorded_at"])
    due = workdays_after(ended, days, calendar)
    late = due > pd.Timestamp(window[1])
    state = np.select([due.isna(), late, recorded <= due], ["calendar_missing", "not_yet_due", "met"], "not_met")
    return _items(rows, "activity_id", "team_id", ended, due, recorded, state)[_between(ended, window)]


def workdays_after(days: pd.Series, count: int, calendar: pd.DataFrame) -> pd.Series:
    """The `count`-th working day after each day, by a calendar with `day, is_workday, workday_no`; NaT where it does not reach.

    >>> calendar = pd.DataFrame({"day": pd.to_datetime(["2026-10-09", "2026-10-10", "2026-10-11"]), "is_workday": [1, 1, 0], "workday_no": [1, 2, 2]})
    >>> workdays_after(pd.Series(pd.to_datetime(["2026-10-09", "2026-10-10"])), 1, calendar).dt.day.tolist()
    [10.0, nan]
    """
    known = calendar.assign(day=_day(calendar["day"]))
    number = days.map(known.set_index("day")["workday_no"])
    worked = known[known["is_workday"] == 1].drop_duplicates("workday_no").set_index("workday_no")["day"]
    return (number + count).map(worked).astype("datetime64[s]")


def active_months(activities: pd.DataFrame, teams: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The months a team existed in whole, met where it was active; a month that is not over is left out."""
    months = pd.date_range(window[0], window[1], freq="MS")
    ends = months + pd.offsets.MonthEnd(0)
    grid = teams[["team_id", "founded_on", "dissolved_on"]].merge(
        pd.DataFrame({"month": months, "end": ends}), how="cross"
    )
    founded, dissolved = _day(grid["founded_on"]), _day(grid["dissolved_on"])
    whole = (founded.isna() | (founded <= grid["month"])) & (dissolved.isna() | (dissolved > grid["end"]))
    grid = grid[whole].reset_index(drop=True)
    started = _day(activities["started_at"].fillna(activities["ended_at"]))
    active = set(zip(activities["team_id"], started.dt.strftime("%Y-%m"), strict=True))
    names = grid["month"].dt.strftime("%Y-%m")
    met = np.array([pair in active for pair in zip(grid["team_id"], names, strict=True)], dtype=bool)
    state = np.where(grid["end"] > pd.Timestamp(window[1]), "not_yet_due", np.where(met, "met", "not_met"))
    return pd.DataFrame({
        "item": names, "place": grid["team_id"], "day": grid["month"], "due_on": grid["end"], "done_on": pd.NaT, "state": state
    })  # fmt: skip


ITEMS: dict[str, Callable[..., pd.DataFrame]] = {
    "deliberation": deliberation,
    "deliberation_stages": deliberation_stages,
    "deliberation_three": deliberation_three,
    "deliberation_disclosed": deliberation_disclosed,
    "pairing": pairing,
    "pairing_claimed": pairing_claimed,
    "co_creation": co_creation,
    "timely_records": timely_records,
    "active_months": active_months,
}
