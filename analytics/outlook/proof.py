"""How the methods of the outlook did on what came after the days they learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.outlook.levels import late_shares, part_values
from analytics.outlook.standing import Closing, learn_closing, read_disputes, read_standing
from analytics.outlook.tree import Tree, keys_of
from analytics.risk.backlog import stray_of
from analytics.risk.composite import level_of, reliability, total_points
from analytics.risk.escalation import score_out_of_sample
from analytics.risk.settings import RiskRules
from data import queries
from data.mart import Mart

CUT_OFFS = (120, 210, 300)  # days back: by now nearly every deadline of then has passed
STILL_WEEKS = 4
TENTHS = 10
STRAY = "stray"  # by how much whole sums strayed from what was expected, as a share; no score


@dataclass(frozen=True, eq=False)
class Proof:
    """Rows of `risk_model` and `risk_calibration`, and by how much whole sums strayed: of missed deadlines, of what is still open."""

    models: pd.DataFrame
    calibration: pd.DataFrame
    stray_missed: float
    stray_open: float
    learned: Mapping[date, Closing]

    @staticmethod
    def kept(proven: Mapping[str, pd.DataFrame]) -> "Proof":
        """The proof of an earlier night, from the tables that it filled."""
        models = proven["risk_model"]
        strays = models[models["measure"] == STRAY].set_index("model")["value"]
        return Proof(
            models, proven["risk_calibration"], float(strays.get("deadline", 0)), float(strays.get("backlog", 0)), {}
        )


def prove(mart: Mart, tree: Tree, as_of: date, rules: RiskRules, cut_offs: Sequence[int] = CUT_OFFS) -> Proof:
    """Learn at earlier days, judge what was open then, and look up what came."""
    learned, judged = {}, []
    for back in cut_offs:
        day = as_of - timedelta(days=back)
        closing = learn_closing(mart, tree, day)
        if closing.hazards is None or closing.spells < FEWEST:
            continue
        learned[day] = closing
        judged.append(_deadlines_of(mart, tree, day, as_of, closing, rules))
    models: list[dict] = []
    calibration = pd.DataFrame(columns=["tenth", "expected", "observed", "cases"])
    stray_missed = 0.0
    known = pd.concat(judged, ignore_index=True) if judged else pd.DataFrame(columns=["p"])
    if len(known):
        rows, calibration = deadline_proof(known)
        models += [row | {"first_on": min(learned), "last_on": max(learned)} for row in rows]
        sums = known.assign(e=known["p"] * known["n"], v=known["p"] * (1 - known["p"]) * known["n"])
        sums = sums.groupby(["day", "kind"])[["missed", "e", "v"]].sum()
        stray_missed = stray_of(*(sums[name].to_numpy() for name in ("missed", "e", "v")))
    stray_open, rows = _still_open(mart, tree, as_of, learned, rules)
    models += rows + _escalation(mart, tree, as_of, rules)
    models += [
        {"model": model, "measure": STRAY, "value": value, "base": 0.0, "cases": len(known), "last_on": as_of}
        for model, value in (("deadline", stray_missed), ("backlog", stray_open))
    ]
    columns = ["model", "measure", "value", "base", "cases", "first_on", "last_on"]
    return Proof(pd.DataFrame(models, columns=columns), calibration, stray_missed, stray_open, learned)


FEWEST = 500  # matters from which something is learned


def _deadlines_of(
    mart: Mart, tree: Tree, day: date, known_on: date, closing: Closing, rules: RiskRules
) -> pd.DataFrame:
    """What was open on a day with its deadline ahead, its probability of missing it, and what came: p, n, missed, kind, day."""
    rows = read_standing(mart, tree, day, known_on, rules)
    ahead = (rows["term"] > rows["gone"]) & (rows["is_overdue"] == 0)
    rows = rows[ahead.fillna(False).to_numpy(dtype=bool)]
    n = rows["met"] + rows["missed"]
    out = pd.DataFrame(
        {"p": closing.hazards.miss_chances(rows), "n": n, "missed": rows["missed"], "kind": rows["kind"], "day": day}
    )
    return out[(out["n"] > 0) & out["p"].notna()].astype({"n": float, "missed": float})


def deadline_proof(known: pd.DataFrame) -> tuple[list[dict], pd.DataFrame]:
    """Brier score against the best single probability, expected over observed, and calibration by tenths.

    A row of `known` is a group: p, n matters, of them missed.

    >>> rows, _ = deadline_proof(pd.DataFrame({"p": [0.1, 0.9], "n": [10.0, 10.0], "missed": [1.0, 9.0]}))
    >>> rows[0]["measure"], round(rows[0]["value"], 3), round(rows[0]["base"], 3)
    ('brier', 0.09, 0.25)
    """
    p, n, missed = (known[name].to_numpy(dtype=float) for name in ("p", "n", "missed"))
    total, share = n.sum(), missed.sum() / n.sum()
    brier = float((missed * (1 - p) ** 2 + (n - missed) * p**2).sum() / total)
    rows = [
        {
            "model": "deadline",
            "measure": "brier",
            "value": brier,
            "base": float(share * (1 - share)),
            "cases": int(total),
        },
        {
            "model": "deadline",
            "measure": "expected",
            "value": float((p * n).sum()),
            "base": float(missed.sum()),
            "cases": int(total),
        },
    ]
    order = np.argsort(p, kind="stable")
    rank = (np.cumsum(n[order]) - n[order] / 2) / total
    tenth = np.minimum((rank * TENTHS).astype(int), TENTHS - 1)
    out = []
    for one in range(TENTHS):
        own = order[tenth == one]
        if len(own):
            cases = n[own].sum()
            expected, observed = float((p[own] * n[own]).sum() / cases), float(missed[own].sum() / cases)
            out.append({"tenth": one + 1, "expected": expected, "observed": observed, "cases": int(cases)})
    return rows, pd.DataFrame(out)


def _still_open(
    mart: Mart, tree: Tree, as_of: date, learned: Mapping[date, Closing], rules: RiskRules
) -> tuple[float, list[dict]]:
    """Of what was open, how much was still open four weeks later, against what was expected."""
    if not learned:
        return 0.0, []
    found, closing = [], learned[max(learned)]
    days = [as_of - timedelta(weeks=STILL_WEEKS * back) for back in (1, 2, 3, 4)]
    days = [one for one in days if one >= max(learned)]
    for day in days:
        later = day + timedelta(weeks=STILL_WEEKS)
        rows = read_standing(mart, tree, day, later, rules)
        now, then = queries.steps_done(mart, (day, later))
        share = closing.hazards.open_shares(rows, then - now)[:, -1]
        many = rows["matters"].to_numpy(dtype=float)
        sums = rows.assign(e=many * share, v=many * share * (1 - share)).groupby("kind")[["still_open", "e", "v"]].sum()
        found.append(sums.astype(float))
    if not found:
        return 0.0, []
    sums = pd.concat(found)
    stray = stray_of(*(sums[name].to_numpy() for name in ("still_open", "e", "v")))
    row = {
        "model": "backlog",
        "measure": "expected",
        "value": float(sums["e"].sum()),
        "base": float(sums["still_open"].sum()),
    }
    return stray, [row | {"cases": len(sums), "first_on": min(days), "last_on": as_of}]


def _escalation(mart: Mart, tree: Tree, as_of: date, rules: RiskRules) -> list[dict]:
    """Shares learned from the earlier half of the disputes, judged on the later half."""
    rows, levels = read_disputes(mart, tree, as_of, rules)
    if rows.empty or not levels:
        return []
    early, late = rows[rows["is_late"] == 0], rows[rows["is_late"] == 1]
    if early["disputes"].sum() < FEWEST or late["disputes"].sum() < FEWEST:
        return []
    scores = score_out_of_sample(early, late, levels)
    days = {"cases": int(scores["disputes"]), "first_on": as_of - timedelta(days=rules.follow_days + rules.cohort_days)}
    days["last_on"] = as_of - timedelta(days=rules.follow_days)
    return [
        {"model": "escalation", "measure": "log_score", "value": scores["model"], "base": scores["pooled"], **days},
        {"model": "escalation", "measure": "log_score_raw", "value": scores["raw"], "base": scores["pooled"], **days},
    ]


# --- levels of past months ---------------------------------------------------------------------------------------------------------


def past_reliability(issued: pd.DataFrame, line: str) -> pd.DataFrame:
    """The rows of `risk_reliability` from levels issued for months that are over: level_code, passed, first_on."""
    if issued.empty:
        return pd.DataFrame(columns=["line", "level_code", "issued", "passed", "months", "first_on", "last_on"])
    found = reliability(issued)[["level_code", "issued", "passed"]]
    first, last = issued["first_on"].min(), issued["first_on"].max()
    return found.assign(line=line, months=issued["first_on"].nunique(), first_on=first, last_on=last)


def past_levels(
    past_volumes: Mapping[date, pd.DataFrame],
    past_cells: Mapping[date, pd.DataFrame],
    counts: pd.DataFrame,
    rules: RiskRules,
    line: str = "usual",
) -> pd.DataFrame:
    """The level that each series would have been given before past months, and whether the line was then passed.

    `past_volumes` and `past_cells` are by the day they stood on, made from what was known then; `counts` by node (index) and month (columns).
    """
    rows = []
    for day, volumes in past_volumes.items():
        months = volumes[volumes["ahead"] == "month"]
        cells = past_cells.get(day)
        whole_late = late_shares(cells) if cells is not None else {}
        for key, month in zip(keys_of(months), months.to_dict("records"), strict=True):
            came = (
                counts[pd.Timestamp(month["first_on"])].get(key) if pd.Timestamp(month["first_on"]) in counts else None
            )
            if came is None or pd.isna(came) or pd.isna(month[line]):
                continue
            cell = cells.loc[key] if cells is not None and key in cells.index else None
            points = total_points(part_values(cell, month, rules, whole_late), rules)
            if points is not None:
                code = level_of(points, rules)
                rows.append({"level_code": code, "passed": int(came > month[line]), "first_on": month["first_on"]})
    return pd.DataFrame(rows, columns=["level_code", "passed", "first_on"])
