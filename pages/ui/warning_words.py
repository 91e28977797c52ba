"""A warning of a brief as one sentence, for the screen and for paper: level, place and subject, how many instead of how many, who is on it."""

from analytics.figures import Line
from pages.ui import words


def sentence(line: Line, language: str) -> str:
    """A warning in one sentence, as it may be printed."""
    values = line.values
    told = {
        "level": words.name("signal_level", values["level_code"], language),
        "area": values["area"],
        "kind": words.name("kind", values["kind"], language),
        "category": values["category"] or words.say("brief.category_unknown", language),
        "days": values["window_days"],
        "standing": _standing(line, language),
    }
    if values["observed"] is None or values["upper"] is None:
        return words.say("brief_warnings.few", language, **told)
    counted = {"observed": int(values["observed"]), "lower": int(values["lower"]), "upper": int(values["upper"])}
    key = "line_one_day" if values["window_days"] == 1 else "line"
    return words.say(f"brief_warnings.{key}", language, **told, **counted)


def _standing(line: Line, language: str) -> str:
    values = line.values
    if values["overdue_days"]:
        return words.say("brief_warnings.overdue", language, count=values["overdue_days"])
    if values["is_waiting"]:
        return words.say("brief_warnings.verify", language, due=values["due_on"])
    outcome = values["outcome"]
    handling = words.name("signal_outcome", outcome, language) if outcome else words.name(
        "signal_handling", values["handling"], language
    )  # fmt: skip
    if values["state"] == "closed":
        return words.say("brief_warnings.over", language, handling=handling)
    if values["due_on"] is None:
        return words.say("brief_warnings.in_hand", language, handling=handling)
    return words.say("brief_warnings.in_hand_due", language, handling=handling, due=values["due_on"])
