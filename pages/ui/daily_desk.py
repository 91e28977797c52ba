"""What the desk adds to the daily brief: the look back, what a directive can be given on, its way to being issued."""

from dataclasses import replace
from datetime import timedelta

from analytics.briefs import DailyBrief
from analytics.followup import FollowUp, key_of
from data.issuing import Item
from pages.paper import record
from pages.paper.daily import daily_document
from pages.paper.document import Document
from pages.ui import followup, load, papers, words
from pages.ui.links import Chosen
from pages.ui.load import followup as followups


def follow_up(brief: DailyBrief, chosen: Chosen) -> FollowUp | None:
    """What the last brief warned of and what came of it, directives, state; without an issue, the day before is looked back at."""
    before = replace(chosen, day=chosen.day - timedelta(days=1))
    return followups.follow_up(
        brief, previous=lambda: load.daily_brief(before), record=lambda: record.brief_record(brief)
    )


def items(brief: DailyBrief, chosen: Chosen) -> tuple[Item, ...]:
    """What else a directive can be given on: each unit's overdue matters, and what one unit alone does not move."""
    said, place = chosen.language, brief.area_code
    units = [
        Item(
            f"unit||{line.values['org_id']}",
            words.say("followup.item.unit", said, unit=line.values["unit"]),
            place,
            None,
            line.selection,
        )
        for line in brief.deadlines_by_unit
        if line.values["unit"]
    ]
    stuck = [
        Item(
            f"{one.name}||",
            words.say("followup.item.coordination", said, name=words.name("reason", one.name, said)),
            place,
            None,
            one.selection,
        )
        for one in brief.coordination
        if one.value
    ]
    return (*units, *stuck)


def show_issue(brief: DailyBrief, follow_up: FollowUp | None, chosen: Chosen) -> None:
    """The brief to take away, its way to being issued, and its issued copies."""

    def make() -> Document:
        post = load.site().post
        issuer = "" if post == "unassigned" else words.name("post", post, chosen.language)
        return daily_document(brief, chosen.language, follow_up, issuer=issuer)

    def made() -> dict:
        return record.brief_record(brief)

    papers.buttons("daily", make, chosen, record=made)
    followup.show_issue(key_of(brief), make, made, follow_up, chosen)
