"""The tables of scorecards in the desk: rule versions and their approval, objections and their decisions; all only ever added to."""

import sqlalchemy as sa
from sqlalchemy import Column, Date, Float, Integer, String, Table, Text

from data.desk import LONGEST_TEXT, desk, recorded_by

ONLY_ADDED_TO = ("score_rules", "score_rules_approval", "score_objection", "score_decision")

score_rules = Table(
    "score_rules",
    desk,
    Column("version_id", Integer, primary_key=True, autoincrement=True, comment="number of the version"),
    Column("scorecard", String(20), nullable=False, comment="party, volunteer or alliance"),
    Column("valid_from", Date, nullable=False, comment="first day in force, once approved"),
    Column("rules", Text, nullable=False, comment="the rules, JSON"),
    Column("content", String(20), nullable=False, comment="mark of what the rules say"),
    Column("reason", String(LONGEST_TEXT), nullable=False, comment="why"),
    *recorded_by(),
    sa.Index("score_rules_scorecard", "scorecard", "valid_from"),
    comment="A version of a scorecard's rules as proposed; without approval it scores nothing.",
)

score_rules_approval = Table(
    "score_rules_approval",
    desk,
    Column("approval_id", Integer, primary_key=True, autoincrement=True, comment="number of the approval"),
    Column("version_id", Integer, sa.ForeignKey("score_rules.version_id"), nullable=False, comment="the version"),
    Column("reason", String(LONGEST_TEXT), nullable=False, comment="why"),
    *recorded_by(),
    sa.UniqueConstraint("version_id", name="score_rules_approved_once"),
    comment="The approval of a version of a scorecard's rules.",
)

score_objection = Table(
    "score_objection",
    desk,
    Column("objection_id", Integer, primary_key=True, autoincrement=True, comment="number of the objection"),
    Column("scorecard", String(20), nullable=False, comment="party, volunteer or alliance"),
    Column("unit_id", String(60), nullable=False, comment="the organisation or team"),
    Column("period", String(10), nullable=False, comment="the period, such as 2026-10"),
    Column("indicator", String(40), nullable=False, comment="the indicator"),
    Column("item", String(60), nullable=False, comment="number of the counted matter, activity, item or project"),
    Column("state", String(20), nullable=False, comment="what it counted for: met or not_met"),
    Column("subject", String(60), comment="subject it counts under, where the indicator is adjusted"),
    Column("reason", String(LONGEST_TEXT), nullable=False, comment="why it should not count so"),
    *recorded_by(),
    sa.Index("score_objection_unit", "scorecard", "period", "unit_id"),
    comment="A unit's objection to an item counted in its scorecard.",
)

score_decision = Table(
    "score_decision",
    desk,
    Column("decision_id", Integer, primary_key=True, autoincrement=True, comment="number of the decision"),
    Column(
        "objection_id", Integer, sa.ForeignKey("score_objection.objection_id"), nullable=False, comment="the objection"
    ),
    Column("decision", String(10), nullable=False, comment="accepted or rejected"),
    Column("effect", String(10), comment="where accepted: left_out or met"),
    Column("reason", String(LONGEST_TEXT), nullable=False, comment="why"),
    Column("score_before", Float, comment="the unit's score before it"),
    Column("score_after", Float, comment="and after"),
    *recorded_by(),
    sa.UniqueConstraint("objection_id", name="score_decided_once"),
    comment="The decision on an objection.",
)
