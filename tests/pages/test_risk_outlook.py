"""The risk outlook: what stands first, levels that are never colour alone, a cell opened into its parts, links, files, and the states without a forecast."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
import risk_sample as sample
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.figures import Sentence
from analytics.outlook.answer import RiskOutlook
from analytics.outlook.course import Course
from data.errors import NotReady
from data.intake.personal import find_personal
from data.scope import ROLES
from pages.paper import render
from pages.paper.document import Chart, from_json, to_json
from pages.paper.risk import risk_document
from pages.ui import charts, risk, risk_calendar, risk_detail, risk_map, risk_parts, risk_series, risk_work, words
from pages.ui.links import Chosen
from pages.ui.load import risk as load
from pages.ui.markup import text

Open = Callable[..., AppTest]
Told = Callable[..., None]
PAGE = "risk_outlook"
CELL = "street:999901001::D-03"
ZH = Chosen(sample.DAY)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Lets the page answer with one outlook and one course, whatever the store holds."""

    def answer(found: RiskOutlook | None = None, course: Course | None = None) -> None:
        monkeypatch.setattr(load, "risk_outlook", lambda chosen: found or sample.outlook())
        monkeypatch.setattr(load, "course", lambda chosen, node, unit: course or sample.course(unit))

    return answer


def _text(page: str) -> str:
    return re.sub(r"<[^>]*>", "\n", page)


def _spec(at: AppTest, place: int = 0) -> dict:
    return json.loads(at.get("plotly_chart")[place].proto.spec)


# --- what stands first -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_for_every_role(open_page: Open, town_link: dict, told: Told, role: str, language: str) -> None:
    told()
    page = shown(open_page(PAGE, role=role, lang=language, **town_link))
    assert page.index("xs-headline") < page.index("xs-figures") < page.index("xs-signals") < page.index("xs-heat")
    assert [line for line in _text(page).splitlines() if line.strip() and find_personal(line)] == []
    assert words.say("page.signals.internal", language) in page, "the levels are said to be internal"
    assert not re.search(r"\bNone\b|\bnan\b|\{[a-z_]+[:}]", _text(page))


def test_each_of_the_few_numbers_has_its_range_and_leads_to_what_it_counts(
    open_page: Open, town_link: dict, told: Told
) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    figures = page[page.index("xs-figures") : page.index("xs-signals")]
    assert _text(figures).count("八成把握") == 3
    assert figures.count("behind=open") == 2
    assert 'href="#backlog"' in figures


