"""Charts on paper: our own font, tones that stay apart in grey, no trace of when they were drawn."""

import io
import re
import warnings

import numpy as np
import paper_sample
import pytest
from PIL import Image

from pages.paper import drawing
from pages.paper.document import Bars, Change, Chart, Lines, clean
from pages.paper.glyphs import fitted_charts

DAYS = tuple(f"11-{day:02}" for day in range(1, 21))
BARS = Chart("b", "", Bars(DAYS, tuple(range(20)), [2] * 20, [30] * 20, ["高"] + [""] * 19, "每日新增", "件"))


def charts_of(name: str) -> list[Chart]:
    return [block for block in fitted_charts(clean(paper_sample.ALL[name]())).blocks if isinstance(block, Chart)]


def test_a_colour_print_and_a_grey_print_tell_the_same() -> None:
    """The tones of bar, range and ground differ by at least a sixth of the way from black to white."""
    grey = np.asarray(Image.open(io.BytesIO(drawing.png(BARS, "zh"))).convert("L"), dtype=float)
    tones, counts = np.unique(grey.round(-1), return_counts=True)
    most = sorted(tones[np.argsort(counts)[-3:]])
    assert len(most) == 3
    assert min(np.diff(most)) > 25


def test_a_chart_is_as_wide_as_the_text_block() -> None:
    picture = Image.open(io.BytesIO(drawing.png(BARS, "zh", dots_per_inch=254)))
    assert picture.width == pytest.approx(1560, abs=2)
    assert 'width="442.2' in drawing.svg(BARS, "zh")


@pytest.mark.parametrize("name", paper_sample.ALL)
def test_every_chart_is_drawn_without_a_missing_glyph(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in charts_of(name):
            assert drawing.png(chart, "zh")
            assert drawing.svg(chart, "en")


def test_text_is_drawn_as_outlines_and_nothing_is_dated() -> None:
    picture = drawing.svg(BARS, "zh")
    assert "<text" not in picture
    assert not re.search(r"<dc:date>", picture)


def test_a_mark_makes_its_bar_stand_out_without_colour() -> None:
    plain = Chart("b", "", Bars(DAYS, tuple(range(20)), [2] * 20, [30] * 20))
    assert "pattern" in drawing.svg(BARS, "zh")
    assert "pattern" not in drawing.svg(plain, "zh")


def test_the_mark_of_the_last_bar_stays_within_the_axes_and_clear_of_the_one_before() -> None:
    chart = Chart("b", "", Bars(DAYS, (9,) * 20, marks=("",) * 18 + ("高于预期", "截至11月21日")))
    figure = drawing._drawn(chart, "zh", None)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    before, last = (text.get_window_extent() for text in axes.texts)
    assert last.x1 <= axes.get_window_extent().x1
    assert last.y0 >= before.y1


def test_falls_are_hatched_and_signed() -> None:
    assert "pattern" in drawing.svg(Chart("c", "", Change(("a", "b"), (3, -2))), "zh")
    assert "pattern" not in drawing.svg(Chart("c", "", Change(("a", "b"), (3, 2))), "zh")


def test_more_courses_than_can_be_told_apart_are_not_drawn() -> None:
    many = Chart("l", "", Lines(("a", "b"), tuple((f"s{n}", (n, n + 1)) for n in range(6))))
    assert drawing.svg(many, "zh").count('id="line2d_') <= 4 + 4 * 20
