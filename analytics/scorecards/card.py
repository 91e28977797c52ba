"""One organisation's or team's card: its score with the interval, every indicator down to its items, peers without names, what to do next."""

from datetime import date, timedelta

import pandas as pd

from analytics.figures import Period, Sentence
from analytics.measures import wilson_interval
from analytics.scorecards import asking, listing, next_steps, panels
from analytics.scorecards.answer import IndicatorScore, LeftOut, Objection, ScoreCard
from analytics.scorecards.gathering import ADJUSTED
from analytics.scorecards.next_steps import subjects_of
from analytics.scorecards.scoring import Result, score_period
from analytics.scores import windows
from analytics.scores.cards import LEAST_PEERS
from analytics.scores.indicators import Indicator, of
from analytics.scores.rules import ScoreRules
from data import scoring_desk
from data.desk import Desk
from data.errors import Refused
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope


def score_card(
    mart: Mart,
    desk: Desk,
    scope: Scope,
    period: Period,
    as_of: date,
    unit_id: str,
    *,
    kind: str = "party",
    rules: ScoreRules | None = None,
    trend: int = 3,
    today: date | None = None,
    result: Result | None = None,
    score: listing.Scoring = score_period,
) -> ScoreCard:
    """The card of one unit within the reader's scope. `trend` says how many periods before are scored too, each by the rules of its time;
    `today` decides whether an objection can still be made; `result` saves scoring again, `score` is how periods are scored. Raises `Refused` for a unit that does not exist or lies outside the scope.
    """
    result = result or score(mart, desk, kind, period, as_of, rules=rules)
    if unit_id not in listing.visible(mart, result, scope):
        raise Refused("scores.unit_unknown", unit=unit_id)
    past = listing.score_before(mart, desk, result, score)
    asked = asking.ask(mart, result)
    line = listing.line_of(mart, result, listing.known_of(result, past, asked), unit_id)
    indicators = tuple(indicator_score(result, past, one, unit_id) for one in of(kind))
    group = listing.peer_group(result, line.unit.group)
    steps = range(trend, 0, -1)
    periods = [past if step == 1 else listing.score_before(mart, desk, result, score, step) for step in steps] + [
        result
    ]
    course = _trend(periods, unit_id)
    due = next_steps.due_items(mart, result, unit_id)
    raised = next_steps.gains_of(result, line, due)
    until = period.last + timedelta(days=result.facts.objection_days)
    said = {
        "name": line.unit.name,
        "period": windows.said_of(period),
        "score": line.score,
        "coverage": line.coverage_pct,
    }
    headline = (
        Sentence("scores.headline.card", said) if line.score is not None else Sentence("scores.headline.unrated", said)
    )
    return ScoreCard(
        kind=kind, period=period, as_of=as_of, version=mart.version, read_at=mart.read_at, rules=result.facts,
        is_provisional=not period.complete, headline=headline, notices=listing.notices(result, (group,), (unit_id,)), line=line, indicators=indicators,
        panel=panels.panel_of_unit(panels.panel_table(mart, result), result, unit_id, line.unit.group),
        peers=group if group.rated >= LEAST_PEERS else None, trend=course, trend_said=_trend_said(course, periods),
        next_said=next_steps.next_said(result, line, bool(raised)), gains=raised, missing=next_steps.missing_of(result, line), due=due, questions=asking.questions_of_unit(asked, unit_id),
        objections=_objections(result, unit_id), objections_until=until,
        may_object=scoring_desk.may(scope.role, "object") and (today is None or today <= until),
    )  # fmt: skip


def indicator_score(result: Result, past: Result, one: Indicator, unit_id: str) -> IndicatorScore:
    """One indicator of one unit with everything a recount by hand needs."""
    row = _row(result, one.name, unit_id)
    before = _row(past, one.name, unit_id)
    rule = result.rules.of(one.name)
    whole, met, points = _n(row["whole"]), _n(row["met"]), _n(row["points"])
    previous = _n(before["points"]) if before is not None else None
    is_rate = one.family in ("rate", "mix") and whole and met is not None
    first, last, _ = result.gathered.windows[one.name]
    target = _n(row["target"])
    is_best = met is not None and met == (0 if one.direction == "lower" else whole)
    interval = None if points is None else (_n(row["lower"]), _n(row["upper"]))
    left = result.left[(result.left["unit_id"] == unit_id) & (result.left["indicator"] == one.name)]
    area = result.gathered.units.set_index("unit_id")["area_code"].get(unit_id)
    is_matter = one.items == "matter"
    return IndicatorScore(
        name=one.name, state=row["state"], unit=one.unit, direction=one.direction, period=Period(first, last), weight=rule.weight,
        effective_weight=None if pd.isna(row["share"]) else 100 * float(row["share"]), numerator=met, denominator=whole, minimum=rule.minimum,
        raw_pct=_n(row["raw_pct"]), raw_interval=wilson_interval(met, whole) if is_rate else None, shrunk_pct=_n(row["shrunk_pct"]),
        points=points, interval=interval, contribution=_n(row["contribution"]), peer_pct=_n(row["peer_pct"]), target=target,
        target_state=_target_state(points, interval, target, is_best), previous_points=previous,
        change=None if points is None or previous is None else points - previous,
        left_out=tuple(
            LeftOut(left_row["reason"], int(left_row["items"]), _left_selection(result, one.name, area, left_row["reason"]) if is_matter else None)
            for left_row in left.sort_values(["items", "reason"], ascending=[False, True]).to_dict("records")
        ),
        selection=selection_of(result, one.name, area) if is_matter else None,
        selection_met=selection_of(result, one.name, area, "_met") if is_matter else None,
        extra=_extra(result, one.name, unit_id), basis=_basis(result, one, row, unit_id),
    )  # fmt: skip


