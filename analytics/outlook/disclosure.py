"""What of the risk outlook may leave the handling unit's own screen: nothing of a single community.

Beside the sum of a street, the numbers of all communities but one would tell that one, and probabilities times counts tell counts; so below
the street all numbers go, not only those of 1 to 4.
"""

from dataclasses import fields, replace

from analytics.outlook import wording
from analytics.outlook.answer import RiskItem, RiskOutlook

BELOW_STREET = "community"
KEPT = ("node", "period", "days", "rank")


def as_it_leaves(found: RiskOutlook) -> RiskOutlook:
    """The same outlook as it may be printed, mailed or exported: what stands below the street shows no numbers."""
    lists = ("backlog", "deadlines", "escalation", "pending")
    own = {name: tuple(_blank(item) for item in getattr(found, name)) for name in lists}
    return replace(
        found,
        items=tuple(_cell(item) for item in found.items),
        ranked=tuple(item for item in found.ranked if item.node.level != BELOW_STREET),
        changes=tuple(one for one in found.changes if one.node.level != BELOW_STREET),
        capacity=tuple(one for one in found.capacity if one.level != BELOW_STREET),
        **own,
    )


def _cell(item: RiskItem) -> RiskItem:
    if item.node.level != BELOW_STREET:
        return item
    return replace(
        item, level_code=None, points=None, parts=(), volumes=(), rank=None, said=(wording.FEW,), actions=(), open=None,
        selection=None, is_suppressed=True,
    )  # fmt: skip


def _blank(item: object) -> object:
    if item.node.level != BELOW_STREET:
        return item
    blank = {field.name: None for field in fields(item) if field.name not in (*KEPT, "path", "is_suppressed")}
    if hasattr(item, "path"):
        blank["path"] = item.path.iloc[:0]
    return replace(item, **blank, is_suppressed=True)
