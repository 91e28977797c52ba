"""What asks for a look beside the score, and never changes it: unusual closings, removals, reports, answers, hours and records.

Each function gives rows `unit_id, question, count, whole, share_pct, items` where a limit of the rules is reached; whether there is anything
to it is for people to say, so each is worded as a question. By organisation or team, never by person, post or device.
"""

import pandas as pd

from analytics.scores.rules import ScoreRules

COLUMNS = ["unit_id", "question", "count", "whole", "share_pct", "items"]
PARTY = ("same_minute", "near_deadline", "mass_removal", "solved_reopened", "falling_reports")
VOLUNTEER = ("full_satisfaction", "implausible_hours", "late_bulk")


def _rows(
    frame: pd.DataFrame, question: str, count: str, whole: str | None = None, items: str | None = None
) -> pd.DataFrame:
    total = frame[whole] if whole else pd.Series(pd.NA, index=frame.index, dtype="Float64")
    return pd.DataFrame({
        "unit_id": frame["unit_id"], "question": question, "count": frame[count].astype("int64"), "whole": total.astype("Float64"),
        "share_pct": (100 * frame[count] / total).astype("Float64") if whole else pd.NA,
        "items": frame[items] if items else pd.Series([()] * len(frame), index=frame.index, dtype=object),
    })[COLUMNS]  # fmt: skip


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=COLUMNS)


def ask_party(
    habits: pd.DataFrame,
    minutes: pd.DataFrame,
    removals: pd.DataFrame,
    workload: pd.DataFrame,
    effort: pd.DataFrame,
    rules: ScoreRules,
) -> pd.DataFrame:
    """The questions of Party organisations, from frames that carry `unit_id`: how their units closed, in which minutes, what was removed, how
    many matters came against a year before, and the hours of patrol then and now (`hours, hours_before`)."""
    most = minutes.groupby("unit_id")["matters"].max().reset_index()
    habits = habits[habits["dated"] >= rules.value("questions.near_deadline_least")]
    late = habits[100 * habits["near_deadline"] >= rules.value("questions.near_deadline_pct") * habits["dated"]]
    again = habits[habits["solved_reopened"] >= rules.value("questions.solved_reopened")]
    bulk = removals.groupby("unit_id")["matters"].max().reset_index()
    both = workload.merge(effort, on="unit_id")
    steady = (both["hours_before"] > 0) & (both["hours"] >= 0.9 * both["hours_before"])
    enough = both["new_year_before"] >= rules.value("questions.fall_least")
    fell = 100 * (both["new_year_before"] - both["new"]) >= rules.value("questions.fall_pct") * both["new_year_before"]
    return _joined([
        _rows(most, "same_minute", "matters"),
        _rows(late, "near_deadline", "near_deadline", "dated"),
        _rows(bulk, "mass_removal", "matters"),
        _rows(again, "solved_reopened", "solved_reopened"),
        _rows(both[steady & enough & fell], "falling_reports", "new", "new_year_before"),
    ])  # fmt: skip


def ask_teams(months: pd.DataFrame, activities: pd.DataFrame, records: pd.DataFrame, rules: ScoreRules) -> pd.DataFrame:
    """The questions of volunteer teams: from their months (`team_id` …), their activities, and which of these were entered late (`records`, as
    `item_states.timely_records` gives them)."""
    sums = (
        months.groupby("team_id")[["evaluations_asked", "evaluated", "satisfied"]].sum().astype("float64").reset_index()
    )
    sums = sums.rename(columns={"team_id": "unit_id"})
    full = (sums["satisfied"] == sums["evaluated"]) & (sums["evaluated"] >= rules.value("questions.full_least"))
    few = 100 * sums["evaluated"] < rules.value("questions.participation_pct") * sums["evaluations_asked"]
    each = activities["hours"].astype("float64") / activities["attendances"].astype("float64").where(
        activities["attendances"] > 0
    )
    long = activities[(each > rules.value("questions.hours_each")).fillna(False)]
    hours = long.groupby("team_id")["activity_id"].agg(["size", tuple]).reset_index()
    hours = hours.rename(columns={"team_id": "unit_id", "size": "n", "tuple": "numbers"})
    late = records[(records["state"] == "not_met") & records["done_on"].notna()]
    days = late.groupby(["place", "done_on"])["item"].agg(["size", tuple]).reset_index()
    days = (
        days[days["size"] >= rules.value("questions.late_bulk")]
        .sort_values("size")
        .drop_duplicates("place", keep="last")
    )
    days = days.rename(columns={"place": "unit_id", "size": "n", "tuple": "numbers"})
    return _joined([
        _rows(sums[full & few], "full_satisfaction", "evaluated", "evaluations_asked"),
        _rows(hours, "implausible_hours", "n", items="numbers"),
        _rows(days, "late_bulk", "n", items="numbers"),
    ])  # fmt: skip
