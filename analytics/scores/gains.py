"""What would raise a score: for each indicator the next few items handled well, and what that does to indicator and score."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from analytics.scores.case_mix import effect_of

ASKED_BY_NOW = (  # the schedule of a term: what was asked for and not done can still be made up
    "upward_contacts", "office_contacts", "members_contacted", "joint_meetings", "action_days", "summit", "joint_project", "five_links",
)  # fmt: skip
HANDLING = (
    "timeliness", "resolution", "local_resolution", "no_rebound", "deliberation", "pairing", "active_months", "need_response",
    "timely_records", "sustained", "training", *ASKED_BY_NOW,
)  # fmt: skip
NEXT_SHARE = 0.1  # of the denominator, where nothing is known to fall due
MOST = 20
LEAST = 0.1  # points of the score; less is not seen at one decimal


def gains(
    indicators: pd.DataFrame, due: Mapping[str, int], subjects: pd.DataFrame, mix: pd.DataFrame, most: int = 3
) -> pd.DataFrame:
    """The indicators of one unit with the most to gain, the greatest first: `indicator, items, points, points_after, gain`.

    A row of `indicators` is one of `Scored.indicators`; `due` says how many items of an indicator fall due soon: that many, or a tenth of its
    denominator, are taken to be handled well, as every one of them could be; of a term's schedule what is outstanding by now. Only what the
    unit's own handling can change; never fewer complaints. `gain` is in points of the score.
    """
    rows = []
    for one in indicators[indicators["state"].eq("scored") & indicators["indicator"].isin(HANDLING)].to_dict("records"):
        if one["indicator"] in ASKED_BY_NOW:
            items = int(np.ceil(one["whole"] - one["met"]))
            after = 100 * (one["whole"] + one["alpha"]) / (one["whole"] + one["alpha"] + one["beta"])
        else:
            items = due.get(one["indicator"], 0) or int(np.ceil(NEXT_SHARE * one["whole"]))
            items = min(max(items, 1), MOST)
            after = _after(one, items, subjects, mix)
        gain = one["share"] * (after - one["points"])
        rows.append(
            {
                "indicator": one["indicator"],
                "items": items,
                "points": one["points"],
                "points_after": after,
                "gain": gain,
            }
        )
    found = pd.DataFrame(rows, columns=["indicator", "items", "points", "points_after", "gain"])
    return (
        found[found["gain"] >= LEAST]
        .sort_values("gain", ascending=False, kind="stable")
        .head(most)
        .reset_index(drop=True)
    )


def _after(one: Mapping[str, object], items: int, subjects: pd.DataFrame, mix: pd.DataFrame) -> float:
    if one["method"] == "mix":
        return _adjusted_after(items, subjects, mix, one["spread"])
    whole = one["whole"] + items + one["alpha"] + one["beta"]
    if one["direction"] == "lower":
        return 100 * (1 - (one["met"] + one["alpha"]) / whole)
    return 100 * (one["met"] + items + one["alpha"]) / whole


def _adjusted_after(items: int, subjects: pd.DataFrame, mix: pd.DataFrame, spread: float) -> float:
    """The adjusted rate after so many more successes, of the unit's own mix of subjects."""
    own = subjects.merge(mix[["subject", "met", "whole"]], on="subject", how="left").fillna({"met": 0.0, "whole": 0.0})
    usual = special.logit(own["rate"].to_numpy(dtype=float))
    whole = own["whole"].to_numpy(dtype=float)
    more = items * whole / whole.sum()
    effect = effect_of(own["met"].sum() + items, whole + more, usual, spread)
    return float(100 * (special.expit(usual + effect) @ own["mix"].to_numpy(dtype=float)))
