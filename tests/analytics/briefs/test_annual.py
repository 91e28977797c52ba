"""The annual report and the one-table form: parts add up, every number opens its matters, years are compared fairly, units are not ranked."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from analytics.briefs import AnnualBrief, annual_brief, for_export
from analytics.briefs.monthly import monthly_brief
from analytics.briefs.sources_report import SourcesReport, sources_report
from data import queries
from data.errors import NotReady
from data.mart import Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar

EVERYWHERE = Scope()
YEAR_END, DAY = date(2025, 12, 31), date(2026, 11, 20)
CALENDAR = build_calendar(None)


@pytest.fixture(scope="module")
def town(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture(scope="module")
def report(town: Mart) -> AnnualBrief:
    return annual_brief(town, EVERYWHERE, YEAR_END, calendar=CALENDAR)


@pytest.fixture(scope="module")
def sources(town: Mart) -> SourcesReport:
    return sources_report(town, EVERYWHERE, date(2026, 10, 31), calendar=CALENDAR)


def areas_of(mart: Mart, level: str) -> list[str]:
    tree = queries.names_of(mart).areas
    return tree.loc[tree["level_code"] == level, "area_code"].tolist()


def test_every_table_adds_up_to_the_year(report: AnnualBrief) -> None:
    whole = report.received[0].value
    assert whole > 0
    for name in ("months", "forms", "purposes", "fields", "regions", "lines", "units"):
        assert sum(line.values["new"] for line in getattr(report, name)) == whole, name
    for step in ("routed", "supervised", "closed"):
        figure = next(one for one in report.handling if one.name == step)
        assert sum(line.values[step] for line in report.lines) == figure.value


def test_every_number_opens_its_matters(town: Mart, report: AnnualBrief) -> None:
    for figure in (*report.received, *report.handling):
        (count,) = queries.read_counts(town, EVERYWHERE, (figure.selection,))
        assert count == figure.value if figure.unit == "matters" else count <= figure.value
    for name in ("months", "forms", "purposes", "fields", "regions", "lines"):
        for line in getattr(report, name):
            if line.selection is not None:
                assert queries.read_counts(town, EVERYWHERE, (line.selection,)) == [line.values["new"]], (name, line)
    for figure in report.rates:
        assert queries.read_counts(town, EVERYWHERE, (figure.selection,)) == [figure.denominator]


def test_units_go_by_line_and_name_and_small_ones_together(report: AnnualBrief) -> None:
    """Article 41 asks for the organs most complained of; volume is workload, so it never orders them."""
    named = [line.values for line in report.units if line.values["units"] == 1 and line.values["org_id"]]
    order = [(values["line"] is None, values["line"] or "", str(values["unit"])) for values in named]
    assert order == sorted(order)
    assert all(values["new"] >= 10 for values in named)
    counts = [values["new"] for values in named]
    assert counts != sorted(counts, reverse=True)
    lines = [line.values["line"] for line in report.lines if line.values["line"]]
    assert lines == sorted(lines)


def test_an_unfinished_year_meets_the_same_span(town: Mart) -> None:
    report = annual_brief(town, EVERYWHERE, DAY, calendar=CALENDAR)
    assert (report.period.first, report.period.last, report.period.complete) == (date(2026, 1, 1), DAY, False)
    assert (report.before.first, report.before.last) == (date(2025, 1, 1), date(2025, 11, 20))
    assert "annual.notice.unfinished" in [one.key for one in report.notices]
    assert report.received[0].comparisons[0].base == sum(line.values["before"] for line in report.forms)


def test_a_year_before_that_is_not_on_record_is_not_compared(town: Mart) -> None:
    report = annual_brief(town, EVERYWHERE, date(2024, 12, 31), calendar=CALENDAR)
    assert report.received[0].comparisons == ()
    assert all(line.values["before"] is None for line in report.fields)
    assert "annual.notice.no_year_before" in [one.key for one in report.notices]


def test_a_scope_gives_what_its_area_gives_and_refuses_others(town: Mart) -> None:
    one, other = areas_of(town, "district")[:2]
    scoped = annual_brief(town, Scope((one,), "community"), YEAR_END, calendar=CALENDAR)
    chosen = annual_brief(town, EVERYWHERE, YEAR_END, calendar=CALENDAR, area_code=one)
    assert [figure.value for figure in scoped.received] == [figure.value for figure in chosen.received]
    assert [dict(line.values) for line in scoped.regions] == [dict(line.values) for line in chosen.regions]
    with pytest.raises(NotReady, match=r"brief\.area_unknown"):
        annual_brief(town, Scope((one,), "community"), YEAR_END, calendar=CALENDAR, area_code=other)


def test_below_a_street_nothing_sensitive_is_named_and_no_small_count_leaves(town: Mart) -> None:
    code = areas_of(town, "community")[0]
    names = queries.names_of(town)
    report = annual_brief(town, EVERYWHERE, YEAR_END, calendar=CALENDAR, area_code=code)
    assert report.is_below_street
    assert not {line.values["category_code"] for line in report.fields} & set(names.sensitive)
    safe = for_export(report)
    for part in ("months", "forms", "purposes", "fields", "regions", "lines", "units"):
        for line in getattr(safe, part):
            for column in ("new", "before", "routed", "supervised", "closed"):
                value = line.values.get(column)
                assert value is None or value == 0 or value >= 5, (part, column, value)
    street = annual_brief(town, EVERYWHERE, YEAR_END, calendar=CALENDAR, area_code=areas_of(town, "street")[0])
    assert all(line.values["new"] is None or not 0 < line.values["new"] < 5 for line in for_export(street).regions)


# --- the one-table form ------------------------------------------------------------------------------------------------------


def test_each_row_of_the_overall_table_opens_its_matters(town: Mart, sources: SourcesReport) -> None:
    assert {line.values["group"] for line in sources.overall} == {"initial", "spread", "intense", "handling"}
    for line in sources.overall:
        values = line.values
        if line.selection is not None:
            assert queries.read_counts(town, EVERYWHERE, (line.selection,)) == [values["new"]]
            before = line.selection.narrowed(first=sources.previous.first, last=sources.previous.last)
            assert queries.read_counts(town, EVERYWHERE, (before,)) == [values["previous"] or 0]
            ago = line.selection.narrowed(first=sources.year_ago.first, last=sources.year_ago.last)
            assert queries.read_counts(town, EVERYWHERE, (ago,)) == [values["year_ago"] or 0]  # None: not on record yet
        if values["lower"] is not None:
            assert 0 <= values["lower"] <= values["expected"] <= values["upper"]


def test_the_tables_of_the_sources_add_up_to_all_that_is_new(town: Mart, sources: SourcesReport) -> None:
    whole = 0
    for table in sources.sources:
        *lines, total = table.lines
        for name in ("new", "previous", "year_ago"):
            assert sum(line.values[name] for line in lines) == total.values[name]
        for line in table.lines:
            assert queries.read_counts(town, EVERYWHERE, (line.selection,)) == [line.values["new"]]
        whole += total.values["new"]
    chosen = queries.Selection("new", date(2026, 10, 31), date(2026, 10, 1), date(2026, 10, 31))
    assert queries.read_counts(town, EVERYWHERE, (chosen,)) == [whole]


def test_an_unfinished_month_meets_like_spans_and_leaves_whole_months_out(town: Mart) -> None:
    report = sources_report(town, EVERYWHERE, DAY, calendar=CALENDAR)
    assert (report.previous.first, report.previous.last) == (date(2026, 10, 1), date(2026, 10, 20))
    missing = {line.values["name"]: line.values["missing"].key for line in report.overall if line.values["missing"]}
    assert missing["criminal"] == missing["public_order"] == "missing.whole_months"


def test_a_number_that_the_monthly_brief_has_too_has_the_same_range(town: Mart, sources: SourcesReport) -> None:
    """docs/decisions/2026-11-22-one-range.md"""
    rows = {line.values["name"]: line.values for line in sources.overall}
    for kind in ("hotline", "petition", "dispute", None):
        brief = monthly_brief(town, EVERYWHERE, date(2026, 10, 31), calendar=CALENDAR, kind=kind, with_ways=False)
        figure = next(one for one in brief.flows if one.name == ("new" if kind else "closed"))
        values = rows[kind or "closed"]
        assert (values["new"], values["lower"], values["upper"]) == (
            figure.value,
            figure.expected.lower,
            figure.expected.upper,
        )


def test_february_is_compared_together_with_january(town: Mart) -> None:
    report = sources_report(town, EVERYWHERE, date(2026, 2, 28), calendar=CALENDAR)
    assert report.alignment == "jan_feb_together"
    total = report.sources[0].lines[-1].values
    assert total["year_change"].base == total["year_ago"]
    assert total["year_change"].base + total["year_change"].change > total["new"]


def test_records_that_begin_late_are_compared_with_nothing_before(town: Mart) -> None:
    first = queries.read_span(town, EVERYWHERE)["first_on"].iloc[0].date()
    report = sources_report(town, EVERYWHERE, date(2024, 1, 31), calendar=CALENDAR)
    assert first > report.year_ago.first
    assert all(line.values["year_ago"] is None for table in report.sources for line in table.lines)
    assert all(line.values["upper"] is None for line in report.overall)


def test_below_a_street_the_tables_hide_small_counts(town: Mart) -> None:
    code = areas_of(town, "community")[0]
    safe = for_export(sources_report(town, EVERYWHERE, date(2026, 10, 31), calendar=CALENDAR, area_code=code))
    for line in (*safe.overall, *(line for table in safe.sources for line in table.lines)):
        for name in ("new", "previous", "year_ago"):
            assert line.values[name] is None or line.values[name] == 0 or line.values[name] >= 5


def test_an_empty_mart_answers(publish: Callable, tmp_path: Path) -> None:
    mart = publish(tmp_path, lambda connection: None, now=datetime(2026, 1, 1, 6))
    report = annual_brief(mart, EVERYWHERE, YEAR_END, calendar=CALENDAR)
    assert report.is_empty
    assert [one.key for one in report.headline] == ["annual.headline.none"]
    table = sources_report(mart, EVERYWHERE, YEAR_END, calendar=CALENDAR)
    assert table.sources == ()
    assert all(line.values["missing"] for line in table.overall)
    assert for_export(report).is_empty