def test_the_ranked_list_says_chance_line_and_parts(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    first = page[page.index("<article") : page.index("</article>")]
    assert "72%" in first
    assert "可能超过惯常上限（" in first
    assert risk.parts_said(sample.items()[0], ZH) in first
    assert "= 67.5分" in first


def test_the_parts_named_on_a_card_add_up_to_its_points() -> None:
    for item in sample.items():
        if item.points is not None:
            numbers = [float(one) for one in re.findall(r"\d+\.\d", risk.parts_said(item, ZH))]
            assert sum(numbers[:-1]) == pytest.approx(sum(part.points for part in item.parts), abs=0.2)


@pytest.mark.parametrize("language", words.languages)
def test_without_any_forecast_it_says_which_command_to_run(
    open_page: Open, town_link: dict, told: Told, language: str
) -> None:
    told(sample.nothing())
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert "xianshou forecast" in page
    assert words.say("page.risk_outlook.none.forecast", language) in page
    assert "xs-heat" not in page


@pytest.mark.parametrize("language", words.languages)
def test_a_day_before_the_first_forecast_leads_to_it_and_says_how_to_see_the_day_itself(
    open_page: Open, town_link: dict, told: Told, language: str
) -> None:
    none = sample.nothing()
    told(replace(none, first_day=none.day + timedelta(days=3)))
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert words.say("page.risk_outlook.none.forecast", language) not in page
    assert f"xianshou forecast --as-of {none.day}" in page
    assert f"day={none.day + timedelta(days=3)}" in page


@pytest.mark.parametrize("language", words.languages)
def test_an_older_forecast_is_the_headline_and_nothing_is_called_calm(
    open_page: Open, town_link: dict, told: Told, language: str
) -> None:
    quiet = tuple(item for item in sample.items() if item.level_code == "IV")
    late = sample.outlook(run=sample.run(is_earlier=True), items=quiet, ranked=())
    told(late)
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert page.index("xs-loud") < page.index("xs-headline")
    assert risk.state_of(late) == "unknown"
    assert risk.state_of(replace(late, run=sample.run())) == "normal"


def test_a_failed_forecast_is_said_in_headline_size(open_page: Open, town_link: dict, told: Told) -> None:
    told(sample.outlook(run=sample.run(failure=Sentence("page.risk_outlook.none.forecast"))))
    page = shown(open_page(PAGE, **town_link))
    assert page.index("xs-loud") < page.index("xs-headline")


def test_forecasts_that_cannot_be_read_are_said_with_what_to_do(
    open_page: Open, town_link: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(chosen: Chosen) -> RiskOutlook:
        raise NotReady("mart.unreadable", folder="mart")

    monkeypatch.setattr(load, "risk_outlook", broken)
    page = shown(open_page(PAGE, **town_link))
    assert words.say("frame.broken_mart.title", "zh") in page


def test_an_outlook_with_nothing_in_it_says_so_in_every_section(open_page: Open, town_link: dict, told: Told) -> None:
    nothing: tuple = ()
    told(
        sample.outlook(
            headline=nothing, items=nothing, ranked=nothing, changes=nothing, backlog=nothing, deadlines=nothing, escalation=nothing,
            pending=nothing, rising=nothing, capacity=nothing, reliability=None, models=nothing, coverage=nothing, areas=nothing,
            categories=nothing, run=sample.run(compared_with=None), calibration=sample.NO_CALIBRATION,
        )
    )  # fmt: skip
    page = shown(open_page(PAGE, **town_link))
    for key in ("near", "deadlines", "escalation", "pending", "calendar"):
        assert words.say(f"page.risk_outlook.none.{key}", "zh") in page, key


def test_below_the_street_only_the_matters_at_hand_are_shown(open_page: Open, town_link: dict, told: Told) -> None:
    nothing: tuple = ()
    told(
        sample.outlook(
            headline=nothing,
            items=nothing,
            ranked=nothing,
            areas=nothing,
            categories=nothing,
            capacity=nothing,
            backlog=nothing,
        )
    )
    page = shown(open_page(PAGE, role="community", **town_link))
    assert words.say("page.risk_outlook.none.near", "zh") in page
    assert "xs-heat" not in page
    assert "cell=" not in page, "no link leads to a cell that is not there"
    assert page[page.index("xs-figures") :].count("xs-value") == 2


def test_where_nothing_can_be_levelled_nothing_is_called_calm(open_page: Open, town_link: dict, told: Told) -> None:
    grey = tuple(replace(item, level_code=None, points=None, parts=(), said=(), actions=()) for item in sample.items())
    found = sample.outlook(items=grey, ranked=(), headline=())
    told(found)
    page = shown(open_page(PAGE, **town_link))
    assert words.say("page.risk_outlook.none.levels", "zh") in page
    assert words.say("page.risk_outlook.none.headline", "zh") not in page
    assert risk.state_of(found) == "unknown"


# --- the heat map ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_a_cell_says_its_level_in_word_shape_and_colour_and_opens(language: str) -> None:
    chosen = Chosen(sample.DAY, language=language)
    found = sample.outlook()
    table = risk_map.heat_table(found, found.areas, chosen)
    assert table.count('scope="row"') == len(found.areas)
    assert table.count("<td") == len(found.areas) * len(found.categories)
    for code in ("I", "II", "III", "IV"):
        assert f"xs-heat-{code}" in table
        assert words.name("signal_level", code, language) in table
    assert "cell=street%3A999901001%3A%3AD-03" in table


def test_a_cell_without_data_is_grey_and_never_low() -> None:
    found = sample.outlook()
    table = risk_map.heat_table(found, found.areas, ZH)
    grey = sum(item.level_code is None for item in found.items)
    missing = len(found.areas) * len(found.categories) - len(found.items)
    assert table.count("xs-heat-none") == grey + missing
    assert table.count(words.say("page.risk_outlook.no_data", "zh")) == grey + missing


def test_what_is_too_small_for_this_reader_says_only_that() -> None:
    hidden = replace(sample.item(), level_code=None, points=None, parts=(), volumes=(), said=(), actions=(), open=None, selection=None,
                     is_suppressed=True)  # fmt: skip
    found = sample.outlook(items=(hidden,), areas=(hidden.node,))
    table = risk_map.heat_table(found, found.areas, ZH)
    assert words.say("page.risk_outlook.suppressed_short", "zh") in table
    assert "cell=" not in table
    assert words.say("page.risk_outlook.suppressed", "zh") in risk.cards_of((hidden,), ZH)


def test_a_category_narrows_the_list_and_lets_go_again(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, category="D-03", **town_link))
    cards = page[page.index("<article") : page.rindex("</article>")]
    assert set(re.findall(r">[^<>]+ · ([^<>]+)</a>", cards)) == {"劳资纠纷"}
    assert words.say("page.risk_outlook.all.category", "zh") in page


def test_a_level_narrows_the_list(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, level="I", **town_link))
    assert set(re.findall(r"xs-of-(\w+)", page)) == {"I"}
    page = shown(open_page(PAGE, level="nonsense", **town_link))
    assert len(set(re.findall(r"xs-of-(\w+)", page))) > 1


