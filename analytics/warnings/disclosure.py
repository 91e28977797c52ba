"""What of the warnings may leave the handling unit's own screen: no counts of 1 to 4 below the street, nothing that only the unit may see.

No sum of hidden counts is shown beside them: a signal above another of its path is not listed, so nothing can be worked out by subtraction.
"""

from dataclasses import replace

from analytics.small_cells import MINIMUM_CELL
from analytics.warnings import wording
from analytics.warnings.answer import ClusterItem, RuleItem, SignalItem, SignalList
from analytics.warnings.stored import BELOW_STREET


def as_it_leaves(found: SignalList) -> SignalList:
    """The same warnings as they may be printed, mailed or exported: hidden numbers are None."""
    least = int(found.detection.settings.get("minimum_count", 1)) if found.detection else 1
    rules = tuple(_rule(one) for one in found.rules if not one.handling_unit_only)

    def fit(items: tuple[SignalItem, ...]) -> tuple[SignalItem, ...]:
        return tuple(_item(one) for one in items if one.observed is None or one.observed >= least)

    return replace(
        found,
        items=fit(found.items),
        digest_items=fit(found.digest_items),
        overdue=fit(found.overdue),
        rules=rules,
        clusters=tuple(_cluster(one) for one in found.clusters),
    )


def _is_small(level: str, observed: int | None) -> bool:
    return level in BELOW_STREET and observed is not None and 0 < observed < MINIMUM_CELL


def _item(item: SignalItem) -> SignalItem:
    if not _is_small(item.node.level, item.observed):
        return item
    blank = dict.fromkeys(("observed", "expected", "lower", "upper", "selection"))
    said = wording.reason_of({"window_days": item.window_days}, hidden=True)
    return replace(item, **blank, because=replace(item.because, scale=None), said=said, is_suppressed=True)


def _rule(item: RuleItem) -> RuleItem:
    if not _is_small(item.node.level, item.observed):
        return item
    return replace(item, observed=None, selection=None, said=(wording.RULE_FEW,), is_suppressed=True)


def _cluster(item: ClusterItem) -> ClusterItem:
    if not any(_is_small(node.level, item.observed) for node in item.places):
        return item
    hidden = replace(item, observed=None, expected=None, is_suppressed=True)
    return replace(hidden, said=wording.cluster_said(hidden))
