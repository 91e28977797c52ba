"""Scorecards of organisations and teams: the answers that page, paper and terminal share. Never persons, never posts."""
