"""What the units of the city and street view look like together: rates by their denominators, peers without names, movement, coverage, questions."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.scorecards import PeerGroup, Scorecards, funnel_said
from analytics.scores.indicators import of
from pages.ui import charts, folded, tables, words
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked
from pages.ui.markup import link, quiet, text
from pages.ui.opening import show_chart
from pages.ui.scores import group_of
from pages.ui.scores_parts import (
    column,
    figure_said,
    group_name,
    head_of,
    indicator_name,
    rich_table,
    say,
    short_group,
    tell,
    word,
)
from pages.ui.signals_parts import parts_nav

LEAST_DRAWN = 5  # units that a funnel is drawn for
MOVED = 10
STATES = ("scored", "shown", "too_few", "no_data", "not_applicable")


# --- rates by their denominators ---------------------------------------------------------------------------------------------------


def show_funnel(found: Scorecards, chosen: Chosen) -> None:
    """One indicator of one peer group: with few items rates scatter widely, and only what lies outside the lines stands apart."""
    groups = [one.group for one in found.groups if _units_of(found, one.group) >= LEAST_DRAWN]
    if not groups:
        return
    group = group_of(found, chosen)
    group = group if group in groups else max(groups, key=lambda one: (_units_of(found, one), one))
    members = {line.unit.unit_id: line for line in found.lines if line.unit.group == group}
    rows = found.funnel[found.funnel["unit_id"].isin(members)]
    rated = rows[rows["state"].isin(("scored", "shown"))]
    counted = rated["indicator"].value_counts()
    offered = [one.name for one in of(found.kind) if counted.get(one.name, 0) >= LEAST_DRAWN]
    if not offered:
        return
    wanted = dict(chosen.own).get("indicator")
    name = wanted if wanted in offered else offered[0]
    navs = [
        parts_nav(
            [(chosen.query(indicator=one), indicator_name(one, chosen), one == name) for one in offered],
            say("narrow.indicator", chosen),
        )
    ]
    if len(groups) > 1:
        navs.append(
            parts_nav(
                [(chosen.query(group=one), group_name(one, chosen), one == group) for one in groups],
                say("narrow.group", chosen),
            )
        )
    st.html(
        f'{head_of("funnel", chosen)}<div class="xs-narrowing">{"".join(navs)}</div>{_how(found.kind, name, chosen)}'
    )
    own = rated[rated["indicator"] == name].sort_values(["denominator", "unit_id"], ignore_index=True)
    names = [members[unit].unit.name for unit in own["unit_id"]]
    opens = [chosen.query(card=unit, indicator=name) for unit in own["unit_id"]]
    st.html(f'<p class="xs-line">{text(tell(funnel_said(own), chosen))}</p>')
    figure = charts.plot_score_funnel(own, names, chosen.language)
    show_chart(figure, "score_funnel", say("alt.funnel", chosen, indicator=indicator_name(name, chosen)), opens, chosen)
    with st.expander(say("table.funnel", chosen), on_change="rerun", key="funnel_table") as behind:
        if behind.open:
            st.html(tables.table(_funnel_rows(own, names, chosen), _funnel_columns(), chosen))


def _units_of(found: Scorecards, group: str) -> int:
    return sum(line.unit.group == group for line in found.lines)


def _how(kind: str, name: str, chosen: Chosen) -> str:
    said = [words.say(f"scores.indicator.{name}.{part}", chosen.language) for part in ("meaning", "formula")]
    direction = next(one.direction for one in of(kind) if one.name == name)
    lower = [say("lower_better", chosen)] if direction == "lower" else []
    return f'<p class="xs-line">{text(" ".join([*said, *lower]) if chosen.language == "en" else "　".join([*said, *lower]))}</p>'


def _funnel_rows(own: pd.DataFrame, names: Sequence[str], chosen: Chosen) -> list[dict]:
    return [
        row | {"unit": name, "limits": f"{words.pct(row['lower998'], chosen.language)}–{words.pct(row['upper998'], chosen.language)}",
               "goes": chosen.query(card=row["unit_id"], indicator=row["indicator"])}
        for row, name in zip(own.to_dict("records"), names, strict=True)
    ]  # fmt: skip


def _funnel_columns() -> tuple[tables.Column, ...]:
    return (
        column("unit", goes=lambda row: row["goes"]), column("numerator", "count"), column("denominator", "count"), column("raw_pct", "pct", "raw"),
        column("shrunk_pct", "pct", "shrunk", aside=True), column("peer_pct", "pct", "peer", aside=True), column("limits", aside=True),
    )  # fmt: skip


# --- peers without names -----------------------------------------------------------------------------------------------------------


def show_distribution(found: Scorecards, chosen: Chosen) -> None:
    """The scores of each peer group, of the whole city and without names; groups with fewer than five scores say only that."""
    drawn = [one for one in found.groups if one.quantiles is not None]
    st.html(head_of("distribution", chosen))
    if drawn:
        names = [short_group(one.group, chosen) for one in drawn]
        figure = charts.plot_distribution(drawn, names, chosen.language)
        st.plotly_chart(figure, config=charts.CONFIG, key="score_distribution", alt=say("alt.distribution", chosen))
    rows = [group_row(one, chosen) for one in found.groups]
    columns = [one for one in group_columns() if one.key != "said" or any(row["said"] for row in rows)]
    st.html(tables.table(rows, columns, chosen))


def group_row(one: PeerGroup, chosen: Chosen) -> dict:
    """A peer group in numbers."""
    near = say("near_ceiling", chosen) if one.is_near_ceiling else ""
    few = say("few_peers", chosen) if one.quantiles is None else ""
    return {
        "peers": group_name(one.group, chosen),
        "units": one.units,
        "rated": one.rated,
        "mean": one.mean,
        "said": near or few,
    } | dict(one.quantiles or {})


def group_columns() -> tuple[tables.Column, ...]:
    """The columns of the peer groups."""
    shares = (column(name, "decimal", aside=name != "p50") for name in ("p10", "p25", "p50", "p75", "p90"))
    return (
        column("peers"),
        column("units", "count", aside=True),
        column("rated", "count"),
        column("mean", "decimal", aside=True),
        *shares,
        column("said", heading="note", aside=True),
    )


# --- movement and coverage ---------------------------------------------------------------------------------------------------------


def show_movement(found: Scorecards, chosen: Chosen) -> None:
    """How far scores moved against the period before: the units that moved most, up or down."""
    st.html(head_of("movement", chosen))
    if found.moved is None:
        st.html(quiet(say("none.movement", chosen)))
        return
    st.html(f'<p class="xs-line">{text(tell(found.moved, chosen))}</p>')
    most = found.movement.dropna(subset=["change"]).head(MOVED)
    rows = [
        {"unit": row["name"], "previous": row["previous"], "score": row["score"], "change": row["change"],
         "goes": chosen.query(card=row["unit_id"])}
        for row in most.to_dict("records")
    ]  # fmt: skip
    columns = (
        column("unit", goes=lambda row: row["goes"]), column("previous", "decimal"), column("score", "decimal"), column("change", "signed"),
    )  # fmt: skip
    with st.expander(say("table.movement", chosen, count=len(rows)), on_change="rerun", key="movement_table") as behind:
        if behind.open:
            st.html(tables.table(rows, columns, chosen))


def show_coverage(found: Scorecards, chosen: Chosen) -> None:
    """For how many units each indicator has data; what is missing is not zero."""
    weighed = {one.name for one in of(found.kind)}
    rows = [
        {"indicator": indicator_name(row["indicator"], chosen), **{state: row[state] for state in STATES},
         "share": row["with_data_pct"]}
        for row in found.coverage.to_dict("records") if row["indicator"] in weighed
    ]  # fmt: skip
    columns = (
        column("indicator"), column("share", "bar", "with_data"), *(column(state, "count", f"state_{state}", aside=state != "too_few") for state in STATES)
    )  # fmt: skip
    folded.show_table("coverage_rest", rows, columns, chosen, first=9, head=head_of("coverage", chosen))


# --- questions and figures beside the score ----------------------------------------------------------------------------------------


def show_questions(found: Scorecards, asked: Asked, chosen: Chosen) -> None:
    """What asks for a look, beside the score and never inside it, worded as questions."""
    if asked.kind == "alliance":
        return
    st.html(head_of("questions", chosen))
    names = {line.unit.unit_id: line.unit.name for line in found.lines}
    asks = [(unit_id, one) for unit_id, one in load.questions(asked) if unit_id in names]
    if not asks:
        st.html(quiet(say("none.questions", chosen)))
        return
    lines = [
        f"<li>{link(names[unit_id], f'{chosen.query(card=unit_id)}#questions')}　{text(words.tell(one.said, chosen.language))}</li>"
        for unit_id, one in asks
    ]
    st.html(f'<ul class="xs-lines">{"".join(lines[:6])}</ul>')
    if len(lines) > 6:
        with st.expander(
            words.say("frame.all_lines", chosen.language, count=len(lines)), on_change="rerun", key="all_questions"
        ) as rest:
            if rest.open:
                st.html(f'<ul class="xs-lines">{"".join(lines[6:])}</ul>')


def show_panels(found: Scorecards, asked: Asked, chosen: Chosen) -> None:
    """Volume, effort, coverage and activity: shown with their middle and their range, never weighed, and no more is never worse."""
    st.html(head_of("panel", chosen))
    with st.expander(say("table.panel", chosen), on_change="rerun", key="panel_table") as behind:
        if not behind.open:
            return
        heads = [
            (words.say(f"column.scores.{key}", chosen.language), kind)
            for key, kind in (("panel", ""), ("panel_group", "xs-aside"), ("with_record", "xs-n xs-aside"), ("low", "xs-n xs-aside"), ("middle", "xs-n"), ("high", "xs-n xs-aside"))
        ]  # fmt: skip
        rows = [
            [text(words.say(f"scores.panel.{row['name']}", chosen.language)), text(word("panel_group", row["group"], chosen)),
             text(words.number(row["units"], chosen.language)), *(text(figure_said(row[key], row["unit"], chosen)) for key in ("low", "middle", "high"))]
            for row in load.panel_ranges(asked).to_dict("records")
        ]  # fmt: skip
        st.html(rich_table(heads, rows))
