"""The same answers on paper and for other programs."""
