"""Forecasts of counts: models behind one contract, backtests, combination, reconciliation. Arrays in, arrays out; no store, no clock."""
