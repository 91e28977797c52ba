"""How the methods did out of time, on the fictional city whose truth is planted."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.outlook.levels import late_shares, levels, part_values
from analytics.outlook.proof import CUT_OFFS, deadline_proof, past_levels, past_reliability, prove
from analytics.outlook.tree import tree_of
from analytics.risk.settings import RISK_RULES
from data.mart import Mart

DAY = date(2026, 11, 20)


def test_the_probabilities_of_missing_a_deadline_come_true_in_the_planted_city(outlook_mart: Mart) -> None:
    proof = prove(outlook_mart, tree_of(outlook_mart), DAY, RISK_RULES)
    assert sorted(proof.learned) == sorted(DAY - timedelta(days=back) for back in CUT_OFFS)
    rows = proof.models.set_index(["model", "measure"])
    brier, missed = rows.loc[("deadline", "brier")], rows.loc[("deadline", "expected")]
    assert brier["value"] < brier["base"] * 1.02
    assert missed["value"] == pytest.approx(missed["base"], abs=4 * np.sqrt(missed["base"]))
    cases, expected = proof.calibration["cases"], proof.calibration["expected"]
    error = np.sqrt(expected * (1 - expected) / cases)
    assert (abs(proof.calibration["observed"] - expected) < 4 * error + 0.03).all()
    still = rows.loc[("backlog", "expected")]
    assert still["value"] == pytest.approx(still["base"], rel=0.15)


def test_a_perfect_forecaster_has_no_brier_score_and_a_coin_has_that_of_a_coin() -> None:
    rows, _ = deadline_proof(pd.DataFrame({"p": [0.0, 1.0], "n": [5.0, 5.0], "missed": [0.0, 5.0]}))
    assert rows[0]["value"] == 0
    rows, tenths = deadline_proof(pd.DataFrame({"p": [0.5], "n": [10.0], "missed": [5.0]}))
    assert rows[0]["value"] == rows[0]["base"] == 0.25
    assert tenths["observed"].tolist() == [0.5]


def month(**changes: object) -> dict:
    values = {"level": "city", "area_code": "9", "kind": None, "category_code": None, "ahead": "month"}
    values |= {"first_on": date(2026, 5, 1), "last_on": date(2026, 5, 31), "usual": 10.0, "usual_chance": 0.4}
    return values | {"last_year_chance": 0.2, "capacity_chance": np.nan} | changes


def test_a_level_of_a_past_month_is_held_against_what_came() -> None:
    volumes = {date(2026, 4, 30): pd.DataFrame([month(), month(area_code="8")])}
    counts = pd.DataFrame({pd.Timestamp("2026-05-01"): [11.0, 10.0]}, index=["city|9||", "city|8||"])
    issued = past_levels(volumes, {}, counts, RISK_RULES)
    assert issued["passed"].tolist() == [1, 0]  # at the line is not above it
    found = past_reliability(issued, "usual")
    assert (int(found["issued"].sum()), int(found["passed"].sum()), int(found["months"].iloc[0])) == (2, 1, 1)


def test_a_month_that_has_not_come_is_judged_by_nothing() -> None:
    volumes = {date(2026, 4, 30): pd.DataFrame([month()])}
    assert past_levels(volumes, {}, pd.DataFrame(index=["city|9||"]), RISK_RULES).empty


def test_one_late_matter_of_two_does_not_lead_the_list() -> None:
    blank = {"kind": None, "category_code": None, "disputes": np.nan, "share": np.nan, "share_whole": np.nan}
    blank |= {"pending": 0.0, "pending_expected": 0.0, "expected": 0.0}
    cells = pd.DataFrame([
        {"level": "city", "area_code": "9", "overdue": 50.0, "due": 950.0, "open": 1000.0} | blank,
        {"level": "street", "area_code": "91", "overdue": 1.0, "due": 1.0, "open": 2.0} | blank,
        {"level": "street", "area_code": "92", "overdue": 60.0, "due": 140.0, "open": 200.0} | blank,
    ])  # fmt: skip
    whole = late_shares(cells)
    assert whole == {None: 0.05}
    few, many = (part_values(cells.iloc[at], None, RISK_RULES, whole)["deadline"] for at in (1, 2))
    assert few < many


def test_a_series_without_a_forecast_of_the_month_is_grey_rather_than_low() -> None:
    week = pd.DataFrame([month(ahead="week")])
    found = levels(pd.DataFrame({"level": []}), week, week[["level", "area_code", "kind", "category_code"]], RISK_RULES)
    assert found["level_code"].isna().all()
    assert found["points"].isna().all()


def test_where_no_source_writes_down_closings_deadlines_are_unknown_rather_than_met() -> None:
    unknown = {"overdue": 3.0, "due": 7.0, "expected": np.nan, "open": 10.0, "pending": 2.0, "pending_expected": np.nan}
    cell = pd.Series(unknown | {"kind": None, "disputes": np.nan, "share": np.nan, "share_whole": np.nan})
    found = part_values(cell, None, RISK_RULES, {None: 0.2})
    assert found["deadline"] is None
    assert found["pending"] is None
