"""Data quality: can the figures be relied on, and what must be mended?"""

from pages.ui import behind, filters, intake, load, quality, settings


def page() -> None:
    """The records, what came in, what was filed twice, which days count, which limits hold, and which version serves."""
    chosen = filters.chosen()
    quality.say_done()
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    part = quality.choose_part(chosen)
    if part == "intake":
        return intake.show(chosen)
    if part == "calendar":
        quality.show_calendar(chosen)
        return quality.show_notes(chosen)
    if part == "settings":
        return settings.show(chosen)
    if part == "versions":
        quality.show_versions(load.versions(), load.last_attempt(), chosen)
        return quality.show_duty(chosen)
    found = load.data_quality()
    return (quality.show_repeats if part == "repeats" else quality.show_records)(found, chosen)
