"""Charts, drawn with `graph_objects` alone. One module a kind of chart; all are named here."""

from pages.ui.charts.change import plot_change, plot_structure
from pages.ui.charts.map import plot_map
from pages.ui.charts.notes import escaped, mark_notes, note_text
from pages.ui.charts.pathways import plot_funnel, plot_lead
from pages.ui.charts.risk import FORECAST_RANGES, plot_backlog, plot_calibration, plot_forecast, plot_levels
from pages.ui.charts.scores import plot_distribution, plot_indicators, plot_score_funnel, plot_score_trend
from pages.ui.charts.series import describe_new, plot_new
from pages.ui.charts.signals import describe_signal, plot_alert_map, plot_alert_places, plot_signal, series_states
from pages.ui.charts.style import CONFIG
from pages.ui.charts.trends import plot_changes, plot_courses, plot_festival, plot_pattern, plot_periods, plot_standing
from pages.ui.charts.weeks import describe_weeks, plot_weeks, week_states

__all__ = [
    "CONFIG",
    "FORECAST_RANGES",
    "describe_new",
    "describe_signal",
    "describe_weeks",
    "escaped",
    "mark_notes",
    "note_text",
    "plot_alert_map",
    "plot_alert_places",
    "plot_backlog",
    "plot_calibration",
    "plot_change",
    "plot_changes",
    "plot_courses",
    "plot_distribution",
    "plot_festival",
    "plot_forecast",
    "plot_funnel",
    "plot_indicators",
    "plot_lead",
    "plot_levels",
    "plot_map",
    "plot_new",
    "plot_pattern",
    "plot_periods",
    "plot_score_funnel",
    "plot_score_trend",
    "plot_signal",
    "plot_standing",
    "plot_structure",
    "plot_weeks",
    "series_states",
    "week_states",
]  # fmt: skip
