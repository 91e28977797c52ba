"""Charts of a month: the structure beside the span before, and by how much each part rose or fell."""

from collections.abc import Sequence
from textwrap import wrap
from unicodedata import east_asian_width

import plotly.graph_objects as go

from analytics.briefs.monthly_answer import ExplainedChange, NamedPart
from analytics.figures import Line, Sentence
from pages.ui import words
from pages.ui.charts.style import ABOVE, BELOW, EDGE, OBSERVED, whole_marks

BAR_HEIGHT, MOST_BARS = 30, 12
WIDEST_LINE, MOST_LINES, LINE_HEIGHT = 26, 3, 16
NUMBERS_AT = 1.25  # times the longest bar: on a phone a number needs that much room beside the mark of the month before


def plot_change(change: ExplainedChange, language: str) -> go.Figure:
    """The parts of a change as bars to both sides of zero, in the order given; `customdata[1]` is the place of the part."""
    parts = change.parts
    names = [_short(_name(part.name, language)) for part in parts]
    figure = go.Figure()
    for rises, colour, way in ((True, OBSERVED, "up"), (False, BELOW, "down")):
        shown = [place for place, part in enumerate(parts) if (part.change > 0) == rises and part.change]
        if shown:
            figure.add_bar(
                y=shown,
                x=[parts[place].change for place in shown],
                orientation="h",
                name=words.say(f"page.monthly_brief.chart.{way}", language),
                marker={"color": colour},
                text=[words.number(parts[place].change, language, signed=True) for place in shown],
                textposition="outside",
                cliponaxis=False,
                customdata=[[_hover(parts[place], language), place] for place in shown],
                hovertemplate="%{customdata[0]}<extra></extra>",
            )
    figure.add_vline(x=0, line={"width": 1, "color": EDGE})
    reach = 1.25 * max((abs(part.change) for part in parts), default=1) or 1
    return _lay_out(figure, names, {"range": [-reach, reach], "zeroline": False, **whole_marks(reach)})


def _hover(part: NamedPart, language: str) -> str:
    return f"{words.number(part.now, language)} − {words.number(part.before, language)}"


def plot_structure(lines: Sequence[Line], language: str, before_name: str) -> go.Figure:
    """The largest lines as bars, the span before as a mark on each; `customdata[1]` is the place of the line."""
    shown = lines[:MOST_BARS]
    names = [_short(_name(line.values["name"], language)) for line in shown]
    places = list(range(len(shown)))
    figure = go.Figure()
    figure.add_bar(
        y=places,
        x=[line.values["now"] for line in shown],
        orientation="h",
        name=words.say("page.monthly_brief.chart.now", language),
        marker={"color": OBSERVED},
        customdata=[[words.pct(line.values["share_pct"], language), place] for place, line in enumerate(shown)],
        hovertemplate="%{x}（%{customdata[0]}）<extra></extra>"
        if language == "zh"
        else "%{x} (%{customdata[0]})<extra></extra>",
    )
    figure.add_scatter(
        y=places,
        x=[line.values["before"] for line in shown],
        mode="markers",
        name=before_name,
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 3, "color": ABOVE}},
        customdata=[[words.number(line.values["before"], language), -1] for line in shown],
        hovertemplate="%{customdata[0]}<extra>" + before_name + "</extra>",
    )
    top = max((max(line.values["now"], line.values["before"]) for line in shown), default=1) or 1
    figure.add_scatter(  # the numbers of the month in a column of their own, so that none stands beside the mark of another month
        y=places,
        x=[NUMBERS_AT * top] * len(shown),
        mode="text",
        text=[words.number(line.values["now"], language) for line in shown],
        textposition="middle left",
        hoverinfo="skip",
        showlegend=False,
    )
    return _lay_out(figure, names, {"range": [0, NUMBERS_AT * top], "zeroline": False, **whole_marks(top)})


def _name(name: str | Sentence, language: str) -> str:
    return words.tell(name, language) if isinstance(name, Sentence) else words.subject(name, language)


def _short(name: str) -> str:
    """A name on one line to three, so that the bars have room on a phone; a Chinese character is as wide as two Latin ones."""
    width = WIDEST_LINE
    if any(east_asian_width(letter) in "WF" for letter in name):
        most = WIDEST_LINE // 2
        width = most if len(name) <= most else min(most, -(-len(name) // 2))  # no single character on the next line
    return "<br>".join(wrap(name, width, max_lines=MOST_LINES, placeholder="…"))


def _lay_out(figure: go.Figure, names: list[str], axis: dict) -> go.Figure:
    most_lines = max((name.count("<br>") + 1 for name in names), default=1)
    figure.update_layout(
        height=70 + max(BAR_HEIGHT, 6 + LINE_HEIGHT * most_lines) * len(names),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0.35,
        dragmode=False,
        hovermode="closest",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left", "font": {"size": 13}},
        xaxis={"fixedrange": True, "tickformat": ",d", "nticks": 6, "tickfont": {"size": 13}, **axis},
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
            "tickfont": {"size": 13},
            "automargin": True,
        },
    )
    return figure
