"""The calendar a count follows is found from its own history, and only where it shows."""

import numpy as np
import pytest

from analytics.forecasts.calendars import choose_calendar, country_calendar

DAYS = np.arange("2015-01-01", "2017-01-01", dtype="datetime64[D]")


def counts_of(code: str, drop: float = 0.4) -> np.ndarray:
    off = ~country_calendar(DAYS, code).features.is_workday
    weekend = (DAYS.astype(np.int64) + 3) % 7 >= 5
    rate = np.where(weekend, 40.0, np.where(off, 100 * drop, 100.0))
    return np.random.default_rng(1).poisson(rate).astype(float)


@pytest.mark.parametrize("code", ["BR+optional", "DE", "KR"])
def test_the_planted_country_is_found(code: str) -> None:
    found = choose_calendar(DAYS, counts_of(code))
    assert found.split("-")[0].split("+")[0] == code.split("+")[0]


def test_a_count_without_days_off_follows_none() -> None:
    assert choose_calendar(DAYS, counts_of("none")) == "none"


def test_a_short_history_decides_nothing() -> None:
    assert choose_calendar(DAYS[:100], counts_of("DE")[:100]) == "none"


@pytest.mark.parametrize("code", ["ZZ", "DE-ZZ", "Germany"])
def test_an_unknown_code_is_refused(code: str) -> None:
    with pytest.raises(KeyError):
        country_calendar(DAYS, code)


def test_none_takes_weekdays_as_they_are() -> None:
    found = country_calendar(DAYS[:14], "none")
    assert not found.features.is_known.any()
    assert found.features.is_workday.sum() == 10
    assert found.occasions == {}
