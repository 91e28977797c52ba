"""How a night is judged: the judgements of the method, which no site needs to set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NightSettings:
    """How a night is judged.

    `keep_p` is the largest p kept as a row; `half_life_days` after which the past counts half; `cold_days` of history below which a
    node has only its parent's profile; `complete_share` from which a day counts as complete; `busy_mean` matters a week from which a
    node's own history is judged too; `range_pct` of the range shown.
    """

    keep_p: float = 0.05
    half_life_days: int = 730
    cold_days: int = 365
    complete_share: float = 0.95
    busy_mean: float = 5.0
    range_pct: int = 95


NIGHT_SETTINGS = NightSettings()
