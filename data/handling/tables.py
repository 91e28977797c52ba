"""The tables of the warnings in the desk: the ledger of what was issued, the steps people took, and what they said afterwards.

All are only ever added to, and the database itself keeps it so: late matters bring a further event, a correction a further step.
"""

import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Integer, SmallInteger, String, Table, Text

from data.desk import LONGEST_TEXT, desk, recorded_by

ONLY_ADDED_TO = ("signal_issued", "signal_step", "signal_review")

signal_issued = Table(
    "signal_issued",
    desk,
    Column("event_id", Integer, primary_key=True, autoincrement=True, comment="number of the event"),
    Column("episode", String(20), nullable=False, comment="the episode, E-yyyymmdd-nn by the day it opened"),
    Column("event_no", Integer, nullable=False, comment="number of the event within its episode, from 1"),
    Column("event", String(12), nullable=False,
           comment="opened, escalated, recovered, muted, rearmed, closed or rescored"),
    Column("as_of", Date, nullable=False, comment="day that was judged"),
    Column("known_at", DateTime, nullable=False, comment="moment whose knowledge it was judged by"),
    Column("level", String(20), nullable=False, comment="level of the place: community, street, district or city"),
    Column("area_code", String(40), nullable=False, comment="the place"),
    Column("kind", String(20), nullable=False, comment="kind of matter"),
    Column("category_code", String(40), comment="subject of the matters"),
    Column("tier", String(10), comment="found or watch"),
    Column("level_code", String(4), comment="internal work level I to IV at the event"),
    Column("method", String(40), comment="method that judged it"),
    Column("channel", String(20), comment="day, week, build_up or scan"),
    Column("state", Text, nullable=False, comment="the episode after the event, JSON"),
    Column("numbers", Text, nullable=False, comment="counted, expected, p and what else the event rests on, JSON"),
    Column("version", String(60), nullable=False, comment="version of the mart that was judged"),
    *recorded_by(),
    sa.UniqueConstraint("episode", "event_no", name="signal_issued_number"),
    sa.Index("signal_issued_as_of", "as_of"),
    comment="An event of a signal as it was issued; the last one is the state of its episode.",
)  # fmt: skip

signal_step = Table(
    "signal_step",
    desk,
    Column("step_id", Integer, primary_key=True, autoincrement=True, comment="number of the step"),
    Column("episode", String(20), nullable=False, comment="the episode"),
    Column("step", String(10), nullable=False, comment="verify, dismiss, watch, assess, act or outcome"),
    Column("outcome", String(12), comment="hit, false_alarm or known_event"),
    Column("reason", String(LONGEST_TEXT), nullable=False, comment="why"),
    Column("note_id", Integer, sa.ForeignKey("event_note.note_id"), comment="the known event that explains it"),
    Column("due_on", Date, comment="day by which the next step is due"),
    Column("happened_on", Date, comment="day on which what was warned of happened"),
    *recorded_by(),
    sa.Index("signal_step_episode", "episode", "step_id"),
    comment="What people did about a signal; the last step is where it stands.",
)

signal_review = Table(
    "signal_review",
    desk,
    Column("review_id", Integer, primary_key=True, autoincrement=True, comment="number of the review"),
    Column("episode", String(20), comment="the signal there was; empty: there was none"),
    Column("happened_on", Date, nullable=False, comment="day of what happened"),
    Column("area_code", String(40), nullable=False, comment="where"),
    Column("kind", String(20), nullable=False, comment="kind of matter"),
    Column("category_code", String(40), comment="subject"),
    Column("verdict", String(12), nullable=False, comment="hit, miss or false_alarm"),
    Column("was_acted_on", SmallInteger, nullable=False, comment="1: there was a signal and it was acted on"),
    Column("not_foreseen", String(LONGEST_TEXT), nullable=False, comment="why it was not foreseen"),
    Column("not_warned", String(LONGEST_TEXT), nullable=False, comment="why no warning came beforehand"),
    Column("not_prevented", String(LONGEST_TEXT), nullable=False, comment="why no preventive measures were in place"),
    *recorded_by(),
    sa.Index("signal_review_episode", "episode"),
    comment="The three questions after an event (三个为什么没有).",
)  # fmt: skip
