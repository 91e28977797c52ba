"""What the scorecard pages ask for: all units, one card, the items behind a number; cached by version, scope, desk and plain arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics import scorecards
from analytics.figures import Period
from analytics.scorecards import (
    CountedItems,
    Question,
    RulesPreview,
    ScoreCard,
    Scorecards,
    asking,
    listing,
    panels,
)
from analytics.scorecards.disclosure import WIDE
from analytics.scorecards.scoring import Result, score_period
from analytics.scores import windows
from analytics.scores.rules import ScoreRules
from data import mart as marts
from data import queries, scoring_desk
from data.desk import Desk
from data.scope import Scope
from data.scoring_desk import RuleVersion
from pages.ui import load, words
from pages.ui.links import Chosen

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True)
class Asked:
    """Which scorecards are asked for: kind, period, up to which day, where; all that their answers are kept by besides the reader's scope."""

    kind: str
    period: Period
    as_of: date
    area_code: str | None


def span_of(chosen: Chosen) -> str:
    """Month, quarter, half-year or year, as the link says."""
    wanted = dict(chosen.own).get("span")
    return wanted if wanted in MONTHS else "month"


def asked_of(chosen: Chosen, kind: str) -> Asked:
    """The period of the chosen span that holds the chosen day. Raises `Refused` for one that has not begun."""
    as_of = load.bounds()[1]
    months = MONTHS[span_of(chosen)]
    number = (chosen.day.month - 1) // months
    first = date(chosen.day.year, number * months + 1, 1)
    last = windows.add_months(first, months) - timedelta(days=1)
    return Asked(kind, scorecards.period_from(windows.name_of(Period(first, last)), as_of), as_of, chosen.area_code)


def units(asked: Asked) -> Scorecards:
    """All units of the kind within the reader's scope and the chosen area."""
    return _answered("units", *_key(asked), load.site().actor.scope, area_code=asked.area_code)


def card(asked: Asked, unit_id: str) -> ScoreCard:
    """The card of one unit within the reader's scope. Raises `Refused` for any other."""
    return _answered("card", *_key(asked), load.site().actor.scope, unit_id=unit_id, today=today())


def today() -> date:
    """The day by the site's clock, which decides whether an objection can still be made and from when a version can hold."""
    return load.site().now().date()


_QUESTIONS = {
    "units": scorecards.score_units, "card": scorecards.score_card, "preview": scorecards.preview_rules
}  # fmt: skip


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=150, show_spinner=False)
def _answered(
    question: str,
    folder: str,
    version: str,
    desk_url: str,
    mark: str,
    kind: str,
    period: Period,
    as_of: date,
    scope: Scope,
    **asked: object,
) -> object:
    """The answer of the engine to a question about a period, from what has been scored already."""
    mart, desk, score = marts.open_mart(Path(folder)), load.desk_at(desk_url), _kept(desk_url)
    return _QUESTIONS[question](mart, desk, scope, period, as_of, kind=kind, score=score, **asked)


def items(asked: Asked, unit_id: str, indicator: str) -> CountedItems:
    """Every item behind one indicator of one unit. Raises `Refused` for a unit outside the scope."""
    result = _now(asked)
    scope = load.site().actor.scope
    return scorecards.counted_items(
        load.mart(), load.desk(), scope, asked.period, asked.as_of, unit_id, indicator, kind=asked.kind, result=result
    )


def subject_name(subject: str, level: str, language: str) -> str:
    """What a subject of the adjusted indicator is called: kind and widest category; a sensitive one is not named below the street."""
    kind, _, code = subject.partition(":")
    names = queries.names_of(load.mart())
    if code in names.sensitive and level not in WIDE:
        return words.say("score_pages.sensitive", language)
    unknown = words.say("brief.category_unknown", language)
    named = words.subject(names.categories["name"].get(code, unknown), language)
    return f"{words.name('kind', kind, language)} · {named}"


def questions(asked: Asked) -> tuple[tuple[str, Question], ...]:
    """Every question about a unit within the reader's scope and the chosen area, with the unit's number."""
    asks, seen = _asked(*_key(asked)), _seen(asked)
    return tuple((unit_id, one) for unit_id in seen for one in asking.questions_of_unit(asks, unit_id))


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=20, show_spinner=False)
def _asked(folder: str, version: str, desk_url: str, mark: str, kind: str, period: Period, as_of: date) -> pd.DataFrame:
    mart, desk = marts.open_mart(Path(folder)), load.desk_at(desk_url)
    return asking.ask(mart, _kept(desk_url)(mart, desk, kind, period, as_of))


