"""The outlook of a brief on paper: its sentences, and the forecasts as a table for the annex."""

from typing import TYPE_CHECKING

from pages.paper.document import Block, Column, Paragraph, Table
from pages.ui import words
from pages.ui.brief_outlook import row_of

if TYPE_CHECKING:
    from analytics.briefs.outlook import Outlook
    from analytics.followup import FollowUp

WIDTHS = {"span": 1.35, "what": 2.4, "range": 1.8, "range_wide": 1.8, "usual": 1.15}
COLUMNS = ("span", "what", "expected", "range", "range_wide", "usual", "observed")


def outlook_of(follow_up: "FollowUp | None") -> "Outlook | None":
    """The outlook that the desk added to a brief; None where there is none to be said."""
    found = follow_up.outlook if follow_up else None
    return None if found is None or found.missing is not None else found


def outlook_blocks(follow_up: "FollowUp | None", language: str) -> list[Block]:
    """What is expected, sentence by sentence; without a forecast, why there is none."""
    found = outlook_of(follow_up)
    if found is None:
        missing = follow_up.outlook.missing if follow_up and follow_up.outlook else None
        return [Paragraph(words.say(missing.key if missing else "outlook.none.issued", language))]
    return [Paragraph(words.tell(one, language)) for one in found.said]


def outlook_table(found: "Outlook", language: str) -> Table:
    """Every forecast the text speaks of, with both ranges, and beside those of the last period what came."""
    joint = "～" if language == "zh" else "–"
    rows = []
    for line in (*found.ahead, *found.rising, *found.looked_back):
        row = row_of(line, found.unit, language)
        low, high = (words.number(row[name], language) for name in ("lower", "upper"))
        shown = {**row, "range": f"{low}{joint}{high}", "range_wide": row["wide"]}
        rows.append(tuple(shown[name] for name in COLUMNS))
    counts = ("expected", "usual", "observed")
    columns = tuple(
        Column(
            words.say(f"column.outlook.{name}", language),
            form="count" if name in counts else "text",
            width=WIDTHS.get(name, 1),
        )
        for name in COLUMNS
    )
    return Table(words.say("outlook.table", language), columns, tuple(rows), words.say("outlook.note", language))
