"""The forecast models by name. Heavy libraries are loaded on the first forecast of a model that needs them."""

from analytics.forecasts.contract import Model
from analytics.forecasts.models.blend import BLEND
from analytics.forecasts.models.count_glm import COUNT_GLM
from analytics.forecasts.models.ets import ETS
from analytics.forecasts.models.prophet_model import PROPHET
from analytics.forecasts.models.seasonal import SEASONAL_NAIVE, WEEKDAY_MEAN
from analytics.forecasts.models.standing import on_unrefused, on_usable

_ALL = (on_unrefused(SEASONAL_NAIVE), *map(on_usable, (WEEKDAY_MEAN, COUNT_GLM, ETS, BLEND, PROPHET)))
MODELS: dict[str, Model] = {model.name: model for model in _ALL}