def panel_ranges(asked: Asked) -> pd.DataFrame:
    """The figures beside the score over all units within the reader's scope and the chosen area."""
    return panels.panel_ranges(panels.panel_table(load.mart(), _now(asked)), asked.kind, _seen(asked))


def objections(asked: Asked) -> pd.DataFrame:
    """The objections of the period against units within the reader's scope and the chosen area, with their decisions."""
    found = _now(asked).objections
    return found[found["unit_id"].isin(_seen(asked))]


def _seen(asked: Asked) -> list[str]:
    return listing.visible(load.mart(), _now(asked), load.site().actor.scope, asked.area_code)


# --- rules and objections ----------------------------------------------------------------------------------


def rules_on(kind: str, day: date) -> ScoreRules:
    """The rules in force on a day."""
    return scorecards.rules_of_period(load.desk(), kind, day)[0]


def rule_versions(kind: str) -> tuple[RuleVersion, ...]:
    """Every version proposed for a scorecard, the last first."""
    return scoring_desk.rule_versions(load.desk(), kind)


def preview(asked: Asked, other: ScoreRules) -> RulesPreview:
    """What other rules would do to all units of the reader's scope."""
    return _answered("preview", *_key(asked), load.site().actor.scope, rules=other)


def kinds_of_units(asked: Asked) -> dict[str, tuple[str, ...]]:
    """The levels that the units of the city stand at, with the types of place at each."""
    return listing.kinds_of_units(_now(asked))


def effect(asked: Asked, objection_id: int, effect_: str | None) -> tuple[float | None, float | None]:
    """The unit's score as it is and as it would be with an objection decided so."""
    return _effect(*_key(asked), objection_id, effect_)


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=50, show_spinner=False)
def _effect(
    folder: str,
    version: str,
    desk_url: str,
    mark: str,
    kind: str,
    period: Period,
    as_of: date,
    objection_id: int,
    effect_: str | None,
) -> tuple[float | None, float | None]:
    mart, desk = marts.open_mart(Path(folder)), load.desk_at(desk_url)
    return scorecards.effect_of_decision(mart, desk, period, as_of, objection_id, kind=kind, effect=effect_)


# --- scoring, kept by all it rests on ----------------------------------------------------------------------------------------------


def _key(asked: Asked) -> tuple:
    """Where mart and desk are, the version, a mark of what was decided about scorecards, and what is scored."""
    here = load.site()
    mark = scoring_desk.mark(load.desk())
    return str(here.mart_folder), load.mart().version, here.desk_url, mark, asked.kind, asked.period, asked.as_of


def _now(asked: Asked) -> Result:
    """The units of the city scored for what is asked."""
    here = load.site()
    return _kept(here.desk_url)(load.mart(), load.desk(), asked.kind, asked.period, asked.as_of)


def _kept(desk_url: str) -> Callable[..., Result]:
    """A way to score periods that keeps what it has scored; rules on trial are scored anew."""

    def score(
        mart: marts.Mart, desk: Desk, kind: str, period: Period, as_of: date, *, rules: ScoreRules | None = None
    ) -> Result:
        if rules is not None:
            return score_period(mart, desk, kind, period, as_of, rules=rules)
        return _result(str(mart.folder), mart.version, desk_url, _standing(desk, kind, period), kind, period, as_of)

    return score


def _standing(desk: Desk, kind: str, period: Period) -> str:
    """What the desk says that a period's scores rest on: the rules in force, the objections and how many are decided."""
    rules_ = scoring_desk.rules_in_force(desk, kind, period.last)
    made = scoring_desk.objections(desk, kind, windows.name_of(period))
    return f"{rules_.version_id if rules_ else 0} {len(made)} {int(made['decision'].notna().sum())}"


@st.cache_resource(ttl=load.KEPT_SECONDS, max_entries=48, show_spinner=False)
def _result(folder: str, version: str, desk_url: str, standing: str, kind: str, period: Period, as_of: date) -> Result:
    """Every unit of the city scored; read-only, and narrowed to the reader by whatever is shown of it."""
    return score_period(marts.open_mart(Path(folder)), load.desk_at(desk_url), kind, period, as_of)
