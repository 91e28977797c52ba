"""The forecast models by name. Heavy libraries are loaded on the first forecast of a model that needs them.

Models take histories as they are: who asks cuts off what cannot be stood on (analytics/forecasts/breaks.py) first.
"""

from analytics.forecasts.contract import Model
from analytics.forecasts.models.blend import BLEND
from analytics.forecasts.models.count_glm import COUNT_GLM
from analytics.forecasts.models.ets import ETS
from analytics.forecasts.models.prophet_model import PROPHET
from analytics.forecasts.models.seasonal import SEASONAL_NAIVE, WEEKDAY_MEAN

MODELS: dict[str, Model] = {
    model.name: model for model in (SEASONAL_NAIVE, WEEKDAY_MEAN, COUNT_GLM, ETS, BLEND, PROPHET)
}
