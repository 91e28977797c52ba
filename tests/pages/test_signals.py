"""The signals page: what stands first, each signal opened, the form of the steps, filters in the link, the printed tasks."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import signal_sample as sample
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.figures import Line, Sentence
from analytics.warnings.answer import SignalDetail, SignalList
from data import handling
from data.boundaries import parse_boundaries
from data.desk import Desk, open_desk
from data.handling.ledger import STATE
from data.intake.personal import find_personal
from data.scope import ROLES, Actor, Scope
from pages import paper
from pages.paper.signals import tasks_document
from pages.ui import charts, words
from pages.ui.links import Chosen
from pages.ui.load import signals as load
from pages.ui.signals import state_of
from pages.ui.signals_parts import badge, group_of, p_said, tasks_of

Open = Callable[..., AppTest]
Told = Callable[..., None]
PAGE = "signals"
KEY = "E-20261120-01"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Lets the page answer with one list and one signal, whatever the store holds."""

    def answer(found: SignalList | None = None, detail: SignalDetail | None = None) -> None:
        monkeypatch.setattr(load, "signal_list", lambda chosen: found or sample.signals())
        monkeypatch.setattr(load, "signal_detail", lambda chosen, key: detail)

    return answer


def _text(page: str) -> str:
    return re.sub(r"<[^>]*>", "\n", page)


# --- what stands first ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_the_list_opens_for_every_role(open_page: Open, town_link: dict, told: Told, role: str, language: str) -> None:
    told()
    page = shown(open_page(PAGE, role=role, lang=language, **town_link))
    assert page.index("xs-headline") < page.index("xs-figures") < page.index("xs-signals")
    assert [line for line in _text(page).splitlines() if line.strip() and find_personal(line)] == []
    assert words.say("page.signals.internal", language) in page, "the levels are said to be internal"


