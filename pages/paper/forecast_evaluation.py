"""An evaluation of the forecasts as plain text for the terminal: one table a level, the combination last."""

from collections.abc import Iterator

import pandas as pd

from analytics.forecasting_evaluation import ForecastEvaluation
from analytics.forecasts.combining import NAIVE
from analytics.forecasts.evaluation import ALL, CHOSEN
from pages.paper.evaluation import aligned
from pages.ui import words

HEADS = ("model", "wis_ratio", "miss", "cover80", "cover95", "points", "refused", "milliseconds")
LEAST_WEIGHT = 0.005  # a smaller weight is not told


def forecast_evaluation_text(found: ForecastEvaluation, language: str) -> str:
    """What was forecast and how, the scores by level and model, where the naive forecast stood, and the weights at the last origin."""
    return "\n".join([*_lead(found, language), *_scores(found.scores, language), *_weights(found, language)])


def _lead(found: ForecastEvaluation, language: str) -> Iterator[str]:
    asked = found.asked
    said = {"series": found.series, "origins": len(found.cutoffs), "first": found.cutoffs[0], "last": found.cutoffs[-1]}
    said |= {"horizon": asked.horizon, "unit": words.name("forecast_freq", asked.freq, language)}
    yield _say("lead", language, **said)
    yield _say("calendar_none" if found.calendar == "none" else "calendar", language, calendar=found.calendar)
    yield _say("nested", language, inner=found.inner)
    shown = max(found.naive_shown)
    yield _say("naive_shown" if shown else "naive_nowhere", language, most=shown, series=found.series)
    yield _say("explained", language)


def _scores(scores: pd.DataFrame, language: str) -> Iterator[str]:
    for level, rows in scores.groupby("level", sort=False):
        name = words.name("forecast_level", level, language)
        yield ""
        yield "## " + (name if level == ALL else _say("level", language, level=name))
        lines = [[words.say(f"column.forecast.{head}", language) for head in HEADS]]
        for row in rows.itertuples():
            lines.append([
                words.name("forecast_model", row.model, language),
                *(words.number(one, language, 3) for one in (row.wis_ratio, row.miss)),
                *(words.pct(100 * one, language) for one in (row.cover80, row.cover95)),
                *(words.number(one, language) for one in (row.points, row.refused)),
                words.NOTHING if row.model == CHOSEN else words.number(1000 * row.seconds, language, 1),
            ])  # fmt: skip
        yield from aligned(lines, [True] + [False] * (len(HEADS) - 1))
        if (rows.set_index("model")["wis_ratio"].drop(NAIVE, errors="ignore") >= 1).all():
            yield _say("naive_wins", language)


def _weights(found: ForecastEvaluation, language: str) -> Iterator[str]:
    last = found.weights[-1]
    yield ""
    yield "## " + _say("weights", language, day=found.cutoffs[-1])
    for (level, first, until), rows in last.members.groupby(["level", "first_step", "last_step"], sort=False):
        told = [
            f"{words.name('forecast_model', row.model, language)} {words.pct(100 * row.weight, language, 0)}"
            for row in rows.sort_values("weight", ascending=False).itertuples()
            if row.weight >= LEAST_WEIGHT
        ]
        said = {"level": words.name("forecast_level", level, language), "first": int(first), "last": int(until)}
        said |= {
            "models": ", ".join(told),
            "lower": f"{rows['lower'].iloc[0]:.2f}",
            "upper": f"{rows['upper'].iloc[0]:.2f}",
        }
        yield _say("weight", language, **said)


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"cli.forecasts.{key}", language, **values)
