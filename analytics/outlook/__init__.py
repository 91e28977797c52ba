"""The risk outlook: what the forecasts of the night imply, as one reader may see it."""

from analytics.outlook.overview import risk_outlook

__all__ = ["risk_outlook"]
