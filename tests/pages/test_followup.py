"""On the page a brief looks back, takes words and directives from those who may, and is drafted, edited, reviewed, issued and withdrawn."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.briefs import DailyBrief
from data import issuing
from data.desk import open_desk
from data.errors import Refused
from data.issuing import BriefKey, Step
from data.scope import ROLES
from pages import paper
from pages.paper import edits
from pages.paper.document import Blank, Bullets, Document, Heading, Paragraph, Table, Words, from_json, to_json
from pages.paper.numbering import numbered, signed
from pages.ui import issuing_acts, load, words
from pages.ui.links import Chosen

Open = Callable[..., AppTest]
AT = datetime(2026, 11, 21, 8, 5)
DAY = date(2026, 11, 20)
_BRIEFS: dict[tuple, DailyBrief] = {}  # computed once for all tests here
MOBILE = "打138" + "00138000"


@pytest.fixture
def own_desk(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[issuing.keys.Desk]:
    """A desk of this test's own, beside the shared town; a paper is a few bytes here, and each brief is computed once."""
    monkeypatch.setenv("XIANSHOU_DESK_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    monkeypatch.setattr(paper, "render", lambda document, form, **_more: f"{form}: {to_json(document)}".encode())
    real = load.daily_brief

    def brief_once(chosen: Chosen) -> DailyBrief:
        key = (chosen.day, chosen.area_code, chosen.kind, load.mart().version, load.site().actor.scope)
        if key not in _BRIEFS:
            _BRIEFS[key] = real(chosen)
        return _BRIEFS[key]

    monkeypatch.setattr(load, "daily_brief", brief_once)
    opened = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    yield opened
    opened.close()


def button(at: AppTest, key: str) -> object:
    return next(one for one in at.button if one.key == key)


def press(at: AppTest, key: str) -> AppTest:
    button(at, key).click().run()
    assert not at.exception
    return at


def submit(at: AppTest, label: str) -> AppTest:
    next(one for one in at.button if one.label == label).click().run()
    assert not at.exception
    return at


def unfold(at: AppTest, *keys: str) -> AppTest:
    for key in keys:
        at.session_state[key] = True
    at.run()
    assert not at.exception
    return at


def say(key: str, **values: object) -> str:
    return words.say(key, "zh", **values)


# --- for every role, in both languages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "language"), [*((role, "zh") for role in ROLES), ("office", "en"), ("leader", "en")])
def test_every_role_sees_what_it_may_do_and_no_more(
    open_page: Open, town_link: dict, own_desk: object, role: str, language: str
) -> None:
    at = open_page("daily_brief", role=role, lang=language, **town_link)
    assert words.say("issue.section", language) in shown(at)
    keys = {one.key for one in at.button}
    assert ("make_draft" in keys) == (role in ("office", "admin"))
    folded = {one.label for one in at.expander}
    assert (words.say("followup.give", language) in folded) == (role == "leader")


def test_the_look_back_stands_between_the_headline_and_the_sections(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    page = shown(open_page("daily_brief", **town_link))
    assert page.index("xs-headline") < page.index("xs-lookback") < page.index(say("page.daily_brief.section.major"))


def test_who_sees_parts_of_the_city_can_record_nothing_about_the_whole(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    assert say("issue.section") in shown(open_page("daily_brief", **town_link))
    at = open_page("daily_brief", areas=",".join(_districts()[:2]), **town_link)
    assert say("issue.section") not in shown(at)


def _districts() -> list[str]:
    from data import queries

    tree = queries.read_areas(load.mart(), load.site().actor.scope)
    return tree.loc[tree["level_code"] == "district", "area_code"].to_list()


def test_an_opening_is_counted_once_a_visit_by_role(open_page: Open, town_link: dict, own_desk: object) -> None:
    at = open_page("daily_brief", role="leader", **town_link)
    at.run()
    open_page("daily_brief", role="leader", **town_link)
    found = issuing.count_openings(own_desk, BriefKey("daily", DAY))
    assert found[["role", "opened"]].to_numpy().tolist() == [["leader", 2]]
    assert say("issue.opened_by", role=say("frame.role.leader"), count=2) in shown(
        open_page("daily_brief", role="office", **town_link)
    )


# --- from draft to issue ------------------------------------------------------------------------------------------------------------


def test_a_brief_is_drafted_edited_reviewed_issued_withdrawn_and_corrected(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    """The whole way, as an editor clicks it."""
    key = BriefKey("daily", DAY)
    at = press(open_page("daily_brief", **town_link), "make_draft")
    assert issuing.state_of(own_desk, key) == "draft"
    unfold(at, "edit_draft")
    field = next(one for one in at.text_area if one.value.startswith("无") or len(one.value) > 5)
    before = field.value
    field.set_value(before + "请各街道于周五前反馈。")
    submit(at, say("issue.save"))
    step = issuing.last_step(own_desk, key)
    assert "请各街道于周五前反馈" in step.document
    assert "请各街道于周五前反馈" not in step.composed

    unfold(at, "edits")
    assert "请各街道于周五前反馈" in shown(at)
    press(at, "review")
    assert issuing.state_of(own_desk, key) == "reviewed"
    press(at, "issue")
    (issued,) = issuing.list_issued(own_desk)
    assert (issued.number, issued.forms) == (1, tuple(sorted(issuing_acts.FROZEN)))
    frozen = issuing.read_issued(own_desk, issued.issued_id)
    assert from_json(frozen.document).mark == say("issue.number", number=1)
    assert issued.version == load.mart().version
    assert say("issue.late.none") in shown(at)

    unfold(at, "issued_copies")
    assert say("issue.number_of_year", year=issued.year, number=1) in shown(at)
    assert len([one for one in at.get("download_button") if "issued_" in one.proto.id]) == len(issuing_acts.FROZEN)
    content = issuing_acts.file_of(issued, "pdf")
    assert issuing.sha256(content) == issuing.read_file(own_desk, issued.issued_id, "pdf").sha256

    unfold(at, "withdraw_brief")
    at.text_input(key="withdrawal_reason").set_value("漏列一个街道")
    submit(at, say("issue.withdraw_now"))
    assert issuing.state_of(own_desk, key) == "withdrawn"
    for step_ in ("make_draft", "review", "issue"):
        press(at, step_)
    newest, oldest = issuing.list_issued(own_desk)
    assert (newest.number, newest.replaces, oldest.is_withdrawn) == (2, oldest.issued_id, True)
    assert (
        say("issue.corrects", year=oldest.year, number=1) in from_json(issuing.read_issued(own_desk, 2).document).mark
    )


def test_personal_data_typed_into_a_draft_is_refused_on_the_spot(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    at = press(open_page("daily_brief", **town_link), "make_draft")
    unfold(at, "edit_draft")
    at.text_area[0].set_value(MOBILE)
    submit(at, say("issue.save"))
    assert [one.value for one in at.error] == [say("errors.desk.personal_text.mobile")]
    assert len(issuing.read_steps(own_desk, BriefKey("daily", DAY))) == 1


def test_a_brief_that_somebody_else_changed_meanwhile_is_not_written_over(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    at = press(open_page("daily_brief", **town_link), "make_draft")
    step = issuing.last_step(own_desk, BriefKey("daily", DAY))
    issuing_acts.edit(BriefKey("daily", DAY), step, {})
    with pytest.raises(Refused, match="moved_on"):
        issuing_acts.edit(BriefKey("daily", DAY), step, {})
    assert at


def test_a_number_taken_while_printing_is_printed_anew(
    open_page: Open, town_link: dict, own_desk: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = press(press(open_page("daily_brief", **town_link), "make_draft"), "review")
    actor, key = load.site().actor, BriefKey("daily", DAY)
    real, calls = issuing.next_number, []

    def and_another_takes_it(desk: object, kind: str, moment: datetime) -> int:
        number = real(desk, kind, moment)
        if not calls:
            other = BriefKey("daily", DAY, "other")
            issuing.save_draft(desk, other, "{}", actor, moment)
            issuing.review(desk, other, actor, moment)
            more = {"document": "{}", "record": "{}", "files": {}, "version": "v", "known_at": moment}
            issuing.issue(desk, other, actor=actor, at=moment, **more)
        calls.append(number)
        return number

    monkeypatch.setattr(issuing, "next_number", and_another_takes_it)
    press(at, "issue")
    assert calls == [1, 2]
    assert next(one for one in issuing.list_issued(own_desk) if one.key == key).number == 2


# --- directives and words -----------------------------------------------------------------------------------------------------------


def test_a_leader_gives_a_directive_and_the_office_records_its_outcome(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    at = unfold(open_page("daily_brief", role="leader", **town_link), "give_directive")
    at.text_area(key="directive_text_0").set_value("请住建局牵头，三日内到现场研究。")
    at.selectbox(key="directive_item").set_value("brief")
    submit(at, say("followup.give_now"))
    assert "三日内到现场研究" in shown(at)
    (given,) = issuing.list_directives(own_desk, DAY)
    assert (given.item_key, given.as_of) == ("brief", DAY)

    later = open_page("daily_brief", role="community", home=town_link["home"], day="2026-11-20", kind="petition")
    assert "三日内到现场研究" in shown(later)
    office = unfold(open_page("daily_brief", role="office", **town_link), "close_directive")
    office.text_area(key="outcome_text").set_value("已现场协调，达成一致。")
    submit(office, say("followup.close_now"))
    assert issuing.list_directives(own_desk, load.site().now().date())[0].outcome == "已现场协调，达成一致。"


def test_a_directive_with_personal_data_is_refused_on_the_spot(
    open_page: Open, town_link: dict, own_desk: object
) -> None:
    at = unfold(open_page("daily_brief", role="leader", **town_link), "give_directive")
    at.text_area(key="directive_text_0").set_value(MOBILE)
    submit(at, say("followup.give_now"))
    assert [one.value for one in at.error] == [say("errors.desk.personal_text.mobile")]
    assert issuing.list_directives(own_desk, DAY) == ()


WORDS_PAGE = """
from datetime import date
from data.issuing import BriefKey
from pages.ui import followup
from pages.ui.links import Chosen
followup.show_words(BriefKey("monthly", date(2026, 11, 1), {area!r}), "causes", "原因分析", Chosen(date(2026, 11, 20)))
"""


@pytest.fixture
def words_page(monkeypatch: pytest.MonkeyPatch, tmp_path, own_desk: object) -> Callable[..., AppTest]:
    def run(role: str, areas: str = "", area: str | None = None) -> AppTest:
        monkeypatch.setenv("XIANSHOU_HOME", str(tmp_path))
        monkeypatch.setenv("XIANSHOU_ROLE", role)
        monkeypatch.setenv("XIANSHOU_AREAS", areas)
        at = AppTest.from_string(WORDS_PAGE.format(area=area), default_timeout=30).run()
        assert not at.exception
        return at

    return run


@pytest.mark.parametrize("role", ROLES)
def test_words_nobody_wrote_are_visibly_empty_for_every_role(words_page: Callable, role: str) -> None:
    at = words_page(role)
    assert say("followup.blank", prompt="原因分析") in shown(at)
    assert bool(at.expander) == (role in ("office", "admin"))


def test_words_are_saved_shown_with_their_post_and_their_history(words_page: Callable, own_desk: object) -> None:
    at = words_page("office")
    for written in ("雨季渗漏集中", "雨季渗漏集中，物业维修不及时"):
        unfold(at, "words_monthly_causes")
        at.text_area[0].set_value(written)
        submit(at, say("followup.save_words"))
    page = shown(at)
    assert "物业维修不及时" in page
    assert say("page.daily_brief.unverified") in page
    assert page.count("雨季渗漏集中") == 3  # what stands, and both writings
    assert say("followup.blank", prompt="原因分析") not in shown(words_page("auditor"))
    assert "物业维修不及时" in shown(words_page("auditor"))


def test_words_of_the_whole_city_are_not_shown_to_who_sees_parts(words_page: Callable, own_desk: object) -> None:
    at = words_page("office")
    issuing_acts.save_words(BriefKey("monthly", date(2026, 11, 1)), "causes", "全市的话")
    assert at
    assert "全市的话" not in shown(words_page("office", areas="A1"))


# --- edits ----------------------------------------------------------------------------------------------------------------------------

COMPOSED = Document(
    "日报", blocks=(Heading(1, "概览"), Paragraph("新增12件。"), Table("表", (), ()), Bullets(("一", "二")), Heading(1, "原因"), Blank("causes", "请写原因")),
    foot=("编报单位：",), as_of=DAY,
)  # fmt: skip


def step(number: int, composed: Document, edited: Document, state: str = "draft", post: str = "duty desk") -> Step:
    return Step(number, state, to_json(composed), to_json(edited), "{}", "v1", AT, None, post, False, AT)


def test_only_running_text_lists_words_and_the_foot_can_be_edited() -> None:
    places = {one.place: (one.section, one.text) for one in edits.passages(COMPOSED)}
    assert places == {1: ("概览", "新增12件。"), 3: ("概览", "一\n二"), 5: ("原因", ""), 6: ("", "编报单位：")}
    with pytest.raises(ValueError, match="Table cannot"):
        edits.with_texts(COMPOSED, {2: "x"})


def test_edits_change_their_places_and_nothing_else() -> None:
    edited = edits.with_texts(COMPOSED, {1: " 新增12件，平稳。 ", 3: "一\n\n 三", 5: "雨季", 6: "编报单位：综治中心"})
    assert edited.blocks[1] == Paragraph("新增12件，平稳。")
    assert edited.blocks[3] == Bullets(("一", "三"))
    assert edited.blocks[5] == Words("causes", "雨季")
    assert edited.foot == ("编报单位：综治中心",)
    assert (edited.blocks[0], edited.blocks[2]) == (COMPOSED.blocks[0], COMPOSED.blocks[2])
    assert from_json(to_json(edited)) == edited
    first, *_ = edits.changes(COMPOSED, edited)
    assert (first.section, first.before, first.after) == ("概览", "新增12件。", "新增12件，平稳。")


def test_the_history_of_edits_says_who_changed_what() -> None:
    first = edits.with_texts(COMPOSED, {1: "新增12件，平稳。"})
    second = edits.with_texts(first, {5: "雨季"})
    told = edits.history(
        (
            step(1, COMPOSED, COMPOSED),
            step(2, COMPOSED, first),
            step(3, COMPOSED, second, post="editor"),
            step(4, COMPOSED, second, "reviewed"),
        )
    )
    assert [(one.post, one.change.before, one.change.after) for one in told] == [
        ("duty desk", "新增12件。", "新增12件，平稳。"),
        ("editor", "", "雨季"),
    ]


def test_edits_that_still_fit_are_carried_over_to_later_figures() -> None:
    edited = edits.with_texts(COMPOSED, {1: "新增12件，平稳。", 3: "一\n三", 5: "雨季"})
    blocks = (Paragraph("数据在补录。"), *COMPOSED.blocks[:1], Paragraph("新增13件。"), *COMPOSED.blocks[2:])
    anew = Document("日报", blocks=blocks, foot=COMPOSED.foot, as_of=DAY)
    kept = edits.carried_over(COMPOSED, edited, anew)
    assert kept.blocks[2] == Paragraph("新增13件。")  # the figure moved: the old sentence would be false
    assert kept.blocks[4] == Bullets(("一", "三"))
    assert kept.blocks[6] == Words("causes", "雨季")
    again = edits.history((step(1, COMPOSED, edited), step(2, anew, kept)))
    assert len(again) == 3  # carrying over is no edit


def test_the_number_takes_the_place_of_the_state() -> None:
    draft = Document("日报", subtitle="2026年11月", mark=say("paper.state.draft"), name="日报-20日")
    earlier = SimpleNamespace(year=2026, number=11)
    issued = numbered(draft, 12, earlier)
    assert issued.mark == say("issue.number", number=12) + say("issue.corrects", year=2026, number=11)
    assert (issued.subtitle, issued.name) == ("2026年11月", "日报-20日-012")


def test_an_issue_is_signed_and_dated_at_its_end_a_draft_is_not() -> None:
    draft = Document("周调度", blocks=(Paragraph("总体平稳。"),), foot=("口径",), as_of=DAY)
    issued = signed(draft, "Street office", date(2026, 11, 22))
    assert issued.signed == ("Street office", "2026年11月22日")
    for form in ("md", "html", "docx", "xlsx"):
        made = paper.render(issued, form)
        text = made.decode() if form in ("md", "html") else _unzipped(made)
        assert text.count("2026年11月22日") == 2, form  # the signature, and the imprint with 印发
        assert "2026年11月22日印发" in text, form
        unsigned = paper.render(draft, form)
        assert "11月22日" not in (unsigned.decode() if form in ("md", "html") else _unzipped(unsigned))
    assert signed(draft, "unassigned", date(2026, 11, 22)).signed[0] == say("paper.daily.issuer_blank")


def test_a_brief_of_one_page_names_its_issuer_in_its_foot_alone() -> None:
    daily = Document("日报", layout="compact", as_of=DAY)
    assert signed(daily, "Street office", date(2026, 11, 22)) == daily


def _unzipped(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
