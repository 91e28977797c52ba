"""Track record: how good were the warnings and the forecasts, how often were they wrong, and what came of what was sent?"""

from pages.ui import behind, filters, track_forecasts, track_record
from pages.ui.load import track_forecasts as load_forecasts
from pages.ui.load import track_record as load


def page() -> None:
    """Two parts by link: what the detectors find and what came of real signals; how forecasts did against what came."""
    chosen = filters.chosen()
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    if track_record.choose_part(chosen) == "forecasts":
        found = load_forecasts.record(chosen)
        track_forecasts.show(found, chosen)
        return track_forecasts.show_foot(found, chosen)
    record, practice = load.track_record(), load.practice(chosen)
    track_record.show_top(record, chosen)
    if not record.is_empty:
        track_record.show_found(record, chosen)
        track_record.show_calibration(record, chosen)
        track_record.show_city(record, chosen)
        track_record.show_silence(record, chosen)
    track_record.show_practice(practice, chosen)
    return track_record.show_foot(record, chosen)
