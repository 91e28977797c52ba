"""All units of a kind in a period, as one reader may see them: bands, ranges, distribution of peers without names, movement, coverage of data."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import special

from analytics.figures import Period, Sentence
from analytics.scorecards.answer import CardLine, PeerGroup, Scorecards, Unit
from analytics.scorecards.asking import ask
from analytics.scorecards.scoring import Result, score_period
from analytics.scores import combining, windows
from analytics.scores.cards import LEAST_PEERS
from analytics.scores.rules import LEVELS, ScoreRules
from data import queries
from data.desk import Desk
from data.mart import Mart
from data.scope import Scope

Scoring = Callable[..., Result]  # as `score_period`
LEAST_MOVE = 0.05  # points; less is not seen at one decimal
QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}


def score_units(
    mart: Mart,
    desk: Desk,
    scope: Scope,
    period: Period,
    as_of: date,
    *,
    kind: str = "party",
    area_code: str | None = None,
    rules: ScoreRules | None = None,
    result: Result | None = None,
    score: Scoring = score_period,
) -> Scorecards:
    """The units of a kind (party, volunteer, alliance) that the reader may see, each against its peers of the whole city.

    Peers are compared wherever they are, but only units within the reader's scope and the chosen area are named; of the others there is a
    distribution without names, and only where a group has five with a score. `rules` tries out others than those in force;
    `result` saves scoring again, and `score` is how periods are scored, for a caller that keeps them.
    """
    result = result or score(mart, desk, kind, period, as_of, rules=rules)
    past = score_before(mart, desk, result, score)
    seen = visible(mart, result, scope, area_code)
    known = known_of(result, past, ask(mart, result))
    lines = tuple(line_of(mart, result, known, unit_id) for unit_id in _by_name(result, seen))
    groups = tuple(peer_group(result, one) for one in dict.fromkeys(line.unit.group for line in lines))
    area = queries.names_of(mart).area(area_code) if area_code else None
    rated = [line for line in lines if line.state == "rated"]
    counted = {band: sum(line.band == band for line in rated) for band in ("above", "among", "below")}
    said = {"period": windows.said_of(period), "units": len(lines), "rated": len(rated), **counted}
    movement = _movement(lines)
    headline = Sentence(f"scores.headline.{kind}" if rated or not lines else f"scores.headline.none_{kind}", said)
    return Scorecards(
        kind=kind, period=period, as_of=as_of, version=mart.version, read_at=mart.read_at, area_code=area_code,
        area_name=None if area is None else area["name"],
        area_names=queries.names_of_scope(mart, scope, area_code), rules=result.facts, is_provisional=not period.complete, headline=headline,
        notices=notices(result, groups, seen), lines=lines, groups=groups, funnel=funnel(result, seen), coverage=coverage(result, seen),
        movement=movement, moved=_moved(movement),
    )  # fmt: skip


def score_before(mart: Mart, desk: Desk, result: Result, score: Scoring = score_period, steps: int = 1) -> Result:
    """The same scorecard so many periods earlier, by the rules of its time: what that period's own page shows."""
    earlier = windows.before(result.period, steps)
    tried = result.rules if result.facts.origin == "file" else None
    return score(mart, desk, result.scorecard, earlier, result.as_of, rules=tried)


def visible(mart: Mart, result: Result, scope: Scope, area_code: str | None = None) -> list[str]:
    """The units whose place lies within the reader's scope and the chosen area; those of an unknown place for readers of all only."""
    ranges = queries.read_reach(mart, scope, area_code).ranges
    units = result.gathered.units
    if ranges is None:
        return units["unit_id"].to_list()
    places = queries.names_of(mart).places
    position = units["area_code"].map(places)
    inside = pd.Series(False, index=units.index)
    for first, last in ranges:
        inside |= position.between(first, last)
    return units.loc[inside, "unit_id"].to_list()


def kinds_of_units(result: Result) -> dict[str, tuple[str, ...]]:
    """The levels that the units of a scorecard stand at, and at each the types of place that a rule can tell apart."""
    by_level = result.gathered.units.groupby("level")["type_code"]
    types = {level: tuple(sorted(own.dropna().unique())) for level, own in by_level}
    return {level: types[level] for level in LEVELS if level in types}


