"""Rules: what ships is whole, a mistyped key stops with the nearest right one, a kept version reads back the same."""

from datetime import datetime

import pytest

from analytics.scores.rules import SCORECARDS, as_given, rules_from
from data.errors import Refused
from data.settings import read_reference
from pages.ui import words


@pytest.fixture(params=SCORECARDS)
def shipped(request):
    return rules_from(read_reference(f"scorecards/{request.param}"))


def test_shipped_weights_add_up_to_100(shipped) -> None:
    assert shipped.weight_sum == pytest.approx(100)


def test_a_kept_version_reads_back_the_same(shipped) -> None:
    again = rules_from(as_given(shipped), shipped)
    assert again.content == shipped.content
    assert rules_from(as_given(shipped)).content == shipped.content


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_indicator_and_figure_has_its_words(shipped, language: str) -> None:
    from analytics.scores.indicators import panel_of

    for name, _ in shipped.indicators:
        assert all(
            words.has(f"scores.indicator.{name}.{what}", language)
            for what in ("name", "meaning", "formula", "why", "source")
        )
    for one in panel_of(shipped.scorecard):
        assert words.has(f"scores.panel.{one.name}", language)
        assert words.has(f"scores.panel_group.{one.group}", language)


@pytest.mark.parametrize(
    ("given", "setting", "nearest"),
    [
        ({"indicator": {"timelyness": {"weight": 1}}}, "timelyness", "timeliness"),
        ({"indicator": {"timeliness": {"wieght": 1}}}, "wieght", "weight"),
        ({"totals": {}}, "totals", "total"),
        ({"indicator": {"timeliness": {"weight": {"value": 1, "becaus": "x"}}}}, "becaus", None),
        ({"indicator": {"timeliness": {"target": {"comunity": 80}}}}, "comunity", "community"),
        ({"indicator": {"timeliness": {"target": {"community.rurall": 80}}}}, "rurall", "rural"),
        ({"indicator": {"timeliness": {"target": {"community": {"rurall": 80}}}}}, "rurall", "rural"),
    ],
)
def test_a_mistyped_key_stops_with_its_name_and_the_nearest(given: dict, setting: str, nearest: str | None) -> None:
    with pytest.raises(Refused) as refused:
        rules_from({"scorecard": "party", **given}, rules_from(read_reference("scorecards/party")))
    assert refused.value.values["setting"] == setting
    assert nearest is None or refused.value.values["nearest"] == nearest


@pytest.mark.parametrize(
    "given",
    [
        {"indicator": {"timeliness": {"weight": -1}}},
        {"indicator": {"timeliness": {"weight": True}}},
        {"indicator": {"timeliness": {"weight": "20"}}},
        {"total": {"minimum_weight_pct": 20}},
        {"stars": {"star_3": 85}},
        {"size_cuts": {"community": [5, 1]}},
        {"valid_from": "someday"},
        {"indicator": {"timeliness": {"months": 6.5}}},
        {"windows": {"resolution_days": 30.5}},
    ],
)
def test_a_value_out_of_its_range_is_refused(given: dict) -> None:
    with pytest.raises(Refused, match="wrong_value"):
        rules_from(given, rules_from(read_reference("scorecards/party")))


@pytest.mark.parametrize(
    "given", [{"indicator": 3}, {"indicator": {"timeliness": 40}}, {"indicator": {"timeliness": {"target": 90}}}]
)
def test_a_number_where_a_table_belongs_is_refused(given: dict) -> None:
    with pytest.raises(Refused, match="not_a_table"):
        rules_from(given, rules_from(read_reference("scorecards/party")))


@pytest.mark.parametrize("said", ["yesterday", 20261001, datetime(2026, 10, 1)])
def test_a_day_that_is_none_is_told_as_it_was_written(said: object) -> None:
    with pytest.raises(Refused, match="wrong_value") as refused:
        rules_from({"valid_from": said}, rules_from(read_reference("scorecards/party")))
    assert refused.value.values["value"] == said


def test_a_target_is_the_most_particular_named() -> None:
    shipped = rules_from(read_reference("scorecards/party"))
    target = {"community": 88, "community.rural": 82}
    rule = rules_from({"indicator": {"timeliness": {"target": target}}}, shipped).of("timeliness")
    assert [rule.target(*one) for one in (("community", "rural"), ("community", "new_compound"), ("street", None))] == [
        82,
        88,
        90,
    ]


def test_a_file_may_write_targets_by_type_as_a_table_and_any_value_with_its_own_reason() -> None:
    shipped = rules_from(read_reference("scorecards/party"))
    said = {"value": 84, "unit": "points", "reason": "agreed with the communities", "source": "office"}
    rule = rules_from(
        {"indicator": {"timeliness": {"target": {"community": {"rural": 82}, "street": said}}}}, shipped
    ).of("timeliness")
    assert (rule.target("community", "rural"), rule.target("street", None)) == (82, 84)


def test_shares_of_the_other_mechanisms_can_be_given_weight() -> None:
    shipped = rules_from(read_reference("scorecards/party"))
    names = ("committee_party_seats", "zone_coverage", "council_coverage", "social_sponsored")
    assert all(shipped.of(name).weight == 0 for name in names)
    assert rules_from({"indicator": {name: {"weight": 5} for name in names}}, shipped).weight_sum == 120


def test_rules_without_any_weight_are_refused() -> None:
    shipped = rules_from(read_reference("scorecards/volunteer"))
    nothing = {name: {"weight": 0} for name in shipped.weights}
    with pytest.raises(Refused, match="no_weight"):
        rules_from({"indicator": nothing}, shipped)
