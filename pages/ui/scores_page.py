"""The course of a scorecard page: all units, or one card, or the rules."""

from analytics.scorecards import Scorecards
from pages.ui import (
    behind,
    filters,
    quality,
    scores,
    scores_card,
    scores_files,
    scores_items,
    scores_parts,
    scores_peers,
    scores_rules,
)
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked


def show(*kinds: str) -> None:
    """The kind of card that the link names, the first unless another; where only one unit is to be seen, its card at once."""
    scores_parts.settle_period()
    chosen = filters.sidebar("month", kinds=False)
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    quality.say_done()
    own = dict(chosen.own)
    kind = own["of"] if own.get("of") in kinds else kinds[0]
    asked = load.asked_of(chosen, kind)
    if own.get("part") == "rules":
        return scores_rules.show(asked, chosen)
    if own.get("card"):
        return _show_card(own["card"], asked, chosen, alone=False)
    found = load.units(asked)
    if len(found.lines) == 1:
        return _show_card(found.lines[0].unit.unit_id, asked, chosen, alone=True)
    return _show_units(found, asked, chosen)


def _show_units(found: Scorecards, asked: Asked, chosen: Chosen) -> None:
    scores.show_top(found, asked, chosen)
    if not found.lines:
        scores.show_nothing(chosen)
        return scores.show_foot(found, chosen)
    scores.show_units(found, chosen)
    scores_peers.show_funnel(found, chosen)
    scores_peers.show_distribution(found, chosen)
    scores_peers.show_movement(found, chosen)
    scores_items.show_waiting(asked, {line.unit.unit_id: line.unit.name for line in found.lines}, chosen)
    scores_peers.show_questions(found, asked, chosen)
    scores_peers.show_coverage(found, chosen)
    scores_peers.show_panels(found, asked, chosen)
    scores_files.show_list_files(found, chosen)
    return scores.show_foot(found, chosen)


def _show_card(unit_id: str, asked: Asked, chosen: Chosen, *, alone: bool) -> None:
    card = load.card(asked, unit_id)
    scores_card.show_top(card, asked, chosen, alone=alone)
    scores_card.show_next(card, chosen)
    scores_card.show_indicators(card, chosen)
    scores_items.show_lineage(card, asked, chosen)
    scores_card.show_peers(card, chosen)
    scores_card.show_trend(card, chosen)
    scores_items.show_objections(card, asked, chosen)
    scores_card.show_questions(card, chosen)
    scores_card.show_panel(card, chosen)
    scores_files.show_card_files(card, asked, chosen)
    scores_card.show_foot(card, chosen)
