"""Scorecard pages: what stands first, a card down to its items, what a secretary may see, links, objections, rules, files."""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from html import escape
from pathlib import Path

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from analytics.scorecards import funnel_said, rules_of_version, shipped_rules
from data.site import Site
from pages.paper import render
from pages.paper.document import to_json
from pages.paper.scores import card_document, list_document
from pages.paper.scores_making import card_record, list_record
from pages.ui import charts, load, scores_card, scores_items, scores_parts, scores_rules, words
from pages.ui.links import Chosen
from pages.ui.load import scores as load_scores
from tests.conftest import TOWN_DAY

FRAME = Path(__file__).resolve().parents[2] / "pages" / "ui" / "frame.py"
PARTY, TEAMS = "party_scorecards", "volunteer_scorecards"
NOW = datetime(2026, 11, 21, 9)
MONTH = {"day": TOWN_DAY.isoformat()}
Visit = Callable[..., AppTest]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, town_site: Site) -> Visit:
    """Opens a page of the town at a fixed moment; caches stay, for they are keyed."""
    monkeypatch.setattr(Site, "now", lambda self: NOW)

    def open_(name: str, *, role: str = "office", areas: str = "", desk: Path | None = None, **link: str) -> AppTest:
        monkeypatch.setenv("XIANSHOU_HOME", str(town_site.home))
        monkeypatch.setenv("XIANSHOU_ROLE", role)
        monkeypatch.setenv("XIANSHOU_AREAS", areas)
        monkeypatch.setenv("XIANSHOU_POST", role)
        if desk is not None:
            monkeypatch.setenv("XIANSHOU_DESK_URL", f"sqlite:///{desk}")
        at = AppTest.from_file(str(FRAME), default_timeout=120)
        at._page_hash = calc_hash(name)
        for place, value in link.items():
            at.query_params[place] = value
        at.run()
        assert not at.exception, at.exception[0].message
        return at

    return open_


@pytest.fixture
def ask(visit: Visit) -> Callable[..., tuple]:
    """The whole city's answer for this month: the question and all units."""

    def found(kind: str) -> tuple:
        visit(PARTY, part="rules", **MONTH)  # the environment of an office
        asked = load_scores.asked_of(Chosen(TOWN_DAY), kind)
        return asked, load_scores.units(asked)

    return found


def _text(page: str) -> str:
    return re.sub(r"<[^>]*>", "\n", page)


def _rated(found: object) -> object:
    """A street's organisation or a team with a score, a rank and a band."""
    return next(line for line in found.lines if line.rank and line.unit.level in ("street", "team"))


# --- what stands first -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "language"), [("office", "zh"), ("community", "en")])
def test_every_page_says_that_it_is_an_aid_and_that_volume_is_no_demerit(
    visit: Visit, role: str, language: str
) -> None:
    chosen = Chosen(TOWN_DAY, language=language)
    for name, link in ((PARTY, {}), (PARTY, {"of": "alliance"}), (PARTY, {"part": "rules"}), (TEAMS, {})):
        page = shown(visit(name, role=role, lang=language, **MONTH, **link))
        assert words.say("scores.aid", language) in page
        assert scores_parts.say("volume", chosen) in page
        if "part" not in link:
            assert words.say("scores.asked", language, count=0) in page
            assert page.index("xs-first") < page.index("xs-notice") < page.index("xs-figures")


def test_units_stand_in_order_of_place_with_band_interval_and_a_range_of_places(visit: Visit, ask: Callable) -> None:
    _, found = ask("party")
    page = shown(visit(PARTY, lang="en", **MONTH))
    names = [line.unit.name for line in found.lines[:12]]
    table = page[page.index("xs-table") :]
    assert sorted(names, key=table.index) == names
    line = _rated(found)
    low, high = (scores_parts.ordinal(one, "en") for one in line.rank)
    own = shown(visit(PARTY, lang="en", card=line.unit.unit_id, **MONTH))
    assert (f"{low}–{high} of {line.peers}" if low != high else f"{low} of {line.peers}") in own
    assert "first place" not in _text(page).lower()


def test_the_list_narrows_by_band_and_by_peers(visit: Visit, ask: Callable) -> None:
    _, found = ask("party")
    line = _rated(found)
    page = shown(visit(PARTY, band="unrated", group=line.unit.group, **MONTH))
    own = page[page.index('id="units"') : page.index('id="funnel"')]
    rated = {one.unit.name for one in found.lines if one.score is not None}
    assert not rated & set(re.findall(r'class="xs-open"[^>]*>([^<]+)<', own))


