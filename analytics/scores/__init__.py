"""Scores: indicators, rules, shrinkage, ranks and bands, explanation. Pure: frames and arrays in, frames and arrays out."""
