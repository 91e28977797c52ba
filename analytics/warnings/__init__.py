"""Warnings: what the detection of the night found, as one reader may see it, with what people did about it."""
