"""The tables of forecasts and risks in the desk: what was issued, what then came, and what people note on a miss.

All are only ever added to, and the database itself keeps it so: counts that changed later bring a further row. An empty kind or subject
means all of them.
"""

import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Float, Integer, String, Table, Text

from data.desk import LONGEST_TEXT, desk, recorded_by

ONLY_ADDED_TO = ("forecast_issued", "forecast_truth", "risk_issued", "risk_truth", "miss_note")
NODE = ("level", "area_code", "kind", "category_code")


def _node() -> list[Column]:
    return [
        Column("level", String(20), nullable=False, comment="level of the place: city, district, street or community"),
        Column("area_code", String(40), nullable=False, comment="the place"),
        Column("kind", String(20), nullable=False, comment="kind of matter; empty: all"),
        Column("category_code", String(40), nullable=False, comment="subject of the matters; empty: all"),
    ]


forecast_issued = Table(
    "forecast_issued",
    desk,
    Column("issue_id", Integer, primary_key=True, autoincrement=True, comment="number of the row"),
    Column("freq", String(1), nullable=False, comment="D, W or M: days, weeks or months"),
    Column("as_of", Date, nullable=False, comment="day the forecast stood on"),
    Column("first_on", Date, nullable=False, comment="first day of the first period ahead"),
    *_node(),
    Column("state", String(10), nullable=False, comment="forecast, or naive where the naive one is shown"),
    Column("steps", Integer, nullable=False, comment="periods ahead"),
    Column("quantiles", Text, nullable=False,
           comment="the quantiles .025 .1 .25 .5 .75 .9 .975 of each period ahead, JSON lists"),
    Column("naive", Text, nullable=False, comment="the same of the naive forecast"),
    Column("weights_made_on", Date, comment="day of the backtest whose weights it used"),
    Column("known_at", DateTime, nullable=False, comment="moment whose knowledge it was made by"),
    Column("version", String(60), nullable=False, comment="version of the mart it looked at"),
    *recorded_by(),
    sa.UniqueConstraint("freq", "first_on", *NODE, name="forecast_issued_once"),
    sa.Index("forecast_issued_as_of", "freq", "as_of"),
    comment="A forecast of one series as it was issued.",
)  # fmt: skip

forecast_truth = Table(
    "forecast_truth",
    desk,
    Column("truth_id", Integer, primary_key=True, autoincrement=True, comment="number of the row"),
    Column("freq", String(1), nullable=False, comment="D, W or M"),
    Column("first_on", Date, nullable=False, comment="first day of the period"),
    Column("truth_no", Integer, nullable=False, comment="1 when the period was complete; further: what changed since"),
    Column("counts", Text, nullable=False, comment="matters by series (level|area|kind|subject), JSON"),
    Column("as_of", Date, nullable=False, comment="day it was counted"),
    Column("known_at", DateTime, nullable=False, comment="moment whose knowledge it was counted by"),
    Column("version", String(60), nullable=False, comment="version of the mart it was counted in"),
    *recorded_by(),
    sa.UniqueConstraint("freq", "first_on", "truth_no", name="forecast_truth_number"),
    comment="What came of a period that had been forecast.",
)  # fmt: skip

risk_issued = Table(
    "risk_issued",
    desk,
    Column("issue_id", Integer, primary_key=True, autoincrement=True, comment="number of the row"),
    Column("ahead", String(10), nullable=False, comment="the period it speaks of: week or month"),
    Column("as_of", Date, nullable=False, comment="day the outlook stood on"),
    Column("first_on", Date, nullable=False, comment="first day of the period"),
    Column("last_on", Date, nullable=False, comment="last day of the period"),
    *_node(),
    Column("level_code", String(4), comment="risk level I to IV; empty: no data"),
    Column("points", Float, comment="sum of its named parts, 0 to 100"),
    Column("numbers", Text, nullable=False, comment="the parts, and the probabilities it gave, JSON"),
    Column("known_at", DateTime, nullable=False, comment="moment whose knowledge it was made by"),
    Column("version", String(60), nullable=False, comment="version of the mart it looked at"),
    *recorded_by(),
    sa.UniqueConstraint("ahead", "first_on", *NODE, name="risk_issued_once"),
    comment="A risk level as it was issued.",
)  # fmt: skip

risk_truth = Table(
    "risk_truth",
    desk,
    Column("truth_id", Integer, primary_key=True, autoincrement=True, comment="number of the row"),
    Column("ahead", String(10), nullable=False, comment="week or month"),
    Column("first_on", Date, nullable=False, comment="first day of the period"),
    Column("truth_no", Integer, nullable=False, comment="1 when the period was complete; further: what changed since"),
    Column("outcomes", Text, nullable=False, comment="what happened by series (level|area|kind|subject), JSON"),
    Column("as_of", Date, nullable=False, comment="day it was counted"),
    Column("known_at", DateTime, nullable=False, comment="moment whose knowledge it was counted by"),
    Column("version", String(60), nullable=False, comment="version of the mart it was counted in"),
    *recorded_by(),
    sa.UniqueConstraint("ahead", "first_on", "truth_no", name="risk_truth_number"),
    comment="What happened in a period whose risk had been issued.",
)  # fmt: skip

miss_note = Table(
    "miss_note",
    desk,
    Column("note_id", Integer, primary_key=True, autoincrement=True, comment="number of the note"),
    Column("freq", String(1), nullable=False, comment="D, W or M"),
    Column("first_on", Date, nullable=False, comment="first day of the period that was missed"),
    *_node(),
    Column("text", String(LONGEST_TEXT), nullable=False, comment="what explains the miss"),
    *recorded_by(),
    sa.Index("miss_note_period", "freq", "first_on"),
    comment="What people note on a forecast that missed; the last note stands.",
)  # fmt: skip
