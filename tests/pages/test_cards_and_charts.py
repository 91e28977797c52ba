"""Figures and charts: the wording rules, and shapes beside colours."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
import sample

from analytics.figures import Comparison, Figure, Line, Period
from data.categories import category_names
from pages.ui import cards, charts, words
from pages.ui.charts.change import MOST_BARS
from pages.ui.links import Chosen

DAY = Period(sample.DAY, sample.DAY)
CHOSEN = Chosen(sample.DAY)


@pytest.mark.parametrize(
    ("comparison", "zh"),
    [
        (Comparison("previous_day", 61, DAY, change=25, change_pct=41.0), "较前一日升41.0%"),
        (Comparison("previous_day", 61, DAY, change=-25, change_pct=-41.0), "较前一日降41.0%"),
        (Comparison("same_weekday", 3, DAY, change=3), "较上周同日由3件增至6件"),
        (Comparison("same_weekday", 3, DAY, change=-2), "较上周同日由3件降至1件"),
        (Comparison("same_weekday", 7, DAY, change=0), "较上周同日持平"),
        (Comparison("previous_period", 0, DAY, change=4, reason="base_zero"), "较上期不可比（上期为0）"),
        (Comparison("year_on_year", 91.0, DAY, change_points=1.3), "较上年同期升1.3个百分点"),
    ],
)
def test_comparisons_follow_the_wording_rules(comparison: Comparison, zh: str) -> None:
    assert cards.comparison_text(comparison, "zh") == zh
    assert cards.comparison_text(comparison, "en")


@pytest.mark.parametrize("language", words.languages)
def test_no_shipped_subject_is_cut_beside_its_bar_however_long(language: str) -> None:
    kind = words.name("kind", "petition", language)
    said = [f"{words.subject(name, language)} ({kind})" for name in category_names().values()]
    lines = [Line({"name": name, "now": 2, "before": 1, "share_pct": 1.0}) for name in said]
    for place in range(0, len(lines), MOST_BARS):
        beside = charts.plot_structure(lines[place : place + MOST_BARS], language, "").layout.yaxis.ticktext
        assert [re.sub(r"\W", "", one.replace("<br>", "")) for one in beside] == [
            re.sub(r"\W", "", one) for one in said[place : place + MOST_BARS]
        ]
        assert all(len(line) <= 26 for one in beside for line in one.split("<br>"))


def test_a_state_is_word_and_shape() -> None:
    shown = cards.row((sample.figure("new", 86, expected=sample.expected(58, 42, 75)),), CHOSEN)
    assert "▲" in shown
    assert "高于预期" in shown
    assert "预期42～75" in re.sub(r"<[^>]*>", "", shown)


def test_a_number_that_cannot_be_known_says_why_and_opens_nothing() -> None:
    solved = next(figure for figure in sample.brief().rates if figure.name == "solved")
    shown = cards.row((solved,), CHOSEN)
    assert words.NOTHING in shown
    assert words.tell(solved.missing, "zh") in shown
    assert "href" not in shown


def test_a_rate_shows_its_numerator_denominator_and_interval() -> None:
    rate = Figure("on_time", 90.0, "pct", DAY, sample.DAY, numerator=9, denominator=10, interval=(59.6, 98.2))
    shown = cards.row((rate,), CHOSEN)
    assert "9／10" in shown
    assert "59.6%～98.2%" in shown


def test_days_outside_the_range_carry_a_mark_and_filling_days_are_hatched() -> None:
    figure = charts.plot_new(sample.series(), "zh")
    marks = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]
    above = next(trace for trace in marks if trace.marker.symbol == "triangle-up")
    series = sample.series()
    assert len(above.x) == (series["new"] > series["upper"]).sum()
    hatched = next(trace for trace in figure.data if trace.type == "bar" and trace.marker.pattern.shape)
    assert list(hatched.x) == [53, 54, 55]


def test_without_a_range_the_chart_shows_bars_alone() -> None:
    short = sample.series().assign(expected=float("nan"), lower=float("nan"), upper=float("nan"))
    figure = charts.plot_new(short, "en")
    assert {trace.type for trace in figure.data} == {"bar"}
    assert "too short" in words.tell(charts.describe_new(short), "en")


def test_the_line_under_the_chart_counts_what_the_chart_marks() -> None:
    series = pd.DataFrame(
        {
            "day": pd.date_range("2026-11-01", periods=3),
            "new": [1, 5, 9],
            "lower": [2.0] * 3,
            "upper": [8.0] * 3,
            "completeness_pct": [100.0, 100.0, 50.0],
        }
    )
    sentence = charts.describe_new(series)
    assert (sentence.values["above"], sentence.values["below"], sentence.values["filling"]) == (1, 1, 1)


def test_dates_on_the_axis_are_our_own_words() -> None:
    assert "11月16日" in charts.plot_new(sample.series(), "zh").layout.xaxis.ticktext
    assert date(2026, 11, 16).weekday() == 0


def test_an_axis_of_few_matters_names_every_number_once() -> None:
    days = pd.date_range("2026-11-01", periods=14)
    for most, marks in ((2, 1), (60, None)):
        series = pd.DataFrame(
            {"on": days.date, "observed": [0, most] * 7, "lower": np.nan, "upper": np.nan, "expected": np.nan}
        )
        assert charts.plot_signal(series, "day", "en").layout.yaxis.dtick == marks
    small = charts.plot_changes(["a", "b"], [1, -1], ["", ""])
    assert small.layout.xaxis.dtick == 1
