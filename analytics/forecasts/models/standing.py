"""A model on what a history can be trusted for: breaks are cut off before it learns, and a broken or short history is refused."""

from dataclasses import replace
from functools import partial

import numpy as np

from analytics.forecasts.breaks import REFUSED, read_histories, usable
from analytics.forecasts.contract import Model, Panel


def on_usable(model: Model) -> Model:
    """The model as it stands on the usable part of each history."""
    return replace(model, forecast=partial(_forecast, model), prepare=partial(_prepare, model))


def on_unrefused(model: Model) -> Model:
    """The model on whole histories, where they are not refused: the naive forecast asks for no more than the last season."""
    return replace(model, forecast=partial(_forecast_unrefused, model))


def _forecast(model: Model, panel: Panel, horizon: int, shared: object) -> np.ndarray:
    return model.forecast(usable(panel, read_histories(panel)), horizon, shared)


def _prepare(model: Model, panel: Panel) -> object:
    return model.prepare(usable(panel, read_histories(panel)))


def _forecast_unrefused(model: Model, panel: Panel, horizon: int, shared: object) -> np.ndarray:
    refused = np.array([one.state == REFUSED for one in read_histories(panel)], dtype=bool)
    return np.where(refused[:, None, None], np.nan, model.forecast(panel, horizon, shared))
