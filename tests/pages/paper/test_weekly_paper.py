"""The weekly dispatch on paper: full, empty, of one row and with parts missing, in both languages and in every form."""

import io
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from analytics.briefs.weekly import weekly_brief
from analytics.briefs.weekly_answer import WeeklyBrief
from analytics.figures import Line, Sentence
from data.mart import open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages import paper
from pages.paper.document import Blank, Heading, Paragraph, Table, Words, from_json, to_json
from pages.paper.numbering import numbered
from pages.paper.weekly import LISTED, WHOLE, weekly_document
from pages.ui import words

LISTS = (
    "dispatch", "dispatch_lines", "looked_back", "looked_back_lines", "ladder_units", "ladder_lines", "committees", "methods",
    "settlement", "assessments", "projects", "receptions", "ahead", "ahead_lines", "kinds", "places", "headline",
)  # fmt: skip
ORDER = ("picture", "dispatch", "looked_back", "ladder", "meetings", "work", "ahead")


@pytest.fixture(scope="module")
def brief(town_site: Site) -> WeeklyBrief:
    return weekly_brief(open_mart(town_site.mart_folder), Scope(), date(2026, 11, 15), calendar=build_calendar(None))


def variants(brief: WeeklyBrief) -> dict[str, WeeklyBrief]:
    none = dict.fromkeys(LISTS, ())
    one = {name: getattr(brief, name)[:1] for name in LISTS}
    times = Sentence("missing.closing_times", {"count": 7})
    sections = ("dispatch", "looked_back", "ladder", "committees", "methods")
    records = ("meetings", "receptions", "assessments", "projects", "cases")
    missing = dict.fromkeys(sections, times) | {name: Sentence(f"missing.{name}") for name in records}
    long = "超长" * 60 + "Donaudampfschifffahrtsgesellschaft" * 4
    broken = tuple(
        Line({**line.values, "unit": long, "category": "=1+1\x00<b>", "area": None}) for line in brief.dispatch[:3]
    )
    return {
        "full": brief,
        "empty": replace(brief, **none),
        "one row": replace(brief, **one),
        "missing": replace(brief, **{**none, "missing": missing}),
        "broken": replace(brief, dispatch=broken),
        "nothing recorded": replace(brief, weeks=brief.weeks.iloc[:0], **none),
        "unfinished": replace(brief, period=replace(brief.period, complete=False)),
    }


VARIANTS = ("full", "empty", "one row", "missing", "broken", "nothing recorded", "unfinished")


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("name", VARIANTS)
def test_every_form_is_written_whatever_is_in_it(brief: WeeklyBrief, name: str, language: str) -> None:
    document = weekly_document(variants(brief)[name], language)
    assert from_json(to_json(document)) == document
    forms = paper.FORMS if name in ("full", "broken") else ("docx", "md", "xlsx", "html", "json")
    for form in forms:
        assert paper.render(document, form), form


@pytest.mark.parametrize("language", words.languages)
def test_the_sections_stand_in_the_official_order(brief: WeeklyBrief, language: str) -> None:
    titles = [block.text for block in weekly_document(brief, language).blocks if isinstance(block, Heading)]
    assert titles == [words.say(f"paper.weekly.{name}", language) for name in ORDER]


def test_people_s_words_stay_visibly_empty_until_someone_writes_them(brief: WeeklyBrief) -> None:
    empty = weekly_document(brief, "zh")
    assert [block.section for block in empty.blocks if isinstance(block, Blank)] == ["meeting_progress", "next_steps"]
    filled = weekly_document(brief, "zh", words={"next_steps": "周三前现场会商。"})
    assert [block.text for block in filled.blocks if isinstance(block, Words)] == ["周三前现场会商。"]
    assert [block.section for block in filled.blocks if isinstance(block, Blank)] == ["meeting_progress"]


def test_a_long_table_is_cut_in_the_text_and_whole_in_the_annex(brief: WeeklyBrief) -> None:
    def lengths(rows: int) -> list[int]:
        document = weekly_document(replace(brief, dispatch=(brief.dispatch * WHOLE)[:rows], looked_back_lines=()), "zh")
        first = words.say("column.week.no", "zh")
        return [len(table.rows) for table in document.tables if table.columns[0].title == first]

    assert lengths(WHOLE) == [WHOLE]
    assert lengths(WHOLE + 1) == [LISTED, WHOLE + 1]


def test_below_the_dispatch_table_stands_how_many_cases_are_no_matter_of_their_own(brief: WeeklyBrief) -> None:
    cases = sum(line.values["matter_no"] is None for line in brief.dispatch)
    note = words.say("page.weekly_brief.cases_apart", "zh", count=cases)
    table = next(one for one in weekly_document(brief, "zh").tables if one.columns[0].title == "序号")
    assert cases
    assert table.note.endswith(note)


def test_an_issued_week_says_its_number_and_nowhere_that_it_is_a_draft(brief: WeeklyBrief) -> None:
    draft = weekly_document(brief, "zh")
    assert words.say("paper.state.draft", "zh") in to_json(draft)
    issued = numbered(draft, 3)
    assert issued.mark == "第3期"
    assert "草稿" not in to_json(issued)


def test_open_directives_stand_in_it_with_their_age(brief: WeeklyBrief) -> None:
    values = {
        "label": "物业类",
        "text": "限期会商",
        "unit": None,
        "post_level": "city",
        "age_days": 9,
        "due_on": brief.day,
    }
    follow = SimpleNamespace(said=(), warnings=(), outlook=None, state="draft", standing_issue=None)
    follow.directives = (Line(values),) * 5
    found = weekly_document(brief, "zh", follow).tables[-1]
    assert found.rows == (("物业类", "限期会商", words.say("followup.no_unit", "zh"), "市级", 9, brief.day),) * 5


def test_no_community_and_no_day_of_a_single_matter_is_printed(brief: WeeklyBrief, town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    from data import queries

    tree = queries.read_areas(mart, Scope())
    communities = set(tree.loc[tree["level_code"] == "community", "name"])
    for table in weekly_document(brief, "zh").tables:
        if table.columns[0].title == words.say("column.week.no", "zh"):
            places = {row[[column.title for column in table.columns].index("属地")] for row in table.rows}
            assert not places & communities


def test_the_pdf_says_the_week_and_its_numbers(brief: WeeklyBrief) -> None:
    document = weekly_document(brief, "zh")
    pages = PdfReader(io.BytesIO(paper.render(document, "pdf"))).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    assert words.say("paper.weekly.title", "zh") in text
    assert str(brief.flows[0].value) in text
    assert len(pages) < 20


def test_an_unfinished_week_is_marked_in_the_head(brief: WeeklyBrief) -> None:
    unfinished = replace(brief, period=replace(brief.period, complete=False))
    assert "未结束" in weekly_document(unfinished, "zh").head[0]
    assert "未结束" not in weekly_document(brief, "zh").head[0]


def test_a_late_refresh_is_read_first_and_how_to_read_the_figures_with_them(brief: WeeklyBrief) -> None:
    late = Sentence("notice.stale", {"hours": 44, "read_at": datetime(2026, 11, 14, 6)})
    aligned = Sentence("notice.lunar_aligned")
    blocks = weekly_document(replace(brief, notices=(aligned, late)), "zh").blocks
    assert blocks[0] == Paragraph(words.tell_alone(late, "zh"), "notice")
    first_figures = next(place for place, one in enumerate(blocks) if isinstance(one, Table))
    assert blocks[first_figures + 1] == Paragraph(words.tell_alone(aligned, "zh"))
