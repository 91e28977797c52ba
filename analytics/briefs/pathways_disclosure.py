"""What of the pathways and of the one-table form may leave the handling unit's own screen: below street level small counts are hidden.

A count of 1–4, or one that is 1–4 short of its whole, could point at a household; so could a difference, so other cells go with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analytics import measures
from analytics.briefs.disclosure import for_export
from analytics.briefs.sources_report import SourcesReport, SourceTable
from analytics.figures import Figure, Line
from analytics.pathways import Dwell, Effect, Funnel, PetitionLink, PolicyEffect, PolicyEffects, Stage
from analytics.small_cells import MINIMUM_CELL

SHARE = ("share_pct", "lower_pct", "upper_pct", "lead_days")
RANGE = ("expected", "lower", "upper", "state")


def hide_counts(lines: tuple[Line, ...], columns: Mapping[str, Sequence[str]]) -> tuple[Line, ...]:
    """Lines that add up to a total said elsewhere, with small counts None and as many others as keep them from being worked out.

    `columns` are the counts, each with the columns that go with it when it is hidden; a line with a hidden count opens nothing.
    """
    values = [dict(line.values) for line in lines]
    hidden_lines = set()
    for column, along in columns.items():
        known = [place for place, row in enumerate(values) if row.get(column) is not None]
        if not known:
            continue
        cells = pd.DataFrame({"line": known, "count": [int(values[place][column]) for place in known]})
        safe = measures.hide_small_cells(cells, ["line"], "count")
        shown = safe.cells.set_index("line")["count"]
        for place in known:
            if safe.total is None or pd.isna(shown[place]):
                values[place] |= dict.fromkeys((column, *(name for name in along if name in values[place])))
                hidden_lines.add(place)
    return tuple(
        Line(row, None if place in hidden_lines else line.selection)
        for place, (line, row) in enumerate(zip(lines, values, strict=True))
    )


def is_small(count: float | None, whole: float | None = None) -> bool:
    """Whether a count, or what it leaves of its whole, is 1 to 4."""
    parts = [count, None if whole is None or count is None else whole - count]
    return any(part is not None and 0 < part < MINIMUM_CELL for part in parts)


def hide_figure(figure: Figure) -> Figure:
    """A figure without its counts where they are small."""
    whole = figure.denominator
    counted = figure.numerator if whole is not None else figure.value if figure.unit not in ("pct", "days") else None
    value = figure.value if figure.unit not in ("pct", "days") else None
    if not is_small(counted, whole) and not is_small(whole) and not is_small(value):
        return figure
    return replace(
        figure,
        value=None,
        numerator=None,
        denominator=None,
        interval=None,
        comparisons=(),
        expected=None,
        selection=None,
    )


@for_export.register
def _(found: Funnel) -> Funnel:
    if not found.is_below_street:
        return found
    columns = dict.fromkeys(("collected", "handled", "supervised", "closed", "evaluated"), ())
    return replace(
        found,
        stages=tuple(_stage(stage) for stage in found.stages),
        dwells=tuple(_dwell(dwell) for dwell in found.dwells),
        sources=hide_counts(found.sources, columns),
        ended_undated=hide_figure(found.ended_undated),
        sentence=replace(found.sentence, key="pathways.funnel.below_street", values={}, selection=None),
    )


def _stage(stage: Stage) -> Stage:
    safe = hide_figure(stage.figure)
    return stage if safe is stage.figure else replace(stage, figure=safe, share_pct=None, interval=None)


def _dwell(dwell: Dwell) -> Dwell:
    if not is_small(dwell.ended, dwell.begun) and not is_small(dwell.begun):
        return dwell
    plain = [replace(one, numerator=None, denominator=None, selection=None) for one in (dwell.median, dwell.p90)]
    return replace(dwell, begun=None, ended=None, untimed=None, median=plain[0], p90=plain[1])


@for_export.register
def _(found: PetitionLink) -> PetitionLink:
    low = found.is_below_street or any(line.values["is_below_street"] for line in found.by_place)
    if not low:
        return found
    columns = {"disputes": ("followed", *SHARE), "followed": SHARE}
    own = found.is_below_street
    share = hide_figure(found.share) if own else found.share
    return replace(
        found,
        share=share,
        followed=hide_figure(found.followed) if own else found.followed,
        grown=hide_figure(found.grown) if own else found.grown,
        by_place=hide_counts(found.by_place, columns),
        by_category=hide_counts(found.by_category, columns) if own else found.by_category,
        cells=(),
        effect=_effect(found.effect) if own else found.effect,
        sentence=found.sentence
        if share is found.share
        else replace(found.sentence, key="pathways.link.below_street", values={}),
    )


def _effect(effect: Effect) -> Effect:
    return replace(effect, groups=hide_counts(effect.groups, {"disputes": ("followed", *SHARE), "followed": SHARE}))


@for_export.register
def _(found: PolicyEffects) -> PolicyEffects:
    if not found.is_below_street:
        return found
    return replace(found, effects=tuple(_policy(one) for one in found.effects))


def _policy(one: PolicyEffect) -> PolicyEffect:
    """An action with small counts on either side keeps its days and loses all its numbers."""
    if not any(is_small(count) for count in (one.before, one.after, one.season_before, one.season_after)):
        return one
    none = (
        "before",
        "after",
        "per_30_before",
        "per_30_after",
        "season_before",
        "season_after",
        "change",
        "season",
        "against_season",
    )
    return replace(one, **dict.fromkeys(none), spans=(), before_selection=None, after_selection=None)


@for_export.register
def _(found: SourcesReport) -> SourcesReport:
    if not found.is_below_street:
        return found
    return replace(
        found,
        overall=tuple(_row(line) for line in found.overall),
        sources=tuple(_table(one) for one in found.sources),
    )


def _row(line: Line) -> Line:
    """A row that adds up to nothing: each of its counts for itself."""
    values = dict(line.values)
    for column, along in (
        ("new", (*RANGE, "previous_change", "year_change")),
        ("previous", ("previous_change",)),
        ("year_ago", ("year_change",)),
    ):
        if is_small(values[column]):
            values |= dict.fromkeys((column, *along))
    return Line(values, line.selection if values["new"] is not None else None)


def _table(table: SourceTable) -> SourceTable:
    *lines, total = table.lines
    columns = {
        "new": (*RANGE, "previous_change", "year_change"),
        "previous": ("previous_change",),
        "year_ago": ("year_change",),
    }
    safe = hide_counts(tuple(lines), columns)
    whole = _row(total)
    if whole.values["new"] is None:
        safe = tuple(Line(line.values | dict.fromkeys(columns) | dict.fromkeys(columns["new"])) for line in safe)
    return replace(table, lines=(*safe, whole))