def _by_name(result: Result, seen: list[str]) -> list[str]:
    units = result.gathered.units
    own = units[units["unit_id"].isin(seen)]
    order = own["level"].map({"city": 0, "district": 1, "street": 2}).fillna(3)
    return own.assign(order=order).sort_values(["order", "area_code", "unit_id"])["unit_id"].to_list()


@dataclass(frozen=True, eq=False)
class Known:
    """What the lines of a list share: rows by unit, the scores of the period before, how many questions each has."""

    units: dict[str, dict]
    scores: dict[str, dict]
    before: dict[str, float]
    questions: dict[str, int]


def known_of(result: Result, past: Result, asked: pd.DataFrame) -> Known:
    """The rows of a result by unit."""
    by_unit = result.gathered.units.set_index("unit_id", drop=False).to_dict("index")
    scores = result.scored.units.set_index("unit_id").to_dict("index")
    before = past.scored.units.set_index("unit_id")["score"].to_dict()
    return Known(by_unit, scores, before, asked["unit_id"].value_counts().to_dict())


def unit_of(mart: Mart, row: dict) -> Unit:
    """A unit with what decides its peers."""
    place = _text(row["area_code"])
    names = queries.names_of(mart)
    area = names.areas["name"].iat[names.places[place]] if place in names.places else None
    return Unit(
        row["unit_id"], _text(row["name"]) or row["unit_id"], place, area, row["level"], _text(row["type_code"]), _number(row["size"]),
        _text(row["size_class"]), row["group"],
    )  # fmt: skip


def line_of(mart: Mart, result: Result, known: Known, unit_id: str) -> CardLine:
    """One unit's line."""
    row = known.scores[unit_id]
    score, previous = _number(row["score"]), _number(known.before.get(unit_id))
    low, high = _number(row["lower"]), _number(row["upper"])
    stars = None
    if score is not None:
        stars = tuple(combining.star_band(points, result.rules.stars) for points in (low, high))
    ranked = not pd.isna(row["rank_low"])
    return CardLine(
        unit_of(mart, known.units[unit_id]), score, None if score is None else (low, high), float(row["coverage_pct"]), row["state"],
        row["band"] if isinstance(row["band"], str) else None, stars,
        (int(row["rank_low"]), int(row["rank_high"])) if ranked else None, int(row["peers"]), previous,
        None if score is None or previous is None else score - previous, _number(result.gathered.workload.get(unit_id)),
        known.questions.get(unit_id, 0),
    )  # fmt: skip


def peer_group(result: Result, group: str) -> PeerGroup:
    """A peer group without names; its scores only where five of it have one."""
    own = result.scored.units[result.scored.units["group"] == group]
    units = result.gathered.units[result.gathered.units["group"] == group]
    scores = np.sort(own["score"].dropna().to_numpy(dtype=float))
    enough = len(scores) >= LEAST_PEERS
    types = tuple(sorted(units["type_code"].dropna().astype(str).unique()))
    return PeerGroup(
        group, units["level"].iloc[0], types, _text(units["size_class"].iloc[0]), len(units), len(scores),
        float(scores.mean()) if enough else None,
        {name: float(np.quantile(scores, at)) for name, at in QUANTILES.items()} if enough else None,
        tuple(float(one) for one in scores) if enough else None,
        enough and combining.near_ceiling(scores, result.rules.value("bands.ceiling_points"), result.rules.value("bands.ceiling_share_pct")),
    )  # fmt: skip


def notices(result: Result, groups: tuple[PeerGroup, ...], seen: Collection[str]) -> tuple[Sentence, ...]:
    """What is to be read before the numbers: an aid to judgement; provisional; peers near the ceiling; open objections of the units seen."""
    said = [Sentence("scores.notice.aid")]
    if not result.period.complete:
        said.append(
            Sentence(
                "scores.notice.provisional",
                {"through": min(result.period.last, result.as_of), "last": result.period.last},
            )
        )
    if result.facts.origin == "file":
        said.append(Sentence("scores.notice.tried", {"version": result.rules.version}))
    ceiling = [one for one in groups if one.is_near_ceiling]
    if ceiling:
        said.append(
            Sentence(
                "scores.notice.ceiling", {"groups": len(ceiling), "points": result.rules.value("bands.ceiling_points")}
            )
        )
    made = result.objections
    waiting = int((made["decision"].isna() & made["unit_id"].isin(seen)).sum()) if len(made) else 0
    if waiting:
        said.append(Sentence("scores.notice.objections", {"objections": waiting}))
    return tuple(said)


