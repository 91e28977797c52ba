"""Shares of disputes that a petition follows: drawn together where numbers are few, and better than one share where places differ."""

import numpy as np
import pandas as pd
import pytest

from analytics.risk.escalation import escalation_shares, score_out_of_sample

LEVELS = ("city", "district", "street")


def disputes(seed: int, spread: float, *, of_cell: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two halves of the disputes of 4 × 8 streets and 10 categories whose shares differ by `spread` on the logit scale."""
    rng = np.random.default_rng(seed)
    rows = []
    of_street, of_code = rng.normal(0, spread, 32), rng.normal(0, spread, 10)
    for street in range(32):
        for code in range(10):
            share = 1 / (1 + np.exp(2.9 - of_street[street] - of_code[code]))
            for half in range(2):
                many = rng.poisson(of_cell)
                rows.append(
                    (
                        "9",
                        f"9{street // 8}",
                        f"9{street // 8}{street:02d}",
                        f"c{code}",
                        half,
                        many,
                        rng.binomial(many, share),
                    )
                )
    found = pd.DataFrame(rows, columns=[*LEVELS, "category_code", "half", "disputes", "followed"])
    return found[found["half"] == 0], found[found["half"] == 1]


def test_where_places_and_categories_differ_it_beats_one_share_for_all_and_each_cells_own() -> None:
    scores = score_out_of_sample(*disputes(1, 0.6), LEVELS)
    assert scores["model"] < scores["pooled"] - 0.005
    assert scores["model"] < scores["raw"] - 0.005


def test_where_nothing_differs_it_is_as_good_as_one_share_for_all() -> None:
    scores = score_out_of_sample(*disputes(2, 0.0), LEVELS)
    assert scores["model"] == pytest.approx(scores["pooled"], abs=0.001)


def test_few_disputes_are_judged_by_the_places_around_them() -> None:
    early, _ = disputes(3, 0.3)
    few = pd.DataFrame([("9", "90", "9099", "c0", 0, 2, 2)], columns=early.columns)
    found = escalation_shares(pd.concat([early, few]), LEVELS).set_index(["area_code", "category_code"])
    assert found.loc[("9099", "c0"), "share"] < 0.3
    assert found.loc[("9099", "c0"), "disputes"] == 2


def test_every_level_counts_all_below_it_and_the_range_holds_the_share() -> None:
    early, _ = disputes(4, 0.4)
    found = escalation_shares(early, LEVELS)
    whole = found[found["category_code"].isna()].groupby("level")["disputes"].sum()
    assert set(whole) == {early["disputes"].sum()}
    assert (found["low"] <= found["share"]).all()
    assert (found["share"] <= found["high"]).all()
    assert "org_id" not in found


def test_a_dispute_known_only_by_its_district_counts_there_and_above() -> None:
    early, _ = disputes(5, 0.2)
    wide = pd.DataFrame([("9", "90", None, "c0", 0, 1000, 50)], columns=early.columns)
    found = escalation_shares(pd.concat([early, wide]), LEVELS)
    whole = found[found["category_code"].isna()].groupby("level")["disputes"].sum()
    assert whole["district"] == whole["street"] + 1000
