"""Charts for paper: drawn in tones that stay apart when printed in grey, with our own Chinese font, as SVG or PNG.

Figures are built without pyplot, so that several threads may draw at once. All text becomes outlines in the SVG: it looks the same
everywhere, and what it says is in the chart's alternative text.
"""

import io
from functools import cache
from typing import TYPE_CHECKING

from pages.paper.document import Bars, Change, Chart, Lines
from pages.paper.glyphs import SANS
from pages.ui import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE_MM = 156  # the text block
INK, DARK, BAND, EDGE = "#000000", "#2b6478", "#dfe3e5", "#8b9499"
STROKES = (  # tone, dashes and marker of the courses of a line chart, told apart without colour
    (INK, "-", ""),
    ("#6a6a6a", (0, (5, 2)), ""),
    (DARK, "-", "o"),
    ("#8c8c8c", (0, (1, 1.5)), ""),
)
LONG_LABEL, MOST_ACROSS = 5, 16
SIZE = 9
REACH = 3  # how many bars the words at the last one reach over


def svg(chart: Chart, language: str, *, high_mm: float | None = None) -> str:
    """The chart as an SVG picture as wide as the text block."""
    buffer = io.StringIO()
    _drawn(chart, language, high_mm).savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def png(chart: Chart, language: str, *, high_mm: float | None = None, dots_per_inch: int = 200) -> bytes:
    """The chart as a PNG picture as wide as the text block."""
    buffer = io.BytesIO()
    figure = _drawn(chart, language, high_mm)
    figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return buffer.getvalue()


@cache
def _settled() -> None:
    """What matplotlib only takes for the whole process: outlines for text, no formulas in it, and the same names in every SVG."""
    import matplotlib

    matplotlib.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "xianshou", "text.parse_math": False})