def test_an_area_without_units_says_what_it_needs(visit: Visit) -> None:
    page = shown(visit(PARTY, area="nowhere", **MONTH))
    assert words.say("score_pages.none.units", "zh") in page


# --- one card --------------------------------------------------------------------------------------------------------------------


def test_the_contributions_on_a_card_add_up_to_its_score(ask: Callable) -> None:
    for kind in ("party", "volunteer"):
        asked, found = ask(kind)
        card = load_scores.card(asked, _rated(found).unit.unit_id)
        weighed = scores_card.weighed(card)
        assert sum(one.contribution or 0 for one in weighed) == pytest.approx(card.line.score)
        table = scores_card.indicators_table(card, Chosen(TOWN_DAY))
        assert f"<b>{words.number(card.line.score, 'zh', 1)}</b>" in table
        assert table.count("<tr") == len(weighed) + 2


def test_an_indicator_opens_into_its_window_numbers_items_reasons_and_rules(visit: Visit, ask: Callable) -> None:
    asked, found = ask("party")
    unit = _rated(found).unit.unit_id
    page = shown(visit(PARTY, card=unit, indicator="resolution", **MONTH))
    own = page[page.index('id="lineage"') : page.index('id="peers"')]
    one = next(one for one in load_scores.card(asked, unit).indicators if one.name == "resolution")
    assert "behind=score_resolution_met" in own or not one.numerator
    assert "behind=score_resolution&amp;" in own
    assert words.day_range(one.period.first, one.period.last, "zh") in own
    assert {words.say(f"scores.left_out.{part.reason}", "zh") for part in one.left_out} <= set(_text(own).split("\n"))
    assert scores_parts.rule_name("shipped", Chosen(TOWN_DAY)) in own
    items = load_scores.items(asked, unit, "resolution")
    assert (items.items["state"] == "met").sum() == one.numerator
    assert items.items["item"].iloc[0] in own


@pytest.mark.parametrize("language", words.languages)
def test_a_card_says_what_would_raise_it_what_falls_due_and_that_it_is_provisional(
    visit: Visit, ask: Callable, language: str
) -> None:
    asked, found = ask("volunteer")
    cards = (load_scores.card(asked, line.unit.unit_id) for line in found.lines if line.score is not None)
    card = next(one for one in cards if one.gains)
    page = shown(visit(TEAMS, lang=language, card=card.line.unit.unit_id, **MONTH))
    for gain in card.gains:
        assert escape(scores_parts.tell(gain.said, Chosen(TOWN_DAY, language=language))) in page
    assert str(NOW.year) in _text(page)
    assert words.tell(card.notices[1], language) in page
    assert not re.search(r"\bNone\b|\bnan\b|\{[a-z_]+[:}]", _text(page))


def test_an_alliance_has_a_card_on_the_page_of_the_party(visit: Visit, ask: Callable) -> None:
    _, found = ask("alliance")
    line = found.lines[0]
    page = shown(visit(PARTY, of="alliance", card=line.unit.unit_id, **MONTH))
    assert line.unit.name in page
    assert words.say("scores.indicator.joint_meetings.name", "zh") in page


# --- links -----------------------------------------------------------------------------------------------------------------------


def test_a_link_names_period_unit_and_indicator(visit: Visit) -> None:
    at = visit(PARTY, period="2026Q3", lang="en")
    assert "Quarter 3, 2026" in shown(at)
    assert at.query_params["day"] == "2026-09-30"
    assert at.query_params["span"] == "quarter"
    assert "period" not in at.query_params
    assert words.period(date(2026, 11, 1), "month", "en") in shown(visit(PARTY, period="soon", lang="en"))


def test_the_arrow_leads_to_the_period_before_and_none_leads_to_one_that_has_not_begun(visit: Visit) -> None:
    page = shown(visit(PARTY, **MONTH))
    head = page[: page.index("xs-parts")]
    assert "day=2026-10-31" in head
    assert head.count("<a ") == 1