def selection_of(result: Result, indicator: str, area_code: str, which: str = "") -> Selection:
    """The matters behind an indicator's denominator (or its numerator, or what is left out), as a link opens them."""
    first, last, days = result.gathered.windows[indicator]
    chosen = Selection(f"score_{indicator}{which}", result.as_of, first, last).also(answered_by=area_code)
    return chosen if days is None else chosen.also(within_days=str(days))


def _left_selection(result: Result, indicator: str, area_code: str, reason: str) -> Selection | None:
    return (
        None if reason == "objection" else selection_of(result, indicator, area_code, "_left").also(left_because=reason)
    )


def _row(result: Result, indicator: str, unit_id: str) -> pd.Series | None:
    rows = result.scored.indicators
    own = rows[(rows["unit_id"] == unit_id) & (rows["indicator"] == indicator)]
    return own.iloc[0] if len(own) else None


def _target_state(points: float | None, interval: tuple | None, target: float | None, is_best: bool) -> str | None:
    """Whether the interval lies above the target, below it, or holds it; nothing is missed by a unit that missed nothing (`is_best`), and who
    did all of it has met a target of all.

    >>> _target_state(91.9, (67.4, 99.9), 100, True), _target_state(60.0, (40.0, 79.0), 80, True), _target_state(60.0, (40.0, 79.0), 80, False)
    ('met', 'open', 'missed')
    """
    if points is None or target is None:
        return None
    low, high = interval
    if low is None or low == high:
        return "met" if points >= target else "missed"
    if is_best and target == 100:
        return "met"
    if low >= target:
        return "met"
    return "missed" if high < target and not is_best else "open"


def _extra(result: Result, indicator: str, unit_id: str) -> dict[str, float | None]:
    if indicator == "satisfaction":
        row = _row(result, "participation", unit_id)
        return {"participation_pct": _n(row["raw_pct"]), "asked": _n(row["whole"]), "answered": _n(row["met"])}
    if indicator == ADJUSTED:
        row = _row(result, ADJUSTED, unit_id)
        return {"expected": _n(row["expected"])}
    return {}


def _basis(result: Result, one: Indicator, row: pd.Series, unit_id: str) -> dict[str, object]:
    """What else the points rest on: of a rate α and β, of a mean the spread, of an adjusted rate the peers' rate of each subject."""
    basis = {
        "method": one.family,
        **{name: _n(row[name]) for name in ("alpha", "beta", "spread", "effect") if _n(row[name]) is not None},
    }
    if one.family == "mean":
        counts = result.gathered.counts
        own = counts[(counts["unit_id"] == unit_id) & (counts["indicator"] == one.name)]
        basis["variance"] = None if own.empty else _n(own["variance"].iloc[0])
    if one.name == ADJUSTED:
        subjects = subjects_of(result, unit_id).astype({"name": object})
        basis["subjects"] = subjects.where(subjects.notna(), None).to_dict("records")
    return basis


def _trend(periods: list[Result], unit_id: str) -> pd.DataFrame:
    """The unit's score in each period with interval and band, oldest first."""
    rows = []
    for one in periods:
        units = one.scored.units.set_index("unit_id")
        own = units.loc[unit_id] if unit_id in units.index else None
        score, lower, upper = (None if own is None else _n(own[name]) for name in ("score", "lower", "upper"))
        band = own["band"] if own is not None and isinstance(own["band"], str) else None
        named = windows.name_of(one.period), one.period.first, one.period.last
        rows.append((*named, score, lower, upper, band, one.rules.version))
    return pd.DataFrame(rows, columns=["period", "first", "last", "score", "lower", "upper", "band", "rule_version"])


def _trend_said(trend: pd.DataFrame, periods: list[Result]) -> Sentence | None:
    """From the first score to the last, and whether their intervals leave room for no change at all."""
    known = trend["score"].notna().to_numpy().nonzero()[0]
    if len(known) < 2:
        return None
    first, last = trend.iloc[known[0]], trend.iloc[known[-1]]
    apart = last["lower"] > first["upper"] or last["upper"] < first["lower"]
    values = {
        "since": windows.said_of(periods[known[0]].period), "until": windows.said_of(periods[known[-1]].period), "before": float(first["score"]),
        "score": float(last["score"]),
    }  # fmt: skip
    return Sentence("scores.trend.apart" if apart else "scores.trend.overlap", values)


def _objections(result: Result, unit_id: str) -> tuple[Objection, ...]:
    """The unit's objections with their decisions, oldest first."""
    found = []
    for row in result.objections[result.objections["unit_id"] == unit_id].to_dict("records"):
        plain = {name: None if pd.isna(value) else value for name, value in row.items()}
        found.append(
            Objection(
                plain["objection_id"], unit_id, plain["indicator"], plain["item"], plain["reason"], plain["post"], plain["recorded_at"],
                bool(plain["verified"]), plain["decision"] or "open", plain["effect"], plain["decision_reason"], plain["decided_by"],
                plain["decided_at"], plain["score_before"], plain["score_after"],
            )
        )  # fmt: skip
    return tuple(found)


def _n(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
