"""The tables of issued briefs in the desk: steps of a draft, issued copies and their files, people's words, directives, openings.

All but the openings are only ever added to, and the database itself keeps it so: what changes is a new row.
"""

import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, SmallInteger, String, Table, Text

from data.desk import LONGEST_TEXT, desk, recorded_by

ONLY_ADDED_TO = ("brief_step", "issued_brief", "issued_file", "brief_words", "directive", "directive_outcome")


def _of_brief() -> list[Column]:
    """Which brief a row belongs to."""
    return [
        Column("brief_key", String(120), nullable=False, comment="brief, first day, area and kind in one text"),
        Column("brief", String(20), nullable=False, comment="daily, weekly, monthly or annual"),
        Column("first_on", Date, nullable=False, comment="first day of its period"),
        Column("area_code", String(40), comment="its area; empty: the whole city"),
        Column("matter_kind", String(20), comment="its kind of matter; empty: all kinds"),
    ]


brief_step = Table(
    "brief_step",
    desk,
    Column("step_id", Integer, primary_key=True, autoincrement=True, comment="number of the step"),
    *_of_brief(),
    Column("state", String(12), nullable=False, comment="draft, reviewed, issued or withdrawn"),
    Column("composed", Text, comment="the document as made from the figures, JSON"),
    Column("document", Text, comment="the document as edited, JSON"),
    Column("record", Text, comment="the figures that it was made from, JSON"),
    Column("version", String(60), comment="version of the mart that the figures are from"),
    Column("known_at", DateTime, comment="moment whose knowledge the figures state"),
    Column("reason", String(LONGEST_TEXT), comment="why it was withdrawn"),
    *recorded_by(),
    sa.Index("brief_step_brief", "brief_key", "step_id"),
    comment="One step of a brief on its way to being issued; the last one is its state.",
)

issued_brief = Table(
    "issued_brief",
    desk,
    Column("issued_id", Integer, primary_key=True, autoincrement=True, comment="number of the copy in this store"),
    *_of_brief(),
    Column("year", SmallInteger, nullable=False, comment="year of issue"),
    Column("number", Integer, nullable=False, comment="number within kind and year (期)"),
    Column(
        "step_id", Integer, sa.ForeignKey("brief_step.step_id"), nullable=False, comment="the step that was reviewed"
    ),
    Column("replaces", Integer, sa.ForeignKey("issued_brief.issued_id"), comment="the withdrawn copy that it corrects"),
    Column("document", Text, nullable=False, comment="the document as issued, JSON"),
    Column("record", Text, nullable=False, comment="its figures, JSON"),
    Column("document_sha256", String(64), nullable=False, comment="SHA-256 of the document"),
    Column("record_sha256", String(64), nullable=False, comment="SHA-256 of the figures"),
    Column("version", String(60), nullable=False, comment="version of the mart that the figures are from"),
    Column("known_at", DateTime, nullable=False, comment="moment whose knowledge it states"),
    *recorded_by(),
    sa.UniqueConstraint("brief", "year", "number", name="issued_brief_number"),
    sa.Index("issued_brief_brief", "brief_key", "issued_id"),
    comment="An issued brief, frozen.",
)

issued_file = Table(
    "issued_file",
    desk,
    Column("issued_id", Integer, sa.ForeignKey("issued_brief.issued_id"), primary_key=True, comment="the issued copy"),
    Column("form", String(8), primary_key=True, comment="docx, pdf, xlsx, md …"),
    Column("content", LargeBinary, nullable=False, comment="the file, byte for byte"),
    Column("sha256", String(64), nullable=False, comment="SHA-256 of the file"),
    comment="A file of an issued brief, frozen.",
)

brief_words = Table(
    "brief_words",
    desk,
    Column("words_id", Integer, primary_key=True, autoincrement=True, comment="number of the writing"),
    *_of_brief(),
    Column("section", String(60), nullable=False, comment="section of the brief"),
    Column("text", Text, comment="people's words; empty: taken back"),
    *recorded_by(),
    sa.Index("brief_words_brief", "brief_key", "words_id"),
    comment="What people wrote in a section of a brief; the last writing stands.",
)

directive = Table(
    "directive",
    desk,
    Column("directive_id", Integer, primary_key=True, autoincrement=True, comment="number of the directive"),
    *_of_brief(),
    Column("as_of", Date, nullable=False, comment="day at whose close the brief stood"),
    Column("item_key", String(160), nullable=False, comment="item of the brief it is about"),
    Column("label", String(200), nullable=False, comment="the item in few words"),
    Column("item_area", String(40), comment="place of the item; empty: the whole city"),
    Column("item_category", String(40), comment="subject of the item"),
    Column("selection", Text, comment="what opens the item into its matters, JSON"),
    Column("post_level", String(20), nullable=False, comment="level of the post that gave it"),
    Column("org_id", String(60), comment="unit that is to act"),
    Column("due_on", Date, comment="day by which an outcome is due"),
    Column("text", String(LONGEST_TEXT), nullable=False, comment="the directive"),
    *recorded_by(),
    comment="A directive (批示) on an item of a brief.",
)

directive_outcome = Table(
    "directive_outcome",
    desk,
    Column("directive_id", Integer, sa.ForeignKey("directive.directive_id"), primary_key=True, autoincrement=False,
           comment="the directive"),
    Column("outcome", String(LONGEST_TEXT), nullable=False, comment="what came of it"),
    Column("closed_on", Date, nullable=False, comment="day it was settled"),
    *recorded_by(),
    comment="What came of a directive, which closes it.",
)  # fmt: skip

brief_opening = Table(
    "brief_opening",
    desk,
    Column("day", Date, primary_key=True, comment="day"),
    Column("brief_key", String(120), primary_key=True, comment="brief, first day, area and kind in one text"),
    Column("issued_id", Integer, primary_key=True, autoincrement=False, comment="the issued copy; 0: the page"),
    Column("role", String(20), primary_key=True, comment="role of the reader, never who"),
    Column("opened", Integer, nullable=False, comment="how often"),
    comment="How often a brief was opened, by day and role.",
)
