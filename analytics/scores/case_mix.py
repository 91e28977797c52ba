"""A rate adjusted for what the matters are about: how far a unit lies above or below what its own mix of subjects would lead to expect.

A unit shifts the log-odds of all its subjects by one effect, which is drawn from the peers (Normand, Glickman & Gatsonis 1997, JASA 92:803).
Its adjusted rate is that of the peers' mix of subjects under its own effect. One more success never lowers the effect, whatever it was about:
the sum of observed less expected only rises.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.scores.shrinkage import Shrunk

SPREADS = np.geomspace(0.05, 2.0, 12)  # of the units' effects, in log-odds
BORROWED = 20.0  # matters that the wider circle lends to a subject's rate
SHIFTS = np.linspace(-8.0, 8.0, 801)


@dataclass(frozen=True, eq=False)
class Adjusted:
    """`shrunk` as for other rates; `rates` of the subjects among the peers and their `mix`; each unit's `effect` and `spread` of effects;
    `observed` and `expected` successes; `raw` is the adjusted rate without shrinkage to the peers' effect."""

    shrunk: Shrunk
    rates: np.ndarray
    mix: np.ndarray
    effect: np.ndarray
    spread: float
    expected: np.ndarray


def subject_rates(met: np.ndarray, whole: np.ndarray, wider_met: np.ndarray, wider_whole: np.ndarray) -> np.ndarray:
    """The rate of each subject among the peers ([unit, subject] arrays); thin ones borrow from the wider circle, thin there from all.

    >>> subject_rates(np.array([[1.0]]), np.array([[1.0]]), np.array([[40.0]]), np.array([[80.0]])).round(3).tolist()
    [0.524]
    """
    overall = (wider_met.sum() + 0.5) / (wider_whole.sum() + 1.0)
    wide = (wider_met.sum(axis=0) + BORROWED * overall) / (wider_whole.sum(axis=0) + BORROWED)
    return np.clip((met.sum(axis=0) + BORROWED * wide) / (whole.sum(axis=0) + BORROWED), 0.005, 0.995)


def adjust(
    met: np.ndarray,
    whole: np.ndarray,
    rates: np.ndarray,
    draws: int,
    seed: int,
    *,
    rated: np.ndarray | bool = True,
    estimate_from: int = 8,
    spread: float = 0.5,
) -> Adjusted:
    """The adjusted rates of one peer group, from successes and matters by unit and subject, and the subjects' rates among the peers.

    Units that are not `rated` are drawn from the peers alone.
    """
    met, whole = np.asarray(met, dtype=float), np.asarray(whole, dtype=float)
    observed, usual = met.sum(axis=1), special.logit(rates)
    counted = whole.sum(axis=1) > 0
    spreads = SPREADS if counted.sum() >= estimate_from else np.array([spread])
    fits = [_effects(observed, whole, usual, one) for one in spreads]
    heights = np.array(
        [
            _height(met, whole, usual, effect, information, one)
            for (effect, information), one in zip(fits, spreads, strict=True)
        ]
    )
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    one = float(np.sqrt(weights @ spreads**2))
    effect, _ = _effects(observed, whole, usual, one)
    mix = whole.sum(axis=0) / max(whole.sum(), 1.0)
    course = special.expit(usual[None, :] + SHIFTS[:, None]) @ mix if whole.sum() else np.full(len(SHIFTS), np.nan)
    random = np.random.default_rng(seed)
    cell = random.choice(len(weights), size=draws, p=weights)
    centres = np.where(rated, np.array([fit[0] for fit in fits]), 0.0)[cell]
    widths = np.where(rated, 1 / np.sqrt(np.array([fit[1] for fit in fits])), spreads[:, None])[cell]
    drawn = np.interp(centres + widths * random.standard_normal((draws, len(observed))), SHIFTS, course)
    mean = float(rates @ mix) if whole.sum() else np.nan
    point = (
        np.array([special.expit(usual + shift) @ mix for shift in effect])
        if whole.sum()
        else np.full(len(effect), np.nan)
    )
    shrunk = Shrunk(point, drawn, mean, np.full(draws, mean), spread=one)
    return Adjusted(shrunk, rates, mix, effect, one, (whole * rates).sum(axis=1))


def _effects(
    observed: np.ndarray, whole: np.ndarray, usual: np.ndarray, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Each unit's effect where observed less expected is balanced by its distance from the peers, and the information on it (Newton)."""
    effect = np.zeros(len(observed))
    for _ in range(30):
        expected = special.expit(usual[None, :] + effect[:, None])
        information = (whole * expected * (1 - expected)).sum(axis=1) + 1 / spread**2
        step = (observed - (whole * expected).sum(axis=1) - effect / spread**2) / information
        effect = effect + np.clip(step, -2, 2)
        if np.abs(step).max(initial=0.0) < 1e-10:
            break
    expected = special.expit(usual[None, :] + effect[:, None])
    return effect, (whole * expected * (1 - expected)).sum(axis=1) + 1 / spread**2


def _height(
    met: np.ndarray, whole: np.ndarray, usual: np.ndarray, effect: np.ndarray, information: np.ndarray, spread: float
) -> float:
    """Log marginal likelihood of all units at a spread of their effects (Laplace), with the grid's own step."""
    shifted = usual[None, :] + effect[:, None]
    likelihood = (met * shifted - whole * np.logaddexp(0, shifted)).sum(axis=1)
    each = likelihood - 0.5 * effect**2 / spread**2 - np.log(spread) - 0.5 * np.log(information)
    return float(each.sum() - np.log1p(spread**2))


def effect_of(observed: float, whole: np.ndarray, usual: np.ndarray, spread: float) -> float:
    """One unit's effect, given its successes, its matters by subject and the subjects' log-odds among the peers.

    >>> round(effect_of(5.0, np.array([10.0]), np.array([0.0]), 0.5), 6)
    0.0
    """
    effect, _ = _effects(np.array([observed]), whole[None, :], usual, spread)
    return float(effect[0])
