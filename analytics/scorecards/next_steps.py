"""What to do next: what would raise a score, what a missing total waits for, and what of the unit's own falls due."""

from datetime import date, timedelta

import pandas as pd

from analytics.figures import Sentence
from analytics.scorecards.answer import CardLine, DueItem, Gain, Missing
from analytics.scorecards.gathering import ADJUSTED
from analytics.scorecards.scoring import Result
from analytics.scores.counting import TERM_SCHEDULE, asked_from
from analytics.scores.gains import gains
from analytics.scores.indicators import Indicator, indicator, of
from data import queries
from data.mart import Mart
from data.queries import score_checks
from data.queries import scores as reads

DUE_DAYS = 30
DUE_OF = {"deliberation": "deliberation_item", "pairing": "pairing_project"}
RATED = ("scored", "shown")


def next_said(result: Result, line: CardLine, is_raised: bool) -> tuple[Sentence, ...]:
    """What is to be known before the steps: how much weight a missing total waits for; that a term or period is over; that nothing is left."""
    said = []
    if line.score is None:
        needed = result.rules.value("total.minimum_weight_pct")
        values = {"coverage": line.coverage_pct, "needed": needed, "short": needed - line.coverage_pct}
        said.append(Sentence("scores.next.no_total", values))
    over = _term_over(result, line.unit.unit_id)
    if over:
        said.append(Sentence("scores.next.term_over", {"last": over}))
    elif not is_raised:
        said.append(Sentence("scores.next.nothing"))
    elif result.period.complete:
        said.append(Sentence("scores.next.over", {"last": result.period.last}))
    return tuple(said)


def gains_of(result: Result, line: CardLine, due: tuple[DueItem, ...]) -> tuple[Gain, ...]:
    """What would raise the score, or where there is no total the points of single indicators; nothing once an alliance's term is over."""
    unit_id = line.unit.unit_id
    if _term_over(result, unit_id):
        return ()
    rows = result.scored.indicators[result.scored.indicators["unit_id"] == unit_id]
    direction = {one.name: one.direction for one in of(result.scorecard)}
    rows = rows.assign(direction=rows["indicator"].map(direction))
    coming = {
        name: sum(one.indicator == name and not one.is_overdue for one in due)
        for name in {one.indicator for one in due}
    }
    empty = pd.DataFrame(columns=["subject", "rate", "mix", "met", "whole"])
    subjects = subjects_of(result, unit_id) if ADJUSTED in result.gathered.mix else empty
    found = gains(rows, coming, subjects[["subject", "rate", "mix"]], subjects[["subject", "met", "whole"]])
    return tuple(
        _gain(row.indicator, int(row.items), row.points, row.points_after, line.score, row.gain)
        for row in found.itertuples()
    )


def _gain(name: str, items: int, points: float, after: float, score: float | None, gain: float) -> Gain:
    said = {
        "action": Sentence(f"scores.action.{name}", {"count": items}), "indicator": Sentence(f"scores.indicator.{name}.name"),
        "points": float(points), "points_after": float(after),
    }  # fmt: skip
    if score is None:
        return Gain(name, Sentence("scores.gain.points", said), items, float(after), None, None)
    said |= {"score": score, "score_after": score + float(gain)}
    return Gain(name, Sentence("scores.gain.score", said), items, float(after), score + float(gain), float(gain))


def missing_of(result: Result, line: CardLine) -> tuple[Missing, ...]:
    """Where there is no total: every weighed indicator that is not rated, the weightiest first, with what would bring it about."""
    if line.score is not None:
        return ()
    rows = result.scored.indicators
    own = rows[rows["unit_id"].eq(line.unit.unit_id) & rows["weight"].gt(0) & ~rows["state"].isin(RATED)]
    return tuple(
        Missing(row["indicator"], float(row["weight"]), row["state"], _brought_by(result, line, row))
        for row in own.sort_values("weight", ascending=False, kind="stable").to_dict("records")
    )


def _brought_by(result: Result, line: CardLine, row: dict) -> Sentence:
    """What has to be recorded, or waited for, until an indicator can be rated."""
    about = indicator(result.scorecard, row["indicator"])
    said = {"indicator": Sentence(f"scores.indicator.{about.name}.name"), "weight": float(row["weight"])}
    if row["state"] == "not_applicable":
        return Sentence("scores.missing.not_applicable", said)
    said["record"] = _recorded_by(about)
    least = result.rules.of(about.name).minimum
    if row["state"] == "too_few":
        return Sentence("scores.missing.too_few", said | {"whole": float(row["whole"]), "minimum": least})
    day = _asked_from(result, line.unit.unit_id, about.name)
    if day is not None:
        return Sentence("scores.missing.not_asked", said | {"day": day})
    return Sentence("scores.missing.no_data", said | {"minimum": least})


