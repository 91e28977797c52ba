"""All units of a scorecard scored for a period: by the rules of its time, with the objections that were accepted."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.figures import Period
from analytics.scorecards import gathering
from analytics.scorecards.answer import RuleFacts
from analytics.scorecards.ruling import facts_of, rules_of_period
from analytics.scores.cards import DRAWS, Scored, score_cards
from analytics.scores.counting import apply_decisions
from analytics.scores.indicators import indicator, of
from analytics.scores.rules import ScoreRules
from analytics.scores.windows import name_of
from data import scoring_desk
from data.desk import Desk
from data.mart import Mart


@dataclass(frozen=True, eq=False)
class Result:
    """Everything known of a scorecard in a period, before it is narrowed to a reader."""

    scorecard: str
    period: Period
    as_of: date
    rules: ScoreRules
    facts: RuleFacts
    gathered: gathering.Gathered
    scored: Scored
    left: pd.DataFrame
    objections: pd.DataFrame


def score_period(
    mart: Mart,
    desk: Desk,
    scorecard: str,
    period: Period,
    as_of: date,
    *,
    rules: ScoreRules | None = None,
    gathered: gathering.Gathered | None = None,
    draws: int = DRAWS,
) -> Result:
    """Score every unit. `rules` tries out others than those in force on the period's last day; `gathered` saves a second reading."""
    if rules is None:
        rules, facts = rules_of_period(desk, scorecard, period.last)
    else:
        facts = facts_of(rules, "file")
    found = gathered or gathering.gather(mart, scorecard, period, as_of, rules)
    objections = scoring_desk.objections(desk, scorecard, name_of(period))
    counts, left, mix = apply_decisions(
        gathering.not_applicable(found, scorecard), found.left, decisions_of(objections, scorecard), found.mix
    )
    scored = score_cards(found.units, counts, rules, of(scorecard), mix=mix, draws=draws)
    return Result(scorecard, period, as_of, rules, facts, found, scored, left, objections)


def decisions_of(objections: pd.DataFrame, scorecard: str) -> pd.DataFrame:
    """The accepted objections, as `apply_decisions` takes them."""
    accepted = objections[objections["decision"] == "accepted"]
    lower = [indicator(scorecard, name).direction == "lower" for name in accepted["indicator"]]
    return accepted[["unit_id", "indicator", "state", "effect", "subject"]].assign(is_lower=lower)
