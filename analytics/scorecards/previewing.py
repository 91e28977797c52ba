"""Other rules tried out: what they would do to every unit, before anybody approves them."""

from datetime import date, datetime

import pandas as pd

from analytics.figures import Period
from analytics.scorecards import listing
from analytics.scorecards.answer import RulesPreview
from analytics.scorecards.scoring import score_period
from analytics.scores.rules import ScoreRules, as_given
from data import scoring_desk
from data.desk import Desk
from data.mart import Mart
from data.scope import Actor, Scope


def preview_rules(
    mart: Mart,
    desk: Desk,
    scope: Scope,
    period: Period,
    as_of: date,
    rules: ScoreRules,
    *,
    kind: str = "party",
    score: listing.Scoring = score_period,
) -> RulesPreview:
    """Every unit of the reader's scope under the rules in force and under others, for a period; `score` is how periods are scored."""
    now = score(mart, desk, kind, period, as_of)
    tried = score(mart, desk, kind, period, as_of, rules=rules)
    seen = listing.visible(mart, now, scope)
    names = now.gathered.units.set_index("unit_id")["name"]
    before, after = (one.scored.units.set_index("unit_id").reindex(seen) for one in (now, tried))
    found = pd.DataFrame({
        "unit_id": seen, "name": names.reindex(seen).to_list(), "before": before["score"].to_numpy(), "after": after["score"].to_numpy(),
        "change": (after["score"] - before["score"]).to_numpy(), "band_before": before["band"].to_numpy(), "band_after": after["band"].to_numpy(),
    })  # fmt: skip
    changed = int((before["band"].fillna("") != after["band"].fillna("")).sum())
    return RulesPreview(
        kind, period, now.facts, tried.facts, listing.farthest_first(found), changed, listing.middle_change(found)
    )


def propose(desk: Desk, rules: ScoreRules, valid_from: date, reason: str, actor: Actor, at: datetime) -> int:
    """Keep checked rules on the desk as a version to be approved (`data.scoring_desk.approve_rules`); returns its number."""
    given = as_given(rules) | {"valid_from": valid_from.isoformat()}
    return scoring_desk.propose_rules(desk, rules.scorecard, given, valid_from, rules.content, reason, actor, at)