def funnel(result: Result, seen: list[str]) -> pd.DataFrame:
    """Each unit's rates by their denominators, with the limits within which the peers' rate would put 95 and 99.8 of 100 of that size.

    Source: Spiegelhalter 2005, Stat. Med. 24:1185; limits by Wilson's interval turned around.
    """
    rows = result.scored.indicators
    rows = rows[rows["unit_id"].isin(seen) & rows["method"].eq("rate") & (rows["whole"] > 0)]
    found = rows[["unit_id", "indicator", "met", "whole", "raw_pct", "shrunk_pct", "peer_pct", "state"]].rename(
        columns={"met": "numerator", "whole": "denominator"}
    )
    share, n = found["peer_pct"].to_numpy(dtype=float) / 100, found["denominator"].to_numpy(dtype=float)
    for name, tail in (("95", 0.025), ("998", 0.001)):
        width = -special.ndtri(tail) * np.sqrt(share * (1 - share) / n)
        found[f"lower{name}"], found[f"upper{name}"] = (
            100 * np.clip(share - width, 0, 1),
            100 * np.clip(share + width, 0, 1),
        )
    outside = found["raw_pct"] > found["upper998"], found["raw_pct"] < found["lower998"]
    return found.assign(place=np.select(outside, ["above", "below"], "within")).reset_index(drop=True)


def funnel_said(rows: pd.DataFrame) -> Sentence:
    """How many units of a funnel lie outside the limits that keep 998 of 1000 that do as their peers."""
    held = {place: int((rows["place"] == place).sum()) for place in ("above", "below")}
    key = "scores.funnel.outside" if any(held.values()) else "scores.funnel.within"
    return Sentence(key, {"units": len(rows), **held})


def coverage(result: Result, seen: list[str]) -> pd.DataFrame:
    """How many of the units have data for each indicator."""
    rows = result.scored.indicators
    rows = rows[rows["unit_id"].isin(seen)]
    names = list(dict.fromkeys(rows["indicator"]))
    table = pd.crosstab(rows["indicator"], rows["state"]).reindex(names)
    states = ["scored", "shown", "too_few", "no_data", "not_applicable"]
    table = table.reindex(columns=states, fill_value=0).assign(units=len(seen))
    with_data = 100 * (table["scored"] + table["shown"]) / table["units"].where(table["units"] > 0)
    table = table.assign(with_data_pct=with_data).rename_axis(columns=None).rename_axis("indicator").reset_index()
    return table[["indicator", "units", *states, "with_data_pct"]]


def _movement(lines: tuple[CardLine, ...]) -> pd.DataFrame:
    rows = [(one.unit.unit_id, one.unit.name, one.previous_score, one.score, one.change) for one in lines]
    return farthest_first(pd.DataFrame(rows, columns=["unit_id", "name", "previous", "score", "change"]))


def farthest_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows by how far `change` lies from 0, up or down; those without one last."""
    far = frame["change"].astype("float64").abs()
    return (
        frame.assign(far=far)
        .sort_values(["far", "unit_id"], ascending=[False, True])
        .drop(columns="far")
        .reset_index(drop=True)
    )


def middle_change(frame: pd.DataFrame) -> float | None:
    """By how many points, up or down, the middle one of the scores moves; None where none can be compared."""
    far = frame["change"].astype("float64").abs()
    return _number(far.median())


def _moved(movement: pd.DataFrame) -> Sentence | None:
    change = movement["change"].astype("float64").dropna()
    if change.empty:
        return None
    values = {"units": len(change), "up": int((change >= LEAST_MOVE).sum()), "down": int((change <= -LEAST_MOVE).sum())}
    return Sentence("scores.moved", values | {"middle": middle_change(movement)})


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
