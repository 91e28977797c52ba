"""Warnings: which few places and subjects are truly unusual today, why, and what came of the last ones?"""

from pages.ui import behind, filters, signals, signals_detail, signals_missed, signals_places, signals_tasks
from pages.ui.load import signals as load


def page() -> None:
    """How many need somebody, today's list in order of need, then rules, places, coverage and the record; or one warning opened."""
    chosen = filters.sidebar()
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    key = dict(chosen.own).get("signal")
    if key:
        return signals_detail.show(load.signal_detail(chosen, key), chosen)
    found = load.signal_list(chosen)
    if signals_tasks.is_asked(chosen):
        return signals_tasks.show(found, chosen)
    signals.show_top(found, chosen)
    if found.is_empty:
        return None
    signals.show_list(found, chosen)
    signals_places.show_rules(found, chosen)
    signals_places.show_clusters(found, chosen)
    signals_places.show_places(found, chosen)
    signals_places.show_coverage(found, chosen)
    signals_places.show_record(found, chosen)
    signals_missed.show(chosen)
    return signals_tasks.show_ways(found, chosen)