# --- one cell opened -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_a_cell_opens_into_a_sum_of_named_parts(open_page: Open, town_link: dict, told: Told, language: str) -> None:
    told()
    page = shown(open_page(PAGE, role="leader", lang=language, cell=CELL, **town_link))
    item = risk_detail.find(sample.outlook(), CELL)
    for part in item.parts:
        assert words.name("risk_part", part.name, language) in page
    for line in ("usual", "last_year", "capacity"):
        assert risk_parts.line_name(line, language) in page
    assert words.say("page.risk_outlook.total", language) in page
    assert "xs-foot" in page


def test_the_points_of_the_parts_are_the_level() -> None:
    item = sample.item(level="I")
    rows = risk_detail.part_rows(item, ZH)
    assert sum(row["points"] for row in rows) == pytest.approx(sum(part.points for part in item.parts))
    assert rows[3]["value"] == "31% (20.4/66)"
    assert rows[4]["full"] == "3.0倍"


def test_an_unknown_part_says_why_it_gives_nothing() -> None:
    row = risk_detail.part_rows(sample.item(), ZH)[5]
    assert row["value"] == words.say("risk.missing.pending", "zh")
    assert row["points"] == 0


def test_a_cell_that_is_not_there_is_no_failure(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, cell="street:1::X", **town_link))
    assert words.say("page.risk_outlook.none.gone", "zh") in page


# --- the forecast ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["month", "week", "day"])
def test_the_chart_shows_past_ranges_middle_naive_and_line(unit: str) -> None:
    course = sample.course(unit)
    figure = charts.plot_forecast(
        risk_series.complete(course.past),
        course.ahead,
        unit,
        "zh",
        line=(course.ahead["on"].iloc[0].date(), 40, "惯常上限"),
    )
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert len(bars) == 4, "the past and three ranges"
    assert len(bars[0].x) == len(course.past) - 1, "what is still filling was not taken as a count"
    assert list(bars[1].base) == course.ahead["q025"].tolist()
    for wide, narrow in ((bars[1], bars[2]), (bars[2], bars[3])):
        assert all(a >= b for a, b in zip(wide.y, narrow.y, strict=True))
    named = {trace.name for trace in figure.data if trace.name}
    assert words.say("page.risk_outlook.chart.naive", "zh") in named
    assert "惯常上限 40" in named


def test_one_period_ahead_is_seen_as_well_as_twelve() -> None:
    course = sample.course("month")
    figure = charts.plot_forecast(course.past.head(0), course.ahead.head(1), "month", "en")
    assert [len(trace.x) for trace in figure.data if trace.type == "bar"] == [0, 1, 1, 1]


@pytest.mark.parametrize("language", words.languages)
def test_a_forecast_that_did_worse_by_what_may_be_chance_says_that_it_is_not_proven(
    open_page: Open, town_link: dict, told: Told, language: str
) -> None:
    unproven = text(words.say("page.risk_outlook.record.unproven", language))
    told(course=sample.course("month", skill=1.08))
    assert unproven in shown(open_page(PAGE, lang=language, **town_link))
    told(course=sample.course("month", state="naive", skill=1.08))
    assert unproven not in shown(open_page(PAGE, lang=language, **town_link))


@pytest.mark.parametrize("language", words.languages)
def test_where_the_naive_one_is_better_it_steps_aside_and_says_so(
    open_page: Open, town_link: dict, told: Told, language: str
) -> None:
    told(course=sample.course("month", state="naive", skill=1.08))
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert text(words.say("page.risk_outlook.course.naive", language)) in page
    assert text(words.say("page.risk_outlook.record.worse", language, pct=words.pct(8, language, 0))) in page


def test_a_series_that_cannot_be_forecast_says_why(open_page: Open, town_link: dict, told: Told) -> None:
    empty = sample.course("month").ahead.head(0)
    told(course=sample.course("month", state="refused", reason="short_history", ahead=empty, skill=None))
    page = shown(open_page(PAGE, **town_link))
    assert words.say("page.risk_outlook.course.refused", "zh") in page


