"""The work level of a signal, Ⅰ to Ⅳ, from surprise, scale and persistence, by a rule that can be done by hand.

surprise × scale × persistence, each in points:
- surprise, −log10 of the node's p: 1 point, and one more from each of `surprise_2`, `surprise_3`, `surprise_4`;
- scale, matters above the expected: 1 point, and one more from each of `scale_2`, `scale_3`, `scale_4`; in a district or city one more,
  at most 4;
- persistence, weeks since the first alarm, the current one counted: 1 point, and one more from `persistence_2` and `persistence_3`.

Level I from `level_1` points of the product, II from `level_2`, III from `level_3`, else IV. These are internal work levels, they say
how soon a signal is to be verified; they are not the statutory alert levels, which people declare.
"""

import numpy as np
import pandas as pd

from analytics.signals.settings import LEVEL_CODES, SIGNAL_RULES, SignalRules

WIDE = ("district", "city")  # levels of place whose scale counts one point more
MOST_POINTS = 4  # of surprise and of scale


def points(value: np.ndarray, thresholds: tuple[float, ...]) -> np.ndarray:
    """One point, and one more from each threshold that is reached.

    >>> points(np.array([3.9, 4.0, 9.5]), (4, 6, 9)).tolist()
    [1, 2, 4]
    """
    return 1 + (np.asarray(value, dtype=float)[:, None] >= np.asarray(thresholds, dtype=float)).sum(axis=1)


def score_levels(candidates: pd.DataFrame, rules: SignalRules = SIGNAL_RULES) -> pd.DataFrame:
    """The work level of each candidate and why.

    Needs level (of place), p_node, observed, expected and weeks. Adds level_code ("I" … "IV") and level_because: a dict with surprise,
    scale and persistence as measured, and points with what each gave and their product.

    >>> row = {"level": "street", "p_node": 1e-6, "observed": 14, "expected": 6.0, "weeks": 1}
    >>> scored = score_levels(pd.DataFrame([row]))
    >>> scored["level_code"][0], scored["level_because"][0]["points"]
    ('III', {'surprise': 3, 'scale': 2, 'persistence': 1, 'product': 6})
    """
    measured = {
        "surprise": -np.log10(np.clip(candidates["p_node"].to_numpy(dtype=float), 1e-300, 1.0)),
        "scale": (candidates["observed"] - candidates["expected"]).to_numpy(dtype=float),
        "persistence": candidates["weeks"].to_numpy(dtype=int),
    }
    scale = points(measured["scale"], (rules.scale_2, rules.scale_3, rules.scale_4)) + candidates["level"].isin(WIDE)
    given = {
        "surprise": points(measured["surprise"], (rules.surprise_2, rules.surprise_3, rules.surprise_4)),
        "scale": np.minimum(scale.to_numpy(), MOST_POINTS),
        "persistence": points(measured["persistence"], (rules.persistence_2, rules.persistence_3)),
    }
    given["product"] = given["surprise"] * given["scale"] * given["persistence"]
    below = (given["product"][:, None] < np.array([rules.level_1, rules.level_2, rules.level_3])).sum(axis=1)
    because = [
        {
            "surprise": round(float(measured["surprise"][row]), 2),
            "scale": round(float(measured["scale"][row]), 2),
            "persistence": int(measured["persistence"][row]),
            "points": {name: int(one[row]) for name, one in given.items()},
        }
        for row in range(len(candidates))
    ]
    codes = [LEVEL_CODES[one] for one in below]
    return candidates.assign(
        level_code=pd.Series(codes, index=candidates.index, dtype=object),
        level_because=pd.Series(because, index=candidates.index, dtype=object),
    )