def _recorded_by(about: Indicator) -> Sentence:
    return Sentence(f"scores.record.{about.name if about.scorecard == 'alliance' else about.reads[0]}")


def _asked_from(result: Result, unit_id: str, name: str) -> date | None:
    """From when on the schedule of an alliance's term asks for something that has been recorded but is not asked for yet."""
    if name not in TERM_SCHEDULE:
        return None
    term = _term(result, unit_id)
    if term is None or pd.isna(term["ends_on"]) or pd.isna(term[TERM_SCHEDULE[name]]):
        return None
    a_year = result.rules.value(f"schedule.{TERM_SCHEDULE[name]}")
    return asked_from(_date(term["starts_on"]), _date(term["ends_on"]), a_year)


def _term(result: Result, unit_id: str) -> pd.Series | None:
    terms = result.gathered.tables["terms"]
    own = terms[terms["alliance_org_id"] == unit_id]
    return own.iloc[0] if len(own) else None


def _term_over(result: Result, unit_id: str) -> date | None:
    """The last day of an alliance's term, where it is over."""
    if result.scorecard != "alliance":
        return None
    term = _term(result, unit_id)
    if term is None or pd.isna(term["ends_on"]) or _date(term["ends_on"]) > result.as_of:
        return None
    return _date(term["ends_on"])


def subjects_of(result: Result, unit_id: str) -> pd.DataFrame:
    """The peers' rate and mix of each subject of the adjusted indicator, with the unit's own successes and matters: `subject, name,
    is_sensitive, rate, mix, met, whole`."""
    group = result.scored.units.set_index("unit_id")["group"][unit_id]
    table = result.scored.subjects
    own = result.gathered.mix.get(ADJUSTED)
    rates = table[(table["indicator"] == ADJUSTED) & (table["group"] == group)][["subject", "rate", "mix"]]
    mine = own[own["unit_id"] == unit_id][["subject", "met", "whole"]]
    codes, categories = rates["subject"].str.partition(":")[2], result.gathered.tables["categories"]
    told = {"name": codes.map(categories["name"]), "is_sensitive": codes.map(categories["is_sensitive"]).eq(1)}
    return rates.assign(**told).merge(mine, on="subject", how="left").fillna({"met": 0.0, "whole": 0.0})


def due_items(mart: Mart, result: Result, unit_id: str) -> tuple[DueItem, ...]:
    """The unit's own list of what is overdue or falls due within 30 days: matters, decided items, claimed projects, records to be entered."""
    unit = result.gathered.units.set_index("unit_id").loc[unit_id]
    day, soon = result.as_of, result.as_of + timedelta(days=DUE_DAYS)
    found: list[tuple[str, str, object, str]] = []
    if result.scorecard == "party":
        sensitive = set(queries.names_of(mart).sensitive)
        matters = reads.read_score_due(mart, unit["area_code"], day, DUE_DAYS)
        found += [
            ("matter", row.matter_no, row.deadline_on, "timeliness")
            for row in matters.itertuples()
            if row.category_code not in sensitive
        ]
        for indicator, table in DUE_OF.items():
            rows = score_checks.read_items_due(mart, table, day, DUE_DAYS).rename(columns={"area_code": "place"})
            own = rows.merge(result.gathered.places[result.gathered.places["unit_id"] == unit_id], on="place")
            found += [(indicator, row.item, row.due_on, indicator) for row in own.itertuples()]
    elif result.scorecard == "volunteer":
        rows = result.gathered.items["timely_records"]
        own = rows[(rows["place"] == unit_id) & rows["done_on"].isna()]
        found += [
            ("record", row.item, row.due_on, "timely_records") for row in own.itertuples() if not pd.isna(row.due_on)
        ]
    items = [
        DueItem(what, number, _date(due), _date(due) < day, indicator)
        for what, number, due, indicator in found
        if _date(due) <= soon
    ]
    return tuple(sorted(items, key=lambda one: (one.due_on, one.what, one.number)))


def _date(value: object) -> date:
    return pd.Timestamp(value).date()