# --- who may see what --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [(PARTY, "party"), (TEAMS, "volunteer")])
def test_a_secretary_finds_no_other_unit_on_the_page_in_files_or_in_json(
    visit: Visit, ask: Callable, name: str, kind: str
) -> None:
    asked, found = ask(kind)
    line = next(one for one in found.lines if one.unit.level in ("community", "team"))
    place = line.unit.area_code
    parts = [shown(visit(name, role="community", areas=place, **MONTH))]
    seen = load_scores.units(asked)
    own = {one.unit.unit_id for one in seen.lines}
    assert line.unit.unit_id in own
    decoys = [one.unit for one in found.lines if one.unit.unit_id not in own]
    assert len(decoys) > 20
    parts.append(shown(visit(name, role="community", areas=place, card=line.unit.unit_id, **MONTH)))
    card = load_scores.card(asked, line.unit.unit_id)
    items = {one.name: load_scores.items(asked, line.unit.unit_id, one.name) for one in scores_card.weighed(card)}
    documents = (list_document(seen, "zh"), card_document(card, items, "zh"))
    parts += [to_json(one) for one in documents]
    parts += [json.dumps(one, ensure_ascii=False) for one in (list_record(seen), card_record(card, items))]
    with zipfile.ZipFile(io.BytesIO(render(documents[1], "xlsx"))) as book:
        parts.append("".join(book.read(one).decode() for one in book.namelist() if one.endswith(".xml")))
    above = {*line.unit.name}  # a name is looked for whole
    for part in parts:
        assert line.unit.name in part
        text = part.replace(line.unit.name, "")
        leaked = [one.name for one in decoys if one.name in text and not set(one.name) <= above]
        assert leaked == []
        assert [one.unit_id for one in decoys if re.search(rf"\b{re.escape(one.unit_id)}\b", text)] == []


def test_another_units_card_is_refused_without_saying_anything_of_it(visit: Visit, ask: Callable) -> None:
    asked, found = ask("party")
    communities = [line for line in found.lines if line.unit.level == "community"]
    own, other = communities[0].unit, communities[-1].unit
    page = shown(visit(PARTY, role="community", areas=own.area_code, card=other.unit_id, **MONTH))
    assert words.say("errors.scores.unit_unknown", "zh", unit=other.unit_id) in page
    assert other.name not in page
    nobody = shown(visit(PARTY, card="nobody", **MONTH))
    assert words.say("errors.scores.unit_unknown", "zh", unit="nobody") in nobody


def test_fewer_than_five_peers_are_neither_drawn_nor_ranked(visit: Visit, ask: Callable) -> None:
    asked, found = ask("party")
    few = next(one for one in found.groups if one.rated < 5)
    assert few.scores is None
    line = next(one for one in found.lines if one.unit.group == few.group)
    page = shown(visit(PARTY, card=line.unit.unit_id, **MONTH))
    assert words.say("score_pages.few_peers_long", "zh") in page
    assert load_scores.card(asked, line.unit.unit_id).peers is None


# --- charts ----------------------------------------------------------------------------------------------------------------------


def test_the_funnel_sets_apart_only_what_lies_outside_the_outer_limits(ask: Callable) -> None:
    _, found = ask("party")
    rows = found.funnel[found.funnel["indicator"] == "timeliness"].sort_values("denominator", ignore_index=True)
    assert ((rows["place"] == "within") == rows["raw_pct"].between(rows["lower998"], rows["upper998"])).all()
    assert funnel_said(rows).values["above"] == (rows["raw_pct"] > rows["upper998"]).sum()
    figure = charts.plot_score_funnel(rows, rows["unit_id"].tolist(), "en")
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert sum(len(trace.x) for trace in marks) == len(rows)
    assert sorted(one[1] for trace in marks for one in trace.customdata) == list(range(len(rows)))


def test_the_distribution_names_nobody(ask: Callable) -> None:
    _, found = ask("party")
    drawn = [one for one in found.groups if one.quantiles]
    text = charts.plot_distribution(drawn, [one.group for one in drawn], "zh").to_json()
    assert [line.unit.name for line in found.lines if line.unit.name in text] == []


# --- objections ------------------------------------------------------------------------------------------------------------------


def test_a_unit_objects_another_post_decides_and_the_card_shows_before_and_after(
    visit: Visit, ask: Callable, tmp_path: Path
) -> None:
    asked, found = ask("volunteer")
    unit = _rated(found).unit
    desk = tmp_path / "desk.db"
    link = {"card": unit.unit_id, "indicator": "active_months", "desk": desk} | MONTH
    at = visit(TEAMS, role="community", areas=unit.area_code, **link)
    assert words.say("score_pages.text.objections_until", "zh", until=date(2026, 12, 15)) in shown(at) or at.selectbox(
        key="objection_item"
    )
    options = at.selectbox(key="objection_item").options
    missed = next((one for one in options if words.say("scores.item_state.not_met", "zh") in one), options[0])
    at.selectbox(key="objection_item").set_value(missed)
    at.text_area(key="objection_reason").set_value("当日已当面答复，登记晚了")
    at.button(key="objection_send").click().run()
    assert not at.exception
    assert "decision_send" not in {one.key for one in at.button}, "a community decides nothing"
    waiting = shown(visit(TEAMS, role="leader", **MONTH))
    assert words.say("score_pages.section.waiting", "zh") in waiting
    at = visit(TEAMS, role="leader", card=unit.unit_id, indicator="active_months", **MONTH)
    at.text_area(key="decision_reason").set_value("核实属实")
    at.button(key="decision_send").click().run()
    assert not at.exception
    card = load_scores.card(asked, unit.unit_id)
    (one,) = card.objections
    assert (one.state, one.effect, one.reason) == ("accepted", "left_out", "当日已当面答复，登记晚了")
    assert one.score_after == pytest.approx(card.line.score)
    assert words.number(one.score_after, "zh", 2) in shown(at)
    assert scores_items.load.objections(asked)["decision"].notna().all()


