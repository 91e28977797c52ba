"""What stands open, judged by the hazards of closing: deadlines that will be missed, what will be long pending, what will be open."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.outlook.tree import NODE, Tree, keys_of
from analytics.risk.backlog import backlog_path, open_after, spread_of
from analytics.risk.escalation import escalation_shares
from analytics.risk.hazards import Hazards, fit_hazards
from analytics.risk.settings import RiskRules
from data import queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

LEARN_DAYS = 730  # matters registered in these days say how matters are closed
FEWEST_DAYS, MOST_LEARNED = 180, 1_000_000  # where there are more, the latest of them do
WEEKS = 12
MONTH = 28
FEWEST_CLOSED = 100  # matters without which nothing is said of when others will be closed
FEWEST_SPELLS = 200  # without so many a subject's own course of closing is that of its kind
EVERYWHERE = Scope()


@dataclass(frozen=True, eq=False)
class Closing:
    """How matters are closed here, learned at the close of a day: hazards, and the shares still open by kind and by (kind, subject).

    Without hazards it is not known: the sources do not write down when matters were closed, or too few were.
    """

    hazards: Hazards | None
    shares: dict[tuple[str | None, str | None], np.ndarray]
    spells: int

    def share(self, kind: str | None, category_code: str | None) -> np.ndarray:
        """The share of new matters still open by working days since registration."""
        own = self.shares.get((kind, category_code))
        return own if own is not None else self.shares.get((kind, None), self.shares[None, None])


def learn_closing(mart: Mart, tree: Tree, as_of: date) -> Closing:
    """What the matters of two years tell, or of so many days as hold a million."""
    first = as_of - timedelta(days=LEARN_DAYS)
    (many,) = queries.read_counts(mart, EVERYWHERE, (Selection("new", as_of, first, as_of),))
    if many > MOST_LEARNED:
        first = as_of - timedelta(days=max(LEARN_DAYS * MOST_LEARNED // many, FEWEST_DAYS))
    spells = queries.read_spells(mart, EVERYWHERE, first, as_of, tree.subjects)
    spells = spells[spells["spent"] >= 0]
    if spells.loc[spells["is_closed"] == 1, "matters"].sum() < FEWEST_CLOSED:
        return Closing(None, {(None, None): np.ones(WEEKS * 6 + 1)}, int(spells["matters"].sum()))
    spells = spells.rename(columns={"pos": "place"}).assign(category_code=tree.subject_codes(spells["subject"]))
    steps = WEEKS * 6
    shares = {(None, None): open_after(spells, steps)}
    for kind, own in spells.groupby("kind"):
        shares[kind, None] = open_after(own, steps)
        for code, mine in own.groupby("category_code"):
            if mine["matters"].sum() >= FEWEST_SPELLS:
                shares[kind, code] = open_after(mine, steps)
    return Closing(fit_hazards(spells), shares, int(spells["matters"].sum()))


def read_standing(mart: Mart, tree: Tree, as_of: date, known_on: date, rules: RiskRules) -> pd.DataFrame:
    """The groups of what was open at the close of a day, as the hazards take them."""
    rows = queries.read_open_spells(
        mart, EVERYWHERE, as_of, tree.subjects, known_on=known_on, soon_days=rules.soon_days
    )
    return rows.rename(columns={"wide_pos": "place"})


def judge_standing(
    rows: pd.DataFrame, closing: Closing, week_steps: list[int], month_step: int, rules: RiskRules
) -> pd.DataFrame:
    """The groups with what is expected of them, as sums over their matters.

    Adds open, overdue, due, undated, expected and scatter (mean and variance of those that will miss), soon, soon_expected, pending,
    pending_expected (in four weeks), open_disputes, and by week ahead `stays_<n>` and `stays_var_<n>` (mean and variance of those still open).
    """
    many = rows["matters"].to_numpy(dtype=float)
    late = (rows["is_overdue"] == 1).to_numpy()
    dated = rows["term"].notna().to_numpy()
    steps = max([*week_steps, month_step, 0])
    if closing.hazards is None:
        chance, shares = np.full(len(rows), np.nan), np.full((len(rows), steps + 1), np.nan)
    else:
        chance = np.where(late, 0.0, np.nan_to_num(closing.hazards.miss_chances(rows)))
        shares = closing.hazards.open_shares(rows, steps)
    soon = (rows["is_soon"] == 1).to_numpy()
    age, days = rows["age_days"].to_numpy(dtype=float), rules.pending_days
    out = rows.assign(
        open=many,
        overdue=many * late,
        due=many * (dated & ~late),
        undated=many * ~dated,
        expected=many * chance,
        scatter=many * chance * (1 - chance),
        soon=many * soon,
        soon_expected=many * chance * soon,
        pending=many * (age >= days),
        pending_expected=many * shares[:, month_step] * (age + MONTH >= days),
        open_disputes=many * (rows["kind"] == "dispute").to_numpy(),
    )
    for number, step in enumerate(week_steps, start=1):
        out[f"stays_{number}"] = many * shares[:, step]
        out[f"stays_var_{number}"] = many * shares[:, step] * (1 - shares[:, step])
    return out


SUMS = (
    "open", "overdue", "due", "undated", "expected", "scatter", "soon", "soon_expected", "pending", "pending_expected", "open_disputes",
)  # fmt: skip

ESTIMATED = ("expected", "expected_spread", "scatter", "soon_expected", "pending_expected", "closed_a_week")


def cells(
    mart: Mart,
    tree: Tree,
    as_of: date,
    judged: pd.DataFrame,
    stray: float,
    rules: RiskRules,
    wanted: pd.DataFrame,
    *,
    is_known: bool = True,
) -> pd.DataFrame:
    """The rows of `risk_cell`: every node with something open, and every node of `wanted` (those that are forecast). `is_known`: how matters
    are closed is; else what follows from it is empty.
    """
    weeks = [name for name in judged if name.startswith("stays_")]
    found = tree.put_together(judged, [*SUMS, *weeks])
    found.index = keys_of(found)
    missing = wanted[~keys_of(wanted).isin(found.index)][NODE].drop_duplicates()
    missing.index = keys_of(missing)
    found = pd.concat([found, missing.astype(object)]).fillna(dict.fromkeys([*SUMS, *weeks], 0.0))
    found["expected_spread"] = np.sqrt(found["scatter"] + (stray * found["expected"]) ** 2)
    before = _pending_before(mart, tree, as_of, rules)
    found["pending_before"] = before.reindex(found.index).fillna(0.0)
    closed = _closed_a_week(mart, tree, as_of, rules)
    found["closed_a_week"] = closed.reindex(found.index).fillna(0.0)
    if not is_known:
        found[[*ESTIMATED, *weeks]] = np.nan
    shares = _escalation(mart, tree, as_of, rules)
    return found.join(shares)


def _pending_before(mart: Mart, tree: Tree, as_of: date, rules: RiskRules) -> pd.Series:
    then = as_of - timedelta(days=MONTH)
    rows = read_standing(mart, tree, then, as_of, rules)
    rows = rows.assign(pending=rows["matters"] * (rows["age_days"] >= rules.pending_days))
    found = tree.put_together(rows, ["pending"])
    return pd.Series(found["pending"].to_numpy(), index=keys_of(found))


def _closed_a_week(mart: Mart, tree: Tree, as_of: date, rules: RiskRules) -> pd.Series:
    first = as_of - timedelta(days=7 * rules.capacity_weeks - 1)
    found = tree.put_together(queries.read_closed_counts(mart, EVERYWHERE, first, as_of, tree.subjects), ["matters"])
    return pd.Series(found["matters"].to_numpy(dtype=float) / rules.capacity_weeks, index=keys_of(found))


def cohort(as_of: date, rules: RiskRules) -> tuple[date, date, date]:
    """First, middle and last day of the disputes whose days for a petition are over, and of the earlier half of them."""
    last = as_of - timedelta(days=rules.follow_days)
    first = last - timedelta(days=rules.cohort_days - 1)
    return first, first + (last - first) / 2, last


def read_disputes(mart: Mart, tree: Tree, as_of: date, rules: RiskRules) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Disputes and those followed by street and category, placed; and the levels down to the street."""
    first, middle, last = cohort(as_of, rules)
    rows = queries.read_disputes_followed(mart, EVERYWHERE, first, middle, last, rules.follow_days, tree.subjects)
    levels = tuple(level for level in tree.levels if level != "community")
    return tree.place_rows(rows, levels), levels


