"""What of a monthly brief may leave the handling unit's own screen: below street level small counts are hidden, and what would give them away."""

from collections.abc import Sequence
from dataclasses import replace

from analytics.briefs import monthly_wording
from analytics.briefs.answer import Concern
from analytics.briefs.disclosure import for_export
from analytics.briefs.monthly_answer import ExplainedChange, MonthlyBrief
from analytics.briefs.pathways_disclosure import hide_counts, hide_figure, is_small
from analytics.figures import Figure, Line, Sentence

REBUILT = ("monthly.change.", "monthly.headline.rose", "monthly.headline.steady", "monthly.headline.recurs")


@for_export.register
def _(brief: MonthlyBrief) -> MonthlyBrief:
    low = brief.is_below_street
    structure = _structure(brief)
    rising, falling = (_moves(lines, structure, brief) for lines in (brief.rising, brief.falling))
    recurring = _without_small(brief.recurring, ("now", "before", "before_that"))
    fit = replace(
        brief,
        structure=structure,
        rising=rising,
        falling=falling,
        peaks=() if low else brief.peaks,
        change=_plain(brief.change, brief),
        change_by_place=None if brief.by_community else brief.change_by_place,
        recurring=tuple(line for line in recurring if line.values["now"] is not None),
        compounds=_shown(hide_counts(brief.compounds, {"now": (), "before": ()})),
        topics=_without_small(brief.topics, ("now", "before")) if low else brief.topics,
        safety=() if low else brief.safety,
        inspections=() if low else brief.inspections,
        flows=tuple(_figure(one) for one in brief.flows) if low else brief.flows,
        rates=tuple(_figure(one) for one in brief.rates) if low else brief.rates,
        months=_months(brief) if low else brief.months,
        funnel=None if brief.funnel is None else for_export(brief.funnel),
        petition_link=None if brief.petition_link is None else for_export(brief.petition_link),
        policy=None if brief.policy is None else for_export(brief.policy),
    )
    said = monthly_wording.summary(rising, fit.peaks) if brief.summary and not low else ()
    return replace(fit, summary=said, headline=_headline(brief, fit), concerns=_concerns(brief, structure))


def _figure(figure: Figure) -> Figure:
    """A figure without small counts, its own or one that it is compared with."""
    safe = hide_figure(figure)
    return replace(
        safe, comparisons=tuple(one for one in safe.comparisons if figure.unit == "pct" or not is_small(one.base))
    )


def _structure(brief: MonthlyBrief) -> tuple[Line, ...]:
    """Dimensions below street level with their small counts hidden, and whatever would bring these back."""
    lines = []
    for dimension in dict.fromkeys(line.values["dimension"] for line in brief.structure):
        mine = tuple(line for line in brief.structure if line.values["dimension"] == dimension)
        if brief.is_below_street or (dimension == "place" and brief.by_community):
            along = {"now": ("share_pct", "previous", "year_ago"), "before": ("previous",)}
            mine = tuple(_without_year(line) for line in hide_counts(mine, along))
        lines += mine
    return tuple(lines)


def _without_year(line: Line) -> Line:
    """A line without the comparison with last year where that count is small."""
    year = line.values["year_ago"]
    return line if year is None or not is_small(year.base) else Line({**line.values, "year_ago": None}, line.selection)


def _moves(lines: tuple[Line, ...], structure: tuple[Line, ...], brief: MonthlyBrief) -> tuple[Line, ...]:
    """What rose or fell, without small counts: none within a community, and of communities those whose counts stand in the structure."""
    if brief.is_below_street:
        return ()
    if not brief.by_community:
        return lines
    shown = {
        line.values["code"]
        for line in structure
        if line.values["dimension"] == "place" and None not in (line.values["now"], line.values["before"])
    }
    return tuple(line for line in lines if line.values["level"] != "place" or line.values["code"] in shown)


def _plain(change: ExplainedChange | None, brief: MonthlyBrief) -> ExplainedChange | None:
    """A change without what lies below a street: by type alone in a street, and not at all in a community."""
    if change is None or brief.is_below_street:
        return None
    if not brief.by_community:
        return change
    parts = tuple(replace(part, parts=()) for part in change.parts)
    return replace(change, parts=parts, sentence=change.plain)


def _without_small(lines: tuple[Line, ...], columns: Sequence[str]) -> tuple[Line, ...]:
    """Lines that do not add up to anything, with their small counts None, and what compares them with one."""
    out = []
    for line in lines:
        values = dict(line.values)
        small = [name for name in columns if is_small(values[name])]
        values |= dict.fromkeys(small)
        if small and "previous" in values:
            values["previous"] = None
        out.append(Line(values, None if "now" in small else line.selection))
    return tuple(out)


def _shown(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.values["now"] is not None)


def _months(brief: MonthlyBrief) -> object:
    counted = [name for name in ("new", "closed") if name in brief.months]
    out = brief.months.copy()
    out[counted] = out[counted].astype("Int64").mask((out[counted] > 0) & (out[counted] < 5))
    return out


def _headline(brief: MonthlyBrief, fit: MonthlyBrief) -> tuple[Sentence, ...]:
    """The lines that speak of the whole, and the others said anew from what is left."""
    low = brief.is_below_street
    hidden = low and any(
        now.value != was.value or now.comparisons != was.comparisons
        for now, was in zip(fit.flows, brief.flows, strict=True)
    )
    first, *rest = brief.headline or (None,)
    whole = [one for one in rest if not one.key.startswith(REBUILT)]
    lines = [first, fit.change.sentence if fit.change else None, None if low else monthly_wording.rose(fit), *whole]
    lines.append(monthly_wording.recurs(fit.recurring, brief.recurring_count))
    return () if hidden else tuple(line for line in lines if line is not None)


def _concerns(brief: MonthlyBrief, structure: tuple[Line, ...]) -> tuple[Concern, ...]:
    """Warnings without those of a community whose count is hidden."""
    if brief.is_below_street:
        return tuple(one for one in brief.concerns if one.category_code is None and not is_small(one.observed))
    if not brief.by_community:
        return brief.concerns
    hidden = {
        line.values["code"] for line in structure if line.values["dimension"] == "place" and line.values["now"] is None
    }
    return tuple(one for one in brief.concerns if one.key != "place_above" or one.area_code not in hidden)