def test_nobody_objects_after_the_stated_day(visit: Visit, ask: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = ask("party")
    unit = _rated(found).unit
    monkeypatch.setattr(Site, "now", lambda self: datetime(2026, 12, 16, 9))
    at = visit(PARTY, card=unit.unit_id, **MONTH)
    assert words.say("score_pages.text.objections_over", "zh", until=date(2026, 12, 15)) in shown(at)
    assert "objection_send" not in {one.key for one in at.button}


def test_who_may_not_object_is_still_told_until_when_a_unit_may(visit: Visit, ask: Callable) -> None:
    _, found = ask("volunteer")
    page = shown(visit(TEAMS, role="leader", card=_rated(found).unit.unit_id, indicator="active_months", **MONTH))
    assert words.say("score_pages.text.objections_until", "zh", until=date(2026, 12, 15)) in page


# --- rules -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_every_rule_has_a_name_a_unit_a_reason_and_a_source(language: str) -> None:
    chosen = Chosen(TOWN_DAY, language=language)
    for kind in ("party", "volunteer", "alliance"):
        for name in (*(name for name, _ in shipped_rules(kind).values), "size_cuts"):
            assert scores_rules.told("reason", name, chosen)
            assert scores_rules.told("source", name, chosen)
            if name != "size_cuts":
                assert scores_parts.say(f"rule.{name}.name", chosen)
                assert scores_parts.say(f"rule.{name}.unit", chosen)


@pytest.mark.parametrize("language", words.languages)
def test_the_rules_say_why_and_by_what_source_in_the_language_of_the_page(visit: Visit, language: str) -> None:
    page = _text(shown(visit(PARTY, part="rules", lang=language, **MONTH)))
    for part in ("why", "source"):
        assert words.say(f"scores.indicator.timeliness.{part}", language) in page
    other = next(one for one in words.languages if one != language)
    assert words.say("scores.indicator.timeliness.why", other) not in page


def test_rules_are_tried_on_all_units_proposed_approved_and_leave_the_past_alone(visit: Visit, tmp_path: Path) -> None:
    desk = tmp_path / "desk.db"
    at = visit(TEAMS, desk=desk, part="rules", lang="en", **MONTH)
    at.text_input(key="rule_indicator.training.weight_0").set_value("３０")
    at.button(key="score_rules_look").click().run()
    assert not at.exception
    page = _text(shown(at))
    assert "change their band" in page
    assert "Training coverage · Weight" in page
    at.text_input(key="propose_reason").set_value("more weight on training")
    at.button(key="propose_send").click().run()
    assert not at.exception
    (version,) = load_scores.rule_versions("volunteer")
    assert version.approved_at is None
    at = visit(TEAMS, role="leader", part="rules", lang="en", **MONTH)
    assert "score_rules_look" not in {one.key for one in at.button}, "a leader approves and proposes nothing"
    at.text_input(key="approve_reason").set_value("agreed")
    at.button(key="approve_send").click().run()
    assert not at.exception
    assert load_scores.rules_on("volunteer", NOW.date()).of("training").weight == 30.0
    assert load_scores.rules_on("volunteer", date(2026, 10, 31)).of("training").weight == 10.0
    rules = _text(shown(visit(TEAMS, lang="en", part="rules", **MONTH)))
    assert rules.count("This site's version 1: more weight on training".replace("'", "&#x27;")) == 1, (
        "the site's own weight gives the site's own reason"
    )
    assert "version 1" in shown(visit(TEAMS, lang="en", **MONTH)), "the rules of this month are named at its foot"
    assert "version 1" not in shown(visit(TEAMS, lang="en", day="2026-10-31"))


def _typed(at: AppTest, group: str, **values: str) -> AppTest:
    """One group of the form opened, filled in, sent. A dot in a name is written as two lines."""
    at.button_group(key="score_rules_group").set_value(group).run()
    for name, value in values.items():
        at.text_input(key=f"rule_{name.replace('__', '.')}_0").set_value(value)
    at.button(key="score_rules_look").click().run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("group", "name", "typed", "sentence"),
    [
        ("weights", "indicator__timeliness__weight", "twenty", "takes a number from 0 to 100"),
        ("weights", "indicator__timeliness__weight", "150", "takes a number from 0 to 100"),
        ("windows", "indicator__timeliness__months", "6.5", "takes a whole number from 1 to 36"),
        ("minimums", "indicator__timeliness__minimum", "", "takes a number from 0.1 to 1,000"),
        ("targets", "indicator__timeliness__target__default", "", "cannot be empty"),
        ("peers", "size_cuts__community", "2500, 1000", "one or two rising numbers"),
        ("bands", "stars__star_3", "95", "must rise"),
    ],
)
def test_a_mistyped_or_impossible_rule_gets_one_sentence_and_changes_nothing(
    visit: Visit, tmp_path: Path, group: str, name: str, typed: str, sentence: str
) -> None:
    at = visit(PARTY, desk=tmp_path / "desk.db", part="rules", lang="en", **MONTH)
    page = shown(_typed(at, group, **{name: typed}))
    assert page.count('class="xs-notice xs-duty"') == 1
    assert sentence in page
    assert "propose_send" not in {one.key for one in at.button}


