"""Charts, drawn with `graph_objects` alone. One module a kind of chart; all are named here."""

from pages.ui.charts.series import describe_new, plot_new
from pages.ui.charts.style import CONFIG

__all__ = ["CONFIG", "describe_new", "plot_new"]
