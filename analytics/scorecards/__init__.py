"""Scorecards of organisations and teams: the answers that page, paper and terminal share. Never persons, never posts."""

from analytics.scorecards.answer import (
    BANDS,
    ITEMS_ASKED,
    KINDS,
    CardLine,
    CountedItems,
    DueItem,
    Gain,
    IndicatorScore,
    LeftOut,
    Missing,
    Objection,
    PanelFigure,
    PeerGroup,
    Question,
    RuleFacts,
    RulesPreview,
    ScoreCard,
    Scorecards,
    Unit,
)
from analytics.scorecards.card import score_card
from analytics.scorecards.disclosure import card_as_it_leaves, items_as_they_leave, list_as_it_leaves
from analytics.scorecards.items import counted_items
from analytics.scorecards.listing import funnel_said, score_units
from analytics.scorecards.objecting import decide_objection, effect_of_decision, object_to_item
from analytics.scorecards.previewing import preview_rules, propose
from analytics.scorecards.ruling import rules_of_file, rules_of_period, rules_of_version, shipped_rules
from analytics.scores.windows import period_from

__all__ = [
    "BANDS", "ITEMS_ASKED", "KINDS", "CardLine", "CountedItems", "DueItem", "Gain", "IndicatorScore", "LeftOut", "Missing", "Objection",
    "PanelFigure", "PeerGroup", "Question", "RuleFacts", "RulesPreview", "ScoreCard", "Scorecards", "Unit", "card_as_it_leaves", "counted_items",
    "decide_objection", "effect_of_decision", "funnel_said", "items_as_they_leave", "list_as_it_leaves", "object_to_item", "period_from", "preview_rules", "propose",
    "rules_of_file", "rules_of_period", "rules_of_version", "score_card", "score_units", "shipped_rules",
]  # fmt: skip
