"""A figure as it is shown: its name, the number that opens, its state, its expected range, and what it stands against."""

import pandas as pd

from analytics.figures import Comparison, Expected, Figure
from pages.ui import words
from pages.ui.links import Chosen
from pages.ui.markup import chip, note_lines, opened, text, whole_ranges

SPARK_DAYS = 28
SUMS = ("pieces", "batches", "person_times")  # units of numbers that are sums over matters, not matters


def row(figures: tuple[Figure, ...], chosen: Chosen, series: pd.DataFrame | None = None, *, small: bool = False) -> str:
    """Figures side by side; `series` gives those it has a column for the course of the last four weeks.

    In a `small` row, figures that cannot be known are named in one line below instead of standing there as dashes.
    """
    shown = tuple(figure for figure in figures if not small or figure.missing is None)
    cells = "".join(_figure(figure, chosen, series) for figure in shown)
    grid = (
        f'<div class="xs-figures{" xs-small" if small else ""}"><div class="xs-grid">{cells}</div></div>'
        if cells
        else ""
    )
    basis = basis_text(shown, chosen.language)
    foot = f'<p class="xs-basis">{text(basis)}</p>' if basis else ""
    return grid + foot + _unknown(tuple(figure for figure in figures if figure not in shown), chosen.language)


def _unknown(figures: tuple[Figure, ...], language: str) -> str:
    """Why some figures are not there, each reason once."""
    reasons: dict[str, list[str]] = {}
    for figure in figures:
        reasons.setdefault(words.tell(figure.missing, language), []).append(
            words.say(f"figure.name.{figure.name}", language)
        )
    said = [
        words.say("figure.unknown", language, names=tuple(names), reason=reason) for reason, names in reasons.items()
    ]
    return "".join(f'<p class="xs-quiet">{text(line)}</p>' for line in said)


def value(figure: Figure, language: str) -> str:
    """The number alone, as written."""
    if figure.value is None:
        return words.NOTHING
    if figure.unit == "pct":
        return words.pct(figure.value, language)
    return words.number(
        figure.value, language, 0 if figure.unit == "matters" or figure.value == int(figure.value) else 1
    )


def basis_text(figures: tuple[Figure, ...], language: str) -> str:
    """What the expected ranges of these figures rest on, each basis once.

    >>> from datetime import date
    >>> from analytics.figures import Period
    >>> expected = Expected(9.5, 4, 16, 95, "same_weekday", (date(2026, 11, 13),) * 8)
    >>> day = Period(date(2026, 11, 20), date(2026, 11, 20))
    >>> basis_text((Figure("new", 9, "matters", day, day.last, expected=expected),), "en")
    'Expected range of New: 95%, from 8 days of the same kind.'
    """
    names: dict[str, list[str]] = {}
    for figure in figures:
        if figure.expected is not None:
            names.setdefault(_basis(figure.expected, language), []).append(
                words.say(f"figure.name.{figure.name}", language)
            )
    said = [
        words.say("figure.expected.basis", language, names=tuple(shown), basis=basis) for basis, shown in names.items()
    ]
    return ("" if language == "zh" else " ").join(said)


def _basis(expected: Expected, language: str) -> str:
    key = f"figure.expected.{expected.method}"
    method = key if words.has(key, language) else "figure.expected.other"
    return words.say(method, language, pct=expected.interval_pct, count=len(expected.reference_days))


def comparison_text(comparison: Comparison, language: str) -> str:
    """How a value stands against another period, by the wording rules: no percent on a base under ten, none on zero."""
    what = words.say(f"figure.comparison.{comparison.kind}", language)
    return words.say("figure.comparison.line", language, what=what, said=moved(comparison, language))


def moved(comparison: Comparison, language: str) -> str:
    """The same without what it stands against, for a column whose heading says that."""
    if comparison.reason is not None:
        return words.say(f"figure.comparison.{comparison.reason}", language)
    change = comparison.change_points if comparison.change_points is not None else comparison.change
    if not change:
        return words.say("figure.comparison.flat", language)
    direction = "up" if change > 0 else "down"
    if comparison.change_points is not None:
        return words.say(f"figure.comparison.{direction}_points", language, points=abs(change))
    if comparison.change_pct is not None:
        return words.say(f"figure.comparison.{direction}_pct", language, pct=abs(comparison.change_pct))
    return words.say(
        f"figure.comparison.counts_{direction}", language, base=comparison.base, value=comparison.base + change
    )


def _figure(figure: Figure, chosen: Chosen, series: pd.DataFrame | None) -> str:
    language = chosen.language
    name = words.say(f"figure.name.{figure.name}", language)
    shown = value(figure, language)
    unit = "" if figure.unit == "pct" or figure.value is None else words.say(f"figure.unit.{figure.unit}", language)
    number = opened(
        shown, figure.selection if figure.value is not None else None, chosen, f"{name} {shown} {unit}".strip()
    )
    parts = [
        f'<div class="xs-name">{text(name)}</div>',
        f'<div class="xs-value">{number}{f"<small>{text(unit)}</small>" if unit else ""}</div>',
    ]
    if figure.missing is not None:
        parts.append(f'<div class="xs-missing">{text(words.tell(figure.missing, language))}</div>')
    elif figure.expected is not None:
        bounds = {"lower": figure.expected.lower, "upper": figure.expected.upper}
        state = chip(figure.state, words.say(f"figure.state.{figure.state}", language))
        limits = words.say("figure.expected.range", language, **bounds)
        parts.append(f'<div class="xs-state">{state}<span class="xs-note">{whole_ranges(limits)}</span></div>')
    parts += [note_lines(_notes(figure, language)), _spark(figure, series)]
    return f'<div class="xs-figure">{"".join(parts)}</div>'


def _notes(figure: Figure, language: str) -> list[str]:
    notes = []
    if figure.value is None:
        return notes
    if figure.unit == "pct" and figure.denominator:
        parts = {"numerator": figure.numerator, "denominator": figure.denominator}
        notes.append(words.say("figure.rate.parts", language, **parts))
    if figure.unit in SUMS and figure.denominator:
        notes.append(words.say("figure.note.recorded", language, count=figure.denominator))
    if figure.unit == "days" and figure.denominator:
        parts = {"numerator": figure.numerator, "denominator": figure.denominator}
        notes.append(words.say("figure.rate.closed_of", language, **parts))
    if figure.interval is not None:
        low, high = (words.pct(bound, language) for bound in figure.interval)
        notes.append(words.say("figure.rate.interval", language, low=low, high=high))
    return notes + [comparison_text(one, language) for one in figure.comparisons]


def _spark(figure: Figure, series: pd.DataFrame | None) -> str:
    """The last four weeks as small bars, the day itself in full colour; a picture of the chart below, so hidden from readers aloud."""
    if figure.value is None or series is None or figure.name not in series or len(series) < 8:
        return ""
    recent = [float(count) for count in series[figure.name].tail(SPARK_DAYS)]
    top = max([*recent, 1.0])
    bars = "".join(
        f'<span class="{"xs-now" if place == len(recent) - 1 else ""}" style="height:{max(4, round(100 * count / top))}%"></span>'
        for place, count in enumerate(recent)
    )
    return f'<div class="xs-spark" aria-hidden="true">{bars}</div>'
