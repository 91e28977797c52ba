"""Rules beside the statistics: plain thresholds that an office knows and sets itself (DOMAIN 3.10), each with the matters behind it.

A facade asks `data.queries.read_rules` for what `asked_by` names and hands the frames to `judge_rules`:

    found = queries.read_rules(mart, scope, day, asked_by(rules), area_code=area_code)
    matches = judge_rules(found, rules)

Nothing here is about persons: that a matter was filed several times is a property of the matter, whoever filed it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics.figures import Sentence
from analytics.signals.settings import SIGNAL_RULES, SignalRules

RULES = ("severe", "not_started", "collective", "same_topic", "m_of_n", "many_filings", "due_soon")  # in order of need
ASPECTS = ("filed_times", "with_people", "refiled")  # the ways of many filings
HANDLING_UNIT_ONLY = ("severe",)
COLUMNS = {
    "rule": "str", "aspect": "str", "level": "str", "area_code": "str", "kind": "str", "category_code": "str", "topic": "str",
    "topic_name": "str", "first_on": "datetime64[s]", "last_on": "datetime64[s]", "days": "int64", "observed": "int64",
    "measured": "int64", "threshold": "int64", "usual": "float64", "is_above_usual": "bool", "handling_unit_only": "bool",
    "selection": "object",
}  # fmt: skip


def asked_by(rules: SignalRules = SIGNAL_RULES) -> dict[str, dict[str, int]]:
    """What each rule has to read: the arguments of the reads named in `data.queries.RULE_READS`."""
    before = {"before_days": rules.usual_days}
    return {
        "same_topic": {
            "days": rules.same_topic_days,
            "least": rules.same_topic_count,
            "least_in_street": rules.same_topic_street_count,
            **before,
        },
        "m_of_n": {"days": rules.m_of_n_n, "least": rules.m_of_n_m, **before},
        "filed_times": {"least": rules.filed_times, "days": rules.filed_days},
        "with_people": {"least": rules.filed_people, "days": rules.filed_days},
        "refiled": {"least": rules.refiled_times, "days": rules.refiled_days},
        "not_started": {"days": rules.not_started_days},
        "due_soon": {"days": rules.due_soon_days},
        "collective": {"days": rules.collective_days},
        "severe": {"days": rules.severe_days},
    }


def judge_rules(found: Mapping[str, pd.DataFrame], rules: SignalRules = SIGNAL_RULES) -> pd.DataFrame:
    """Every place, subject or topic that meets a rule, the rules in the order of `RULES`, the most striking of each first.

    A row is a match: `rule`; `aspect`, for many_filings which of `ASPECTS`; `level, area_code, kind, category_code, topic, topic_name`,
    empty where the rule does not tell them apart or the place is unknown; `first_on, last_on` and `days`, the window the rule looks at;
    `observed`, the matters that `selection` opens; `measured`, what is held against `threshold` (at the threshold the rule is met):
    matters, days with matters, pieces, people or days waited, by the rule; `usual`, the usual number of matters in such a window, where
    the rule asks for it; `is_above_usual`, false where there are so many every week; `handling_unit_only`.

    `found` holds the frames of `data.queries.read_rules`, of which any may be absent.
    """
    judged = {
        "same_topic": lambda rows: _same_topic(rows, rules),
        "m_of_n": lambda rows: _m_of_n(rows, rules),
        "not_started": lambda rows: rows.assign(
            days=rules.not_started_days, measured=rows["most"], threshold=rules.not_started_days
        ),
        "collective": lambda rows: rows.assign(days=rules.collective_days, measured=rows["observed"], threshold=1),
        "severe": lambda rows: rows.assign(days=rules.severe_days, measured=rows["observed"], threshold=1),
        "due_soon": lambda rows: rows.assign(
            days=rules.due_soon_days, measured=rows["most"], threshold=rules.due_soon_days
        ),
    }
    filed = {"days": rules.filed_days}
    many = {
        "filed_times": filed | {"threshold": rules.filed_times},
        "with_people": filed | {"threshold": rules.filed_people},
        "refiled": {"days": rules.refiled_days, "threshold": rules.refiled_times},
    }
    parts = []
    for rule in RULES:
        if rule == "many_filings":
            parts += [
                found[aspect].assign(rule=rule, aspect=aspect, measured=found[aspect]["most"], **many[aspect])
                for aspect in ASPECTS
                if aspect in found
            ]
        elif rule in found:
            parts.append(judged[rule](found[rule]).assign(rule=rule))
    return _in_shape(parts)


def _same_topic(rows: pd.DataFrame, rules: SignalRules) -> pd.DataFrame:
    """Enough of one topic in one place; and whether that is `same_topic_ratio` times what is usual there.

    >>> rows = pd.DataFrame({"level": ["community"], "observed": [5], "before": [20], "name": ["Noise"]})
    >>> _same_topic(rows, SIGNAL_RULES)[["threshold", "usual", "is_above_usual"]].values.tolist()
    [[5, 2.5, True]]
    """
    usual = rows["before"].astype("float64") * rules.same_topic_days / rules.usual_days
    threshold = np.where(rows["level"] == "street", rules.same_topic_street_count, rules.same_topic_count)
    rows = rows.assign(
        days=rules.same_topic_days,
        measured=rows["observed"],
        threshold=threshold,
        usual=usual,
        is_above_usual=rows["observed"] >= rules.same_topic_ratio * usual,
    ).rename(columns={"name": "topic_name"})
    rows = rows[rows["measured"] >= threshold]
    excess = rows["observed"] / (rows["usual"] + 1)
    return rows.assign(excess=excess).sort_values("excess", ascending=False, kind="stable").drop(columns="excess")


def _m_of_n(rows: pd.DataFrame, rules: SignalRules) -> pd.DataFrame:
    """Nodes with matters, and more than usual, on enough of the last days, where so many such days are rare.

    The chance is that of a binomial: each day has more than its usual mean with the probability a Poisson count of that mean gives. The
    mean counts half a matter more than there were, so that a place without a past has one too.
    """
    from scipy import stats

    mean = (rows["before"].to_numpy(dtype=np.float64) + 0.5) / rules.usual_days
    daily = np.array(rows["daily"].to_list(), dtype=np.int64).reshape(len(rows), rules.m_of_n_n)
    days_met = (daily > mean[:, None]).sum(axis=1)
    a_day = stats.poisson.sf(np.floor(mean), mean)
    chance = stats.binom.sf(days_met - 1, rules.m_of_n_n, a_day)
    rows = rows.assign(
        days=rules.m_of_n_n,
        measured=days_met,
        threshold=rules.m_of_n_m,
        usual=rows["before"].to_numpy(dtype=np.float64) * rules.m_of_n_n / rules.usual_days,
        chance=chance,
    )
    rows = rows[(days_met >= rules.m_of_n_m) & (chance <= rules.m_of_n_chance)]
    return rows.sort_values("chance", kind="stable")


def _in_shape(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The matches of all rules with the columns and types of `COLUMNS`."""
    shaped = []
    for part in parts:
        rows = part.assign(handling_unit_only=part["rule"].isin(HANDLING_UNIT_ONLY))
        if "is_above_usual" not in rows:
            rows["is_above_usual"] = True
        rows = rows.reindex(columns=list(COLUMNS))
        shaped.append(rows.astype({name: kind for name, kind in COLUMNS.items() if name != "selection"}))
    if not shaped:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    return pd.concat(shaped, ignore_index=True)


def explain(match: Mapping[str, object]) -> Sentence:
    """Why a row of `judge_rules` stands there, in numbers: what was counted, in which window, and the line it reached.

    >>> told = explain({"rule": "severe", "aspect": None, "days": 3, "observed": 2, "measured": 2, "threshold": 1})
    >>> told.key, told.values["count"]
    ('signal_rule.because.severe', 2)
    """
    key = f"signal_rule.because.{match['aspect'] if match['rule'] == 'many_filings' else match['rule']}"
    values = {
        "count": match["observed"],
        "days": match["days"],
        "measured": match["measured"],
        "threshold": match["threshold"],
    }
    if match["rule"] in ("same_topic", "m_of_n"):
        values["usual"] = match["usual"]
    if match["rule"] == "same_topic":
        values["topic"] = match["topic_name"] if isinstance(match["topic_name"], str) else match["topic"]
        values["level"] = Sentence(f"signal_rule.in_one.{'street' if match['level'] == 'street' else 'community'}")
    return Sentence(key, values, match.get("selection"))
