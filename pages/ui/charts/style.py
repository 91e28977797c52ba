"""What all charts share: colours that hold on a white and on a dark ground, and how little a chart may be moved."""

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
# Middle tones, so that a change of theme needs no new figure.
OBSERVED, ABOVE, BELOW, RANGE, EDGE = (
    "#2A7F98",
    "#CB6A33",
    "#5B8FC7",
    "rgba(110,140,152,0.20)",
    "rgba(110,140,152,0.55)",
)
LEGEND = {
    "orientation": "h",
    "traceorder": "normal",
    "y": 1.0,
    "yanchor": "bottom",
    "x": 0,
    "xanchor": "left",
    "font": {"size": 13},
}
FEW = 5  # an axis that reaches less far would repeat a whole number
NOTE = "#8A6FB0"  # what people noted, on every chart over time
SECOND, THIRD, FOURTH = "#CB6A33", "#7C9A5B", "#8B6FA8"  # further courses beside OBSERVED


def whole_marks(reach: float) -> dict[str, int]:
    """For an axis of counts that reaches only so far: marks at whole numbers, none twice.

    >>> whole_marks(3.75), whole_marks(40.0)
    ({'dtick': 1}, {})
    """
    return {"dtick": 1} if reach < FEW else {}
