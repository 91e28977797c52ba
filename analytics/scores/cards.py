"""All cards of a period at once: counts by unit and indicator in, points, intervals, scores, rank ranges and bands out."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.errors import require_columns
from analytics.scores import case_mix, combining
from analytics.scores.indicators import Indicator
from analytics.scores.rules import ScoreRules
from analytics.scores.shrinkage import Shrunk, shrink_means, shrink_rates

DRAWS = 2000
SHOWN_DRAWS = 500  # for the interval of an indicator that does not weigh
LEAST_PEERS = 5  # under it nothing is said about peers
QUANTILES = (0.025, 0.975)
COUNTS = ("unit_id", "indicator", "met", "whole", "mean", "variance", "applies")


@dataclass(frozen=True, eq=False)
class Scored:
    """`indicators` has a row a unit and indicator: `unit_id, indicator, state, met, whole, raw_pct, shrunk_pct, points, lower, upper, weight,
    share, contribution, peer_pct, target, method, alpha, beta, spread, effect, expected`; `units` a row a unit: `unit_id, group, score, lower,
    upper, coverage_pct, state, band, rank_low, rank_high, peers`. In a score the peers' mean stands in for an indicator without data: such a row
    has no points, but a contribution. `subjects` holds, for each adjusted indicator and group, the peers' rates: `indicator, group, subject,
    rate, mix`.
    """

    indicators: pd.DataFrame
    units: pd.DataFrame
    subjects: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Rated:
    """One indicator for all units: arrays beside them."""

    frame: pd.DataFrame
    draws: np.ndarray  # points; of a unit that is not rated, as any of the peers could have
    mean: np.ndarray  # points of the peers' mean
    peers: np.ndarray  # the same, in draws


def score_cards(
    units: pd.DataFrame,
    counts: pd.DataFrame,
    rules: ScoreRules,
    indicators: tuple[Indicator, ...],
    *,
    mix: Mapping[str, pd.DataFrame] | None = None,
    draws: int = DRAWS,
) -> Scored:
    """Score every unit from what was counted.

    A row of `units` is a unit with `unit_id, level, type_code, group`; one of `counts` a unit and an indicator, with its numerator `met`,
    denominator `whole`, for a mean `mean` and the `variance` of that mean (points), and whether the indicator `applies` to it. `mix` holds, for
    each adjusted indicator, its counts by subject: `unit_id, subject, met, whole`. Rows that are absent have no data: missing is not zero.
    The order of rows changes nothing. Raises MissingColumns.
    """
    require_columns(units, "unit_id", "level", "type_code", "group")
    require_columns(counts, *COUNTS)
    units = units.sort_values("unit_id", ignore_index=True)
    rated, subjects = {}, []
    for one in indicators:
        own = counts[counts["indicator"] == one.name].set_index("unit_id").reindex(units["unit_id"])
        rated[one.name] = _rate(one, units, own, rules, (mix or {}).get(one.name), draws, subjects)
    frames = [found.frame for found in rated.values()]
    points = np.stack([np.where(frame["weighs"], frame["points"], np.nan) for frame in frames], axis=1)
    weights = np.array([rules.of(one.name).weight for one in indicators])
    shares = np.zeros(points.shape)
    for rows in units.groupby("group", sort=True).indices.values():
        shares[rows] = combining.effective_weights(points[rows], weights)
    peers = np.stack([found.mean for found in rated.values()], axis=1)
    parts = combining.contributions(points, peers, shares)
    drawn = _drawn_totals([found.draws for found in rated.values()], shares)
    against = _drawn_totals([found.peers for found in rated.values()], shares)
    found = _units(units, points, weights, parts, drawn, against, rules)
    has_total = found["state"].eq("rated").to_numpy()
    for place, frame in enumerate(frames):
        counts_for = (shares[:, place] > 0) & (frame["weighs"].to_numpy() | has_total)
        frame["share"] = np.where(counts_for, shares[:, place], np.nan)
        frame["contribution"] = np.where(counts_for, parts[:, place], np.nan)
    table = pd.concat(frames, ignore_index=True).drop(columns="weighs") if frames else pd.DataFrame()
    columns = ["indicator", "group", "subject", "rate", "mix"]
    return Scored(table, found, pd.concat(subjects, ignore_index=True) if subjects else pd.DataFrame(columns=columns))


def _drawn_totals(points: list[np.ndarray], shares: np.ndarray) -> np.ndarray:
    """The scores of every draw; indicators that weigh nowhere are left aside."""
    weighing = [place for place in range(len(points)) if (shares[:, place] > 0).any()]
    whole = np.zeros((max(one.shape[0] for one in points), len(shares)))
    for place in weighing:
        whole += np.where(shares[:, place] > 0, np.nan_to_num(points[place]), 0.0) * shares[:, place]
    return whole


def _rate(
    one: Indicator, units: pd.DataFrame, own: pd.DataFrame, rules: ScoreRules, mix: pd.DataFrame | None, draws: int,
    subjects: list[pd.DataFrame],
) -> _Rated:  # fmt: skip
    """One indicator of all units, group by group."""
    rule, n = rules.of(one.name), len(units)
    draws = draws if rule.weight > 0 else min(draws, SHOWN_DRAWS)
    met, whole, mean, variance = (
        own[name].to_numpy(dtype=float, na_value=np.nan) for name in ("met", "whole", "mean", "variance")
    )
    counted = np.nan_to_num(met), np.nan_to_num(whole), mean, variance
    state = _states(one, own, counted[1], mean, rules)
    rated = np.isin(state, ("scored", "shown"))
    columns = {name: np.full(n, np.nan) for name in ("point", "peer", "alpha", "beta", "spread", "effect", "expected")}
    drawn, peers = np.full((draws, n), np.nan), np.full((draws, n), np.nan)
    tables = _by_subject(units, mix) if one.family == "mix" and mix is not None else None
    for group, rows in units.groupby("group", sort=True).indices.items():
        seed = zlib.crc32(f"{group}|{one.name}".encode())
        if tables is not None:
            shrunk, adjusted, table = _adjusted(units, rows, group, one.name, tables, rated, draws, seed, rules)
            subjects.append(table)
            columns["effect"][rows], columns["expected"][rows] = adjusted.effect, adjusted.expected
        else:
            shrunk = _shrunk(one.family, tuple(values[rows] for values in counted), rated[rows], rules, draws, seed)
        found = {
            "point": shrunk.point,
            "peer": shrunk.mean,
            "alpha": shrunk.alpha,
            "beta": shrunk.beta,
            "spread": shrunk.spread,
        }
        for name, value in found.items():
            columns[name][rows] = value
        drawn[:, rows], peers[:, rows] = shrunk.draws, shrunk.mean_draws[:, None]
    turned = (lambda share: 100 * (1 - share)) if one.direction == "lower" else (lambda share: 100 * share)
    drawn, points = turned(drawn), turned(columns["point"])
    if one.family == "census" or not draws:
        low, high = (points, points) if draws else (np.full(n, np.nan), np.full(n, np.nan))
    else:
        low, high = np.quantile(drawn, QUANTILES, axis=0)
    recorded = ~np.isin(state, ("no_data", "not_applicable"))
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = mean if one.family == "mean" else 100 * met / np.where(whole > 0, whole, np.nan)
    seen, shown = np.where(recorded, 1.0, np.nan), np.where(rated, 1.0, np.nan)
    frame = pd.DataFrame({
        "unit_id": units["unit_id"], "indicator": one.name, "state": state, "met": met * seen, "whole": whole * seen, "raw_pct": raw * seen,
        "shrunk_pct": 100 * columns["point"] * shown, "points": points * shown, "lower": low * shown, "upper": high * shown,
        "weight": rule.weight, "share": np.nan, "contribution": np.nan, "peer_pct": 100 * columns["peer"],
        "target": [np.nan if (target := rule.target(level, kind)) is None else target
                   for level, kind in zip(units["level"], units["type_code"], strict=True)],
        "method": one.family, **{name: columns[name] for name in ("alpha", "beta", "spread", "effect", "expected")},
        "weighs": state == "scored",
    })  # fmt: skip
    return _Rated(frame, drawn, turned(columns["peer"]), turned(peers))


def _states(one: Indicator, own: pd.DataFrame, whole: np.ndarray, mean: np.ndarray, rules: ScoreRules) -> np.ndarray:
    """Why each unit is rated or not: missing is not zero, and too few decide nothing."""
    rule = rules.of(one.name)
    applies = own["applies"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    recorded = (whole > 0) & (np.isfinite(mean) if one.family == "mean" else True)
    rated = "scored" if rule.weight > 0 else "shown"
    return np.select([~applies, ~recorded, whole < rule.minimum], ["not_applicable", "no_data", "too_few"], rated)


def _shrunk(
    family: str, counted: tuple[np.ndarray, ...], rated: np.ndarray, rules: ScoreRules, draws: int, seed: int
) -> Shrunk:
    """One peer group by the model of the indicator's family, as shares."""
    met, whole, mean, variance = counted
    least = rules.whole("peers.estimate_from")
    if family == "census":
        return _census(met, whole, rated, draws, seed)
    if family == "mean":
        found = shrink_means(mean, variance, draws, seed, rated=rated, estimate_from=least)
        return Shrunk(
            found.point / 100, found.draws / 100, found.mean / 100, found.mean_draws / 100, spread=found.spread
        )
    strength = rules.value("peers.prior_strength")
    return shrink_rates(met, whole, draws, seed, rated=rated, estimate_from=least, strength=strength)


def _census(met: np.ndarray, whole: np.ndarray, rated: np.ndarray, draws: int, seed: int) -> Shrunk:
    """A whole that was counted: the share itself, at most all of it, in every draw; for a unit without one, that of any of its peers."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(whole > 0, np.clip(met / whole, 0, 1), np.nan)
    known = np.isfinite(share)
    mean = float(share[known].mean()) if known.any() else np.nan
    drawn = np.tile(share, (draws, 1))
    if known.any() and not rated.all():
        drawn[:, ~rated] = np.random.default_rng(seed).choice(share[known], (draws, int((~rated).sum())))
    return Shrunk(share, drawn, mean, np.full(draws, mean))


def _by_subject(units: pd.DataFrame, mix: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Successes and matters by unit and subject, every unit in its place."""
    sums = mix.groupby(["unit_id", "subject"])[["met", "whole"]].sum()
    met, whole = (
        sums[name].unstack(fill_value=0.0).reindex(units["unit_id"], fill_value=0.0) for name in ("met", "whole")
    )
    return met, whole


def _adjusted(
    units: pd.DataFrame, rows: np.ndarray, group: str, name: str, tables: tuple[pd.DataFrame, pd.DataFrame], rated: np.ndarray,
    draws: int, seed: int, rules: ScoreRules,
) -> tuple[Shrunk, case_mix.Adjusted, pd.DataFrame]:  # fmt: skip
    """One group's adjusted rates; thin subjects borrow from all units of the level."""
    met, whole = (table.to_numpy(dtype=float) for table in tables)
    wider = (units["level"] == units["level"].iloc[rows[0]]).to_numpy()
    rates = case_mix.subject_rates(met[rows], whole[rows], met[wider], whole[wider])
    found = case_mix.adjust(
        met[rows], whole[rows], rates, draws, seed, rated=rated[rows], estimate_from=rules.whole("peers.estimate_from")
    )
    table = pd.DataFrame(
        {"indicator": name, "group": group, "subject": tables[1].columns, "rate": found.rates, "mix": found.mix}
    )
    return found.shrunk, found, table


def _units(
    units: pd.DataFrame, points: np.ndarray, weights: np.ndarray, parts: np.ndarray, drawn: np.ndarray, against: np.ndarray,
    rules: ScoreRules,
) -> pd.DataFrame:  # fmt: skip
    """Scores, intervals, ranks and bands of the units that have enough weight with data."""
    covered = combining.coverage_pct(points, weights)
    rated = covered >= rules.value("total.minimum_weight_pct") - 1e-9
    kept = np.where(rated, 1.0, np.nan)
    low, high = (np.quantile(drawn, at, axis=0) if len(drawn) else np.full(len(units), np.nan) for at in QUANTILES)
    band = np.array([None] * len(units), dtype=object)
    ranks = np.full((len(units), 2), np.nan)
    peers = np.zeros(len(units), dtype=int)
    for _, rows in units.groupby("group", sort=True).indices.items():
        own = rows[rated[rows]]
        peers[rows] = len(own)
        if len(own) < LEAST_PEERS or not len(drawn):
            continue
        ranks[own] = combining.rank_ranges(drawn[:, own])
        band[own] = combining.bands(drawn[:, own] - against[:, own], rules.value("bands.certainty_pct"))
    return pd.DataFrame({
        "unit_id": units["unit_id"], "group": units["group"], "score": parts.sum(axis=1) * kept, "lower": low * kept,
        "upper": high * kept, "coverage_pct": covered, "state": np.where(rated, "rated", "too_little_data"), "band": band,
        "rank_low": ranks[:, 0], "rank_high": ranks[:, 1], "peers": peers,
    })  # fmt: skip
