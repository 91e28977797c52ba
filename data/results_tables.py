"""Tables of a version's results: what the detections of the nights found, run by run, as the pages read it."""

import sqlalchemy as sa

from data.result_columns import NODE, results_table, shape_of
from data.result_columns import day as _day
from data.result_columns import fraction as _fraction
from data.result_columns import text as _text
from data.result_columns import whole as _whole

results = sa.MetaData()
RUNS_KEPT_DAYS = 400  # as long as the mart can be asked as then known


def _table(name: str, comment: str, *columns: sa.Column) -> sa.Table:
    return results_table(results, name, comment, *columns)


def _judged() -> list[sa.Column]:
    """What the night said of a node in one channel."""
    return [
        *_text(*NODE, "channel"),
        *_whole("window_days"),
        *_day("first_on", "last_on"),
        *_text("method"),
        *_whole("observed"),
        *_fraction("expected"),
        *_whole("lower", "upper"),
        *_fraction("p", "p_node"),
        *_text("correction", "confidence", "reason"),
    ]


run = _table(
    "run",
    "one row a detection: the day it judged, by which settings, on which version",
    *_day("as_of", "judged_through"),
    sa.Column("ran_at", sa.DateTime),
    sa.Column("published_at", sa.DateTime, comment="of the matters it looked at"),
    *_text("matters_version"),
    *_fraction("seconds"),
    *_text("settings", "levels", "kinds"),
    *_whole("matters", "without_place", "without_subject", "digest"),
    sa.Column("is_replayed", sa.SmallInteger, comment="1: the past, judged after the fact and never issued"),
)
coverage = _table(
    "coverage",
    "how many nodes were judged, how, and how many not",
    *_text("level", "method", "state"),
    *_whole("nodes"),
)
grey = _table("grey", "where there is no data", *_text("kind", "level", "area_code", "reason"))
node = _table("node", "what the night kept, a row a node and channel; of the last run only", *_judged())
item = _table(
    "item",
    "what the list shows, in its order, a row an episode or a candidate that is none yet",
    *_whole("rank"),
    *_text("episode", "tier", "level_code", "because"),
    *_judged(),
    *_whole("sources", "persistence_weeks"),
    *_day("highest_since", "watched_since", "opened_on"),
    *_text("state", "origin", "selection", "rules", "context"),
    sa.Column("is_severe", sa.SmallInteger),
)
rule_match = _table(
    "rule_match",
    "what matched a rule",
    *_text("rule", "aspect", *NODE, "topic", "topic_name"),
    *_day("first_on", "last_on"),
    *_whole("days", "observed", "measured", "threshold"),
    *_fraction("usual"),
    sa.Column("is_above_usual", sa.SmallInteger),
    sa.Column("handling_unit_only", sa.SmallInteger),
    *_text("selection"),
)
cluster = _table(
    "cluster",
    "neighbouring places that are each a little high",
    *_text("kind", "category_code", "level", "places"),
    *_whole("window_days"),
    *_day("first_on", "last_on"),
    *_whole("observed"),
    *_fraction("expected", "score", "p"),
)
alert_places = _table(
    "alert_places",
    "how many places are in alert, and how many others are rising",
    *_text("level"),
    *_whole("in_alert", "rising", "judged"),
)
series = _table(
    "series",
    "the past of each listed node; of the last run only",
    *_text(*NODE, "unit"),
    *_day("on_day"),
    *_whole("observed"),
    *_fraction("expected"),
    *_whole("lower", "upper"),
)
near = _table(
    "near",
    "the same subject and window in the areas around and beside each listed node; of the last run only",
    *_text(*NODE, "relation", "near_level", "near_area"),
    *_whole("window_days", "observed"),
    *_fraction("expected"),
    *_whole("lower", "upper"),
)
place = _table(
    "place",
    "the places in alert or rising; all others that were judged are normal",
    *_text("level", "area_code", "state"),
)
OF_THE_LAST_RUN = ("node", "series", "near")


def shape() -> str:
    """A mark of these tables: a file with another mark was made by another edition and is begun anew."""
    return shape_of(results)
