"""Many places judged at once: which are unusual when chance alone would make some of them look so.

The procedure of Benjamini and Hochberg (1995, J. R. Stat. Soc. B 57:289), applied within each level of place, over every node that was
judged and not only over those whose p was small enough to be kept. Valid on calibrated p-values that are independent or positively
dependent (Benjamini and Yekutieli 2001), which sums over a tree of places are.
"""

import numpy as np
import pandas as pd

from analytics.signals.settings import SIGNAL_RULES, SignalRules

TESTED = ("judged", "short_history")  # states of a judged node that carry a p


def adjust(p: np.ndarray, tested: int | None = None) -> np.ndarray:
    """The smallest false-discovery rate at which each p would be among those found; `tested` is how many were tested in all.

    Where only the smallest p of the tested are given, the result is exact for those below the smallest p left out and never too small
    for the others.

    >>> adjust(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    >>> adjust(np.array([0.001]), tested=100).tolist()
    [0.1]
    """
    given = np.asarray(p, dtype=float)
    size = max(len(given), tested or 0)
    order = np.argsort(given, kind="stable")
    ratio = given[order] * size / np.arange(1, len(given) + 1)
    adjusted = np.empty(len(given))
    adjusted[order] = np.minimum(np.minimum.accumulate(ratio[::-1])[::-1], 1.0)
    return adjusted


def count_tested(judged: pd.DataFrame) -> dict[str, int]:
    """How many nodes of each level carry a p, from the coverage of a night (level, state, nodes).

    >>> count_tested(pd.DataFrame({"level": ["street"] * 2, "state": ["judged", "no_data"], "nodes": [7, 2]}))
    {'street': 7}
    """
    tested = judged[judged["state"].isin(TESTED)]
    return {str(level): int(nodes) for level, nodes in tested.groupby("level")["nodes"].sum().items()}


def flag_found(nodes: pd.DataFrame, judged: pd.DataFrame, rules: SignalRules = SIGNAL_RULES) -> pd.DataFrame:
    """Which nodes are found at the error rate of their level.

    `nodes` has one row a node with level and p_node, `judged` the coverage of the night. Adds p_adjusted and is_found
    (p_adjusted ≤ q of the level).
    """
    flagged = nodes.assign(p_adjusted=1.0, is_found=False)
    tested = count_tested(judged)
    for level, rows in nodes.groupby("level").groups.items():
        adjusted = adjust(nodes.loc[rows, "p_node"].to_numpy(), tested.get(level))
        flagged.loc[rows, "p_adjusted"] = adjusted
        flagged.loc[rows, "is_found"] = adjusted <= rules.q_of(level)
    return flagged
