"""The risk outlook: what the forecasts of the night imply, as one reader may see it."""
