"""Warnings: what the detection of the night found, as one reader may see it, with what people did about it."""

from analytics.warnings.detail import signal_detail
from analytics.warnings.listing import signal_list

__all__ = ["signal_detail", "signal_list"]
