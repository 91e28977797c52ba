"""What every forecast model takes and gives: past counts of several series in, quantiles of the coming periods out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analytics.signals.calendar_effects import DayFeatures

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
COLUMNS = tuple(f"q{level}" for level in QUANTILES)
FREQS = ("D", "W", "M", "Q")
SEASONS = {"D": 7, "W": 52, "M": 12, "Q": 4}  # periods after which a count is most like itself
FEWEST = {"D": 56, "W": 16, "M": 12, "Q": 6}  # known periods that a forecast needs
HORIZONS = {"D": 28, "W": 12, "M": 6, "Q": 4}  # the furthest period ahead that is forecast


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of several series over consecutive complete periods.

    `freq` is one of `FREQS`; `starts` (datetime64[D]) the first day of each period; `keys` name the series, each once, and `levels` say
    how wide each is (city, district, street; or total, theme …); `counts` [series, period] holds NaN where there is no data. `days` are
    consecutive from the first day of the first period to the last day of the furthest period asked for, and `calendar` says what kind of
    day each is: it is known ahead. `occasions` are named sets of days (bool, one a day of `days`) known ahead as well: the holidays of a
    country by name, and the site's own planned events.
    """

    freq: str
    starts: np.ndarray
    keys: tuple[str, ...]
    levels: tuple[str, ...]
    counts: np.ndarray
    days: np.ndarray
    calendar: DayFeatures
    occasions: Mapping[str, np.ndarray] = field(default_factory=dict)


def nothing_shared(panel: Panel) -> None:
    """What a model learns from all series together, when each stands alone (by name, so that another process finds it)."""


@dataclass(frozen=True)
class Model:
    """A model: `prepare` learns from all series of a panel what one alone cannot know; `forecast` gives [series, horizon, quantile].

    Quantiles are never negative and never fall from one level to the next; a series that the model refuses is NaN throughout. A part of
    a panel with the same `shared` gives the same numbers as the whole. `freqs` are those it is made for.
    """

    name: str
    freqs: tuple[str, ...]
    forecast: Callable[[Panel, int, object], np.ndarray]
    prepare: Callable[[Panel], object] = nothing_shared


def until(panel: Panel, periods: int) -> Panel:
    """The panel as it stood after its first `periods` periods: no later count remains, while the calendar ahead does."""
    return replace(panel, starts=panel.starts[:periods], counts=panel.counts[:, :periods])


def part(panel: Panel, at: np.ndarray) -> Panel:
    """Some series of a panel, by their positions."""
    return replace(
        panel,
        keys=tuple(panel.keys[place] for place in at),
        levels=tuple(panel.levels[place] for place in at),
        counts=panel.counts[at],
    )
