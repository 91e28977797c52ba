"""The forecast models by name; those that need heavy libraries load them on their first forecast."""

from analytics.forecasts.contract import Model
from analytics.forecasts.models.count_glm import COUNT_GLM
from analytics.forecasts.models.seasonal import SEASONAL_NAIVE, WEEKDAY_MEAN

MODELS: dict[str, Model] = {model.name: model for model in (SEASONAL_NAIVE, WEEKDAY_MEAN, COUNT_GLM)}
