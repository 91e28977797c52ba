"""What the tests of scores share: a few units with counts, scored by the shipped rules; and simulated organisations of known quality."""

import numpy as np
import pandas as pd

from analytics.scores.cards import Scored, score_cards
from analytics.scores.indicators import of
from analytics.scores.rules import ScoreRules, rules_from
from data.settings import read_reference

PARTY = rules_from(read_reference("scorecards/party"))
WEIGHED = tuple(one for one in of("party") if PARTY.of(one.name).weight > 0)
RATES = ("timeliness", "resolution", "no_rebound", "deliberation", "pairing")
USUAL = {"timeliness": 0.88, "resolution": 0.75, "no_rebound": 0.05, "deliberation": 0.7, "pairing": 0.65}
SHARE = {"timeliness": 1.0, "resolution": 1.0, "no_rebound": 0.8, "deliberation": 0.3, "pairing": 0.3}


def units(count: int) -> pd.DataFrame:
    """So many communities of one peer group."""
    names = [f"u{number:03d}" for number in range(count)]
    return pd.DataFrame({"unit_id": names, "level": "community", "type_code": "rural", "group": "community:rural"})


def counts(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    """Rows of unit, indicator, met, whole."""
    frame = pd.DataFrame(rows, columns=["unit_id", "indicator", "met", "whole"])
    return frame.assign(mean=np.nan, variance=np.nan, applies=True)


def scored(found: pd.DataFrame, among: pd.DataFrame, rules: ScoreRules = PARTY, *, draws: int = 0) -> Scored:
    """Party organisations scored by what was counted."""
    return score_cards(among, found, rules, WEIGHED, draws=draws)


def simulate(
    seed: int, count: int, spread: float, *, lacking: float = 0.0
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Organisations of very different sizes: their sizes, their true scores, what was counted. `spread` of true quality is in log-odds;
    `lacking` is the share of units that nothing is known of on the hardest indicator, pairing, though it is part of their quality."""
    random = np.random.default_rng(seed)
    size = np.exp(random.normal(np.log(40), 0.9, count)).clip(10, 600)
    weights = {name: PARTY.of(name).weight for name in RATES}
    truth, frames = np.zeros(count), []
    for name in RATES:
        own = 1 / (1 + np.exp(-(np.log(USUAL[name] / (1 - USUAL[name])) + spread * random.normal(0, 1, count))))
        whole = np.maximum(random.poisson(size * SHARE[name]), 10)
        met = random.binomial(whole, own)
        truth += 100 * (1 - own if name == "no_rebound" else own) * weights[name] / sum(weights.values())
        frames.append(
            counts(
                [
                    (f"u{place:03d}", name, float(x), float(n))
                    for place, (x, n) in enumerate(zip(met, whole, strict=True))
                ]
            )
        )
    found = pd.concat(frames, ignore_index=True)
    known = random.random(count) >= lacking
    return size, truth, found[known[found["unit_id"].str[1:].astype(int)] | found["indicator"].ne("pairing")]
