"""The questions beside the scores of a period: what was unusual about closings, removals, reports, answers, hours and records."""

from datetime import date

import pandas as pd

from analytics.figures import Sentence
from analytics.scorecards.answer import Question
from analytics.scorecards.scoring import Result
from analytics.scores import questions
from data.mart import Mart
from data.queries import score_checks
from data.queries import scores as reads


def ask(mart: Mart, result: Result) -> pd.DataFrame:
    """Every unit's questions: `unit_id, question, count, whole, share_pct, items`; about the period itself, not the longer windows."""
    if result.scorecard == "alliance":
        return pd.DataFrame(columns=questions.COLUMNS)
    return (_party if result.scorecard == "party" else _teams)(mart, result)


def questions_of_unit(asked: pd.DataFrame, unit_id: str) -> tuple[Question, ...]:
    """One unit's questions, said as questions."""
    found = []
    for row in asked[asked["unit_id"] == unit_id].to_dict("records"):
        values = {
            "count": int(row["count"]),
            "whole": _whole(row["whole"]),
            "share": None if pd.isna(row["share_pct"]) else float(row["share_pct"]),
        }
        found.append(
            Question(
                row["question"],
                Sentence(f"scores.question.{row['question']}", values),
                int(row["count"]),
                tuple(row["items"]),
            )
        )
    return tuple(found)


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)


def _party(mart: Mart, result: Result) -> pd.DataFrame:
    units = result.gathered.units
    first, last = result.period.first, min(result.period.last, result.as_of)
    by_area = units.set_index("area_code")["unit_id"]

    def of_units(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(unit_id=frame["area_code"].map(by_area)).dropna(subset="unit_id")

    effort = _effort(mart, result, first, last).merge(
        _effort(mart, result, _year_before(first), _year_before(last)), on="unit_id"
    )
    effort = effort.rename(columns={"hours_x": "hours", "hours_y": "hours_before"})
    workload = result.gathered.tables["workload"].reset_index()
    return questions.ask_party(
        of_units(score_checks.read_closing_habits(mart, first, last)),
        of_units(score_checks.read_closing_minutes(mart, first, last, result.rules.whole("questions.same_minute"))),
        of_units(score_checks.read_removals(mart, first, last, result.rules.whole("questions.same_day_removals"))),
        workload,
        effort,
        result.rules,
    )


def _effort(mart: Mart, result: Result, first: date, last: date) -> pd.DataFrame:
    rows = (
        reads.read_effort(mart, first, last)
        .rename(columns={"area_code": "place"})
        .merge(result.gathered.places, on="place")
    )
    return rows.groupby("unit_id")["patrol_hours"].sum().rename("hours").reset_index()


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _teams(_mart: Mart, result: Result) -> pd.DataFrame:
    first, last = pd.Timestamp(result.period.first), pd.Timestamp(min(result.period.last, result.as_of))
    tables = result.gathered.tables
    months, activities, records = tables["months"], tables["activities"], result.gathered.items["timely_records"]
    return questions.ask_teams(
        months[pd.to_datetime(months["month"]).between(first, last)],
        activities[pd.to_datetime(activities["ended_at"]).between(first, last + pd.Timedelta(days=1))],
        records[pd.to_datetime(records["done_on"]).between(first, last)],
        result.rules,
    )
