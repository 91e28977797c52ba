"""Which share of the disputes of a place and category will a petition follow? Few numbers are drawn towards the wider place.

Beta–binomial shrinkage down the tree (Efron & Morris 1975, J. Am. Stat. Assoc. 70:311; the strength by maximum of the beta–binomial likelihood, Griffiths
1973, Biometrics 29:637): a category of the city is drawn towards the whole city, a street towards its district, and a category in a place
towards what its category and its place by themselves lead to expect. By place and category, never by unit.
"""

import numpy as np
import pandas as pd
from scipy import special

STRENGTHS = np.geomspace(2, 20_000, 60)
LEAST = 1e-6
TEN, NINETY = 0.1, 0.9  # ends of the range of 80 %


def strength_of(followed: np.ndarray, disputes: np.ndarray, prior: np.ndarray) -> float:
    """How many disputes the prior share is worth: the greatest beta–binomial likelihood on a grid."""
    own = disputes > 0
    y, n, mean = followed[own, None], disputes[own, None], np.clip(prior[own, None], LEAST, 1 - LEAST)
    if not own.any():
        return float(STRENGTHS[-1])
    a, b = mean * STRENGTHS, (1 - mean) * STRENGTHS
    likelihood = (special.betaln(a + y, b + n - y) - special.betaln(a, b)).sum(axis=0)
    return float(STRENGTHS[int(np.argmax(likelihood))])


def draw_together(followed: np.ndarray, disputes: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, ...]:
    """The expected share of each group and its 80 % range, given what was counted and where it is drawn to.

    >>> share, low, high = draw_together(np.array([0.0, 60.0]), np.array([2.0, 200.0]), np.array([0.1, 0.1]))
    >>> bool(0 < share[0] < 0.1 < share[1] < 0.3)
    True
    """
    strength = strength_of(followed, disputes, prior)
    mean = np.clip(prior, LEAST, 1 - LEAST)
    a, b = mean * strength + followed, (1 - mean) * strength + disputes - followed
    return a / (a + b), special.betaincinv(a, b, TEN), special.betaincinv(a, b, NINETY)


def escalation_shares(rows: pd.DataFrame, levels: tuple[str, ...]) -> pd.DataFrame:
    """The expected share of every place and category.

    A row of `rows` has the code of its place at each of `levels` (the widest first; None where it is not known so closely), category_code, disputes,
    followed. Returns level, area_code, category_code (None: all), disputes, followed, share, low, high, whole (the share of the widest place).
    """
    found, whole_share = [], None
    above: dict[str | None, pd.Series] = {}
    for number, level in enumerate(levels):
        own = rows[rows[level].notna()]
        parents = own.groupby(level)[levels[number - 1]].first() if number else None
        places = own.groupby(level)[["disputes", "followed"]].sum()
        if number == 0:
            share, low, high = _jeffreys(places["followed"].to_numpy(float), places["disputes"].to_numpy(float))
            whole_share = float(places["followed"].sum() / max(places["disputes"].sum(), 1))
        else:
            prior = parents.reindex(places.index).map(above[None]).fillna(whole_share).to_numpy(float)
            share, low, high = draw_together(
                places["followed"].to_numpy(float), places["disputes"].to_numpy(float), prior
            )
        places = places.assign(share=share, low=low, high=high)
        cells = own.groupby([level, "category_code"])[["disputes", "followed"]].sum()
        at, code = cells.index.get_level_values(0), cells.index.get_level_values(1)
        of_place = places["share"].reindex(at).to_numpy(float)
        if number == 0:
            prior = of_place
        else:
            up = pd.Index(parents.reindex(at))
            of_parent = above[None].reindex(up).fillna(whole_share).to_numpy(float)
            of_cell = above["cells"].reindex(pd.MultiIndex.from_arrays([up, code])).to_numpy(float)
            of_cell = np.where(np.isnan(of_cell), of_parent, of_cell)
            prior = special.expit(_logit(of_cell) + _logit(of_place) - _logit(of_parent))
        share, low, high = draw_together(cells["followed"].to_numpy(float), cells["disputes"].to_numpy(float), prior)
        cells = cells.assign(share=share, low=low, high=high)
        above = {None: places["share"], "cells": cells["share"]}
        found.append(places.rename_axis("area_code").reset_index().assign(level=level, category_code=None))
        found.append(cells.rename_axis(["area_code", "category_code"]).reset_index().assign(level=level))
    columns = ["level", "area_code", "category_code", "disputes", "followed", "share", "low", "high"]
    out = pd.concat([one[columns].astype({"category_code": object}) for one in found], ignore_index=True)
    return out.assign(whole=whole_share if whole_share is not None else np.nan)


def _jeffreys(followed: np.ndarray, disputes: np.ndarray) -> tuple[np.ndarray, ...]:
    a, b = followed + 0.5, disputes - followed + 0.5
    return a / (a + b), special.betaincinv(a, b, TEN), special.betaincinv(a, b, NINETY)


def _logit(share: np.ndarray) -> np.ndarray:
    return special.logit(np.clip(share, LEAST, 1 - LEAST))


def log_score(share: np.ndarray, followed: np.ndarray, disputes: np.ndarray) -> float:
    """The mean of −log of the probability given to what happened to each dispute; lower is better."""
    p = np.clip(share, LEAST, 1 - LEAST)
    total = disputes.sum()
    return float(-(followed * np.log(p) + (disputes - followed) * np.log(1 - p)).sum() / total) if total else np.nan


def score_out_of_sample(early: pd.DataFrame, late: pd.DataFrame, levels: tuple[str, ...]) -> dict[str, float]:
    """Shares learned from the early disputes against what came to the later ones, in the smallest places by category: log scores.

    `model` of the shares drawn together, `pooled` of one share for the whole city, `raw` of each cell's own share. `disputes` judged.
    """
    learned = escalation_shares(early, levels)
    learned = learned[learned["level"] == levels[-1]].set_index(["area_code", "category_code"])
    later = late[late[levels[-1]].notna()].groupby([levels[-1], "category_code"])[["disputes", "followed"]].sum()
    own = learned["share"].reindex(later.index)
    pooled = float(early["followed"].sum() / max(early["disputes"].sum(), 1))
    place = learned[learned.index.get_level_values(1).isna()]["share"]
    fallback = place.droplevel(1).reindex(later.index.get_level_values(0)).fillna(pooled).to_numpy(float)
    raw = (learned["followed"] / learned["disputes"]).reindex(later.index).fillna(pooled).to_numpy(float)
    y, n = later["followed"].to_numpy(float), later["disputes"].to_numpy(float)
    share = np.where(own.isna(), fallback, own.to_numpy(float))
    return {
        "model": log_score(share, y, n),
        "pooled": log_score(np.full(len(y), pooled), y, n),
        "raw": log_score(raw, y, n),
        "disputes": float(n.sum()),
    }