def test_where_months_are_too_few_the_chart_shows_weeks_or_days(
    open_page: Open, town_link: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = sample.course("month", state="none", ahead=sample.course().ahead.head(0), past=sample.course().past.head(0))
    monkeypatch.setattr(load, "risk_outlook", lambda chosen: sample.outlook())
    monkeypatch.setattr(load, "course", lambda chosen, node, unit: sample.course("day") if unit == "day" else none)
    page = shown(open_page(PAGE, **town_link))
    assert words.say("page.risk_outlook.course.none", "zh") not in page
    page = shown(open_page(PAGE, by="month", **town_link))
    assert words.say("page.risk_outlook.course.none", "zh") in page


def test_the_past_error_is_stated_in_words() -> None:
    said = risk_series.record_said(sample.course(), ZH)
    assert "小29%" in said
    assert "标称80%的范围，实际包住79%" in said
    assert risk_series.record_said(sample.course(skill=None), ZH) == words.say("page.risk_outlook.record.none", "zh")


def test_by_and_ahead_stand_in_the_link(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, by="week", ahead="week", **town_link))
    assert words.period(sample.WEEK.first, "week", "zh") in page
    assert "ahead=month" in page


# --- the work that follows ---------------------------------------------------------------------------------------------------------


def test_the_slider_tells_what_another_number_of_closings_would_do(
    open_page: Open, town_link: dict, told: Told
) -> None:
    told()
    at = open_page(PAGE, close="300", **town_link)
    assert at.slider[0].value == 300
    assert "每周办结300件：到2026年12月20日，未办结由2,046件变为1,770件" in _text(shown(at))
    at.slider[0].set_value(214).run()
    assert "▲ 还会增加" in shown(at)
    assert at.query_params["close"] in ("214", ["214"])


def test_a_number_of_closings_out_of_this_world_is_bounded() -> None:
    case = sample.outlook().capacity[0]
    assert risk_work.closings_of(case, Chosen(sample.DAY, own=(("close", "9999999"),))) == 462
    assert risk_work.closings_of(case, Chosen(sample.DAY, own=(("close", "-3"),))) == 214


def test_of_a_week_that_has_begun_only_its_share_is_closed() -> None:
    case = sample.outlook().capacity[0]
    begun = case.arrivals["on"].iloc[0] - timedelta(days=1)
    whole, part = load.what_if(case, 210, sample.DAY), load.what_if(case, 210, begun)
    assert part["open"].iloc[0] - whole["open"].iloc[0] == pytest.approx(6 / 7 * 210)


def test_every_table_of_work_opens_its_matters(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    for name in ("deadlines", "escalation", "pending"):
        part = page[page.index(f'id="{name}"') :]
        assert "behind=open" in part[: part.index("</table>")], name


def test_the_calendar_names_years_of_evidence_and_hit_rate(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = _text(shown(open_page(PAGE, **town_link)))
    assert words.say("page.risk_outlook.text.calendar", "zh", month="12月", count=2, proven=1) in page
    row = risk_calendar.rising_row(sample.outlook().rising[0], ZH)
    assert (row["evidence"], row["hits"]) == ("3/3", "3/3 (100%)")
    assert risk_calendar.rising_row(sample.outlook().rising[2], ZH)["months"] == "1月、2月"


# --- wording of numbers ------------------------------------------------------------------------------------------------------------


def test_a_chance_is_never_written_as_certain() -> None:
    assert risk_parts.chance_said(1.0, "zh") == ">99%"
    assert risk_parts.chance_said(0.0, "zh") == "<1%"


# --- on paper ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx", "md", "html"])
def test_every_form_renders(form: str, language: str) -> None:
    found = sample.outlook()
    drawn = (found.areas[0], sample.course())
    content = render(risk_document(found, language, drawn), form)
    heads = {"docx": b"PK", "xlsx": b"PK", "pdf": b"%PDF", "md": b"# ", "html": b"<!"}
    assert content.lstrip()[: len(heads[form])].lower() == heads[form].lower()


def test_the_document_survives_being_kept_and_says_what_the_page_says() -> None:
    found = sample.outlook()
    document = risk_document(found, "zh", (found.areas[0], sample.course()))
    assert from_json(to_json(document)) == document
    assert [block.name for block in document.blocks if isinstance(block, Chart)] == ["course"]
    heat = next(table for table in document.tables if table.caption == words.say("page.risk_outlook.section.map", "zh"))
    assert len(heat.rows) == len(found.areas)
    assert "Ⅰ 68" in {cell for row in heat.rows for cell in row}
    assert risk_document(sample.nothing(), "en").blocks


def test_the_file_of_cells_opens_with_the_right_letters_and_runs_nothing() -> None:
    found = sample.outlook()
    content = risk_calendar.cells_csv(found, ZH)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    assert len(rows) == len(found.items)
    assert words.say("column.risk.chance", "zh") in rows


# --- how it is built ---------------------------------------------------------------------------------------------------------------


def test_opening_the_page_imports_no_model() -> None:
    code = "import sys; import pages.risk_outlook; print([one for one in ('scipy.stats', 'statsmodels', 'prophet', 'dask', 'matplotlib') if one in sys.modules])"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
