"""The four stages 收集·处置·督办·评价: how far the matters registered in a period came, and how long they stayed between stages."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain

import pandas as pd

from analytics import measures
from analytics.figures import Figure, Line, Period, Sentence
from analytics.pathways.answers import PATHWAY_RULES, Dwell, Funnel, PathwayRules, Stage
from data import queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

STAGES = ("collected", "handled", "supervised", "closed", "evaluated")
STEPS = (("collected", "handled"), ("handled", "closed"), ("supervised", "closed"), ("closed", "evaluated"))
SHARES = (("median", 0.5), ("p90", 0.9))


def funnel(
    mart: Mart,
    scope: Scope,
    period: Period,
    as_of: date,
    *,
    area_code: str | None = None,
    kind: str | None = None,
    rules: PathwayRules = PATHWAY_RULES,
) -> Funnel:
    """How far the matters registered in `period` came by the close of `as_of`, stage by stage, and how long each step takes.

    A matter counts in every stage it came to; one that came to a later stage came to those before it, even where their days are not
    recorded. Those days alone make the times. Raises ValueError for a period that is not over at `as_of`.
    """
    if period.last > as_of:
        raise ValueError(f"the period lasts until {period.last}, the answer is as of {as_of}")
    where = {"kind": kind, "area_code": area_code}
    chosen = Selection("new", as_of, period.first, period.last, **where)
    by_source = queries.read_stages(mart, scope, period.first, period.last, as_of, **where)
    times = queries.read_dwell_times(mart, scope, period.first, period.last, as_of, **where)
    silent = _unrecorded(mart, scope, by_source, chosen, rules)
    stages = tuple(_stage(by_source, stage, silent[stage], period, chosen) for stage in STAGES)
    dwells = tuple(_dwell(times, start, end, silent, period, chosen, rules) for start, end in STEPS)
    undated = int(by_source["ended_undated"].sum())
    return Funnel(
        period=period,
        as_of=as_of,
        area_code=area_code,
        kind=kind,
        stages=stages,
        dwells=dwells,
        sources=_sources(by_source, silent, chosen),
        ended_undated=Figure(
            "stage_undated", undated, "matters", period, as_of, selection=chosen.narrowed(measure="stage_undated")
        ),
        sentence=_sentence(stages, dwells),
        is_below_street=area_code is not None and queries.names_of(mart).lies_below_street(area_code),
    )


def _measure(stage: str) -> str:
    return "new" if stage == "collected" else f"stage_{stage}"


def _unrecorded(
    mart: Mart, scope: Scope, by_source: pd.DataFrame, chosen: Selection, rules: PathwayRules
) -> dict[str, tuple[str, ...]]:
    """By stage the sources of the cohort that have matters enough and not one that came to it, looked for before the cohort too."""
    whole = by_source.set_index("source_system")
    none = {stage: whole.index[whole[f"wrote_{stage}"] == 0] for stage in STAGES[1:]}
    asked = {stage: sources for stage, sources in none.items() if len(sources)}
    if asked:
        span = chosen.first - timedelta(days=rules.record_days), chosen.first - timedelta(days=1)
        where = {"kind": chosen.kind, "area_code": chosen.area_code, "sources": sorted({*chain(*asked.values())})}
        before = queries.read_written(mart, scope, *span, chosen.as_of, written=asked, **where)
        whole = whole.add(before.set_index("source_system"), fill_value=0)
    silent = {
        stage: whole.index[(whole[f"wrote_{stage}"] == 0) & (whole["collected"] >= rules.minimum_denominator)]
        for stage in STAGES[1:]
    }
    return {"collected": ()} | {stage: tuple(sources) for stage, sources in silent.items()}


def _stage(by_source: pd.DataFrame, stage: str, silent: tuple[str, ...], period: Period, chosen: Selection) -> Stage:
    recording = by_source[~by_source["source_system"].isin(silent)]
    value, whole = int(recording[stage].sum()), int(recording["collected"].sum())
    came = int(
        by_source[stage].sum()
    )  # in the other sources too, where a later stage says so: what the selection opens
    cohort = int(by_source["collected"].sum())
    state = "recorded" if not silent else "partly" if whole else "not_recorded"
    missing = Sentence("missing.stage_not_recorded") if state == "not_recorded" and cohort else None
    figure = Figure(
        f"stage_{stage}",
        None if missing else came,
        "matters",
        period,
        chosen.as_of,
        numerator=value,
        denominator=whole,
        missing=missing,
        selection=chosen.narrowed(measure=_measure(stage)),
    )
    known = whole and missing is None
    return Stage(
        stage,
        figure,
        measures.rate(value, whole) if known else None,
        measures.wilson_interval(value, whole) if known else None,
        state,
        silent,
    )


def _dwell(
    times: pd.DataFrame,
    start: str,
    end: str,
    silent: dict[str, tuple[str, ...]],
    period: Period,
    chosen: Selection,
    rules: PathwayRules,
) -> Dwell:
    """The times of one step in the sources that record both its ends; where none does, that is the reason for having none."""
    unknown = {*silent[start], *silent[end]}
    rows = times[(times["start"] == start) & (times["end"] == end)]
    nobody = len(rows) > 0 and rows["source_system"].isin(unknown).all()
    rows = rows[~rows["source_system"].isin(unknown)]
    timed = rows[rows["days"].notna()]
    begun, ended = int(timed["matters"].sum()), int(timed.loc[timed["ended"] == 1, "matters"].sum())
    curve = None
    if ended >= rules.minimum_denominator:
        columns = (timed[name].to_numpy(dtype=float) for name in ("days", "ended", "matters"))
        curve = measures.kaplan_meier(*columns)
    figures = [
        Figure(
            f"{name}_days_{start}_{end}",
            days := None if curve is None else curve.quantile(share),
            "days",
            period,
            chosen.as_of,
            numerator=ended,
            denominator=begun,
            missing=Sentence("missing.stage_not_recorded") if nobody else _why(days, curve, ended, share, rules),
            selection=chosen.narrowed(measure=_measure(start)),
        )
        for name, share in SHARES
    ]
    return Dwell(start, end, begun, ended, int(rows["matters"].sum()) - begun, *figures)


def _why(days: float | None, curve: object, ended: int, share: float, rules: PathwayRules) -> Sentence | None:
    if days is not None:
        return None
    if curve is None:
        return Sentence("missing.few_steps", {"count": ended, "needed": rules.minimum_denominator})
    return Sentence("missing.step_not_reached", {"share_pct": 100 * share})


def _sources(by_source: pd.DataFrame, silent: dict[str, tuple[str, ...]], chosen: Selection) -> tuple[Line, ...]:
    rows = by_source[by_source["collected"] > 0]
    return tuple(
        Line(
            {"source_system": row["source_system"]}
            | {stage: None if row["source_system"] in silent[stage] else int(row[stage]) for stage in STAGES},
            chosen.narrowed(source_system=row["source_system"]),
        )
        for row in rows.to_dict("records")
    )


def _sentence(stages: Iterable[Stage], dwells: tuple[Dwell, ...]) -> Sentence:
    """The funnel in one line: how many came how far, and how long handling takes."""
    by_name = {stage.name: stage for stage in stages}
    collected = by_name["collected"].figure
    if not collected.value:
        return Sentence("pathways.funnel.none")
    parts = [
        Sentence(
            f"pathways.funnel.part.{name}",
            {"count": stage.figure.value, "pct": stage.share_pct},
            stage.figure.selection,
        )
        for name, stage in by_name.items()
        if name != "collected" and stage.share_pct is not None
    ]
    handling = next(dwell.median for dwell in dwells if dwell.start == "handled")
    key = "said" if handling.value is not None else "said_untimed" if parts else "said_only"
    values = {"count": collected.value, "parts": tuple(parts), "days": handling.value}
    return Sentence(f"pathways.funnel.{key}", values, collected.selection)