def test_groups_of_rules_gather_in_one_draft_that_is_tried_proposed_and_kept(visit: Visit, tmp_path: Path) -> None:
    at = visit(PARTY, desk=tmp_path / "desk.db", part="rules", lang="en", **MONTH)
    at = _typed(
        at,
        "targets",
        indicator__timeliness__target__community__rural="82.5",
        indicator__timeliness__target__street="95",
    )
    at = _typed(at, "peers", size_cuts__community="1200", peers__minimum="6")
    at = _typed(at, "minimums", indicator__resolution__minimum="15")
    page = _text(shown(at))
    for said in (
        "Street 95.0",
        "Community · Rural 82.5",
        "1000, 2500",
        "1200",
        "Least units of a peer group",
        "change their band",
    ):
        assert said in page
    at.text_input(key="propose_reason").set_value("targets by place")
    at.button(key="propose_send").click().run()
    assert not at.exception
    (version,) = load_scores.rule_versions("party")
    rules = rules_of_version(version)
    assert rules.of("timeliness").target("community", "rural") == 82.5
    assert rules.of("timeliness").target("community", "old_compound") == 90
    assert rules.of("resolution").minimum == 15
    assert (dict(rules.size_cuts)["community"], rules.value("peers.minimum")) == ((1200.0,), 6)


def test_a_proposal_without_a_reason_is_told_beside_its_form(visit: Visit, tmp_path: Path) -> None:
    at = visit(TEAMS, desk=tmp_path / "desk.db", part="rules", lang="en", **MONTH)
    at = _typed(at, "weights", indicator__training__weight="12")
    at.button(key="propose_send").click().run()
    assert words.say("errors.desk.text_empty", "en") in shown(at)
    assert load_scores.rule_versions("volunteer") == ()
    assert "score_rules_leave" in {one.key for one in at.button}, "the draft stays"


def test_a_secretary_reads_the_rules_and_changes_nothing(visit: Visit) -> None:
    at = visit(PARTY, role="community", part="rules", **MONTH)
    assert words.say("scores.indicator.timeliness.name", "zh") in shown(at)
    assert {one.key for one in at.button} & {"score_rules_look", "approve_send"} == set()


# --- files and weight --------------------------------------------------------------------------------------------------------------


def test_a_card_leaves_in_every_form_with_what_a_recount_needs(ask: Callable) -> None:
    asked, found = ask("volunteer")
    card = load_scores.card(asked, _rated(found).unit.unit_id)
    items = {one.name: load_scores.items(asked, card.line.unit.unit_id, one.name) for one in scores_card.weighed(card)}
    for form in ("docx", "xlsx"):
        assert len(render(card_document(card, items, "en"), form)) > 5_000
    record = card_record(card, items)
    assert record["rules"]["version"] == "shipped"
    scored = [one for one in record["indicators"] if one["state"] == "scored"]
    assert all({"alpha", "beta"} <= set(one["basis"]) for one in scored)
    assert load.site().role == "office"


def test_the_page_loads_nothing_heavy() -> None:
    heavy = ("scipy.stats", "statsmodels", "prophet", "dask", "matplotlib")
    code = f"import sys; import pages.party_scorecards; print([one for one in {heavy} if one in sys.modules])"
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
