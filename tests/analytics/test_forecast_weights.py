"""Where the weights of a night come from, and where the naive forecast takes their place."""

from datetime import date

import pandas as pd

from analytics.forecast_weights import stepped_aside
from analytics.forecasts.combining import MEMBERS, NAIVE, SERIES, Weights


def weights() -> Weights:
    rows = [
        (level, *band, model, 0.5, 1.1, 1.2, 0.9)
        for level in ("city", "street")
        for band in ((1, 2), (3, 6))
        for model in ("blend", "count_glm")
    ]
    return Weights("M", date(2026, 11, 21), 10, pd.DataFrame(rows, columns=MEMBERS), pd.DataFrame(columns=SERIES))


def scores(city_far: float) -> pd.DataFrame:
    rows = [
        ("city", "chosen", 1, 6, 1.01), ("city", "chosen", 1, 2, 0.97), ("city", "chosen", 3, 6, city_far), ("city", "blend", 1, 2, 1.3),
        ("street", "chosen", 1, 2, 0.7), ("street", "chosen", 3, 6, 0.8), ("all", "chosen", 3, 6, 1.2),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["level", "model", "first_step", "last_step", "wis_ratio"])


def test_a_combination_that_did_not_beat_the_naive_forecast_out_of_its_own_sample_steps_aside_there_alone() -> None:
    found = stepped_aside(weights(), scores(1.04)).members
    far = found[(found["level"] == "city") & (found["first_step"] == 3)]
    assert far[["model", "weight", "lower", "upper"]].to_numpy().tolist() == [[NAIVE, 1.0, 1.0, 1.0]]
    others = found.drop(far.index)
    assert len(others) == 6
    assert NAIVE not in set(others["model"])
    assert (found.groupby(["level", "first_step"])["weight"].sum() == 1).all()


def test_where_every_level_beat_it_the_weights_stay_as_they_are() -> None:
    for score in (scores(0.99), pd.DataFrame()):
        pd.testing.assert_frame_equal(stepped_aside(weights(), score).members, weights().members)