def _drawn(chart: Chart, language: str, high_mm: float | None) -> "Figure":
    from matplotlib.figure import Figure

    _settled()
    spec = chart.spec
    across = isinstance(spec, Change) or (isinstance(spec, Bars) and _is_across(spec.labels))
    high = 18 if not spec.labels else high_mm or (22 + 6.2 * max(len(spec.labels), 2) if across else 62)
    figure = Figure(figsize=(WIDE_MM / 25.4, high / 25.4), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    if not spec.labels:
        axes.text(0.5, 0.5, words.say("paper.no_rows", language), ha="center", font=_font(SIZE))
        axes.set_axis_off()
        return figure
    if isinstance(spec, Change):
        _draw_change(axes, spec)
    elif across:
        _draw_across(axes, spec, language)
    else:
        _draw_upright(axes, spec, language)
    if spec.title:
        axes.set_title(_cut(spec.title, 48), font=_font(SIZE + 1), loc="left", pad=20 if _has_legend(axes) else 6)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(_font(SIZE - 1))
    return figure


def _is_across(labels: tuple[str, ...]) -> bool:
    """Few long labels are read along the bars; many short ones, such as days, stand below them."""
    return len(labels) <= MOST_ACROSS and max((len(label) for label in labels), default=0) > LONG_LABEL


def _draw_upright(axes: "Axes", spec: Bars | Lines, language: str) -> None:
    count = len(spec.labels)
    _band(axes, spec, language)
    if isinstance(spec, Bars):
        _mark_bars(axes.bar(range(count), _numbers(spec.values), width=0.72, color=DARK), spec)
    else:
        _draw_courses(axes, spec)
    first = spec.values if isinstance(spec, Bars) else spec.series[0][1] if spec.series else ()
    for place, (mark, value) in enumerate(zip(spec.marks, first, strict=False)):
        if mark and value is not None:
            if 0 < place == count - 1:
                _mark_last(axes, spec.marks, first)
            else:
                _say(axes, (place, value), mark, (0, 3), "center", "bottom")
    step = max(1, -(-count // 10))
    shown = [place for place in range(count) if (count - 1 - place) % step == 0]
    axes.set_xticks(shown, [_cut(spec.labels[place], 10) for place in shown])
    room = 0.6 + max(0, 6 - count) / 2
    axes.set_xlim(-room, count - 1 + room)
    low, high = axes.get_ylim()
    axes.set_ylim(min(0, low), high * (1.12 if any(spec.marks) else 1.02))
    _bare(axes, "y")
    if spec.value_title and not isinstance(spec, Bars):
        axes.set_ylabel(_cut(spec.value_title), font=_font(SIZE))
    _legend(axes, spec)


def _mark_last(axes: "Axes", marks: tuple[str, ...], values: tuple[float | None, ...]) -> None:
    """The last mark ends where its bar does, so that it stays within the picture, and stands above the bars and marks it reaches over."""
    beside = slice(-1 - REACH, None)
    high = max(value for value in values[beside] if value is not None)
    above = SIZE + 2 if any(marks[beside][:-1]) else 0
    _say(axes, (len(values) - 1 + 0.36, high), marks[-1], (0, 3 + above), "right", "bottom")


def _draw_courses(axes: "Axes", spec: Lines) -> None:
    alone = len(spec.labels) == 1
    for (name, values), (tone, dashes, marker) in zip(spec.series, STROKES, strict=False):
        look = {"color": tone, "linestyle": dashes, "marker": "o" if alone else marker, "markersize": 3, "lw": 1.3}
        axes.plot(range(len(values)), _numbers(values), label=_cut(name), **look)


def _band(axes: "Axes", spec: Bars | Lines, language: str) -> None:
    """The expected range behind what was observed: a step a bar, or a strip along a course."""
    if not spec.lower or not spec.upper:
        return
    low, high = _numbers(spec.lower), _numbers(spec.upper)
    places: list[float] = list(range(len(low)))
    if isinstance(spec, Bars):
        places = [place + side for place in places for side in (-0.5, 0.5)]
        low, high = ([one for one in ends for _ in range(2)] for ends in (low, high))
    look = {"color": BAND, "edgecolor": EDGE, "linewidth": 0.6}
    axes.fill_between(places, low, high, label=words.say("paper.chart.range", language), **look)


def _mark_bars(bars: object, spec: Bars) -> None:
    """Bars that are marked are hatched, so that they stand out without colour."""
    for bar, mark in zip(bars, spec.marks, strict=False):
        if mark:
            bar.set(facecolor="white", edgecolor=INK, hatch="////", linewidth=0.8)


def _draw_across(axes: "Axes", spec: Bars, language: str) -> None:
    places = range(len(spec.labels))
    if spec.lower and spec.upper:
        low, high = _numbers(spec.lower), _numbers(spec.upper)
        spans = [b - a for a, b in zip(low, high, strict=True)]
        look = {"color": BAND, "edgecolor": EDGE, "linewidth": 0.6, "label": words.say("paper.chart.range", language)}
        axes.barh(places, spans, left=low, height=0.78, **look)
    _mark_bars(axes.barh(places, _numbers(spec.values), height=0.42, color=DARK), spec)
    for place, value in enumerate(spec.values):
        mark = f" {_cut(spec.marks[place])}" if spec.marks and spec.marks[place] else ""
        _say(axes, (value or 0, place), _short(value, language) + mark, (3, 0), "left", "center")
    _listed(axes, spec.labels)
    axes.set_xlim(0, axes.get_xlim()[1] * 1.14)
    _legend(axes, spec)


def _draw_change(axes: "Axes", spec: Change) -> None:
    values = _numbers(spec.values)
    known = [value for value in spec.values if value is not None]
    bars = axes.barh(range(len(values)), values, height=0.6, color=DARK)
    for place, (bar, value) in enumerate(zip(bars, spec.values, strict=True)):
        falls = value is not None and value < 0
        if falls:
            bar.set(facecolor="white", edgecolor=DARK, hatch="///", linewidth=0.8)
        said = words.NOTHING if value is None else words.number(value, "zh", _decimals(value), signed=True)
        _say(axes, (value or 0, place), said, (-3 if falls else 3, 0), "right" if falls else "left", "center")
    axes.axvline(0, color=INK, lw=0.8)
    _listed(axes, spec.labels)
    reach = 1.2 * max((abs(value) for value in known), default=0) or 1
    falling, rising = any(value < 0 for value in known), any(value > 0 for value in known)
    axes.set_xlim(-reach if falling or not rising else 0, reach if rising or not falling else 0)
    if spec.value_title:
        axes.set_xlabel(_cut(spec.value_title, 48), font=_font(SIZE))


def _say(axes: "Axes", at: tuple[float, float], said: str, off: tuple[float, float], ha: str, va: str) -> None:
    look = {"xytext": off, "textcoords": "offset points", "ha": ha, "va": va, "font": _font(SIZE - 1)}
    axes.annotate(said, at, **look)


def _listed(axes: "Axes", labels: tuple[str, ...]) -> None:
    """Labels one below the other, the first on top."""
    axes.set_yticks(range(len(labels)), [_cut(label) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    _bare(axes, "x")


def _bare(axes: "Axes", along: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=along, color="#c9ced1", lw=0.4)
    axes.set_axisbelow(True)
    values = axes.yaxis if along == "y" else axes.xaxis
    values.get_major_locator().set_params(integer=True)


def _has_legend(axes: "Axes") -> bool:
    return axes.get_legend() is not None


def _legend(axes: "Axes", spec: Bars | Lines) -> None:
    from matplotlib.patches import Patch

    handles, labels = axes.get_legend_handles_labels()
    if isinstance(spec, Bars) and spec.value_title:
        handles, labels = [*handles, Patch(color=DARK)], [*labels, _cut(spec.value_title)]
    if handles:
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 4, "borderaxespad": 0.2}
        axes.legend(handles, labels, prop=_font(SIZE - 1), frameon=False, **place)


def _numbers(values: tuple[float | None, ...]) -> list[float]:
    return [float("nan") if value is None else float(value) for value in values]


def _short(value: float | None, language: str) -> str:
    return words.number(value, language, _decimals(value))


def _decimals(value: float | None) -> int:
    return 0 if value is None or value == int(value) else 1


def _cut(label: str, most: int = 22) -> str:
    flat = " ".join(label.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def _font(size: float) -> object:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=SANS, size=size)
