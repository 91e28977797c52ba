"""One way from a question to a paper, for the terminal and for delivery: which facade answers each kind of brief, and what writes it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from analytics.briefs.rules import rules_from
from analytics.followup import Brief, FollowUp, follow_up
from data import queries
from data.desk import Desk
from data.in_force import (
    brief_rules_in_force,
    deadline_rules_in_force,
    monthly_rules_in_force,
    trend_rules_in_force,
)
from data.mart import Attempt, Mart
from data.scope import Scope
from data.workdays import WorkCalendar
from pages.paper import render
from pages.paper.document import Document
from pages.paper.record import brief_record
from pages.ui import words

NOTED_YEARS = 5  # years of event notes that stand beside a trend


@dataclass(frozen=True)
class Asked:
    """What a brief is made from: for whom (`scope`, `language`), about what, by which records, when (`now`), by which `post`.

    For a replay `mart`, `desk`, `calendar`, `attempt` and `now` are those of then.
    """

    mart: Mart
    scope: Scope
    day: date
    calendar: WorkCalendar
    language: str
    now: datetime
    desk: Desk
    area_code: str | None = None
    kind: str | None = None
    attempt: Attempt | None = None
    post: str = "unassigned"


@dataclass(frozen=True)
class Made:
    """A brief, and its paper when it is asked for."""

    brief: object
    write: Callable[[], Document]
    fonts_folder: Path | None = None

    @cached_property
    def document(self) -> Document:
        """The paper, with what the desk adds to the brief."""
        return self.write()

    def file(self, form: str) -> bytes:
        """It as a file of one of `pages.paper.FORMS`; `json` is the record of its figures."""
        if form == "json":
            return (json.dumps(brief_record(self.brief), ensure_ascii=False, indent=2) + "\n").encode()
        return render(self.document, form, fonts_folder=self.fonts_folder)


def make(name: str, ask: Asked, *, fonts_folder: Path | None = None) -> Made:
    """The brief `name` (daily, weekly, monthly, annual, trends) for the period that holds the day asked for. Raises what the facade raises."""
    ways = {"daily": _daily, "weekly": _weekly, "monthly": _monthly, "annual": _annual, "trends": _trends}
    answer, write = ways[name](ask)
    brief = answer(ask.day)
    return Made(brief, lambda: write(brief), fonts_folder)


def _answering(facade: Callable, ask: Asked, own: Callable[[date], dict] = lambda _day: {}) -> Callable:
    """The facade with all it is asked but the day; it judges by what was in force on that day, `own` being what it judges alone."""
    return lambda day: facade(
        ask.mart, ask.scope, day, calendar=ask.calendar, area_code=ask.area_code, kind=ask.kind, attempt=ask.attempt, now=ask.now,
        rules=rules_from(brief_rules_in_force(ask.desk, day)), **own(day),
    )  # fmt: skip


def _follow_up(brief: Brief, ask: Asked, answer: Callable | None = None) -> FollowUp:
    """What the desk adds; with `answer` the brief of the period before is looked back at where none was issued."""
    before = brief.period.first - timedelta(days=1)
    return follow_up(ask.desk, ask.mart, ask.scope, brief, previous=answer and (lambda: answer(before)))


def _daily(ask: Asked) -> tuple[Callable, Callable]:
    from analytics.briefs import daily_brief
    from pages.paper.daily import daily_document

    answer = _answering(daily_brief, ask)
    issuer = "" if ask.post == "unassigned" else words.name("post", ask.post, ask.language)
    return answer, lambda brief: daily_document(brief, ask.language, _follow_up(brief, ask, answer), issuer=issuer)


def _weekly(ask: Asked) -> tuple[Callable, Callable]:
    from analytics.briefs.weekly import weekly_brief
    from pages.paper.weekly import weekly_document

    answer = _answering(weekly_brief, ask)

    def write(brief: Brief) -> Document:
        added = _follow_up(brief, ask, answer)
        return weekly_document(brief, ask.language, added, words=added.words)

    return answer, write


def _monthly(ask: Asked) -> tuple[Callable, Callable]:
    from analytics.briefs.monthly import monthly_brief
    from analytics.briefs.monthly_rules import rules_from as monthly_rules_from
    from analytics.briefs.sources_report import sources_report
    from pages.paper.monthly import monthly_document

    def own(day: date) -> dict:
        return {"monthly_rules": monthly_rules_from(monthly_rules_in_force(ask.desk, day))}

    answer = _answering(monthly_brief, ask, own)

    def write(brief: Brief) -> Document:
        sources = None
        if ask.kind is None and not brief.is_empty:
            about = {"calendar": ask.calendar, "area_code": ask.area_code}
            sources = sources_report(ask.mart, ask.scope, brief.period.last, **about)
        return monthly_document(brief, ask.language, _follow_up(brief, ask, answer), sources=sources)

    return answer, write


def _annual(ask: Asked) -> tuple[Callable, Callable]:
    from analytics.briefs.annual import annual_brief
    from pages.paper.annual import annual_document

    def write(brief: Brief) -> Document:
        added = _follow_up(brief, ask)
        said = {section: one.text for section, one in added.words.items()}
        return annual_document(brief, ask.language, added, words_=said)

    return _answering(annual_brief, ask), write


def _trends(ask: Asked) -> tuple[Callable, Callable]:
    from analytics.petitions import petition_trends
    from analytics.petitions.rules import rules_from as trend_rules_from
    from pages.paper.petitions import petitions_document

    around = queries.areas_around(ask.mart, ask.scope, ask.area_code)

    def answer(day: date) -> object:
        briefs = rules_from(brief_rules_in_force(ask.desk, day))
        return petition_trends(
            ask.mart, ask.scope, day, calendar=ask.calendar, area_code=ask.area_code, kind=ask.kind or "petition",
            notes=ask.desk.notes(date(day.year - NOTED_YEARS, 1, 1), day, around),
            clocks=deadline_rules_in_force(ask.desk, day), attempt=ask.attempt, now=ask.now,
            stale_hours=briefs.stale_hours, rules=trend_rules_from(trend_rules_in_force(ask.desk, day), briefs),
        )  # fmt: skip

    return answer, lambda trends: petitions_document(trends, ask.language)
