"""The daily brief on paper: the customary order on one page, everything behind it in the annex, nothing nearer than may leave the unit."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pypdf
import pytest
import sample
from docx import Document as read_file

from analytics.briefs import DailyBrief, daily_brief
from analytics.figures import Line, Sentence
from data.mart import open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages import paper
from pages.paper.daily import daily_document, daily_text
from pages.paper.document import Annex, Bullets, Document, Heading, Number, Table
from pages.paper.record import brief_record
from pages.ui import words

SECTIONS = ("overview", "warnings", "major", "deadlines", "leader_cases", "coordination", "tomorrow")
PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


@dataclass(frozen=True)
class Issue:
    number: int


@dataclass(frozen=True)
class Follow:
    """What of a follow-up the paper reads."""

    said: tuple[Sentence, ...] = ()
    directives: tuple[Line, ...] = ()
    warnings: tuple[Line, ...] = ()
    state: str = "draft"
    standing_issue: Issue | None = None


def directive(label: str) -> Line:
    values = {
        "label": label,
        "text": "限期办结",
        "post_level": "city",
    }
    values |= {"unit": "清溪区住房和建设局", "given_on": sample.DAY - timedelta(days=9)}
    return Line(values | {"due_on": sample.DAY + timedelta(days=2), "age_days": 9, "days_left": 2})


def crowded() -> DailyBrief:
    """A day on which every list is long, every name too, and every notice is due."""
    many = lambda lines, times: tuple(lines) * times  # noqa: E731
    brief = sample.brief()
    long = "云溪市清溪区望江街道办事处社会治安综合治理中心矛盾纠纷联合调处办公室"
    longer = tuple(replace(line, values={**line.values, "unit": long}) for line in brief.deadlines_by_unit)
    return replace(
        brief,
        notices=(*brief.notices, Sentence("notice.short_history", {"weeks": 3}), *brief.notices),
        major=many(brief.major, 5),
        deadlines_by_unit=many(longer, 4),
        leader_cases=many(brief.leader_cases, 6),
        coordination_lines=many(brief.coordination_lines, 6),
        places=many(brief.places[:1], 9),
        tomorrow=many(brief.tomorrow, 3),
    )


BRIEFS = {"usual": sample.brief, "crowded": crowded}


def headings(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Heading)]


@pytest.fixture(scope="module")
def town_brief(town_site: Site) -> Callable[..., DailyBrief]:
    mart, day = open_mart(town_site.mart_folder), date(2026, 11, 20)

    def ask(area_code: str | None = None) -> DailyBrief:
        return daily_brief(mart, Scope(None, "office"), day, calendar=build_calendar(), area_code=area_code)

    return ask


# --- what it says -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_sections_stand_in_the_customary_order(language: str) -> None:
    document = daily_document(sample.brief(), language)
    assert headings(document) == [words.say(f"paper.daily.{name}", language) for name in SECTIONS]
    assert [type(block) for block in document.blocks].count(Annex) == 1


def test_it_says_what_left_its_range_where_and_of_what() -> None:
    said = daily_text(sample.brief(), "zh")
    assert "新增86件，高于预期上限75件。" in said
    assert "望江街道新增31件，高于预期上限19件。" in said
    assert "较前一日升41.0%，较上周同日升48.3%。" in said
    assert "尚未报数的来源：petition\\_desk。" in said


def test_a_brief_that_is_not_issued_is_marked_as_a_draft_and_an_issued_one_has_its_number() -> None:
    brief = sample.brief()
    assert daily_document(brief, "zh").mark == "草稿 · 未签发"
    assert daily_document(brief, "zh", Follow(state="reviewed")).mark == "已审核 · 未签发"
    assert daily_document(brief, "zh", Follow(state="issued", standing_issue=Issue(31))).mark == "第31期"
    assert daily_document(brief, "en", Follow(standing_issue=Issue(31))).mark == "No. 31"


def test_warnings_issued_stand_before_what_left_its_range() -> None:
    values = {
        "area": "东街", "kind": "petition", "category": "土地", "level_code": "II", "observed": 14, "lower": 4, "upper": 9,
        "window_days": 7, "is_waiting": True, "due_on": sample.DAY, "overdue_days": 0, "state": "opened", "handling": "none", "outcome": None,
    }  # fmt: skip
    follow = Follow(warnings=tuple(Line(values | {"area": f"东{n}街"}) for n in range(6)))
    said = daily_text_with(follow)
    assert "Ⅱ橙：东0街信访事项（土地）近7天14件，预期4～9件；待核实" in said
    assert "东5街" not in said
    whole = daily_document(sample.brief(), "en", follow)
    assert any("东5街" in item for block in whole.blocks if isinstance(block, Bullets) for item in block.items)


def test_it_looks_back_first_and_lists_open_directives_with_their_age() -> None:
    follow = Follow(said=(Sentence("brief.whole_city"),), directives=tuple(directive(f"事项{n}") for n in range(5)))
    said = daily_text_with(follow)
    assert said.index("全市") < said.index("新增86件")
    assert "待办结批示：事项2（市级11月11日批示，清溪区住房和建设局办理，时限11月22日，已9天）。" in said
    assert "事项3" not in said
    assert "另有2项，见附件。" in said


def daily_text_with(follow: Follow) -> str:
    document = daily_document(sample.brief(), "zh", follow)
    return paper.render(replace(document, head=()), "md").decode().partition("---\n")[0]


def test_who_compiled_it_stays_visibly_open_until_it_is_given() -> None:
    assert daily_document(sample.brief(), "zh").foot[-1] == "编报单位：＿＿＿＿＿＿＿＿"
    assert daily_document(sample.brief(), "zh", issuer="市综治中心").foot[-1] == "编报单位：市综治中心"


def test_a_day_without_records_is_a_paper_too() -> None:
    brief = sample.brief(series=sample.series().head(0), notices=(Sentence("notice.no_records", {"day": sample.DAY}),))
    for language in ("zh", "en"):
        document = daily_document(brief, language)
        assert len(document.blocks) == 1
        assert paper.render(document, "pdf")


def test_unknown_deadlines_are_another_thing_than_nothing_due() -> None:
    missing = Sentence("brief.whole_city")
    figures = tuple(replace(one, value=None, missing=missing) for one in sample.brief().deadlines)
    document = daily_document(sample.brief(deadlines=figures, deadlines_by_unit=()), "zh")
    place = headings(document).index("到期与超期")
    assert place
    assert words.tell(missing, "zh") in paper.render(document, "md").decode()


def test_numbers_in_the_annex_are_numbers() -> None:
    document = daily_document(sample.brief(), "zh")
    figures = next(block for block in document.tables if block.caption == "主要指标")
    assert [row[1] for row in figures.rows][:4] == [Number(86), Number(55), Number(1247), Number(38)]
    rates = next(block for block in document.tables if block.caption == "办理质效")
    assert rates.rows[0][1] == Number(92.14, "pct")
    assert rates.rows[4][1] is None


# --- one page -----------------------------------------------------------------------------------------------------------------


def first_page_is_whole(file: bytes, language: str) -> bool:
    """Whether the annex begins on the second page and the foot stands on the first."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file)).pages]
    issuer = words.say("paper.daily.foot_issuer", language, issuer="").strip()[:4]
    label = words.say("paper.annex.one", language)
    return issuer in pages[0] and pages[1].strip().startswith((label, "— 2 —"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", BRIEFS)
def test_the_brief_itself_is_one_page(name: str, language: str) -> None:
    follow = Follow(directives=tuple(directive(f"事项{n}") for n in range(2)))
    document = daily_document(BRIEFS[name](), language, follow, issuer="云溪市社会治安综合治理中心")
    assert first_page_is_whole(paper.render(document, "pdf"), language)


def test_the_brief_of_the_town_is_one_page(town_brief: Callable[..., DailyBrief]) -> None:
    for language in ("zh", "en"):
        assert first_page_is_whole(paper.render(daily_document(town_brief(), language), "pdf"), language)


def test_the_word_file_is_one_page_too(office: Callable[..., list[bytes]]) -> None:
    cases = [(name, language) for name in BRIEFS for language in ("zh", "en")]
    files = [paper.render(daily_document(BRIEFS[name](), language), "docx") for name, language in cases]
    for (name, language), printed in zip(cases, office(*files), strict=True):
        assert first_page_is_whole(printed, language), name


def test_every_row_that_does_not_fit_stands_in_the_annex() -> None:
    document = daily_document(crowded(), "zh")
    cut = next(place for place, block in enumerate(document.blocks) if isinstance(block, Annex))
    first = [block for block in document.blocks[:cut] if isinstance(block, Table)]
    annex = {row for block in document.blocks[cut:] if isinstance(block, Table) for row in block.rows}
    assert all(len(table.rows) <= 5 for table in first)
    whole = {tuple(str(cell) for cell in row) for row in annex}
    assert all(any(set(map(str, row)) <= set(one) for one in whole) for table in first for row in table.rows)
    assert len(document.tables[-2].rows) == len(crowded().coordination_lines)


# --- privacy ------------------------------------------------------------------------------------------------------------------


def text_of(form: str, made: bytes) -> str:
    if form == "pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    if form == "docx":
        file = read_file(io.BytesIO(made))
        cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(one.text for one in file.paragraphs), *cells])
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(made)) as file:
            return file.read("xl/sharedStrings.xml").decode()
    return re.sub(r"<svg.*?</svg>", "", made.decode(), flags=re.S)


