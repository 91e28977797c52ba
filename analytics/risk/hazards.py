"""How likely is a matter that is still open to be closed on the next working day? A discrete-time hazard of closing, learned from grouped counts.

The logit of the hazard is the sum of an effect of kind × working days left to the deadline × working days gone, of kind × subject, of
kind × handling level and of kind × place; matters still open count for the days they were open (Cox 1972, J. R. Stat. Soc. B 34:187, section 6; Allison 1982,
Sociol. Methodol. 13:61: the likelihood of the hazard is that of a logistic regression on matter-days, so that censoring needs no
further care). Each group of effects is drawn towards 0 by a ridge whose strength is learned (variance components by the expectation of the
squared effects, Breslow & Clayton 1993, J. Am. Stat. Assoc. 88:9), so that a place with few matters is judged like its kind.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

GONE = np.array([0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31, 46, 61, 91])  # first working day of each band of age
LEFT = np.array([-120, -60, -30, -15, -7, -3, 0, 1, 2, 3, 4, 6, 11, 21, 41])  # first of each band of what is left
UNDATED = len(LEFT) + 1  # the band of what has no deadline; 0 is overdue by more than the first
MOST_STEPS = 250
CYCLES, SETTLED = 60, 1e-4
RIDGE = 1.0  # of the effects of age within a band of what is left, in matter-days


def bands_gone(steps: np.ndarray) -> np.ndarray:
    """The band of age of each number of working days gone."""
    return np.searchsorted(GONE, steps, side="right") - 1


def bands_left(steps: np.ndarray) -> np.ndarray:
    """The band of each number of working days left to the deadline; NaN has one of its own.

    >>> bands_left(np.array([0.0, 5.0, np.nan])).tolist()
    [7, 11, 16]
    """
    found = np.searchsorted(LEFT, np.nan_to_num(steps), side="right")
    return np.where(np.isnan(steps), UNDATED, found)


@dataclass(frozen=True, eq=False)
class Hazards:
    """The fitted effects: `base` [kind, band left, band gone] on the logit scale, and `effects` by name and label.

    Labels are (kind, subject), (kind, handling level) and (kind, place); a label that was not seen has no effect. `matters` and `closed` are what it
    learned from, `spread` the standard deviation of the effects of each name.
    """

    kinds: tuple[str, ...]
    base: np.ndarray
    effects: dict[str, pd.Series]
    matters: int
    closed: int
    spread: dict[str, float] = field(default_factory=dict)

    def offsets(self, rows: pd.DataFrame) -> np.ndarray:
        """The sum of the effects of each row's subject, handling level and place."""
        total = np.zeros(len(rows))
        for name, effect in self.effects.items():
            total += effect.reindex(_labels(rows, name)).fillna(0.0).to_numpy()
        return total

    def open_shares(self, rows: pd.DataFrame, steps: int) -> np.ndarray:
        """The probability [row, step] that a matter open now is open after each of the next `steps` working days, the first column now.

        `rows` have kind, subject, handling_level, place, `gone` and `term` (NaN without a deadline).
        """
        kind = pd.Categorical(rows["kind"], categories=self.kinds).codes
        known = kind >= 0
        base = self.base[np.maximum(kind, 0)]
        gone, term = rows["gone"].to_numpy(dtype=float), rows["term"].to_numpy(dtype=float)
        offset = self.offsets(rows)
        out = np.ones((len(rows), steps + 1))
        at = np.arange(len(rows))
        for step in range(1, steps + 1):
            now = np.maximum(gone + step, 0)
            logit = base[at, bands_left(term - now), bands_gone(now)] + offset
            out[:, step] = out[:, step - 1] * np.where(known, _sigmoid(-logit), 1.0)
        return out

    def miss_chances(self, rows: pd.DataFrame) -> np.ndarray:
        """The probability that each row's matter is still open at the close of its deadline; 1 where it is due now, NaN without one."""
        left = rows["term"].to_numpy(dtype=float) - rows["gone"].to_numpy(dtype=float)
        ahead = np.clip(np.nan_to_num(left), 0, MOST_STEPS).astype(int)
        shares = self.open_shares(rows, int(ahead.max(initial=0)))
        return np.where(np.isnan(left), np.nan, shares[np.arange(len(rows)), ahead])


EFFECTS = {"subject": "subject", "level": "handling_level", "place": "place"}


def _labels(rows: pd.DataFrame, name: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([rows["kind"].astype(object), rows[EFFECTS[name]].astype(object)])


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))


