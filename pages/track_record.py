"""Track record: how well do the warnings find what matters, how much do they cry, and what came of those that were sent?"""

from pages.ui import behind, filters, track_record
from pages.ui.load import track_record as load


def page() -> None:
    """What was evaluated, detector beside detector, and what came of real signals."""
    chosen = filters.chosen()
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    record, practice = load.track_record(), load.practice(chosen)
    track_record.show_top(record, chosen)
    if not record.is_empty:
        track_record.show_found(record, chosen)
        track_record.show_calibration(record, chosen)
        track_record.show_city(record, chosen)
        track_record.show_silence(record, chosen)
    track_record.show_practice(practice, chosen)
    return track_record.show_foot(record, chosen)
