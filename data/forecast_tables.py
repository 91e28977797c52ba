"""Tables of a version's forecasts: what the last nights expect of the days, weeks and months ahead, and how good such forecasts were.

A series is a node: `level` (city, district, street), `area_code`, `kind` (empty: all kinds) and `category_code` (a judged subject of that
kind, empty: all). `freq` is D, W (Monday start) or M; periods go by their first and last day. What is derived from forecasts and kept
beside them (`data.risk_tables`) stands on the same MetaData.
"""

import sqlalchemy as sa

from data.result_columns import NODE, day, fraction, results_table, shape_of, text, whole

forecasts = sa.MetaData()
RUNS_KEPT_DAYS = 35  # every run; what was issued stands in the desk's ledger
MONTHS_KEPT_DAYS = 400  # the runs of a month's last day, which the monthly briefs of a year rest on
QUANTILES = (
    "q025",
    "q100",
    "q250",
    "q500",
    "q750",
    "q900",
    "q975",
)  # of what is shown: .025, .1, .25, .5, .75, .9, .975
NAIVE = ("n025", "n100", "n250", "n500", "n750", "n900", "n975")  # of "the same as last time", which it is measured by

run = results_table(
    forecasts,
    "run",
    "one row a night of forecasts: the day it stood on, by which weights, on which version",
    *day("as_of", "judged_through"),
    sa.Column("ran_at", sa.DateTime),
    sa.Column("published_at", sa.DateTime, comment="of the matters it looked at"),
    *text("matters_version"),
    *fraction("seconds"),
    *day("weights_made_on", "calendar_through"),
    *text("weights_source", "years_missing", "levels", "kinds"),
    *whole("matters", "without_place", "without_subject", "series", "naive", "refused"),
)
series = results_table(
    forecasts,
    "forecast_series",
    "a row a series and frequency: whether it is forecast, shown naive or refused, why, and how its level did in the last backtest",
    *text("freq", *NODE, "state", "reason", "weights"),
    *day("usable_from", "last_on"),
    *fraction("skill", "cover80", "cover95"),
)
forecast = results_table(
    forecasts,
    "forecast",
    "a row a series and period ahead: quantiles of what is shown, and of the naive forecast beside it",
    *text("freq", *NODE),
    *whole("step"),
    *day("first_on", "last_on"),
    sa.Column("mean", sa.Float, comment="adds up over the parts of a whole"),
    *fraction(*QUANTILES, *NAIVE),
)
past = results_table(
    forecasts,
    "forecast_past",
    "the counts that a forecast goes on from, a row a series and period; of the last run only",
    *text("freq", *NODE),
    *day("first_on", "last_on"),
    *whole("observed"),
    sa.Column(
        "is_complete",
        sa.SmallInteger,
        comment="0: matters of this period are still to come; it was not taken as a count",
    ),
)
weights = results_table(
    forecasts,
    "forecast_weights",
    "what each model weighs, as the last backtest found or as it ships; of the last run only",
    *text("freq", "level"),
    *whole("first_step", "last_step"),
    *text("model"),
    *fraction("weight", "lower", "upper", "wis_ratio"),
    *day("made_on"),
    *whole("origins"),
    *text("coherence"),
)
record = results_table(
    forecasts,
    "forecast_record",
    "each series' own record in the last backtest; of the last run only",
    *text("freq", "level", "key", "shows"),
    *fraction("skill", "cover80", "cover95", "variance"),
    *day("made_on"),
    *whole("origins"),
    *text("coherence"),
)
skill = results_table(
    forecasts,
    "forecast_skill",
    "how each model, and the combination as `chosen`, did in the last backtest by level and stretch of the horizon; of the last run only",
    *text("freq", "level", "model"),
    *whole("first_step", "last_step", "forecasts"),
    *fraction("wis_ratio", "miss", "cover80", "cover95", "seconds"),
    *day("made_on"),
    *whole("origins"),
)
OF_THE_LAST_RUN = [
    "forecast_past",
    "forecast_weights",
    "forecast_record",
    "forecast_skill",
]  # `data.risk_tables` may add its own


def shape() -> str:
    """A mark of these tables and of those that stand beside them."""
    return shape_of(forecasts)
