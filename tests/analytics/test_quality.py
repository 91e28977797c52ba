"""Data quality: shares with their denominators, and none of too few."""

from datetime import timedelta

import pytest

from analytics.quality import FEWEST, SHARES, WINDOW_DAYS, data_quality
from data import queries
from data.mart import open_mart
from data.scope import Scope
from data.site import Site


@pytest.fixture(scope="module")
def found(town_site: Site) -> object:
    mart = open_mart(town_site.mart_folder)
    last = queries.read_span(mart, Scope())["last_on"].iloc[0].date()
    return mart, data_quality(mart, Scope(), last)


def test_the_window_ends_on_the_last_day_with_records(found: tuple) -> None:
    _, quality = found
    assert quality.period.days == WINDOW_DAYS
    assert quality.period.last - quality.period.first == timedelta(days=WINDOW_DAYS - 1)


def test_sources_and_units_both_add_up_to_all_matters(found: tuple) -> None:
    _, quality = found
    assert sum(line.values["new"] for line in quality.sources) == quality.matters
    assert sum(line.values["new"] for line in quality.units) == quality.matters


def test_every_number_opens_as_many_matters(found: tuple) -> None:
    mart, quality = found
    lines = [*quality.sources, *quality.units]
    counts = [queries.read_counts(mart, Scope(), (line.selection,))[0] for line in lines]
    assert counts == [line.values["new"] for line in lines]


def test_shares_lie_between_nothing_and_all_and_need_enough_matters(found: tuple) -> None:
    _, quality = found
    for line in (*quality.sources, *quality.units):
        shares = [line.values[name] for name in SHARES]
        assert all(share is None or 0 <= share <= 100 for share in shares)
        if line.values["new"] < FEWEST:
            assert line.values["with_area_pct"] is None


def test_a_scope_that_sees_nothing_has_no_lines(town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    quality = data_quality(mart, Scope(()), queries.read_span(mart, Scope())["last_on"].iloc[0].date())
    assert (quality.matters, quality.sources, quality.units, quality.repeats) == (0, (), (), ())