@pytest.mark.parametrize("form", paper.FORMS)
def test_nothing_personal_is_in_any_form(form: str, town_brief: Callable[..., DailyBrief]) -> None:
    said = text_of(form, paper.render(daily_document(town_brief(), "zh"), form))
    assert "平安稳定信息专报" in said
    assert not PERSONAL.search(said)
    for word in ("身份证", "联系电话", "当事人", "姓名", "住址"):
        assert word not in said


def test_below_a_street_places_are_widened_and_small_counts_hidden() -> None:
    places = tuple(
        Line({**line.values, "area": f"{line.values['area']}社区", "new": new, "is_below_street": True})
        for line, new in zip(sample.brief().places, (31, 18, 3, 13, 2), strict=True)
    )
    near = Line({**sample.brief().major[0].values, "area": "近处社区", "people": 42})
    headline = tuple(
        replace(one, values={**one.values, "area": "近处社区"}) if one.key == "brief.headline.major" else one
        for one in sample.brief().headline
    )
    brief = sample.brief(
        places=places, major=(near,), headline=headline, area_code="s", area_name="望江街道", street="望江街道"
    )
    document = daily_document(brief, "zh")
    said = paper.render(document, "md").decode()
    assert "近处社区" not in said
    table = next(one for one in document.tables if one.caption == "分区域情况")
    assert [row[1] for row in table.rows] == [31, 18, None, 13, None]
    assert "近处社区" not in json.dumps(brief_record(replace(brief, headline=())), ensure_ascii=False)


# --- the record ---------------------------------------------------------------------------------------------------------------


def test_the_record_says_which_brief_of_which_day() -> None:
    record = brief_record(sample.brief())
    assert (record["brief"], record["as_of"], record["day"]) == ("daily", "2026-11-20", "2026-11-20")
    assert record["flows"][0]["value"] == 86
    assert record["series"][0]["day"].startswith("2026-")
    assert "is_below_street" not in record
    assert json.loads(json.dumps(record)) == record


def test_a_brief_that_nothing_says_how_to_export_has_no_record() -> None:
    with pytest.raises(TypeError, match="nothing says how"):
        brief_record(object())
