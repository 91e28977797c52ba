"""Risk outlook: what is likely to pass its line in the coming weeks, where, why, and what would bring it down?"""

from pages.ui import behind, filters, risk, risk_calendar, risk_detail, risk_map, risk_series, risk_work
from pages.ui.load import risk as load


def page() -> None:
    """What is most likely to pass its line, the cells in order of risk, the forecast, then the work that follows; or one cell opened."""
    chosen = filters.sidebar()
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    found = load.risk_outlook(chosen)
    cell = dict(chosen.own).get("cell")
    if cell and not found.is_empty:
        return risk_detail.show(found, cell, chosen)
    risk.show_top(found, chosen)
    if found.is_empty:
        return None
    if found.items:  # below the street nothing is forecast
        risk.show_list(found, chosen)
        risk_map.show_map(found, chosen)
        risk_series.show_course(found, chosen)
        risk_map.show_changes(found, chosen)
        risk_map.show_actions(found, chosen)
        risk_work.show_backlog(found, chosen)
    risk_work.show_deadlines(found, chosen)
    risk_work.show_escalation(found, chosen)
    risk_work.show_pending(found, chosen)
    risk_calendar.show_calendar(found, chosen)
    if found.items:
        risk_calendar.show_reliability(found, chosen)
        risk_calendar.show_coverage(found, chosen)
    return risk_calendar.show_foot(found, chosen)
