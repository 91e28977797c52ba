"""Charts of the way of matters: how many came how far, and by which day disputes were followed by a petition."""

import plotly.graph_objects as go

from analytics.pathways import Funnel, PetitionLink
from pages.ui import words
from pages.ui.charts.style import BELOW, EDGE, OBSERVED, RANGE


def plot_funnel(funnel: Funnel, language: str) -> go.Figure:
    """A bar a stage, the first on top; the side branch in another colour, a stage that nobody records left empty."""
    shown = [stage for stage in funnel.stages if stage.figure.value is not None]
    names = [words.name("stage", stage.name, language) for stage in shown]
    labels = [
        words.number(stage.figure.value, language)
        + ("" if stage.share_pct is None or stage.name == "collected" else f"  {words.pct(stage.share_pct, language)}")
        for stage in shown
    ]
    figure = go.Figure()
    figure.add_bar(
        y=names,
        x=[stage.figure.value for stage in shown],
        orientation="h",
        text=labels,
        textposition="outside",
        cliponaxis=False,
        marker={"color": [BELOW if stage.name == "supervised" else OBSERVED for stage in shown]},
        hovertemplate="%{y}　<b>%{text}</b><extra></extra>",
        showlegend=False,
    )
    top = max((stage.figure.value for stage in shown), default=1) or 1
    figure.update_layout(
        height=46 * max(len(shown), 1) + 24,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0.4,
        dragmode=False,
        xaxis={
            "range": [0, 1.28 * top],
            "fixedrange": True,
            "showgrid": False,
            "showticklabels": False,
            "zeroline": False,
        },
        yaxis={"autorange": "reversed", "fixedrange": True, "tickfont": {"size": 14}, "automargin": True},
    )
    return figure


def plot_lead(link: PetitionLink, language: str) -> go.Figure:
    """The share of disputes followed by a petition by each day after registration, as a step line from zero."""
    days = [0, *(day for day, _ in link.curve)]
    shares = [0.0, *(pct for _, pct in link.curve)]
    hover = [
        words.say("pathways.link.hover", language, day=day, pct=pct) for day, pct in zip(days, shares, strict=True)
    ]
    figure = go.Figure()
    figure.add_scatter(
        x=days,
        y=shares,
        mode="lines",
        line={"shape": "hv", "width": 2, "color": OBSERVED},
        fill="tozeroy",
        fillcolor=RANGE,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    if link.lead_median.value is not None:
        figure.add_vline(x=link.lead_median.value, line={"width": 1, "dash": "dot", "color": EDGE})
    figure.update_layout(
        height=240,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        hovermode="x",
        xaxis={
            "title": {"text": words.say("pathways.link.axis_days", language), "font": {"size": 13}},
            "range": [0, link.follow_days],
            "dtick": 15,
            "fixedrange": True,
            "showgrid": False,
            "tickfont": {"size": 13},
        },
        yaxis={
            "title": {"text": words.say("pathways.link.axis_pct", language), "font": {"size": 13}},
            "rangemode": "tozero",
            "ticksuffix": "%",
            "nticks": 5,
            "fixedrange": True,
            "tickfont": {"size": 13},
        },
    )
    return figure