def _escalation(mart: Mart, tree: Tree, as_of: date, rules: RiskRules) -> pd.DataFrame:
    names = ["disputes", "followed", "share", "share_low", "share_high", "share_whole"]
    rows, levels = read_disputes(mart, tree, as_of, rules)
    if rows.empty or not levels:
        return pd.DataFrame(columns=names, dtype=float)
    found = escalation_shares(rows, levels).rename(
        columns={"low": "share_low", "high": "share_high", "whole": "share_whole"}
    )
    disputes = found.assign(kind="dispute")
    both = pd.concat([disputes, found[found["category_code"].isna()].assign(kind=None)])
    both.index = keys_of(both)
    return both[names]


# --- the weeks ahead ----------------------------------------------------------------------------------------------------------------


def backlog_rows(
    weekly: pd.DataFrame, found: pd.DataFrame, closing: Closing, as_of: date, day_steps: np.ndarray, stray: float
) -> pd.DataFrame:
    """The rows of `risk_backlog`: for each series with a weekly forecast what will be open at the end of each week ahead.

    `weekly` has NODE, first_on, last_on, q100, q500, q900 of the weeks that end after `as_of`, in order; `found` the cells with their `stays_…`;
    `day_steps` working days over at the close of each day from `as_of` on. Of a week that has begun only the days ahead are counted.
    """
    weekly = weekly.sort_values("first_on")
    weekly = weekly.assign(series=keys_of(weekly))
    out = []
    for key, rows in weekly.groupby("series", sort=False):
        rows = rows.head(WEEKS)
        if closing.hazards is None or key not in found.index or rows[["q100", "q500", "q900"]].isna().any(axis=None):
            continue
        cell = found.loc[key]
        firsts, lasts = (np.array([pd.Timestamp(one).date() for one in rows[name]]) for name in ("first_on", "last_on"))
        part = np.array([min((last - as_of).days, 7) / 7 for last in lasts])
        low, middle, high = (rows[name].to_numpy(dtype=float) * part for name in ("q100", "q500", "q900"))
        ends = np.array([(last - as_of).days for last in lasts])
        begins = np.array([max((first - as_of).days, 1) for first in firsts])
        share = closing.share(cell["kind"], cell["category_code"])
        stays = np.zeros((len(rows), len(rows)))
        for end in range(len(rows)):
            for week in range(end + 1):
                days = np.arange(begins[week], ends[week] + 1)
                waited = np.clip(day_steps[ends[end]] - day_steps[days], 0, len(share) - 1)
                stays[end, week] = share[waited].mean()
        numbers = range(1, len(rows) + 1)
        standing = np.array([cell[f"stays_{one}"] for one in numbers], dtype=float)
        scatter = np.array([cell[f"stays_var_{one}"] for one in numbers], dtype=float)
        path = backlog_path(standing, scatter, middle, spread_of(low, high), stays, stray)
        node = {name: cell[name] for name in NODE}
        path = path.assign(
            week=list(numbers), on_day=lasts, arrivals=middle, arrivals_low=low, arrivals_high=high, **node
        )
        out.append(path)
    return pd.concat(out, ignore_index=True) if out else pd.DataFrame()
