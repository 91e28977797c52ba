"""What other weights and thresholds would make of the cells of a stored outlook; other lines show from the next night on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.outlook.answer import LEVEL_CODES, RiskOutlook
from analytics.risk.composite import level_of, total_points
from analytics.risk.settings import RiskRules


@dataclass(frozen=True)
class LevelsPreview:
    """How many cells of the outlook of `as_of` have each level by the rules in force and by others: level code → cells."""

    as_of: date
    now: Mapping[str, int]
    then: Mapping[str, int]


def preview_levels(found: RiskOutlook, now: RiskRules, then: RiskRules) -> LevelsPreview | None:
    """What other rules would change, from the values of the parts as they are stored; None before the first night."""
    if found.run is None:
        return None
    counted = []
    for rules in (now, then):
        points = (
            total_points({part.name: part.value for part in item.parts}, rules) for item in found.items if item.parts
        )
        levels = Counter(level_of(one, rules) for one in points)
        counted.append({code: levels.get(code, 0) for code in LEVEL_CODES})
    return LevelsPreview(found.run.as_of, *counted)