def test_the_most_pressing_stands_first_and_says_why(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    first = page[page.index("<article") : page.index("</article>")]
    assert "望江街道 · 劳资纠纷" in first
    assert "近7天14件，预期4～9件；来自3个渠道；为2026年3月12日以来最高。" in first
    assert words.say("page.signals.next_due", "zh", step="核实", day=sample.DAY + timedelta(days=1)) in first


def test_a_level_is_word_shape_and_colour() -> None:
    for code in ("I", "II", "III", "IV"):
        said = badge(code, "zh")
        assert words.name("signal_level", code, "zh") in said
        assert f"xs-level-{code}" in said
        assert "aria-hidden" in said


@pytest.mark.parametrize("language", words.languages)
def test_an_older_detection_is_the_headline_and_nothing_is_called_normal(
    open_page: Open, town_link: dict, told: Told, language: str
) -> None:
    late = sample.signals(detection=sample.detection(is_earlier=True), items=(), overdue=())
    told(late)
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert page.index("xs-loud") < page.index("xs-headline")
    assert state_of(late) == "unknown"


def test_a_day_played_through_afterwards_says_what_would_have_been_raised(
    open_page: Open, town_link: dict, told: Told
) -> None:
    before = sample.DAY - timedelta(days=3)
    found = sample.signals(headline=(), notices=(Sentence("signals.notice.replayed", {"day": before}),), rules=(),
                           detection=sample.detection(as_of=before, is_earlier=True))  # fmt: skip
    told(found)
    page = shown(open_page(PAGE, **town_link))
    assert words.say("page.signals.replayed", "zh", count=len(found.items)) in page
    assert words.say("page.signals.loud.between", "zh", day=before) in page
    assert words.say("page.signals.none.rules_replayed", "zh") in page
    assert "xs-loud" not in page


def test_what_left_the_list_unverified_stays_on_it(open_page: Open, town_link: dict, told: Told) -> None:
    late = sample.item("E-20261101-09", state="closed", overdue_days=12, is_new=False)
    told(sample.signals(overdue=(late,)))
    page = shown(open_page(PAGE, **town_link, state="overdue"))
    assert late.key in page
    assert page.count("<article") == 2


def test_why_a_detection_failed_is_said(open_page: Open, town_link: dict, told: Told) -> None:
    why = Sentence("page.signals.none.detection")
    told(sample.signals(detection=sample.detection(failure=why)))
    assert words.tell(why, "zh") in shown(open_page(PAGE, **town_link))


@pytest.mark.parametrize("language", words.languages)
def test_without_a_detection_it_says_what_to_run(open_page: Open, town_link: dict, told: Told, language: str) -> None:
    nothing = sample.signals(detection=None, items=(), headline=(), rules=(), clusters=(), digest=0)
    told(nothing)
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert words.say("page.signals.none.detection", language) in page
    assert "xianshou refresh" in page
    told(replace(nothing, first_day=nothing.day + timedelta(days=3)))
    page = shown(open_page(PAGE, lang=language, **town_link))
    assert words.say("page.signals.none.detection", language) not in page
    assert f"day={nothing.day + timedelta(days=3)}" in page


@pytest.mark.parametrize("language", words.languages)
def test_a_quiet_day_says_so(open_page: Open, town_link: dict, told: Told, language: str) -> None:
    quiet = sample.signals(items=(), headline=(), rules=(), clusters=(), digest=0, digest_items=(), overdue=(), record=(), grey=(),
                           places=(), alert_places=sample.signals().alert_places.iloc[:0])  # fmt: skip
    told(quiet)
    assert state_of(quiet) == "normal"
    page = shown(open_page(PAGE, lang=language, **town_link))
    for name in ("headline", "list", "rules", "record", "places"):
        assert words.say(f"page.signals.none.{name}", language) in page


def test_the_days_numbers_are_those_of_the_list(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    found = re.findall(r'xs-name">([^<]+)</div><div class="xs-value[^"]*">(?:<a[^>]*>)?([\d,]+)', page)
    named = {
        words.say(f"page.signals.figure.{name}", "zh"): name for name in ("new", "open", "overdue", "places", "judged")
    }
    assert {named[title]: number for title, number in found if title in named} == {
        "new": "1", "open": "3", "overdue": "1", "places": "4", "judged": "950"
    }  # fmt: skip
    assert words.say("page.signals.figure.grey", "zh", count=1) in page


def test_what_the_budget_left_over_is_counted(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    assert words.say("page.signals.digest_budget", "zh", count=4, budget=6) in page


# --- filters -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "count"),
    [({"level": "II"}, 1), ({"state": "verify"}, 2), ({"state": "overdue"}, 1), ({"level": "I", "state": "overdue"}, 0),
     ({"level": "V", "state": "lost"}, 5)],
)  # fmt: skip
def test_filters_stand_in_the_link(open_page: Open, town_link: dict, told: Told, link: dict, count: int) -> None:
    told()
    page = shown(open_page(PAGE, **town_link, **link))
    assert page.count("<article") == count
    assert (words.say("page.signals.none.narrowed", "zh") in page) == (count == 0)


def test_a_filter_says_how_many_it_would_leave(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    for level in ("I", "II", "III", "IV"):
        named = words.name("signal_level", level, "zh")
        count = sum(item.level_code == level for item in sample.items())
        assert f"{named} {count}</a>" in page


def test_what_was_never_issued_waits_for_nobody() -> None:
    groups = [group_of(item) for item in sample.items()]
    assert groups == ["verify", "verify", "in_hand", "settled", "unissued"]


def test_a_rule_narrows_the_matches(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link, rule="due_soon"))
    rules = page[page.index(words.say("page.signals.section.rules", "zh")) :]
    lines = rules[rules.index("xs-rules") : rules.index("</ul>")]
    assert lines.count("<li>") == 1
    assert "behind=due" in lines, "the line opens its matters"


# --- one signal opened -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_a_signal_opens_for_every_role(open_page: Open, town_link: dict, told: Told, role: str, language: str) -> None:
    told(detail=sample.detail(may_handle=role in ("office", "admin")))
    at = open_page(PAGE, role=role, lang=language, **town_link, signal=KEY)
    page = shown(at)
    for name in ("handling", "series", "why", "around", "similar", "ledger"):
        assert words.say(f"page.signals.section.{name}", language) in page
    assert len(at.get("plotly_chart")) == 2
    may_not = words.say("page.signals.do.may_not", language)
    assert (may_not in page) == (role not in ("office", "admin"))


def test_the_count_opens_the_matters_behind(open_page: Open, town_link: dict, told: Told) -> None:
    told(detail=sample.detail())
    page = shown(open_page(PAGE, **town_link, signal=KEY))
    assert re.search(r"behind=new&amp;[^\"]*from=2026-11-14&amp;to=2026-11-20[^\"]*of_area=999901001", page)


def test_the_level_is_the_product_of_its_points(open_page: Open, town_link: dict, told: Told) -> None:
    told(detail=sample.detail())
    page = shown(open_page(PAGE, **town_link, signal=KEY))
    assert words.say("page.signals.level_sum", "zh", written="3 × 2 × 2", product=12, level="Ⅰ红") in page
    assert words.say("page.signals.point_from", "zh", points=3, value=6.0) in page


def test_a_signal_that_is_not_there_is_said_with_the_way_back(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    for language in words.languages:
        page = shown(open_page(PAGE, lang=language, **town_link, signal="E-19990101-01"))
        assert words.say("page.signals.none.gone", language) in page


def test_small_numbers_are_not_drawn(open_page: Open, town_link: dict, told: Told) -> None:
    small = sample.item(
        observed=None, expected=None, lower=None, upper=None, selection=None, said=(), is_suppressed=True
    )
    told(detail=sample.detail(item=small))
    at = open_page(PAGE, **town_link, signal=KEY)
    assert len(at.get("plotly_chart")) == 0
    assert words.say("page.signals.suppressed", "zh") in shown(at)
    assert words.say("page.signals.figure.sources", "zh") not in shown(at), (
        "as many sources are at least as many matters"
    )


def test_a_blank_is_not_called_nothing_where_small_counts_are_left_out(
    open_page: Open, town_link: dict, told: Told
) -> None:
    place = sample.node("community", "999901001901", "松竹社区")
    told(detail=sample.detail(item=sample.item(node=place)))
    for role in ROLES:
        masked = words.say("page.signals.text.masked", "zh") in shown(
            open_page(PAGE, role=role, **town_link, signal=KEY)
        )
        assert masked == (role not in ("office", "community"))


def test_a_course_of_a_node_without_history_is_said(open_page: Open, town_link: dict, told: Told) -> None:
    told(detail=sample.detail(daily=sample.course("day", 90).iloc[:0], weekly=sample.course("week", 104).iloc[:1]))
    page = shown(open_page(PAGE, **town_link, signal=KEY))
    assert page.count(words.say("page.signals.none.series", "zh")) == 2


def test_tags_and_formulas_of_others_stay_text(open_page: Open, town_link: dict, told: Told) -> None:
    step = sample.detail().steps[0]
    evil = type(step)({**step.values, "reason": "<img src=x onerror=alert(1)>"})
    told(detail=sample.detail(steps=(evil,)))
    assert "<img" not in shown(open_page(PAGE, **town_link, signal=KEY))


# --- steps ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A desk of this test's own beside the shared town, on which the signal of the sample was issued."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    monkeypatch.setenv("XIANSHOU_DESK_URL", url)
    opened = open_desk(url)
    place = sample.node()
    state = dict.fromkeys(STATE) | {"level": place.level, "area_code": place.area_code, "kind": place.kind, "category_code": place.category_code,
                                    "path": (place.area_code, "999901", "9999"), "tier": "found", "state": "open", "level_alarmed": "I",
                                    "opened_on": sample.DAY, "issued_on": sample.DAY}  # fmt: skip
    events = pd.DataFrame(
        [{**state, "episode": "new-1", "event": "opened", "as_of": sample.DAY, "observed": 14}], dtype=object
    )
    at = datetime(2026, 11, 21, 6)
    given = handling.issue(opened, events, version="v1", known_at=at, actor=Actor("desk", Scope()), at=at)
    assert list(given.values()) == [KEY]
    yield opened
    opened.close()


def _opened(at: AppTest, *expanders: str) -> AppTest:
    for name in expanders:
        at.session_state[name] = True
    at.run()
    assert not at.exception
    return at


def _by_key(elements: object, start: str) -> object:
    return next(one for one in elements if one.key and one.key.startswith(start))


def _submit(at: AppTest, label: str) -> AppTest:
    next(one for one in at.button if one.label == label).click().run()
    assert not at.exception
    return at


@pytest.mark.parametrize("language", words.languages)
def test_a_step_is_recorded_with_its_reason(
    open_page: Open, town_link: dict, told: Told, ledger: Desk, language: str
) -> None:
    told(detail=sample.detail(steps=()))
    at = _opened(open_page(PAGE, lang=language, **town_link, signal=KEY), "record_step")
    assert list(_by_key(at.radio, "step_").options) == [words.name("signal_step", "verify", language)]
    _by_key(at.text_area, "reason_").input("到工地看过，情况属实")
    _submit(at, words.say("page.signals.do.save", language))
    (step,) = handling.steps_of(ledger, KEY)
    assert (step.step, step.reason, step.outcome) == ("verify", "到工地看过，情况属实", None)
    assert step.due_on is not None


def test_what_is_personal_is_refused_where_it_was_typed(
    open_page: Open, town_link: dict, told: Told, ledger: Desk
) -> None:
    told(detail=sample.detail(steps=()))
    at = _opened(open_page(PAGE, **town_link, signal=KEY), "record_step")
    mobile = "打138" + "00138000"
    _by_key(at.text_area, "reason_").input(mobile)
    _submit(at, words.say("page.signals.do.save", "zh"))
    assert len(at.error) == 1
    assert _by_key(at.text_area, "reason_").value == mobile, "nothing typed is lost"
    assert handling.steps_of(ledger, KEY) == ()


def test_a_role_is_offered_only_what_it_may(open_page: Open, town_link: dict, told: Told, ledger: Desk) -> None:
    told(detail=sample.detail(steps=()))
    at = _opened(open_page(PAGE, role="leader", **town_link, signal=KEY), "record_step")
    assert [one for one in at.radio if one.key and one.key.startswith("step_")] == []
    assert words.say("page.signals.do.others", "zh") in shown(at)
    handling.take_step(ledger, KEY, "verify", "看过", Actor("desk", Scope()), datetime(2026, 11, 21, 9))
    at = _opened(open_page(PAGE, role="community", areas="999901001", **town_link, signal=KEY), "record_step")
    assert list(_by_key(at.radio, "step_").options) == [words.name("signal_step", "watch", "zh")]


def test_a_dismissal_says_why_and_a_known_event_which(
    open_page: Open, town_link: dict, told: Told, ledger: Desk
) -> None:
    handling.take_step(ledger, KEY, "verify", "看过", Actor("desk", Scope()), datetime(2026, 11, 21, 9))
    note = ledger.add_note(sample.DAY, sample.DAY, "园区集中复工", Actor("desk", Scope()), datetime(2026, 11, 21, 8))
    number = int(ledger.notes(date.min, date.max)["note_id"].iloc[0]) if note is None else int(note)
    event = sample.detail().known_events[0]
    known = type(event)({**event.values, "event_id": number})
    told(detail=sample.detail(known_events=(known,)))
    at = _opened(open_page(PAGE, **town_link, signal=KEY), "record_step")
    _by_key(at.radio, "step_").set_value("dismiss").run()
    _by_key(at.radio, "outcome_").set_value("known_event").run()
    _by_key(at.text_area, "reason_").input("复工报备过")
    _submit(at, words.say("page.signals.do.save", "zh"))
    step = handling.steps_of(ledger, KEY)[-1]
    assert (step.step, step.outcome, step.note_id) == ("dismiss", "known_event", number)


@pytest.mark.parametrize(
    ("kind", "name", "noted"), [("planned", "园区开园", "园区开园"), ("festival", "spring_festival", "春节")]
)
def test_what_is_planned_or_a_festival_is_noted_once_when_it_explains(
    open_page: Open, town_link: dict, told: Told, ledger: Desk, kind: str, name: str, noted: str
) -> None:
    desk_ = Actor("desk", Scope())
    values = {
        "event_id": "event 7",
        "name": name,
        "first_on": sample.DAY,
        "last_on": sample.DAY,
        "area": None,
        "kind": kind,
    }
    told(detail=sample.detail(known_events=(Line(values),)))
    for hour in (9, 11):  # the second time the note is there
        step = "verify" if hour == 9 else "outcome"
        if hour == 9:
            handling.take_step(ledger, KEY, step, "看过", desk_, datetime(2026, 11, 21, hour))
        at = _opened(open_page(PAGE, **town_link, signal=KEY), "record_step")
        _by_key(at.radio, "step_").set_value("dismiss" if hour == 9 else "outcome").run()
        _by_key(at.radio, "outcome_").set_value("known_event").run()
        _by_key(at.text_area, "reason_").input("事先报备过")
        _submit(at, words.say("page.signals.do.save", "zh"))
    (note,) = ledger.notes(date.min, date.max).to_dict("records")
    steps = handling.steps_of(ledger, KEY)
    assert note["text"] == noted
    assert [(one.step, one.note_id) for one in steps[1:]] == [
        ("dismiss", note["note_id"]),
        ("outcome", note["note_id"]),
    ]


def test_the_three_questions_are_answered_and_kept(open_page: Open, town_link: dict, told: Told, ledger: Desk) -> None:
    told(detail=sample.detail())
    at = _opened(open_page(PAGE, **town_link, signal=KEY), "post_event")
    page = shown(at)
    for name in ("not_foreseen", "not_warned", "not_prevented"):
        assert words.say(f"page.signals.ask.{name}", "zh") in page
        _by_key(at.text_area, f"{name}_").input(f"因为{name}")
    _submit(at, words.say("page.signals.do.post_event_save", "zh"))
    (review,) = handling.reviews(ledger, KEY)
    assert (review.not_foreseen, review.verdict) == ("因为not_foreseen", "hit")


# --- charts ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["week", "day"])
def test_a_triangle_stands_over_what_lies_outside_its_range(unit: str) -> None:
    rows = sample.course(unit, 90)
    states = charts.series_states(rows)
    figure = charts.plot_signal(rows, unit, "zh", window_days=7)
    marks = {
        trace.marker.symbol: list(trace.x)
        for trace in figure.data
        if trace.type == "scatter" and trace.mode == "markers"
    }
    assert marks["triangle-up"] == [place for place, state in enumerate(states) if state == "above"]
    assert states[-1] == "above"
    assert states[10] == "unknown", "no data is not nothing"


def test_the_map_tells_no_data_from_normal() -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
    features = [{"type": "Feature", "properties": {"area_code": code}, "geometry": square} for code in "abcd"]
    found = parse_boundaries(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    figure = charts.plot_alert_map(found, "abcd", "ABCD", ["alert", "rising", "normal", "no_data"], ["", "", "", ""])
    fills = [trace.fillcolor for trace in figure.data if trace.fill == "toself"]
    symbols = list(figure.data[-1].marker.symbol)
    assert len(set(fills)) == len(set(symbols)) == 4


@pytest.mark.parametrize(
    ("p", "said"), [(0.00042, "p\u00a0=\u00a00.00042"), (1e-300, "p\u00a0<\u00a00.0001"), (None, words.NOTHING)]
)
def test_a_p_value_is_never_written_as_zero(p: float | None, said: str) -> None:
    assert p_said(p, "zh") == said


# --- tasks to print --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_the_tasks_of_a_street_stand_on_one_sheet(open_page: Open, town_link: dict, told: Told, language: str) -> None:
    told(sample.signals(area_code="999901001", area_name="望江街道"))
    at = open_page(PAGE, lang=language, **town_link, area="999901001", tasks="1")
    page = shown(at)
    assert words.say("page.signals.tasks.title", language, area="望江街道") in page
    assert page.count("xs-write") == 2 * len(tasks_of(sample.signals()))
    assert len(at.get("download_button")) == 6


def test_only_what_still_needs_a_step_is_a_task() -> None:
    assert [item.key for item in tasks_of(sample.signals())] == ["E-20261120-01", "E-20261115-02", "E-20261101-01"]


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx", "html", "md"])
def test_the_task_list_becomes_a_file_of_every_form(form: str, language: str) -> None:
    assert len(paper.render(tasks_document(sample.signals(), language), form)) > 500


def test_a_communitys_small_number_does_not_leave_the_screen() -> None:
    said = paper.render(tasks_document(sample.signals(), "zh"), "md").decode()
    row = next(line for line in said.splitlines() if "松竹社区" in line)
    assert words.say("signals.reason.few", "zh", days=7) in row
    assert "4件" not in row
    assert "14件" in said, "a street's number is written out"


def test_each_street_has_its_own_list(open_page: Open, town_link: dict, told: Told) -> None:
    told()
    page = shown(open_page(PAGE, **town_link))
    assert re.search(r"area=999901001[^\"]*tasks=1[^>]*>望江街道（2条）", page), "its own and its community's"


# --- the rest ----------------------------------------------------------------------------------------------------------------------


def test_no_page_waits_for_statistics_to_be_imported() -> None:
    code = "import sys, pages.signals; print([name for name in ('scipy.stats', 'statsmodels', 'prophet', 'matplotlib') if name in sys.modules])"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"


def test_a_link_of_this_page_keeps_its_filters() -> None:
    chosen = Chosen(date(2026, 11, 20), own=(("level", "II"), ("signal", KEY)))
    assert "level=II" in chosen.query(signal="E-1")
    assert "signal" not in chosen.query(signal=None)