def fit_hazards(spells: pd.DataFrame) -> Hazards:
    """The hazards of closing from grouped spells.

    A row of `spells` is a group of matters: kind, subject, handling_level, place, term (working days from registration to the deadline, NaN without
    one), spent (working days until closed or so far), is_closed, matters.
    """
    spells = spells[spells["spent"] >= 0]
    days = _matter_days(spells)
    kinds = tuple(sorted(spells["kind"].unique()))
    kind = pd.Categorical(days["kind"], categories=kinds).codes.astype(int)
    bands = (len(kinds), UNDATED + 1, len(GONE))
    groups = {
        "left": _Group(kind * bands[1] + days["left"].to_numpy(), bands[0] * bands[1], 1e-3, is_free=True),
        "gone": _Group(
            (kind * bands[1] + days["left"].to_numpy()) * bands[2] + days["gone"].to_numpy(), int(np.prod(bands)), RIDGE
        ),
    }
    labels = {}
    for name in EFFECTS:
        codes, labels[name] = pd.factorize(_labels(days, name))
        groups[name] = _Group(codes, len(labels[name]), RIDGE, learns=True)
    _fit(groups, days["at_risk"].to_numpy(dtype=float), days["closed"].to_numpy(dtype=float))
    base = groups["left"].effect.reshape(bands[:2])[:, :, None] + groups["gone"].effect.reshape(bands)
    effects = {
        name: pd.Series(groups[name].effect, index=pd.MultiIndex.from_tuples(labels[name], names=["kind", name]))
        for name in EFFECTS
    }
    return Hazards(
        kinds,
        base,
        effects,
        int(spells["matters"].sum()),
        int(spells.loc[spells["is_closed"] == 1, "matters"].sum()),
        {name: float(groups[name].ridge ** -0.5) for name in EFFECTS},
    )


def _matter_days(spells: pd.DataFrame) -> pd.DataFrame:
    """Matters at risk and closed by kind, subject, level, place, band left and band gone: one row for each working day, put together."""
    by = ["kind", *EFFECTS.values()]
    rows = spells.assign(unit=spells.groupby(by, dropna=False, sort=False).ngroup())
    units = rows.drop_duplicates("unit").set_index("unit")[by]
    cells = (UNDATED + 1) * len(GONE)
    at_risk = np.zeros(len(units) * cells)
    closed = np.zeros_like(at_risk)
    rows = rows.sort_values("spent", ascending=False, kind="stable")
    spent = np.minimum(rows["spent"].to_numpy(dtype=int), MOST_STEPS)
    term, many = rows["term"].to_numpy(dtype=float), rows["matters"].to_numpy(dtype=float)
    unit, ends = rows["unit"].to_numpy() * cells, (rows["is_closed"] == 1).to_numpy()
    for step in range(int(spent.max(initial=0)) + 1):
        here = int(np.searchsorted(-spent, -step, side="right"))  # the longest first: those that lasted so long
        place = unit[:here] + bands_left(term[:here] - step) * len(GONE) + bands_gone(np.array(step))
        np.add.at(at_risk, place, many[:here])
        last = (spent[:here] == step) & ends[:here]
        np.add.at(closed, place[last], many[:here][last])
    seen = np.flatnonzero(at_risk)
    out = units.iloc[seen // cells].reset_index(drop=True)
    left, gone = np.divmod(seen % cells, len(GONE))
    return out.assign(left=left, gone=gone, at_risk=at_risk[seen], closed=closed[seen])


class _Group:
    """Effects of one kind: for each matter-day the number of its own, and how strongly they are drawn towards 0."""

    def __init__(
        self, codes: np.ndarray, many: int, ridge: float, *, learns: bool = False, is_free: bool = False
    ) -> None:
        self.codes, self.effect, self.ridge = codes, np.zeros(many), ridge
        self.learns, self.is_free = learns, is_free

    def step(self, residual: np.ndarray, weight: np.ndarray) -> float:
        """One Newton step of every effect of the group; the largest change."""
        gradient = np.bincount(self.codes, residual, len(self.effect)) - self.ridge * self.effect
        curvature = np.bincount(self.codes, weight, len(self.effect)) + self.ridge
        change = np.clip(gradient / curvature, -2, 2)
        self.effect = np.clip(self.effect + change, -12, 12)
        if self.learns:  # expectation of the squared effect: what was found and how uncertain it is
            self.ridge = float(np.clip(1 / np.mean(self.effect**2 + 1 / curvature), 0.5, 1e4))
        return float(np.abs(change).max(initial=0))


def _fit(groups: dict[str, _Group], at_risk: np.ndarray, closed: np.ndarray) -> None:
    logit = np.zeros(len(at_risk))
    for _ in range(CYCLES):
        largest = 0.0
        for group in groups.values():
            share = _sigmoid(logit)
            before = group.effect
            largest = max(
                largest, group.step(closed - at_risk * share, np.maximum(at_risk * share * (1 - share), 1e-9))
            )
            logit = logit + (group.effect - before)[group.codes]
        if largest < SETTLED:
            break
