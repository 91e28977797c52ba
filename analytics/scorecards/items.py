"""The items behind one indicator of one unit: each matter, activity or record, what it counts for, and why it is left out."""

from datetime import date

import pandas as pd

from analytics.figures import Period
from analytics.scorecards import gathering, listing
from analytics.scorecards.answer import CountedItems
from analytics.scorecards.scoring import Result, score_period
from analytics.scores.counting import MONTH_RATIOS, PROFILE_RATIOS
from analytics.scores.indicators import indicator as indicator_of
from analytics.scores.rules import RATERS, ScoreRules
from data import queries
from data.desk import Desk
from data.errors import Refused
from data.mart import Mart
from data.queries import scores as reads
from data.scope import Scope

COLUMNS = [
    "item", "what", "day", "due_on", "done_on", "state", "reason", "category", "subject", "numerator", "denominator", "objection"
]  # fmt: skip
COUNTED = ("met", "not_met")


def counted_items(
    mart: Mart,
    desk: Desk,
    scope: Scope,
    period: Period,
    as_of: date,
    unit_id: str,
    indicator: str,
    *,
    kind: str = "party",
    rules: ScoreRules | None = None,
    result: Result | None = None,
) -> CountedItems:
    """Every item that an indicator looks at for a unit, those left out among them. `result` saves scoring again.

    A row is an item: `state` is met, not_met or left_out (`reason` says why); for no_rebound met is what flared up again. Where only
    numbers are recorded (a team's month, a survey wave, a place's profile, a rater of an alliance) a row is such a record with its `numerator`
    and `denominator`.
    Raises `Refused` for a unit outside the scope.
    """
    result = result or score_period(mart, desk, kind, period, as_of, rules=rules, draws=0)
    if unit_id not in listing.visible(mart, result, scope):
        raise Refused("scores.unit_unknown", unit=unit_id)
    about = indicator_of(kind, indicator)
    hidden = 0
    if about.items == "matter":
        rows, hidden = _matters(mart, scope, result, indicator, unit_id)
    elif indicator in result.gathered.items:
        rows = _single(result, indicator, unit_id, about.items)
    else:
        rows = _recorded(mart, result, indicator, unit_id)
    rows = rows.reindex(columns=COLUMNS)
    left = ~rows["state"].isin((*COUNTED, "recorded"))
    rows = rows.assign(reason=rows["state"].where(left, None), state=rows["state"].where(~left, "left_out"))
    first, last, _ = result.gathered.windows[indicator]
    return CountedItems(
        unit_id, indicator, Period(first, last), _with_objections(rows, result, indicator, unit_id), hidden
    )


def _matters(mart: Mart, scope: Scope, result: Result, indicator: str, unit_id: str) -> tuple[pd.DataFrame, int]:
    area = result.gathered.units.set_index("unit_id")["area_code"][unit_id]
    found, hidden = reads.read_score_matters(mart, scope, indicator, result.gathered.windows[indicator], area)
    due = {"timeliness": "deadline_on"}.get(indicator)
    done = "rebounded_on" if indicator == "no_rebound" else "closed_on"
    day = "closed_on" if indicator == "no_rebound" else "registered_on"
    rows = pd.DataFrame({
        "item": found["matter_no"], "what": "matter", "day": found[day], "due_on": found[due] if due else pd.NaT, "done_on": found[done],
        "state": found["state"], "category": found["category"], "subject": gathering.subject_of(mart, found),
    })  # fmt: skip
    return rows, hidden


def _single(result: Result, indicator: str, unit_id: str, what: str) -> pd.DataFrame:
    places = result.gathered.places
    rows = result.gathered.items[indicator].merge(places[places["unit_id"] == unit_id], on="place")
    return rows.assign(what=what).sort_values(["day", "item"])


def _recorded(mart: Mart, result: Result, indicator: str, unit_id: str) -> pd.DataFrame:
    """The recorded numbers behind an indicator that has no single items."""
    tables, places = result.gathered.tables, result.gathered.places
    if indicator in MONTH_RATIOS:
        above, below = MONTH_RATIOS[indicator]
        own = tables["months"][tables["months"]["team_id"] == unit_id].sort_values("month")
        frame = {"item": pd.to_datetime(own["month"]).dt.strftime("%Y-%m"), "what": "month", "day": own["month"], "numerator": own[above],
                 "denominator": own[below]}  # fmt: skip
        rows = pd.DataFrame(frame)
        if indicator in ("sustained", "training"):
            rows = rows.tail(1)
        return rows.assign(state="recorded")
    if indicator in PROFILE_RATIOS:
        above, below = PROFILE_RATIOS[indicator]
        names = queries.names_of(mart).areas.set_index("area_code")["name"]
        own = (
            tables["profiles"]
            .rename(columns={"area_code": "place"})
            .merge(places[places["unit_id"] == unit_id], on="place")
        )
        whole = (
            float(below)
            if isinstance(below, int)
            else own[list(dict.fromkeys(below))].sum(axis=1) * len(below) / len(set(below))
        )
        return pd.DataFrame({"item": own["place"].map(names), "what": "profile", "day": own["valued_on"], "numerator": own[list(above)].sum(axis=1),
                             "denominator": whole, "state": "recorded"})  # fmt: skip
    if indicator == "public_rating":
        area = result.gathered.units.set_index("unit_id")["area_code"][unit_id]
        own = tables["ratings"][tables["ratings"]["area_code"] == area]
        return pd.DataFrame({"item": own["wave"], "what": "wave", "day": own["surveyed_on"], "numerator": own["mean"],
                             "denominator": own["answered"], "state": "recorded"})  # fmt: skip
    if indicator == "leaving_rating":
        return _raters(result, unit_id)
    counts = result.gathered.counts
    own = counts[(counts["unit_id"] == unit_id) & (counts["indicator"] == indicator) & (counts["whole"] > 0)]
    return pd.DataFrame(
        {"item": unit_id, "what": "record", "numerator": own["met"], "denominator": own["whole"], "state": "recorded"}
    )


def _raters(result: Result, unit_id: str) -> pd.DataFrame:
    """The leaving rating of an alliance, a row for each rater who gave one: its weight, and of that what its mean earned."""
    terms = result.gathered.tables["terms"]
    own = terms[terms["alliance_org_id"] == unit_id].iloc[0]
    rows = [(name, own[f"rating_{name}"], result.rules.value(f"raters.{name}")) for name in RATERS]
    given = [(name, float(mean) * weight / 100, weight) for name, mean, weight in rows if not pd.isna(mean)]
    found = pd.DataFrame(given, columns=["item", "numerator", "denominator"])
    return found.assign(what="rater", day=own["ends_on"], state="recorded")


def _with_objections(rows: pd.DataFrame, result: Result, indicator: str, unit_id: str) -> pd.DataFrame:
    own = result.objections[(result.objections["unit_id"] == unit_id) & (result.objections["indicator"] == indicator)]
    stands = {
        row["item"]: row["decision"] if isinstance(row["decision"], str) else "open" for row in own.to_dict("records")
    }
    return rows.assign(objection=rows["item"].map(stands)).reset_index(drop=True)
