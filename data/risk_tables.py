"""Tables of the risk outlook, beside the forecasts that it follows from: what one night implies for each place and category.

They stand on the MetaData of `data.forecast_tables`, so that a night of forecasts and its outlook are one file and one run. Nodes are those of
the series, and for what is open also communities; an empty kind or category means all.
"""

import sqlalchemy as sa

from data.forecast_tables import OF_THE_LAST_RUN, forecasts
from data.result_columns import NODE, day, fraction, results_table, text, whole

facts = results_table(
    forecasts,
    "risk_facts",
    "one row a night: the rules it ran by, as JSON, and how long it took",
    *text("settings"),
    *fraction("seconds"),
    *day("calendar_through"),
    *whole("spells"),
)
cell = results_table(
    forecasts,
    "risk_cell",
    "a row a node: what is open, what of it is expected to miss its deadline, what is long pending, how often petitions follow",
    *text(*NODE),
    *whole("open", "overdue", "due", "undated"),
    *fraction("expected", "expected_spread"),
    *whole("soon"),
    *fraction("soon_expected"),
    *whole("pending", "pending_before"),
    *fraction("pending_expected", "closed_a_week"),
    *whole("disputes", "followed", "open_disputes"),
    *fraction("share", "share_low", "share_high", "share_whole"),
)
volume = results_table(
    forecasts,
    "risk_volume",
    "a row a node and period ahead (week, month): the forecast, its lines and the probability of passing each",
    *text(*NODE, "ahead"),
    *day("first_on", "last_on"),
    *text("state", "reason"),
    *fraction("median", "low", "high", "lowest", "highest", "naive", "naive_low", "naive_high", "skill", "cover80"),
    *fraction("usual", "usual_chance", "last_year", "last_year_chance", "capacity", "capacity_chance"),
    *day("last_year_first_on", "last_year_last_on"),
    *text("last_year_alignment"),
)
level = results_table(
    forecasts,
    "risk_level",
    "a row a node: its level, and the parts that it is the sum of, as JSON",
    *text(*NODE, "level_code"),
    *fraction("points"),
    *text("parts"),
)
backlog = results_table(
    forecasts,
    "risk_backlog",
    "a row a node and week ahead: what will be open at its end, and what arrives in it",
    *text(*NODE),
    *whole("week"),
    *day("on_day"),
    *fraction("median", "low", "high", "arrivals", "arrivals_low", "arrivals_high"),
)
rising = results_table(
    forecasts,
    "risk_rising",
    "a row a node and month of the year (1: January and February together) in which it was looked at whether it usually rises",
    *text(*NODE),
    *whole("month", "years", "risen"),
    *fraction("rise_pct"),
    *whole("hits", "calls"),
    *fraction("base_rate", "p", "q"),
    *text("evidence"),
)
reliability = results_table(
    forecasts,
    "risk_reliability",
    "how often the line was passed after each level, over past months; of the last run only",
    *text("line", "level_code"),
    *whole("issued", "passed", "months"),
    *day("first_on", "last_on"),
)
model = results_table(
    forecasts,
    "risk_model",
    "how the methods did on what came after the days they learned from; of the last run only",
    *text("model", "measure"),
    *fraction("value", "base"),
    *whole("cases"),
    *day("first_on", "last_on"),
)
calibration = results_table(
    forecasts,
    "risk_calibration",
    "probabilities of missing the deadline by tenths against what came; of the last run only",
    *whole("tenth"),
    *fraction("expected", "observed"),
    *whole("cases"),
)
OUTLOOK = (facts, cell, volume, level, backlog, rising, reliability, model, calibration)
LAST_RUN = ("risk_reliability", "risk_model", "risk_calibration")
OF_THE_LAST_RUN.extend(name for name in LAST_RUN if name not in OF_THE_LAST_RUN)


def tables() -> dict[str, sa.Table]:
    """The tables of the outlook by name."""
    return {one.name: one for one in OUTLOOK}
